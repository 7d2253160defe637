#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Proof of disclosure with the real programs: made while a report is sent,
# completed after the close, checked without a network, and refused by name
# when anything in it is not what was sealed, lodged and logged.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
play_start --alternate --epoch 2 --batch 4 --work 4
P=$TMP/my.ecrproof

drop() {
	cmd=$1
	shift
	ecrdrop "$cmd" -s "$url" -k "$office" --cacert "$cacert" "$@"
}
audit() {
	ecraudit proof -k "$office" "$@"
}
# closed FILE - prove until the epoch has closed; each "not yet" is a 75
closed() {
	while :; do
		got=0
		drop prove "$1" >"$TMP/out" 2>"$TMP/err" || got=$?
		[ $got -eq 75 ] || break
		says 'has not closed yet'
		cmp -s "$1" "$TMP/as-sent" || fail "not yet, and it changed"
		sleep 0.1
	done
	[ $got -eq 0 ] || { cat "$TMP/err" >&2; fail "prove: $got"; }
}

# --- made while sending, told before
cat >"$TMP/r.json" <<'END'
{"submission":"retaliation","text":"I was moved to the cellar.\nOn Monday.",
"where":"Basement","when":{"from":"2026-09","ongoing":"yes"},"retaliation":
{"acts":[{"code":"c","what":"the proof holds","by":"N. N."}]}}
END
head -c 130000 /dev/urandom >"$TMP/blob"
: >"$TMP/empty"
expect 64 drop report -f "$TMP/r.json" --proof "$P" --receipt "$P"
expect 73 drop report -f "$TMP/r.json" --proof "$TMP/no/where"
says 'nothing was sent'
echo old >"$TMP/old"
expect 73 drop report -f "$TMP/r.json" --proof "$TMP/old"
[ "$(cat "$TMP/old")" = old ] || fail "what was there before is gone"
expect 0 drop report -f "$TMP/r.json" -a "$TMP/blob" -a "$TMP/empty" \
    --proof "$P" --json
says 'can read all that you send now'
says 'ecrdrop prove'
cp "$TMP/out" "$TMP/sent.json"
[ "$(stat -c %a "$P")" = 600 ] || fail "a proof others can read"
[ -z "$(find "$TMP" -name '*.tmp')" ] || fail "a temporary file stayed"
cp "$P" "$TMP/as-sent"
cp "$P" "$TMP/early"

# --- whole only after the close
expect 65 audit "$P"
says "'ecrdrop prove'"
expect 64 drop prove
expect 64 drop prove "$P" "$P"
expect 66 drop prove "$TMP/none"
expect 65 drop prove "$TMP/r.json"
got=0
drop prove --receipt "$TMP/receipts" "$P" >"$TMP/out" 2>"$TMP/err" || got=$?
[ $got -eq 0 ] || [ $got -eq 75 ] || fail "prove --receipt: $got"
[ "$(stat -c %a "$TMP/receipts")" = 600 ] || fail "receipts others can read"
closed "$P"
expect 73 drop prove --receipt "$TMP/receipts" "$P"
expect 0 ecraudit receipt -k "$office" --cacert "$cacert" --json "$url" \
    "$TMP/receipts"
[ "$(jq -c '[.[].verdict]' "$TMP/out")" = '["in time","in time","in time"]' ] ||
    fail "receipts out of a proof: $(cat "$TMP/out")"
[ "$(stat -c %a "$P")" = 600 ] || fail "a whole proof others can read"
cp "$P" "$TMP/whole"
expect 0 drop prove "$P"
says 'was whole already' "$TMP/out"
cmp "$P" "$TMP/whole" || fail "a whole proof was written again"

# --- a follow-up has its own
jq -r .codename "$TMP/sent.json" >"$TMP/words"
printf '{"text":"And again."}' >"$TMP/f.json"
expect 0 drop follow-up --codename-file "$TMP/words" -f "$TMP/f.json" \
    --proof "$TMP/follow.ecrproof"
cp "$TMP/follow.ecrproof" "$TMP/as-sent"
closed "$TMP/follow.ecrproof"

