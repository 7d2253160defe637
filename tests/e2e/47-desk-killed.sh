#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What cannot be undone, killed before each call that changes the disk: a
# secret's destruction, a case's erasure, new keys, an order to erase.  Each
# time the desk opens again, its log holds, and the same command ends what was
# begun.  Every few calls, in turn; all of them with ECR_ALL=1, which takes
# minutes.
. "$(dirname "$0")/lib.sh"
MK=$B/e2e/mkmirror
cd "$TMP" || exit 1
now=$(date +%s)
echo 'a passphrase for the test' >pass

desk() {
	d=$1
	shift
	ecrdesk -d "$d" --passphrase-file pass "$@"
}
# at SECONDS DIE DIR COMMAND... - later, and killed at that call
at() {
	later=$1 die=$2 d=$3
	shift 3
	ASAN_OPTIONS=verify_asan_link_order=0 ECR_LATER=$later ECR_DIE=$die \
	    LD_PRELOAD="$B/preload/later.so $B/preload/die.so" \
	    ecrdesk -d "$d" --passphrase-file pass "$@"
}
# sound DIR - it opens, its log holds, and nothing half done lies about
sound() {
	expect 0 desk "$1" log --check
	find "$1" -name '*.tmp' >left
	[ ! -s left ] || fail "left behind: $(cat left)"
}
# killed STEP LATER CHECK COMMAND... - at every STEP-th call, then to its end
killed() {
	step=${ECR_ALL:-$1} later_by=$2 check=$3
	shift 3
	n=1 code=137
	while [ $code -eq 137 ]; do
		rm -rf try
		cp -r d try
		code=0
		at "$later_by" $n try "$@" >out 2>err </dev/null || code=$?
		[ $code -eq 137 ] || [ $code -eq 0 ] || {
			cat err >&2
			fail "$*, killed at call $n: exit $code"
		}
		sound try
		$check "$@"
		n=$((n + step))
	done
	[ $n -gt $((2 * step)) ] || fail "never killed: $*"
}

# --- a desk with two cases ------------------------------------------------------
expect 0 desk d init -o ecr.example.org --kdf-memory 8
mkdir k m
"$MK" keys k d
expect 0 desk d trust -l k/log.vkey
head -c 100000 /dev/urandom >a.bin
echo '{"submission":"advice","text":"one"}' >r.json
echo '{"submission":"advice","text":"two"}' >s.json
"$MK" m d "$now" 0 <<'END'
report 1 1 good r.json a.bin
report 2 1 good s.json
cover 2
END
cp -r d first
expect 0 desk d import m
expect 0 desk d export box
expect 0 desk d list --json
case=$(jq -r '.[] | select(.attachments == 1).case' out)
other=$(jq -r '.[] | select(.attachments == 0).case' out)

# --- a case is erased --------------------------------------------------------------
# Either it is all there, or there is nothing of it; then it goes for good.
bytes_gone() {
	python3 - d/cases/data.mdb try/cases/data.mdb <<-'PY' ||
	import struct, sys
	old, new = (open(p, "rb").read() for p in sys.argv[1:])
	# A part is 15 pages whole, after the page's header of 16 bytes.
	part = [old[i + 16:i + 80] for i in range(0, len(old) - 61440 + 1, 4096)
	        if struct.unpack_from("<H", old, i + 10)[0] & 4
	        and struct.unpack_from("<I", old, i + 12)[0] == 15]
	left = [p for p in part if p in new]
	sys.exit(0 if len(part) == 3 and len(left) == 1 else
	         "%d parts, %d left" % (len(part), len(left)))
	PY
	    fail "killed at call $n: its bytes stay"
}
case_whole_or_gone() {
	if desk try show "$case" --json >out 2>err; then
		expect 0 desk try attachments "$case" "try.files"
		[ "$(cat try.files/* | sha256sum)" = "$(sha256sum <a.bin)" ] ||
		    fail "half a case"
		rm -rf try.files
		expect 0 desk try "$@"
	fi
	expect 66 desk try show "$case"
	bytes_gone
	expect 0 desk try show "$other"
	expect 0 desk try erase --compact
	expect 0 desk try import m
	sound try
}
killed 7 0 case_whole_or_gone erase "$case" --reason 'a test' --yes

# --- the store without what was removed ----------------------------------------------
# The old file's bytes go, also where that was killed half way.
tail -c 4096 d/cases/data.mdb >last
n=1 code=137 gone=0
while [ $code -eq 137 ]; do
	rm -rf try
	cp -r d try
	exec 7<try/cases/data.mdb
	code=0
	at 0 $n try erase --compact >out 2>err </dev/null || code=$?
	sound try
	if [ "$(stat -Lc %i /proc/$$/fd/7)" != \
	    "$(stat -c %i try/cases/data.mdb)" ]; then
		gone=$((gone + 1))
		! tail -c 4096 /proc/$$/fd/7 | cmp -s - last ||
		    fail "killed at call $n: the old store's bytes stay"
	fi
	exec 7<&-
	n=$((n + ${ECR_ALL:-6}))
done
[ $gone -gt 2 ] || fail "never killed while the old store went"

# --- what the server may erase -------------------------------------------------------
wish_or_none() {
	expect 0 desk try "$@" --json
	jq -e '.erase_below == 2' out >/dev/null || fail "the wish: $(cat out)"
}
killed 5 0 wish_or_none erase --below 2 --reason 'a test' --yes

# --- new keys -----------------------------------------------------------------------------
keys_whole() {
	expect 0 desk try "$@"
	expect 0 desk try identities -o try.ids
	n_ids=$(grep -c '^AGE-SECRET' try.ids)
	[ "$n_ids" -ge 26 ] || fail "only $n_ids keys"
	rm -f try.ids
	[ "$(grep -c '^key ' try/public/keyset)" -eq 12 ] || fail "the keyset"
	expect 0 desk try import m
}
killed 53 0 keys_whole rotate --reason 'a test'

# --- a secret is destroyed -------------------------------------------------------------------
week=$(cd d/keys && echo week-*)
week=${week%% *}
echo 'cover 1' | "$MK" m first $((now + 40 * 86400)) 0
destroyed_in_the_end() {
	expect 0 at $((40 * 86400)) 0 try "$@"
	[ ! -e "try/keys/$week" ] || fail "the secret is alive"
	expect 0 desk try list --json
	jq -e 'length == 2' out >/dev/null || fail "cases: $(cat out)"
	expect 0 desk try log --json
	jq -e --arg k "$week" 'any(.[]; .act == "destroy" and
	    .details.key == $k)' out >/dev/null || fail "nobody knows of it"
	sound try
}
killed 29 $((40 * 86400)) destroyed_in_the_end import m
