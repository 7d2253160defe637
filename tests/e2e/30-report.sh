#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The reporter's tool: what it sends, whom it talks to, what it leaves.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# --- the command line
echo '{"submission":"advice","text":"May I?"}' >"$TMP/r.json"
expect 0 ecrdrop --help
says 'usage: ecrdrop report' "$TMP/out"
expect 64 ecrdrop fnord
[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "words that scroll away"
expect 64 ecrdrop
expect 64 ecrdrop tell
expect 64 ecrdrop report
play_start --epoch 2 --batch 4 --work 4
report() {
	ecrdrop report -s "$url" -k "$office" --cacert "$cacert" "$@"
}
expect 66 report -f "$TMP/none.json"
expect 66 report -f "$TMP/r.json" -a "$TMP/none"
echo '{"submission":"advice"}' >"$TMP/bad.json"
expect 65 report -f "$TMP/bad.json"
says '"text" is missing'
expect 64 report -k "$TMP/r.json" -f "$TMP/r.json"
says 'given twice'
expect 65 ecrdrop report -s "$url" -k "$TMP/r.json" -f "$TMP/r.json"
says 'not a file of office keys'
expect 64 ecrdrop report -s http://drop.example -k "$office" -f "$TMP/r.json"
expect 69 ecrdrop report -s "$url" -k "$office" -f "$TMP/r.json"
says 'certificate is not trusted'
setsid ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
    </dev/null >"$TMP/out" 2>"$TMP/err" && fail "a wizard without a terminal"
says 'there is no terminal'

# --- a line that breaks, twice in the body and once before the answer
server_port=${url##*:}
mkfifo "$TMP/cutter.in"
python3 "$here/cutter.py" "$server_port" body answer body \
    <"$TMP/cutter.in" >"$TMP/cutter.log" &
exec 7>"$TMP/cutter.in"
until [ -s "$TMP/cutter.log" ]; do sleep 0.02; done
line=$(head -n 1 "$TMP/cutter.log")
head -c 100000 /dev/urandom >"$TMP/blob"
printf 'plain words\n' >"$TMP/note.txt"
expect 0 ecrdrop report -s "https://localhost:$line" -k "$office" \
    --cacert "$cacert" -f "$TMP/r.json" -a "$TMP/blob" -a "$TMP/note.txt" \
    --json --receipt "$TMP/receipts"
says 'sent again'
cp "$TMP/out" "$TMP/sent.json"
exec 7>&-
[ "$(grep -c '^cut' "$TMP/cutter.log")" -eq 3 ] ||
	fail "the line was to break three times"
[ "$(jq '.parcels | length' "$TMP/sent.json")" -eq 2 ] || fail "two parts"
[ "$(jq -r .codename "$TMP/sent.json" | wc -w)" -eq 12 ] || fail "no codename"
[ "$(stat -c %a "$TMP/receipts")" = 600 ] || fail "receipts others can read"

# --- the receipts, by another program: the log's key has signed these digests
{
	printf '\060\052\060\005\006\003\053\145\160\003\041\000'
	sed 's/^[^+]*+[^+]*+//' "$log" | base64 -d | tail -c 32
} >"$TMP/log.der"
check_receipt() {
	sed -n '/^$/q;p' "$1" >"$TMP/text"
	sed -n 's/^— [^ ]* //p' "$1" | base64 -d | tail -c 64 >"$TMP/sig"
	openssl pkeyutl -verify -pubin -inkey "$TMP/log.der" -keyform DER \
	    -rawin -in "$TMP/text" -sigfile "$TMP/sig" >/dev/null ||
		fail "a receipt that its key did not sign"
	[ "$(sed -n 2p "$TMP/text")" = "$2" ] || fail "a receipt for another"
	[ "$(sed -n 3p "$TMP/text")" -le "$(jq .epoch_close "$TMP/sent.json")" ] ||
		fail "a close later than what was said"
}
sed -n '1,5p' "$TMP/receipts" >"$TMP/receipt.1"
sed -n '7,11p' "$TMP/receipts" >"$TMP/receipt.2"
check_receipt "$TMP/receipt.1" "$(jq -r '.parcels[0]' "$TMP/sent.json")"
check_receipt "$TMP/receipt.2" "$(jq -r '.parcels[1]' "$TMP/sent.json")"
for f in "$TMP/receipts" "$TMP/none/receipts"; do
	expect 73 report -q -f "$TMP/r.json" --receipt "$f"
	says 'nothing was sent'
done

# --- through to the desk: each parcel once in the log, the files whole
expect 65 report -f - --json
report -f - --json <"$TMP/r.json" >"$TMP/last.json" || fail "from stdin"
last=$(jq -r '.parcels[0]' "$TMP/last.json")
until [ -f "$TMP/mirror/parcels/$last" ]; do
	ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" "$TMP/mirror" || fail "fetch"
	sleep 0.1
done
for d in $(jq -r '.parcels[]' "$TMP/sent.json"); do
	n=$(cat "$TMP/mirror/log/tile/entries"/* \
	    "$TMP/mirror/log/tile/entries"/*/* 2>/dev/null |
	    od -An -v -tx1 | tr -d ' \n' | grep -o "$d" | wc -l)
	[ "$n" -eq 1 ] || fail "$d is $n times in the log"
done
desk() {
	ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}
expect 0 desk import "$TMP/mirror"
expect 0 desk list --json
for c in $(jq -r '.[].case' "$TMP/out"); do
	desk -q attachments "$c" "$TMP/files" >/dev/null 2>&1 || :
done
for f in blob note.txt; do
	found=
	for g in "$TMP/files"/*; do
		cmp -s "$TMP/$f" "$g" && found=yes
	done
	[ -n "$found" ] || fail "$f did not arrive"
done

# --- the proxy: socks5h on this machine, a user name of its own for each run
mkfifo "$TMP/socks.in"
python3 "$here/socks.py" "$server_port" <"$TMP/socks.in" >"$TMP/socks.log" &
exec 7>"$TMP/socks.in"
until [ -s "$TMP/socks.log" ]; do sleep 0.02; done
socks=127.0.0.1:$(head -n 1 "$TMP/socks.log")
expect 0 report -f "$TMP/r.json" -a "$TMP/blob" --proxy "socks5h://$socks"
expect 0 report -f "$TMP/r.json" --proxy "socks5h://$socks"
sed 1d "$TMP/socks.log" | awk '{ print $1 }' | sort -u >"$TMP/users"
[ "$(wc -l <"$TMP/users")" -eq 2 ] || fail "two runs, not two user names"
grep -qvE '^[0-9a-f]{32}$' "$TMP/users" && fail "a user name that says something"
sed 1d "$TMP/socks.log" | grep -qv ' name localhost ' &&
	fail "a name was resolved here, not by the proxy"
expect 69 ecrdrop report -s https://nowhere.invalid -k "$office" \
    --cacert "$cacert" -f "$TMP/r.json" --proxy "socks5h://$socks"
tail -n 1 "$TMP/socks.log" | grep -q ' name nowhere.invalid 443$' ||
	fail "the name did not reach the proxy"
seen=$(wc -l <"$TMP/socks.log")
for p in "socks5://$socks" "http://$socks" "socks4a://$socks" "$socks" \
    socks5h://192.0.2.1:9050; do
	expect 64 report -f "$TMP/r.json" --proxy "$p"
done
# The environment's proxies are not asked, nor does it choose authorities.
for v in https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
	expect 0 env "$v=socks5h://$socks" ecrdrop report -s "$url" \
	    -k "$office" --cacert "$cacert" -f "$TMP/r.json"
done
expect 0 env no_proxy='*' NO_PROXY='*' ecrdrop report -s "$url" -k "$office" \
    --cacert "$cacert" -f "$TMP/r.json" --proxy "socks5h://$socks"
[ "$(wc -l <"$TMP/socks.log")" -gt "$seen" ] ||
	fail "no_proxy led around the proxy"
seen=$(wc -l <"$TMP/socks.log")

# --- about the office itself, and nobody else to read it: nothing is sent
echo '{"submission":"misconduct","text":"x","exclude_office":true}' \
    >"$TMP/about.json"
expect 78 report -f "$TMP/about.json" --proxy "socks5h://$socks"
says 'nothing was sent'
[ "$(wc -l <"$TMP/socks.log")" -eq "$seen" ] || fail "something was sent"
exec 7>&-

# --- delivered, but the codename cannot be written: never a silent 0
code=0
setsid ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
    -f "$TMP/r.json" >/dev/full 2>"$TMP/err" </dev/null || code=$?
[ $code -eq 73 ] || fail "a lost codename gave $code"
says 'codename could not be written'

code=0
ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
    -f "$TMP/r.json" >&- 2>"$TMP/err" </dev/null || code=$?
[ $code -ne 0 ] || fail "a closed standard output gave 0"

# --- the environment cannot have the connection's keys written down
expect 0 env SSLKEYLOGFILE="$TMP/keylog" ecrdrop report -s "$url" \
    -k "$office" --cacert "$cacert" -f "$TMP/r.json"
[ ! -e "$TMP/keylog" ] || fail "the session's keys were written to a file"

# --- nothing of it is left on disk: no file but those made here
left=$(find "$TMP" -newer "$TMP/about.json" ! -path "$TMP/play/*" -type f \
    ! -name out ! -name err ! -name '*.log')
[ -z "$left" ] || fail "something was left behind: $left"
wait_all=$(jobs -p | grep -v "^$play\$" || :)
for pid in $wait_all; do
	wait "$pid" || :
done
play_stop
