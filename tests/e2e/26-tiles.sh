#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The log as it is served: every tile at every width, and no other spelling of
# any path; tiles.py knows what tlog-tiles asks for.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
export PYTHONDONTWRITEBYTECODE=1

server_init
cat >>"$TMP/conf" <<-END
	listen plain unix:$TMP/sock
	epoch-seconds 1
	work-bits 0
END
sed -i -e "s/^batch .*/batch 60/" -e 's/^epoch-parcels .*/epoch-parcels 1024/' \
    "$TMP/conf"
server_start
until near /log/checkpoint >/dev/null && size=$(sed -n 2p "$TMP/body") &&
    [ "$size" -gt 256 ] && [ $((size % 256)) -ne 0 ]; do
	sleep 0.1
done
server_stop

# It stands still: what was open is closed and shown a minute from now.
sed -i 's/^epoch-seconds .*/epoch-seconds 604800/' "$TMP/conf"
server_start
until near /policy >/dev/null &&
    [ "$(jq .epoch_close "$TMP/body")" -gt $(($(date +%s) + 60)) ]; do
	sleep 0.1
done
python3 "$TOP/tests/e2e/tiles.py" "$TMP/sock" || fail "not as tlog-tiles has it"
server_stop