# --- the reporter is asked, on a terminal, and may say no
asked() {
	cat >"$TMP/script" <<-END
	What do you want to hand in? => 1
	comes closest? => (Enter)
	What happened? => x
	>  => .
	When did it happen => (Enter)
	When did it end? => (Enter)
	still going on? => (Enter)
	Where did it happen? => (Enter)
	Whom is it about? => (Enter)
	How do you know? => (Enter)
	told somebody already? => (Enter)
	Are managers involved? => (Enter)
	Are you at risk => (Enter)
	to the organisation? => (Enter)
	attach files => (Enter)
	which language shall => (Enter)
	must not see this? => (Enter)
	about the ethics office itself? => (Enter)
	Type a number to change => s
	Make the proof all the same? [y/N]  => $1
	END
	python3 "$here/talk.py" "$TMP/script" ecrdrop report -s "$url" \
	    -k "$office" --cacert "$cacert" --proof "$TMP/asked.ecrproof" \
	    >"$TMP/seen" 2>"$TMP/err" </dev/null ||
	    { cat "$TMP/seen" "$TMP/err" >&2; fail "the wizard, $1"; }
	says 'without any password' "$TMP/seen"
	says 'This is your codename' "$TMP/seen"
}
asked n
says 'no proof will be made' "$TMP/seen"
[ ! -e "$TMP/asked.ecrproof" ] || fail "a proof that was declined"
asked y
[ -s "$TMP/asked.ecrproof" ] || fail "a proof that was agreed to"

# --- to the alternate: the proof says so, and the office's key does not fit
jq '.exclude_office = true' "$TMP/r.json" >"$TMP/alt.json"
expect 0 drop report -f "$TMP/alt.json" --proof "$TMP/alt.ecrproof"
cp "$TMP/alt.ecrproof" "$TMP/as-sent"
closed "$TMP/alt.ecrproof"

# --- no room: the report matters more than its proof
cp "$TMP/early" "$TMP/small"
(
	trap '' XFSZ
	ulimit -f 100
	expect 73 drop report -f "$TMP/r.json" -a "$TMP/blob" --json \
	    --proof "$TMP/none.ecrproof"
	says 'delivered all the same'
	[ "$(jq '.parcels | length' "$TMP/out")" -eq 3 ] || fail "not sent"
	expect 73 drop prove "$TMP/small"
	cmp "$TMP/early" "$TMP/small" || fail "half a proof in its place"
) || exit 1
[ ! -e "$TMP/none.ecrproof" ] || fail "half a proof"

# --- killed half-way: no half of a proof has a name
mkdir "$TMP/half"
head -c 6000000 /dev/urandom >"$TMP/large"
ecrdrop report -s "$url" -k "$office" --cacert "$cacert" -f "$TMP/r.json" \
    -a "$TMP/large" --proof "$TMP/half/p" >/dev/null 2>"$TMP/err" &
pid=$!
server=$pid		# ended at exit, too
# Some parts are in it: it has no name, or a temporary one.
until find -L "/proc/$pid/fd" -links 0 -size +100k 2>/dev/null | grep -q . ||
    find "$TMP/half" -size +100k | grep -q .; do
	kill -0 $pid 2>/dev/null || fail "it ended by itself"
	sleep 0.02
done
kill -KILL $pid
wait $pid 2>/dev/null || :
server=
[ -z "$(find "$TMP/half" -name p)" ] || fail "half a proof stays"
for after in 0 0.01 0.02 0.03 0.05 0.07 0.1 0.2; do
	cp "$TMP/early" "$TMP/half/q"
	ecrdrop prove -s "$url" -k "$office" --cacert "$cacert" \
	    "$TMP/half/q" >/dev/null 2>&1 &
	pid=$!
	sleep $after
	kill -KILL $pid 2>/dev/null || :
	wait $pid 2>/dev/null || :
	cmp -s "$TMP/early" "$TMP/half/q" || audit "$TMP/half/q" >/dev/null ||
	    fail "half a proof in its place, after $after s"
done
expect 0 drop prove "$TMP/half/q"
expect 0 audit "$TMP/half/q"

