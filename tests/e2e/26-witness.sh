#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Witnesses: whatever they answer, closes go on; a quorum decides what is
# shown; one that has seen more than we have ends all signing.  Our own
# hostile witness (fakewitness.c), and litewitness where it is to be had.
. "$(dirname "$0")/lib.sh"

witnesses=''
also_end() {
	for pid in $witnesses; do
		kill -KILL "$pid" 2>/dev/null || :
	done
}
trap 'ended=$?; also_end; at_exit' EXIT

# witness NUMBER MODE - starts one; its line for the configuration
witness() {
	mkdir -p "$TMP/w$1"
	echo "$2" >"$TMP/w$1/mode"
	: >"$TMP/w$1/asked"
	mkfifo "$TMP/w$1/says"
	fakewitness "$1" "$TMP/data/log.vkey" "$TMP/w$1" >"$TMP/w$1/says" &
	witnesses="$witnesses $!"
	exec 7<"$TMP/w$1/says"
	IFS= read -r port <&7
	IFS= read -r vkey <&7
	exec 7<&-
	echo "${vkey#vkey=}" >"$TMP/w$1/vkey"
	echo "witness http://127.0.0.1:${port#port=}/w ${vkey#vkey=}" \
	    >"$TMP/w$1/line"
}

# mode NUMBER MODE
mode() {
	echo "$2" >"$TMP/w$1/mode.new"
	mv "$TMP/w$1/mode.new" "$TMP/w$1/mode"
}

# until_so COMMAND... - a condition that comes to hold
until_so() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || fail "it does not come true: $*"
		sleep 0.05
	done
}

signed() {
	sed -n 2p "$TMP/data.guard/checkpoint"
}

# shown - the size that is served; the note is in $TMP/body
shown() {
	[ "$(near /log/checkpoint)" = 200 ] || fail "no checkpoint"
	sed -n 2p "$TMP/body"
}

# cosigned N - the note in $TMP/body is cosigned by so many
cosigned() {
	[ "$(grep -c '^— witness' "$TMP/body")" -eq "$1" ]
}

shows_with() {
	shown >/dev/null && cosigned "$1"
}

longer_than() {
	[ "$(signed)" -gt "$1" ]
}

asked() {
	grep -q "^$2 " "$TMP/w$1/asked"
}

policy_says() {
	[ "$(near /policy)" = 200 ] || fail "no policy"
	grep -q "\"cosignatures\":$1[,}]" "$TMP/body" ||
	    fail "policy: $(cat "$TMP/body")"
}

PATH=$B/e2e:$PATH
server_init
sed -i 's/^batch .*/batch 1/' "$TMP/conf"
office_init
cp "$TMP/conf" "$TMP/conf.bare"
token=$(ecrdropd token courier -c "$TMP/conf")
echo "$token" >"$TMP/token"

# fetch MIRROR, import CODE MIRROR - as courier and desk do
fetch() {
	expect 0 ecrcourier fetch -s "http://127.0.0.1:$plain" \
	    -t "$TMP/token" "$1"
}
import() {
	expect "$1" ecrdesk -d "$TMP/desk" --passphrase-file \
	    "$TMP/passphrase" import "$2"
}

# conf SECONDS QUORUM NUMBER... - epochs of so many seconds, these witnesses
conf() {
	cp "$TMP/conf.bare" "$TMP/conf"
	printf 'epoch-seconds %s\nquorum %s\nwitness-seconds 3\n' "$1" "$2" \
	    >>"$TMP/conf"
	shift 2
	for n in "$@"; do
		cat "$TMP/w$n/line" >>"$TMP/conf"
	done
}

# --- the configuration
for n in 1 2 3; do
	witness $n good
done
conf 1 4 1 2 3
expect 78 ecrdropd -c "$TMP/conf" -n
says 'quorum asks for more than there are witness lines'
conf 1 1 1 1
expect 78 ecrdropd -c "$TMP/conf" -n
says 'this witness stands in an earlier line'

# --- three good ones; auditors and desks agree
conf 1 2 1 2 3
server_start
until_so shows_with 3
policy_says 3
expect 0 ecraudit verify -l "$TMP/data/log.vkey" -w "$TMP/w1/vkey" \
    -w "$TMP/w2/vkey" -w "$TMP/w3/vkey" "http://127.0.0.1:$plain"
