#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A whole conversation: report, acknowledgement, answer, follow-up, second
# answer; and what a server can and cannot do to whoever looks for answers.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
play_start --epoch 1 --batch 4 --work 0
unset LC_ALL LC_MESSAGES LANG LANGUAGE

drop() {
	command=$1
	shift
	ecrdrop "$command" -s "$url" -k "$office" --cacert "$cacert" "$@"
}
desk() {
	ecrdesk -q -d "$desk" --passphrase-file "$passphrase" "$@"
}
fetch() {
	ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" --json "$TMP/mirror"
}
# carry FILE - until the parcels that FILE (ecrdrop's JSON) names are at the desk
carry() {
	for d in $(jq -r '.parcels[]' "$1"); do
		until [ -f "$TMP/mirror/parcels/$d" ]; do
			expect 0 fetch
			sleep 0.1
		done
	done
	expect 0 desk import "$TMP/mirror"
}
# publish - the desk's words, until everybody is served them
publish() {
	expect 0 desk export "$TMP/outbox"
	before=$(curl -sS --cacert "$cacert" "$url/replies" | sha256sum)
	expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
	    --json "$TMP/outbox"
	[ "$(jq .taken <"$TMP/out")" -ge 1 ] || fail "nothing was new"
	until [ "$(curl -sS --cacert "$cacert" "$url/replies" |
	    sha256sum)" != "$before" ]; do
		sleep 0.1
	done
}
# check FILE - the answers to the codename in it, as JSON
check() {
	expect 0 drop check --json --codename-file "$1"
	cp "$TMP/out" "$TMP/seen.json"
}
seen() {
	got=$(jq -r "$1" <"$TMP/seen.json")
	[ "$got" = "$2" ] || fail "$1 is $got, not $2"
}

# --- two reporters, of whom one is answered
head -c 100000 /dev/urandom >"$TMP/blob"
head -c 90000 /dev/urandom >"$TMP/more"
echo '{"submission":"misconduct","category":"gifts","text":"A watch."}' \
    >"$TMP/r.json"
expect 0 drop report -f "$TMP/r.json" -a "$TMP/blob" --json
cp "$TMP/out" "$TMP/mine.json"
jq -r .codename "$TMP/mine.json" >"$TMP/mine"
echo '{"submission":"advice","text":"May I?"}' >"$TMP/q.json"
expect 0 drop report -f "$TMP/q.json" --json
cp "$TMP/out" "$TMP/yours.json"
jq -r .codename "$TMP/yours.json" >"$TMP/yours"
curl -sS --cacert "$cacert" "$url/keyset" >"$TMP/keyset.first"

check "$TMP/mine"
seen '.answers | length' 0
expect 0 drop check --codename-file "$TMP/mine"
says 'has not answered anybody here yet' "$TMP/out"
carry "$TMP/mine.json"
carry "$TMP/yours.json"
case=$(desk list --json | jq -r '.[] | select(.submission == "misconduct").case')
head -c 30000 /dev/zero | tr '\0' 'x' | fold -w 70 >"$TMP/long"
printf 'left \342\200\256to right\n' >>"$TMP/long"
printf 'Lodged: by 1999-01-01\n' >>"$TMP/long"	# our own words are not theirs
# A reply that says nothing is sent nobody; this one takes five parts.
expect 0 desk reply "$case" -f "$TMP/long" --question 'Which shop?' \
    --question 'Who saw it?' --status 'being looked into' --next 2027-01-31
publish
check "$TMP/mine"
seen '.answers | length' 2
seen '.answers[0].kind' acknowledgement
seen '.answers[0].case' "$case"
seen '.answers[0].lodged.proof' proved
seen '.answers[0].lodged.parts' 2
seen '.answers[1].kind' answer
seen '.answers[1].questions | length' 2
seen '.answers[1].status' 'being looked into'
seen '.answers[1].next' 2027-01-31
jq -r '.answers[1].text' <"$TMP/seen.json" >"$TMP/text"
jq -e '[.. | strings | select(test("[0-9]{2}:[0-9]{2}"))] == []' \
    <"$TMP/seen.json" >/dev/null || fail "a time of day"
