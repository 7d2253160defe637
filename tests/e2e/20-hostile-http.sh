#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 20-hostile-http.sh - the real server and clients that mean no good
#
# Two servers at once: one over TLS with short deadlines, one over a Unix
# socket that asks for work at its end. hostile.py does the talking; see
# there for what is tried. Needs python3 and openssl (for a certificate).
set -eu

cd "$(dirname "$0")/../.."
B=${B:-build}
D=$B/bin/ecrdropd
T=$(mktemp -d "${TMPDIR:-/tmp}/ecrdrop-20.XXXXXX")
pids=
cleanup() {
	for p in $pids; do
		kill "$p" 2> /dev/null || :
	done
	wait
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "20-hostile-http: $*" >&2
	for f in "$T"/*.log; do
		[ ! -e "$f" ] || sed "s|^|  ${f##*/}: |" "$f" >&2
	done
	exit 1
}

# waits until a line is in a file, at most 60 s, as long as PID lives
await() {	# PID FILE PATTERN
	n=0
	until grep -q "$3" "$2" 2> /dev/null; do
		kill -0 "$1" 2> /dev/null || fail "$2: ended before '$3'"
		n=$((n + 1))
		[ "$n" -lt 600 ] || fail "$2: no '$3'"
		sleep 0.1	# the pace of looking, nothing waits for it
	done
}

# what all servers here have in common
conf() {	# NAME
	cat <<-END
	data $T/$1
	epoch-seconds 4
	batch 2
	epoch-parcels 256
	fronts 1
	slots 8
	connections 48
	handshake-seconds 2
	head-seconds 3
	body-seconds 5
	idle-seconds 3
	connection-seconds 12
	END
}
LIMITS=handshake=2,head=3,body=5,idle=3,connection=12,slots=8,connections=48

start() {	# NAME
	"$D" -c "$T/$1.conf" > "$T/$1.out" 2> "$T/$1.log" &
	pids="$pids $!"
	eval "pid_$1=$!"
	await $! "$T/$1.log" ': ready$'
}

hostile() {
	python3 tests/e2e/hostile.py --limits "$LIMITS" "$@"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$T/key.pem" -out "$T/cert.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2> "$T/openssl.log"

for s in tls unix; do
	"$D" init -o "drop.example/$s" -D "$T/$s" > /dev/null
done
{
	conf tls
	echo "work-bits 0"
	echo "certificate $T/cert.pem"
	echo "key $T/key.pem"
	echo "listen tls 127.0.0.1:0 local"
} > "$T/tls.conf"
{
	conf unix
	echo "work-bits 0"
	echo "listen plain unix:$T/sock"
} > "$T/unix.conf"
for s in tls unix; do
	"$D" token courier -c "$T/$s.conf" > "$T/$s.token"
	start "$s"
done
port=$(sed -n 's/.*listening on tls 127\.0\.0\.1:\([0-9]*\).*/\1/p' \
    "$T/tls.log")

hostile --token "$T/unix.token" "unix:$T/sock" heads split pipeline routes \
    parcel expect refused_early noise gone slots slow malformed \
    > "$T/unix.result" 2>&1 &
other=$!
r=0
hostile --cacert "$T/cert.pem" --local --token "$T/tls.token" \
    "https://localhost:$port" heads split pipeline routes parcel expect \
    refused_early tls noise gone slots cap slow malformed || r=1
wait "$other" || r=1
sed 's/$/ (plain)/' "$T/unix.result"
[ "$r" = 0 ] || fail "see above"

# Stopping: idle connections go, half a parcel is finished and answered.
mkfifo "$T/go"
hostile --cacert "$T/cert.pem" "https://localhost:$port" finish \
    < "$T/go" > "$T/finish.result" 2>&1 &
other=$!
exec 3> "$T/go"
await "$other" "$T/finish.result" half
kill -TERM "$pid_tls"
echo go >&3
exec 3>&-
wait "$other" || fail "$(cat "$T/finish.result")"
sed 1d "$T/finish.result"
wait "$pid_tls" || fail "the server left with $?"
kill -TERM "$pid_unix"
wait "$pid_unix" || fail "the server left with $?"

# Work is asked on the head; this epoch lasts.
{
	conf unix | sed 's/^epoch-seconds .*/epoch-seconds 86400/'
	echo "work-bits 8"
	echo "listen plain unix:$T/sock"
} > "$T/work.conf"
start work
hostile "unix:$T/sock" work || fail "see above"
if grep -v -E 'listening on|: ready|root|slots-out|connection-cap|epoch-closed' \
    "$T/tls.log" "$T/unix.log" "$T/work.log"; then
	fail "the log says what it should not"
fi
