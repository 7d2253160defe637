#!/bin/sh
# SPDX-License-Identifier: ISC
#
# TLS as OpenSSL's own client meets it: what is not ours is refused, nothing
# can be resumed, new keys without end shut nobody out. Then what somebody on
# the wire sees of the answers: see wire.py.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"

server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
epoch-seconds 86400
work-bits 1
head-seconds 2
body-seconds 3
idle-seconds 5
slots 4
connection-seconds 60
END
server_start

# client OPTION... - an exchange; its words in $TMP/out
client() {
	printf 'GET /policy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
	    timeout 20 openssl s_client -connect "127.0.0.1:$tls" \
	    -CAfile "$TMP/cert.pem" -ign_eof "$@" \
	    >"$TMP/out" 2>&1 || :
}
taken() {
	client "$@"
	says 'HTTP/1.1 200 OK' "$TMP/out"
}
refused() {	# WORDS OPTION...
	words=$1
	shift
	client "$@"
	says "$words" "$TMP/out"
	! grep -q 'HTTP/1.1' "$TMP/out" || fail "it was answered: $*"
}

taken
says 'Verify return code: 0 (ok)' "$TMP/out"
says 'New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256' "$TMP/out"
! grep -qE 'Session-ID: [0-9A-F]|New Session Ticket' "$TMP/out" ||
	fail "something to be known again by"
for group in X25519 P-256 P-384:X25519 ffdhe2048:P-256; do
	taken -groups $group
done
for group in P-384 P-521 X448 ffdhe2048 ffdhe3072; do
	refused 'alert handshake failure' -groups $group
done
for suite in TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256 \
    TLS_AES_256_GCM_SHA384; do
	taken -ciphersuites $suite
done
for suite in TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256; do
	refused 'alert handshake failure' -ciphersuites $suite
done
for version in tls1 tls1_1 tls1_2; do
	refused 'alert protocol version' -$version -cipher 'ALL:@SECLEVEL=0'
done
taken -alpn http/1.1
taken -alpn h2,http/1.1
refused 'alert no application protocol' -alpn h2
refused 'alert no application protocol' -alpn http/1.0,spdy/3
# No name, another name: who asks for whom is not looked at.
taken -servername elsewhere.example
taken -noservername

# Nothing is kept that a second visit could be known by, and no early data.
client -sess_out "$TMP/session"
if [ -s "$TMP/session" ]; then
	client -sess_in "$TMP/session"
	! grep -q '^Reused' "$TMP/out" || fail "a session was resumed"
fi
printf 'GET /policy HTTP/1.1\r\nHost: x\r\n\r\n' >"$TMP/early"
client -early_data "$TMP/early"
! grep -q 'Early data was accepted' "$TMP/out" || fail "early data"

# New keys without end: three who ask for nothing else, and are read by
# nobody, beside one who is served; then their idle time is over.
flood() {
	yes K | openssl s_client -connect "127.0.0.1:$tls" -quiet \
	    -no_ign_eof >"$TMP/flood$1" 2>&1 || :
	echo "$1" >>"$TMP/ended"
}
: >"$TMP/ended"
for i in 1 2 3; do
	flood $i &
	eval "flood$i=$!"
done
n=0
while [ "$(wc -l <"$TMP/ended")" -lt 3 ]; do
	n=$((n + 1))
	[ $n -lt 400 ] || fail "new keys keep a connection alive"
	[ "$(get /policy)" = 200 ] || fail "not served beside new keys"
done
wait "$flood1" "$flood2" "$flood3" || :
[ $n -ge 1 ] || fail "the flood was over before it began"
! grep -aq 'HTTP/1.1' "$TMP"/flood? || fail "that was no flood of new keys"

wrong=0
python3 "$TOP/tests/e2e/wire.py" "https://localhost:$tls" \
    --cacert "$TMP/cert.pem" "$server" || wrong=1
server_wait 0
[ $wrong -eq 0 ] || fail "see above"
