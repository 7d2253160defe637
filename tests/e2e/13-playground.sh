#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The playground: what it prints is an interface, and it ends well.
. "$(dirname "$0")/lib.sh"
playground=$TOP/tools/playground

# --- the command line
expect 0 "$playground" --help
says 'DIR [--port N] [--epoch SECONDS] [--batch N] [--work BITS]' "$TMP/out"
expect 64 "$playground"
expect 64 "$playground" a b
expect 64 "$playground" "$TMP/x" --epoch 0
expect 64 "$playground" "$TMP/x" --port 65536
expect 64 "$playground" "$TMP/x" --work 19
expect 64 "$playground" "$TMP/x" --batch
expect 64 "$playground" "$TMP/x" --batch '$(id)'
expect 64 "$playground" "$TMP/x" --nonsense
[ ! -e "$TMP/x" ] || fail "a mistake made a folder"
mkdir "$TMP/full"
: >"$TMP/full/file"
expect 73 "$playground" "$TMP/full"
says 'is not empty'
expect 73 "$playground" /proc/none

# --- its lines, in their order, then "ready"
mkdir "$TMP/with blank"
mkfifo "$TMP/says"
"$playground" --work 0 "$TMP/with blank" --epoch=1 >"$TMP/says" \
    2>"$TMP/server.log" </dev/null &
play=$!
order=
while IFS= read -r line; do
	order="$order${line%%=*} "
	eval "${line%%=*}_=\${line#*=}"
	[ "$line" != ready ] || break
done <"$TMP/says"
[ "$order" = 'url cacert office log token desk passphrase ready ' ] ||
    fail "it prints: $order"
for file in "$cacert_" "$office_" "$log_" "$token_" "$passphrase_"; do
	[ -s "$file" ] || fail "no $file"
done
[ -d "$desk_" ] || fail "no desk"
expect 0 curl -sS --max-time 20 --cacert "$cacert_" "$url_/policy"
says '"work_bits":0' "$TMP/out"
says '"epoch_seconds":1' "$TMP/out"
expect 0 curl -sS --max-time 20 --cacert "$cacert_" "$url_/keyset"
says 'playground.example/keyset/office' "$TMP/out"
says "log $(cat "$log_")" "$TMP/out"
expect 0 ecrdesk -d "$desk_" --passphrase-file "$passphrase_" list


play_stop
expect 7 curl -sS --max-time 20 --cacert "$cacert_" "$url_/policy"
[ ! -e "$TMP/with blank/says" ] || fail "the pipe is left"
