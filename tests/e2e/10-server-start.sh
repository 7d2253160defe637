#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The server from its first command to its last: init, a configuration that
# is checked and named by its line, start, health, stop.
. "$(dirname "$0")/lib.sh"

# --- the command line
expect 0 ecrdropd -h
says 'usage: ecrdropd init -o ORIGIN -D DATADIR' "$TMP/out"
expect 0 ecrdropd --version
expect 64 ecrdropd
expect 64 ecrdropd -c x -o y
expect 64 ecrdropd init -o drop.example/log
expect 64 ecrdropd token -c x
expect 64 ecrdropd restore -c y
expect 66 ecrdropd restore x -c y
expect 64 ecrdropd --no-such-option
expect 66 ecrdropd -n -c "$TMP/none"
says "$TMP/none: No such file"

# --- init
server_init
[ -s "$TMP/data/log.vkey" ] || fail "no vkey"
[ "$(stat -c %a "$TMP/data/log.key")" = 600 ] || fail "the log key is open"
expect 73 ecrdropd init -o drop.example/log -D "$TMP/data"
for origin in 'a name' https://drop.example/log /log drop.example/; do
	expect 64 ecrdropd init -o "$origin" -D "$TMP/data2"
	says 'not usable as an origin'
	[ ! -e "$TMP/data2" ] || fail "$origin: a folder was made"
done

# --- -n names the line
expect 0 ecrdropd -n -c "$TMP/conf"
expect 0 ecrdropd --check --config "$TMP/conf"
bad() {
	{ cat "$TMP/conf"; echo "$1"; } >"$TMP/bad"
	expect 78 ecrdropd -c "$TMP/bad" -n
	says "$TMP/bad:$(wc -l <"$TMP/bad"): $2"
}
bad 'epoch-secnods 60' 'unknown key'
bad 'batch 4' 'this key stands in an earlier line'
bad 'work-bits 19' 'not a number in the range'
bad 'listen plain 192.0.2.1:80' 'plain HTTP only on a loopback'
echo "data $TMP/data" >"$TMP/bad"
expect 78 ecrdropd -c "$TMP/bad" -n
says 'a listen line is needed'
{ cat "$TMP/conf"; echo 'keyset /none/keyset'; } >"$TMP/bad"
expect 66 ecrdropd -n -c "$TMP/bad"
says 'keyset /none/keyset: No such file'
{ cat "$TMP/conf"; echo 'user no-such-user'; } >"$TMP/bad"
expect 67 ecrdropd -n -c "$TMP/bad"

