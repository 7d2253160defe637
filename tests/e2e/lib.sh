# SPDX-License-Identifier: ISC
#
# lib.sh - what end-to-end scripts share; they begin with
#
#   . "$(dirname "$0")/lib.sh"
#
# tests/run-e2e gives $TMP, $B, $TOP and the rest; a script may run alone,
# too.  Waiting is always for a line or an end, never for a time.
# shellcheck shell=sh
set -eu
export LC_ALL=C

TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-$TOP/build}
case $B in
/*) ;;
*) B=$TOP/$B ;;
esac
VECTORS=${VECTORS:-$TOP/../shared/vectors}
export TOP B VECTORS
PATH=$B/bin:$PATH:/usr/sbin
export PATH
if [ -z "${TMP:-}" ] || [ ! -d "$TMP" ]; then
	TMP=$(mktemp -d "${TMPDIR:-/tmp}/ecrdrop-e2e.XXXXXX")
	own_tmp=yes
fi
export TMP

server='' play=''

# A trap that does more before it: trap 'ended=$?; more; at_exit' EXIT
at_exit() {
	code=${ended:-$?}
	trap - EXIT HUP INT TERM
	for pid in $server $play; do
		kill -TERM "$pid" 2>/dev/null && wait "$pid" || :
	done
	if [ $code -ne 0 ] && [ -s "$TMP/server.log" ]; then
		echo "--- server.log"
		cat "$TMP/server.log"
	fi
	[ -z "${own_tmp:-}" ] || rm -rf "$TMP"
	exit $code
}
trap at_exit EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# expect CODE COMMAND... - its exit code is this one; output to $TMP/out, err
expect() {
	want=$1
	shift
	got=0
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null || got=$?
	[ "$got" -eq "$want" ] && return
	cat "$TMP/out" "$TMP/err" >&2
	fail "exit code $got, not $want: $*"
}

# says WORDS [FILE] - the words stand in the file, the last standard error
says() {
	grep -qF -e "$1" "${2:-$TMP/err}" && return
	cat "${2:-$TMP/err}" >&2
	fail "it does not say: $1"
}

# --- a playground: an office and a server ----------------------------------
# play_start [OPTION...] - sets url port cacert office log token desk
# passphrase alternate_desk; play_stop ends it and wants exit code 0.
play_start() {
	url='' cacert='' office='' log='' token='' desk='' passphrase=''
	alternate_desk=''
	mkfifo "$TMP/play.says"
	"$TOP/tools/playground" "$TMP/play" --port 0 "$@" \
	    >"$TMP/play.says" 2>"$TMP/server.log" </dev/null &
	play=$!
	exec 8<"$TMP/play.says"
	while IFS= read -r line <&8; do
		case $line in
		url=*) url=${line#url=} ;;
		cacert=*) cacert=${line#cacert=} ;;
		office=*) office=${line#office=} ;;
		log=*) log=${line#log=} ;;
		token=*) token=${line#token=} ;;
		desk=*) desk=${line#desk=} ;;
		alternate_desk=*) alternate_desk=${line#*=} ;;
		passphrase=*) passphrase=${line#passphrase=} ;;
		ready) break ;;
		esac
	done
	exec 8<&-
	rm -f "$TMP/play.says"
	[ "${line:-}" = ready ] || fail "the playground did not start"
	# shellcheck disable=SC2034
	port=${url##*:}
}

play_stop() {
	kill -TERM "$play"
	code=0
	wait "$play" || code=$?
	play=
	[ $code -eq 0 ] || fail "the playground ended with $code"
}

# --- a server alone ------------------------------------------------------------
# server_init - certificate, data directory, and a configuration to add to
server_init() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
	    -nodes -keyout "$TMP/key.pem" -out "$TMP/cert.pem" -days 2 \
	    -subj /CN=localhost \
	    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' \
	    2>"$TMP/openssl.log" || fail "openssl"
	expect 0 ecrdropd init -o drop.example/log -D "$TMP/data"
	cat >"$TMP/conf" <<-END
	data $TMP/data
	certificate $TMP/cert.pem
	key $TMP/key.pem
	listen tls 127.0.0.1:0
	listen plain 127.0.0.1:0 local
	epoch-parcels 64
	batch 4
	fronts 2
	END
}

# office_init - an office for that server: $office, and $TMP/desk
office_init() {
	openssl rand -hex 16 >"$TMP/passphrase"
	for does in 'init -o office.example --kdf-memory 16' \
	    "trust -l $TMP/data/log.vkey"; do
		# shellcheck disable=SC2086
		expect 0 ecrdesk -d "$TMP/desk" --passphrase-file \
		    "$TMP/passphrase" $does
	done
	# shellcheck disable=SC2034
	office=$TMP/desk/public/office.vkey
	cat >>"$TMP/conf" <<-END
	office-vkey $TMP/desk/public/office.vkey
	keyset $TMP/desk/public/keyset
	END
}

# server_start [CONF] - waits for "ready"; sets server, tls, plain (ports).
# What it says goes to $TMP/server.log, the rest of it at server_stop.
server_start() {
	tls='' plain='' line=''
	rm -f "$TMP/server.says"
	mkfifo "$TMP/server.says"
	ecrdropd -c "${1:-$TMP/conf}" 2>"$TMP/server.says" </dev/null \
	    >/dev/null &
	server=$!
	exec 9<"$TMP/server.says"
	while IFS= read -r line <&9; do
		echo "$line" >>"$TMP/server.log"
		case $line in
		'ecrdropd: listening on tls '*) tls=${line##*:} ;;
		'ecrdropd: listening on plain unix:'*) ;;
		'ecrdropd: listening on plain '*) plain=${line##*:} ;;
		'ecrdropd: ready') break ;;
		esac
	done
	[ "$line" = 'ecrdropd: ready' ] || fail "the server did not start"
}

# server_wait CODE - until it has ended by itself
server_wait() {
	code=0
	wait "$server" || code=$?
	server=
	cat <&9 >>"$TMP/server.log"
	exec 9<&-
	[ $code -eq "$1" ] || fail "the server ended with $code, not $1"
}

server_stop() {
	kill -TERM "$server"
	server_wait 0
}

# roles NAME - the process numbers of the server's fronts or store
roles() {
	ps -o pid=,comm= --ppid "$server" |
	    awk -v name="ecrdrop-$1" '$2 == name { print $1 }'
}

# restarted OLD - until no process of OLD is the server's, and as many new
# ones are; then its answer: the addresses were bound all the time.
restarted() {
	want=$(echo "$1" | wc -w)
	while :; do
		case $(ps -o stat= -p "$server") in
		''|Z*) fail "the server has ended" ;;
		esac
		# shellcheck disable=SC2046
		now=$(echo $(roles store) $(roles front))
		left=0
		for pid in $1; do
			case " $now " in
			*" $pid "*) left=1 ;;
			esac
		done
		[ $left -eq 1 ] || [ "$(echo "$now" | wc -w)" -ne "$want" ] ||
		    break
		sleep 0.05
	done
	[ "$(near /health)" = 200 ] || fail "not served after a restart"
}

# get PATH - over TLS, body to $TMP/body, prints the status
get() {
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/body" \
	    -w '%{http_code}' "https://localhost:$tls$1"
}

# near PATH - the same over the plain listener
near() {
	curl -sS --max-time 20 -o "$TMP/body" -w '%{http_code}' \
	    "http://127.0.0.1:$plain$1"
}
