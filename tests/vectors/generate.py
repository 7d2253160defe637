#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Makes our own vectors, beside this file.  See README.md here.

A second implementation, from docs/formats/ and the standard library alone,
so that a vector never only repeats what the C code does.  The one thing not
made here is X-Wing: the body of parcel/sealed comes from parcel_seal(), and
what it follows from is derived here.  To wrap such a body anew:
generate.py FILE.
"""
import base64
import hashlib
import hmac
import os
import struct
import sys

TOP = os.path.dirname(os.path.abspath(__file__))

# --- Ed25519 (RFC 8032), slow and plain -----------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return i * j % P, k * m % P, j * k % P, i * m % P


def mul(n, a):
    r = (0, 1, 1, 0)
    while n:
        if n & 1:
            r = add(r, a)
        a = add(a, a)
        n >>= 1
    return r


def base():
    y = 4 * pow(5, P - 2, P) % P
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x & 1:
        x = P - x
    return x, y, 1, x * y % P


BASE = base()


def pack(a):
    z = pow(a[2], P - 2, P)
    x, y = a[0] * z % P, a[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, 'little')


def sha512(*parts):
    return int.from_bytes(hashlib.sha512(b''.join(parts)).digest(), 'little')


def scalar(seed):
    h = bytearray(hashlib.sha512(seed).digest())
    h[0] &= 248
    h[31] = h[31] & 127 | 64
    return int.from_bytes(h[:32], 'little'), bytes(h[32:])


def public(seed):
    return pack(mul(scalar(seed)[0], BASE))


def sign(seed, msg):
    s, prefix = scalar(seed)
    pk = pack(mul(s, BASE))
    r = sha512(prefix, msg) % L
    rr = pack(mul(r, BASE))
    return rr + ((r + sha512(rr, pk, msg) * s) % L).to_bytes(32, 'little')


# --- small tools ------------------------------------------------------------
def sha(b):
    return hashlib.sha256(b).digest()


def hkdf(ikm, salt, info, n):
    prk = hmac.new(salt or bytes(32), ikm, 'sha256').digest()
    out = t = b''
    i = 1
    while len(out) < n:
        t = hmac.new(prk, t + info + bytes([i]), 'sha256').digest()
        out += t
        i += 1
    return out[:n]


def b64(b):
    return base64.b64encode(b).decode()


def put(folder, name, expect, comment, body, **head):
    os.makedirs(os.path.join(TOP, folder), exist_ok=True)
    if isinstance(body, str):
        body = body.encode()
    lines = ['expect: ' + expect, 'comment: ' + comment]
    lines += ['%s: %s' % (k.replace('_', '-'), v) for k, v in head.items()]
    with open(os.path.join(TOP, folder, name), 'wb') as f:
        f.write('\n'.join(lines).encode() + b'\n\n' + body)


# --- notes --------------------------------------------------------------------
DASH = '\u2014 '


class Key:
    def __init__(self, name, fill, kind=1):
        self.name, self.seed = name, bytes([fill]) * 32
        self.key = bytes([kind]) + public(self.seed)
        self.id = sha(name.encode() + b'\n' + self.key)[:4]
        self.vkey = '%s+%s+%s' % (name, self.id.hex(), b64(self.key))

    def sig(self, text):
        return sign(self.seed, text.encode())

    def line(self, text):
        return DASH + self.name + ' ' + b64(self.id + self.sig(text)) + '\n'

    def note(self, text):
        return text + '\n' + self.line(text)


LOG = Key('drop.example/log1', 1)
WIT = Key('witness.example/w1', 2, 4)
WIT2 = Key('witness.example/w2', 3, 4)
OFFICE = Key('ethics.example/office', 4)


def notes():
    k, text = LOG, 'A line.\n'
    good = k.note(text)
    line = k.line(text)
    other = Key('other.example/log', 9)

    def n(name, expect, comment, body, check='verify', key=k):
        put('note', name, expect, comment, body, check=check, vkey=key.vkey)

    n('ok', 'success', 'the smallest signed note', good, 'open')
    n('ok-blank-lines', 'success', 'the last empty line splits',
      k.note('A line.\n\n\nMore.\n'), 'open')
    n('ok-lf-only', 'success', 'the text is one empty line', k.note('\n'))
    n('ok-utf8', 'success', 'text in several scripts',
      k.note('caf\u00e9 \u4e2d\u6587 \U0001f600\n'), 'open')
    n('ok-text-looks-signed', 'success', 'signature lines inside the text',
      k.note(good + 'x\n'), 'open')
    n('ok-others', 'success', 'lines of keys we do not know are ignored',
      text + '\n' + other.line('forged\n') + line)
    n('ok-second-line-ignored', 'success',
      'a second line of the same key is not looked at',
      good + k.line('another text\n'))
    n('ok-same-name', 'success', 'our name with another key id is another key',
      text + '\n' + DASH + k.name + ' ' + b64(b'\0' * 68) + '\n' + line)
    n('ok-same-id', 'success', 'our key id under another name is another key',
      text + '\n' + DASH + 'x ' + b64(k.id + b'\0' * 64) + '\n' + line)
    n('ok-long-line', 'success', 'a post-quantum cosignature stands beside',
      good + DASH + 'pq.example ' + b64(b'\x06' * 2432) + '\n')
    n('ok-100-lines', 'success', 'as many lines as are read',
      good + other.line(text) * 99)
    n('bad-101-lines', 'format', 'one line too many',
      good + other.line(text) * 100)
    n('bad-no-final-lf', 'format', 'cut before the last LF', good[:-1])
    n('bad-crlf', 'format', 'CR LF line ends', good.replace('\n', '\r\n'))
    n('bad-tab', 'format', 'a tab in the text', k.note('A\tline.\n'))
    n('bad-nul', 'format', 'a NUL in the text', k.note('A\0line.\n'))
    n('bad-utf8', 'format', 'the text is Latin-1',
      k.note('caf\u00e9\n').encode().replace(b'\xc3\xa9', b'\xe9'))
    n('bad-surrogate', 'format', 'a surrogate in the text',
      good.encode().replace(b'line', b'\xed\xa0\x80'))
    n('bad-no-signature', 'format', 'no signature line', text + '\n')
    n('bad-no-empty-line', 'format', 'nothing divides text and signatures',
      text + line)
    n('bad-empty', 'format', 'nothing at all', '')
    n('bad-no-text', 'format', 'the first line is the empty one', '\n' + line)
    n('bad-hyphen', 'format', 'a hyphen in place of the dash',
      good.replace('\u2014', '-'))
    n('bad-no-space', 'format', 'no space after the dash',
      good.replace(DASH, '\u2014'))
    n('bad-two-spaces', 'format', 'two spaces before the base64',
      good.replace(k.name + ' ', k.name + '  '))
    n('bad-trailing-space', 'format', 'a space after the base64',
      good[:-1] + ' \n')
    n('bad-third-field', 'format', 'a third field', good[:-1] + ' x\n')
    n('bad-no-name', 'format', 'the key has no name',
      good.replace(DASH + k.name, DASH))
    n('bad-name-plus', 'format', 'a plus in a name, of a line not ours',
      good + DASH + 'a+b AAAAAAA=\n')
    n('bad-name-nbsp', 'format', 'a no-break space in a name',
      good + DASH + 'a\u00a0b AAAAAAA=\n')
    n('bad-name-ideographic', 'format', 'an ideographic space in a name',
      good + DASH + 'a\u3000b AAAAAAA=\n')
    n('bad-unpadded', 'format', 'base64 without its padding',
      good + DASH + 'x AAAAAAA\n')
    n('bad-loose-bits', 'format', 'unused bits of the base64 are not zero',
      good + DASH + 'x AAAAAAB=\n')
    n('bad-url-alphabet', 'format', 'base64 in the other alphabet',
      good + DASH + 'x AAAAAA_-\n')
    n('bad-only-id', 'format', 'a key id and no signature',
      good + DASH + 'x AAAAAA==\n')
    n('bad-empty-line-after', 'format', 'an empty line at the end',
      good + '\n')
    n('bad-signature', 'auth', 'one bit of the signature differs',
      text + '\n' + DASH + k.name + ' ' +
      b64(k.id + bytes([k.sig(text)[0] ^ 1]) + k.sig(text)[1:]) + '\n')
    n('bad-text', 'auth', 'one letter of the text differs',
      good.replace('A line', 'B line'))
    n('bad-short-signature', 'auth', 'our line has 63 bytes of signature',
      text + '\n' + DASH + k.name + ' ' + b64(k.id + k.sig(text)[:63]) + '\n')
    n('bad-long-signature', 'auth', 'our line has 65 bytes of signature',
      text + '\n' + DASH + k.name + ' ' + b64(k.id + k.sig(text) + b'\0') +
      '\n')
    n('bad-first-of-two', 'auth', 'the first of our two lines does not hold',
      text + '\n' + k.line('another text\n') + line)
    n('no-match-name', 'nomatch', 'signed under another name',
      Key('drop.example/log2', 1).note(text))
    n('no-match-key', 'nomatch', 'signed by another key of our name',
      Key(k.name, 7).note(text))
    n('open-two-lines', 'format', 'where one line is asked two stand',
      good + other.line(text), 'open')


def vkeys():
    k, w = LOG, WIT

    def v(name, expect, comment, body):
        put('vkey', name, expect, comment, body + '\n')

    v('ok-log', 'success', 'an Ed25519 key', k.vkey)
    v('ok-witness', 'success', 'a cosignature key', w.vkey)
    v('ok-utf8', 'success', 'a name not in ASCII',
      Key('\u00e9thique.example', 5).vkey)
    v('ok-longest-name', 'success', 'a name of 255 bytes',
      Key('n' * 255, 5).vkey)
    v('bad-name-too-long', 'format', 'a name of 256 bytes',
      Key('n' * 256, 5).vkey)
    v('bad-id', 'format', 'the key id is another',
      k.vkey.replace('75a7ca5b', '75a7ca5c'))
    v('bad-id-upper', 'format', 'the key id in upper case',
      k.vkey.replace('75a7ca5b', '75A7CA5B'))
    v('bad-id-short', 'format', 'seven digits of key id',
      k.vkey.replace('75a7ca5b', '75a7ca5'))
    v('bad-type', 'format', 'a type we do not know', Key(k.name, 1, 2).vkey)
    v('bad-short-key', 'format', 'the key has 31 bytes',
      '+'.join([k.name, '75a7ca5b', b64(k.key[:-1])]))
    v('bad-long-key', 'format', 'the key has 33 bytes',
      '+'.join([k.name, '75a7ca5b', b64(k.key + b'\0')]))
    v('bad-no-name', 'format', 'no name', Key('', 1).vkey)
    v('bad-space', 'format', 'a space in the name', Key('a b', 1).vkey)
    v('bad-trailing-space', 'format', 'a space at the end', k.vkey + ' ')
    v('bad-no-key', 'format', 'name and id alone', k.name + '+75a7ca5b')
    v('bad-nul', 'format', 'a NUL in the name', Key('a\0b', 1).vkey)
    v('bad-control', 'format', 'a C1 control in the name',
      Key('a\u0081b', 1).vkey)


# --- log ------------------------------------------------------------------------
def checkpoints():
    root, none = b64(sha(b'root')), b64(sha(b''))

    def c(name, expect, comment, body):
        put('checkpoint', name, expect, comment, body)

    c('ok', 'success', 'a tree of a thousand entries',
      'drop.example/log1\n1000\n%s\n' % root)
    c('ok-empty', 'success', 'the empty tree',
      'drop.example/log1\n0\n%s\n' % none)
    c('ok-largest', 'success', 'the largest size',
      'o\n9223372036854775807\n%s\n' % root)
    c('bad-empty-root', 'format', 'size 0 with another root',
      'o\n0\n%s\n' % root)
    c('bad-too-large', 'format', 'a size of 2^63',
      'o\n9223372036854775808\n%s\n' % root)
    c('bad-overflow', 'format', 'a size of 2^64 + 1',
      'o\n18446744073709551617\n%s\n' % root)
    c('bad-leading-zero', 'format', 'a leading zero', 'o\n01\n%s\n' % root)
    c('bad-plus', 'format', 'a sign', 'o\n+1\n%s\n' % root)
    c('bad-hex', 'format', 'a size in hexadecimal', 'o\n0x1\n%s\n' % root)
    c('bad-no-size', 'format', 'an empty size', 'o\n\n%s\n' % root)
    c('bad-no-origin', 'format', 'an empty origin', '\n1\n%s\n' % root)
    c('bad-origin-space', 'format', 'a space in the origin',
      'a b\n1\n%s\n' % root)
    c('bad-short-root', 'format', 'a root of 31 bytes',
      'o\n1\n%s\n' % b64(sha(b'root')[:31]))
    c('bad-unpadded-root', 'format', 'the root is not padded',
      'o\n1\n%s\n' % root.rstrip('='))
    c('bad-extension', 'format', 'an extension line', 'o\n1\n%s\nx\n' % root)
    c('bad-no-lf', 'format', 'no LF at the end', 'o\n1\n%s' % root)


def tiles():
    def t(name, expect, comment, body, **head):
        put('tile', name, expect, comment, body + '\n', **head)

    t('ok-first', 'success', 'the first tile', 'tile/0/000', index=0,
      width=256)
    t('ok-partial', 'success', 'a partial one', 'tile/2/007.p/17', index=7,
      width=17)
    t('ok-entries', 'success', 'an entry bundle', 'tile/entries/999', index=999,
      width=256)
    t('ok-groups', 'success', 'three groups', 'tile/7/x001/x234/067.p/255',
      index=1234067, width=255)
    t('bad-width-0', 'format', 'nothing in it', 'tile/0/000.p/0')
    t('bad-width-256', 'format', 'a full tile called partial',
      'tile/0/000.p/256')
    t('bad-width-zero', 'format', 'a leading zero', 'tile/0/000.p/01')
    t('bad-level-8', 'format', 'a level that no log of 2^63 has', 'tile/8/000')
    t('bad-level-zero', 'format', 'a leading zero', 'tile/00/000')
    t('bad-two-digits', 'format', 'a group of two digits', 'tile/0/00')
    t('bad-four-digits', 'format', 'a group of four digits', 'tile/0/0000')
    t('bad-group-zero', 'format', 'a superfluous group', 'tile/0/x000/001')
    t('bad-no-x', 'format', 'a group without its x', 'tile/0/001/234')
    t('bad-last-x', 'format', 'an x on the last group', 'tile/0/x001')
    t('bad-overflow', 'format', 'an index past 2^63 - 1',
      'tile/0/x009/x223/x372/x036/x854/x775/808')
    t('bad-height', 'format', 'a height before the level', 'tile/8/0/000')
    t('bad-slash', 'format', 'a slash at the end', 'tile/0/000/')
    t('bad-upper', 'format', 'upper case', 'tile/Entries/000')
    t('bad-query', 'format', 'something after it', 'tile/0/000?x')
    t('bad-dots', 'format', 'a way out', 'tile/0/../../keys')


def entries():
    def e(name, expect, comment, kind, close, body=None, /, **head):
        body = struct.pack('>BQ', kind, close) + sha(b'x') \
            if body is None else body
        put('entry', name, expect, comment, body, **head)

    e('ok-parcel', 'success', 'a parcel', 1, 1700006400, kind=1,
      close=1700006400)
    e('ok-reply', 'success', 'a reply', 2, 1, kind=2, close=1)
    e('ok-statement', 'success', 'a statement, at the last moment', 3,
      2**63 - 1, kind=3, close=2**63 - 1)
    e('bad-kind-0', 'format', 'kind 0', 0, 1)
    e('bad-kind-4', 'format', 'kind 4', 4, 1)
    e('bad-kind-255', 'format', 'kind 255', 255, 1)
    e('bad-close', 'format', 'a close of 2^63', 1, 2**63)
    whole = struct.pack('>BQ', 1, 1) + sha(b'x')
    e('bad-short', 'format', 'a byte short', 1, 1, whole[:-1])
    e('bad-long', 'format', 'a byte more', 1, 1, whole + b'\0')
    e('bad-empty', 'format', 'nothing', 1, 1, b'')


def receipts():
    k = LOG
    digest = sha(b'a parcel').hex()
    text = '%s/receipt\n%s\n%d\n' % (k.name, digest, 1700006400)

    def r(name, expect, comment, body, **head):
        put('receipt', name, expect, comment, body, vkey=k.vkey, **head)

    r('ok', 'success', 'a receipt', k.note(text), digest=digest,
      close=1700006400)
    r('bad-origin', 'format', 'signed by the log, for another origin',
      k.note(text.replace('log1', 'log2')))
    r('bad-purpose', 'format', 'signed by the log, but no receipt',
      k.note(text.replace('/receipt', '/receip')))
    r('bad-upper', 'format', 'the digest in upper case',
      k.note(text.replace(digest, digest.upper())))
    r('bad-short-digest', 'format', 'a digest of 31 bytes',
      k.note(text.replace(digest, digest[2:])))
    r('bad-close-zero', 'format', 'a leading zero',
      k.note(text.replace('\n17', '\n017')))
    r('bad-close-large', 'format', 'a close of 2^63',
      k.note(text.replace('1700006400', str(2**63))))
    r('bad-close-sign', 'format', 'a sign',
      k.note(text.replace('1700006400', '-1')))
    r('bad-extra-line', 'format', 'one line more', k.note(text + 'x\n'))
    r('bad-checkpoint', 'format', 'a checkpoint is no receipt',
      k.note('%s\n1\n%s\n' % (k.name, b64(sha(b'x')))))
    r('bad-two-signatures', 'format', 'two signature lines',
      k.note(text) + WIT.line(text))
    r('bad-too-long', 'format', 'longer than any receipt',
      k.note(text) + DASH + 'x ' + b64(bytes(700)) + '\n')
    r('bad-signature', 'auth', 'the signature is of another text',
      text + '\n' + k.line(text.replace('17', '18')))
    r('no-match', 'nomatch', 'signed by another key',
      Key(k.name, 8).note(text))


# --- keysets ----------------------------------------------------------------------
CHARS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'


def polymod(values):
    c = 1
    for v in values:
        t = c >> 25
        c = (c & 0x1ffffff) << 5 ^ v
        for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                               0x3d4233dd, 0x2a1462b3)):
            if t >> i & 1:
                c ^= g
    return c


def bech32(hrp, data):
    bits = ''.join('%08d' % int(bin(b)[2:]) for b in data)
    bits += '0' * (-len(bits) % 5)
    five = [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    head = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    m = polymod(head + five + [0] * 6) ^ 1
    five += [m >> 5 * (5 - i) & 31 for i in range(6)]
    return hrp + '1' + ''.join(CHARS[v] for v in five)


def recipient(fill, coefficient=None):
    """A well-formed hybrid public key; nobody knows its secret."""
    stream = hashlib.shake_256(b'recipient' + bytes([fill])).digest(1600)
    c = [int.from_bytes(stream[2 * i:2 * i + 2], 'big') % 3329
         for i in range(768)]
    if coefficient is not None:
        c[5] = coefficient
    n = sum(v << 12 * i for i, v in enumerate(c))
    return bech32('age1pq', n.to_bytes(1152, 'little') + stream[1536:1600])


def keysets():
    k = OFFICE
    rc = [recipient(i) for i in range(4)]
    title = 'ethics.example/keyset/office\n'
    key = ['key 2026-11-16 2026-11-22 %s\n' % rc[0],
           'key 2026-11-23 2026-11-29 %s\n' % rc[1]]
    standing = 'standing 2026-01-01 2027-12-31 %s\n' % rc[2]
    log, w1 = 'log %s\n' % LOG.vkey, 'witness %s\n' % WIT.vkey
    w2 = 'witness %s\n' % WIT2.vkey

    def s(name, expect, comment, text, note=None, **head):
        put('keyset', name, expect, comment,
            k.note(text) if note is None else note, vkey=k.vkey, **head)

    full = title + '7\n' + log + w1 + w2 + 'quorum 2\n' + key[0] + key[1] + \
        standing
    least = title + '1\nquorum 0\n' + key[0]
    s('ok-full', 'success', 'every line there is', full, sequence=7,
      witnesses=2, quorum=2, keys=2)
    s('ok-least', 'success', 'one weekly key and no more', least, sequence=1,
      witnesses=0, quorum=0, keys=1)
    s('ok-gap', 'success', 'a week without a key',
      title + '1\nquorum 0\n' + key[0] + key[1].replace('2026-11-23 2026-11-29',
                                                        '2026-12-01 2026-12-01'),
      sequence=1, witnesses=0, quorum=0, keys=2)
    s('bad-role', 'format', 'of another role than the key that signed',
      full.replace('keyset/office', 'keyset/alternate'))
    s('bad-office', 'format', 'of another office',
      full.replace('ethics.example/', 'ethics2.example/', 1))
    s('bad-purpose', 'format', 'signed by the role, but no keyset',
      full.replace('/keyset/', '/statement/'))
    s('bad-sequence-0', 'format', 'sequence 0', full.replace('\n7\n', '\n0\n'))
    s('bad-sequence-zero', 'format', 'a leading zero',
      full.replace('\n7\n', '\n07\n'))
    s('bad-two-logs', 'format', 'two logs', full.replace(log, log + log))
    s('bad-log-type', 'format', 'a cosignature key as the log',
      full.replace(log, 'log %s\n' % Key('l', 6, 4).vkey))
    s('bad-witness-type', 'format', 'a plain key as a witness',
      full.replace(w1, 'witness %s\n' % Key('w', 6, 1).vkey))
    s('bad-witness-order', 'format', 'a witness before the log',
      full.replace(log + w1, w1 + log))
    s('bad-witness-twice', 'format', 'one witness twice',
      full.replace(w2, w1))
    s('bad-witness-renamed', 'format', 'one key under two names',
      full.replace(w2, 'witness %s\n' % Key('w3', 2, 4).vkey))
    s('bad-witness-rekeyed', 'format', 'two keys under one name',
      full.replace(w2, 'witness %s\n' % Key(WIT.name, 9, 4).vkey))
    s('bad-witness-is-log', 'format', 'the log witnesses itself',
      full.replace(w2, 'witness %s\n' % Key('w3', 1, 4).vkey))
    s('bad-quorum', 'format', 'a quorum of more than there are',
      full.replace('quorum 2', 'quorum 3'))
    s('bad-no-quorum', 'format', 'no quorum', full.replace('quorum 2\n', ''))
    s('bad-no-key', 'format', 'no weekly key',
      full.replace(key[0] + key[1], ''))
    s('bad-key-order', 'format', 'a later week first',
      full.replace(key[0] + key[1], key[1] + key[0]))
    s('bad-key-overlap', 'format', 'two weeks share a day',
      full.replace('2026-11-23', '2026-11-22'))
    s('bad-key-backwards', 'format', 'a week ends before it begins',
      full.replace('2026-11-22', '2026-11-15'))
    s('bad-key-twice', 'format', 'one recipient for two weeks',
      full.replace(rc[1], rc[0]))
    s('bad-standing-is-weekly', 'format', 'a weekly key as the standing one',
      full.replace(rc[2], rc[0]))
    s('bad-two-standing', 'format', 'two standing keys',
      full + standing.replace(rc[2], rc[3]))
    s('bad-standing-first', 'format', 'the standing key before the weekly',
      full.replace(key[0] + key[1] + standing, standing + key[0] + key[1]))
    s('bad-date-form', 'format', 'a date without its zero',
      full.replace('2026-01-01', '2026-1-1'))
    s('bad-date-leap', 'format', 'no such day',
      full.replace('2026-01-01', '2026-02-29'))
    s('bad-date-month', 'format', 'no such month',
      full.replace('2026-01-01', '2026-13-01'))
    s('bad-recipient', 'format', 'a recipient with a wrong checksum',
      full.replace(rc[2], rc[2][:-1] + ('q' if rc[2][-1] != 'q' else 'p')))
    s('bad-recipient-modulus', 'format', 'a coefficient of 3329',
      full.replace(rc[2], recipient(2, 3329)))
    s('bad-recipient-upper', 'format', 'a recipient in upper case',
      full.replace(rc[2], rc[2].upper()))
    s('bad-two-spaces', 'format', 'two spaces', full.replace('key ', 'key  '))
    s('bad-trailing-space', 'format', 'a space at a line\'s end',
      full.replace('quorum 2', 'quorum 2 '))
    s('bad-unknown-line', 'format', 'a line nobody knows', full + 'x\n')
    s('bad-empty-line', 'format', 'an empty line', full + '\n')
    s('bad-two-signatures', 'format', 'two signature lines', None,
      k.note(full) + LOG.line(full))
    s('bad-signature', 'auth', 'the sequence was changed', None,
      k.note(full).replace('\n7\n', '\n8\n'))
    s('no-match', 'nomatch', 'signed by another key of that name', None,
      Key(k.name, 8).note(full))


# --- parts --------------------------------------------------------------------------
PLAIN, HEAD = 59190, 98
DATA = PLAIN - HEAD


def part(message, at, seed=b'\x22' * 32, **change):
    count = -(-len(message) // DATA)
    data = message[at * DATA:(at + 1) * DATA]
    f = dict(version=1, kind=1, index=at, count=count, id=b'\x11' * 16,
             sha256=sha(message), bytes=len(message), n=len(data), pad=0)
    f.update(change)
    head = struct.pack('>BBHH', f['version'], f['kind'], f['index'],
                       f['count'])
    head += f['id'] + f['sha256'] + struct.pack('>QI', f['bytes'], f['n'])
    body = head + seed + data
    rest = PLAIN - len(body)
    return body + (bytes([f['pad']]) * min(rest, 1)) + bytes(max(rest - 1, 0))


def parts():
    short = b'A short message.'
    two = bytes(i % 251 for i in range(DATA + 1))

    def p(name, expect, comment, body, **head):
        put('part', name, expect, comment, body, **head)

    p('ok-short', 'success', 'the only part of a short message',
      part(short, 0), index=0, count=1, bytes=len(short),
      data_sha256=sha(short).hex())
    p('ok-full', 'success', 'exactly one full part', part(two[:DATA], 0),
      index=0, count=1, bytes=DATA, data_sha256=sha(two[:DATA]).hex())
    p('ok-first', 'success', 'the first of two', part(two, 0), index=0,
      count=2, bytes=DATA + 1, data_sha256=sha(two[:DATA]).hex())
    p('ok-last', 'success', 'the last of two, one byte', part(two, 1),
      index=1, count=2, bytes=DATA + 1, data_sha256=sha(two[DATA:]).hex())
    p('bad-version', 'format', 'version 2', part(short, 0, version=2))
    p('bad-kind', 'format', 'kind 2', part(short, 0, kind=2))
    p('bad-index', 'format', 'an index that is the count',
      part(short, 0, index=1))
    p('bad-index-empty', 'format', 'a part past the last, with nothing in it',
      part(b'', 0, count=1, index=1, bytes=len(short)))
    p('bad-count', 'format', 'a count that the length does not give',
      part(short, 0, count=2))
    p('bad-count-0', 'format', 'no part', part(short, 0, count=0))
    p('bad-count-large', 'format', 'more parts than are allowed',
      part(short, 0, count=4097, bytes=4097 * DATA))
    p('bad-bytes-0', 'format', 'an empty message',
      part(b'', 0, count=1, bytes=0))
    p('bad-bytes-large', 'format', 'a length that overflows',
      part(short, 0, bytes=2**64 - 1))
    p('bad-part-short', 'format', 'a part that is not full',
      part(two, 0, n=DATA - 1))
    p('bad-part-long', 'format', 'a part longer than its message',
      part(short, 0, n=len(short) + 1))
    p('bad-part-huge', 'format', 'a part longer than there is room',
      part(short, 0, n=2**32 - 1))
    p('bad-padding', 'format', 'padding that is not zero',
      part(short, 0, pad=1))
    p('bad-last-byte', 'format', 'the last byte of the padding is not zero',
      part(short, 0)[:-1] + b'\1')
    p('bad-cut', 'format', 'a byte short', part(short, 0)[:-1])
    p('bad-more', 'format', 'a byte more', part(short, 0) + b'\0')


# --- parcels: the shape alone, no keys ------------------------------------------------
def parcels():
    size = 65520

    def raw(name, n):
        return base64.b64encode(hashlib.shake_256(name).digest(n)) \
            .rstrip(b'=')

    def stanza(i):
        return b'-> mlkem768x25519 ' + raw(b'enc%d' % i, 1120) + b'\n' + \
            raw(b'body%d' % i, 32) + b'\n'

    top = b'age-encryption.org/v1\n'
    st = [stanza(i) for i in range(5)]
    mac = b'--- ' + raw(b'mac', 32) + b'\n'
    head = top + b''.join(st[:4]) + mac

    def fill(h, n=size):
        return h + bytes(n - len(h))

    def c(name, expect, comment, body, streamed=None):
        put('parcel', name, expect, comment, body, check='shape',
            streamed=streamed or expect)

    def low(point):
        """A stanza whose enc ends in this point."""
        enc = hashlib.shake_256(b'enc0').digest(1120)[:-32] + point
        return st[0][:18] + base64.b64encode(enc).rstrip(b'=') + \
            st[0][18 + 1494:]

    def last(b, ch):
        """The base64's last character is ch."""
        return b[:-2] + ch + b'\n'

    c('shape-ok', 'success', 'four stanzas, a MAC, and anything', fill(head))
    c('shape-short', 'format', 'a byte short', fill(head, size - 1))
    c('shape-long', 'format', 'a byte more', fill(head, size + 1))
    c('shape-empty', 'format', 'nothing', b'')
    c('shape-version', 'format', 'another version',
      fill(head.replace(b'/v1', b'/v2')))
    c('shape-three', 'format', 'three stanzas',
      fill(top + b''.join(st[:3]) + mac))
    c('shape-five', 'format', 'five stanzas',
      fill(top + b''.join(st) + mac))
    c('shape-type', 'format', 'a stanza of another type',
      fill(head.replace(b'mlkem768x25519', b'mlkem768x25518', 1)))
    c('shape-crlf', 'format', 'a CR at the first line\'s end',
      fill(head.replace(b'\n', b'\r\n', 1)))
    c('shape-third-argument', 'format', 'an argument more',
      fill(top + st[0].replace(b'\n', b' x\n', 1) + b''.join(st[1:4]) + mac))
    c('shape-enc-url', 'format', 'enc in the other alphabet',
      fill(head[:100] + b'_' + head[101:]))
    c('shape-enc-pad', 'format', 'a padding character in enc',
      fill(head[:22 + 18 + 1493] + b'=' + head[22 + 18 + 1494:]))
    c('shape-enc-bits', 'format', 'unused bits of enc are not zero',
      fill(head[:22 + 18 + 1493] + b'B' + head[22 + 18 + 1494:]))
    c('shape-body-bits', 'format', 'unused bits of a body are not zero',
      fill(top + last(st[0], b'B') + b''.join(st[1:4]) + mac))
    c('shape-mac-bits', 'format', 'unused bits of the MAC are not zero',
      fill(top + b''.join(st[:4]) + last(mac, b'B')))
    c('shape-mac-space', 'format', 'two spaces before the MAC',
      fill(top + b''.join(st[:4]) + mac.replace(b'--- ', b'---  ')))
    c('shape-same-enc', 'format', 'two stanzas with the same enc',
      fill(top + st[0] + st[1] + st[2] + st[0][:22 + 1494] +
           st[3][22 + 1494:] + mac), 'success')
    rest = b''.join(st[1:4]) + mac
    c('shape-low-order', 'format', 'the X25519 half of an enc is zero',
      fill(top + low(bytes(32)) + rest), 'success')
    c('shape-low-order-p', 'format', 'it is p, which is zero, too',
      fill(top + low(b'\xed' + b'\xff' * 30 + b'\x7f') + rest), 'success')
    c('shape-low-order-bit', 'format', 'it is one, with the ignored bit set',
      fill(top + low(b'\1' + bytes(30) + b'\x80') + rest), 'success')