# --- beside the log that is shown today
expect 0 ecrcourier fetch -s "$url" --cacert "$cacert" -t "$token" \
    "$TMP/mirror"
expect 0 ecraudit proof -k "$office" --cacert "$cacert" "$url" "$P"
says 'the proof holds' "$TMP/out"
expect 0 audit "$TMP/mirror" "$P"
expect 69 audit "https://localhost:1" "$P" --cacert "$cacert" --tries 1
[ ! -s "$TMP/out" ] || fail "shown, and not compared"

play_stop

# --- without a network: all of it
expect 0 audit "$P"
for words in 'the proof holds' 'lodged by      the epoch that closed 20' \
    'role office of' 'I was moved to the cellar.' 'On Monday.' \
    'where: Basement' 'blob, 130000 bytes' '  from: 2026-09' \
    '      what: the proof holds' 'by: N. N.' '    On Monday.' \
    "$(sha256sum <"$TMP/blob" | cut -d ' ' -f 1)" \
    'It does not show who that is'; do
	says "$words" "$TMP/out"
done
expect 0 audit -l "$log" --json "$P"
[ "$(jq -c '[.holds, .role, .standing, .unknown_stanzas]' "$TMP/out")" = \
    '[true,"office",false,0]' ] || fail "what it shows, as JSON"
[ "$(jq -c '[.parcels[].parcel]' "$TMP/out")" = \
    "$(jq -c .parcels "$TMP/sent.json")" ] || fail "other parcels"
[ "$(jq -r .message.text "$TMP/out" | head -n 1)" = \
    'I was moved to the cellar.' ] || fail "another text"
expect 0 audit "$TMP/follow.ecrproof"
says 'And again.' "$TMP/out"
expect 0 audit --json "$TMP/alt.ecrproof"
[ "$(jq -r .role "$TMP/out")" = alternate ] || fail "not the alternate's"
sed '/\/alternate+/d' "$office" >"$TMP/office-alone"
expect 1 ecraudit proof -k "$TMP/office-alone" "$TMP/alt.ecrproof"
says 'not signed by a role of the office'
expect 64 audit
expect 64 ecraudit proof "$P"
expect 66 audit "$TMP/none"

# --- whatever is changed is named; exit 1 is kept for that
openssl rand -hex 16 >"$TMP/pass"
expect 0 ecrdropd init -o other.example/log -D "$TMP/data2"
for does in 'init -o playground.example --kdf-memory 16' \
    "trust -l $TMP/data2/log.vkey"; do
	# shellcheck disable=SC2086
	expect 0 ecrdesk -d "$TMP/desk2" --passphrase-file "$TMP/pass" $does
done
"$B/e2e/proofact" list >"$TMP/acts"
while IFS='	' read -r act code words; do
	rm -f "$TMP/bad"
	"$B/e2e/proofact" "$act" "$P" "$TMP/follow.ecrproof" \
	    "$TMP/desk2/public/keyset" "$TMP/bad" || fail "proofact $act"
	expect "$code" audit "$TMP/bad"
	says "$words"
	[ ! -s "$TMP/out" ] || fail "$act: something was shown all the same"
done <"$TMP/acts"
[ "$(wc -l <"$TMP/acts")" -ge 24 ] || fail "too few acts"

# --- cut anywhere, it is no proof
size=$(wc -c <"$P")
for n in 0 1 17 18 21 22 500 1000 40000 65000 "$((size / 2))" \
    "$((size - 1))"; do
	head -c "$n" "$P" >"$TMP/bad"
	expect 65 audit "$TMP/bad"
done
{ cat "$P"; printf x; } >"$TMP/bad"
expect 65 audit "$TMP/bad"

# --- believed by nobody else's keys
expect 1 ecraudit proof -k "$TMP/desk2/public/office.vkey" "$P"
says 'not signed by a role of the office'
expect 1 audit -l "$TMP/data2/log.vkey" "$P"
says 'another log'
"$B/e2e/mkmirror" keys "$TMP" "$TMP/desk2"
expect 1 audit -w "$TMP/w1.vkey" "$P"
says 'too few witnesses'
expect 64 audit -w "$TMP/w1.vkey" --quorum 2 "$P"
