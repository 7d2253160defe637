#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The fork guard: an old copy of the data directory, a copy that runs beside
# its original, one that ran in its stead, a lost guard, an altered log: each
# is refused with the reason and its exit code, and nothing is signed.
. "$(dirname "$0")/lib.sh"

server_init
sed -i 's/^batch .*/batch 1/' "$TMP/conf"
echo 'epoch-seconds 1' >>"$TMP/conf"
guard=$TMP/data.guard/checkpoint

size() {
	sed -n 2p "$guard"
}

# run_on - until the log is longer than it is now
run_on() {
	was=$(size)
	server_start "$@"
	while [ "$(size)" -eq "$was" ]; do
		sleep 0.05
	done
	[ "$(get /log/checkpoint)" = 200 ] || fail "no checkpoint"
	server_stop
	# It may have closed once more between the two.
	[ "$(sed -n 2p "$TMP/body")" -le "$(size)" ] ||
	    fail "shown before it was guarded"
}

# refused CODE WORDS [CONF] - it does not start, says why, and signs nothing
refused() {
	cp -a "$TMP/data.guard" "$TMP/guard.before"
	expect "$1" ecrdropd -c "${3:-$TMP/conf}"
	says "$2"
	grep -q 'ecrdropd: ready' "$TMP/err" && fail "it claimed to be ready"
	diff -r "$TMP/data.guard" "$TMP/guard.before" || fail "the guard moved"
	rm -rf "$TMP/guard.before"
}

[ "$(stat -c %a "$TMP/data.guard")" = 700 ] || fail "the guard is open"
[ "$(size)" = 0 ] || fail "a new log is not empty"
run_on

# --- an old copy comes back
cp -a "$TMP/data" "$TMP/old"
cp -a "$TMP/data.guard" "$TMP/old.guard"
run_on
mv "$TMP/data" "$TMP/new"
cp -a "$TMP/old" "$TMP/data"
refused 1 'the log was longer than it is now: this is an old copy'
says "seen: $(size) entries, here: $(sed -n 2p "$TMP/old.guard/checkpoint")"
says 'ecrdropd restore MIRROR'
diff -r "$TMP/data" "$TMP/old" || fail "the refused copy was changed"
rm -rf "$TMP/data"
mv "$TMP/new" "$TMP/data"
run_on

# --- a copy under another name has no guard; one that takes ours is locked out
cp -a "$TMP/data" "$TMP/copy"
sed -e "s|^data .*|data $TMP/copy|" "$TMP/conf" >"$TMP/conf.copy"
refused 66 "guard $TMP/copy.guard: No such file" "$TMP/conf.copy"
mkdir "$TMP/copy.guard"
refused 66 'guard: there is none' "$TMP/conf.copy"
says 'ecrdropd make-guard'
rmdir "$TMP/copy.guard"
{ cat "$TMP/conf.copy"; echo "guard $TMP/data.guard"; } >"$TMP/conf.ours"
server_start
expect 78 ecrdropd -c "$TMP/conf.ours"
says 'guard: another server uses it'
expect 78 ecrdropd -c "$TMP/conf"
says 'data directory: another server uses it'
expect 71 ecrdropd make-guard -c "$TMP/conf"
server_stop

# --- in its stead it may run; then the original is the old copy
rm -rf "$TMP/copy"
cp -a "$TMP/data" "$TMP/copy"
run_on "$TMP/conf.ours"
refused 1 'this is an old copy'

# --- both ran on, each for itself: whoever is longer is not the other's
rm -rf "$TMP/data" "$TMP/data.guard"
cp -a "$TMP/old" "$TMP/data"
cp -a "$TMP/old.guard" "$TMP/data.guard"
run_on
cp -a "$TMP/data.guard" "$TMP/seen"
rm -rf "$TMP/data" "$TMP/data.guard"
cp -a "$TMP/old" "$TMP/data"
cp -a "$TMP/old.guard" "$TMP/data.guard"
while [ "$(size)" -lt "$(sed -n 2p "$TMP/seen/checkpoint")" ]; do
	run_on
done
cp "$TMP/seen/checkpoint" "$guard"
refused 1 'the log is not a continuation of what was signed'

# --- a lost guard; by the operator's word alone there is a new one
rm "$guard"
refused 66 'there is none'
expect 0 ecrdropd make-guard -c "$TMP/conf"
says 'by your word'
expect 73 ecrdropd make-guard -c "$TMP/conf"
run_on

# --- one of another log, one of no log
expect 0 ecrdropd init -o drop.example/other -D "$TMP/other" -g "$TMP/seen2"
cp "$guard" "$TMP/mine"
cp "$TMP/seen2/checkpoint" "$guard"
refused 1 'no checkpoint of this log and key'
echo >"$guard"
refused 1 'no checkpoint of this log and key'
cp "$TMP/mine" "$guard"
expect 73 ecrdropd init -o drop.example/third -D "$TMP/third" -g "$TMP/seen2"
[ ! -e "$TMP/third" ] || fail "half a log was made"
sed "s|^data .*|&\nguard $TMP/data/guard|" "$TMP/conf" >"$TMP/bad"
expect 78 ecrdropd -n -c "$TMP/bad"
says 'must not lie in the data directory'
run_on
