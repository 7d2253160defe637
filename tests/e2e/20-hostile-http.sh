#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The real server and clients that mean no good.
#
# Two servers at once, one over TLS and one over a Unix socket, both with
# short deadlines and few slots; then one that asks for work. hostile.py does
# the talking; see there for what is tried.
. "$(dirname "$0")/lib.sh"

command -v python3 > /dev/null || skip "no python3"

LIMITS=slots=8
hostile() {
	python3 "$TOP/tests/e2e/hostile.py" --limits "$LIMITS" "$@"
}

# conf NAME - what all servers here have in common, and an empty log
conf() {
	expect 0 ecrdropd init -o "drop.example/$1" -D "$TMP/$1"
	cat > "$TMP/$1.conf" <<-END
	data $TMP/$1
	epoch-seconds 4
	batch 2
	epoch-parcels 256
	work-bits 0
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

# start NAME - until "ready"; pid, and what it said in $TMP/NAME.log. The
# rest is read by stop NAME, which wants exit code 0.
start() {
	mkfifo "$TMP/$1.says"
	ecrdropd -c "$TMP/$1.conf" > /dev/null 2> "$TMP/$1.says" < /dev/null &
	pid=$!
	server="$server $pid"
	case $1 in
	tls) exec 4< "$TMP/$1.says" ;;
	*) exec 5< "$TMP/$1.says" ;;
	esac
	while IFS= read -r line; do
		echo "$line" >> "$TMP/$1.log"
		case $line in
		*': ready') return ;;
		esac
	done <&"$(side "$1")"
	cat "$TMP/$1.log" >&2
	fail "$1: the server did not start"
}

side() {
	case $1 in
	tls) echo 4 ;;
	*) echo 5 ;;
	esac
}

stop() {	# NAME PID
	kill -TERM "$2" 2> /dev/null || :
	code=0
	wait "$2" || code=$?
	cat <&"$(side "$1")" >> "$TMP/$1.log"
	[ "$code" = 0 ] || fail "$1: the server left with $code"
	if grep -v -E ': (listening on|ready|running as root)' \
	    "$TMP/$1.log" |
	    grep -v -E ': (slots-out|connection-cap|epoch-closed) [0-9]+$'
	then
		fail "$1: the log says what it should not"
	fi
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$TMP/key.pem" -out "$TMP/cert.pem" -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2> "$TMP/openssl.log" ||
    fail "openssl"

conf tls
cat >> "$TMP/tls.conf" <<END
certificate $TMP/cert.pem
key $TMP/key.pem
listen tls 127.0.0.1:0 local
END
conf unix
echo "listen plain unix:$TMP/sock" >> "$TMP/unix.conf"
for s in tls unix; do
	ecrdropd token courier -c "$TMP/$s.conf" > "$TMP/$s.token" 2> "$TMP/err"
	start "$s"
	eval "pid_$s=$pid"
done
url=https://localhost:$(sed -n \
    's/.*listening on tls 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$TMP/tls.log")

hostile --token "$TMP/unix.token" "unix:$TMP/sock" pipeline \
    routes parcel expect refused_early noise flood gone slots malformed \
    > "$TMP/unix.result" 2>&1 &
other=$!
r=0
hostile --cacert "$TMP/cert.pem" --local --token "$TMP/tls.token" "$url" \
    pipeline routes parcel expect refused_early noise flood \
    gone slots malformed || r=1
wait "$other" || r=1
sed 's/$/ (plain)/' "$TMP/unix.result"
[ "$r" = 0 ] || fail "see above"

# Stopping: idle connections go, half a parcel is finished and answered.
mkfifo "$TMP/go" "$TMP/half"
hostile --cacert "$TMP/cert.pem" "$url" finish < "$TMP/go" > "$TMP/half" &
other=$!
exec 6> "$TMP/go" 7< "$TMP/half"
read -r line <&7
[ "$line" = half ] || fail "$line"
kill -TERM "$pid_tls"
echo go >&6
cat <&7
wait "$other" || fail "see above"
stop tls "$pid_tls"
stop unix "$pid_unix"

# Work is asked on the head, for as long as this epoch.
conf work
rm -f "$TMP/unix.says"
{
	sed 's/^epoch-seconds .*/epoch-seconds 86400/; s/^work-bits .*/work-bits 8/' \
	    "$TMP/work.conf"
	echo "listen plain unix:$TMP/sock"
} > "$TMP/work.conf.new"
mv "$TMP/work.conf.new" "$TMP/work.conf"
start work
hostile "unix:$TMP/sock" work || fail "see above"
stop work "$pid"
