#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 55-large-log: memory does not grow with the log, and a visit goes on where
# the last one ended: ten thousand entries, seventy thousand, a million.
. "$(dirname "$0")/lib.sh"

grep -q __asan_init "$B/bin/ecraudit" &&
	skip "sanitizers hold memory of their own"

# audit EXIT OPTION... - and the most memory that it held, in KiB, to $peak
audit() {
	want=$1
	shift
	python3 - "$TMP/out" "$TMP/err" ecraudit verify -l "$TMP/log.vkey" \
	    "$@" "$TMP/mirror" >"$TMP/peak" <<'END'
import resource, subprocess, sys
with open(sys.argv[1], "wb") as out, open(sys.argv[2], "wb") as err:
    code = subprocess.run(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=out,
                          stderr=err).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
	read -r got peak <"$TMP/peak"
	[ "$got" -eq "$want" ] || { cat "$TMP/err" >&2; fail "exit code $got"; }
}

grown() {		# ENTRIES FROM
	"$B/e2e/mklog" "$TMP/mirror" "$1" >"$TMP/log.vkey" || fail "mklog"
	audit 0 --state "$TMP/seen" --json
	[ "$(jq -c '[.size, .from]' <"$TMP/out")" = "[$1,$2]" ] ||
		fail "$(cat "$TMP/out")"
}

grown 10000 0
small=$peak
grown 70000 10000
grown 1000000 70000
audit 0 --all --state "$TMP/seen" --json
[ "$(jq .from <"$TMP/out")" = 0 ] || fail "it did not begin anew"
large=$peak
echo "KiB at most: $small with 10,000 entries, $large with 1,000,000"
[ "$large" -le $((small + 2048)) ] || fail "memory grows with the log"

# --- one bit of one of a million, in front of what was seen and behind it
flip() {
	python3 -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(77); c = f.read(1)
f.seek(77); f.write(bytes([c[0] ^ 1]))' "$TMP/mirror/log/tile/$1"
}
flip entries/x002/345
audit 1
says 'log/tile/entries/x002/345'
flip entries/x002/345
flip 0/x003/333
audit 1 --all --state "$TMP/seen"
says 'log/tile/0/x003/333'
flip 0/x003/333
flip 1/007
audit 1
says 'log/tile/1/007'
