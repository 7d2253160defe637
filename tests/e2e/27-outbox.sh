#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 27-outbox: what the office sends.  A desk's double signs statements, right
# and wrong; the server takes what is right, once, whole, also when it is
# killed; logs and serves it after the close; what the office has given up is
# gone from every file; and all of it comes back out of a mirror.
. "$(dirname "$0")/lib.sh"

mk=$B/e2e/mkoutbox
name=office.example/office
origin=drop.example/log
server_init
"$mk" key $name "$TMP/seed" >"$TMP/office.vkey"
"$mk" key $name "$TMP/stranger" >"$TMP/stranger.vkey"
"$mk" keyset $name "$TMP/seed" "$TMP/data/log.vkey" 1 >"$TMP/keyset"
cat >>"$TMP/conf" <<-END
office-vkey $TMP/office.vkey
keyset $TMP/keyset
epoch-seconds 2
erase-delay 0
work-bits 0
END
expect 0 ecrdropd -c "$TMP/conf" -n
# What -n refuses: a keyset of no role here, no keys, a hasty erasure.
other=office.example/alternate
"$mk" key $other "$TMP/seed2" >"$TMP/alternate.vkey"
"$mk" keyset $other "$TMP/seed2" "$TMP/data/log.vkey" 1 >"$TMP/keyset2"
{ cat "$TMP/conf"; echo "keyset $TMP/keyset2"; } >"$TMP/bad"
expect 78 ecrdropd -c "$TMP/bad" -n
says 'keyset 2: not for any of the keys at hand'
cat "$TMP/office.vkey" "$TMP/alternate.vkey" >"$TMP/both.vkey"
sed -i "s,^office-vkey .*,office-vkey $TMP/both.vkey," "$TMP/bad"
expect 0 ecrdropd -c "$TMP/bad" -n
sed -i "s,^office-vkey .*,office-vkey $TMP/keyset," "$TMP/bad"
expect 78 ecrdropd -c "$TMP/bad" -n
says 'office-vkey: malformed'
sed 's/^epoch-seconds .*/epoch-seconds 60/' "$TMP/conf" >"$TMP/bad"
expect 78 ecrdropd -c "$TMP/bad" -n
says 'erase-delay is at least 14 days'
for role in courier auditor; do
	expect 0 ecrdropd token $role -c "$TMP/conf"
	mv "$TMP/out" "$TMP/$role"
done
printf 'ecrdrop-courier-%064d' 0 >"$TMP/nobody"
server_start

# send FILE [TOKENFILE] - prints the status; the answer to $TMP/body
send() {
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/body" \
	    -w '%{http_code}' --data-binary "@$1" \
	    -H "Authorization: Bearer $(cat "${2:-$TMP/courier}")" \
	    "https://localhost:$tls/outbox" 2>"$TMP/curl.err" || :
}

# sends STATUS FILE [TOKENFILE]
sends() {
	got=$(send "$TMP/$2" ${3:+"$TMP/$3"})
	[ "$got" = "$1" ] || fail "$2: $got, not $1: $(cat "$TMP/body")"
}

# record FILE [WORD=VALUE]...
record() {
	to=$1
	shift
	"$mk" record $name "${seed:-$TMP/seed}" ${from:-$origin} \
	    "$TMP/keyset" size="$size" root="$root" "$@" >"$TMP/$to"
}

# sized - size and root of the checkpoint that is served
sized() {
	[ "$(get /log/checkpoint)" = 200 ] || fail "checkpoint"
	size=$(sed -n 2p "$TMP/body") root=$(sed -n 3p "$TMP/body")
}

# closed - until what has come now is in the log
closed() {
	[ "$(get /policy)" = 200 ] || fail "policy"
	until=$(sed 's/.*"epoch_close":\([0-9]*\).*/\1/' "$TMP/body")
	sized
	was=$size
	while :; do
		[ "$(get /policy)" = 200 ] || fail "policy"
		now=$(sed 's/.*"epoch_close":\([0-9]*\).*/\1/' "$TMP/body")
		sized
		[ "$now" -le "$until" ] || [ "$size" -le "$was" ] || break
		sleep 0.1
	done
}

# --- taken, logged, served -------------------------------------------------
[ "$(get /replies)" = 200 ] && [ ! -s "$TMP/body" ] || fail "replies, empty"
sized
record one seq=1
sends 201 one
sends 200 one
closed
[ "$(get /replies)" = 200 ] && cp "$TMP/body" "$TMP/replies"
# count | length | statement | length | keyset | replies: without keyset
n=$(($(wc -c <"$TMP/one") - $(wc -c <"$TMP/keyset")))
[ "$(wc -c <"$TMP/replies")" -eq "$n" ] || fail "length of /replies"
tail -c 32704 "$TMP/one" >"$TMP/answers1"
tail -c 32704 "$TMP/replies" | cmp - "$TMP/answers1" || fail "replies"
sends 200 one
[ "$(get /keyset)" = 200 ] && cmp "$TMP/body" "$TMP/keyset"
# The statement lies behind count and length; its digest is its name.
end=$(($(wc -c <"$TMP/replies") - 32704 - 8))
tail -c +9 "$TMP/replies" | head -c $end >"$TMP/note"
[ "$(get "/statements/$(sha256sum <"$TMP/note" | cut -c-64)")" = 200 ] &&
    cmp "$TMP/body" "$TMP/note" || fail "the statement"

