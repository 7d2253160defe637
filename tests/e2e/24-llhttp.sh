#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Our reader of request heads beside llhttp: the table, the fuzz target's
# seeds, and a few hundred thousand requests made of them; see
# tests/oracle/http_diff.c. With CI=true there are more of them.
. "$(dirname "$0")/lib.sh"

rounds=300000
[ "${CI:-}" != true ] || rounds=3000000
if [ ! -x "$B/oracle/http_diff" ]; then
	[ "${CI:-}" != true ] || fail "there is no llhttp to compare with"
	skip "NO LLHTTP here to compare with (Debian: node-llhttp or libllhttp-dev)"
fi
for seed in 1 2; do
	"$B/oracle/http_diff" $rounds $seed \
	    "$TOP/tests/vectors/http/requests.tsv" \
	    "$TOP"/tests/fuzz/corpus/http/* || fail "seed $seed"
done
