#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A full disk, failing writes, failing syncs: 503 and Retry-After, nothing
# acknowledged that is not durable, back to work without a restart where the
# disk allows it, a clear end where it does not.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"
export PYTHONDONTWRITEBYTECODE=1
"$B/e2e/onecover" >"$TMP/parcel"

# --- calls that fail, in the middle of an epoch and in a close
for seconds in 604800 1; do
	rm -rf "$TMP/data" "$TMP/data.guard"
	server_init
	sed -i -e 's/^batch .*/batch 2/' \
	    -e 's/^epoch-parcels .*/epoch-parcels 256/' "$TMP/conf"
	printf 'epoch-seconds %s\nwork-bits 0\n' $seconds >>"$TMP/conf"
	token=$(ecrdropd token courier -c "$TMP/conf")
	python3 "$TOP/tests/e2e/faults.py" "$TMP/conf" "$TMP/data" \
	    "$TMP/parcel" "$B/preload/disk.so" "$token" ||
	    fail "epochs of $seconds s"
done
says 'ecrdropd: disk-error' "$TMP/server.log"
says 'ecrdropd: gave-up' "$TMP/server.log"

# --- a file system that is really full, where we may mount one
if ! unshare -rm mount -t tmpfs none /mnt 2>/dev/null; then
	echo "!!! no mount here: only failing calls have played a full disk"
	exit 0
fi
mkdir "$TMP/small"
sed -i -e "s,^data .*,data $TMP/small/data," -e 's/^epoch-parcels .*/epoch-parcels 64/' \
    "$TMP/conf"
export TOP
# shellcheck disable=SC2016
expect 0 unshare -rm sh -c '
	mount -t tmpfs -o size=48m none "$TMP/small" &&
	ecrdropd init -o drop.example/log -D "$TMP/small/data" &&
	exec python3 "$TOP/tests/e2e/faults.py" "$TMP/conf" \
	    "$TMP/small/data" "$TMP/parcel" "$B/preload/disk.so" \
	    "$(ecrdropd token courier -c "$TMP/conf")" "$TMP/small"'
cat "$TMP/out"

# --- full from the start: not the configuration's fault, and to be tried again
# shellcheck disable=SC2016
expect 71 unshare -rm sh -c '
	mount -t tmpfs -o size=2m none "$TMP/small" &&
	ecrdropd init -o drop.example/log -D "$TMP/small/data" &&
	exec ecrdropd -c "$TMP/conf"'
says 'pending: No space left on device'