# --- refused ----------------------------------------------------------------
sized
record two seq=2 keyset=no
: >"$TMP/empty"
sends 401 two nobody
sends 401 two auditor
got=$(curl -sS --cacert "$TMP/cert.pem" -o "$TMP/body" -w '%{http_code}' \
    --data-binary "@$TMP/two" "https://localhost:$tls/outbox" || :)
[ "$got" = 401 ] || fail "no token: $got"
[ "$(get /outbox)" = 405 ] || fail "GET /outbox"
head -c 4194305 /dev/zero >"$TMP/large"
sends 413 large
sends 400 empty
head -c 4194304 /dev/zero >"$TMP/zeros"
sends 400 zeros
record bad seq=3 keyset=no
sends 409 bad
says '{"next":2}' "$TMP/body"
record bad seq=1 keyset=no
sends 409 bad
record bad seq=2 keyset=no root=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
sends 400 bad
record bad seq=2 keyset=no erase=1
sends 400 bad
from=drop.example/other record bad seq=2 keyset=no
sends 400 bad
seed=$TMP/stranger record bad seq=2 keyset=no
sends 400 bad
record bad seq=2 keyset=no old="$TMP/answers1" replies=0
sends 400 bad
head -c -8176 "$TMP/two" >"$TMP/bad"
sends 400 bad
{ head -c -100 "$TMP/two"; head -c 100 /dev/zero; } >"$TMP/bad"
sends 400 bad
cp "$TMP/keyset" "$TMP/keyset1"
"$mk" keyset $name "$TMP/seed" "$TMP/data/log.vkey" 2 >"$TMP/keyset"
record bad seq=2 keyset=no
sends 400 bad
"$mk" keyset $name "$TMP/stranger" "$TMP/data/log.vkey" 2 >"$TMP/keyset"
record bad seq=2
sends 400 bad
cp "$TMP/keyset1" "$TMP/keyset"
# All or nothing: a good one, and behind it a bad one.
record bad seq=4 keyset=no
cat "$TMP/two" "$TMP/bad" >"$TMP/both"
sends 409 both
says '{"next":3}' "$TMP/body"
[ ! -e "$(echo "$TMP"/data/pending/*/outbox-0)" ] || fail "something was kept"
echo refusals done

# --- one at a time; whoever breaks off is forgotten ---------------------------
cat >"$TMP/slow.py" <<-END
	import socket, sys
	s = socket.create_connection(("127.0.0.1", $plain))
	s.sendall(b"POST /outbox HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
	          + open("$TMP/courier", "rb").read().strip() +
	          b"\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")
	assert s.recv(100).startswith(b"HTTP/1.1 100"), "100"
	s.sendall(b"x" * 70000)
	print("held", flush=True)
	sys.stdin.read()
END
mkfifo "$TMP/go" "$TMP/slow"
python3 "$TMP/slow.py" <"$TMP/go" >"$TMP/slow" &
slow=$!
exec 7>"$TMP/go" 6<"$TMP/slow"
read -r line <&6
[ "$line" = held ] || fail "slow"
sends 503 two
exec 7>&- 6<&-
wait $slow
while [ "$(send "$TMP/two")" = 503 ]; do
	sleep 0.05
done
sends 200 two

# --- killed while it comes in: none is lost, none is twice ------------------------
next=3
all=
for what in store store store all all; do
	sized
	record "n$next" seq=$next keyset=no replies=40
	if [ $what = store ]; then
		old="$(roles store) $(roles front)"
		pid=$(roles store)
		(python3 -c "import random, time; time.sleep(random.random() / 20)"
		kill -9 "$pid") &
		send "$TMP/n$next" >/dev/null
		wait $!
		# shellcheck disable=SC2086
		restarted "$(echo $old)"
	else
		(python3 -c "import random, time; time.sleep(random.random() / 20)"
		kill -9 "$server") &
		send "$TMP/n$next" >/dev/null
		wait $!
		wait "$server" || :
		exec 9<&-
		server_start
	fi
	got=$(send "$TMP/n$next")
	case $got in
	200|201) ;;
	*) fail "after a kill: $got" ;;
	esac
	sends 200 "n$next"
	all="$all n$next"
	next=$((next + 1))
done
closed
for f in one two $all; do
	sends 200 "$f"
done
[ "$(get /replies)" = 200 ] && cp "$TMP/body" "$TMP/replies"
[ "$(od -An -tu4 --endian=big -N4 "$TMP/replies" | tr -d ' ')" = 7 ] ||
    fail "not seven statements"
