#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 201 means durable when the power fails, too: what the store did to its disk
# is written down call by call, and the disk is put together again as a cut at
# any of them may leave it.  Every receipt that was out is honoured, every outbox
# that was taken is there, what it let go is gone for good, and every
# checkpoint that was out is still a beginning of the log.
#
# POWER_CUTS says how many (100; in CI 600), POWER_SEED repeats the choice.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
[ "${CI:-}" = true ] && cuts=600 || cuts=100
cuts=${POWER_CUTS:-$cuts}
seed=${POWER_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}

server_init
sed -i -e 's/^batch .*/batch 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	epoch-seconds 1
	work-bits 0
	erase-delay 0
	office-vkey $TMP/office.vkey
	END
"$B/e2e/mkoutbox" key office.example/office "$TMP/seed" >"$TMP/office.vkey"
"$B/e2e/mkoutbox" keyset office.example/office "$TMP/seed" \
    "$TMP/data/log.vkey" 1 >"$TMP/keyset"
expect 0 ecrdropd token courier -c "$TMP/conf"
cp "$TMP/out" "$TMP/courier"
export OFFICE_VKEY="$TMP/office.vkey"
"$B/e2e/onecover" >"$TMP/parcel"
# Hundreds of disks are put down: in memory, where there is such a place.
if [ -d /dev/shm ] && FAST=$(mktemp -d /dev/shm/ecrdrop-cut.XXXXXX); then
	export FAST
	trap 'ended=$?; rm -rf "$FAST"; at_exit' EXIT
fi
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/powercut.py" "$TMP/conf" \
    "$TMP/data" "$TMP/parcel" "$B/preload/disk.so" "$B/e2e/aftercut" \
    "$cuts" "$seed" "$TMP" || fail "seed $seed"