[ "$(tr -d '\n' <"$TMP/text" | tr -cd x | wc -c)" -eq 30000 ] ||
	fail "the long text did not come whole"
seen '.withheld + .incomplete + .refused' 0
check "$TMP/yours"
seen '.answers | length' 1
seen '.answers[0].kind' acknowledgement

# On the screen: in order, nothing that turns lines around, no time of day.
expect 0 drop check --codename-file "$TMP/mine"
says 'acknowledgement' "$TMP/out"
says '1. Which shop?' "$TMP/out"
says 'Status: being looked into' "$TMP/out"
says 'Next:   by 2027-01-31' "$TMP/out"
says 'the proof that came with this answer holds' "$TMP/out"
says 'left <U+202E>to right' "$TMP/out"
[ "$(grep -c '^Lodged: by' "$TMP/out")" -eq 1 ] ||
	fail "the office's words look like what was checked"
grep -qE '[0-9]{2}:[0-9]{2}' "$TMP/out" && fail "a time of day"

# --- the words: forgiving, and told what is wrong
tr 'a-z ' 'A-Z-' <"$TMP/mine" | drop check --json >"$TMP/out" ||
	fail "capitals and hyphens, from standard input"
tr ' ' '\n' <"$TMP/mine" | cut -c1-4 | drop check --json >"$TMP/out" ||
	fail "four letters of each"
sed 's/^[a-z]*/zzzz/' "$TMP/mine" >"$TMP/bad"
expect 65 drop check --codename-file "$TMP/bad"
says 'word 1 is not in the list'
cut -d' ' -f1-11 "$TMP/mine" >"$TMP/bad"
expect 65 drop check --codename-file "$TMP/bad"
says 'twelve words, these are 11'
expect 66 drop check --codename-file "$TMP/none"
# Two words changed: the checksum finds it, most of the time.
slips=0
for i in 2 3 4 5 6 7 8 9; do
	awk -v i=$i '{ t = $1; $1 = $i; $i = t; print }' "$TMP/mine" >"$TMP/bad"
	drop check --codename-file "$TMP/bad" >"$TMP/out" 2>"$TMP/err" ||
		slips=$((slips + 1))
done
[ $slips -ge 4 ] || fail "only $slips of 8 slips were found"
grep -qFf "$TMP/mine" "$TMP/err" && fail "the words were repeated"

# On a terminal: a slip, then the words in two lines.
cat >"$TMP/script" <<END
twelve words: => zzzz $(cut -d' ' -f2- "$TMP/mine")
word 1 is not in the list => $(cut -d' ' -f1-5 "$TMP/mine")
and the others: => $(cut -d' ' -f6- "$TMP/mine")
END
python3 "$here/talk.py" "$TMP/script" ecrdrop check -s "$url" -k "$office" \
    --cacert "$cacert" >"$TMP/seen" 2>"$TMP/err" </dev/null ||
	fail "on a terminal"
says 'Which shop?' "$TMP/seen"

# --- what the server sees: check, report and follow-up begin alike
mkdir "$TMP/lies"
mkfifo "$TMP/middle.in"
: >"$TMP/middle.log"
python3 "$here/middle.py" "$TMP/lies" "$TMP/middle.log" "$url" "$cacert" \
    <"$TMP/middle.in" >"$TMP/middle.port" &
middle=$!
exec 7>"$TMP/middle.in"
until [ -s "$TMP/middle.port" ]; do sleep 0.02; done
middle_url=http://127.0.0.1:$(cat "$TMP/middle.port")
through() {
	command=$1
	shift
	: >"$TMP/middle.log"
	expect "$code" ecrdrop "$command" -s "$middle_url" -k "$office" "$@"
	cp "$TMP/middle.log" "$TMP/requests.$command"
}
code=0
through check --codename-file "$TMP/mine"
through report -f "$TMP/q.json"
echo '{"text":"The shop is on the left."}' >"$TMP/f.json"
through follow-up -f "$TMP/f.json" --codename-file "$TMP/mine" --json
cp "$TMP/out" "$TMP/first.json"
cmp "$TMP/requests.report" "$TMP/requests.follow-up" ||
	fail "a follow-up can be told from a report"