expect 0 ecraudit verify -l "$TMP/data/log.vkey" -k "$TMP/office.vkey" \
    -t "$TMP/courier" --cacert "$TMP/cert.pem" "https://localhost:$tls"
echo kills done

# --- erased -------------------------------------------------------------------
# lodge FILE - one parcel that nobody can open; the receipt to FILE.r
lodge() {
	"$B/e2e/onecover" >"$TMP/$1"
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/$1.r" \
	    -H 'Content-Type:' --data-binary "@$TMP/$1" \
	    "https://localhost:$tls/parcels"
}
fetched() {
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/body" \
	    -w '%{http_code}' -H "Authorization: Bearer $(cat "$TMP/auditor")" \
	    "https://localhost:$tls/parcels/$(sha256sum <"$TMP/$1" | cut -c-64)"
}
lodge p1
lodge p2
closed
[ "$(fetched p1)" = 200 ] || fail "not there"
below=$size
record "n$next" seq=$next keyset=no drop=0
sends 201 "n$next"
next=$((next + 1))
lodge p3
closed
"$B/e2e/leftover" "$TMP/data" 65520 "$TMP/p1" "$TMP/p2" >"$TMP/out" &&
    fail "the search finds nothing even where there is something"
# Ahead of what the statement before had imported: not even taken.
record bad seq=$next keyset=no erase=$((below + 1)) drop=$next
sends 400 bad
record "n$next" seq=$next keyset=no erase="$below" drop=$next
sends 201 "n$next"
next=$((next + 1))
closed
while [ "$(fetched p1)" = 200 ] || [ "$(fetched p2)" = 200 ]; do
	sleep 0.1
done
[ "$(fetched p3)" = 200 ] || fail "one that was not given up"
cp "$TMP/p1.r" "$TMP/was"
curl -sS --cacert "$TMP/cert.pem" -o "$TMP/p1.r" -w '%{http_code}' \
    -H 'Content-Type:' --data-binary "@$TMP/p1" \
    "https://localhost:$tls/parcels" >"$TMP/out"
says 200 "$TMP/out"
cmp "$TMP/p1.r" "$TMP/was"
closed
[ "$(fetched p1)" = 404 ] || fail "it came back"
server_stop
"$B/e2e/leftover" "$TMP/data" 65520 "$TMP/p1" "$TMP/p2" >"$TMP/out" ||
    fail "left of erased parcels: $(cat "$TMP/out")"
"$B/e2e/leftover" "$TMP/data" 8176 "$TMP/answers1" >"$TMP/out" ||
    fail "left of dropped replies: $(cat "$TMP/out")"
echo erasure done

# --- and back out of a mirror ---------------------------------------------------
server_start
[ "$(fetched p1)" = 404 ] && [ "$(fetched p3)" = 200 ] || fail "restart"
[ "$(get /replies)" = 200 ] && cp "$TMP/body" "$TMP/replies"
[ "$(od -An -tu4 --endian=big -N4 "$TMP/replies" | tr -d ' ')" = 1 ] ||
    fail "more than one statement"
expect 0 ecrcourier fetch -q -s "https://localhost:$tls" -t "$TMP/courier" \
    --cacert "$TMP/cert.pem" -l "$TMP/data/log.vkey" "$TMP/mirror"
server_stop
mv "$TMP/data/drop" "$TMP/lost"
mv "$TMP/mirror/statements" "$TMP/kept"
expect 66 ecrdropd restore "$TMP/mirror" -c "$TMP/conf"
says 'statements/'
mv "$TMP/kept" "$TMP/mirror/statements"
# The guard may have moved on since the mirror was made.
if ! ecrdropd restore "$TMP/mirror" -c "$TMP/conf" 2>"$TMP/err"; then
	says 'older than what the fork guard has seen'
	mv "$TMP/lost" "$TMP/data/drop"
	server_start
	sized
	expect 0 ecrcourier fetch -q -s "https://localhost:$tls" \
	    -t "$TMP/courier" --cacert "$TMP/cert.pem" \
	    -l "$TMP/data/log.vkey" "$TMP/mirror"
	kill -9 "$server"
	wait "$server" || :
	exec 9<&-
	rm -rf "$TMP/data/drop"
	expect 0 ecrdropd restore "$TMP/mirror" -c "$TMP/conf"
fi
says "$((next - 1)) statements of the office, 4 of their replies"
sed -i '/^keyset/d' "$TMP/conf"
server_start
[ "$(get /replies)" = 200 ] && cmp "$TMP/body" "$TMP/replies" ||
    fail "other replies"
[ "$(get /keyset)" = 200 ] && cmp "$TMP/body" "$TMP/keyset" ||
    fail "another keyset"
sized
record bad seq=$((next - 1)) keyset=no
sends 409 bad
says "{\"next\":$next}" "$TMP/body"
record "n$next" seq=$next keyset=no
sends 201 "n$next"
closed
[ "$(fetched p1)" = 404 ] && [ "$(fetched p3)" = 200 ] || fail "restored"
server_stop
