#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 200 MB go through every program, none of which holds 64 MB of memory.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
MB=${MEMORY_MB:-200}

grep -q __asan_init "$B/bin/ecrdrop" &&
	skip "sanitizers hold memory of their own"
play_start --epoch 5 --work 0
mkfifo "$TMP/peak.in"
python3 "$here/peak.py" "$TMP/peaks" <"$TMP/peak.in" &
sampler=$!
exec 7>"$TMP/peak.in"

# A file with something in it at its start, middle and end, zeros between.
truncate -s "$MB"000000 "$TMP/big"
for at in 0 $((MB * 500000)) $((MB * 1000000 - 9)); do
	printf 'something' |
	    dd of="$TMP/big" bs=1 seek=$at conv=notrunc status=none
done
echo '{"submission":"advice","text":"A large file."}' >"$TMP/r.json"
began=$(date +%s)
expect 0 ecrdrop report -q -s "$url" -k "$office" --cacert "$cacert" \
    -f "$TMP/r.json" -a "$TMP/big" --json
jq -r '.parcels[]' "$TMP/out" | sort >"$TMP/sent"
sent=$(date +%s)
while :; do
	expect 0 ecrcourier fetch -q -s "$url" -t "$token" \
	    --cacert "$cacert" -l "$log" "$TMP/mirror"
	ls "$TMP/mirror/parcels" 2>/dev/null | comm -13 - "$TMP/sent" \
	    >"$TMP/missing"
	[ -s "$TMP/missing" ] || break
	sleep 0.5
done
fetched=$(date +%s)
desk() {
	ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}
expect 0 desk -q import "$TMP/mirror"
expect 0 desk list --json
case=$(jq -r '.[0].case' "$TMP/out")
expect 0 desk -q attachments "$case" "$TMP/files"
done=$(date +%s)
exec 7>&-
wait $sampler
same=
for f in "$TMP/files"/*; do
	cmp -s "$f" "$TMP/big" && same=yes
done
[ -n "$same" ] || fail "the file did not arrive as it was"
echo "report $((sent - began)) s, fetch $((fetched - sent)) s, desk $((done - fetched)) s"
cat "$TMP/peaks"
for name in ecrdrop ecrdropd ecrdrop-front ecrdrop-store ecrcourier ecrdesk; do
	kb=$(awk -v n=$name '$1 == n { print $2 }' "$TMP/peaks")
	[ -n "$kb" ] || fail "$name was not seen"
	[ "$kb" -lt 65536 ] || fail "$name held $kb kB"
done
play_stop