expect 0 ecrdesk -d "$TMP/desk" --passphrase-file "$TMP/passphrase" \
    trust -l "$TMP/data/log.vkey" -w "$TMP/w1/vkey" -w "$TMP/w2/vkey" \
    -w "$TMP/w3/vkey" -q 2
fetch "$TMP/desk.mirror"
import 0 "$TMP/desk.mirror"
server_stop

# --- every answer that there is, from thirteen at once, beside two good ones
set -- lines own foreign badsig zero far past another empty garbage huge \
    nohttp headers 409 409odd 409long 409same 409plain 409swing 429 \
    redirect continue close half slow hang 400 403 404 422 500 503 302 204 \
    429long
all=''
for n in 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	witness $n good
	all="$all $n"
done
# shellcheck disable=SC2086
conf 1 2 1 2 3 $all
server_start
while [ $# -gt 0 ]; do
	now=''
	for n in $all; do
		[ $# -gt 0 ] || break
		mode "$n" "$1"
		now="$now $n:$1"
		shift
	done
	for pair in $now; do
		case ${pair#*:} in
		hang|slow) ;;
		*) until_so asked "${pair%%:*}" "${pair#*:}" ;;
		esac
	done
	size=$(signed)
	until_so longer_than "$((size + 1))"
	near /health >/dev/null
	[ "$(cat "$TMP/body")" = ok ] || fail "health: $(cat "$TMP/body")"
	shown >/dev/null
	for pair in $now; do
		case ${pair#*:} in
		lines|continue) continue ;;
		esac
		# One that had cosigned this very tree before is forgiven.
		size=$(sed -n 2p "$TMP/body")
		grep -q "^good [0-9]* $size 200" "$TMP/w${pair%%:*}/asked" &&
		    continue
		! grep -q "^— witness.example/w${pair%%:*} " "$TMP/body" ||
		    fail "it counts: $pair"
	done
done
! grep -q ' -1$' "$TMP"/w*/asked || fail "a request that is none"
for n in 1 2 3; do
	grep -qv ' 200$' "$TMP/w$n/asked" && fail "asked in a wrong way"
done
server_stop
says 'ecrdropd: witness-failed' "$TMP/server.log"
grep -q 'witness-ahead' "$TMP/server.log" && fail "a false alarm"

# --- without its quorum: the last that had one, then the newest without
conf 2 2 1 2 3
server_start
until_so shows_with 3
with=$(sed -n 2p "$TMP/body")
mode 1 500
mode 2 500
size=$(signed)
until_so longer_than "$size"
size=$(signed)
[ "$(shown)" -lt "$size" ] || fail "shown without its quorum, at once"
cosigned 3 || fail "what is shown instead has no quorum"
[ "$(shown)" -ge "$with" ] || fail "it went back"
policy_says 3
# after a kill just the same
cp "$TMP/body" "$TMP/policy.before"
shown >/dev/null
cp "$TMP/body" "$TMP/note.before"
kill -KILL "$server"
server_wait 137
server_start
if [ "$(signed)" -eq "$size" ]; then
	shown >/dev/null
	cmp "$TMP/note.before" "$TMP/body" || fail "another after a restart"
fi
until_so longer_than "$size"
until_so shows_with 1
longer_than "$size" || fail "not the newest"
policy_says 1
fetch "$TMP/desk.few"
import 1 "$TMP/desk.few"
# they come back: asked again between two closes
mode 1 good
mode 2 good
until_so shows_with 3
server_stop
says 'ecrdropd: quorum-missed' "$TMP/server.log"

# --- the role dies: a round with it, then all of it; closes go on
conf 1 1 1 2
mode 1 hang
server_start
keeper=$(ps -o pid=,comm= --ppid "$server" |
    awk '$2 == "ecrdrop-keeper" { print $1 }')
call() {
	ps -o pid= --ppid "$keeper"
}
has_call() {
	[ -n "$(call)" ]
}
until_so has_call
# shellcheck disable=SC2046
kill -KILL $(call) 2>/dev/null || :
size=$(signed)
until_so longer_than "$((size + 1))"
until_so shows_with 1
mode 1 good
until_so shows_with 2
kill -KILL "$keeper"
size=$(signed)
until_so longer_than "$((size + 2))"
until_so shows_with 0
[ "$(near /health)" = 200 ] || fail "not well without witnesses"
server_stop
says 'ecrdropd: witness-lost 1' "$TMP/server.log"

# --- a service of its own, which dies and is started again by its manager
mode 1 good
conf 1 2 1 2
echo "witness-socket $TMP/way" >>"$TMP/conf"
expect 69 ecrdropd -c "$TMP/conf"
says "witness-socket $TMP/way"
expect 64 ecrdropd witness
mkfifo "$TMP/holder.says"
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/holder.py" "$TMP/way" \
    ecrdropd witness -c "$TMP/conf" >"$TMP/holder.says" 2>"$TMP/way.log" &
holder=$!
exec 7<"$TMP/holder.says"
IFS= read -r line <&7		# bound
IFS= read -r service <&7
server_start
[ -z "$(roles keeper)" ] || fail "a role of its own beside the service"
until_so shows_with 2
kill -KILL "$service"
IFS= read -r next <&7
[ "$next" -ne "$service" ] || fail "the same service"
size=$(signed)
until_so longer_than "$((size + 1))"
until_so shows_with 2
server_stop
server_start
until_so shows_with 2
kill -TERM "$holder"
wait "$holder" || fail "the service did not end well"
exec 7<&-
size=$(signed)
until_so longer_than "$((size + 2))"
until_so shows_with 0
[ "$(near /health)" = 200 ] || fail "not well without the service"
server_stop

# --- one that has seen more: nothing is signed, and no start
conf 1 1 1 2
server_start
until_so shows_with 2
mode 2 ahead
health_bad() {
	[ "$(near /health)" = 503 ] && grep -q 'seen more' "$TMP/body"
}
until_so health_bad
size=$(signed)
onecover >"$TMP/parcel"
flood=$(curl -sS -o "$TMP/body" -w '%{http_code}' -H 'Expect:' \
    --data-binary "@$TMP/parcel" "http://127.0.0.1:$plain/parcels")
case $flood in
503|429) ;;
*) fail "a receipt while nothing is signed: $flood" ;;
esac
[ "$(near /log/checkpoint)" = 200 ] || fail "not read any more"
near /policy >/dev/null
close=$(jq .epoch_close "$TMP/body")
overdue() {
	[ "$(date +%s)" -gt "$((close + 1))" ]
}
until_so overdue	# two closes that must not be
[ "$(signed)" -eq "$size" ] || fail "signed, all the same"
server_stop
says 'ecrdropd: witness-ahead 1' "$TMP/server.log"
mode 2 good
expect 1 ecrdropd -c "$TMP/conf"
says 'a witness has seen'
says 'nothing was signed'
# It erred, and its line is taken out: that is the operator's word.
conf 1 1 1
server_start
until_so shows_with 1
server_stop

