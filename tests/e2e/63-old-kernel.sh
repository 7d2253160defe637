#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A kernel without Landlock, with one that is too old, or without seccomp: a
# clear refusal with exit code 71, before anybody can connect, whichever role
# it meets.  strace answers in the kernel's place.
. "$(dirname "$0")/lib.sh"
if ! command -v strace >/dev/null; then
	[ "${CI:-}" = true ] && fail "strace is not here"
	skip "strace is not here: no kernel can be played"
fi

server_init

# refuses WORDS RULE... - the server under a kernel of these rules
refuses() {
	words=$1
	shift
	expect 71 strace -f -qq -o "$TMP/trace" -e signal=none \
	    -e trace=listen,accept4,landlock_create_ruleset,seccomp,prctl,landlock_restrict_self \
	    "$@" "$B/bin/ecrdropd" -c "$TMP/conf"
	says "$words"
	if grep -qE '(listening|ready)' "$TMP/err"; then
		cat "$TMP/err"
		fail "it listened: $*"
	fi
	if grep -qE '(listen|accept4)\(' "$TMP/trace"; then
		cat "$TMP/trace"
		fail "a stranger could have come: $*"
	fi
	grep -q INJECTED "$TMP/trace" || fail "nothing was played: $*"
}

# The control: strace alone does no harm.
INJECT=
mkdir "$TMP/bin"
cat >"$TMP/bin/ecrdropd" <<END
#!/bin/sh
exec strace -D -f -qq -o "$TMP/trace" -e signal=none -e trace=listen \
    \$INJECT "$B/bin/ecrdropd" "\$@"
END
chmod +x "$TMP/bin/ecrdropd"
(
	PATH=$TMP/bin:$PATH
	server_start
	[ "$(near /health)" = 200 ] || fail "no server under strace"
	server_stop
) || exit 1
grep -q 'listen(' "$TMP/trace" || fail "listen() is not seen"

# --- Landlock: none, switched off, the first one, and none for a role alone
create=landlock_create_ruleset
for error in ENOSYS EOPNOTSUPP; do
	refuses 'this kernel has Landlock ABI 0, and 2 is needed' \
	    -e inject=$create:error=$error
done
refuses 'this kernel has Landlock ABI 1, and 2 is needed' \
    -e inject=$create:retval=1
says 'Linux 5.19 or newer'
refuses 'Landlock: Invalid argument' -e inject=$create:error=EINVAL:when=2
refuses 'Landlock: ' -e inject=landlock_restrict_self:error=E2BIG
# With -f strace counts for each process: the store's own, after its exec.
# --- seccomp: none; no filters; refused at the last step
refuses 'seccomp: ' -e inject=seccomp:error=ENOSYS
refuses 'seccomp: ' -e inject=seccomp:error=EINVAL
refuses 'seccomp: ' -e inject=seccomp:error=EPERM
