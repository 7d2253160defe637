#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A lost store, rebuilt from the courier's mirror into the same log: what
# comes later is consistent with all that was seen before.  A mirror that is
# older than the fork guard, not signed, or altered in one bit is refused, and
# nothing half-done stays behind, wherever a restore is killed.
. "$(dirname "$0")/lib.sh"

server_init
office_init
sed -i 's/^batch .*/batch 2/' "$TMP/conf"
printf 'epoch-seconds 1\nwork-bits 0\n' >>"$TMP/conf"
ecrdropd token courier -c "$TMP/conf" >"$TMP/token"
"$B/e2e/onecover" >"$TMP/base"
guard=$TMP/data.guard/checkpoint
mirror=$TMP/mirror
n=0

# post - another parcel; its digest goes to $TMP/posted
post() {
	n=$((n + 1))
	{ head -c 65500 "$TMP/base"; printf 'parcel %13d' $n; } >"$TMP/parcel"
	code=$(curl -sS --max-time 20 -o "$TMP/receipt" -w '%{http_code}' \
	    --data-binary @"$TMP/parcel" "http://127.0.0.1:$plain/parcels")
	[ "$code" = 201 ] || fail "parcel $n: $code"
	sed -n 2p "$TMP/receipt" >>"$TMP/posted"
}

fetch() {
	expect "${1:-0}" ecrcourier fetch -q -s "https://localhost:$tls" \
	    -t "$TMP/token" --cacert "$TMP/cert.pem" -l "$TMP/data/log.vkey" \
	    "$mirror"
}

# logged - until all that was posted is in the mirror
logged() {
	while :; do
		fetch
		left=0
		while read -r digest; do
			[ -f "$mirror/parcels/$digest" ] || left=1
		done <"$TMP/posted"
		[ $left -ne 0 ] || return 0
	done
}

# restore CODE [MIRROR] - and nothing half-done
restore() {
	expect "$1" ecrdropd restore "${2:-$mirror}" -c "$TMP/conf"
	[ ! -e "$TMP/data/drop.restore" ] || fail "half a store is left"
	[ "$1" -eq 0 ] || [ "$1" -eq 73 ] || [ ! -e "$TMP/data/drop" ] ||
	    fail "a store that was refused is there"
}

# quiet_start - a server that closes nothing, for it doubts its clock; what
# was closed is fetched
quiet_start() {
	printf 'ecrdrop/clock/v1\n1700000000\n' >"$TMP/data/clock-doubt"
	server_start
	until [ "$(find "$TMP/data/pending" -name key | wc -l)" -eq 1 ]; do
		sleep 0.05
	done
	fetch
	cmp -s "$mirror/log/checkpoint" "$guard" || fail "not the newest"
}

size() {
	sed -n 2p "$1"
}

server_start
post; post; post
logged
cp -a "$mirror" "$TMP/older"
post; post
logged
server_stop
quiet_start
post
kept=$(tail -n 1 "$TMP/posted")
server_stop
sed -i '$d' "$TMP/posted"
cp "$guard" "$TMP/newest"
cp -a "$TMP/data" "$TMP/whole"

# --- a store that is there is not touched
restore 73
says 'move it away first'
mv "$TMP/data/drop" "$TMP/drop"
echo precious >"$TMP/precious"
mkdir "$TMP/data/drop"
cp "$TMP/precious" "$TMP/data/drop"
restore 73
cmp -s "$TMP/precious" "$TMP/data/drop/precious" || fail "it was touched"
rm -rf "$TMP/data/drop"

# --- mirrors that will not do
restore 66 "$TMP/none"
restore 1 "$TMP/older"
says 'older than what the fork guard has seen'
says "seen: $(size "$TMP/newest") entries, in the mirror: $(size \
    "$TMP/older/log/checkpoint")"
