#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The courier: a mirror that is resumed, complete, and believes nothing.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# --- the command line
expect 0 ecrcourier --help
says 'usage: ecrcourier fetch' "$TMP/out"
expect 0 ecrcourier --version
expect 64 ecrcourier
expect 64 ecrcourier carry
expect 64 ecrcourier fetch -s https://localhost "$TMP/m"
echo token >"$TMP/t"
expect 64 ecrcourier fetch -s http://drop.example -t "$TMP/t" "$TMP/m"
expect 64 ecrcourier fetch -s https://localhost -t "$TMP/t" \
    --proxy socks5://127.0.0.1:9050 "$TMP/m"
says 'only socks5h://'
expect 66 ecrcourier fetch -s https://localhost -t "$TMP/none" "$TMP/m"
expect 64 ecrcourier fetch -s https://localhost -t "$TMP/t" --tries 0 "$TMP/m"

# --- a real server: two reports, two epochs, two fetches
play_start --epoch 1 --batch 4 --work 0
report() {
	echo '{"submission":"advice","text":"May I keep a pen?"}' >"$TMP/r.json"
	expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" --json
	digest=$(jq -r '.parcels[0]' <"$TMP/out")
}
fetch() {
	ecrcourier fetch -s "$url" -t "$token" --cacert "$cacert" -l "$log" "$@"
}
# The epoch closes by the clock: fetch until the parcel is there.
fetch_until() {
	tries=0
	until [ -f "$TMP/mirror/parcels/$1" ]; do
		expect 0 fetch -q --json "$TMP/mirror"
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || fail "the epoch does not close"
	done
}
report
fetch_until "$digest"
report
fetch_until "$digest"
expect 0 fetch "$TMP/mirror"
size=$(sed -n 2p "$TMP/mirror/log/checkpoint")
[ "$(find "$TMP/mirror/parcels" -type f | wc -l)" -eq "$size" ] ||
	fail "parcels and entries differ in number"
