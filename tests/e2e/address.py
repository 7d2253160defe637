#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""address.py - looks for a client's address in all that the server keeps.

usage: address.py --server PID --data DIR --log FILE --tls PORT --plain PORT
                  --cacert FILE
       address.py --server PID --data DIR --log FILE --scan ADDRESS

Connections come from an address of their own and stay in every state that a
connection can be in, while others come and go; all of that is searched for
the address (traces.py): as text, as a socket address, as an integer in both
orders; then once more after all have gone.  With --scan somebody else's connections
come from ADDRESS, and one search is all.
"""
import argparse
import os
import random
import signal
import socket
import ssl
import struct
import sys

import traces

GET = b'GET /policy HTTP/1.1\r\nHost: localhost\r\n\r\n'
POST = (b'POST /parcels HTTP/1.1\r\nHost: localhost\r\n'
        b'Content-Length: 65520\r\n\r\n')
BAD = b'GET /policy HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n'
HEADER = b'age-encryption.org/v1\n-> mlkem768x25519 '


def spellings(address):
    """Sure signs of the address, and its four bytes, which chance knows."""
    raw = socket.inet_aton(address)
    sure = traces.spellings(address.encode())
    sure['decimal'] = str(struct.unpack('>I', raw)[0]).encode()
    sure['decimal, turned'] = str(struct.unpack('<I', raw)[0]).encode()
    sure['hex'] = raw.hex().encode()
    sure['hex, turned'] = raw[::-1].hex().encode()
    sure['HEX'] = raw.hex().upper().encode()
    sure['arpa'] = '.'.join(reversed(address.split('.'))).encode()
    return sure, {'integer': raw, 'integer, turned': raw[::-1]}


def is_socket_address(hit, raw, ports):
    """Beside one of its ports, or mapped into IPv6, it is no chance."""
    around = hit[2]
    for at in range(len(around) - 3):
        here, two = around[at:at + 4], around[max(0, at - 2):at]
        if here == raw and (two == b'\xff\xff' or two in ports):
            return True
        if here == raw[::-1] and around[at + 4:at + 6][::-1] in ports:
            return True
    return False


class Crowd:
    def __init__(self, args, address):
        self.args, self.address = args, address
        self.open, self.ports = [], []
        self.ctx = ssl.create_default_context(cafile=args.cacert)

    def socket(self, tls):
        s = socket.socket()
        s.settimeout(20)
        s.bind((self.address, 0))
        s.connect(('127.0.0.1', self.args.tls if tls else self.args.plain))
        self.ports.append(s.getsockname()[1])
        return s

    def client(self, tls):
        s = self.socket(tls)
        return self.ctx.wrap_socket(s, server_hostname='localhost') \
            if tls else s

    def states(self):
        """One connection in each state; they stay."""
        s = self.socket(True)                   # nothing said
        self.open.append(s)
        s = self.socket(True)                   # half a handshake
        s.sendall(b'\x16\x03\x01\x02\x00\x01')
        self.open.append(s)
        for tls in (True, False):
            self.open.append(self.client(tls))  # greeted
            for sent, answers in ((GET[:-2], 0), (GET, 1), (GET + GET, 2),
                                  (POST, 0), (POST + HEADER, 0),
                                  (POST + b'no parcel', 1), (BAD, 1)):
                s = self.client(tls)
                s.sendall(sent)
                got = b''
                while got.count(b'HTTP/1.1 ') < answers:
                    more = s.recv(65536)
                    assert more, 'no answer'
                    got += more
                self.open.append(s)
            s = self.client(tls)                # gone again
            s.sendall(GET)
            s.recv(65536)
            s.close()

    def come_and_go(self):
        while True:
            try:
                s = self.client(random.random() < 0.5)
                s.sendall(random.choice((GET, BAD, POST + b'no', GET[:9])))
                if random.random() < 0.7:
                    s.recv(65536)
                s.close()
            except OSError:
                pass                            # refused early

    def close(self):
        for s in self.open:
            s.close()
        self.open = []

    def found(self):
        raw = socket.inet_aton(self.address)
        ports = {struct.pack('>H', p) for p in self.ports}
        sure, maybe = spellings(self.address)
        hits, seen = traces.search(self.args.server, self.args.data,
                                   [self.args.log], dict(sure, **maybe))
        assert seen > 1 << 20, 'hardly any memory was seen'
        sure = [h for h in hits if h[1] in sure or
                is_socket_address(h, raw, ports)]
        return sure, [h for h in hits if h not in sure]


def settle(args):
    """Ends are asynchronous: later connections are served after them."""
    for _ in range(8):
        for port in (args.tls, args.plain):
            s = socket.create_connection(('127.0.0.1', port), timeout=20)
            if port == args.plain:
                s.sendall(GET)
                s.recv(4096)
            s.close()


def look(args, address):
    """Whether chance could have been at work: True, ask again."""
    c = Crowd(args, address)
    c.states()
    pid = os.fork()
    if pid == 0:
        c.come_and_go()
    try:
        sure, maybe = c.found()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    c.close()
    settle(args)
    later = c.found()
    for when, hits in (('while connected', sure), ('afterwards', later[0])):
        if hits:
            print('%s, %s:\n%s' % (address, when, traces.show(hits)))
            sys.exit(1)
    print('%s: %d connections, nothing' % (address, len(c.ports)))
    return maybe + later[1]


def main():
    p = argparse.ArgumentParser()
    for name in ('server', 'tls', 'plain'):
        p.add_argument('--' + name, type=int, required=name == 'server')
    for name in ('data', 'log'):
        p.add_argument('--' + name, required=True)
    for name in ('cacert', 'scan'):
        p.add_argument('--' + name)
    args = p.parse_args()
    args.data = os.path.realpath(args.data)
    if args.scan:
        raw = socket.inet_aton(args.scan)
        sure = {'text': args.scan.encode(), 'mapped': b'\xff\xff' + raw}
        maybe = {'integer': raw, 'integer, turned': raw[::-1]}
        for _ in range(3):
            # Its four bytes stand somewhere by chance, but not for long.
            hits, _ = traces.search(args.server, args.data, [args.log],
                                    dict(sure, **maybe))
            if not hits:
                return 0
            if any(h[1] in sure for h in hits):
                break
        print(traces.show(hits))
        return 1
    addresses = ['127.83.41.7', '127.201.99.143', '127.157.211.86']
    # Four bytes stand in some 40 MB by chance once in fifty times, but not
    # three times, each time others.
    hits = [look(args, a) for a in addresses]
    if all(hits):
        print('as an integer:\n' + traces.show(hits[0] + hits[1]))
        return 1
    return 0


sys.exit(main())