# bad CODE WORDS FILE - with another bit in the middle of this file
bad() {
	cp "$mirror/$3" "$TMP/keep"
	python3 - "$mirror/$3" <<-'END'
	import sys
	b = bytearray(open(sys.argv[1], 'rb').read())
	b[len(b) // 2] ^= 4
	open(sys.argv[1], 'wb').write(b)
	END
	restore "$1"
	says "$2"
	cp "$TMP/keep" "$mirror/$3"
}
full=$(size "$mirror/log/checkpoint")
entries=$(cd "$mirror" && find log/tile/entries -type f)
tile=$(cd "$mirror" && find log/tile/0 -type f | head -n 1)
bad 1 "not signed by this log's key" log/checkpoint
for file in $entries; do
	bad 1 '' "$file"
done
bad 1 'a tile is altered' "$tile"
for digest in $(cat "$TMP/posted"); do
	bad 1 'is not what its digest says' "parcels/$digest"
done
mv "$mirror/parcels/$digest" "$TMP/keep"
: >"$mirror/parcels/$digest"
restore 1
says 'is not what its digest says'
mv "$TMP/keep" "$mirror/parcels/$digest"
for file in $entries; do
	mv "$mirror/$file" "$TMP/keep"
	restore 66
	says 'is not there'
	mv "$TMP/keep" "$mirror/$file"
done
# signed, but by another log of the same name
expect 0 ecrdropd init -o drop.example/log -D "$TMP/other"
mv "$TMP/data/log.key" "$TMP/keep"
cp "$TMP/other/log.key" "$TMP/data/log.key"
restore 65
says 'no checkpoint of this log and key'
cp -a "$TMP/data.guard" "$TMP/guard"
cp "$TMP/other.guard/checkpoint" "$guard"
restore 1
says "not signed by this log's key"
mv "$TMP/keep" "$TMP/data/log.key"
cp "$TMP/guard/checkpoint" "$guard"

# --- killed wherever it may be, it begins again; what a kill left is no harm
mkdir "$TMP/data/drop.restore"
echo rubbish >"$TMP/data/drop.restore/data.mdb"
killed=0
for ms in 001 002 003 005 008 012 018 027 040 060 090; do
	code=0
	timeout -s KILL "0.$ms" ecrdropd restore "$mirror" -c "$TMP/conf" \
	    2>"$TMP/err" || code=$?
	[ $code -ne 0 ] || break
	killed=$((killed + 1))
	[ ! -e "$TMP/data/drop" ] || break
done
[ $killed -gt 0 ] || fail "never killed"
[ -e "$TMP/data/drop" ] || restore 0
rm -rf "$TMP/data/drop"
restore 0
says "restored: $full entries; $full parcels, 0 absent"
says 'is still in pending/'

# --- the same log goes on, for those who saw it before and those who did not
quiet_start
cmp -s "$guard" "$TMP/newest" || fail "the guard moved"
[ "$(near /log/checkpoint)" = 200 ] || fail "no checkpoint"
cmp -s "$TMP/body" "$TMP/newest" || fail "another checkpoint"
code=$(curl -sS -o "$TMP/body" -w '%{http_code}' --data-binary \
    @"$TMP/parcel" "http://127.0.0.1:$plain/parcels")
[ "$code" = 200 ] || fail "the parcel in pending/ is lost: $code"
cmp -s "$TMP/receipt" "$TMP/body" || fail "another receipt"
fetch
server_stop

# --- pending/ gone as well: its receipts are lost, and it says so
rm -rf "$TMP/data/drop" "$TMP/data/pending"
absent=$(tail -n 1 "$TMP/posted")
mv "$mirror/parcels/$absent" "$TMP/keep"
restore 0
says "restored: $full entries; $((full - 1)) parcels, 1 absent"
says 'receipts given out since'
mv "$TMP/keep" "$mirror/parcels/$absent"
expect 0 ecrdropd confirm-clock -c "$TMP/conf"
server_start
cp -a "$TMP/older" "$TMP/early"
post; post
sed -i "/$absent/d" "$TMP/posted"
logged
[ "$(size "$mirror/log/checkpoint")" -gt "$full" ] || fail "it did not grow"
# The courier says that one is missing which nobody gave up.
mirror=$TMP/early
fetch 1
says 'no statement of the office lets them go'
sed -i "/$kept/d" "$TMP/posted"
python3 "$TOP/tests/e2e/logread.py" "http://127.0.0.1:$plain" 2 \
    "$TMP/posted" || fail "the log does not hold"
[ "$(curl -sS -o "$TMP/body" -w '%{http_code}' -H \
    "Authorization: Bearer $(cat "$TMP/token")" \
    "http://127.0.0.1:$plain/parcels/$absent")" = 404 ] ||
    fail "a body from nowhere"
server_stop

# --- no guard either: it is restored, but not opened on nobody's word
rm -rf "$TMP/data/drop" "$TMP/data.guard/checkpoint"
restore 0 "$TMP/mirror"
says 'there is no fork guard'
expect 66 ecrdropd -c "$TMP/conf"
expect 0 ecrdropd make-guard -c "$TMP/conf"
server_start
server_stop
