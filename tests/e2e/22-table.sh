#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Every request of the table in tests/vectors/http, over TLS and over a Unix
# socket, whole and in pieces: each answer is the one written down, to the
# byte, and so is what comes of the connection; what is closed is closed with
# close_notify. Nothing of it all is stored.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"

server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
epoch-seconds 86400
work-bits 0
listen plain unix:$TMP/sock
END
server_start

TABLE=$TOP/tests/vectors/http/requests.tsv
[ "$(grep -c "$(printf '\t')" "$TABLE")" -ge 150 ] || fail "a short table"
table() {
	python3 "$TOP/tests/e2e/table.py" "$TABLE" "$@" >"$TMP/result" ||
	    fail "$* $(cat "$TMP/result")"
	echo "$* $(tail -n 1 "$TMP/result")"
}
table "unix:$TMP/sock"
table "unix:$TMP/sock" --pieces 7
table "https://localhost:$tls" --cacert "$TMP/cert.pem"
table "https://localhost:$tls" --cacert "$TMP/cert.pem" --pieces 3

server_stop
if grep -vE ': (listening on|ready|running as root)' "$TMP/server.log"; then
	fail "the log says what it should not"
fi
