#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A word in every header, path, body, handshake, report and attachment that a
# client can send is nowhere afterwards: not in the data directory, the log,
# open files, or the memory of the parent and the roles.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

grep -q __asan_init "$B/bin/ecrdropd" &&
	skip "sanitizers keep what was freed"
[ "$(id -u)" -eq 0 ] || {
	[ -z "${CI:-}" ] || fail "CI must run this as root"
	skip "only root reads another process's memory: NOT TESTED"
}

server_init
office_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	work-bits 0
	slots 16
END
server_start

# A real report, and its word.
word=Wq$(tr -dc A-Za-z </dev/urandom | head -c 12)
jq -n --arg w "$word" '{submission: "misconduct", category: "gifts",
    text: "About \($w).", involved: "\($w)", location: $w}' >"$TMP/r.json"
echo "$word" >"$TMP/$word.txt"
expect 0 ecrdrop report -q -s "https://localhost:$tls" --cacert \
    "$TMP/cert.pem" -k "$office" -f "$TMP/r.json" \
    -a "$TMP/$word.txt" --json
python3 "$here/canary.py" --server "$server" --data "$TMP/data" \
    --log "$TMP/server.log" --tls "$tls" --plain "$plain" \
    --cacert "$TMP/cert.pem" --word "$word" || fail "a word was found"
server_stop
grep -qi "$word" "$TMP/server.log" && fail "it was logged"
:
