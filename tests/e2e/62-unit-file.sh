#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The unit files: no mistake in them, an exposure of at most 1.0, and no line
# lost that this rests on.
. "$(dirname "$0")/lib.sh"
if ! command -v systemd-analyze >/dev/null; then
	[ "${CI:-}" = true ] && fail "systemd-analyze is not here"
	skip "systemd-analyze is not here: the unit files were not judged"
fi
SYSTEMD_LOG_LEVEL=warning SYSTEMD_PAGER='' SYSTEMD_COLORS=0
export SYSTEMD_LOG_LEVEL SYSTEMD_PAGER SYSTEMD_COLORS

# The program is not installed here: its path becomes that of the build.
mkdir "$TMP/units"
cp "$TOP"/tools/systemd/* "$TMP/units/"
sed -i "s|/usr/local/sbin/ecrdropd|$B/bin/ecrdropd|" \
    "$TMP/units/ecrdropd.service" "$TMP/units/ecrdrop-witness.service"
expect 0 systemd-analyze verify --man=no "$TMP/units/ecrdropd.service" \
    "$TMP/units/ecrdropd.socket" "$TMP/units/ecrdrop-witness.service" \
    "$TMP/units/ecrdrop-witness.socket"
grep -F ecrdrop "$TMP/err" && fail "systemd-analyze verify complains"
echo 'Sandbox=yes' >>"$TMP/units/ecrdropd.socket"
systemd-analyze verify --man=no "$TMP/units/ecrdropd.socket" \
    >"$TMP/out" 2>"$TMP/err" || :
grep -qF Sandbox "$TMP/err" || fail "verify does not see a wrong line"

# exposure FILE - in tenths, as systemd-analyze counts
exposure() {
	expect 0 systemd-analyze security --offline=true --no-pager "$1"
	sed -n 's/.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\).*/\1\2/p' \
	    "$TMP/out"
}
tenths=$(exposure "$TOP/tools/systemd/ecrdropd.service")
[ -n "$tenths" ] || fail "no exposure level"
echo "exposure: ${tenths%?}.${tenths#"${tenths%?}"} of 10"
[ "$tenths" -le 10 ] || { cat "$TMP/out"; fail "more than 1.0"; }
expect 0 systemd-analyze security --offline=true --no-pager --threshold=10 \
    "$TOP/tools/systemd/ecrdropd.service"

# What calls the witnesses has a network, and the score says so.
tenths=$(exposure "$TOP/tools/systemd/ecrdrop-witness.service")
[ -n "$tenths" ] || fail "no exposure level"
echo "exposure, witnesses: ${tenths%?}.${tenths#"${tenths%?}"} of 10"
[ "$tenths" -le 13 ] || { cat "$TMP/out"; fail "more than 1.3"; }

# It judges: without some of its lines the same unit fails.
grep -vE '^(CapabilityBoundingSet|SystemCallFilter|PrivateNetwork|PrivateUsers|ProtectSystem|NoNewPrivileges)' \
    "$TOP/tools/systemd/ecrdropd.service" >"$TMP/units/weak.service"
[ "$(exposure "$TMP/units/weak.service")" -gt 10 ] || fail "it judges nothing"
