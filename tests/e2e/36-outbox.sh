#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The courier hands an outbox over: in as few pieces as may be, patiently,
# and with words for every answer.  The server is a double that follows a plan.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# outbox SEQUENCE REPLIES - a record; nobody here checks its signature
record() {
	python3 - "$1" "$2" <<-'END'
	import base64, hashlib, os, struct, sys
	sequence, replies = int(sys.argv[1]), int(sys.argv[2])
	bodies = [os.urandom(8176) for _ in range(replies)]
	hexes = [hashlib.sha256(b).hexdigest() for b in bodies]
	lines = ["o.example/statement/office", str(sequence), "o.example/log",
	         "0", base64.b64encode(bytes(32)).decode(), "0", "0",
	         "00" * 32, "11" * 32, str(replies)] + hexes
	sig = base64.b64encode(bytes(68)).decode()
	note = "\n".join(lines) + "\n\n\u2014 o.example/office " + sig + "\n"
	note = note.encode()
	out = struct.pack(">I", len(note)) + note + struct.pack(">I", 0)
	sys.stdout.buffer.write(out + b"".join(bodies))
	END
}
record 1 4 >"$TMP/one"
{ record 1 480; record 2 480; record 3 4; } >"$TMP/many"
printf '0123456789abcdef\n' >"$TMP/token"

mkdir "$TMP/lies"
mkfifo "$TMP/middle.in"
python3 "$here/middle.py" "$TMP/lies" "$TMP/middle.log" \
    <"$TMP/middle.in" >"$TMP/middle.port" &
middle=$!
exec 7>"$TMP/middle.in"
until [ -s "$TMP/middle.port" ]; do sleep 0.02; done
url=http://127.0.0.1:$(cat "$TMP/middle.port")
policy() {
	echo "{\"v\":1,\"outbox_bytes_max\":$1}" >"$TMP/lies/policy"
}
# plan LINE... - the next answers
plan() {
	rm -f "$TMP/lies"/posted.*
	printf '%s\n' "$@" >"$TMP/lies/outbox.plan"
}
post() {
	ecrcourier post -s "$url" -t "$TMP/token" "$@"
}
# posts N - so many arrived since the plan
posts() {
	[ "$(find "$TMP/lies" -name 'posted.*' | wc -l)" -eq "$1" ] ||
		fail "not $1 posts"
}

# --- the command line
expect 64 ecrcourier post -s "$url" -t "$TMP/token"
says 'one OUTBOX'
expect 64 post --tries 0 "$TMP/one"
expect 66 post "$TMP/none"
expect 66 ecrcourier post -s "$url" -t "$TMP/none" "$TMP/one"
expect 64 ecrcourier post -s http://drop.example -t "$TMP/token" "$TMP/one"

# --- nothing goes out before all of it was looked through
policy 4194304
plan 201
: >"$TMP/empty"
expect 65 post "$TMP/empty"
says 'empty'
head -c 20000 "$TMP/one" >"$TMP/cut"
expect 65 post "$TMP/cut"
says 'no outbox, or it was cut off'
{ cat "$TMP/one"; head -c 20000 "$TMP/one"; } >"$TMP/cut"
expect 65 post "$TMP/cut"
says 'behind statement 1'
policy 20000
expect 65 post "$TMP/one"
says 'larger than the server takes'
posts 0
[ "$(grep -c '^POST' "$TMP/middle.log" || :)" -eq 0 ] || fail "posted anyway"

# --- taken, or there already
policy 4194304
plan 201
expect 0 post --json "$TMP/one"
[ "$(jq -c '[.statements, .taken, .held, .posts]' <"$TMP/out")" = '[1,1,0,1]' ] ||
	fail "what was delivered"
cmp "$TMP/one" "$TMP/lies"/posted.* || fail "other bytes arrived"
grep '^POST /outbox' "$TMP/middle.log" | tail -n 1 |
    grep -q 'Authorization=Bearer_0123456789abcdef' || fail "no token"
plan 200
expect 0 post "$TMP/one"
says 'already' "$TMP/out"
plan 201
post -q - <"$TMP/one" >"$TMP/out" || fail "from standard input"

# --- patience: busy, then silence, then taken; always the same bytes
plan '503 1' cut 201
expect 0 post -q "$TMP/one"
posts 3
for f in "$TMP/lies"/posted.*; do
	cmp "$TMP/one" "$f" || fail "other bytes at another try"
done
plan '503 1' '503 1' '503 1'
expect 69 post --tries 2 "$TMP/one"
says 'no room for it now'
posts 2
plan cut cut cut cut	# curl itself asks again, too
expect 69 post --tries 2 "$TMP/one"
says 'out of reach'

# --- every no
plan '409 - {"next":7}'
expect 65 post "$TMP/one"
says 'waits for number 7'
posts 1
plan '400 - this is not mine'
expect 65 post "$TMP/one"
says 'refuses the outbox: this is not mine'
plan '401 -'
expect 77 post "$TMP/one"
says 'token'
plan '413 -'
expect 65 post "$TMP/one"
plan '500 -'
expect 69 post "$TMP/one"
rm "$TMP/lies/outbox.plan"
expect 69 post "$TMP/one"
says 'takes no outbox'
# A server's words move no cursor.
plan "$(printf '400 - \033[2Jgone')"
expect 65 post "$TMP/one"
grep -q "$(printf '\033')" "$TMP/err" && fail "an escape came through"
says '<U+001B>'

# --- more than one POST carries; cut short in the middle, posted again
plan 201 409
expect 65 post "$TMP/many"
says 'the first 1 of 3 statements were delivered'
plan 200 201
expect 0 post --json "$TMP/many"
[ "$(jq -c '[.statements, .taken, .held, .posts]' <"$TMP/out")" = '[3,2,1,2]' ] ||
	fail "what was delivered"
cat "$TMP/lies/"posted.* >"$TMP/all"
cmp "$TMP/many" "$TMP/all" || fail "cut elsewhere than between statements"
for f in "$TMP/lies"/posted.*; do
	[ "$(stat -c %s "$f")" -le 4194304 ] || fail "a POST over 4 MiB"
done

exec 7>&-
wait "$middle"
