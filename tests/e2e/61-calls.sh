#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What each role asks of the kernel is measured, over whole lives of the
# server, and held against the list that server/sandbox_calls.c allows: what
# is used must be there, and what is there must be used, or tests/e2e/calls.py
# says why it stays.
. "$(dirname "$0")/lib.sh"
if ! command -v strace >/dev/null; then
	[ "${CI:-}" = true ] && fail "strace is not here"
	skip "strace is not here: calls were not measured"
fi
if nm "$B/bin/ecrdropd" | grep -q __asan_init; then
	skip "sanitizers ask the kernel for more; the plain build is measured"
fi

# The server under strace, which stands beside and not above it, so that its
# number and its end are the server's own.
mkdir "$TMP/bin" "$TMP/calls"
cat >"$TMP/bin/ecrdropd" <<END
#!/bin/sh
n=\$(ls "$TMP/calls" | wc -l)
exec strace -D -ff -qq -e signal=none \$INJECT -o "$TMP/calls/\$n-life" \
    "$B/bin/ecrdropd" "\$@"
END
chmod +x "$TMP/bin/ecrdropd"

server_init
cat >>"$TMP/conf" <<-END
	listen plain unix:$TMP/sock
	epoch-seconds 1
	work-bits 0
	body-seconds 8
	head-seconds 4
	idle-seconds 4
END
# Two witnesses: one that answers; one by a name that libcurl must look up
# (it knows localhost itself), and which speaks no TLS.
name=$(awk '$1 ~ /^(127\.|::1$)/ { for (i = 2; i <= NF; i++)
    if ($i !~ /^localhost/) print $i }' /etc/hosts | head -n 1)
witnesses=''
for n in 1 2; do
	mkdir "$TMP/w$n"
	mkfifo "$TMP/w$n/says"
	"$B/e2e/fakewitness" $n "$TMP/data/log.vkey" "$TMP/w$n" \
	    >"$TMP/w$n/says" &
	witnesses="$witnesses $!"
	exec 7<"$TMP/w$n/says"
	IFS= read -r port <&7
	IFS= read -r vkey <&7
	exec 7<&-
	[ $n -eq 1 ] && where=http://127.0.0.1 || where=https://${name:-witness.invalid}
	echo "witness $where:${port#port=}/w ${vkey#vkey=}" >>"$TMP/conf"
done
trap 'ended=$?; kill -KILL $witnesses || :; at_exit' EXIT
echo 'witness-seconds 1' >>"$TMP/conf"
token=$(ecrdropd token courier -c "$TMP/conf")
echo "$token" >"$TMP/token"
"$B/e2e/onecover" >"$TMP/parcel"
PATH=$TMP/bin:$PATH
INJECT=
export INJECT

# put FILE - over TLS; prints the status
put() {
	curl -sS --max-time 20 --cacert "$TMP/cert.pem" -o "$TMP/body" \
	    -w '%{http_code}' -H 'Expect:' --data-binary "@$1" \
	    -H 'Content-Type: application/octet-stream' \
	    "https://localhost:$tls/parcels"
}

# --- a life with all that is usual
server_start
"$B/e2e/flood" "$plain" 20 >"$TMP/sums" || fail "flood"
case $(put "$TMP/parcel") in
201|200) ;;
*) fail "a parcel over TLS" ;;
esac
head -c 65520 /dev/zero >"$TMP/zeros"
[ "$(put "$TMP/zeros")" = 400 ] || fail "zeros are no parcel"
for path in /policy /keyset /replies /log/checkpoint /health /none; do
	get "$path" >/dev/null
	near "$path" >/dev/null
done
sum=$(sha256sum <"$TMP/parcel" | cut -d ' ' -f 1)
tries=0
until [ "$(curl -sS --max-time 20 -o "$TMP/body" -w '%{http_code}' \
    -H "Authorization: Bearer $token" \
    "http://127.0.0.1:$plain/parcels/$sum")" = 200 ]; do
	tries=$((tries + 1))
	[ $tries -lt 400 ] || fail "the epoch does not close"
	sleep 0.05
done
cmp -s "$TMP/body" "$TMP/parcel" || fail "another parcel"
[ "$(curl -sS -o "$TMP/body" -w '%{http_code}' \
    -H "Authorization: Bearer wrong" \
    "http://127.0.0.1:$plain/parcels/$sum")" = 401 ] || fail "a wrong token"
size=$(get /log/checkpoint >/dev/null; sed -n 2p "$TMP/body")
[ "$size" -ge 256 ] || get "/log/tile/0/000.p/$size" >/dev/null
get /log/tile/0/000 >/dev/null
curl -sS --unix-socket "$TMP/sock" -o "$TMP/body" http://localhost/policy
# A new token, which the store sees at the next question.
expect 0 "$B/bin/ecrdropd" token auditor -c "$TMP/conf"
curl -sS -o "$TMP/body" -H "Authorization: Bearer $token" \
    "http://127.0.0.1:$plain/parcels/$sum"
cmp -s "$TMP/body" "$TMP/parcel" || fail "an old token beside a new one"
# Somebody who never ends a head, a body, a hello; who goes at once.
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/calls.py" strangers \
    "$tls" "$plain"
# A role dies: the rest is restarted.
all="$(roles store) $(roles front)"
kill -KILL "$(roles front | head -n 1)"
restarted "$all"
# It is asked to stop while an epoch closes.
"$B/e2e/flood" "$plain" 12 >"$TMP/sums" || fail "flood"
server_stop

# --- the next start finds what the last one left; two epochs go by
server_start
size=$(near /log/checkpoint >/dev/null; sed -n 2p "$TMP/body")
tries=0
until [ "$(near /log/checkpoint >/dev/null; sed -n 2p "$TMP/body")" -gt \
    "$((size + 8))" ]; do
	tries=$((tries + 1))
	[ $tries -lt 400 ] || fail "no epoch closes"
	sleep 0.05
done
server_stop

# --- a disk that fails in the middle of commits and closes, and gets well
for fault in fdatasync:error=ENOSPC:when=3..12 \
    pwrite64:error=ENOSPC:when=200..230 fsync:error=EIO:when=20..26 \
    mkdir,mkdirat,rename,renameat2:error=ENOSPC:when=8..12; do
	INJECT="-e inject=$fault"
	if server_start 2>/dev/null; then
		"$B/e2e/flood" "$plain" 16 >"$TMP/sums" || fail "flood: $fault"
		near /health >/dev/null
		server_stop
	fi
done
INJECT=

# --- its end without a word to it
server_start
kill -KILL "$server"
server_wait 137

PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/calls.py" compare \
    "$TOP/server/sandbox_calls.c" "$TMP/calls"
if command -v systemd-analyze >/dev/null; then
	PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/calls.py" unit \
	    "$TOP/tools/systemd/ecrdropd.service" "$TMP/calls"
fi
