#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The auditor: a log that holds, and every way in which one does not.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# --- the command line
expect 0 ecraudit --help
says 'usage: ecraudit verify' "$TMP/out"
expect 64 ecraudit
expect 64 ecraudit verify "$TMP"
says 'whose log'
expect 66 ecraudit verify -k "$TMP/none" "$TMP"
echo nonsense >"$TMP/bad.vkey"
expect 65 ecraudit verify -l "$TMP/bad.vkey" "$TMP"

# --- a real server, over TLS and out of a mirror
play_start --epoch 1 --batch 4 --work 0
report() {
	echo '{"submission":"advice","text":"May I keep a pen?"}' >"$TMP/r.json"
	expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" --json "$@"
	digest=$(jq -r '.parcels[-1]' <"$TMP/out")
}
audit() {
	ecraudit verify --cacert "$cacert" "$@"
}
fetch() {
	expect 0 ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    "$1"
}
fetch_until() {
	tries=0
	until [ -f "$TMP/mirror/parcels/$1" ]; do
		fetch "$TMP/mirror"
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || fail "the epoch does not close"
	done
}
expect 66 ecraudit verify -l "$log" "$TMP/nothing"
report --receipt "$TMP/receipt"
expect 0 ecraudit receipt -l "$log" --cacert "$cacert" "$url" "$TMP/receipt"
fetch_until "$digest"
expect 0 audit -l "$log" --state "$TMP/seen" "$url"
says 'the log holds' "$TMP/out"
expect 0 audit -k "$office" --json -t "$token" "$url"
[ "$(jq .bodies <"$TMP/out")" -eq "$(jq .size <"$TMP/out")" ] ||
	fail "not every parcel was read"
cp "$TMP/seen" "$TMP/first"
cp -r "$TMP/mirror" "$TMP/old"
report
fetch_until "$digest"
expect 0 audit -l "$log" --state "$TMP/seen" --json "$url"
[ "$(jq .from <"$TMP/out")" -eq "$(sed -n 2p "$TMP/first")" ] ||
	fail "it did not go on where it was"
cmp -s "$TMP/seen" "$TMP/first" && fail "the state did not move on"
cp "$TMP/first" "$TMP/seen"
expect 0 ecraudit verify -k "$office" --parcels --state "$TMP/seen" \
    "$TMP/mirror"
cmp -s "$TMP/seen" "$TMP/mirror/log/checkpoint" ||
	fail "the state is not the checkpoint"
cp "$TMP/seen" "$TMP/second"

# --- receipts that are honoured
expect 0 ecraudit receipt -l "$log" --cacert "$cacert" --proof "$TMP/p" \
    "$url" "$TMP/receipt"
says 'kept: entry' "$TMP/out"
grep -qx 'c2sp.org/tlog-proof@v1' "$TMP/p" || fail "no proof was written"
expect 0 ecraudit receipt -k "$office" --json "$TMP/mirror" "$TMP/receipt"
[ "$(jq -r '.[0].verdict' <"$TMP/out")" = "in time" ] || fail "not in time"
# More than 4 parts: a file with as many receipts, one walk for all of them.
head -c 300000 /dev/urandom >"$TMP/big"
report --receipt "$TMP/receipts" -a "$TMP/big"
fetch_until "$digest"
expect 0 ecraudit receipt -l "$log" --json --proof "$TMP/p" "$TMP/mirror" \
    "$TMP/receipts"
[ "$(jq length <"$TMP/out")" -eq 6 ] || fail "not six receipts"
[ -f "$TMP/p.6" ] || fail "not six proofs"
sed '2s/^./0/;2s/.$/f/' "$TMP/receipt" >"$TMP/changed"
expect 1 ecraudit receipt -l "$log" "$TMP/mirror" "$TMP/changed"
says 'no receipt of this log'
head -n 3 "$TMP/receipt" >"$TMP/short"
expect 65 ecraudit receipt -l "$log" "$TMP/mirror" "$TMP/short"
expect 77 audit -l "$log" -t "$TMP/bad.vkey" "$url"

# --- a log that was rolled back: an older mirror
expect 1 ecraudit verify -l "$log" --state "$TMP/seen" \
    --evidence "$TMP/e-shorter" "$TMP/old"
