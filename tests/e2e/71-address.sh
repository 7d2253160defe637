#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A client's address is never in user space: not in any role's memory while
# its connections are in whatever state, nor on disk or in the log; in no
# form, text, socket address or integer.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

[ "$(id -u)" -eq 0 ] || {
	[ -z "${CI:-}" ] || fail "CI must run this as root"
	skip "only root reads another process's memory: NOT TESTED"
}
server_init
sed -i 's/^fronts .*/fronts 1/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	work-bits 0
	slots 16
	epoch-seconds 2
END
server_start
python3 "$here/address.py" --server "$server" --data "$TMP/data" \
    --log "$TMP/server.log" --tls "$tls" --plain "$plain" \
    --cacert "$TMP/cert.pem" || fail "an address was found"
server_stop
grep -E '127\.(83|201|157)\.' "$TMP/server.log" && fail "it was logged"
:
