#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 42-export: the desk's outgoing side with the real program: every message is
# acknowledged once, officers reply, an export says it all in one file that
# somebody else's reader holds against the formats, and an import finds out
# what has come of it.  The mirrors come from tests/e2e/mkmirror.c, which can
# lie as no honest server would.
. "$(dirname "$0")/lib.sh"

MK=$B/e2e/mkmirror
BOX=$TOP/tests/e2e/outbox.py
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
cd "$TMP"
vkey=d/public/office.vkey

desk() {
	ecrdesk --passphrase-file pass "$@"
}

# epoch MIRROR AGO - standard input is mkmirror's script
epoch() {
	"$MK" "$1" d "$(($(date +%s) - $2))" 0 >made 2>&1 ||
	    fail "mkmirror: $(cat made)"
}

# queried FILTER WANTED FILE
queried() {
	got=$(jq -c "$1" <"$3") || fail "jq: $1"
	[ "$got" = "$2" ] || fail "$3: $1 is $got, not $2"
}

# check OUTBOX - by another reader; to $TMP/box
check() {
	python3 "$BOX" check "$vkey" "$1" >box || fail "$1 is not well formed"
}

# opened SEQUENCE WHO - what that reporter finds in the split replies of a
# statement: plain-* files; prints how many
opened() {
	rm -f plain-*
	mkdir -p "who$2"
	"$MK" mailbox d "$2" "who$2"
	n=0
	for f in split/"$1".reply-*; do
		got=0
		ecrdesk age-decrypt -i "who$2/id.txt" \
		    -o "plain-$(printf %03d "${f##*-}")" "$f" 2>>quiet ||
		    got=$?
		[ $got -ne 0 ] || n=$((n + 1))
	done
	echo $n
}

echo 'correct horse battery staple' >pass
echo '{"submission":"retaliation","text":"first words","language":"fr"}' >fr
echo '{"submission":"misconduct","text":"a long thing"}' >en
echo '{"submission":"advice","text":"a question","language":"xx"}' >xx
echo '{"text":"and this"}' >more
head -c 130000 /dev/urandom >bytes

# --- what comes too early -----------------------------------------------------
expect 0 desk -d d init -o ecr.example.org --kdf-memory 8
mkdir k
"$MK" keys k d
expect 78 desk -d d export out.box
says 'trusts no log yet'
expect 0 desk -d d trust -l k/log.vkey
expect 78 desk -d d export out.box
says 'nothing was imported yet'
[ ! -e out.box ] || fail "a refused export left a file"
expect 66 desk -d d reply K7QF -f en
says 'no such case'
cp -R d before

# --- acknowledgements ------------------------------------------------------------
epoch m 400000 <<END
report 1 1 good fr
report 2 1 good en bytes
cover 9
END
expect 0 desk -d d import m --json
queried .acknowledgements 2 out
epoch m 300000 <<END
follow-up 1 2 good more
report 3 1 good en
END
expect 0 desk -d d import m --json
queried .acknowledgements 2 out
expect 0 desk -d d import m --json
queried .acknowledgements 0 out
expect 0 desk -d d list --json
queried 'map(.messages) | sort' '[1,1,2]' out
queried 'map(.answers == .messages) | unique' '[true]' out
queried 'map(.answered) | unique' '[false]' out
one=$(jq -r '.[] | select(.language == "fr") | .case' <out)
two=$(jq -r '.[] | select(.attachments == 1) | .case' <out)
# Every acknowledgement makes the entry of its first part, and proves it.
expect 0 desk -d d show "$two" --json
jq '.answers[0].reply' <out >ack.json
python3 - k/log.vkey ack.json <<'END'
import base64, hashlib, json, sys
a = json.load(open(sys.argv[2]))
lines = a["proof"].split("\n")
assert lines[0] == "c2sp.org/tlog-proof@v1"
i = int(lines[1].split()[1])
gap = lines.index("")
path = [base64.b64decode(x) for x in lines[2:gap]]
origin, size, root = lines[gap + 1:gap + 4]
assert i == a["leaves"][0] and len(a["leaves"]) == 3
h = lambda *p: hashlib.sha256(b"".join(p)).digest()
node = h(b"\0\1", a["epoch"].to_bytes(8, "big"), bytes.fromhex(a["parcel"]))
fn, sn = i, int(size) - 1
for p in path:
    if fn & 1 or fn == sn:
        node = h(b"\1", p, node)
        while not fn & 1 and fn:
            fn, sn = fn >> 1, sn >> 1
    else:
        node = h(b"\1", node, p)
    fn, sn = fn >> 1, sn >> 1
assert sn == 0 and node == base64.b64decode(root), "the proof does not hold"
assert origin == open(sys.argv[1]).read().split("+")[0]
assert a["kind"] == "acknowledgement" and "questions" not in a
for k in ("case", "date", "text", "status", "next", "message"):
    assert a[k], k
END

# --- replies ------------------------------------------------------------------------
printf '\r\n  Dear reporter,\r\n\tthank you. \n\n' >text
expect 0 desk -d d reply "$one" -f text --status 'being read' \
    --next 2999-12-31 --question 'Who else was there?' --question 'When?'
{ echo 'a very long answer'; base64 -w 60 bytes | head -c 40000; } >long
expect 0 desk -d d reply "${two#ECR-}" -f long
printf 'from standard input' | desk -q -d d reply "$one" -f - ||
    fail "reply -f -"
expect 0 desk -d d show "$one" --json
queried '.answers[2].reply | [.kind,.text,.questions,.status,.next]' \
    '["answer","Dear reporter,\n\tthank you.",["Who else was there?","When?"],"being read","2999-12-31"]' out
expect 0 desk -d d outgoing --json
queried '.answers | map(.state) | unique' '["queued"]' out
queried '.answers | length' 7 out

printf '\n \n' >empty
printf 'a\033[31mb' >hostile
printf 'a\377' >broken
for f in empty hostile broken; do
	expect 65 desk -d d reply "$one" -f $f
done
head -c 300000 /dev/zero | tr '\0' x >huge
expect 65 desk -d d reply "$one" -f huge
expect 66 desk -d d reply "$one" -f nowhere
expect 64 desk -d d reply "$one" -f text --next 2020-01-01
expect 64 desk -d d reply "$one" -f text --next soon
expect 64 desk -d d reply "$one" -f text --question ' '
expect 64 desk -d d reply "$one" -f text --status 'two
lines'
expect 64 ecrdesk -d d --passphrase-file - reply "$one" -f -
expect 64 desk -d d reply "$one"
says 'no terminal'
expect 0 desk -d d outgoing --json
queried '.answers | length' 7 out

# In an editor: nothing of it is left anywhere but in the store.
cat >ed <<END
#!/bin/sh
df . | grep -q tmpfs || exit 3
echo "\$PWD" >"$TMP/where"
echo "swap of the editor" >.swap
echo "written in an editor" >"\$1"
[ ! -e "$TMP/wait" ] || { echo >"$TMP/began"; exec sleep 60; }
END
chmod 700 ed
cat >talk <<END
END
EDITOR=$TMP/ed VISUAL='' expect 0 python3 "$TOP/tests/e2e/talk.py" talk \
    ecrdesk --passphrase-file pass -d d reply "$one"
[ ! -e "$(cat where)" ] || fail "the editor's folder is still there"
expect 0 desk -d d show "$one" --json
queried '.answers[-1].reply.text' '"written in an editor"' out
touch wait
EDITOR=$TMP/ed VISUAL='' python3 "$TOP/tests/e2e/talk.py" talk \
    ecrdesk --passphrase-file pass -d d reply "$one" >said 2>&1 &
talker=$!
while [ ! -e began ]; do
	kill -0 $talker || fail "the editor never began"
	sleep 0.05
done
kill -TERM "$(ps -o pid= --ppid $talker)"
got=0
wait $talker || got=$?
[ $got -eq 73 ] || fail "an editor that was ended: $got, $(cat said)"
[ ! -e "$(cat where)" ] || fail "a signal leaves the editor's folder"
# Killed without a word it leaves one, without an editor; the next removes it.
rm began
EDITOR=$TMP/ed VISUAL='' python3 "$TOP/tests/e2e/talk.py" talk \
    ecrdesk --passphrase-file pass -d d reply "$one" >said 2>&1 &
talker=$!
while [ ! -e began ]; do
	kill -0 $talker || fail "the editor never began"
	sleep 0.05
done
kill -KILL "$(ps -o pid= --ppid $talker)"
wait $talker || :
left=$(cat where)
[ -e "$left" ] || fail "who has removed $left?"
rm wait
EDITOR=$TMP/ed VISUAL='' expect 0 python3 "$TOP/tests/e2e/talk.py" talk \
    ecrdesk --passphrase-file pass -d d reply "$one"
[ ! -e "$left" ] || fail "what a killed reply left is still there"
for word in 'very long answer' 'thank you' 'written in an' 'Your report'; do
	! grep -rqaF "$word" d || fail "'$word' lies in the desk in clear"
done

# --- the outbox -----------------------------------------------------------------------
expect 0 desk -d d export out.box --json
queried '[.new_statements,.answers,.statements]' '[1,9,1]' out
check out.box
queried 'map([.sequence,.size,.erase,.drop,.origin])' \
    '[[1,15,0,0,"drop.example.org/log"]]' box
[ "$(jq '.[0].replies % 4' <box)" -eq 0 ] || fail "not a multiple of four"
[ "$(jq '.[0].replies' <box)" -ge 14 ] || fail "too few replies"
[ "$(jq -r '.[0].root' <box)" = "$(sed -n 3p m/log/checkpoint)" ] ||
    fail "another root than the log's"
[ "$(jq -r '.[0].keyset' <box)" = \
    "$(sha256sum <d/public/keyset | cut -d' ' -f1)" ] || fail "the keyset"
mkdir split
python3 "$BOX" split out.box split
# Reporter 1: two acknowledgements, four answers, in the order of writing.
[ "$(opened 1 1)" -eq 6 ] || fail "reporter 1 opens $(opened 1 1)"
for f in plain-*; do
	python3 "$BOX" join "$vkey" who1/to.txt "$f" | jq -r .text | head -1
done >texts
sed -e 's/ .*//' texts | tr '\n' ' ' | grep -qx 'Votre Ce Dear from written written ' ||
    fail "the order: $(cat texts)"
# Reporter 2: an acknowledgement, and one answer in seven parts or so.
opened 1 2 >/dev/null
parts='' acks=0
for f in plain-*; do
	if python3 "$BOX" join "$vkey" who2/to.txt "$f" >one 2>>quiet; then
		acks=$((acks + 1))
	else
		parts="$parts $f"
	fi
done
[ $acks -eq 1 ] || fail "not one short reply: $acks"
# shellcheck disable=SC2086
python3 "$BOX" join "$vkey" who2/to.txt $parts | jq -j .text >got
[ "$(cat got)" = "$(cat long)" ] || fail "the long answer came out changed"
# shellcheck disable=SC2086
! python3 "$BOX" join "$vkey" who1/to.txt $parts 2>>quiet ||
    fail "addressed to anybody"

# Again, and elsewhere: the same bytes; then one more behind them.
expect 0 desk -d d export again.box
cmp out.box again.box || fail "a repeated export differs"
expect 0 desk -d d export -
cmp out.box out || fail "standard output has something else, too"
expect 73 desk -d d export nowhere/out.box
expect 0 desk -d d reply "$one" -f text
expect 0 desk -d d export more.box
check more.box
queried 'map([.sequence,.keyset_bytes > 0])' '[[1,true],[2,false]]' box
python3 "$BOX" cut more.box 1 first.box
cmp first.box out.box || fail "what was exported is not said again"

# --- killed at any time, sequences neither skip nor fork ---------------------------------
mkdir seen
for t in 0.03 0.06 0.08 0.10 0.11 0.12 0.13 0.14 0.15 0.16 0.18 0.2; do
	echo "an answer at $t" | desk -q -d d reply "$one" -f -
	rm -f kill.box
	timeout -s KILL $t ecrdesk --passphrase-file pass -d d export \
	    kill.box >quiet 2>&1 || :
	[ ! -e kill.box ] || mv kill.box seen/$t
done
expect 0 desk -d d export seen/last
check seen/last
queried 'map(.sequence) == [range(1; length + 1)]' true box
for f in seen/*; do
	n=$(wc -c <"$f")
	head -c "$n" seen/last | cmp - "$f" || fail "$f: another past"
done
expect 0 desk -d d show "$one" --json
queried '[.answers[].reply.text | select(startswith("an answer"))] | length' \
    12 out

# --- what the log says of them -------------------------------------------------------------
cp -R d early
epoch m 200000 <<END
cover 2
outbox seen/last
END
made=$(jq length <box)
mkdir gone
mv m/statements/"$(jq -r '.[0].sha256' <box)" gone/
expect 1 desk -d d import m
says "missing: statements/$(jq -r '.[0].sha256' <box)"
sed 's/^0$/1/' gone/* >m/statements/"$(jq -r '.[0].sha256' <box)"
expect 1 desk -d d import m
says "altered: statements/"
cp gone/* m/statements/
expect 0 desk -d d outgoing --json
queried .logged_through 0 out
cp -R m old
expect 0 desk -d d import m --json
queried '[.statements_logged,.foreign_statement]' "[$made,0]" out
expect 0 desk -d d outgoing --json
queried '[.logged_through,.last_statement,(.answers | length)]' \
    "[$made,$made,0]" out
expect 0 desk -d d list --json
queried "map(select(.case == \"$one\"))[0].answered" true out
expect 0 desk -d d show "$one"
says 'delivered to the server' out

# Only what the log lacks goes out, and the log's own growth is news.
expect 0 desk -d d export out.box --json
queried '[.new_statements,.statements]' '[1,1]' out
check out.box
queried 'map([.sequence,.keyset_bytes])' "[[$((made + 1)),0]]" box

# Statements of others, no statements at all, and forged ones.
expect 0 desk -d alt init -o ecr.example.org -r alternate --kdf-memory 8
expect 0 desk -d alt trust -l k/log.vkey
expect 0 desk -d alt import old
expect 0 desk -d alt export alt.box
python3 "$BOX" check alt/public/office.vkey alt.box >quiet ||
    fail "the alternate's outbox"
python3 "$BOX" split alt.box split
sed "1s/alternate/office/" split/1.statement >forged
cp d/public/keyset nostatement
echo garbage >garbage
epoch m 100000 <<END
outbox out.box
statement split/1.statement
statement forged
statement nostatement
statement garbage
END
expect 0 desk -d d import m --json
queried '[.statements_logged,.statements_of_other_roles,.foreign_statement]' \
    '[1,1,0]' out
queried '.problems | map(has("statement"))' '[true,true,true]' out

# --- an older copy of the desk ---------------------------------------------------------------
# Nothing of the log that it lacks is believed to be its own.
expect 1 desk -d d import old
says 'An old mirror?'
cp -R before lost
expect 0 desk -d lost import m --json
queried '[.new_cases,.foreign_statement,.statements_logged]' \
    "[3,$((made + 1)),0]" out
expect 78 desk -d lost export lost.box
says 'did not make it'
[ ! -e lost.box ] || fail "a refused export left a file"
# This one had made them all but the last.
expect 0 desk -d early import m --json
queried '[.foreign_statement,.statements_logged]' "[$((made + 1)),$made]" out
expect 78 desk -d early export lost.box
expect 0 desk -d early outgoing --json
queried '[.foreign_statement,.logged_through]' "[$((made + 1)),$made]" out

for name in d early lost alt; do
	expect 0 desk -d $name list
done

# --- without witnesses, and only when told to ------------------------------------------------
cp -R before few
expect 0 desk -d few trust -l k/log.vkey -w k/w1.vkey -w k/w2.vkey -q 2
expect 1 desk -d few import old
says '0 of 2 witnesses'
expect 0 desk -d few log
! grep -q unwitnessed out || fail "it is written down what was not done"
expect 0 desk -d few import old --unwitnessed --json
queried .new_cases 3 out
expect 0 desk -d few log
says 'unwitnessed' out