head -n 3 "$TMP/requests.report" | cmp - "$TMP/requests.check" ||
	fail "who looks for answers can be told from who begins a report"
[ "$(wc -l <"$TMP/requests.check")" -eq 3 ] || fail "more than three requests"
[ "$(grep -c '^POST /parcels 65520 ' "$TMP/requests.report")" -eq 1 ] ||
	fail "one parcel"

# --- the follow-ups join the case, the second with a file
expect 64 drop follow-up -f "$TMP/f.json" -f "$TMP/f.json"
expect 64 drop report -f "$TMP/q.json" --codename-file "$TMP/mine"
says 'report takes no --codename-file'
expect 64 drop check --codename-file "$TMP/mine" --proof "$TMP/proof"
echo '{"text":"x","exclude_office":true}' >"$TMP/ex.json"
expect 65 drop follow-up -f "$TMP/ex.json" --codename-file "$TMP/mine"
says 'make a new report'
echo '{"submission":"advice"}' >"$TMP/ex.json"
expect 65 drop follow-up -f "$TMP/ex.json" --codename-file "$TMP/mine"
expect 73 drop follow-up -f "$TMP/f.json" --codename-file "$TMP/mine" \
    --receipt "$TMP/mine"
# A follow-up on a terminal asks less.
cat >"$TMP/script" <<END
twelve words: => $(cat "$TMP/mine")
What do you want to tell the office => It was in May.
>  => .
at risk because of this? => 2
attach files => (Enter)
Type a number to change => s
END
python3 "$here/talk.py" "$TMP/script" ecrdrop follow-up -s "$url" \
    -k "$office" --cacert "$cacert" >"$TMP/seen" 2>"$TMP/err" </dev/null ||
	fail "a follow-up on a terminal"
says 'joins your earlier report' "$TMP/seen"
drop follow-up -f - --codename-file "$TMP/mine" -a "$TMP/more" \
    --receipt "$TMP/receipt" --json <"$TMP/f.json" >"$TMP/second.json" \
    2>"$TMP/err" || fail "a follow-up from standard input"
[ "$(jq '.parcels | length' "$TMP/second.json")" -eq 2 ] || fail "two parts"
grep -q '/receipt$' "$TMP/receipt" || fail "no receipt"
jq -e 'has("codename") | not' "$TMP/second.json" >/dev/null ||
	fail "the codename is repeated"
