#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A doubt about the clock holds closes back over restarts; confirm-clock ends
# it beside a server that runs and beside one that does not, also a doubt
# that arose when the clock was far ahead.
. "$(dirname "$0")/lib.sh"

server_init
echo 'epoch-seconds 1' >>"$TMP/conf"

# healthy STATUS - until /health has it, and its reason
healthy() {
	while [ "$(near /health)" != "$1" ]; do
		sleep 0.1
	done
}

doubt() {
	printf 'ecrdrop/clock/v1\n%s\n' "$1" >"$TMP/data/clock-doubt"
	chmod 600 "$TMP/data/clock-doubt"
}

for when in 1700000000 4102444800; do
	doubt $when			# long ago; in the year 2100
	server_start
	[ "$(near /health)" = 503 ] || fail "a doubt of $when is not heard"
	says 'ahead' "$TMP/body"
	expect 0 ecrdropd confirm-clock -c "$TMP/conf"
	healthy 200
	[ ! -e "$TMP/data/clock-doubt" ] || fail "the doubt stays on disk"
	server_stop

	doubt $when
	expect 0 ecrdropd confirm-clock -c "$TMP/conf"
	server_start
	[ "$(near /health)" = 200 ] || fail "a doubt of $when lives on"
	close=$(curl -sS "http://127.0.0.1:$plain/policy" | jq .epoch_close)
	while [ "$(curl -sS "http://127.0.0.1:$plain/policy" |
	    jq .epoch_close)" -eq "$close" ]; do
		sleep 0.1
	done
	server_stop
done