# --- an old copy, guard and all: only the witness knows
cp -a "$TMP/data" "$TMP/old"
cp -a "$TMP/data.guard" "$TMP/old.guard"
server_start
fetch "$TMP/mirror.old"
size=$(signed)
until_so longer_than "$((size + 1))"
until_so shows_with 1
# A mirror of the very newest: none closed between the two.
fetch "$TMP/mirror"
server_stop
was() {
	sed -n 2p "$TMP/mirror/log/checkpoint"
}
while [ "$(was)" -ne "$(signed)" ]; do
	server_start
	until_so shows_with 1
	fetch "$TMP/mirror"
	server_stop
done
mv "$TMP/data" "$TMP/newest"
mv "$TMP/data.guard" "$TMP/newest.guard"
cp -a "$TMP/old" "$TMP/data"
cp -a "$TMP/old.guard" "$TMP/data.guard"
cp -a "$TMP/data.guard/checkpoint" "$TMP/guard.before"
expect 1 ecrdropd -c "$TMP/conf"
says "a witness has seen"
cmp "$TMP/guard.before" "$TMP/data.guard/checkpoint" || fail "it signed"
# the way out needs what the witness has seen
mv "$TMP/data/drop" "$TMP/data.drop"
expect 1 ecrdropd restore "$TMP/mirror.old" -c "$TMP/conf"
says 'older than what a witness has seen'
expect 0 ecrdropd restore "$TMP/mirror" -c "$TMP/conf"
server_start
until_so shows_with 1
[ "$(shown)" -ge "$(was)" ] || fail "not the same log"
server_stop

# --- no witness for a while: what is shown never goes back
size=$(signed)
conf 1 0
server_start
until_so longer_than "$((size + 1))"
before=$(shown)
server_stop
mode 1 429
conf 1 1 1
server_start
near /log/checkpoint >/dev/null
[ "$(shown)" -ge "$before" ] || fail "shown: $before, then $(shown)"
server_stop
