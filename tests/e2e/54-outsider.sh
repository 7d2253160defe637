#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 54-outsider: with nothing but the log's URL and its key, programs that share
# no line with ours verify it: a reader written from the C2SP documents, and
# Go's tlog and note packages (Debian's torchwood, where it is at hand).
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

server_init
office_init
sed -i 's/^batch .*/batch 100/; s/^epoch-parcels .*/epoch-parcels 1024/' \
    "$TMP/conf"
cat >>"$TMP/conf" <<-END
epoch-seconds 1
work-bits 0
END
server_start

# --- the log as it grows: partial tiles, full ones, a second level
sized() {
	python3 "$here/outsider.py" "http://127.0.0.1:$plain/log" \
	    "$TMP/data/log.vkey" || fail "it does not hold"
}
echo '{"submission":"advice","text":"May I?"}' >"$TMP/report"
expect 0 ecrdrop report -s "http://127.0.0.1:$plain" -k "$office" \
    -f "$TMP/report" --receipt "$TMP/receipt"
size=$(sized)
while [ "$size" -le 600 ]; do
	sleep 0.2
	before=$size
	size=$(sized)
	[ "$size" -ge "$before" ] || fail "$size after $before"
done

# --- an inclusion proof, and nothing but the entry, the proof and the key
spicy=$("$TOP/tools/peers" where litewitness)/spicy-torchwood || :
expect 0 ecraudit receipt -l "$TMP/data/log.vkey" --proof "$TMP/proof" \
    --json "http://127.0.0.1:$plain" "$TMP/receipt"
server_stop
[ -x "$spicy" ] || skip "no torchwood here (tools/peers)"
python3 - "$TMP" <<'END'
import json, sys
close = json.load(open(sys.argv[1] + "/out"))[0]["close"]
digest = open(sys.argv[1] + "/receipt").read().split("\n")[1]
open(sys.argv[1] + "/entry", "wb").write(
    b"\1" + close.to_bytes(8, "big") + bytes.fromhex(digest))
END
# Its own form of a proof lacks tlog-proof's first line.
[ "$(head -n 1 "$TMP/proof")" = c2sp.org/tlog-proof@v1 ] || fail "its head"
sed 1d "$TMP/proof" >"$TMP/entry.spicy"
expect 0 "$spicy" -verify "$(cat "$TMP/data/log.vkey")" "$TMP/entry"
cp "$TMP/entry.spicy" "$TMP/other.spicy"
tr '\001' '\002' <"$TMP/entry" >"$TMP/other"
"$spicy" -verify "$(cat "$TMP/data/log.vkey")" "$TMP/other" 2>"$TMP/err" &&
	fail "it takes another entry" || :
