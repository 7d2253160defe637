#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A front that hangs, or whose slots are cut off or written into, harms nobody
# who is served by the other one, and nothing that is stored.  (One that dies:
# 15-durable.sh; one in a stranger's hands: 64-taken-front.sh.)
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
export PYTHONDONTWRITEBYTECODE=1
"$B/e2e/onecover" >"$TMP/parcel"

server_init
sed -i -e 's/^batch .*/batch 2/' -e 's/^epoch-parcels .*/epoch-parcels 512/' \
    "$TMP/conf"
printf 'epoch-seconds 1\nwork-bits 0\nslots 32\n' >>"$TMP/conf"
token=$(ecrdropd token courier -c "$TMP/conf")
fronts() {
	python3 "$TOP/tests/e2e/fronts.py" "$1" "$TMP/conf" "$TMP/parcel" \
	    "$token" || fail "$1"
}

LD_PRELOAD="$B/preload/scribble.so" ASAN_OPTIONS=verify_asan_link_order=0 \
    fronts scribble
says 'scribble: slots cannot be cut off' "$TMP/server.log"
fronts hang
says 'ecrdropd: front-hung 1' "$TMP/server.log"