carry "$TMP/first.json"
carry "$TMP/second.json"
expect 0 desk show "$case" --json
[ "$(jq '.messages | length' <"$TMP/out")" -eq 4 ] || fail "not four messages"
cp "$TMP/out" "$TMP/case.json"
says 'It was in May.' "$TMP/case.json"
expect 0 desk attachments "$case" "$TMP/files"
for f in "$TMP/files"/*; do
	cmp -s "$f" "$TMP/more" && found=yes
done
[ "${found:-}" = yes ] || fail "the attachment did not arrive"
echo 'Thank you, we found it.' >"$TMP/answer"
expect 0 desk reply "$case" -f "$TMP/answer"
expect 0 desk rotate --reason 'a laptop was left on a train'
publish
check "$TMP/mine"
seen '.answers[-1].text' 'Thank you, we found it.'
seen '[.answers[] | select(.lodged != null and .lodged.proof != "proved")] | length' 0
seen '.answers[0].kind' acknowledgement
check "$TMP/yours"
seen '.answers | length' 1

# --- a server that lies.  What is true is shown all the same.
curl -sS --cacert "$cacert" "$url/replies" >"$TMP/replies"
lie() {
	rm -f "$TMP/lies"/*
	cp "$TMP/replies" "$TMP/lies/replies"
}
# the length of the first statement, and where the second ends
first=$((0x$(od -An -v -tx1 -j4 -N4 "$TMP/replies" | tr -d ' ')))
second=$((0x$(od -An -v -tx1 -j$((8 + first)) -N4 "$TMP/replies" | tr -d ' ')))
count=$((0x$(od -An -v -tx1 -N4 "$TMP/replies" | tr -d ' ')))
[ "$count" -eq 2 ] || fail "$count statements"
code=1
lie		# every reply but the last: one after the other, altered
size=$(stat -c %s "$TMP/replies")
at=$((8 + first + 4 + second))
while [ $at -lt $((size - 8176)) ]; do
	printf 'x' | dd of="$TMP/lies/replies" bs=1 seek=$((at + 4000)) \
	    conv=notrunc status=none
	at=$((at + 8176))
done
through check --codename-file "$TMP/mine" --json
says 'withholds or has lost them'
[ "$(jq .withheld <"$TMP/out")" -eq $(((size - 8 - first - 4 - second) / 8176 - 1)) ] ||
	fail "how many are withheld"
lie		# a statement's words
printf '9' | dd of="$TMP/lies/replies" bs=1 conv=notrunc status=none \
    seek=$((8 + $(sed -n '1{s/^.*\(playground\)/\1/;p;q}' \
    "$TMP/replies" | tr -d '\0' | wc -c)))
through check --codename-file "$TMP/mine"
through report -f "$TMP/q.json"
says 'nothing was sent'
grep -q '^POST' "$TMP/requests.report" && fail "it was sent"
lie		# the two statements change places, with their replies
named=$(tail -c +9 "$TMP/replies" | head -c "$first" | sed -n 10p)
behind=$((8 + first + 4 + second))
{
	head -c 4 "$TMP/replies"
	tail -c +$((8 + first + 1)) "$TMP/replies" | head -c $((4 + second))
	tail -c +5 "$TMP/replies" | head -c $((4 + first))
	tail -c +$((behind + named * 8176 + 1)) "$TMP/replies"
	tail -c +$((behind + 1)) "$TMP/replies" | head -c $((named * 8176))
} >"$TMP/lies/replies"
through check --codename-file "$TMP/mine" --json
says 'do not follow one another'
[ "$(jq '.answers | length' <"$TMP/out")" -ge 3 ] ||
	fail "what was signed is not shown"
[ "$(jq .withheld <"$TMP/out")" -eq 0 ] || fail "all of them are there"
lie		# no statement at all, or cut off: then the keys are not believed
: >"$TMP/lies/replies"
through check --codename-file "$TMP/mine"
says 'not the ones that the office has stated'
lie		# an older keyset of the office's
cp "$TMP/keyset.first" "$TMP/lies/keyset"
through check --codename-file "$TMP/mine" --json
says 'not the ones that the office has stated'
[ "$(jq '.answers | length' <"$TMP/out")" -ge 3 ] ||
	fail "the office's answers are its own, whatever the keys"
[ "$(jq -r '.answers[0].lodged.proof' <"$TMP/out")" = unchecked ] ||
	fail "checked with keys that do not count"
through report -f "$TMP/q.json"
says 'nothing was sent'
code=65
lie
truncate -s -1 "$TMP/lies/replies"
through check --codename-file "$TMP/mine"
says 'malformed'
lie
printf '\377\377\377\377' | dd of="$TMP/lies/replies" conv=notrunc status=none
through check --codename-file "$TMP/mine"
code=0
rm -f "$TMP/lies"/*	# an epoch closed between two answers: it asks again
cp "$TMP/keyset.first" "$TMP/lies/keyset.once"
through check --codename-file "$TMP/mine"
[ "$(cut -d' ' -f2 "$TMP/requests.check" | tr '\n' ' ')" = \
    '/policy /keyset /replies /keyset /replies ' ] || fail "how it asks again"
cp "$TMP/keyset.first" "$TMP/lies/keyset.once"
through report -f "$TMP/q.json"
lie		# what it served before: nobody without a memory can tell
through check --codename-file "$TMP/mine"
exec 7>&-
wait "$middle"

# --- another office's codename, and no server
expect 64 drop check -s "$url" --codename-file "$TMP/mine"
expect 64 ecrdrop check -k "$office" --codename-file "$TMP/mine"
play_stop
expect 69 drop check --codename-file "$TMP/mine"
