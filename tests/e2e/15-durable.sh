#!/bin/sh
# SPDX-License-Identifier: ISC
#
# 201 means durable: the store is killed again and again while parcels come
# in and epochs close; every parcel that was acknowledged is in the log, and
# the log is whole, by a second reading of it that shares no code with ours.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"

cat >"$TMP/check.py" <<'END'
import base64, hashlib, sys, urllib.request
base, batch = sys.argv[1], int(sys.argv[2])
wanted = set(open(sys.argv[3]).read().split())

def get(path):
    return urllib.request.urlopen(base + path, timeout=20).read()

def name(n):
    parts = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        parts.insert(0, "x%03d" % (n % 1000))
    return "/".join(parts)

def tile(kind, n, width):
    return get("/log/tile/%s/%s%s" % (kind, name(n), "" if width == 256 else ".p/%d" % width))

def node(l, r):
    return hashlib.sha256(b"\1" + l + r).digest()

def root(h):
    if len(h) == 1:
        return h[0]
    k = 1
    while 2 * k < len(h):
        k *= 2
    return node(root(h[:k]), root(h[k:]))

text = get("/log/checkpoint").decode().split("\n")
size = int(text[1])
entries, level0, level1 = [], [], []
for n in range(0, size, 256):
    width = min(256, size - n)
    bundle = tile("entries", n // 256, width)
    hashes = tile("0", n // 256, width)
    for i in range(width):
        e = bundle[i * 43:(i + 1) * 43]
        assert e[:2] == b"\0\x29"
        entries.append(e[2:])
        leaf = hashlib.sha256(b"\0" + e[2:]).digest()
        assert leaf == hashes[i * 32:(i + 1) * 32], "tile 0"
        level0.append(leaf)
    if width == 256:
        level1.append(root(level0[-256:]))
if level1:
    assert tile("1", 0, len(level1)) == b"".join(level1), "tile 1"
assert base64.b64encode(root(level0)).decode() == text[2], "root"
closes = [int.from_bytes(e[1:9], "big") for e in entries]
assert all(e[0] == 1 for e in entries), "kinds"
assert closes == sorted(closes), "closes fall"
for c in set(closes):
    digests = [e[9:] for e in entries if e[1:9] == c.to_bytes(8, "big")]
    assert len(digests) % batch == 0, "an epoch of %d" % len(digests)
    assert digests == sorted(digests), "order"
logged = [e[9:].hex() for e in entries]
assert len(set(logged)) == len(logged), "a digest twice"
missing = wanted - set(logged)
assert not missing, "%d of %d acknowledged parcels are not logged" % (len(missing), len(wanted))
print("%d entries in %d epochs, %d of them ours" % (size, len(set(closes)), len(wanted)))
END

server_init
# Room enough that the work asked does not rise: nobody does any here.
sed -i 's/^epoch-parcels .*/epoch-parcels 512/' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	epoch-seconds 1
	work-bits 0
END
server_start
token=$(ecrdropd token courier -c "$TMP/conf")
mkfifo "$TMP/digests"
"$B/e2e/flood" "$plain" 80 >"$TMP/digests" &
flood=$!
n=0
while read -r digest; do
	echo "$digest" >>"$TMP/wanted"
	n=$((n + 1))
	case $n in
	15 | 30 | 45 | 60)
		store=$(roles store)
		[ -n "$store" ] && kill -KILL "$store"
		;;
	esac
done <"$TMP/digests"
wait "$flood" || fail "flood"
[ "$n" -eq 80 ] || fail "only $n were acknowledged"

# The last one was logged when it can be had; each comes back as it was.
hold() {
	curl -sS --max-time 60 --retry 30 --retry-delay 1 --retry-all-errors \
	    -f -H "Authorization: Bearer $token" -o "$TMP/body" \
	    "http://127.0.0.1:$plain/parcels/$1" 2>"$TMP/err" ||
	    fail "$1 is not held"
	[ "$(sha256sum <"$TMP/body")" = "$1  -" ] || fail "$1 is another"
}
hold "$(tail -n 1 "$TMP/wanted")"
for d in $(sed -n '1p;14,16p;29,31p;44,46p;59,61p' "$TMP/wanted"); do
	hold "$d"
done
expect 0 python3 "$TMP/check.py" "http://127.0.0.1:$plain" 4 "$TMP/wanted"
cat "$TMP/out"

# A stop and a start later it is the same log, grown.
server_stop
server_start
expect 0 python3 "$TMP/check.py" "http://127.0.0.1:$plain" 4 "$TMP/wanted"
server_stop