# --- -n looks into the certificate and its key
tls_bad() {	# CERTIFICATE KEY WORDS
	sed "s|^certificate .*|certificate $1|; s|^key .*|key $2|" \
	    "$TMP/conf" >"$TMP/bad"
	expect 78 ecrdropd -n -c "$TMP/bad"
	says "$3"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$TMP/key2.pem" -out "$TMP/cert2.pem" -days 2 -subj /CN=x \
    2>"$TMP/openssl.log"
tls_bad "$TMP/cert.pem" "$TMP/key2.pem" 'key of the certificate'
tls_bad "$TMP/conf" "$TMP/key.pem" 'certificate:'
tls_bad "$TMP/cert.pem" "$TMP/conf" 'key of the certificate'
# `openssl ca` alone lets us choose both ends of its time.
printf '%s\n' '[ca]' 'default_ca=c' '[c]' "database=$TMP/index" \
    "new_certs_dir=$TMP" "rand_serial=yes" 'default_md=sha256' \
    'policy=p' '[p]' 'commonName=supplied' >"$TMP/ca.conf"
: >"$TMP/index"
openssl req -new -key "$TMP/key.pem" -subj /CN=localhost -out "$TMP/csr" \
    2>"$TMP/openssl.log"
for time in '20200101000000Z 20200201000000Z' \
    '21200101000000Z 21200201000000Z'; do
	openssl ca -batch -config "$TMP/ca.conf" -selfsign -notext \
	    -keyfile "$TMP/key.pem" -in "$TMP/csr" -out "$TMP/timed.pem" \
	    -startdate "${time% *}" -enddate "${time#* }" \
	    2>"$TMP/openssl.log" || fail "$(cat "$TMP/openssl.log")"
	: >"$TMP/index"
	tls_bad "$TMP/timed.pem" "$TMP/key.pem" 'it has expired, or does not'
done

# --- tokens, options on either side of the subcommand
expect 0 ecrdropd token courier -c "$TMP/conf"
expect 0 ecrdropd -c "$TMP/conf" token auditor
expect 64 ecrdropd token thief -c "$TMP/conf"

# --- it serves
echo "listen plain unix:$TMP/sock local" >>"$TMP/conf"
server_start
[ "$(near /health)" = 200 ] || fail "health: $(cat "$TMP/body")"
[ "$(get /policy)" = 200 ] || fail "policy over TLS"
says '"origin":"drop.example/log"' "$TMP/body"
[ "$(get /log/checkpoint)" = 200 ] || fail "checkpoint"
says 'drop.example/log' "$TMP/body"
[ "$(get /health)" = 404 ] || fail "health is for local listeners"
[ "$(get /none)" = 404 ] || fail "404"
[ "$(curl -sS --max-time 20 --unix-socket "$TMP/sock" -o /dev/null \
    -w '%{http_code}' http://localhost/health)" = 200 ] || fail "unix socket"

# --- a second server on the same folder is refused, the first goes on
sed '/unix:/d' "$TMP/conf" >"$TMP/conf2"
got=0
ecrdropd -c "$TMP/conf2" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
[ $got -ne 0 ] || fail "two servers on one folder"
grep -q 'ecrdropd: ready' "$TMP/err" && fail "it claimed to be ready"
[ "$(near /health)" = 200 ] || fail "the first one suffered"

# --- closed standard descriptors are not taken for ours
server_stop
sed '/unix:/d' "$TMP/conf" >"$TMP/conf3"
ecrdropd -c "$TMP/conf3" <&- >&- 2>&- &
server=$!
until [ "$(roles front | wc -l)" -eq 2 ]; do
	case $(ps -o stat= -p "$server") in
	''|Z*) fail "it does not start with closed descriptors" ;;
	esac
	sleep 0.05
done
for pid in "$server" $(roles front) $(roles store); do
	[ "$(readlink "/proc/$pid/fd/2")" = /dev/null ] ||
	    fail "descriptor 2 is $(readlink "/proc/$pid/fd/2")"
done
kill -TERM "$server"
wait "$server" || fail "closed descriptors"
server_start

# --- SIGTERM, and again on the same folder; the socket file may be there
server_stop
get /policy >"$TMP/out" 2>&1 && fail "it still listens"
server_start
[ "$(near /health)" = 200 ] || fail "health after a restart"
kill -INT "$server"
server_wait 0

# --- what strangers brought is not in the log
grep -vE '^ecrdropd: (listening on |ready$|running as root|[a-z-]+ [0-9]+$)' \
    "$TMP/server.log" && fail "a line that the manual does not know" || :

# --- the manuals know every event and every key
for event in $(sed -n 's/^	\[EV_.*= "\([a-z-]*\)",$/\1/p' \
    "$TOP/server/log.c"); do
	grep -q "^\.It Cm $event\$" "$TOP/docs/man/ecrdropd.8" ||
	    fail "ecrdropd.8 lacks $event"
done
for key in $(sed -n -e 's/^	[NT][A-Z]*("\([a-z-]*\)".*/\1/p' \
    -e 's/^	{ "\([a-z-]*\)", CONF.*/\1/p' "$TOP/server/conf.c"); do
	grep -q "^\.It Ic $key " "$TOP/docs/man/ecrdropd.conf.5" ||
	    fail "ecrdropd.conf.5 lacks $key"
done
