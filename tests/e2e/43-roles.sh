#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two roles of one office, each a desk of its own: what is sealed to one is
# nothing to the other, on the wire, in the log, or at the other's desk; and
# none speaks, counts or erases for the other.
. "$(dirname "$0")/lib.sh"

play_start --alternate --epoch 3 --batch 4
[ -n "$alternate_desk" ] || fail "no second desk"
mirror=$TMP/mirror

# as DESK COMMAND... - a desk's program
as() {
	which=$1
	shift
	ecrdesk -d "$which" --passphrase-file "$passphrase" "$@"
}

# drop COMMAND... - the reporter's
drop() {
	ecrdrop "$@" -s "$url" -k "$office" --cacert "$cacert"
}

# send NAME JSON... - a report; its answer in $TMP/NAME
send() {
	printf '%s' "$2" >"$TMP/$1.json"
	expect 0 drop report -f "$TMP/$1.json" --json
	cp "$TMP/out" "$TMP/$1"
}

codename() {
	jq -r .codename "$TMP/$1"
}

# closed NAME... - until the log has all their parcels, and it is fetched
closed() {
	for name; do
		for hex in $(jq -r '.parcels[]' "$TMP/$name"); do
			until ls "$mirror/parcels/$hex" >/dev/null 2>&1; do
				sleep 0.3
				ecrcourier fetch -s "$url" -t "$token" \
				    --cacert "$cacert" "$mirror" \
				    >"$TMP/fetched" 2>&1 ||
				    { cat "$TMP/fetched"; fail "fetch"; }
			done
		done
	done
}

# --- two roles, one office file -----------------------------------------------
[ "$(grep -c '^playground.example/' "$office")" -eq 2 ] ||
    fail "OFFICE.vkey does not hold two roles"
curl -sS --cacert "$cacert" "$url/keyset" >"$TMP/keysets"
[ "$(grep -c '^playground.example/keyset/' "$TMP/keysets")" -eq 2 ] ||
    fail "not two keysets"
for key in "$desk"/keys/*; do
	! cmp -s "$key" "$alternate_desk/keys/${key##*/}" ||
	    fail "the desks share ${key##*/}"
done

# --- one report each; they look alike -------------------------------------------
send one '{"submission":"misconduct","text":"for the office"}'
send two '{"submission":"misconduct","text":"about the office itself",
 "exclude_office":true}'
cmp_shape() {
	jq -S 'del(.codename, .parcels, .epoch_close)' "$TMP/$1"
}
[ "$(cmp_shape one)" = "$(cmp_shape two)" ] || fail "the answers differ"
closed one two
for name in one two; do
	hex=$(jq -r '.parcels[0]' "$TMP/$name")
	[ "$(wc -c <"$mirror/parcels/$hex")" -eq 65520 ] || fail "$name: size"
	head -c 6400 "$mirror/parcels/$hex" | grep -a '^-> ' |
	    cut -d' ' -f1,2 >"$TMP/$name.shape"
done
[ "$(wc -l <"$TMP/one.shape")" -eq 4 ] || fail "not four stanzas"
cmp -s "$TMP/one.shape" "$TMP/two.shape" || fail "the parcels' shapes differ"

# --- each desk reads its own ------------------------------------------------------
expect 0 as "$desk" import "$mirror" --json
jq -e '.new_cases == 1' "$TMP/out" >/dev/null || fail "the office: $(cat "$TMP/out")"
seen=$(jq '.unopened' "$TMP/out")
expect 0 as "$alternate_desk" import "$mirror" --json
jq -e '.new_cases == 1' "$TMP/out" >/dev/null ||
    fail "the alternate: $(cat "$TMP/out")"
# Each counts the other's report where it counts cover, and as that alone.
[ "$(jq '.unopened' "$TMP/out")" -eq "$seen" ] || fail "the counts differ"
expect 0 as "$desk" list --json
one=$(jq -r '.[0].case' "$TMP/out")
expect 0 as "$alternate_desk" list --json
two=$(jq -r '.[0].case' "$TMP/out")
expect 0 as "$desk" show "$one"
says 'for the office' "$TMP/out"
! grep -q 'about the office itself' "$TMP/out" || fail "the office reads it"
expect 0 as "$alternate_desk" show "$two"
says 'about the office itself' "$TMP/out"
expect 66 as "$desk" show "$two"
expect 66 as "$alternate_desk" show "$one"

