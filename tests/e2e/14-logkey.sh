#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The log key: read once, in locked pages of the store alone, and used for
# receipts and checkpoints and nothing else.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
export PYTHONDONTWRITEBYTECODE=1

# --- who can sign: two places, each with words of its own
signs=$(for o in "$B"/server/*.o; do
	nm -u "$o" | awk -v o="$(basename "$o" .o)" \
	    '/ (note_sign|receipt_sign|cosign_sign|crypto_sign[a-z_0-9]*)$/ {
		print o, $2 }'
done)
[ "$signs" = 'drop_append note_sign
logkey crypto_sign_seed_keypair
store_put receipt_sign' ] || fail "who signs: $signs"

# --- read once: what the file becomes later is nobody's business
server_init
sed -i 's/^batch .*/batch 2/' "$TMP/conf"
printf 'epoch-seconds 1\nwork-bits 0\n' >>"$TMP/conf"
cp "$TMP/data/log.key" "$TMP/log.key"
server_start
mv "$TMP/data/log.key" "$TMP/aside"
ecrdropd init -o drop.example/log -D "$TMP/other" >"$TMP/out" ||
    fail "another log"
cp "$TMP/other/log.key" "$TMP/data/log.key"
"$B/e2e/onecover" >"$TMP/parcel"
[ "$(curl -sS --max-time 20 -o "$TMP/receipt" -w '%{http_code}' -H 'Expect:' \
    --data-binary "@$TMP/parcel" "http://127.0.0.1:$plain/parcels")" = 201 ] ||
    fail "no receipt"
tries=0
until ecraudit receipt -l "$TMP/data/log.vkey" "http://127.0.0.1:$plain" \
    "$TMP/receipt" >"$TMP/out" 2>"$TMP/err" && grep -q kept "$TMP/out"; do
	tries=$((tries + 1))
	[ $tries -lt 400 ] || fail "not logged: $(cat "$TMP/err")"
	sleep 0.1
done
expect 0 ecraudit verify -l "$TMP/data/log.vkey" "http://127.0.0.1:$plain"

# --- where it lies (the right to look is root's; else this part is left out)
code=0
python3 "$TOP/tests/e2e/logkey.py" "$server" "$TMP/log.key" || code=$?
[ $code -eq 0 ] || [ $code -eq 77 ] || fail "the key is not where it should be"
server_stop

# The key of another log opens none of ours.
got=0
ecrdropd -c "$TMP/conf" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
[ $got -ne 0 ] || fail "it runs with another log's key"
mv "$TMP/aside" "$TMP/data/log.key"
server_start
server_stop
