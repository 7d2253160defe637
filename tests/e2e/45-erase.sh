#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Erasure as an officer orders it, with the real programs: never more than
# what the last statement had imported, at the server only after it was said
# in the log, at the desk down to the bytes of its store; and one role alone
# erases nothing.
. "$(dirname "$0")/lib.sh"

play_start --alternate --epoch 2 --batch 4 --erase-delay 2
mirror=$TMP/mirror
cd "$TMP"

as() {
	d=$1
	shift
	ecrdesk -d "$d" --passphrase-file "$passphrase" "$@"
}
# fetched - the newest log is here
fetched() {
	ecrcourier fetch -s "$url" -t "$token" --cacert "$cacert" "$mirror" \
	    >fetched 2>&1 || { cat fetched >&2; fail "fetch"; }
}
# send NAME TEXT [FILE] - in the log and in the mirror; its parcels in $NAME
send() {
	printf '{"submission":"misconduct","text":"%s"}' "$2" >"$1.json"
	if [ $# -gt 2 ]; then
		expect 0 ecrdrop report -s "$url" -k "$office" --cacert \
		    "$cacert" -f "$1.json" -a "$3" --json
	else
		expect 0 ecrdrop report -s "$url" -k "$office" --cacert \
		    "$cacert" -f "$1.json" --json
	fi
	jq -r '.parcels[]' out >"$1"
	while read -r hex; do
		until [ -e "$mirror/parcels/$hex" ]; do
			sleep 0.3
			fetched
		done
	done <"$1"
}
# said DESK - import, export, post, and wait until the log has the statement
said() {
	expect 0 as "$1" import "$mirror"
	expect 0 as "$1" export "$1.outbox"
	expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
	    "$1.outbox"
	while :; do
		sleep 0.3
		fetched
		expect 0 as "$1" import "$mirror"
		expect 0 as "$1" outgoing --json
		jq -e '.last_statement == .logged_through' out >/dev/null && break
	done
}
status() {
	curl -sS --cacert "$cacert" -o /dev/null -w '%{http_code}' \
	    -H "Authorization: Bearer $(cat "$token")" "$url/parcels/$1"
}

# --- refused before anything was said ---------------------------------------------
head -c 70000 /dev/urandom >secret.bin
send one 'a report to be erased' secret.bin
expect 0 as "$desk" import "$mirror"
expect 64 as "$desk" erase --below 1 --reason r --yes
says 'up to 0'
expect 64 as "$desk" erase --below 1 --yes
says 'reason'
expect 64 as "$desk" erase --reason r --yes
expect 64 as "$desk" erase --closed-before yesterday --reason r --yes
expect 0 as "$desk" erase --retention --reason 'the rule' --yes
says 'nothing changes'

# --- up to the last statement, and not one leaf further ---------------------------
said "$desk"
expect 0 as "$desk" erase --retention --reason 'the rule' --json --yes
jq -e '.erase_below == 0' out >/dev/null || fail "a fresh parcel would go"
expect 0 as "$desk" log --json
most=$(jq '[.[] | select(.act == "export")][-1].details.size' out)
expect 64 as "$desk" erase --below $((most + 1)) --reason r --yes
# Nobody there to ask: nothing is done.
expect 64 setsid -w ecrdesk -d "$desk" --passphrase-file "$passphrase" \
    erase --below "$most" --reason r
says 'nothing was changed'
echo 'Type erase => no' >asks
expect 77 python3 "$TOP/tests/e2e/talk.py" asks ecrdesk -d "$desk" \
    --passphrase-file "$passphrase" erase --below "$most" --reason r
expect 0 as "$desk" erase --below "$most" --reason 'imported and worked' \
    --yes --json
jq -e --argjson m "$most" '.erase_below == $m and .recorded' out >/dev/null ||
    fail "the plan: $(cat out)"
# It can be taken back, and asked for again by date.
expect 0 as "$desk" erase --below 0 --reason 'not yet' --yes
expect 0 as "$desk" erase --closed-before 2999-01-01 --reason 'all of it' \
    --yes --json
jq -e --argjson m "$most" '.erase_below == $m' out >/dev/null ||
    fail "by date: $(cat out)"

# --- one role alone erases nothing ------------------------------------------------
first=$(head -1 one)
said "$desk"
send two 'while the other role is silent'
send three 'and still is'
[ "$(status "$first")" = 200 ] || fail "one role alone erased"

# --- both have said so ----------------------------------------------------------------
said "$alternate_desk"
expect 0 as "$alternate_desk" erase --closed-before 2999-01-01 \
    --reason 'nothing of ours in it' --yes
said "$alternate_desk"
n=0
until [ "$(status "$first")" = 404 ]; do
	n=$((n + 1))
	[ $n -lt 60 ] || fail "the server does not erase"
	sleep 0.5
done
while read -r hex; do
	[ "$(status "$hex")" = 404 ] || fail "$hex is still served"
done <one
for hex in $(cat two three); do
	[ "$(status "$hex")" = 200 ] || fail "what is newer was erased"
done
# The desk has its case, whole, and goes on importing.
send four 'after the erasure'
expect 0 as "$desk" import "$mirror"
expect 0 as "$desk" list --json
jq -e 'length == 4' out >/dev/null || fail "cases: $(cat out)"
case=$(jq -r '.[0].case' out)
expect 0 as "$desk" attachments "$case" files
cmp -s files/* secret.bin || fail "the attachment is not whole"

# --- a case leaves the desk ----------------------------------------------------------
cp "$desk/cases/data.mdb" store.before
expect 64 as "$desk" erase "$case" --yes
expect 66 as "$desk" erase ECR-2020-ZZZZ --reason r --yes
expect 0 as "$desk" erase "$case" --reason 'five years are over' --yes
expect 66 as "$desk" show "$case"
expect 0 as "$desk" list --json
jq -e --arg c "$case" 'length == 3 and all(.[]; .case != $c)' out >/dev/null ||
    fail "it is still listed"
expect 0 as "$desk" log --json
jq -e --arg c "$case" 'any(.[]; .act == "dispose" and .details.case == $c and
    .details.reason == "five years are over")' out >/dev/null ||
    fail "the desk log does not say so"
expect 0 as "$desk" log --check
# Its sealed parts are in no page of the store any more.
python3 - store.before "$desk/cases/data.mdb" <<'END' || fail "its bytes stay"
import sys
old = open(sys.argv[1], "rb").read()
new = open(sys.argv[2], "rb").read()
pages = {new[i:i + 64] for i in range(0, len(new), 4096)}
# A part is a large value: 15 pages whole, after the page's header of 16.
import struct
parts = [i for i in range(0, len(old) - 15 * 4096 + 1, 4096)
         if struct.unpack_from("<H", old, i + 10)[0] & 4
         and struct.unpack_from("<I", old, i + 12)[0] == 15]
gone = [i for i in parts if old[i + 16:i + 80] not in new]
print(len(parts), "parts before,", len(gone), "gone")
sys.exit(0 if len(parts) == 5 and len(gone) == 2 else 1)
END
[ "$(ls "$desk/cases")" = "data.mdb
lock.mdb" ] || fail "left behind: $(ls "$desk/cases")"
expect 0 as "$desk" import "$mirror"
expect 0 as "$desk" erase --compact
said "$desk"
play_stop
