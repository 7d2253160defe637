#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Attachments without their metadata: by the real mat2, in memory, and gone
# after, however it ends.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

if ! command -v mat2 >/dev/null || ! command -v bwrap >/dev/null ||
    ! bwrap --unshare-all --ro-bind / / true 2>/dev/null; then
	[ "${CI:-}" != true ] || fail "mat2 in bubblewrap does not work here"
	skip "mat2 in bubblewrap does not work here"
fi
ram=$(mktemp -d /dev/shm/ecr.XXXXXX) || skip "no /dev/shm"
trap 'ended=$?; rm -rf "$ram"; at_exit' EXIT
mkdir "$TMP/tmp"
tmp=$TMP/tmp
XDG_RUNTIME_DIR=$ram
export XDG_RUNTIME_DIR
play_start --epoch 2 --batch 4 --work 0
echo '{"submission":"advice","text":"See the picture."}' >"$TMP/r.json"
report() {
	TMPDIR=$tmp ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" "$@"
}
nothing_left() {
	[ -z "$(find "$ram" "$tmp" -mindepth 1)" ] ||
		fail "left: $(find "$ram" "$tmp" -mindepth 1)"
}
python3 "$here/picture.py" "$TMP/-holiday in spain.png" 200
printf 'just words\n' >"$TMP/words.txt"
printf 'MZ\000\001 a program' >"$TMP/tool.exe"
grep -q JANE-SECRET "$TMP/-holiday in spain.png" || fail "no secret to strip"

# --- without --strip: a warning, and the file as it is
expect 0 report --json -a "$TMP/-holiday in spain.png"
says 'may carry'
says '-holiday in spain.png'

# --- what cannot be stripped is named, and the reporter decides
expect 65 report --strip -a "$TMP/-holiday in spain.png" -a "$TMP/tool.exe"
says 'tool.exe cannot be stripped'
says 'nothing was sent'
nothing_left
expect 0 report --strip --keep-metadata -a "$TMP/tool.exe"
nothing_left

# --- stripped
cd "$TMP" || exit 71
expect 0 report --json --strip -a './-holiday in spain.png' -a words.txt
cd "$TOP" || exit 71
nothing_left
cp "$TMP/out" "$TMP/sent.json"

# --- ended while mat2 is at work: it ends, too, and nothing has a name
python3 "$here/picture.py" "$TMP/big.png" 3000
for signal in INT TERM HUP QUIT KILL; do
	ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" --strip -a "$TMP/big.png" \
	    >"$TMP/out" 2>"$TMP/err" </dev/null &
	pid=$!
	until cage=$(ps -o pid=,args= --ppid $pid | grep 'no-sandbox'); do
		kill -0 $pid 2>/dev/null || fail "it ended by itself"
	done
	cage=$(echo "$cage" | awk '{ print $1 }')
	kill -$signal $pid
	code=0
	wait $pid || code=$?
	if [ $signal = KILL ]; then
		[ $code -eq 137 ] || fail "$signal: exit code $code"
	else
		[ $code -eq 64 ] || fail "$signal: exit code $code"
		says 'nothing was sent'
	fi
	tries=0
	while [ -d "/proc/$cage" ] && [ "$(ps -o stat= -p "$cage")" != Z ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "the sandbox lives on"
		sleep 0.05
	done
	nothing_left
done

# --- the desk gets the picture without its secrets
digest=$(jq -r '.parcels[-1]' "$TMP/sent.json")
until [ -f "$TMP/mirror/parcels/$digest" ]; do
	ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" "$TMP/mirror" >"$TMP/out" || fail "fetch"
done
desk() {
	ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}
expect 0 desk -q import "$TMP/mirror"
expect 0 desk list --json
with='' without=''
for c in $(jq -r '.[].case' "$TMP/out"); do
	rm -rf "$TMP/files"
	desk -q attachments "$c" "$TMP/files" >/dev/null 2>&1 || continue
	for f in "$TMP/files"/*; do
		[ "$(head -c 4 "$f" | tail -c 3)" = PNG ] || continue
		if grep -q JANE-SECRET "$f"; then
			with=yes
		else
			without=yes
		fi
	done
done
[ -n "$with" ] || fail "the unstripped picture did not arrive"
[ -n "$without" ] || fail "the stripped picture still has its secrets"
play_stop
