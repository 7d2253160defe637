#!/bin/sh
# SPDX-License-Identifier: ISC
#
# ecrdesk age-encrypt and age-decrypt: by themselves, and against the age
# programs of others, both ways: stock age >= 1.3 and npm age-encryption. What
# they seal opens here, and what we seal, a parcel too, opens there.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
B=${B:-build}
case $B in /*) ;; *) B=$top/$B ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/ecrdrop-e2e.XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
E=$B/bin/ecrdesk
missing=

fail() {
	echo "FAIL: $*" >&2
	[ ! -e "$T/err" ] || cat "$T/err" >&2
	exit 1
}

# refuses CODE COMMAND... - and writes no output
refuses() {
	want=$1
	shift
	got=0
	"$@" > "$T/stdout" 2> "$T/err" || got=$?
	[ "$got" -eq "$want" ] || fail "exit $got, not $want: $*"
	[ ! -e "$T/out" ] || fail "left an output: $*"
	[ -z "$(find "$T" -name '*.tmp')" ] || fail "left a temporary file: $*"
}

# same FILE FILE WHAT
same() {
	cmp -s "$1" "$2" || fail "$3"
}

# --- by itself --------------------------------------------------------------
"$B/e2e/mkmirror" parcel "$T"
"$E" age-decrypt -i "$T/id.txt" -o "$T/out" "$T/parcel"
same "$T/out" "$T/plain" "our own parcel"
rm "$T/out"

mkdir "$T/two"
"$B/e2e/mkmirror" parcel "$T/two"
refuses 77 "$E" age-decrypt -i "$T/two/id.txt" -o "$T/out" "$T/parcel"
head -c 40000 "$T/parcel" > "$T/cut"
refuses 65 "$E" age-decrypt -i "$T/id.txt" -o "$T/out" "$T/cut"
refuses 65 "$E" age-decrypt -i "$T/id.txt" -o "$T/out" "$T/plain"
refuses 66 "$E" age-decrypt -i "$T/id.txt" -o "$T/out" "$T/nothing"
refuses 66 "$E" age-decrypt -i "$T/nothing" -o "$T/out" "$T/parcel"
refuses 65 "$E" age-decrypt -i "$T/plain" -o "$T/out" "$T/parcel"
refuses 73 "$E" age-decrypt -i "$T/id.txt" -o "$T/no/out" "$T/parcel"
refuses 64 "$E" age-decrypt -i "$T/id.txt" "$T/parcel"
refuses 64 "$E" age-encrypt -o "$T/out" "$T/parcel"
"$E" age-decrypt -i "$T/two/id.txt" -i "$T/id.txt" -o - - \
    < "$T/parcel" | cmp -s - "$T/plain" || fail "streams"
"$E" age-decrypt -i "$T/id.txt" -o /dev/null "$T/parcel"
[ -c /dev/null ] || fail "/dev/null was replaced"

# --- no room for the output: that is named, not the input ------------------
# full NAME COMMAND...
full() {
	name=$1
	shift
	refuses 73 "$@"
	grep -qF -e "$name: " "$T/err" || fail "is not named: $name"
	! grep -qF -e "$T/parcel" "$T/err" || fail "the input is blamed"
}
full /dev/full "$E" age-decrypt -i "$T/id.txt" -o /dev/full "$T/parcel"
full /dev/full "$E" age-encrypt -R "$T/to.txt" -o /dev/full "$T/parcel"
(
	trap '' XFSZ
	ulimit -f 40
	full "$T/out" "$E" age-decrypt -i "$T/id.txt" -o "$T/out" "$T/parcel"
	full "$T/out" "$E" age-encrypt -R "$T/to.txt" -o "$T/out" "$T/parcel"
) || exit 1
got=0
"$E" age-decrypt -i "$T/id.txt" -o - "$T/parcel" > /dev/full 2> "$T/err" ||
    got=$?
[ "$got" -eq 73 ] || fail "exit $got, not 73: a full standard output"
grep -qF 'standard output: ' "$T/err" || fail "standard output is not named"

# --- killed half-way: no half of a plaintext stays ---------------------------
# On a file system that can make files without a name.
can='import os, sys; os.open(sys.argv[1], os.O_TMPFILE | os.O_WRONLY)'
mkdir "$T/killed"
mkfifo "$T/fifo"
"$E" age-decrypt -i "$T/id.txt" -o "$T/killed/out" "$T/fifo" &
pid=$!
exec 8> "$T/fifo"		# when it has opened its input
head -c 40000 "$T/parcel" >&8
kill -KILL $pid
wait $pid 2> /dev/null || :
exec 8>&-
[ -z "$(ls -A "$T/killed")" ] ||
    ! python3 -c "$can" "$T" 2> /dev/null || fail "left $(ls -A "$T/killed")"

# --- stock age --------------------------------------------------------------
if age=$(tools/peers where age); then
	"$age" -d -i "$T/id.txt" -o "$T/out" "$T/parcel"
	same "$T/out" "$T/plain" "age opens our parcel"
	"${age%age}age-keygen" -pq -o "$T/key" 2> /dev/null
	"${age%age}age-keygen" -y -o "$T/rcp" "$T/key" 2> /dev/null
	"${age%age}age-keygen" -pq -o "$T/key2" 2> /dev/null
	"${age%age}age-keygen" -y "$T/key2" >> "$T/rcp" 2> /dev/null
	for n in 0 1 65535 65536 65537 131072 3000000; do
		head -c $n /dev/urandom > "$T/in"
		"$E" age-encrypt -R "$T/rcp" -o "$T/sealed" "$T/in"
		"$age" -d -i "$T/key2" -o "$T/out" "$T/sealed"
		same "$T/in" "$T/out" "age opens our file of $n bytes"
		"$age" -R "$T/rcp" -o "$T/sealed" "$T/in"
		"$E" age-decrypt -i "$T/key" -o "$T/out" "$T/sealed"
		same "$T/in" "$T/out" "we open age's file of $n bytes"
		rm "$T/out"
	done
	# A damaged end: chunks before it may stream, no file may appear.
	head -c 2000000 "$T/sealed" > "$T/cut"
	refuses 65 "$E" age-decrypt -i "$T/key" -o "$T/out" "$T/cut"
	# Files of others to X25519 keys open too.
	"${age%age}age-keygen" -o "$T/old" 2> /dev/null
	"${age%age}age-keygen" -y -o "$T/oldr" "$T/old" 2> /dev/null
	"$age" -R "$T/oldr" -o "$T/sealed" "$T/in"
	"$E" age-decrypt -i "$T/old" -o "$T/out" "$T/sealed"
	same "$T/in" "$T/out" "an X25519 file"
	rm "$T/out"
	# Any number of recipients.
	i=0
	: > "$T/many"
	while [ $i -lt 40 ]; do
		cat "$T/rcp" >> "$T/many"
		i=$((i + 1))
	done
	"$age" -R "$T/many" -o "$T/sealed" "$T/in"
	"$E" age-decrypt -i "$T/key2" -o "$T/out" "$T/sealed"
	same "$T/in" "$T/out" "eighty stanzas"
	rm "$T/out"
else
	missing="$missing age"
fi

# --- typage -----------------------------------------------------------------
if dir=$(tools/peers where typage); then
	dist=$dir/node_modules/age-encryption/dist/index.js
	typage() {
		node -r ./tests/interop/webcrypto.cjs \
		    tests/interop/typage.mjs "$dist" "$@"
	}
	typage decrypt "$(cat "$T/id.txt")" < "$T/parcel" > "$T/out"
	same "$T/out" "$T/plain" "typage opens our parcel"
	typage keygen > "$T/key"
	typage recipient "$(cat "$T/key")" > "$T/rcp"
	for n in 0 1 65536 200000; do
		head -c $n /dev/urandom > "$T/in"
		"$E" age-encrypt -R "$T/rcp" -o "$T/sealed" "$T/in"
		typage decrypt "$(cat "$T/key")" < "$T/sealed" > "$T/out"
		same "$T/in" "$T/out" "typage opens our file of $n bytes"
		typage encrypt "$(cat "$T/rcp")" < "$T/in" > "$T/sealed"
		"$E" age-decrypt -i "$T/key" -o "$T/out" "$T/sealed"
		same "$T/in" "$T/out" "we open typage's file of $n bytes"
	done
else
	missing="$missing typage"
fi

if [ -n "$missing" ]; then
	echo "*** not at hand, so NOT tested against:$missing" \
	    "(tools/deps check brings them)" >&2
	rm -f "$T/err"
	[ "${CI:-}" != true ] || fail "in CI both must be there"
fi
echo "age tool: all well"