for p in "$TMP/mirror/parcels"/*; do
	[ "$(sha256sum <"$p" | cut -d' ' -f1)" = "$(basename "$p")" ] ||
		fail "$p is not what its name says"
done
[ -z "$(find "$TMP/mirror" -name '*.part')" ] || fail "something half done"

# --- who is not who they should be
echo wrong >"$TMP/wrong"
expect 77 ecrcourier fetch -s "$url" -t "$TMP/wrong" --cacert "$cacert" \
    "$TMP/other"
says 'the token is not accepted'
expect 69 ecrcourier fetch -q -s "$url" -t "$token" "$TMP/other"
says 'certificate is not trusted'
play_stop
expect 69 fetch -q --tries 2 "$TMP/mirror"

# --- the mirror itself, served by anything that serves files
served=''
serve() {
	mkfifo "$TMP/in" "$TMP/port"
	python3 "$here/static.py" "$@" <"$TMP/in" >"$TMP/port" &
	served=$!
	exec 7>"$TMP/in"
	read -r port <"$TMP/port"
	rm -f "$TMP/in" "$TMP/port"
}
unserve() {
	exec 7>&-
	wait "$served"
}
from() {
	ecrcourier fetch -q -s "http://127.0.0.1:$port" -t "$token" \
	    -l "$log" --tries 2 "$@"
}
serve "$TMP/mirror"
expect 0 from "$TMP/copy"
diff -r "$TMP/mirror" "$TMP/copy" || fail "a mirror of a mirror differs"
unserve

# Cut off after 7 answers, then after 9 more, then served whole.
for cut in 7 9; do
	serve "$TMP/mirror" $cut
	expect 69 from "$TMP/resumed"
	[ ! -e "$TMP/resumed/log/checkpoint" ] ||
		fail "a checkpoint that covers what is not there"
	unserve
done
had=$(find "$TMP/resumed/parcels" -type f | wc -l)
[ "$had" -gt 0 ] || fail "nothing was kept of the fetch that was cut off"
serve "$TMP/mirror"
expect 0 from --json "$TMP/resumed"
[ "$(jq .parcels <"$TMP/out")" -eq $((size - had)) ] ||
	fail "what was there was fetched again"
diff -r "$TMP/mirror" "$TMP/resumed" || fail "a resumed mirror differs"
unserve

# --- every kind of lie
lie() {
	rm -rf "$TMP/lying" "$TMP/victim"
	cp -a "$TMP/mirror" "$TMP/lying"
}
caught() {
	code=$1
	serve "$TMP/lying"
	expect "$code" from "$TMP/victim"
	unserve
	says "$2"
}
flip() {
	printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	cmp -s "$1" "$TMP/mirror/${1#"$TMP/lying/"}" &&
		printf '\000' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
	return 0
}
bundle=$(cd "$TMP/mirror" && echo log/tile/entries/000*)
[ -d "$TMP/mirror/$bundle" ] && bundle=$bundle/$(ls "$TMP/mirror/$bundle")
tile=log/tile/0/${bundle#log/tile/entries/}
lie
flip "$TMP/lying/parcels/$digest" 30000
caught 65 "$digest: what the server sent is not what its log says"
lie
flip "$TMP/lying/$bundle" 40
caught 1 'the log does not hold'
lie
flip "$TMP/lying/$tile" 5
caught 1 "$tile: the log does not hold"
lie
truncate -s -32 "$TMP/lying/$tile"
caught 65 "$tile"
lie
sed -i '3s/^./!/' "$TMP/lying/log/checkpoint"
caught 1 'checkpoint'
lie
rm "$TMP/lying/$bundle"
caught 65 'the server answers 404'
# What rots on the stick is no evidence: it is fetched anew.
serve "$TMP/mirror"
for rotten in "parcels/$digest" "$bundle" "$tile"; do
	rm -rf "$TMP/victim"
	cp -a "$TMP/mirror" "$TMP/victim"
	dd if=/dev/zero of="$TMP/victim/$rotten" bs=16 seek=1 count=1 \
	    conv=notrunc status=none
	expect 0 from "$TMP/victim"
	diff -r "$TMP/mirror" "$TMP/victim" || fail "$rotten was not mended"
done
unserve
# A parcel that is missing while no statement lets it go: all the rest is
# brought, and the exit code says that a promise was broken.
lie
rm "$TMP/lying/parcels/$digest"
serve "$TMP/lying"
expect 1 from --json "$TMP/victim"
says 'no statement of the office lets them go'
[ "$(jq .missing <"$TMP/out")" -eq 1 ] || fail "one parcel is missing"
cmp -s "$TMP/mirror/log/checkpoint" "$TMP/victim/log/checkpoint" ||
	fail "the rest was not brought"
unserve

# A lie about what is new leaves what was true before as it was.
if [ "$size" -lt 250 ]; then
	lie
	sed -i "2s/.*/$((size + 1))/" "$TMP/lying/log/checkpoint"
	{ cat "$TMP/lying/$bundle"; head -c 43 "$TMP/lying/$bundle"; } >"$TMP/more"
	cp "$TMP/more" "$(dirname "$TMP/lying/$bundle")/$((size + 1))"
	{ cat "$TMP/lying/$tile"; head -c 32 "$TMP/lying/$tile"; } \
	    >"$(dirname "$TMP/lying/$tile")/$((size + 1))"
	cp -a "$TMP/mirror" "$TMP/victim"
	serve "$TMP/lying"
	expect 1 ecrcourier fetch -q -s "http://127.0.0.1:$port" -t "$token" \
	    --tries 2 "$TMP/victim"
	unserve
	serve "$TMP/mirror"
	expect 0 from "$TMP/victim"
	cmp "$TMP/mirror/$bundle" "$TMP/victim/$bundle" ||
		fail "the lie spoiled what was there"
	unserve
fi

# A log that is shorter than it was: rolled back.
lie
serve "$TMP/lying"
cp -a "$TMP/mirror" "$TMP/victim"
sed -i "2s/.*/$((size + 1))/" "$TMP/victim/log/checkpoint"
expect 1 ecrcourier fetch -q -s "http://127.0.0.1:$port" -t "$token" \
    "$TMP/victim"
says 'shorter than'
unserve
