#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A courier who comes for the first time after the office has let parcels go:
# what is gone by its word is told from what is missing.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
play_start --epoch 1 --batch 4 --work 0 --erase-delay 1

desk() {
	ecrdesk -q -d "$desk" --passphrase-file "$passphrase" "$@"
}
fetch() {
	ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" --json "$@"
}
# hand_in - a report, brought to the desk; its parcel in $digest
hand_in() {
	echo '{"submission":"advice","text":"May I?"}' >"$TMP/r.json"
	expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" --json
	digest=$(jq -r '.parcels[0]' "$TMP/out")
	until [ -f "$TMP/mirror/parcels/$digest" ]; do
		expect 0 fetch "$TMP/mirror"
		sleep 0.1
	done
	expect 0 desk import "$TMP/mirror"
}
# say_so - export and post, until the log has it and the desk knows
say_so() {
	expect 0 desk export "$TMP/outbox"
	expect 0 ecrcourier post -q -s "$url" -t "$token" --cacert "$cacert" \
	    "$TMP/outbox"
	said=$((said + 1))
	until expect 0 fetch "$TMP/mirror" &&
	    [ "$(jq .statements <"$TMP/out")" -eq $said ]; do
		sleep 0.1
	done
	expect 0 desk import "$TMP/mirror"
}
said=0
hand_in
first=$digest
say_so
hand_in
last=$digest
expect 0 desk erase --closed-before 2999-01-01 --reason 'worked' --yes
say_so
until [ "$(curl -sS --cacert "$cacert" -o "$TMP/body" -w '%{http_code}' \
    -H "Authorization: Bearer $(cat "$token")" \
    "$url/parcels/$first")" = 404 ]; do
	sleep 0.1
done

# --- gone: the office said so
expect 0 fetch "$TMP/fresh"
[ "$(jq .gone <"$TMP/out")" -ge 1 ] || fail "nothing is gone"
[ "$(jq .missing <"$TMP/out")" -eq 0 ] || fail "something is missing"
[ "$(jq .statements <"$TMP/out")" -eq 2 ] || fail "not two statements"
[ -f "$TMP/fresh/parcels/$last" ] || fail "the younger one is not here"
[ ! -e "$TMP/fresh/parcels/$first" ] || fail "the older one is here"
for f in "$TMP/fresh/statements"/*; do
	[ "$(sha256sum <"$f" | cut -d' ' -f1)" = "$(basename "$f")" ] ||
		fail "$f is not what its name says"
done
gone=$(jq .gone <"$TMP/out")
play_stop

# --- the same, served by one who has lost more
serve() {
	mkfifo "$TMP/in" "$TMP/port"
	python3 "$here/static.py" "$TMP/lying" <"$TMP/in" >"$TMP/port" &
	served=$!
	exec 7>"$TMP/in"
	read -r port <"$TMP/port"
	rm -f "$TMP/in" "$TMP/port"
}
unserve() {
	exec 7>&-
	wait "$served"
}
# caught CODE WORDS - from the lying server into nothing
caught() {
	rm -rf "$TMP/victim"
	serve
	expect "$1" ecrcourier fetch -q -s "http://127.0.0.1:$port" \
	    -t "$token" -l "$log" --tries 2 --json "$TMP/victim"
	unserve
	says "$2"
}
lie() {
	rm -rf "$TMP/lying"
	cp -a "$TMP/fresh" "$TMP/lying"
}
lie
rm "$TMP/lying/parcels/$last"
caught 1 'no statement of the office lets them go'
[ "$(jq .missing <"$TMP/out")" -eq 1 ] || fail "one is missing"
[ "$(jq .gone <"$TMP/out")" -eq "$gone" ] || fail "and as many gone"
cmp "$TMP/fresh/log/checkpoint" "$TMP/victim/log/checkpoint" ||
	fail "the rest was not brought"
lie
statement=$(cd "$TMP/lying/statements" && echo * | cut -d' ' -f1)
rm "$TMP/lying/statements/$statement"
caught 65 "statements/$statement: the server answers 404"
[ ! -e "$TMP/victim/log/checkpoint" ] || fail "a mirror without a statement"
lie
sed -i '6s/.*/999/' "$TMP/lying/statements/$statement"
caught 65 "statements/$statement: what the server sent is not"
lie
printf 'x' | dd of="$TMP/lying/replies" bs=1 conv=notrunc status=none \
    seek=$(($(stat -c %s "$TMP/lying/replies") - 100))
caught 65 'replies: one that a statement names is missing or altered'
lie
truncate -s -1 "$TMP/lying/replies"
caught 65 'replies: malformed'
# What rots on the stick is fetched anew.
lie
rm -rf "$TMP/victim"
cp -a "$TMP/fresh" "$TMP/victim"
: >"$TMP/victim/statements/$statement"
serve
expect 0 ecrcourier fetch -q -s "http://127.0.0.1:$port" -t "$token" \
    -l "$log" "$TMP/victim"
unserve
diff -r "$TMP/fresh" "$TMP/victim" || fail "it was not mended"