says 'shorter'
[ "$(jq -r .what <"$TMP/e-shorter")" = shorter ] || fail "no evidence of it"
cmp -s "$TMP/seen" "$TMP/second" || fail "the state moved"
# What is evidence is never written over.
expect 73 ecraudit verify -l "$log" --state "$TMP/seen" \
    --evidence "$TMP/e-shorter" "$TMP/old"
play_stop

# --- somebody at work on the mirror: each act named
size=$(sed -n 2p "$TMP/mirror/log/checkpoint")
tamper() {
	rm -rf "$TMP/m"
	cp -r "$TMP/mirror" "$TMP/m"
}
refused() {
	rm -f "$TMP/e"
	expect 1 ecraudit verify -l "$log" $bodies --evidence "$TMP/e" "$TMP/m"
	says "$1"
}
flip() {
	python3 -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(int(sys.argv[2])); c = f.read(1)
f.seek(int(sys.argv[2])); f.write(bytes([c[0] ^ 1]))' "$TMP/m/$1" "$2"
}
bundle=$(cd "$TMP/mirror" && find log/tile/entries -type f | sort | tail -n 1)
tile=$(cd "$TMP/mirror" && find log/tile/0 -type f | sort | tail -n 1)
parcel=$(cd "$TMP/mirror" && find parcels -type f | sort | tail -n 1)
bodies=--parcels
tamper; rm "$TMP/m/$parcel"; refused "$parcel"
tamper; flip "$parcel" 40000; refused "$parcel is not what"
tamper; truncate -s 65519 "$TMP/m/$parcel"; refused "$parcel"
bodies=
tamper; rm "$TMP/m/$bundle"; refused "$bundle is not there"
tamper; truncate -s -43 "$TMP/m/$bundle"; refused "$bundle does not have the length"
tamper; flip "$bundle" 0; refused "malformed"
tamper; flip "$bundle" 42; refused "$bundle holds an entry that the log has not"
tamper; flip "$tile" 5; refused "$tile holds hashes"
tamper; rm "$TMP/m/$tile"; refused "$tile is not there"
[ "$(jq -r .what <"$TMP/e")" = served ] || fail "no evidence of it"
tamper	# two entries change places
python3 - "$TMP/m/$bundle" <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[:43], b[43:86] = b[43:86], b[:43]
open(sys.argv[1], "wb").write(b)
END
refused "out of order"
tamper	# one entry stands twice
python3 - "$TMP/m/$bundle" <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[43:86] = b[:43]
open(sys.argv[1], "wb").write(b)
END
refused "stands twice"
tamper; flip log/checkpoint 60; refused "not signed by the log"
tamper; sed -i "2s/.*/$((size - 1))/" "$TMP/m/log/checkpoint"
refused "not signed by the log"

# --- a file of evidence in the hands of somebody who was not there
rechecked() {		# VERDICT EXIT WHAT FILE
	expect "$2" ecraudit evidence -l "$TMP/log.vkey" --json "$4"
	[ "$(jq -r '.what, .verdict' <"$TMP/out" | tr '\n' ' ')" = "$3 $1 " ] ||
		fail "$3: not $1 but $(cat "$TMP/out")"
	expect "$2" ecraudit evidence "$4"
	says "$1: " "$TMP/out"
	says 'comes from the file itself' "$TMP/out"
}
# spoilt WHAT PYTHON - a copy of the evidence e that no longer shows it
spoilt() {
	python3 -c "import base64, json, sys
e = json.load(open(sys.argv[1]))
$2
json.dump(e, open(sys.argv[2], 'w'))" "$1" "$TMP/spoilt"
	got=0
	ecraudit evidence "$TMP/spoilt" >"$TMP/out" 2>"$TMP/err" || got=$?
	case $got in
	1|65) ;;
	*) cat "$TMP/out" "$TMP/err" >&2; fail "spoilt, and $got: $2" ;;
	esac
}

