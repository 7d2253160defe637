#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A front in a stranger's hands, inside the real server: it can harm neither
# store nor key, and every receipt holds.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"

server_init
sed -i -e 's/^batch .*/batch 2/' -e 's/^epoch-parcels .*/epoch-parcels 640/' \
    "$TMP/conf"
cat >>"$TMP/conf" <<-END
	listen plain unix:$TMP/door
	epoch-seconds 2
	work-bits 0
	slots 8
END
"$B/e2e/onecover" >"$TMP/parcel"
token=$(ecrdropd token courier -c "$TMP/conf")
mkdir "$TMP/bin"
ln -s "$B/e2e/ecrdropd-taken" "$TMP/bin/ecrdropd"
PATH=$TMP/bin:$PATH PYTHONDONTWRITEBYTECODE=1 \
    python3 "$TOP/tests/e2e/taken.py" "$TMP/conf" "$TMP/door" "$TMP/parcel" \
    "$token" 2
