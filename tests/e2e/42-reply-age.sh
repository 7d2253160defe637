#!/bin/sh
# SPDX-License-Identifier: ISC
#
# A reply is an age file like any other: stock age opens it with the
# mailbox's identity, and not the cover beside it; what stock age seals to the
# mailbox has a reply's size and opens here.
. "$(dirname "$0")/lib.sh"

cd "$TOP"
age=$(tools/peers where age) || {
	[ "${CI:-}" != true ] || fail "in CI age must be there"
	skip "no age at hand (tools/deps check brings it)"
}
make=$B/e2e/mkreply
"$make" "$TMP"
[ "$(wc -c <"$TMP/reply")" -eq 8176 ] || fail "a reply's size"
[ "$(wc -c <"$TMP/cover")" -eq 8176 ] || fail "a cover's size"
"$age" -d -i "$TMP/id.txt" -o "$TMP/out" "$TMP/reply"
cmp "$TMP/out" "$TMP/plain" || fail "age reads something else"
rm "$TMP/out"
expect 1 "$age" -d -i "$TMP/id.txt" -o "$TMP/out" "$TMP/cover"

"$age" -R "$TMP/to.txt" -o "$TMP/theirs" "$TMP/plain"
[ "$("$make" "$TMP")" = opens ] || fail "age's reply does not open"
printf x >>"$TMP/theirs"
[ "$("$make" "$TMP")" = no ] || fail "one byte too many opens"