# --- a log that signs what it must not: made with a log key of our own
epoch() {		# MIRROR CLOSE WITNESSES COVER
	echo "cover $4" | "$B/e2e/mkmirror" "$1" "$desk" "$2" "$3" ||
		fail "mkmirror"
}
verify() {
	rm -f "$TMP/e"
	cp "$TMP/base" "$TMP/seen"
	expect "$1" ecraudit verify -l "$TMP/log.vkey" --state "$TMP/seen" \
	    --evidence "$TMP/e" "$2"
}
"$B/e2e/mkmirror" keys "$TMP" "$desk" || fail "mkmirror keys"
epoch "$TMP/a" 1000 0 300
honest=$(cd "$TMP/a/parcels" && for p in *; do echo "$p"; break; done)
cp -r "$TMP/a" "$TMP/b"
epoch "$TMP/a" 2000 0 20
epoch "$TMP/b" 2000 0 20
cp "$TMP/a/log/checkpoint" "$TMP/base"
verify 0 "$TMP/a"
verify 1 "$TMP/b"	# two trees of one size
says 'two different trees'
rechecked convicts 0 fork "$TMP/e"
epoch "$TMP/b" 3000 0 30
verify 1 "$TMP/b"	# a longer one that does not extend it
says 'does not extend'
[ "$(jq -r .what <"$TMP/e")" = fork ] || fail "no evidence of the fork"
python3 "$here/fork.py" "$TMP/e" || fail "the evidence does not convince"
rechecked convicts 0 fork "$TMP/e"
verify 0 "$TMP/a"

# --- receipts that are not
receipt() {		# HEX CLOSE
	"$B/e2e/mkmirror" receipt "$desk" "$1" "$2" >"$TMP/rc" ||
		fail "mkmirror receipt"
}
never=$(echo never | sha256sum | cut -d' ' -f1)
receipt "$honest" 1000
expect 0 ecraudit receipt -l "$TMP/log.vkey" "$TMP/a" "$TMP/rc"
says 'kept: entry' "$TMP/out"
receipt "$honest" 999	# promised for an earlier close than it got
expect 0 ecraudit receipt -l "$TMP/log.vkey" "$TMP/a" "$TMP/rc"
says 'late' "$TMP/out"
receipt "$never" 2000	# nothing of a later close is there yet
expect 0 ecraudit receipt -l "$TMP/log.vkey" "$TMP/a" "$TMP/rc"
says 'not yet due' "$TMP/out"
receipt "$never" 1000
expect 1 ecraudit receipt -l "$TMP/log.vkey" --evidence "$TMP/broken" \
    "$TMP/a" "$TMP/rc"
says 'broken promise'
says 'broken: promised for' "$TMP/out"
python3 "$here/broken.py" "$TMP/broken" || fail "the evidence does not convince"
rechecked convicts 0 receipt "$TMP/broken"
expect 1 ecraudit receipt -l "$TMP/log.vkey" --json "$TMP/a" "$TMP/rc"
[ "$(jq -r '.[0].verdict' <"$TMP/out")" = broken ] || fail "not in the JSON"

# --- witnesses
cp -r "$TMP/a" "$TMP/w"
epoch "$TMP/w" 4000 1 5
expect 0 ecraudit verify -l "$TMP/log.vkey" -w "$TMP/w1.vkey" "$TMP/w"
# A promise of an epoch in the middle: the entry before it is in the evidence.
receipt "$never" 2000
expect 1 ecraudit receipt -l "$TMP/log.vkey" --evidence "$TMP/middle" \
    "$TMP/w" "$TMP/rc"
[ "$(jq -r .before <"$TMP/middle")" != AAAAAAAAAAA= ] || fail "all is in it"
python3 "$here/broken.py" "$TMP/middle" || fail "the evidence does not convince"
rechecked convicts 0 receipt "$TMP/middle"
# A log that stands still: cosigned a day later, and nothing came.
cp -r "$TMP/w" "$TMP/still"
"$B/e2e/mkmirror" "$TMP/still" "$desk" 200000 1 </dev/null || fail mkmirror
receipt "$never" 5000
expect 1 ecraudit receipt -l "$TMP/log.vkey" -w "$TMP/w1.vkey" \
    --evidence "$TMP/standing" "$TMP/still" "$TMP/rc"
says 'a day after the close'
expect 0 ecraudit evidence -w "$TMP/w1.vkey" "$TMP/standing"
says 'convicts: a day after' "$TMP/out"
expect 1 ecraudit evidence "$TMP/standing"
expect 1 ecraudit verify -l "$TMP/log.vkey" -w "$TMP/w1.vkey" \
    -w "$TMP/w2.vkey" "$TMP/w"
