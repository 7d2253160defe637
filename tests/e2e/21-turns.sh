#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Nobody's requests shut out anybody else's: a few clients that ask without
# pause, and beside them one that asks once in a while; then the server stops
# while they go on, and must not stumble over whose turn it was.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"

server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
echo 'epoch-seconds 3600' >>"$TMP/conf"

for round in 1 2 3 4; do
	: >"$TMP/server.log"
	server_start
	expect 0 python3 "$TOP/tests/e2e/turns.py" "$plain" "$server"
	server_wait 0
	if grep -F '[err]' "$TMP/server.log"; then
		fail "round $round: the loop found an event where it was not"
	fi
done
