#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Fifty clients flood the server without work, with work of other parcels,
# with one parcel again and again, and with just the work that is asked; an
# honest reporter gets a receipt each time, soon, and nothing is learnt about
# who floods.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
CLIENTS=50
address=127.83.41.7

server_init
office_init
sed -i 's/^epoch-parcels .*/epoch-parcels 64/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	epoch-seconds 6
	work-bits 8
END
server_start
url=https://localhost:$tls
cacert=$TMP/cert.pem
ecrdropd token courier -c "$TMP/conf" >"$TMP/token"
echo '{"submission":"advice","text":"An honest question."}' >"$TMP/r.json"

# honest LIMIT - a report, as anybody would hand it in; its seconds
honest() {
	began=$(date +%s%N)
	expect 0 timeout "$1" ecrdrop report -q -s "$url" -k "$office" \
	    --cacert "$cacert" -f "$TMP/r.json" --json
	jq -re '.parcels[0]' "$TMP/out" >>"$TMP/sent"
	took=$((($(date +%s%N) - began) / 1000000))
	[ $took -le "${worst:-0}" ] || worst=$took
}

# count STATUS - how often the mob was answered so
count() {
	awk -v s="$1" '$1 == s { n = $2 } END { print n + 0 }' "$TMP/mob"
}

# mob_start MODE, mob_stop
mob_start() {
	mode=$1 worst=0
	began_mob=$(date +%s%N)
	"$B/e2e/mob" "$url" "$cacert" drop.example/log "$address" \
	    "$CLIENTS" 300 "$mode" >"$TMP/mob" 2>"$TMP/mob.err" &
	mob=$!
}

mob_stop() {
	kill -TERM $mob
	wait $mob || fail "the mob"
	ms=$((($(date +%s%N) - began_mob) / 1000000))
	echo "$mode: honest at worst $worst ms; mob in $ms ms:" \
	    "$(tr '\n' ';' <"$TMP/mob")"
}

# flood MODE - while it lasts, three reports
flood() {
	mob_start "$1"
	for _ in 1 2 3; do
		honest 5
	done
	mob_stop
}

flood none
[ "$(count 429)" -ge 100 ] || fail "hardly a flood"
[ "$(count 201)" -eq 0 ] || fail "taken without work"
flood stolen
[ "$(count 400)" -ge 100 ] || fail "hardly a flood"
[ "$(count 201)$(count 200)" = 00 ] || fail "taken with others' work"
flood repeat
[ "$(count 200)" -ge 100 ] || fail "hardly a flood"
[ "$(count 201)" -le $CLIENTS ] || fail "a repeat was taken as new"

# bits - of work asked now
bits() {
	curl -sS "http://127.0.0.1:$plain/policy" | jq .work_bits
}

# With enough work they fill an epoch: more work is asked, from the honest
# one, too; then nobody is heard until the next epoch.
mob_start enough
while [ "$(bits)" -lt 10 ]; do
	sleep 0.05
done
honest 90 &		# beside them, for as long as it takes
early=$!
asked=0
until [ "$asked" -ge 16 ] && [ "$(near /health)" = 503 ]; do
	now=$(bits)
	[ "$now" -le "$asked" ] || asked=$now
done
says full "$TMP/body"
wait $early || fail "an honest report is shut out"
honest 90
if [ "$(id -u)" -eq 0 ]; then
	python3 "$here/address.py" --scan "$address" --server "$server" \
	    --data "$TMP/data" --log "$TMP/server.log" ||
	    fail "an address is kept in a flood"
fi
mob_stop
[ "$(count 201)" -ge 64 ] || fail "hardly a flood"
[ "$(count 503)" -ge 1 ] || fail "never full"
while [ "$(bits)" -ne 8 ]; do
	sleep 0.1		# the work asked falls again
done

# What got a receipt is in the log.
while :; do
	expect 0 ecrcourier fetch -q -s "$url" -t "$TMP/token" \
	    --cacert "$cacert" -l "$TMP/data/log.vkey" "$TMP/mirror"
	ls "$TMP/mirror/parcels" >"$TMP/have" 2>/dev/null || :
	[ "$(sort "$TMP/sent" | comm -23 - "$TMP/have" | wc -l)" -gt 0 ] ||
	    break
	sleep 0.5
done
server_stop