SEAL_SEED, SEAL_FILE_KEY, SEAL_NONCE = b'\x22' * 32, b'\x33' * 16, b'\x44' * 16
SEAL_ORDER = (2, 0, 3, 1)


def sealed(body):
    plain = part(b'A short message.', 0, SEAL_SEED)

    def d(what, i, n):
        return hkdf(SEAL_SEED, b'ecrdrop/seal/v1',
                    what + bytes([i]) + sha(plain), n).hex()
    head = dict(check='sealed', recipients=2, message='A short message.',
                seal_seed=SEAL_SEED.hex(), file_key=SEAL_FILE_KEY.hex(),
                nonce=SEAL_NONCE.hex(), order=bytes(SEAL_ORDER).hex())
    for i in range(2):
        head['identity_%d' % i] = (bytes([0x41 + i]) * 32).hex()
    for i in range(4):
        head['eseed_%d' % i] = d(b'stanza', i, 64)
        if i not in SEAL_ORDER[:2]:
            head['decoy_%d' % i] = d(b'decoy', i, 32)
    put('parcel', 'sealed', 'success', 'two recipients and two decoys', body,
        **head)


# --- codenames --------------------------------------------------------------------------
def codenames():
    with open(os.path.join(TOP, '..', '..', 'crypto', 'words.txt')) as f:
        words = f.read().split()
    office = 'ethics.example'

    def write(entropy):
        n = int.from_bytes(entropy, 'big') << 4 | sha(entropy)[0] >> 4
        return [words[n >> 11 * (11 - i) & 2047] for i in range(12)]

    def ok(name, comment, text, entropy):
        def d(info, n):
            return hkdf(entropy, office.encode(),
                        b'ecrdrop/' + info + b'/v1', n)
        put('codename', name, 'success', comment, text + '\n',
            entropy=entropy.hex(), canonical=' '.join(write(entropy)),
            office=office, mailbox_seed=d(b'mailbox', 32).hex(),
            author=public(d(b'author', 32)).hex(), role=d(b'role', 1)[0] >> 7)

    def bad(name, expect, comment, text, word):
        put('codename', name, expect, comment, text + '\n', word=word)

    zero, ones = bytes(16), b'\xff' * 16
    e = sha(b'codename')[:16]
    w = write(e)
    line = ' '.join(w)
    ok('ok-zero', 'all bits zero', ' '.join(write(zero)), zero)
    ok('ok-ones', 'all bits one', ' '.join(write(ones)), ones)
    ok('ok', 'as it was written', line, e)
    ok('ok-upper', 'in capitals', line.upper(), e)
    ok('ok-hyphens', 'with hyphens', '-'.join(w), e)
    ok('ok-lines', 'a word a line, with tabs and CR', '\t\r\n'.join(w), e)
    ok('ok-prefixes', 'four letters of each word',
       ' '.join(x[:4] for x in w), e)
    ok('ok-spaces', 'spaces before, after and between',
       '   ' + '  '.join(w) + '   ', e)
    five = next(x for x in words if len(x) > 5)
    three = next((x for x in words if len(x) == 3), None)
    bad('bad-eleven', 'limit', 'a word short', ' '.join(w[:11]), 11)
    bad('bad-thirteen', 'limit', 'a word more', line + ' ' + w[0], 13)
    bad('bad-none', 'limit', 'no word', ' - ', 0)
    bad('bad-unknown', 'notfound', 'a word that is not in the list',
        ' '.join(w[:6] + ['zzzz'] + w[7:]), 7)
    bad('bad-first', 'notfound', 'the first of two unknown words is named',
        ' '.join(['qqqq'] + w[1:6] + ['zzzz'] + w[7:]), 1)
    bad('bad-too-short', 'notfound', 'three letters of a longer word',
        ' '.join(w[:3] + [five[:3] if five[:3] not in words else 'zz'] +
                 w[4:]), 4)
    bad('bad-too-long', 'notfound', 'a word and a letter more',
        ' '.join(w[:11] + [five + 'x']), 12)
    bad('bad-endless', 'notfound', 'letters without end',
        ' '.join(w[:11] + [w[11] * 40]), 12)
    if three:
        bad('bad-three-and-more', 'notfound',
            'a word of three letters and a letter more',
            ' '.join([three + 'z'] + w[1:]), 1)
    bad('bad-accent', 'notfound', 'a letter with an accent',
        ' '.join([w[0][:3] + '\u00e9'] + w[1:]), 1)
    bad('bad-nul', 'notfound', 'a NUL inside a word',
        ' '.join([w[0][:4] + '\0'] + w[1:]), 1)
    swap = [w[1], w[0]] + w[2:]
    bad('bad-swapped', 'auth', 'two words changed places', ' '.join(swap), 12)
    other = next(x for x in words
                 if write_ok(words, [x] + w[1:]) is False)
    bad('bad-checksum', 'auth', 'one word is another of the list',
        ' '.join([other] + w[1:]), 12)


