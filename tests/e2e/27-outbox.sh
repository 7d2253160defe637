#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 27-outbox: what the office sends.  A desk's double signs statements, right
# and wrong; the server takes what is right, once, whole, and logs and serves
# it after the close; what the office has given up is gone from every file.
. "$(dirname "$0")/lib.sh"

mk=$B/e2e/mkoutbox
name=office.example/office
origin=drop.example/log
server_init
"$mk" key $name "$TMP/seed" >"$TMP/office.vkey"
"$mk" keyset $name "$TMP/seed" "$TMP/data/log.vkey" 1 >"$TMP/keyset"
cat >>"$TMP/conf" <<-END
office-vkey $TMP/office.vkey
keyset $TMP/keyset
epoch-seconds 2
erase-delay 0
work-bits 0
END
expect 0 ecrdropd -c "$TMP/conf" -n
for role in courier auditor; do
	expect 0 ecrdropd token $role -c "$TMP/conf"
	mv "$TMP/out" "$TMP/$role"
done
server_start

# send FILE [TOKENFILE] - prints the status; the answer to $TMP/body
send() {
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/body" \
	    -w '%{http_code}' -H "Authorization: Bearer $(cat "${2:-$TMP/courier}")" \
	    --data-binary "@$1" "https://localhost:$tls/outbox"
}

# sends STATUS FILE [TOKENFILE]
sends() {
	got=$(send "$2" ${3:+"$3"})
	[ "$got" = "$1" ] || fail "$2: $got, not $1: $(cat "$TMP/body")"
}

# record FILE [WORD=VALUE]...
record() {
	to=$1
	shift
	"$mk" record $name "$TMP/seed" $origin "$TMP/keyset" "$@" >"$TMP/$to"
}

# sized - size and root of the checkpoint that is served
sized() {
	[ "$(get /log/checkpoint)" = 200 ] || fail "checkpoint"
	size=$(sed -n 2p "$TMP/body") root=$(sed -n 3p "$TMP/body")
}

# until the log has an entry more than SIZE
until_past() {
	while sized && [ "$size" -le "$1" ]; do
		sleep 0.1
	done
}

# --- taken, logged, served -------------------------------------------------
[ "$(get /replies)" = 200 ] && [ ! -s "$TMP/body" ] || fail "replies, empty"
sized
record one seq=1 size="$size" root="$root"
sends 201 "$TMP/one"
sends 200 "$TMP/one"
while [ "$(get /replies)" = 200 ] && [ ! -s "$TMP/body" ]; do
	sleep 0.1
done
cp "$TMP/body" "$TMP/replies"
# count | length | statement | length | keyset | replies: without keyset
n=$(($(wc -c <"$TMP/one") - $(wc -c <"$TMP/keyset")))
[ "$(wc -c <"$TMP/replies")" -eq "$n" ] || fail "length of /replies"
tail -c 32704 "$TMP/one" >"$TMP/tail"
tail -c 32704 "$TMP/replies" | cmp - "$TMP/tail" || fail "replies"
sends 200 "$TMP/one"
[ "$(get /keyset)" = 200 ] && cmp "$TMP/body" "$TMP/keyset"
server_stop
