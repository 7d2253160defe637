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
report
tries=0
until [ -f "$TMP/old/parcels/$digest" ]; do
	fetch "$TMP/old"
	tries=$((tries + 1))
	[ $tries -lt 2000 ] || fail "the epoch does not close"
done
cp -r "$TMP/old" "$TMP/mirror"
report
until [ -f "$TMP/mirror/parcels/$digest" ] && [ "$size" -gt 300 ] &&
    [ $((size % 256)) -ge 8 ]; do
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
desk=$desk
passphrase=$passphrase
END
python3 "$here/tamper.py" "$TMP/given" "$TMP/acts" "$TMP/old" "$TMP/mirror" ||
    fail "tampering goes through"
