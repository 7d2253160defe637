#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A handshake and a POST that end at each of their bytes, by FIN, by RST and
# by silence, over TLS and over a Unix socket: see cut.py.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"

server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
epoch-seconds 86400
work-bits 0
slots 300
connections 1000
handshake-seconds 2
head-seconds 2
body-seconds 4
idle-seconds 2
connection-seconds 20
listen plain unix:$TMP/sock
END
server_start

LIMITS=handshake=2,head=2,body=4,slots=300,connections=1000
cut() {
	echo "$*"
	python3 "$TOP/tests/e2e/cut.py" --limits "$LIMITS" "$@" ||
	    fail "see above"
}
cut "unix:$TMP/sock"
cut "unix:$TMP/sock" "https://localhost:$tls" --cacert "$TMP/cert.pem"

server_stop
if grep -vE ': (listening on|ready|running as root|connection-cap)' \
    "$TMP/server.log"; then
	fail "the log says what it should not"
fi
