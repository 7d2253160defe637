#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two real witnesses, litewitness of the torchwood package: they cosign what
# closes, after a restart of either side too; auditor and desk count them.
. "$(dirname "$0")/lib.sh"

cd "$TOP"
bin=$(tools/peers where litewitness) || {
	echo "*** litewitness is not here (tools/peers): not tested against it"
	[ "${CI:-}" = true ] && fail "litewitness is not here"
	exit 77
}
for c in ssh-agent ssh-add ssh-keygen; do
	command -v $c >/dev/null || {
		echo "*** $c is not here, which litewitness needs"
		exit 77
	}
done

others=''
also_end() {
	for pid in $others; do
		kill -KILL "$pid" 2>/dev/null || :
	done
}
trap 'ended=$?; also_end; at_exit' EXIT

until_so() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || fail "it does not come true: $*"
		sleep 0.05
	done
}

# port_of PID - of its only listening socket, once it is there
port_of() {
	for fd in /proc/"$1"/fd/*; do
		i=$(readlink "$fd") || continue
		i=${i#socket:[}
		i=${i%]}
		awk -v i="$i" '$4 == "0A" && $10 == i { print $2 }' \
		    "/proc/$1/net/tcp"
	done | sed 's/.*://' | head -n 1
}
has_port() {
	[ -n "$(port_of "$1")" ]
}
has_vkey() {
	grep -q 'vkey=' "$1/says"
}

# lite NUMBER [ADDRESS] - begins, or begins anew: sets lite, addr
lite() {
	w=$TMP/w$1
	"$bin/litewitness" -db "$w/db" -key "$(cat "$w/print")" \
	    -name "witness.example/lite$1" -listen "${2:-127.0.0.1:0}" \
	    -ssh-agent "$w/agent" >>"$w/says" 2>&1 &
	lite=$!
	others="$others $lite"
	until_so has_vkey "$w"
	until_so has_port "$lite"
	addr=127.0.0.1:$(printf '%d' "0x$(port_of "$lite")")
}

lite_init() {
	w=$TMP/w$1
	mkdir "$w"
	ssh-keygen -q -t ed25519 -N '' -f "$w/key"
	ssh-keygen -lf "$w/key.pub" | cut -d ' ' -f 2 >"$w/print"
	ssh-agent -D -a "$w/agent" >/dev/null &
	others="$others $!"
	until_so [ -S "$w/agent" ]
	SSH_AUTH_SOCK=$w/agent ssh-add -q "$w/key"
	"$bin/witnessctl" add-log -db "$w/db" -origin drop.example/log \
	    >/dev/null 2>&1
	"$bin/witnessctl" add-key -db "$w/db" -origin drop.example/log \
	    -key "$(cat "$TMP/data/log.vkey")" >/dev/null 2>&1
	lite "$1"
	sed -n 's/.*vkey=\([^ ]*\).*/\1/p' "$w/says" >"$w/vkey"
	echo "witness http://$addr $(cat "$w/vkey")" >>"$TMP/conf"
}

signed() {
	sed -n 2p "$TMP/data.guard/checkpoint"
}
longer_than() {
	[ "$(signed)" -gt "$1" ]
}
shows_with() {
	[ "$(near /log/checkpoint)" = 200 ] &&
	    [ "$(grep -c '^— witness' "$TMP/body")" -eq "$1" ]
}

server_init
sed -i 's/^batch .*/batch 2/' "$TMP/conf"
printf 'epoch-seconds 2\nquorum 2\n' >>"$TMP/conf"
lite_init 1
first=$lite first_addr=$addr
lite_init 2

server_start
until_so shows_with 2
size=$(signed)
until_so longer_than "$((size + 4))"
until_so shows_with 2
audit() {
	expect "$1" ecraudit verify -l "$TMP/data/log.vkey" \
	    -w "$TMP/w1/vkey" -w "$TMP/w2/vkey" "http://127.0.0.1:$plain"
}
audit 0

# --- one goes and comes back; the log goes on
kill -KILL "$first"
size=$(signed)
until_so longer_than "$size"
lite 1 "$first_addr"
until_so shows_with 2

# --- our own restart, which finds the sizes again even where they are lost
server_stop
rm "$TMP/data.guard/witnesses"
server_start
until_so shows_with 2
audit 0
server_stop

# --- an old copy with its guard: both witnesses know better
cp -a "$TMP/data" "$TMP/old"
cp -a "$TMP/data.guard" "$TMP/old.guard"
server_start
size=$(signed)
until_so longer_than "$size"
until_so shows_with 2
server_stop
rm -rf "$TMP/data" "$TMP/data.guard"
mv "$TMP/old" "$TMP/data"
mv "$TMP/old.guard" "$TMP/data.guard"
expect 1 ecrdropd -c "$TMP/conf"
says 'a witness has seen'
