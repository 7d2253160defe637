#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""canary.py - a word put wherever a client can put one, and then looked for.

usage: canary.py --server PID --data DIR --log FILE --tls PORT --plain PORT
                 --cacert FILE

Each connection ends in another way; some stay open and idle.  Then nothing of
the word may be found (traces.py), neither while those are open nor after.
"""
import argparse
import base64
import os
import random
import socket
import ssl
import string
import sys

import traces

PARCEL = 65520
WORD = ''.join(random.choice(string.ascii_letters) for _ in range(14)).encode()
HOST = b'Host: localhost\r\n'


def word(what):
    """The word, and behind it where it was put."""
    return WORD + b'-' + what.encode().replace(b' ', b'-')


# --- what a client may send ------------------------------------------------

def field(name, what):
    return name + b': ' + word(what) + b'\r\n'


FIELDS = b''.join(field(n.encode(), n) for n in (
    'User-Agent', 'Referer', 'Cookie', 'Accept-Language', 'From', 'Via',
    'X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Accept', 'Origin',
    'Content-Type', 'DNT', 'Sec-CH-UA', 'If-None-Match', 'X-Nobody-Knows'))
FIELDS += word('a-name') + b': x\r\n'
FIELDS += b'Connection: keep-alive, ' + word('Connection') + b'\r\n'
TOKEN = b'Authorization: Bearer ' + word('token') + b'\r\n'


def get(path, more=b''):
    return b'GET ' + path + b' HTTP/1.1\r\n' + HOST + more + b'\r\n'


def post(more=b'', n=PARCEL):
    return (b'POST /parcels HTTP/1.1\r\n' + HOST + b'Content-Length: %d\r\n' %
            n + more + b'\r\n')


def shaped(end=b''):
    """Random bytes in a parcel's shape, with these at their end."""
    def b64(b):
        return base64.b64encode(b).rstrip(b'=')
    out = b'age-encryption.org/v1\n'
    for _ in range(4):
        out += b'-> mlkem768x25519 ' + b64(os.urandom(1120)) + b'\n'
        out += b64(os.urandom(32)) + b'\n'
    out += b'--- ' + b64(os.urandom(32)) + b'\n'
    return out + os.urandom(PARCEL - len(out) - len(end)) + end


BODY = (word('body') * PARCEL)[:PARCEL]

# What is sent, and the status of the answer; the connection goes on.  A
# parcel that is taken lies in pending/, under the epoch's key.
KEPT = [
    (post(FIELDS) + shaped(BODY[:9000]), 201),
    # The whole of it goes to the store, which refuses it.
    (post(b'ECRDrop-Digest: ' + b'0' * 64 + b'\r\n') + shaped(BODY[:5000]),
     400),
    (get(b'/policy', FIELDS), 200),
    (get(b'/policy', FIELDS + TOKEN), 200),
    (get(b'/policy?' + word('query')), 404),
    (get(b'/' + word('path')), 404),
    (get(b'/log/tile/0/' + word('tile')), 404),
    (get(b'/parcels/' + b'0' * 64, TOKEN), 401),
    (get(b'/parcels/' + word('digest'), TOKEN), 404),
    (b'GET /keyset HTTP/1.1\r\nHost: ' + WORD + b'.example\r\n\r\n', 200),
    (b'OPTIONS /parcels HTTP/1.1\r\n' + HOST + FIELDS + b'\r\n', 204),
    (WORD + b' /policy HTTP/1.1\r\n' + HOST + b'\r\n', 405),
]

# The server ends these.
ENDED = [
    (get(b'/policy', b'Connection: close\r\n' + FIELDS), 200),
    (b'GET /' + word('version') + b' HTTP/1.0\r\n' + HOST + b'\r\n', 505),
    (b'GET /' + word('line-feed') + b' HTTP/1.1\nHost: x\n\n', 400),
    (b'GET /' + word('long') * 40 + b' HTTP/1.1\r\n', 414),
    (get(b'/policy', field(b'X', 'nul') + b'Y: \0\r\n'), 400),
    (get(b'/policy', b'X: ' + word('much') * 600), 431),
    (get(b'/policy', field(b'Expect', 'expect')), 417),
    (get(b'/policy', field(b'Transfer-Encoding', 'coding')), 501),
    (get(b'/policy', field(b'Content-Length', 'length')), 400),
    (get(b'/policy', field(b'Content-Length', 'length')), 400),
    (post(field(b'ECRDrop-Digest', 'digest')), 400),
    (post(field(b'ECRDrop-Work', 'work')), 400),
    (post(FIELDS) + BODY, 400),
    (post(FIELDS, 100) + BODY[:100], 400),
    (post(FIELDS, 1 << 40) + BODY, 413),
    (post(FIELDS) + shaped()[:6000] + BODY[6000:], 400),
    (word('no-http') + b'\r\n\r\n', 501),
]

# The client goes away in the middle.
CUT = [
    get(b'/policy', FIELDS)[:-2], b'GET /' + word('cut'),
    post(FIELDS) + shaped()[:20000] + BODY[:20000], post(FIELDS)[:-3],
]


# --- talking ------------------------------------------------------------------