says '1 of the 2'
expect 0 ecraudit verify -l "$TMP/log.vkey" -w "$TMP/w1.vkey" \
    -w "$TMP/w2.vkey" --quorum 1 "$TMP/w"
"$B/e2e/mkmirror" twin "$TMP/w1.vkey" >"$TMP/twin.vkey" || fail "mkmirror twin"
expect 64 ecraudit verify -l "$TMP/log.vkey" -w "$TMP/w1.vkey" \
    -w "$TMP/twin.vkey" "$TMP/w"
says 'named already'

# --- answers that show nothing: no finding, whatever words are around them
static() {		# DIR [CUT [STATUS PART]]
	rm -f "$TMP/static.in" "$TMP/static.out"
	mkfifo "$TMP/static.in" "$TMP/static.out"
	python3 "$here/static.py" "$@" <"$TMP/static.in" \
	    >"$TMP/static.out" 2>/dev/null &
	server=$!
	exec 7>"$TMP/static.in" 8<"$TMP/static.out"
	IFS= read -r port <&8
	at=http://127.0.0.1:$port
}
static_stop() {
	exec 7>&- 8<&-
	wait "$server"
	server=
}
epoch "$TMP/one" 1000 0 1	# tiles that are shorter than any such words
for status in 204 301 400 429 500 502 503; do
	static "$TMP/one" -1 $status /tile/
	expect 69 ecraudit verify -l "$TMP/log.vkey" --tries 1 "$at"
	static_stop
done
static "$TMP/one" -1 403 /tile/
expect 77 ecraudit verify -l "$TMP/log.vkey" --tries 1 "$at"
static_stop
static "$TMP/one" -1 404 /tile/
expect 1 ecraudit verify -l "$TMP/log.vkey" --tries 1 "$at"
says 'is not there'
static_stop
# A partial tile that is gone, with a 404 that is longer than it was.
expect 0 ecraudit verify -l "$TMP/log.vkey" --state "$TMP/one.seen" "$TMP/one"
cp -r "$TMP/one" "$TMP/two"
epoch "$TMP/two" 2000 0 256
rm "$TMP/two/log/tile/0/000.p/1" "$TMP/two/log/tile/entries/000.p/1"
static "$TMP/two"
expect 0 ecraudit verify -l "$TMP/log.vkey" --tries 1 \
    --state "$TMP/one.seen" "$at"
static_stop

# --- a past that a receipt's state knows, too
receipt "$honest" 1000
for other in b a; do
	expect 0 ecraudit verify -l "$TMP/log.vkey" --state "$TMP/$other.seen" \
	    "$TMP/$other"
done
cp -r "$TMP/a" "$TMP/long"
epoch "$TMP/long" 5000 0 30
refused_receipt() {	# STATE MIRROR WHAT
	rm -f "$TMP/e"
	expect 1 ecraudit receipt -l "$TMP/log.vkey" --state "$1" \
	    --evidence "$TMP/e" "$2" "$TMP/rc"
	[ "$(jq -r .what <"$TMP/e")" = "$3" ] || fail "no evidence of $3"
}
refused_receipt "$TMP/b.seen" "$TMP/a" shorter
rechecked shows 0 shorter "$TMP/e"
refused_receipt "$TMP/b.seen" "$TMP/long" fork
expect 0 ecraudit receipt -l "$TMP/log.vkey" --state "$TMP/a.seen" \
    "$TMP/long" "$TMP/rc"

# --- somebody falls silent once it gets tight: what was seen stays seen
receipt "$never" 1000
requests=$(($(find "$TMP/a/log" -type f | wc -l) + 1))
static "$TMP/a" $requests
rm -f "$TMP/e"
expect 1 ecraudit receipt -l "$TMP/log.vkey" --tries 1 --evidence "$TMP/e" \
    "$at" "$TMP/rc"
says 'broken promise'
static_stop
cp "$TMP/base" "$TMP/seen"
static "$TMP/b" 8
expect 1 ecraudit verify -l "$TMP/log.vkey" --tries 1 --state "$TMP/seen" \
    --evidence "$TMP/e" "$at"
static_stop
[ "$(jq -r .what <"$TMP/e")" = served ] || fail "no evidence of the past"

