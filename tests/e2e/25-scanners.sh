#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What sslscan and testssl.sh say of the server, read from their machine
# output: TLS 1.3 and nothing else, our groups and suites and no others, and
# nothing to find fault with but that the certificate is its own issuer.
# With CI=true testssl.sh makes all its checks, else those that are quick.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || skip "no python3"
for tool in sslscan testssl; do
	command -v $tool >/dev/null && continue
	[ "${CI:-}" != true ] || fail "there is no $tool"
	skip "NO $tool here: TLS was not looked at from outside"
done

server_init
# One that does not end so soon that this is found fault with.
openssl req -x509 -key "$TMP/key.pem" -out "$TMP/cert.pem" -days 90 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    2>"$TMP/openssl.log" || fail "openssl"
# They ask much, and wait for nothing.
echo 'idle-seconds 5' >>"$TMP/conf"
echo 'head-seconds 5' >>"$TMP/conf"
server_start

timeout 100 sslscan --no-colour --sni-name=localhost \
    --xml="$TMP/sslscan.xml" "127.0.0.1:$tls" >"$TMP/out" 2>&1 ||
    fail "sslscan: $(cat "$TMP/out")"
python3 "$TOP/tests/e2e/scanners.py" sslscan "$TMP/sslscan.xml" ||
    fail "$(cat "$TMP/out")"

# Protocols, what the server chooses and shows, its headers, its groups: not
# the known faults of others' implementations, nor the walk through each
# suite and each client, which take minutes.
checks='-p -S -h -f'
[ "${CI:-}" != true ] || checks=
# shellcheck disable=SC2086
(cd "$TMP" && timeout 500 testssl --quiet --warnings off --color 0 \
    --nodns none --ip 127.0.0.1 --openssl "$(command -v openssl)" \
    --jsonfile "$TMP/testssl.json" $checks "localhost:$tls") \
    >"$TMP/out" 2>&1 </dev/null || [ -s "$TMP/testssl.json" ] ||
    fail "testssl: $(cat "$TMP/out")"
python3 "$TOP/tests/e2e/scanners.py" testssl "$TMP/testssl.json" ||
    fail "$(cat "$TMP/out")"

server_stop
