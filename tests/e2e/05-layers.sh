#!/bin/sh
# SPDX-License-Identifier: ISC
#
# tools/check-layers must bite: each rule is broken once, in a small tree of
# its own, and named; and a tree that keeps them all passes.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
T=$(mktemp -d "${TMPDIR:-/tmp}/ecrdrop-e2e.XXXXXX")
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
CC=${CC:-cc}

# A tree that keeps every rule, below $T/tree.
fresh() {
	rm -rf "$T/tree"
	mkdir -p "$T/tree/tools" "$T/tree/crypto" "$T/tree/server" \
	    "$T/tree/client/common" "$T/tree/client/desk" \
	    "$T/tree/client/courier" "$T/tree/b/crypto" "$T/tree/b/bin" \
	    "$T/tree/b/client/courier"
	cp "$top/tools/check-layers" "$T/tree/tools/"
	cd "$T/tree"
	cat > crypto/a.c <<-'END'
	#include <string.h>
	int a_same(const void *, const void *);
	static const char *const names[] = { "a", "b" };
	int a_same(const void *x, const void *y)
	{ return memcmp(x, y, 3) == 0 && names[0][0] == 'a'; }
	END
	printf '#include <curl/curl.h>\n#include "crypto/a.h"\n' \
	    > client/common/net.c
	echo '#include <event2/event.h>' > server/loop.c
	echo 'int main(void) { return 0; }' > client/desk/main.c
	echo 'int f(void); int f(void) { return 0; }' > client/courier/c.c
	objects
}

objects() {
	$CC -w -fPIE -c -o b/crypto/a.o crypto/a.c
	$CC -w -o b/bin/ecrdesk client/desk/main.c
	$CC -w -c -o b/client/courier/c.o client/courier/c.c
}

fail() {
	echo "FAIL: $*" >&2
	cat "$T/out" >&2
	exit 1
}

# bites WHAT - the checker refuses, and says WHAT
bites() {
	tools/check-layers b > "$T/out" 2>&1 && fail "not seen: $1"
	grep -qF -e "$1" "$T/out" || fail "not named: $1"
	[ "$(wc -l < "$T/out")" -eq 1 ] || fail "more than one word on: $1"
	fresh
}

# includes FILE HEADER - one line more in FILE is refused
includes() {
	echo "#include $2" >> "$1"
	h=${2#?}
	bites "$1:$(wc -l < "$1" | tr -d ' '): includes ${h%?}"
}

fresh
tools/check-layers b > "$T/out" 2>&1 || fail "a good tree is refused"

includes crypto/a.c '<stdio.h>'
includes crypto/a.c '<time.h>'
includes crypto/a.c '<openssl/ssl.h>'
includes crypto/a.c '"server/loop.h"'
includes crypto/a.c '"a.h"'
includes server/loop.c '"client/common/net.h"'
includes server/loop.c '"tests/unit/vec.h"'
includes server/loop.c '<event2/http.h>'
includes server/loop.c '<curl/curl.h>'
includes client/common/net.c '"server/loop.h"'
includes client/common/net.c '"client/desk/main.h"'
includes client/desk/main.c '"client/common/net.h"'
includes client/desk/main.c '"client/courier/c.h"'
includes client/desk/main.c '<sys/socket.h>'
includes client/desk/main.c '<curl/curl.h>'
includes client/courier/c.c '"crypto/agekey.h"'

echo 'int puts(const char *); int p(void) { return puts("x"); }' >> crypto/a.c
objects
bites 'crypto/ calls puts'
echo 'int counter; int c(void) { return counter++; }' >> crypto/a.c
objects
bites 'data that can be written: counter'
echo 'int socket(int, int, int); int s(void) { return socket(1, 1, 0); }' \
    >> client/desk/main.c
objects
bites 'ecrdesk imports socket'
echo 'int age_open(void); int o(void) { return age_open(); }' \
    >> client/courier/c.c
objects
bites 'c.o calls age_open'
rm b/crypto/a.o
bites 'no objects in b/crypto'
