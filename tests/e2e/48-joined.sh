#!/bin/sh
# SPDX-License-Identifier: ISC
#
# An alternate joins an office that has erased parcels already: its desk takes
# the office's signed word for what it never saw, and nobody else's; and from
# then on nothing goes without its own.
. "$(dirname "$0")/lib.sh"

play_start --epoch 2 --batch 4 --erase-delay 2
mirror=$TMP/mirror
second=$TMP/second
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
# send NAME TEXT - in the log and in the mirror; its parcels in $NAME
send() {
	printf '{"submission":"misconduct","text":"%s"}' "$2" >"$1.json"
	expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$1.json" --json
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
# gone HEX - the server has erased it
gone() {
	n=0
	until [ "$(curl -sS --cacert "$cacert" -o /dev/null -w '%{http_code}' \
	    -H "Authorization: Bearer $(cat "$token")" \
	    "$url/parcels/$1")" = 404 ]; do
		n=$((n + 1))
		[ $n -lt 60 ] || fail "the server does not erase"
		sleep 0.5
	done
}
let_all_go() {
	expect 0 as "$1" erase --closed-before 2999-01-01 --reason 'all of it' \
	    --yes
}

# --- an office alone erases ----------------------------------------------------------
send one 'before anybody joined'
said "$desk"
let_all_go "$desk"
said "$desk"
gone "$(head -1 one)"

# --- a second role joins --------------------------------------------------------------
expect 0 ecrdesk -d "$second" --passphrase-file "$passphrase" init \
    -o playground.example -r alternate --kdf-memory 16
cat "$office" "$second/public/office.vkey" >joint.vkey
play_stop
sed "s|^office-vkey .*|office-vkey $TMP/joint.vkey|" play/ecrdropd.conf \
    >joint.conf
echo "keyset $second/public/keyset" >>joint.conf
ecrdropd -c joint.conf 2>server.says </dev/null >/dev/null &
server=$!
until grep -q '^ecrdropd: ready' server.says; do
	kill -0 "$server" || { cat server.says; fail "the server"; }
	sleep 0.1
done
url=https://localhost:$(sed -n 's/.*listening on tls .*://p' server.says)
office=$TMP/joint.vkey

# A courier that begins with nothing finds nothing missing.
mkdir first
mv "$mirror" first/mirror
fetched
[ ! -e "$mirror/parcels/$(head -1 one)" ] || fail "it was not erased"
! grep -q missing fetched || fail "the courier: $(cat fetched)"
expect 0 ecraudit verify --erase-delay 2 -k "$office" -l "$log" "$mirror"

# --- its desk takes nobody's word but the office's -------------------------------------
expect 0 as "$second" trust -l "$log"
expect 1 as "$second" import "$mirror"
says 'missing: parcels/'
says 'trust -k'
expect 78 as "$second" trust -l "$log" -k play/desk/public/office.vkey
says 'is not among them'
sed 's/playground/elsewhere/' joint.vkey >other.vkey
expect 65 as "$second" trust -l "$log" -k other.vkey
expect 65 as "$second" trust -l "$log" -k nowhere.vkey
expect 0 as "$second" trust -l "$log" -k joint.vkey
# What the office did not let go must be there.
send two 'after the second role joined'
kept=$(head -1 two)
mv "$mirror/parcels/$kept" kept
expect 1 as "$second" import "$mirror"
says "missing: parcels/$kept"
mv kept "$mirror/parcels/$kept"
expect 0 as "$second" import "$mirror"
says 'erased before this desk saw' out
expect 0 as "$second" log --json
jq -e 'any(.[]; .act == "erased-before" and .details.parcels >= 1) and
    any(.[]; .act == "peer" and
    .details.key == "playground.example/office")' out >/dev/null ||
    fail "the desk log: $(cat out)"

# --- and has a word in what goes from now on ---------------------------------------------
said "$second"
said "$desk"
let_all_go "$desk"
said "$desk"
send three 'the second role is silent'
[ "$(curl -sS --cacert "$cacert" -o /dev/null -w '%{http_code}' \
    -H "Authorization: Bearer $(cat "$token")" "$url/parcels/$kept")" = 200 ] ||
    fail "the office alone erased"
let_all_go "$second"
said "$second"
gone "$kept"
send four 'and on it goes'
for d in "$desk" "$second"; do
	expect 0 as "$d" import "$mirror"
	expect 0 as "$d" log --check
done
expect 0 ecraudit verify --erase-delay 2 -k "$office" -l "$log" "$mirror"
kill -TERM "$server"
wait "$server" || fail "the server's end"
server=