def write_ok(words, w):
    n = 0
    for x in w:
        n = n << 11 | words.index(x)
    return sha((n >> 4).to_bytes(16, 'big'))[0] >> 4 == n & 15


# --- messages ---------------------------------------------------------------------------
def messages():
    author, mid = b'\x05' * 32, b'\x11' * 16
    pk = public(author)
    json = b'{"v":1,"kind":"report","submission":"advice","text":"?"}'
    att = b'first attachment' + b'second'
    before = struct.pack('>I', len(json)) + json + att

    def sig(b, m=mid):
        return sign(author, b'ecrdrop/message/v1\n' + m + sha(b))

    def m(name, expect, comment, body, **head):
        put('message', name, expect, comment, body, id=mid.hex(),
            author=pk.hex(), **head)

    m('ok', 'success', 'two attachments', before + sig(before),
      json_bytes=len(json), attachments_bytes=len(att))
    bare = struct.pack('>I', len(json)) + json
    m('ok-bare', 'success', 'no attachment', bare + sig(bare),
      json_bytes=len(json), attachments_bytes=0)
    m('bad-signature', 'auth', 'of another message id',
      before + sig(before, b'\x12' * 16))
    m('bad-attachment', 'auth', 'a changed attachment',
      before[:-1] + b'x' + sig(before))
    none = struct.pack('>I', 0) + att
    m('bad-json-0', 'format', 'no JSON', none + sig(none))
    past = struct.pack('>I', len(json) + len(att) + 1) + json + att
    m('bad-json-long', 'format', 'JSON that reaches into the signature',
      past + sig(past))
    huge = struct.pack('>I', 2**32 - 1) + json
    m('bad-json-huge', 'format', 'JSON of 4 GiB', huge + sig(huge))
    m('bad-short', 'format', 'shorter than any message', bytes(68))


