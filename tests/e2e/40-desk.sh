#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The officer's desk with the real program: made, trusting a log, importing
# mirrors good, damaged and hostile, killed while it works, and shown what it
# filed. The mirrors come from tests/e2e/mkmirror.c, which can lie as no
# honest server would.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
B=${B:-build}
case $B in /*) ;; *) B=$top/$B ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/ecrdrop-e2e.XXXXXX")
export LC_ALL=C
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
MK=$B/e2e/mkmirror
cd "$T"

fail() {
	echo "FAIL: $*" >&2
	[ ! -e "$T/err" ] || cat "$T/err" >&2
	exit 1
}

# desk ARGUMENT...
desk() {
	"$B/bin/ecrdesk" --passphrase-file pass "$@"
}

# exits CODE WORDS COMMAND... - the exit code, and what is said
exits() {
	want=$1
	words=$2
	shift 2
	got=0
	"$@" > out 2> err || got=$?
	[ "$got" -eq "$want" ] || fail "exit $got, not $want: $*"
	[ -z "$words" ] || grep -qF -e "$words" out err ||
	    fail "does not say '$words': $*"
}

echo 'correct horse battery staple' > pass
echo 'incorrect horse' > wrong

# --- making a desk ----------------------------------------------------------
exits 64 '-o OFFICE' desk -d d init
exits 64 'no space' desk -d d init -o 'two words'
exits 64 'a role is' desk -d d init -o ecr.example.org -r chief
exits 64 '--kdf-memory' desk -d d init -o ecr.example.org --kdf-memory 7
[ ! -e d ] || fail "a refused init left something"
exits 0 '' desk -d d init -o ecr.example.org --kdf-memory 8
exits 73 'overwritten' desk -d d init -o ecr.example.org --kdf-memory 8
[ "$(ls d | tr '\n' ' ')" = 'cases desk keys lock public ' ] ||
    fail "the desk's folder: $(ls d)"
[ -z "$(find d -perm /077)" ] || fail "others can read: $(find d -perm /077)"
[ "$(grep -c '^key ' d/public/keyset)" -eq 12 ] || fail "not 12 weeks"
grep -q '^standing ' d/public/keyset || fail "no standing key"
grep -q '^quorum 0$' d/public/keyset || fail "a quorum from nowhere"
exits 77 'wrong passphrase' "$B/bin/ecrdesk" -d d list --passphrase-file wrong
exits 0 '' "$B/bin/ecrdesk" -d d list --passphrase-file - < pass
exits 66 'is not a desk' desk -d "$T" list

# Killed half-way, it leaves a folder that the next one takes away.
mkdir kill
for s in 0.02 0.05 0.08 0.12 0.2; do
	timeout --foreground -s KILL $s "$B/bin/ecrdesk" --passphrase-file pass \
	    -d kill/d init -o ecr.example.org --kdf-memory 8 2> /dev/null || :
	[ ! -e kill/d ] || exits 0 '[]' desk -d kill/d list --json
	rm -rf kill/d
done
exits 0 '' desk -d kill/d init -o ecr.example.org --kdf-memory 8
[ "$(ls -A kill)" = d ] || fail "init leaves: $(ls -A kill)"

# A passphrase from a terminal, asked for twice when it is new.
TALK=$top/tests/e2e/talk.py
cat > asks <<'END'
New passphrase => one good long phrase
once more => one good long phrase
END
exits 0 '' python3 "$TALK" asks "$B/bin/ecrdesk" -d dt init \
    -o ecr.example.org --kdf-memory 8
! grep -q 'good long' out || fail "the passphrase is echoed"
echo 'Passphrase => one good long phrase' > asks
exits 0 'submission' python3 "$TALK" asks "$B/bin/ecrdesk" -d dt list
echo 'Passphrase => one bad long phrase' > asks
exits 77 'wrong passphrase' python3 "$TALK" asks "$B/bin/ecrdesk" -d dt list
cat > asks <<'END'
New passphrase => one good long phrase
once more => another good phrase
END
exits 65 'differ' python3 "$TALK" asks "$B/bin/ecrdesk" -d dt2 init \
    -o ecr.example.org
[ ! -e dt2 ] || fail "a desk without a passphrase"

# --- trust ------------------------------------------------------------------
mkdir k
"$MK" keys k d
exits 78 'trusts no log yet' desk -d d import k
exits 65 'not that of a log' desk -d d trust -l k/w1.vkey
exits 65 'not one verifier key' desk -d d trust -l pass
exits 64 'number from 0' desk -d d trust -l k/log.vkey -w k/w1.vkey -q 2
rm "$(ls d/keys/week-* | tail -1)"
sum=$(cat "$(ls d/keys/week-* | head -1)" | sha256sum)
exits 0 'cosignatures of 2 witnesses' desk -d d trust -l k/log.vkey \
    -w k/w1.vkey -w k/w2.vkey -q 2
[ "$(grep -c '^key ' d/public/keyset)" -eq 12 ] || fail "the weeks ran out"
[ "$(cat "$(ls d/keys/week-* | head -1)" | sha256sum)" = "$sum" ] ||
    fail "a secret was made anew"
grep -q '^log drop.example.org/log+' d/public/keyset || fail "no log pinned"
[ "$(grep -c '^witness ' d/public/keyset)" -eq 2 ] || fail "no witnesses"
grep -q '^quorum 2$' d/public/keyset || fail "no quorum"
sed -n 2p d/public/keyset | grep -qx 1 || fail "the sequence moved"

# The same key under two names is one witness: refused, nothing is pinned.
mkdir alt
desk -q -d alt/d init -o ecr.example.org -r alternate --kdf-memory 8
grep -q '^ecr.example.org/alternate+' alt/d/public/office.vkey ||
    fail "the alternate's key"
sed -n 1p alt/d/public/keyset | grep -qx 'ecr.example.org/keyset/alternate' ||
    fail "the alternate's keyset"
cp alt/d/public/keyset alt/before
"$MK" twin k/w1.vkey > k/twin.vkey
exits 65 '' desk -d alt/d trust -l k/log.vkey -w k/w1.vkey -w k/twin.vkey -q 2
cmp -s alt/before alt/d/public/keyset || fail "a bad keyset was published"
exits 78 'trusts no log yet' desk -d alt/d import k

# --- an epoch with everything in it -----------------------------------------
cat > r.json <<'END'
{"submission":"misconduct","category":"gifts","language":"fr",
 "text":"Premi\u00e8re ligne\n=== message 7 of 9 ===\n\u001b[2J\u202efin",
 "where":"lyon","persons":[{"name":"A. Person","unit":"B"}],
 "something_new":{"x":[1]}}
END
cat > s.json <<'END'
{"submission":"retaliation","category":"retaliation","text":"They did.",
 "retaliation":{"activity":"report","acts":[{"code":"a","when":"2026-05"}]}}
END
echo '{"text":"one thing more"}' > f.json
head -c 150000 /dev/urandom > picture.jpg
echo note > note.txt
now=$(date +%s)
"$MK" m d $((now - 7200)) 2 <<'END'
report 1 1 good r.json picture.jpg note.txt
report 2 1 good s.json
follow-up 1 2 good f.json note.txt
report 3 1 hash r.json
report 4 1 frame r.json
report 5 1 json r.json
report 6 1 author r.json
report 7 1 attachment r.json picture.jpg
report 8 1 trailing r.json
report 9 1 incomplete r.json picture.jpg
report 10 1 twice r.json
report 11 1 payload r.json
report 12 1 notpart r.json
report 13 1 also r.json
report 15 1 disagree r.json picture.jpg
follow-up 14 1 good f.json
garbage
cover 10
END
cp -r d before

# Not one body may be missing or altered, and each that is, is named.
victim=$(ls m/parcels | sed -n 3p)
other=$(ls m/parcels | sed -n 5p)
cp -r m m.bad
rm "m.bad/parcels/$victim"
printf x | dd of="m.bad/parcels/$other" conv=notrunc 2> /dev/null
exits 1 "missing: parcels/$victim" desk -d d import m.bad
grep -qF "altered: parcels/$other" err || fail "the altered body is not named"
exits 0 '[]' desk -d d list --json
# A checkpoint of somebody else, with fewer witnesses, or none at all.
cp -r m m.few
"$MK" m.few d $((now - 7100)) 1 < /dev/null
exits 1 '1 of 2 witnesses' desk -d d import m.few
sed 's/drop.example.org/evil.example.org/' m/log/checkpoint > \
    m.bad/log/checkpoint
exits 1 'not signed by the log' desk -d d import m.bad
rm m.bad/log/checkpoint
exits 66 'log/checkpoint is missing' desk -d d import m.bad
mkdir m.bad/log/checkpoint
exits 65 'log/checkpoint' desk -d d import m.bad
rmdir m.bad/log/checkpoint
mkfifo m.bad/log/checkpoint
exits 65 'log/checkpoint' timeout 20 "$B/bin/ecrdesk" --passphrase-file pass \
    -d d import m.bad
rm m.bad/log/checkpoint
head -c 600000 /dev/zero > m.bad/log/checkpoint
exits 65 'log/checkpoint' desk -d d import m.bad
# Bundles are not signed: a bad stick is no evidence against the log.
cp m/log/checkpoint m.bad/log/checkpoint
bundle=$(find m.bad/log/tile/entries -type f)
printf x | dd of="$bundle" bs=1 seek=60 conv=notrunc 2> /dev/null
exits 1 'Fetch again' desk -d d import m.bad
! grep -q evidence err || fail "a bad stick is taken for a lie"
exits 66 'no such folder' desk -d d import nowhere
exits 66 'Not a directory' desk -d d import pass
mkfifo pipe
exits 66 'Not a directory' timeout 20 "$B/bin/ecrdesk" \
    --passphrase-file pass -d d import pipe
exits 0 '[]' desk -d d list --json

exits 0 '' desk -d d import m --json
jq -e '.new_cases == 5 and .new_follow_ups == 1 and .repeated == 1 and
    .malformed == 3 and .hostile == 7 and .sealed_to_others == 1 and
    .unopened == 10 and (.incomplete | length) == 1 and
    .incomplete[0].have == 2 and .incomplete[0].parts == 3 and
    (.orphans | length) == 1 and (.problems | length) == 11' out > /dev/null ||
    fail "the counts: $(cat out)"
for why in 'not a parcel' 'payload is damaged' 'not part of a message' \
    'does not know, too' 'disagrees' 'parts promised' 'do not fit' 'cannot be read' \
    'signature does not hold' 'not what the message says'; do
	jq -e --arg w "$why" 'any(.problems[]; .why | contains($w))' out \
	    > /dev/null || fail "not named: $why"
done
jq -r '.problems[].parcel' out | while read -r p; do
	[ -e "m/parcels/$p" ] || fail "no parcel is called $p"
done
exits 0 '0 new cases, 0 new follow-ups' desk -d d import m

# --- what the officer sees --------------------------------------------------
day=$(date -u -d "@$((now - 7200 - 21600))" +%F)
desk -d d list --json > list
jq -e --arg d "$day" 'length == 5 and all(.[]; .kind == "report" and
    .status == "received" and .received == $d and
    (.case | test("^ECR-20[0-9][0-9]-[2-9A-Z]{4}$")))' list > /dev/null ||
    fail "the list: $(cat list)"
case=$(jq -r '.[] | select(.messages == 2).case' list)
[ "$(jq -r '.[] | select(.submission == "retaliation").category' list)" = \
    retaliation ] || fail "the request for protection"
desk -d d list | grep -q "^$case  *report  *misconduct  *gifts  *received" ||
    fail "the table"
desk -d d show "$case" > shown
grep -q 'Gifts, favours, hospitality (gifts)' shown || fail "no label"
grep -q 'unknown field "something_new": {"x":\[1\]}' shown || fail "unknown key"
grep -q '^    === message 7 of 9 ===$' shown || fail "text is not set apart"
grep -q '^=== message 2 of 2: follow-up' shown || fail "no follow-up"
grep -q 'picture.jpg (application/octet-stream, 150000 bytes)' shown ||
    fail "no attachment"
! LC_ALL=C grep -q "$(printf '\033')" shown || fail "an escape got through"
grep -q '<U+001B>\[2J<U+202E>fin' shown || fail "control characters"
exits 0 '' desk -d d show "$case" --json
jq -e --arg c "$case" '.case == $c and .messages[0].message.category ==
    "gifts" and (.messages[0].parts | length) == 3 and
    .messages[1].kind == "follow-up"' out > /dev/null || fail "show --json"
exits 0 "$case" desk -d d show "$(echo "${case#ECR-*-}" | tr A-Z a-z)"
exits 66 'no such case' desk -d d show ECR-2026-ZZZ9
exits 66 'no such case' desk -d d show ../../etc/passwd

desk -d d attachments "$case" files --json > index
for f in picture.jpg note.txt; do
	h=$(sha256sum < $f | cut -d' ' -f1)
	cmp -s "files/$h" $f || fail "$f came out different"
	jq -e --arg n "$f" --arg h "$h" 'any(.[]; .name == $n and
	    .file == $h and .sha256 == $h)' index > /dev/null ||
	    fail "the index has no $f"
done
[ "$(ls files | wc -l)" -eq 2 ] || fail "more files than attachments"
[ -z "$(find files -perm /077)" ] || fail "attachments are open to others"

# --- nobody depends on this program -----------------------------------------
exits 0 'whoever has these 13 keys' desk -d d identities -o ids
exits 73 'is not overwritten' desk -d d identities -o ids
[ "$(stat -c %a ids)" = 600 ] || fail "the identities are open to others"
[ "$(grep -c '^AGE-SECRET-KEY-PQ-1' ids)" -eq 13 ] || fail "not 13 identities"
n=0
for p in m/parcels/*; do
	! "$B/bin/ecrdesk" age-decrypt -i ids -o plain "$p" 2> /dev/null ||
	    n=$((n + 1))
done
[ "$n" -eq 24 ] || fail "$n parcels open with the identities, not 24"

# --- more comes later -------------------------------------------------------
# The missing part never comes, but the orphan's report does.
"$MK" m d $((now - 3600)) 2 <<'END'
report 14 2 good s.json
follow-up 2 2 good f.json
follow-up 1 3 author f.json
cover 5
END
exits 0 '' desk -d d import m --json
jq -e '.new_cases == 1 and .new_follow_ups == 2 and .hostile == 1 and
    (.orphans | length) == 0 and (.incomplete | length) == 1' out \
    > /dev/null || fail "the second import: $(cat out)"
desk -d d list --json > list
jq -e '[.[].messages] | sort == [1, 1, 1, 2, 2, 2]' list > /dev/null ||
    fail "the threads: $(cat list)"

# More goes wrong than is kept by name.
cp -r d dl
cp -r m ml
echo 'litter 1030' | "$MK" ml d $((now - 3000)) 2
exits 0 '' desk -d dl import ml --json
jq -e '.problems_not_named == 6 and (.problems | length) == 1024 and
    .malformed == 1030' out > /dev/null || fail "1030 problems"
echo 'litter 1026' | "$MK" ml d $((now - 2900)) 2
exits 0 '  and 2 more' desk -d dl import ml
exits 0 '0 new cases' desk -d dl import ml
! grep -q more out || fail "said again"

# The log may not be cut back, nor told anew.
exits 1 'An old mirror?' desk -d d import m.few
mkdir other
"$MK" other d $((now - 1800)) 2 <<'END'
cover 200
END
exits 1 'another past' desk -d d import other
exits 78 'cannot change to another' desk -d d trust -l d/public/office.vkey

# --- killed at any point ----------------------------------------------------
# The same desk as before the first import; killed again and again.
"$MK" m d $((now - 600)) 2 <<'END'
report 20 1 good r.json picture.jpg picture.jpg picture.jpg
cover 200
END
rm -rf d1 d2
cp -r before d1
cp -r before d2
desk -d d1 import m > /dev/null
desk -d d1 list --json > want
for ms in 0.02 0.05 0.1 0.15 0.2 0.25 0.3 0.4 0.5; do
	timeout -s KILL $ms "$B/bin/ecrdesk" --passphrase-file pass -d d2 \
	    import m > /dev/null 2>&1 || :
done
exits 0 '' desk -d d2 import m
desk -d d2 list --json > got
cmp -s want got || fail "killed and repeated is not the same: $(diff want got)"
exits 0 '0 new cases, 0 new follow-ups' desk -d d2 import m
jq -r '.[].case' got | while read -r c; do
	desk -d d1 show "$c" > want.case
	desk -d d2 show "$c" > got.case
	cmp -s want.case got.case || fail "$c differs"
done

# One is one.
"$MK" m d $((now - 500)) 2 <<'END'
report 21 1 good s.json
END
exits 0 '1 new case, 0 new follow-ups' desk -d d1 import m
grep -q '^1 new parcel: 1 opened' out || fail "one parcel"
exits 0 '' desk -d d2 import m
desk -d d2 list --json > want

# --- no room on the disk ----------------------------------------------------
rm -rf d2
cp -r before d2
for blocks in 40 200 1000; do
	got=0
	(
		trap '' XFSZ
		ulimit -f $blocks
		desk -d d2 import m
	) > out 2> err || got=$?
	[ "$got" -eq 71 ] || [ "$got" -eq 73 ] ||
	    fail "exit $got with room for $blocks blocks"
done
exits 0 '' desk -d d2 import m
desk -d d2 list --json > got
cmp -s want got || fail "after a full disk it is not the same"

# --- two at once, a damaged store -------------------------------------------
(
	flock 9
	exits 71 'another ecrdesk' desk -d d list
) 9< d/lock
cp -r d broken
size=$(wc -c < broken/cases/data.mdb)
dd if=/dev/zero of=broken/cases/data.mdb bs=4096 seek=4 \
    count=$((size / 4096 - 4)) conv=notrunc 2> /dev/null
got=0
desk -d broken list > out 2> err || got=$?
[ "$got" -ne 0 ] && [ "$got" -lt 128 ] || fail "a damaged store: exit $got"

# Nothing on the disk is readable, and the store tells no names.
! grep -rqaE 'Person|gifts|misconduct|ECR-20|age1pq' d/cases d/keys d/desk ||
    fail "something stands in clear on the desk"
# A secret that is gone is gone: without its file nothing of its week opens.
cp -r before lost
rm lost/keys/week-* lost/keys/standing-*
exits 0 '0 new cases' desk -d lost import m
echo "desk: all well"
