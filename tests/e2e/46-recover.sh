#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A desk restored from a backup: it sees in the log what it has said since,
# refuses to speak, and goes on from there when the officer says so; reporters,
# server and the desk's own log follow.
. "$(dirname "$0")/lib.sh"

play_start --epoch 2 --batch 4
mirror=$TMP/mirror
cd "$TMP"

as() {
	d=$1
	shift
	ecrdesk -d "$d" --passphrase-file "$passphrase" "$@"
}
fetched() {
	ecrcourier fetch -s "$url" -t "$token" --cacert "$cacert" "$mirror" \
	    >fetched 2>&1 || { cat fetched >&2; fail "fetch"; }
}
drop() {
	ecrdrop "$@" -s "$url" -k "$office" --cacert "$cacert"
}
# send NAME TEXT - its codename in NAME; in the mirror when this returns
send() {
	printf '{"submission":"advice","text":"%s"}' "$2" >"$1.json"
	expect 0 drop report -f "$1.json" --json
	jq -r .codename out >"$1"
	hex=$(jq -r '.parcels[0]' out)
	until [ -e "$mirror/parcels/$hex" ]; do
		sleep 0.3
		fetched
	done
}
# said DESK - until the log has what it exports
said() {
	expect 0 as "$1" export "$1.outbox"
	expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
	    "$1.outbox"
	tries=0
	while :; do
		tries=$((tries + 1))
		[ $tries -lt 60 ] || fail "the log does not take it"
		sleep 0.3
		fetched
		expect 0 as "$1" import "$mirror"
		expect 0 as "$1" outgoing --json
		jq -e '.last_statement == .logged_through' out >/dev/null &&
		    break
	done
}
last() {
	expect 0 as "$1" outgoing --json
	jq .last_statement out
}

# --- a desk that is backed up, and goes on ------------------------------------------
send one 'before the backup'
expect 0 as "$desk" import "$mirror"
said "$desk"
cp -r "$desk" backup
send two 'after the backup'
expect 0 as "$desk" import "$mirror"
expect 0 as "$desk" list --json
two=$(jq -r '.[1].case' out)
echo 'an answer after the backup' >answer
expect 0 as "$desk" reply "$two" -f answer
said "$desk"
expect 0 as "$desk" rotate --reason 'new keys after the backup'
expect 0 as "$desk" erase --below 3 --reason 'asked after the backup' --yes
said "$desk"
was=$(last "$desk")
[ "$was" -ge 3 ] || fail "only $was statements"
keyset=$(sed -n 2p "$desk/public/keyset")

# --- it is lost, and the backup takes its place -----------------------------------
expect 66 as backup recover "$mirror" --yes
says 'Import the newest mirror first'
expect 0 as backup import "$mirror"
says "statement $was"
expect 0 as backup outgoing --json
jq -e --argjson n "$was" '.foreign_statement == $n' out >/dev/null ||
    fail "outgoing: $(cat out)"
cp -r backup untouched
[ ! -e backup.outbox ] || fail "an outbox before its time"
got=0
as backup export backup.outbox >out 2>err || got=$?
[ "$got" -ne 0 ] || fail "it speaks over what it has said"
says recover
[ ! -e backup.outbox ] || fail "a refused export left a file"

# Without the keyset that the statement names there is nothing to go on from.
cp -r "$mirror" poor
rm poor/keyset
expect 66 as backup recover poor --yes
cp backup/public/keyset poor/keyset
expect 66 as backup recover poor --yes
says 'keyset'
expect 64 setsid -w ecrdesk -d backup --passphrase-file "$passphrase" \
    recover "$mirror"
expect 0 as backup log --json
jq -e 'all(.[]; .generation == 0)' out >/dev/null || fail "adopted unasked"

expect 0 as backup recover "$mirror" --yes --json
jq -e --argjson n "$was" --argjson k "$keyset" '.statement == $n and
    .keyset == $k and .erase_below == 3 and .keys_lost == 13' out \
    >/dev/null || fail "recovered: $(cat out)"
