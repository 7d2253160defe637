#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 53-statements: an auditor follows an office at work, from the first report
# to the erasure, visit by visit, at the server and in the courier's mirror.
. "$(dirname "$0")/lib.sh"

desk() {
	ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}

audit() {
	ecraudit verify -k "$office" --cacert "$cacert" --erase-delay 0 \
	    --json "$@" "$url" >"$TMP/said.json" 2>"$TMP/said.err" || {
		cat "$TMP/said.err" >&2
		fail "ecraudit: $?"
	}
}

field() {
	jq -r ".$1" <"$TMP/said.json"
}

# until_statements N - and the epoch after them
until_statements() {
	while audit && [ "$(field statements)" -lt "$1" ]; do
		sleep 0.2
	done
}

# one_round - mirror, import, export, post
one_round() {
	rm -f "$TMP/out.box"
	expect 0 ecrcourier fetch -s "$url" --cacert "$cacert" -t "$token" \
	    "$TMP/mirror"
	expect 0 desk import "$TMP/mirror"
	expect 0 desk export "$TMP/out.box"
	expect 0 ecrcourier post -s "$url" --cacert "$cacert" -t "$token" \
	    "$TMP/out.box"
}

play_start --epoch 2 --batch 4 --work 0 --erase-delay 0
echo '{"submission":"advice","text":"May I accept a pen?"}' >"$TMP/report"
expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
    -f "$TMP/report" --receipt "$TMP/receipt"
while ! ecraudit receipt -k "$office" --cacert "$cacert" --json "$url" \
    "$TMP/receipt" 2>"$TMP/err" | grep -q 'in time'; do
	sleep 0.2
done

# --- the first statement: an acknowledgement among replies
audit --state "$TMP/seen"
one_round
until_statements 1
replies=$(field replies)
[ "$replies" -ge 4 ] || fail "$replies replies"
audit --state "$TMP/seen"
[ "$(field statements)" = 1 ] || fail "the state did not go on"
[ "$(field from)" -gt 0 ] || fail "all was read again"
[ -s "$TMP/seen.said" ] || fail "what was said is not remembered"
audit --state "$TMP/seen"
[ "$(field statements)" = 0 ] || fail "the statement was seen twice"

# --- a second one, a receipt, all of it again
one_round
until_statements 2
audit --state "$TMP/seen"
audit --state "$TMP/seen" --all
[ "$(field from)" = 0 ] && [ "$(field statements)" = 2 ] || fail "--all"
audit -t "$token"
[ "$(field bodies)" -gt 0 ] || fail "no parcel was read"

# --- the mirror says the same, and what is spoilt in it is named
expect 0 ecrcourier fetch -s "$url" --cacert "$cacert" -t "$token" "$TMP/mirror"
expect 0 ecraudit verify -k "$office" --parcels --erase-delay 0 "$TMP/mirror"
says 'statements' "$TMP/out"
tamper() {
	rm -rf "$TMP/m"
	cp -r "$TMP/mirror" "$TMP/m"
}
refused() {
	rm -f "$TMP/e"
	expect 1 ecraudit verify -k "$office" -l "$log" --erase-delay 0 \
	    --parcels --evidence "$TMP/e" "$TMP/m"
	says "$1"
	[ "$(jq -r .what <"$TMP/e")" = served ] || fail "no evidence: $1"
}
statement=$(cd "$TMP/mirror" && for f in statements/*; do echo "$f"; done |
    head -n 1)
tamper; rm "$TMP/m/$statement"; refused "$statement is not there"
tamper; sed -i 's/^0$/1/' "$TMP/m/$statement"; refused "is not what the log's entry says"
tamper; truncate -s -8176 "$TMP/m/replies"; refused 'keyset and replies'
tamper; : >"$TMP/m/replies"; refused 'lacks the newest statement'
tamper
python3 - "$TMP/m/replies" <<'END'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[-100] ^= 1
open(sys.argv[1], "wb").write(b)
END
refused 'lacks replies'
play_stop