# --- what an entry names is gone: said, and written down
bodies=--parcels
tamper; rm "$TMP/m/$parcel"; refused "$parcel is not there"
[ "$(jq -r .name <"$TMP/e")" = "$parcel" ] || fail "no evidence of the parcel"
rm -f "$TMP/e"
expect 1 ecraudit verify -l "$TMP/log.vkey" -w "$TMP/w2.vkey" \
    --evidence "$TMP/e" "$TMP/w"
[ "$(jq -r .name <"$TMP/e")" = log/checkpoint ] || fail "no evidence of it"

# --- a watch without a state remembers, too: another log in the same place
cp -r "$TMP/one" "$TMP/other"
epoch "$TMP/other" 6000 0 500
for next in one other; do
	static "$TMP/a" then "$TMP/$next"
	rm -f "$TMP/e"
	expect 1 timeout 60 ecraudit verify -l "$TMP/log.vkey" --watch \
	    --every 1 --tries 1 --evidence "$TMP/e" "$at"
	static_stop
done
[ "$(jq -r .what <"$TMP/e")" = fork ] || fail "the watch saw no fork"

# --- evidence that was tampered with convinces nobody
rechecked convicts 0 fork "$TMP/e"
mv "$TMP/e" "$TMP/fork"
spoilt "$TMP/fork" "e['earlier'] = e['checkpoint']"
spoilt "$TMP/fork" "e['begins'] = base64.b64encode(bytes(32)).decode()"
spoilt "$TMP/fork" "e['begins'] = e['earlier'].split(chr(10))[2]"
spoilt "$TMP/fork" "e['consistency'] = e['consistency'][1:]"
spoilt "$TMP/fork" "e['consistency'] *= 9"
spoilt "$TMP/fork" "e['checkpoint'] = e['checkpoint'].replace('0', '1', 1)"
spoilt "$TMP/fork" "del e['earlier']"
spoilt "$TMP/fork" "e['v'] = 2"
spoilt "$TMP/fork" "e['what'] = 'receipt'"
spoilt "$TMP/broken" "e['entries'] = e['entries'][1:]"
spoilt "$TMP/broken" "e['entries'] = e['entries'][:-1]"
spoilt "$TMP/broken" "e['before'] = base64.b64encode(bytes(7) + bytes([1]) * 33).decode()"
spoilt "$TMP/broken" "e['entries'] *= 2"
spoilt "$TMP/broken" "e['receipt'] = e['receipt'].replace('1000', '9999')"
spoilt "$TMP/broken" "e['log'] = e['log'][:-2] + 'A='"
receipt "$honest" 1000
cp "$TMP/rc" "$TMP/kept"
spoilt "$TMP/broken" "e['receipt'] = open('$TMP/kept').read()"
# What an honest log holds, hidden in the tree before the entries.
spoilt "$TMP/broken" "import hashlib
e['receipt'] = open('$TMP/kept').read()
b = base64.b64decode(e['before'])
n, stack = int.from_bytes(b[:8], 'big'), [b[i:i + 32]
    for i in range(8, len(b), 32)]
while int.from_bytes(base64.b64decode(e['entries'][0])[1:9], 'big') <= 1000:
    h = hashlib.sha256(bytes(1) + base64.b64decode(e['entries'].pop(0)))
    stack.append(h.digest())
    n += 1
    for i in range((n & -n).bit_length() - 1):
        top = stack.pop()
        stack.append(hashlib.sha256(bytes([1]) + stack.pop() + top).digest())
e['before'] = base64.b64encode(n.to_bytes(8, 'big') + b''.join(stack)).decode()"
says 'one may be left out' "$TMP/out"
expect 65 ecraudit evidence -l "$TMP/log.vkey" "$TMP/rc"
expect 66 ecraudit evidence -l "$TMP/log.vkey" "$TMP/none"
expect 64 ecraudit evidence -k "$TMP/log.vkey" "$TMP/fork"
tamper; rm "$TMP/m/$tile"; bodies=; refused "$tile is not there"
expect 1 ecraudit evidence "$TMP/e"
says 'tells: ' "$TMP/out"

# --- a log that stands still is said to
expect 0 ecraudit verify -l "$TMP/log.vkey" --json "$TMP/long"
says 'stands still'
[ "$(jq .stale <"$TMP/out")" = true ] || fail "not stale"
expect 0 ecraudit verify -l "$TMP/log.vkey" "$TMP/long"
says 'too long ago' "$TMP/out"