# --- statements and replies -------------------------------------------------------------
def statement(replies, seq=2, size=40, erase=40, drop=2, count=None,
              title='ethics.example/statement/office',
              origin='drop.example/log1', root=None):
    lines = [title, str(seq), origin, str(size), root or b64(sha(b'root')),
             str(erase), str(drop), sha(b'desk log').hex(),
             sha(b'keyset').hex(),
             str(len(replies) if count is None else count)]
    return '\n'.join(lines + replies) + '\n'


def statements():
    k = OFFICE
    two = [sha(b'one').hex(), sha(b'two').hex()]

    def s(name, expect, comment, text, note=None, **head):
        put('statement', name, expect, comment,
            k.note(text) if note is None else note, vkey=k.vkey, **head)

    s('ok-two', 'success', 'two replies', statement(two), sequence=2,
      size=40, erase=40, drop=2, replies=2)
    s('ok-none', 'success', 'the first, of an empty log',
      statement([], 1, 0, 0, 0, root=b64(sha(b''))), sequence=1, size=0,
      erase=0, drop=0, replies=0)
    s('ok-most', 'success', 'as many replies as one may name',
      statement([sha(b'%d' % i).hex() for i in range(480)]), sequence=2,
      size=40, erase=40, drop=2, replies=480)
    s('bad-481', 'format', 'one reply too many',
      statement([sha(b'%d' % i).hex() for i in range(481)]))
    s('bad-role', 'format', 'of another role than the key that signed',
      statement(two, title='ethics.example/statement/alternate'))
    s('bad-office', 'format', 'of another office',
      statement(two, title='ethics2.example/statement/office'))
    s('bad-purpose', 'format', 'signed by the role, but no statement',
      statement(two, title='ethics.example/keyset/office'))
    s('bad-sequence-0', 'format', 'sequence 0', statement(two, 0, drop=0))
    s('bad-sequence-zero', 'format', 'a leading zero', statement(two, '02'))
    s('bad-sequence-large', 'format', 'a sequence of 2^63',
      statement(two, 2**63))
    s('bad-origin', 'format', 'a space in the origin',
      statement(two, origin='drop example'))
    s('bad-size', 'format', 'a size of 2^63', statement(two, size=2**63))
    s('bad-root', 'format', 'a root of 31 bytes',
      statement(two, root=b64(sha(b'root')[:31])))
    s('bad-erase', 'format', 'erases more than was imported',
      statement(two, erase=41))
    s('bad-drop', 'format', 'drops its own replies', statement(two, drop=3))
    s('bad-count-less', 'format', 'a reply more than it says',
      statement(two, count=1))
    s('bad-count-more', 'format', 'a reply less than it says',
      statement(two, count=3))
    s('bad-count-huge', 'format', 'a number that overflows',
      statement(two, count=2**64 + 2))
    s('bad-reply-twice', 'format', 'one reply twice',
      statement([two[0], two[0]]))
    s('bad-reply-upper', 'format', 'a reply in upper case',
      statement([two[0].upper(), two[1]]))
    s('bad-two-signatures', 'format', 'two signature lines', None,
      k.note(statement(two)) + LOG.line(statement(two)))
    s('bad-too-long', 'limit', 'longer than any statement', None,
      k.note(statement(two)) + DASH + 'x ' + b64(bytes(40000)) + '\n')
    s('bad-signature', 'auth', 'the erase index was changed', None,
      k.note(statement(two)).replace('\n40\n2\n', '\n39\n2\n'))
    s('no-match', 'nomatch', 'signed by another key of that name', None,
      Key(k.name, 8).note(statement(two)))