# Not with all of its secrets, either.
expect 0 as "$desk" identities -o "$TMP/office.ids"
expect 0 as "$alternate_desk" identities -o "$TMP/alternate.ids"
hex=$(jq -r '.parcels[0]' "$TMP/two")
! ecrdesk age-decrypt -i "$TMP/office.ids" -o "$TMP/plain" \
    "$mirror/parcels/$hex" 2>/dev/null || fail "the office's keys open it"
expect 0 ecrdesk age-decrypt -i "$TMP/alternate.ids" -o "$TMP/plain" \
    "$mirror/parcels/$hex"
grep -qa 'about the office itself' "$TMP/plain" || fail "not that report"

# --- each answers its own ---------------------------------------------------------
echo 'the alternate answers' >"$TMP/answer"
expect 0 as "$alternate_desk" reply "$two" -f "$TMP/answer"
expect 66 as "$desk" reply "$two" -f "$TMP/answer"
for d in "$desk" "$alternate_desk"; do
	expect 0 as "$d" export "$d.outbox"
	expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
	    "$d.outbox"
done
# Posted again, or the other way round, nothing changes.
expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
    "$desk.outbox"

# The follow-up goes where the first report went, from the codename alone.
echo '{"text":"one thing more"}' >"$TMP/more.json"
codename two >"$TMP/two.name"
expect 0 drop follow-up --codename-file "$TMP/two.name" -f "$TMP/more.json" \
    --json
cp "$TMP/out" "$TMP/more"
closed more
expect 0 as "$desk" import "$mirror" --json
jq -e '.new_follow_ups == 0 and .new_cases == 0 and (.orphans | length) == 0' \
    "$TMP/out" >/dev/null || fail "the office: $(cat "$TMP/out")"
expect 0 as "$alternate_desk" import "$mirror" --json
jq -e '.new_follow_ups == 1' "$TMP/out" >/dev/null ||
    fail "the alternate: $(cat "$TMP/out")"
expect 0 drop check --codename-file "$TMP/two.name"
says 'the alternate answers' "$TMP/out"
codename one >"$TMP/one.name"
expect 0 drop check --codename-file "$TMP/one.name"
! grep -q 'the alternate answers' "$TMP/out" || fail "the wrong one is told"

# --- none speaks for the other ------------------------------------------------------
# Statements of both are in the log, each signed by its own role.
for hex in "$mirror"/statements/*; do
	role=$(sed -n '1s|.*/||p' "$hex")
	grep -q "^— playground.example/$role " "$hex" ||
	    fail "$hex: not signed by $role"
done
[ "$(cat "$mirror"/statements/* | grep -c '^playground.example/statement/')" \
    -eq 2 ] || fail "not two statements"
# One desk's outbox under the other's sequence, or name, is refused.
sed 's|statement/office|statement/alternate|' "$desk.outbox" >"$TMP/forged"
got=0
ecrcourier post -s "$url" -t "$token" --cacert "$cacert" "$TMP/forged" \
    >"$TMP/out" 2>"$TMP/err" || got=$?
[ "$got" -ne 0 ] || fail "an outbox under another's name went in"

# --- where there is no alternate, nothing is sent --------------------------------
grep '/office+' "$office" >"$TMP/office.alone"
expect 78 ecrdrop report -s "$url" -k "$TMP/office.alone" --cacert "$cacert" \
    -f "$TMP/two.json" --json
says alternate
[ ! -s "$TMP/out" ] || fail "a codename for what was not sent"

# --- and each has a log of its own -----------------------------------------------
for d in "$desk" "$alternate_desk"; do
	expect 0 as "$d" log --check
	expect 0 as "$d" log --json
	jq -e '[.[].act] | index("create") != null and index("export") != null' \
	    "$TMP/out" >/dev/null || fail "the log of $d"
done
play_stop
