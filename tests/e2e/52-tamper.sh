#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Delete, reorder, change, truncate, duplicate, splice, fork, roll back,
# replay, swap keys, serve two views: each done to a real mirror, and by a
# server of ours; each named by ecraudit and refused by ecrdesk and ecrcourier.
# The acts are the rows of tamper.py.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
command -v python3 >/dev/null || skip "python3 is not here"
export PYTHONDONTWRITEBYTECODE=1

# A real log of more than one full tile, and a mirror of an earlier visit.
play_start --epoch 1 --batch 32 --work 0
report() {
	echo '{"submission":"advice","text":"May I keep a pen?"}' >"$TMP/r.json"
	expect 0 ecrdrop report -s "$url" -k "$office" --cacert "$cacert" \
	    -f "$TMP/r.json" --json
	digest=$(jq -r '.parcels[0]' <"$TMP/out")
}
fetch() {
	expect 0 ecrcourier fetch -q -s "$url" -t "$token" --cacert "$cacert" \
	    -l "$log" "$1"
	size=$(sed -n 2p "$1/log/checkpoint")
}
# wait_for FOLDER NAME - fetched again and again until it has that file
wait_for() {
	tries=0
	until [ -n "$(find "$1" -path "$1/$2" 2>/dev/null)" ]; do
		fetch "$1"
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || fail "the epoch does not close: $2"
	done
}
in_desk() {
	expect 0 ecrdesk -d "$desk" --passphrase-file "$passphrase" "$@"
}
cp -r "$desk" "$TMP/virgin"
report
wait_for "$TMP/old" "parcels/$digest"
in_desk import "$TMP/old"
in_desk export "$TMP/outbox"
expect 0 ecrcourier post -s "$url" -t "$token" --cacert "$cacert" \
    "$TMP/outbox"
cp -r "$TMP/old" "$TMP/mirror"
wait_for "$TMP/mirror" 'statements/*'
report
wait_for "$TMP/mirror" "parcels/$digest"
until [ "$size" -gt 260 ] && [ $((size % 256)) -ge 8 ]; do
	fetch "$TMP/mirror"
	tries=$((tries + 1))
	[ $tries -lt 2000 ] || fail "the epoch does not close"
done
play_stop

mkdir "$TMP/acts"
cat >"$TMP/given" <<END
log=$log
logkey=$TMP/play/data/log.key
office=$office
token=$token
virgin=$TMP/virgin
desk=$desk
passphrase=$passphrase
END
python3 "$here/tamper.py" "$TMP/given" "$TMP/acts" "$TMP/old" "$TMP/mirror" ||
    fail "tampering goes through"
