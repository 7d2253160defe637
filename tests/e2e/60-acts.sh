#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every forbidden act, tried in the living roles of the real server.
. "$(dirname "$0")/lib.sh"

[ "$(uname -m)" = x86_64 ] || skip "it speaks to x86-64 alone"
if nm "$B/bin/ecrdropd" | grep -q __asan_init; then
	skip "sanitizers ask the kernel for more; the plain build is tried"
fi

server_init
echo 'slots 4' >>"$TMP/conf"
mkdir "$TMP/outside"
code=0
"$B/e2e/acts" "$TMP/conf" "$TMP/data" "$TMP/outside" >"$TMP/acts" 2>&1 ||
    code=$?
grep -v '^ok' "$TMP/acts" || :
[ $code -eq 0 ] || fail "acts: $code"

# No less than that must have been tried, and nothing have come of it.
for role in front store parent; do
	n=$(grep -c "^ok  $role" "$TMP/acts")
	[ "$n" -ge 100 ] || fail "only $n acts in the $role"
done
[ "$(cat "$TMP/outside/outside")" = whole ] || fail "a file was changed"
[ ! -e "$TMP/outside/created" ] || fail "a file was made"
[ "$(stat -c %a "$TMP/outside/outside")" = 600 ] || fail "its mode"
