#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Roles die and come back; nobody outlives the parent; each role has only
# the rights that it needs.
. "$(dirname "$0")/lib.sh"

server_init

# field PID NAME - of /proc/PID/status
field() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

server_start
[ "$(roles front | wc -l)" -eq 2 ] || fail "two fronts were asked for"
[ "$(roles store | wc -l)" -eq 1 ] || fail "one store"

# --- rights
for pid in "$server" $(roles front) $(roles store); do
	[ "$(field "$pid" CapPrm)" = 0000000000000000 ] || fail "permitted"
	[ "$(field "$pid" CapEff)" = 0000000000000000 ] || fail "effective"
	[ "$(field "$pid" NoNewPrivs)" = 1 ] || fail "no_new_privs"
	[ "$(field "$pid" Seccomp)" = 2 ] || fail "seccomp"
	[ "$(field "$pid" Threads)" = 1 ] || fail "threads"
	grep -q '^Max core file size  *0 ' "/proc/$pid/limits" || fail "core"
done

# --- descriptors: a front has sockets and memory, no file, no folder
for pid in $(roles front); do
	for fd in /proc/"$pid"/fd/*; do
		what=$(readlink "$fd") || continue
		case $what in
		/dev/null|socket:*|/memfd:*|anon_inode:*|pipe:*) ;;
		*) [ "${fd##*/}" = 2 ] || fail "a front holds $what" ;;
		esac
	done
	tr '\0' '\n' <"/proc/$pid/environ" | grep -q . &&
	    fail "a front has an environment"
done

# --- any role's death restarts all, and the addresses stay
for role in front store; do
	all="$(roles store) $(roles front)"
	kill -KILL "$(roles "$role" | head -n 1)"
	restarted "$all"
	[ "$(get /policy)" = 200 ] || fail "TLS after the end of a $role"
done
server_stop
says 'ecrdropd: role-ended 2' "$TMP/server.log"

# --- kill -9 of the parent leaves no orphan
server_start
all="$(roles front) $(roles store)"
kill -KILL "$server"
server_wait 137		# reads its output to the end: every role let go
for pid in $all; do
	if [ -e "/proc/$pid" ] && [ "$(field "$pid" State | cut -c1)" != Z ]
	then
		fail "process $pid lives on"
	fi
done
server_start
[ "$(near /health)" = 200 ] || fail "start after kill -9"
server_stop

# --- another user, where we may
if [ "$(id -u)" -eq 0 ]; then
	chmod 711 "$TMP"
	chown -R nobody "$TMP/data" "$TMP/data.guard"
	echo 'user nobody' >>"$TMP/conf"
	expect 0 ecrdropd token courier -c "$TMP/conf"
	[ "$(stat -c %U "$TMP/data/tokens")" = nobody ] || fail "tokens"
	server_start
	for pid in "$server" $(roles front) $(roles store); do
		[ "$(field "$pid" Uid | cut -f1)" = "$(id -u nobody)" ] ||
		    fail "still root"
		[ -z "$(field "$pid" Groups | tr -d ' ')" ] || fail "groups"
	done
	[ "$(get /policy)" = 200 ] || fail "as another user"
	all="$(roles store) $(roles front)"
	kill -KILL "$(roles front | head -n 1)"
	restarted "$all"
	server_stop
fi