says 'no secret here'
expect 66 as backup recover "$mirror" --yes

# --- its log names the last commitment ---------------------------------------------
sum=$(grep -l "^$was\$" "$mirror"/statements/* | head -1)
anchored=$(sed -n 8p "$sum")
expect 0 as backup log --json
jq -e --argjson n "$was" --arg c "$anchored" 'any(.[]; .act == "recover" and
    .generation == $n and .number == 0 and .details.commitment == $c)' out \
    >/dev/null || fail "the desk log: $(cat out)"
expect 0 as backup log --check

# --- it speaks again, and everybody follows ------------------------------------------
said backup
[ "$(last backup)" -eq $((was + 1)) ] || fail "not the next statement"
[ "$(sed -n 2p backup/public/keyset)" -eq $((keyset + 1)) ] ||
    fail "not the next keyset"
next=$(grep -l "^$((was + 1))\$" "$mirror"/statements/* | head -1)
[ "$(sed -n 6p "$next")" -eq 3 ] || fail "the erase index is another"
send three 'to the restored desk'
expect 0 as backup import "$mirror"
expect 0 as backup list --json
jq -e 'length == 3' out >/dev/null || fail "cases: $(cat out)"
three=$(jq -r '.[2].case' out)
echo 'the restored desk answers' >answer
expect 0 as backup reply "$three" -f answer
said backup
expect 0 drop check --codename-file three
says 'the restored desk answers' out
expect 0 drop check --codename-file two
says 'an answer after the backup' out
expect 0 ecraudit verify -k "$office" -l "$log" --cacert "$cacert" "$url"

# --- an act of each generation, shown to an auditor --------------------------------
expect 0 as backup log --open 0/0 -o shown.old
expect 0 as backup log --open 0 -o shown
grep -q "^playground.example/office/desk/$was\$" shown || fail "its origin"
head -1 shown | grep -qx 'c2sp.org/tlog-proof@v1' || fail "not a tlog-proof"
# What is committed to is in the statement that came after.
commitment=$(python3 - shown <<'END'
import base64, hashlib, sys
text = open(sys.argv[1], "rb").read()
extra = base64.b64decode(text.split(b"\n")[1].split(b" ")[1])
note = text.split(b"\n\n", 1)[1]
print(hashlib.sha256(extra[:32] + note).hexdigest())
END
)
[ "$(sed -n 8p "$next")" = "$commitment" ] || fail "another commitment"

# An auditor needs the file, a mirror and the published keys for that.
act() {
	ecraudit act -k "$office" -l "$log" "$@"
}
expect 0 act "$mirror" shown --json
jq -e --argjson n "$((was + 1))" '.holds and .act == "recover" and
    .statement == $n and .role == "playground.example/office"' out >/dev/null ||
    fail "the auditor sees: $(cat out)"
expect 0 act "$mirror" shown.old
says 'create, 20' out
expect 0 as backup log --json
last=$(jq -r '[.[] | select(.anchored)][-1] | "\(.generation)/\(.number)"' out)
expect 0 as backup log --open "$last" -o shown.last
expect 0 act "$mirror" shown.last
expect 66 as backup log --open 999 -o shown.none
[ ! -e shown.none ] || fail "a file without an act"
# One letter of it, or a log that does not commit to it yet.
sed 's/^index 0/index 1/' shown >shown.bad
expect 1 act "$mirror" shown.bad
head -c 300 shown >shown.bad
expect 65 act "$mirror" shown.bad
cp backup/public/keyset poor/
expect 1 act poor shown
says 'commits to'
rm "$(grep -l "^$((was + 1))\$" "$mirror"/statements/* | head -1)"
expect 66 act "$mirror" shown
fetched

# --- the old desk is found again: two desks are one too many ------------------------
fetched
expect 0 as "$desk" import "$mirror"
got=0
as "$desk" export "$desk.again" >out 2>err || got=$?
[ "$got" -ne 0 ] || fail "two desks speak for one role"
play_stop
