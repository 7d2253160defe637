#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Two servers in step, one with reports and one without: the file system
# shows the same names, sizes, blocks and links of both, their logs have the
# same lines, and drop/ is as large as the public number of entries explains.
# With CI set: so are the files' times, from the next full minute on, and the
# close shows at the same moment.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# begin NAME - a server of that name in $TMP/NAME; its number is added to
# $server, its plain port is printed
begin() {
	ecrdropd -c "$TMP/$1.conf" 2>"$TMP/$1.log" </dev/null >/dev/null 9>&- &
	server="$server $!"
	until grep -q '^ecrdropd: ready$' "$TMP/$1.log"; do
		kill -0 $! || fail "server $1 did not start"
		sleep 0.05
	done
}

port() {
	sed -n 's/^ecrdropd: listening on plain .*://p' "$TMP/$1.log" |
	    tail -n 1
}

# close_of NAME - the open epoch's close
close_of() {
	curl -sS "http://127.0.0.1:$(port "$1")/policy" | jq .epoch_close
}

entries() {
	curl -sS "http://127.0.0.1:$(port "$1")/log/checkpoint" | sed -n 2p
}

# both EPOCH - both servers, fresh, with epochs of so many seconds
both() {
	server=
	for name in with without; do
		rm -rf "$TMP/$name" "$TMP/$name".*
		expect 0 ecrdropd init -o drop.example/log -D "$TMP/$name"
		cat >"$TMP/$name.conf" <<-END
		data $TMP/$name
		listen plain 127.0.0.1:0 local
		epoch-parcels 64
		epoch-seconds $1
		batch 4
		work-bits 0
		fronts 1
		END
	done
	begin with
	begin without
}

end() {
	for pid in $server; do
		kill -TERM "$pid"
		wait "$pid" || fail "a server ended badly"
	done
	server=
	for name in with without; do
		grep -v -e listening -e 'running as root' "$TMP/$name.log" \
		    >"$TMP/$name.said" || :
	done
	cmp "$TMP/with.said" "$TMP/without.said" || {
		diff "$TMP/with.said" "$TMP/without.said"
		fail "the logs differ"
	}
	says epoch-closed "$TMP/with.said"
}

reports() {
	"$B/e2e/flood" "$(port with)" "$1" >>"$TMP/digests" || fail "flood"
}

# alike WHAT... - still.py, again until the next epoch's file is whole
alike() {
	tries=0
	until python3 "$here/still.py" "$@" >"$TMP/differ"; do
		tries=$((tries + 1))
		[ $tries -lt "${patience:-100}" ] || {
			cat "$TMP/differ"
			fail "they differ: $1"
		}
		sleep 0.1
	done
}

# next_epoch - until both have begun one
next_epoch() {
	before=$1
	until [ "$(close_of with)" != "$before" ] &&
	    [ "$(close_of with)" = "$(close_of without)" ]; do
		sleep 0.05
	done
}

both 5
for n in 1 30 0 7; do
	next_epoch "$(close_of with)"
	close=$(close_of with)
	[ $n -eq 0 ] || reports $n
	alike things "$TMP/with" "$TMP/without"
	# In the very epoch that has them, or it is no sign.
	[ "$(close_of with)" = "$close" ] || late="${late:-} $n"
done
[ "$(echo "${late:-}" | wc -w)" -le 1 ] || fail "alike too late:$late"
# Both have shown a close just now: none comes before both have been ended.
next_epoch "$(close_of with)"
size_with=$(entries with)
size_without=$(entries without)
until [ "$(entries with)" -ne "$size_with" ] &&
    [ "$(entries without)" -ne "$size_without" ]; do
	sleep 0.05
done
for name in with without; do
	patience=20 alike grown "$TMP/$name" "$(entries $name)"
done
end

if [ -n "${CI:-}" ]; then
	both 120
	# In the middle of an epoch: the minute that is no close.
	until [ $(($(date +%s) % 120)) -lt 50 ]; do
		sleep 1
	done
	next_epoch 0
	reports 15
	until [ $(($(date +%s) % 120)) -ge 62 ]; do
		sleep 0.5
	done
	patience=3 alike times "$TMP/with" "$TMP/without" 2
	reports 15
	close=$(close_of with)
	size_with=$(entries with)
	size_without=$(entries without)
	until [ "$(entries with)" -ne "$size_with" ] &&
	    [ "$(entries without)" -ne "$size_without" ]; do
		sleep 0.05
	done
	# drop/ is written at one moment, here two seconds after the close.
	for name in with without; do
		# Files have the time of the kernel's last tick.
		at=$(stat -c %.3Y "$TMP/$name/drop/data.mdb")
		awk -v at="$at" -v end="$close" 'BEGIN {
			exit !(at > end + 1.95 && at < end + 5) }' ||
		    fail "$name: shown at $at, closed at $close"
	done
	end
fi
