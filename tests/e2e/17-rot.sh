#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A parcel that was promised rots on the disk while its epoch is open: the
# close waits and /health says why, others are served; by the operator's word
# the epoch closes without it, and its receipt convicts the server.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"

server_init
sed -i 's/^batch .*/batch 2/' "$TMP/conf"
printf 'epoch-seconds 4\nwork-bits 0\n' >>"$TMP/conf"
expect 0 ecrdropd token auditor -c "$TMP/conf"
cp "$TMP/out" "$TMP/token"
server_start

# put NAME - a parcel of its own; its receipt to $TMP/NAME.receipt
put() {
	"$B/e2e/onecover" >"$TMP/$1"
	code=$(curl -sS --max-time 20 -o "$TMP/$1.receipt" -w '%{http_code}' \
	    -H 'Expect:' --data-binary "@$TMP/$1" \
	    -H 'Content-Type: application/octet-stream' \
	    "http://127.0.0.1:$plain/parcels")
	[ "$code" = 201 ] || fail "$1: $code"
}
# The first of an epoch: its place in the file is known.
near /policy >/dev/null
was=$(jq .epoch_close "$TMP/body")
until near /policy >/dev/null && close=$(jq .epoch_close "$TMP/body") &&
    [ "$close" != "$was" ]; do
	sleep 0.05
done
put rotten
put sound
dd if=/dev/zero of="$TMP/data/pending/$close/parcels" bs=1 seek=34096 \
    count=16 conv=notrunc,fsync status=none
until [ "$(near /health)" = 503 ]; do
	sleep 0.1
done
says 'cannot be read: no epoch closes' "$TMP/body"
put later
near /log/checkpoint >/dev/null
waits=$(sed -n 2p "$TMP/body")

# A word without a need harms nothing; this one is needed.
expect 0 ecrdropd confirm-loss -c "$TMP/conf"
expect 64 ecrdropd confirm-loss
# Tried again less and less often, at most a minute apart: a start is now.
server_stop
server_start
until near /log/checkpoint >/dev/null &&
    [ "$(sed -n 2p "$TMP/body")" -gt $((waits + 4)) ]; do
	sleep 0.1
done
[ "$(near /health)" = 200 ] || fail "not well afterwards: $(cat "$TMP/body")"
receipt() {
	ecraudit receipt -l "$TMP/data/log.vkey" --evidence "$TMP/$1.evidence" \
	    "http://127.0.0.1:$plain" "$TMP/$1.receipt" >"$TMP/out" 2>"$TMP/err"
}
tries=0
until receipt later && grep -q kept "$TMP/out"; do
	tries=$((tries + 1))
	[ $tries -lt 400 ] || fail "the later one is not logged"
	sleep 0.1
done
receipt sound || fail "what was beside it is not logged"
says 'kept' "$TMP/out"
! receipt rotten || fail "a loss that nobody sees"
says 'broken promise'
python3 "$TOP/tests/e2e/broken.py" "$TMP/rotten.evidence" ||
    fail "the evidence does not convince"
# Who tries again is taken in.
[ "$(curl -sS --max-time 20 -o "$TMP/body" -w '%{http_code}' -H 'Expect:' \
    --data-binary "@$TMP/rotten" "http://127.0.0.1:$plain/parcels")" = 201 ] ||
    fail "sent again, it is not taken"
server_stop
says 'ecrdropd: parcel-unreadable' "$TMP/server.log"
says 'ecrdropd: parcel-lost 1' "$TMP/server.log"
