#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""outsider - verify any C2SP tlog-tiles log over HTTP, knowing nothing of ours.

usage: outsider.py URL VKEYFILE

Written from tlog-tiles, tlog-checkpoint and signed-note alone, with hashlib
and the openssl program: the signature and key id, every entry bundle, every
tile of every level, full and partial, and the root.  Prints the size; exits 1
where something does not hold.
"""
import base64
import hashlib
import subprocess
import sys
import tempfile
import urllib.request


def sha(b):
    return hashlib.sha256(b).digest()


def fetch(url, path):
    with urllib.request.urlopen(url + path, timeout=20) as r:
        return r.read()


def verified(note, vkey):
    """The text of a note that this key has signed."""
    name, ident, key = vkey.split('+', 2)
    raw = base64.b64decode(key)
    assert raw[0] == 1 and len(raw) == 33, 'an Ed25519 key'
    assert sha(name.encode() + b'\n' + raw)[:4].hex() == ident, 'key id'
    cut = note.rindex(b'\n\n')
    text, sigs = note[:cut + 1], note[cut + 2:].decode()
    for line in sigs.splitlines():
        dash, who, sig = line.split(' ')
        sig = base64.b64decode(sig)
        if (dash, who, sig[:4].hex()) == ('\u2014', name, ident):
            check(raw[1:], text, sig[4:])
            return text.decode()
    raise AssertionError('no signature of the key')


def check(key, text, sig):
    """Ed25519, by openssl: its DER has twelve bytes before the key."""
    with tempfile.TemporaryDirectory() as d:
        der = bytes.fromhex('302a300506032b6570032100') + key
        for name, b in (('key', der), ('text', text), ('sig', sig)):
            with open(d + '/' + name, 'wb') as f:
                f.write(b)
        subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-rawin',
                        '-keyform', 'DER', '-inkey', d + '/key',
                        '-in', d + '/text', '-sigfile', d + '/sig'],
                       check=True, stdout=subprocess.DEVNULL)


def path(level, n, width):
    out = '%03d' % (n % 1000)
    while n >= 1000:
        n //= 1000
        out = 'x%03d/%s' % (n % 1000, out)
    return '/tile/%s/%s%s' % (level, out,
                              '' if width == 256 else '.p/%d' % width)


def entries(bundle):
    while bundle:
        n = int.from_bytes(bundle[:2], 'big')
        assert len(bundle) >= 2 + n, 'a bundle cut off'
        yield bundle[2:2 + n]
        bundle = bundle[2 + n:]


def fold(hashes):
    """RFC 6962, 2.1."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha(b'\1' + fold(hashes[:k]) + fold(hashes[k:]))


def main(url, vkey):
    origin, size, root = verified(fetch(url, '/checkpoint'),
                                  vkey).split('\n')[:3]
    size = int(size)
    assert origin == vkey.split('+')[0], 'origin'
    level = []
    for n in range(0, size, 256):
        width = min(256, size - n)
        got = list(entries(fetch(url, path('entries', n // 256, width))))
        assert len(got) == width, 'entries in a bundle'
        level += [sha(b'\0' + e) for e in got]
    leaves, number = level, 0
    while level:
        for n in range(0, len(level), 256):
            want = level[n:n + 256]
            assert fetch(url, path(number, n // 256, len(want))) == \
                b''.join(want), 'tile %d/%d' % (number, n // 256)
        level = [fold(level[n:n + 256])
                 for n in range(0, len(level) - 255, 256)]
        number += 1
    assert (fold(leaves) if leaves else sha(b'')) == \
        base64.b64decode(root), 'root'
    print(size)


if __name__ == '__main__':
    with open(sys.argv[2], encoding='utf-8') as key:
        main(sys.argv[1].rstrip('/'), key.read().strip())