REPLY_PLAIN, REPLY_HEAD = 6517, 66
REPLY_DATA = REPLY_PLAIN - REPLY_HEAD


def reply_part(message, at, **change):
    data = message[at * REPLY_DATA:(at + 1) * REPLY_DATA]
    f = dict(version=1, kind=1, index=at, count=-(-len(message) // REPLY_DATA),
             id=b'\x11' * 16, sha256=sha(message), bytes=len(message),
             n=len(data), pad=0)
    f.update(change)
    body = struct.pack('>BBHH', f['version'], f['kind'], f['index'],
                       f['count']) + f['id'] + f['sha256'] + \
        struct.pack('>QI', f['bytes'], f['n']) + data
    rest = REPLY_PLAIN - len(body)
    return body + (bytes([f['pad']]) * min(rest, 1)) + bytes(max(rest - 1, 0))


def replies():
    short = b'A short answer.'
    two = bytes(i % 251 for i in range(REPLY_DATA + 1))
    box = recipient(7)
    to = sha(box.encode()).hex()
    note = 'ethics.example/reply\n%s\n{"v":1}\n' % to

    def p(name, expect, comment, body, **head):
        put('reply', 'part-' + name, expect, comment, body, check='part',
            **head)

    def n(name, expect, comment, text, body=None):
        put('reply', 'note-' + name, expect, comment,
            OFFICE.note(text) if body is None else body, check='note',
            vkey=OFFICE.vkey, mailbox=box, json='{"v":1}')

    def has(data):
        return sha(data).hex()

    p('ok-short', 'success', 'the only part', reply_part(short, 0), kind=1,
      index=0, count=1, bytes=len(short), data_sha256=has(short))
    p('ok-last', 'success', 'the last of two, one byte', reply_part(two, 1),
      kind=1, index=1, count=2, bytes=len(two),
      data_sha256=has(two[REPLY_DATA:]))
    p('ok-cover', 'success', 'cover', reply_part(two[:REPLY_DATA], 0, kind=2),
      kind=2, index=0, count=1, bytes=REPLY_DATA,
      data_sha256=has(two[:REPLY_DATA]))
    p('bad-version', 'format', 'version 2', reply_part(short, 0, version=2))
    p('bad-kind-0', 'format', 'kind 0', reply_part(short, 0, kind=0))
    p('bad-kind-3', 'format', 'kind 3', reply_part(short, 0, kind=3))
    p('bad-index', 'format', 'an index that is the count',
      reply_part(short, 0, index=1))
    p('bad-count', 'format', 'a count that the length does not give',
      reply_part(short, 0, count=2))
    p('bad-count-large', 'format', 'more parts than are allowed',
      reply_part(two, 0, count=129, bytes=129 * REPLY_DATA))
    p('bad-bytes-0', 'format', 'an empty message',
      reply_part(b'', 0, count=1, bytes=0))
    p('bad-part-short', 'format', 'a part that is not full',
      reply_part(two, 0, n=REPLY_DATA - 1))
    p('bad-padding', 'format', 'padding that is not zero',
      reply_part(short, 0, pad=1))
    p('bad-cut', 'format', 'a byte short', reply_part(short, 0)[:-1])
    p('bad-more', 'format', 'a byte more', reply_part(short, 0) + b'\0')
    n('ok', 'success', 'an answer', note)
    n('bad-title', 'format', 'a role in its first line',
      note.replace('/reply', '/office/reply'))
    n('bad-office', 'format', 'another office\'s',
      note.replace('ethics.', 'ethics2.'))
    n('bad-two-lines', 'format', 'two lines of JSON', note + '{}\n')
    n('bad-no-json', 'format', 'no JSON', note.replace('{"v":1}', ''))
    n('bad-upper', 'format', 'the mailbox in upper case',
      note.replace(to, to.upper()))
    n('bad-mailbox', 'changed', 'to another mailbox',
      note.replace(to, sha(recipient(8).encode()).hex()))
    n('bad-signature', 'auth', 'the answer was changed', None,
      OFFICE.note(note).replace('"v":1', '"v":2'))
    n('no-match', 'nomatch', 'signed by another role', None,
      Key('ethics.example/alternate', 8).note(note))


# --- acts of a desk's log, shown -------------------------------------------


def act_leaf(salt, act, day, detail):
    return (b'ecrdesk/act/v1\n' + bytes([salt]) * 32 +
            struct.pack('>BIH', act, day, len(detail)) + detail)


def act_text(s):
    return struct.pack('>H', len(s.encode())) + s.encode()


def acts():
    k = OFFICE
    rnd = b'\x77' * 32
    leaves = [
        act_leaf(1, 1, 20773, act_text('ethics.example/office')),
        act_leaf(2, 5, 20779, act_text('ECR-2026-K7QF')),
        act_leaf(3, 12, 20815, act_text('week-2026-11-16') +
                 struct.pack('>II', 20773, 20779)),
    ]

    def shown(index, leaf=None, origin='ethics.example/office/desk/4',
              note=None, proof=None, said=None):
        use = list(leaves)
        if leaf is not None:
            use[index] = leaf
        h = [sha(b'\x00' + x) for x in use]
        pair = sha(b'\x01' + h[0] + h[1])
        root = sha(b'\x01' + pair + h[2])
        path = proof or [[h[1], h[2]], [h[0], h[2]], [pair]][index]
        if note is None:
            note = k.note('%s\n3\n%s\n' % (origin, b64(root)))
        if isinstance(note, str):
            note = note.encode()
        head = 'c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n%s\n' % (
            b64(rnd + (said or use[index])), index,
            ''.join(b64(x) + '\n' for x in path))
        return head.encode() + note, sha(rnd + note).hex()

    def a(name, expect, comment, body, **head):
        put('deskact', name, expect, comment, body, vkey=k.vkey, **head)

    for i, act in enumerate(['create', 'open', 'destroy']):
        body, commitment = shown(i)
        a('ok-' + act, 'success', 'act %d of three' % i, body, act=act,
          index=i, generation=4, commitment=commitment)
    a('bad-leaf', 'auth', 'another case than the tree has',
      shown(1, said=act_leaf(2, 5, 20779, act_text('ECR-2026-K7QG')))[0])
    a('bad-salt', 'auth', 'another salt',
      shown(1, said=act_leaf(3, 5, 20779, act_text('ECR-2026-K7QF')))[0])
    a('bad-path', 'auth', 'a hash of the proof is another',
      shown(1, proof=[sha(b'x'), sha(b'y')])[0])
    a('bad-path-short', 'format', 'a hash of the proof is missing',
      shown(1, proof=[sha(b'x')])[0])
    a('bad-act-0', 'format', 'there is no act 0',
      shown(1, leaf=act_leaf(2, 0, 20779, b''))[0])
    a('bad-act-17', 'format', 'there is no act 17',
      shown(1, leaf=act_leaf(2, 17, 20779, b''))[0])
    a('bad-detail-more', 'format', 'a field more than the act has',
      shown(1, leaf=act_leaf(2, 5, 20779, act_text('a') + b'\0'))[0])
    a('bad-detail-less', 'format', 'a field less than the act has',
      shown(2, leaf=act_leaf(3, 12, 20815, act_text('week')))[0])
    a('bad-text', 'format', 'a line end in a text',
      shown(1, leaf=act_leaf(2, 5, 20779, act_text('a\nb')))[0])
    a('bad-text-long', 'format', 'a text of 301 bytes',
      shown(1, leaf=act_leaf(2, 5, 20779, act_text('a' * 301)))[0])
    a('bad-day', 'format', 'a day after 9999-12-31',
      shown(1, leaf=act_leaf(2, 5, 2932897, act_text('a')))[0])
    a('bad-purpose', 'format', 'another purpose', shown(1, leaf=act_leaf(
      2, 5, 20779, act_text('a')).replace(b'v1', b'v2'))[0])
    a('bad-origin-log', 'format', 'a checkpoint of a public log',
      shown(1, origin='ethics.example/office')[0])
    a('bad-origin-zero', 'format', 'a leading zero in the generation',
      shown(1, origin='ethics.example/office/desk/04')[0])
    a('bad-extra', 'format', 'no act behind the random bytes',
      shown(1, said=b'\0')[0])


def main():
    if len(sys.argv) == 2:
        with open(sys.argv[1], 'rb') as f:
            sealed(f.read())
        return
    for make in (notes, vkeys, checkpoints, tiles, entries, receipts, keysets,
                 parts, parcels, codenames, messages, statements, replies, acts):
        make()


if __name__ == '__main__':
    sys.exit(main())