class Client:
    def __init__(self, args, tls, name='localhost', alpn=('http/1.1',)):
        s = socket.create_connection(
            ('127.0.0.1', args.tls if tls else args.plain), timeout=20)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            c = ssl.create_default_context(cafile=args.cacert)
            c.check_hostname = False
            c.set_alpn_protocols(list(alpn))
            s = c.wrap_socket(s, server_hostname=name)
        self.s, self.buf = s, b''

    def send(self, b):
        try:
            self.s.sendall(b)
        except (BrokenPipeError, ConnectionResetError):
            pass                    # refused before we were done

    def answer(self):
        while b'\r\n\r\n' not in self.buf:
            got = self.s.recv(65536)
            assert got, 'no answer'
            self.buf += got
        head, self.buf = self.buf.split(b'\r\n\r\n', 1)
        n = 0
        for line in head.split(b'\r\n')[1:]:
            if line.lower().startswith(b'content-length: '):
                n = int(line[16:])
        while len(self.buf) < n:
            got = self.s.recv(65536)
            assert got, 'half an answer'
            self.buf += got
        self.buf = self.buf[n:]
        return int(head[9:12])

    def ask(self, request, status):
        self.send(request)
        got = self.answer()
        wanted = status if isinstance(status, tuple) else (status,)
        assert got in wanted, '%d, not %r: %r' % (got, wanted, request[:80])

    def until_end(self):
        try:
            while self.s.recv(65536):
                pass
        except OSError:
            pass
        self.s.close()

    def reset(self):
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b'\1\0\0\0\0\0\0\0')
        self.s.close()


def torment(args, tls):
    """All of it once; the connections that stay open."""
    kept = []
    for request, status in KEPT:
        c = Client(args, tls)
        c.ask(request, (status, 200) if status == 201 else (status,))
        kept.append(c)
    c = Client(args, tls)           # one after the other, and pipelined
    for request, status in KEPT[1:]:
        c.ask(request, status)
    c.send(b''.join(r for r, _ in KEPT[1:]))
    for _, status in KEPT[1:]:
        assert c.answer() == status
    kept.append(c)
    c = Client(args, tls)           # byte by byte
    for i in range(len(KEPT[3][0])):
        c.send(KEPT[3][0][i:i + 1])
    assert c.answer() == 200
    kept.append(c)
    for request, status in ENDED:
        c = Client(args, tls)
        c.ask(request, status)
        c.until_end()
    for request in CUT:
        for end in Client.until_end, Client.reset:
            c = Client(args, tls)
            c.send(request)
            if end == Client.until_end:
                c.s.shutdown(socket.SHUT_WR)
            end(c)
    return kept


def hellos(args):
    """What a handshake can carry; the connections that stay open."""
    name = WORD.decode() + '.example'
    kept = Client(args, True, name)
    kept.ask(get(b'/policy'), 200)
    Client(args, True, name).s.close()
    # OpenSSL keeps what was offered here, while the connection is open.
    c = Client(args, True, name, ('http/1.1', word('alpn').decode()))
    c.ask(get(b'/policy'), 200)
    c.s.close()
    try:
        Client(args, True, name, (word('alpn').decode(),))
        raise AssertionError('a strange protocol was taken')
    except ssl.SSLError:
        pass
    # No TLS at all, and a hello that is cut off, or garbage inside.
    raw = hello(name)
    for b in (get(b'/policy', FIELDS), raw[:-20], raw[:len(raw) // 2],
              raw[:3] + b'\x02\x00\x01' + b'\x01\xfc' + word('record') * 20,
              raw + word('after') * 100):
        s = socket.create_connection(('127.0.0.1', args.tls), timeout=20)
        try:
            s.sendall(b)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
        except OSError:
            pass                    # refused before we were done
        s.close()
    return [kept]


def hello(name):
    """The bytes of a ClientHello with this name in it."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
    ctx.set_alpn_protocols(['http/1.1', word('alpn').decode()])
    out = ssl.MemoryBIO()
    o = ctx.wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    try:
        o.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


# --- the search ----------------------------------------------------------------

def find(args, wanted):
    return traces.search(args.server, args.data, [args.log], wanted)


def nothing(args, wanted, when):
    hits, seen = find(args, wanted)
    assert seen > 1 << 20, 'hardly any memory was seen'
    if hits:
        print('found %s:\n%s' % (when, traces.show(hits)))
        return False
    print('%s: nothing in %d kB of memory' % (when, seen // 1024))
    return True


def settle(args):
    """Every front has looked at what came before: nothing is under way."""
    for _ in range(8):
        for tls in (False, True):
            c = Client(args, tls)
            c.ask(get(b'/policy', b'Connection: close\r\n'), 200)
            c.until_end()


def main():
    p = argparse.ArgumentParser()
    for name in ('server', 'tls', 'plain'):
        p.add_argument('--' + name, type=int, required=True)
    for name in ('data', 'log', 'cacert'):
        p.add_argument('--' + name, required=True)
    p.add_argument('--word')        # somebody else's, to be looked for, too
    args = p.parse_args()
    args.data = os.path.realpath(args.data)
    wanted = traces.spellings(WORD)
    if args.word:
        wanted.update(traces.spellings(args.word.encode()))

    # The search finds what is there: half a head, in a front.
    c = Client(args, True)
    c.send(b'GET /policy HTTP/1.1\r\n' + HOST)
    c.ask(b'\r\n', 200)
    c.send(get(b'/' + word('control'), FIELDS)[:-2])
    while not (hits := find(args, wanted)[0]):
        pass
    assert all(h[0].startswith('ecrdrop-front') for h in hits), hits
    c.ask(b'\r\n', 404)
    ok = nothing(args, wanted, 'after one request')

    kept = [c] + torment(args, False) + torment(args, True) + hellos(args)
    settle(args)
    ok = nothing(args, wanted, 'with %d open connections' % len(kept)) and ok
    for c in kept:
        c.s.close()
    settle(args)
    ok = nothing(args, wanted, 'after they were closed') and ok
    return 0 if ok else 1


sys.exit(main())
