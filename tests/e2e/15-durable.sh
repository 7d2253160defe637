#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 201 means durable: each role and the whole server are killed again and
# again while parcels come in and epochs close; every receipt is honoured
# after the restart, and the log is whole, by a second reading of it that
# shares no code with ours.
#
# KILL_ROUNDS says how often (20; in CI 100); KILL_SEED repeats what chance
# decided in a run that failed.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
[ "${CI:-}" = true ] && rounds=100 || rounds=20
rounds=${KILL_ROUNDS:-$rounds}
seed=${KILL_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}

server_init
# Half of it a second is more than the clients post: nobody does work here.
sed -i -e 's/^batch .*/batch 2/' -e 's/^epoch-parcels .*/epoch-parcels 160/' \
    "$TMP/conf"
cat >>"$TMP/conf" <<-END
	epoch-seconds 1
	work-bits 0
	END
"$B/e2e/onecover" >"$TMP/parcel"
token=$(ecrdropd token courier -c "$TMP/conf")
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/e2e/kill.py" "$TMP/conf" \
    "$TMP/parcel" "$token" "$rounds" "$seed" || fail "seed $seed"
