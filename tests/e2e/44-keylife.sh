#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The life of a week's secret with the real program: it dies when its time is
# over by the desk's clock and by the log's, and then nobody opens what was
# sealed to it, whatever of the desk they have; until then, whatever clocks,
# servers and sticks do, every report is read.
. "$(dirname "$0")/lib.sh"
MK=$B/e2e/mkmirror
LATER=$B/preload/later.so
cd "$TMP"
day=86400
now=$(date +%s)
echo 'a passphrase for the test' >pass

# The first week's secret is over, by a clock, 36 days from now at the latest.
# desk DIR COMMAND... - at this moment; at SECONDS DIR COMMAND... - later
desk() {
	d=$1
	shift
	ecrdesk -d "$d" --passphrase-file pass "$@"
}
at() {
	later=$1 d=$2
	shift 2
	ASAN_OPTIONS=verify_asan_link_order=0 ECR_LATER=$later \
	    LD_PRELOAD=$LATER ecrdesk -d "$d" --passphrase-file pass "$@"
}
# epoch MIRROR DAYS - what standard input says, sealed to the first week
epoch() {
	"$MK" "$1" first $((now + $2 * day)) 0
}
week() {
	ls "$1/keys" | grep '^week-' | head -1
}

echo '{"submission":"advice","text":"a first question"}' >r.json
echo '{"submission":"advice","text":"a late one"}' >l.json
expect 0 desk d init -o ecr.example.org --kdf-memory 8
mkdir k
"$MK" keys k d
expect 0 desk d trust -l k/log.vkey
cp -r d first		# what was published in this week
first=$(week d)

# --- the plain course ------------------------------------------------------------
mkdir m
epoch m 0 <<'END'
report 1 1 good r.json
cover 3
END
expect 0 desk d import m
[ -e "d/keys/$first" ] || fail "its time is not over"
echo 'cover 2' | epoch m 36
expect 0 at $((36 * day)) d import m
says "the secret $first is destroyed"
[ ! -e "d/keys/$first" ] || fail "the file is still there"
expect 0 at $((36 * day)) d log --json
jq -e --arg k "$first" 'any(.[]; .act == "destroy" and .details.key == $k)' \
    out >/dev/null || fail "the desk log does not say so"

# A thief takes the desk and its passphrase: all of its bytes.
cp -r d thief
python3 - "first/keys/$first" thief <<'END' || fail "the key's bytes are there"
import os, sys
key = open(sys.argv[1], "rb").read()
for folder, _, names in os.walk(sys.argv[2]):
    for name in names:
        data = open(os.path.join(folder, name), "rb").read()
        for i in range(20, len(key) - 12):
            if key[i:i + 12] in data:
                sys.exit(1)
END
expect 0 desk thief identities -o ids
opened=0
for parcel in m/parcels/*; do
	! ecrdesk age-decrypt -i ids -o plain "$parcel" 2>/dev/null ||
	    opened=$((opened + 1))
done
[ $opened -eq 0 ] || fail "$opened parcels of that week open"
# The desk before it was destroyed opens one: the test can tell.
expect 0 desk first identities -o ids.first
for parcel in m/parcels/*; do
	! ecrdesk age-decrypt -i ids.first -o plain "$parcel" 2>/dev/null ||
	    opened=$((opened + 1))
done
[ $opened -eq 1 ] || fail "$opened parcels open with the old keys, not one"
expect 0 desk d list --json
jq -e 'length == 1' out >/dev/null || fail "the case is gone, too"

# --- whatever goes wrong, the report is read ----------------------------------------
# readable DIR MIRROR DAYS SECONDS - a late report, at the desk's own time
readable() {
	[ -e "$1/keys/$first" ] || fail "$1: its secret was destroyed"
	echo 'report 7 1 good l.json' | epoch "$2" "$3"
	expect 0 at "$4" "$1" import "$2"
	expect 0 at "$4" "$1" list --json
	jq -e 'length == 1' out >/dev/null || fail "$1: a report is lost"
}

# A server that stamps the future.
cp -r first future
mkdir m.future
echo 'cover 2' | epoch m.future 4000
expect 0 desk future import m.future
readable future m.future 4001 $day

# A desk whose clock runs years ahead; one that was never set.
for skew in 200000000 -1000000000; do
	rm -rf wrong m.wrong
	cp -r first wrong
	mkdir m.wrong
	echo 'cover 2' | epoch m.wrong 1
	expect 0 at $skew wrong import m.wrong
	readable wrong m.wrong 2 $((2 * day))
done

# A missing body: refused, and no secret dies meanwhile.
cp -r first gap
mkdir m.gap
echo 'report 7 1 good l.json' | epoch m.gap 1
body=$(ls m.gap/parcels)
mv "m.gap/parcels/$body" away
echo 'cover 2' | epoch m.gap 36
expect 1 at $((36 * day)) gap import m.gap
[ -e "gap/keys/$first" ] || fail "gap: its secret was destroyed"
mv away "m.gap/parcels/$body"
expect 0 at $((90 * day)) gap import m.gap
expect 0 desk gap list --json
jq -e 'length == 1' out >/dev/null || fail "gap: the report is lost"
[ ! -e "gap/keys/$first" ] || fail "gap: now it was over"

# Garbage is no reason to keep a secret, nor to lose a report.
cp -r first waste
mkdir m.waste
epoch m.waste 1 <<'END'
garbage
report 3 1 payload r.json
report 4 1 notpart r.json
report 7 1 good l.json
END
echo 'cover 2' | epoch m.waste 36
expect 0 at $((36 * day)) waste import m.waste
expect 0 desk waste list --json
jq -e 'length == 1' out >/dev/null || fail "waste: the report is lost"
[ ! -e "waste/keys/$first" ] || fail "waste: garbage kept a secret alive"

# A slow client: sealed in the first week, in the log three weeks after it.
cp -r first slow
mkdir m.slow
echo 'cover 2' | epoch m.slow 20
readable slow m.slow 27 $((28 * day))

# Nobody imports for a year: not one secret dies.
cp -r first idle
for days in 60 120 365; do
	expect 0 at $((days * day)) idle trust -l k/log.vkey
done
mkdir m.idle
readable idle m.idle 366 $((366 * day))

# --- killed while it destroys -------------------------------------------------------
echo 'cover 1' | epoch m.slow 36
for s in 0.05 0.1 0.15 0.2 0.3; do
	rm -rf killed
	cp -r first killed
	timeout -s KILL $s env ECR_LATER=$((90 * day)) LD_PRELOAD="$LATER" \
	    ASAN_OPTIONS=verify_asan_link_order=0 ecrdesk -d killed \
	    --passphrase-file pass import m.slow >/dev/null 2>&1 || :
	expect 0 at $((90 * day)) killed import m.slow
	expect 0 desk killed list --json
	jq -e 'length == 1' out >/dev/null || fail "killed: a report is lost"
	[ ! -e "killed/keys/$first" ] || fail "killed: the secret is alive"
	[ -z "$(ls killed/keys | grep tmp)" ] || fail "killed: $(ls killed/keys)"
	expect 0 at $((90 * day)) killed log --check
done

# --- new keys at once ------------------------------------------------------------------
cp -r first turned
grep '^key \|^standing ' turned/public/keyset | cut -d' ' -f4 | sort >before
expect 0 desk turned rotate --reason 'the room was open'
grep '^key \|^standing ' turned/public/keyset | cut -d' ' -f4 | sort >after
[ "$(wc -l <after)" -eq 13 ] || fail "not as many keys as before"
[ -z "$(comm -12 before after)" ] || fail "an old key is still published"
mkdir m.turned
readable turned m.turned 1 $day
