#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Deadlines against those who take their time, and what is left when there
# are no connections, descriptors or memory any more: see limits.py.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"

server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
epoch-seconds 86400
work-bits 0
slots 8
connections 100
handshake-seconds 2
head-seconds 2
body-seconds 3
idle-seconds 2
connection-seconds 5
listen plain unix:$TMP/sock
END
server_start

front=$(roles front)
tests='deadlines connections descriptors memory'
if grep -q __asan_init "$B/bin/ecrdropd"; then
	tests='deadlines connections descriptors'	# it maps terabytes
fi
# shellcheck disable=SC2086
python3 "$TOP/tests/e2e/limits.py" --cacert "$TMP/cert.pem" --front "$front" \
    --limits handshake=2,head=2,body=3,idle=2,connection=5,connections=100 \
    "https://localhost:$tls" "unix:$TMP/sock" $tests || fail "see above"
[ "$(roles front)" = "$front" ] || fail "the front has ended"

server_stop
if grep -vE ': (listening on|ready|running as root|connection-cap|slots-out)' \
    "$TMP/server.log"; then
	fail "the log says what it should not"
fi
