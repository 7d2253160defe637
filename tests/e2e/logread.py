# SPDX-License-Identifier: ISC
"""logread.py - a second reading of the log; it shares no code with ours.

    logread.read(get, batch)     every entry, after every hash was checked
    logread.honoured(...)        is each receipt what the log says?

As a program, for scripts: logread.py URL BATCH FILE, FILE holding a digest
(hex) a line, each of which must be logged.
"""
import base64
import hashlib
import sys
import urllib.request


def tile_path(kind, n, width):
    parts = ['%03d' % (n % 1000)]
    while n >= 1000:
        n //= 1000
        parts.insert(0, 'x%03d' % (n % 1000))
    partial = '' if width == 256 else '.p/%d' % width
    return '/log/tile/%s/%s%s' % (kind, '/'.join(parts), partial)


def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


def leaf(entry):
    return hashlib.sha256(b'\0' + entry).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b'').digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return node(root(hashes[:k]), root(hashes[k:]))


def checkpoint(text):
    """Size and root, as its second and third lines have them."""
    lines = text.decode().split('\n')
    return int(lines[1]), base64.b64decode(lines[2])


def closes_and_order(entries, batch):
    """Closes never fall; an epoch is whole batches, in order of digest."""
    assert all(e[0] == 1 for e in entries), 'kinds'
    closes = [int.from_bytes(e[1:9], 'big') for e in entries]
    assert closes == sorted(closes), 'closes fall'
    digests = [e[9:].hex() for e in entries]
    assert len(set(digests)) == len(digests), 'a parcel twice'
    for c in set(closes):
        one = [d for d, at in zip(digests, closes) if at == c]
        assert len(one) % batch == 0, 'an epoch of %d' % len(one)
        assert one == sorted(one), 'order'
    return dict(zip(digests, closes))


def read(get, batch):
    """{digest: close}, from checkpoint, entries and tiles."""
    size, want = checkpoint(get('/log/checkpoint'))
    entries, level0, level1 = [], [], []
    for n in range(0, size, 256):
        width = min(256, size - n)
        bundle = get(tile_path('entries', n // 256, width))
        hashes = get(tile_path('0', n // 256, width))
        assert len(bundle) == 43 * width and len(hashes) == 32 * width
        for i in range(width):
            e = bundle[i * 43:(i + 1) * 43]
            assert e[:2] == b'\0\x29', 'length'
            entries.append(e[2:])
            level0.append(leaf(e[2:]))
        assert hashes == b''.join(level0[n:n + width]), 'tile of level 0'
        if width == 256:
            level1.append(root(level0[-256:]))
    if level1:
        top = get(tile_path('1', 0, len(level1)))
        assert top == b''.join(level1), 'tile of level 1'
    assert root(level0) == want, 'root'
    return closes_and_order(entries, batch)


def receipt(text):
    """Digest and close that it promises."""
    lines = text.decode().split('\n')
    assert lines[0].endswith('/receipt'), lines[0]
    return lines[1], int(lines[2])


def main():
    base, batch = sys.argv[1], int(sys.argv[2])
    with open(sys.argv[3], encoding='ascii') as f:
        wanted = f.read().split()

    def get(path):
        return urllib.request.urlopen(base + path, timeout=20).read()

    logged = read(get, batch)
    missing = [d for d in wanted if d not in logged]
    assert not missing, '%d of %d are not logged' % (len(missing), len(wanted))
    print('%d entries in %d epochs, %d of them ours'
          % (len(logged), len(set(logged.values())), len(wanted)))


if __name__ == '__main__':
    main()
