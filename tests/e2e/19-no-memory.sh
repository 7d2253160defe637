#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Memory runs out: in each role while it starts, in a front while it serves,
# in the store while it takes in.  (Closes: tests/unit/test_epoch_fail.c.)
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
if grep -q __asan_init "$B/bin/ecrdropd"; then
	skip "a sanitizer's malloc cannot be replaced"
fi
server_init
sed -i -e 's/^fronts .*/fronts 1/' -e 's/^epoch-parcels .*/epoch-parcels 8192/' \
    "$TMP/conf"
printf 'epoch-seconds 604800\nwork-bits 0\n' >>"$TMP/conf"
"$B/e2e/onecover" >"$TMP/parcel"
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/nomem.py" "$TMP/conf" \
    "$TMP/data" "$TMP/parcel" "$B/preload/nomem.so" "$TMP/cert.pem" ||
    fail "memory"
