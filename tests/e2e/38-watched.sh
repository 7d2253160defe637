#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What a server sees of a visit: not which role it is for, not what was found,
# not how long somebody reads or types.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
play_start --alternate --epoch 2 --batch 4 --work 0
unset LC_ALL LC_MESSAGES LANG LANGUAGE

mkdir "$TMP/lies"
mkfifo "$TMP/middle.in"
: >"$TMP/middle.log"
: >"$TMP/middle.log.ends"
python3 "$here/middle.py" "$TMP/lies" "$TMP/middle.log" "$url" "$cacert" \
    <"$TMP/middle.in" >"$TMP/middle.port" &
middle=$!
exec 7>"$TMP/middle.in"
until [ -s "$TMP/middle.port" ]; do sleep 0.02; done
middle_url=http://127.0.0.1:$(cat "$TMP/middle.port")

runs=0
# settled - every connection so far has ended; what comes now is counted anew
settled() {
	until [ "$(wc -l <"$TMP/middle.log.ends")" -eq $runs ]; do
		sleep 0.02
	done
	: >"$TMP/middle.log.ends"
	runs=0
}
# through NAME CODE COMMAND... - the requests that it made are in $TMP/NAME
through() {
	name=$1
	want=$2
	command=$3
	shift 3
	: >"$TMP/middle.log"
	rm -f "$TMP/lies"/*.was
	expect "$want" ecrdrop "$command" -s "$middle_url" -k "$office" "$@"
	cp "$TMP/middle.log" "$TMP/$name"
	runs=$((runs + 1))
}
alike() {
	cmp "$TMP/$1" "$TMP/$2" || fail "$1 and $2 can be told apart"
}

# --- a codename of each role, and keysets before and after the first statement
echo '{"submission":"advice","text":"May I?"}' >"$TMP/office.json"
echo '{"submission":"advice","text":"May they?","exclude_office":true}' \
    >"$TMP/alternate.json"
for role in office alternate; do
	through sent.$role 0 report -f "$TMP/$role.json" --json
	jq -r .codename "$TMP/out" >"$TMP/$role"
	jq -r '.parcels[]' "$TMP/out" >>"$TMP/parcels"
done
alike sent.office sent.alternate
curl -sS --cacert "$cacert" "$url/keyset" >"$TMP/keyset.first"
while read -r hex; do
	until [ -f "$TMP/mirror/parcels/$hex" ]; do
		expect 0 ecrcourier fetch -q -s "$url" -t "$token" \
		    --cacert "$cacert" "$TMP/mirror"
		sleep 0.2
	done
done <"$TMP/parcels"
for d in "$desk" "$alternate_desk"; do
	expect 0 ecrdesk -q -d "$d" --passphrase-file "$passphrase" import \
	    "$TMP/mirror"
	expect 0 ecrdesk -q -d "$d" --passphrase-file "$passphrase" rotate \
	    --reason 'a stick was lost'
	expect 0 ecrdesk -q -d "$d" --passphrase-file "$passphrase" export \
	    "$TMP/outbox"
	expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
	    "$TMP/outbox"
done
for role in office alternate; do
	until ecrdrop check -s "$url" -k "$office" --cacert "$cacert" --json \
	    --codename-file "$TMP/$role" 2>"$TMP/err" |
	    jq -e '.answers | length == 1' >"$TMP/out"; do
		sleep 0.2
	done
done
curl -sS --cacert "$cacert" "$url/keyset" >"$TMP/keyset.now"

# --- both roles make the same requests
through check.office 0 check --codename-file "$TMP/office"
through check.alternate 0 check --codename-file "$TMP/alternate"
alike check.office check.alternate
[ "$(wc -l <"$TMP/check.office")" -eq 3 ] || fail "not three requests"

# --- a server that shows one role's old keys, to see who asks again
# mixed OLD - this role's note is that of before
mixed() {
	python3 -c '
import sys
old, first, now = sys.argv[1:]
def notes(path):
    parts = open(path, "rb").read().split(b"\n\n====\n")
    return {p.split(b"\n", 1)[0].rsplit(b"/", 1)[1].decode(): p for p in parts}
was, all = notes(first), notes(now)
assert all[old] != was[old]
all[old] = was[old]
out = b"\n====\n".join(p.rstrip(b"\n") + b"\n" for p in all.values())
sys.stdout.buffer.write(out)
' "$1" "$TMP/keyset.first" "$TMP/keyset.now" >"$TMP/lies/keyset"
}
for old in office alternate; do
	mixed $old
	for role in office alternate; do
		want=0
		[ $role = $old ] && want=1
		through old.$old.$role $want check --json \
		    --codename-file "$TMP/$role"
		[ "$(jq '.answers | length' <"$TMP/out")" -eq 1 ] ||
			fail "the answer was not shown"
	done
	alike old.$old.office old.$old.alternate
	[ "$(wc -l <"$TMP/old.$old.office")" -eq 7 ] ||
		fail "it did not ask again"
done
rm -f "$TMP/lies/keyset"

# --- the connection is gone before anything is looked for, shown or read
settled
mkfifo "$TMP/screen" "$TMP/drain"
python3 -c '
import os, sys
out = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
fill = os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
try:
    while True:
        os.write(fill, b"x")
except BlockingIOError:
    pass
print("full", flush=True)
sys.stdin.read()
os.close(fill)
os.set_blocking(out, True)
while os.read(out, 65536):
    pass
' "$TMP/screen" <"$TMP/drain" >"$TMP/full" &
holder=$!
exec 6>"$TMP/drain"
until [ -s "$TMP/full" ]; do sleep 0.02; done
ecrdrop check -s "$middle_url" -k "$office" --codename-file "$TMP/office" \
    >"$TMP/screen" 2>"$TMP/err" 6>&- 7>&- </dev/null &
reader=$!
waited=0
until [ -s "$TMP/middle.log.ends" ]; do
	# It waits for somebody to read, and ends only then.
	kill -0 $reader || fail "it ended too early"
	waited=$((waited + 1))
	[ $waited -lt 200 ] || fail "it keeps the connection while it shows"
	sleep 0.05
done
kill -0 $reader || fail "it ended too early"
exec 6>&-
wait $reader || fail "check"
wait $holder
[ "$(cat "$TMP/middle.log.ends")" = 3 ] || fail "not one connection"
runs=1

# --- who is asked questions looks like who checks, until there is something
settled
cat >"$TMP/script" <<END
twelve words: => $(cat "$TMP/alternate")
What do you want to tell => It was in May.
>  => .
at risk because of this? => 2
attach files => (Enter)
Type a number to change => s
END
python3 "$here/talk.py" "$TMP/script" ecrdrop follow-up -s "$middle_url" \
    -k "$office" >"$TMP/seen" 2>"$TMP/err" </dev/null ||
	fail "a follow-up on a terminal"
until [ "$(awk '{ n += $1 } END { print n + 0 }' \
    "$TMP/middle.log.ends")" -eq 7 ]; do sleep 0.05; done
[ "$(tr '\n' ' ' <"$TMP/middle.log.ends")" = '3 4 ' ] ||
	fail "the connection stood while questions were asked"

# --- a receipt for an epoch that never closes promises nothing
curl -sS --cacert "$cacert" "$url/policy" >"$TMP/policy"
close=$(jq .epoch_close "$TMP/policy")
jq -c ".epoch_close = $((close + 31536000))" "$TMP/policy" >"$TMP/lies/policy"
through far 78 report -f "$TMP/office.json"
says 'promise nothing'
grep -q '^POST' "$TMP/far" && fail "it was sent"
jq -c '.epoch_seconds = 31536000' "$TMP/policy" >"$TMP/lies/policy"
through far 78 report -f "$TMP/office.json"
rm -f "$TMP/lies/policy"

# --- what went out may have arrived: nobody is told that it did not
echo 'no receipt' >"$TMP/lies/parcels"
through claim 1 report -f "$TMP/office.json"
says 'may be there all the same'
rm -f "$TMP/lies"/parcels*
: >"$TMP/lies/parcels.cut"
: >"$TMP/middle.log"
ecrdrop report -s "$middle_url" -k "$office" -f "$TMP/office.json" \
    >"$TMP/out" 2>"$TMP/err" 7>&- </dev/null &
reader=$!
until grep -q 'sent again' "$TMP/err"; do sleep 0.02; done
kill -TERM $reader
code=0
wait $reader || code=$?
[ $code -eq 69 ] || fail "exit code $code, not 69"
says 'may be there all the same'
rm -f "$TMP/lies"/parcels*
: >"$TMP/lies/policy.cut"
expect 69 ecrdrop report -s "$middle_url" -k "$office" -f "$TMP/office.json"

exec 7>&-
wait "$middle"
play_stop
