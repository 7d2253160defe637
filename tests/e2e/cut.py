#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# cut.py - a POST that ends at each of its bytes
#
# usage: cut.py --limits K=V,... unix:PATH | https://HOST:PORT [--cacert FILE]
#
# A handshake and a good POST are cut off before each byte: of the ClientHello,
# of the client's last flight, of the head (as so many bytes in a record, and
# as so many bytes of one record), and of the body at chosen places and at
# each byte of its last record. Each cut is made three ways: FIN, RST, and
# silence. The server must say what it should, end with close_notify where a
# handshake was made, keep its deadlines, acknowledge nothing, and have all
# its connections and slots again. Prints a line for each way.
"""A POST that ends at each of its bytes."""

import argparse
import resource
import select
import socket
import ssl
import struct
import sys
import time

from stranger import Server, parcel, post_head
from table import wanted

GRACE = 4           # seconds over a deadline, for a busy machine
TAIL = 200          # bytes of the last record


def refusal(status, parcels):
    return wanted("%d%s" % (status, "*post" if parcels else ""), True, {})


class Peer:
    """One connection whose bytes we see before they leave."""

    def __init__(self, server):
        self.s, self.tls, self.server = server.raw(), None, server
        self.plain = server.unix is not None
        self.began = None

    def hello(self):
        """The bytes of the ClientHello."""
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = self.server.context().wrap_bio(
            self.inc, self.out, server_hostname="localhost")
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.out.read()

    def answer(self):
        """Take the server's flight; the bytes of ours."""
        while True:
            got = self.s.recv(65536)
            assert got, "closed in the handshake"
            self.inc.write(got)
            try:
                self.tls.do_handshake()
                return self.out.read()
            except ssl.SSLWantReadError:
                pass

    def shake(self):
        if not self.plain:
            self.send(self.hello())
            self.send(self.answer())

    def wire(self, data):
        """What goes over the wire for these bytes."""
        if self.plain or not data:
            return data
        self.tls.write(data)
        return self.out.read()

    def send(self, data):
        if data:
            self.s.sendall(data)

    def fin(self):
        self.s.shutdown(socket.SHUT_WR)

    def rst(self):
        if not self.plain:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack("ii", 1, 0))
        self.s.close()

    def said(self):
        """All that it says until it ends; None: it ended without a word."""
        raw = b""
        try:
            while got := self.s.recv(65536):
                raw += got
        except ConnectionResetError:
            pass
        self.s.close()
        if self.plain or self.tls is None:
            return raw
        return self.opened(raw)

    def opened(self, raw):
        """The plain text, and that it ended with close_notify."""
        self.inc.write(raw)
        text = b""
        try:
            while got := self.tls.read(65536):
                text += got
            return text             # nothing more: close_notify
        except ssl.SSLError as e:
            raise AssertionError("no close_notify: %s" % e) from e


class Cut:
    """Where it is cut: how to get there, and what is said at FIN, silence."""

    def __init__(self, name, go, fin, silence, limit):
        self.name, self.go, self.fin = name, go, fin
        self.silence, self.limit = silence, limit


def cuts_of_handshake(server):
    p = Peer(server)
    n = len(p.hello())
    p.s.close()
    for i in range(n):
        def go(p, i=i):
            p.send(p.hello()[:i])
            p.tls = None            # nobody can say anything yet
        yield Cut("ClientHello %d" % i, go, None, None, "handshake")
    p = Peer(server)
    p.send(p.hello())
    n = len(p.answer())
    p.s.close()
    for i in range(n):
        def go(p, i=i):
            p.send(p.hello())
            p.send(p.answer()[:i])
            p.tls = None
        yield Cut("Finished %d" % i, go, None, None, "handshake")


def cuts_of_head(server, head):
    for i in range(len(head)):
        def go(p, i=i):
            p.shake()
            p.send(p.wire(head[:i]))
        yield Cut("head %d" % i, go, refusal(400, False) if i else b"",
                  refusal(408, False) if i else b"", "head")
    if server.unix:
        return
    for i in range(1, len(head) + 22):
        def go(p, i=i):
            p.shake()
            p.send(p.wire(head)[:i])
        yield Cut("head's record %d" % i, go, b"", b"", "head")


def cuts_of_body(server, head, body):
    some = [0, 1, 2, 21, 22, 23, 100, 1000, 1550, 6000, 6324, 6325, 16383,
            16384, 16385, 32768, 49152, 65519]
    if server.unix:
        some += range(len(body) - TAIL, len(body))
    for i in some:
        def go(p, i=i):
            p.shake()
            p.send(p.wire(head + body[:i]))
        yield Cut("body %d" % i, go, refusal(400, True), refusal(408, True),
                  "body")
    if server.unix:
        return
    for i in range(1, TAIL + 22):
        def go(p, i=i):
            p.shake()
            p.send(p.wire(head + body[:-TAIL]))
            p.send(p.wire(body[-TAIL:])[:i])
        yield Cut("body's last record %d" % i, go, refusal(400, True),
                  refusal(408, True), "body")


# --- the three ways ------------------------------------------------------------------

def check(cut, said, want):
    assert b"HTTP/1.1 20" not in said, "%s: acknowledged" % cut.name
    if want is not None:
        assert said == want, "%s: %r, not %r" % (cut.name, said, want)


def by_fin(server, cuts):
    for cut in cuts:
        p = Peer(server)
        cut.go(p)
        p.fin()
        check(cut, p.said(), cut.fin)


def by_rst(server, cuts):
    for cut in cuts:
        p = Peer(server)
        cut.go(p)
        p.rst()


def by_silence(server, cuts, limits):
    """All at once; each ends by itself, not before its time nor long after."""
    waiting = {}
    poll = select.poll()
    for cut in cuts:
        p = Peer(server)
        p.began = time.monotonic()
        cut.go(p)
        p.cut = cut
        p.raw = b""
        p.s.setblocking(False)
        waiting[p.s.fileno()] = p
        poll.register(p.s, select.POLLIN)
    most = max(limits[c.limit] for c in cuts)
    end = time.monotonic() + most + GRACE
    while waiting:
        left = end - time.monotonic()
        assert left > 0, "alive: %s" % [p.cut.name
                                        for p in waiting.values()][:5]
        for fd, _ in poll.poll(left * 1000):
            p = waiting[fd]
            try:
                got = p.s.recv(65536)
            except ConnectionResetError:
                got = b""
            p.raw += got
            if got:
                continue
            age = time.monotonic() - p.began
            poll.unregister(fd)
            del waiting[fd]
            p.s.close()
            assert age > limits[p.cut.limit] - 0.1, \
                "%s: %.2f s is too early" % (p.cut.name, age)
            said = p.raw
            if not p.plain and p.tls:
                said = p.opened(said)
            check(p.cut, said, p.cut.silence)


# --- what there must be afterwards ------------------------------------------------------

def all_there(server, limits):
    """Every connection and every slot can be had at once."""
    held = []
    for _ in range(limits["connections"]):
        p = Peer(server)
        p.s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(p)
    for p in held:
        assert p.s.recv(12) == b"HTTP/1.1 404", "a connection is missing"
        p.s.close()
    held = []
    for _ in range(limits["slots"]):
        p = Peer(server)
        p.s.sendall(post_head(more=b"Expect: 100-continue\r\n"))
        held.append(p)
    for p in held:
        assert p.s.recv(12) == b"HTTP/1.1 100", "a slot is missing"
        p.s.close()


def whole(server, head, body):
    p = Peer(server)
    p.shake()
    p.send(p.wire(head + body))
    p.fin()
    return p.said()[:12]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cacert")
    ap.add_argument("--limits", required=True)
    ap.add_argument("plain")
    ap.add_argument("server", nargs="?")
    opt = ap.parse_args()
    limits = {k: int(v) for k, v in
              (x.split("=") for x in opt.limits.split(","))}
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    plain = Server(opt.plain, None)
    server = Server(opt.server, opt.cacert) if opt.server else plain
    head, body = post_head(more=b"ECRDrop-Work: 00000000000000ab\r\n"), parcel()
    cuts = list(cuts_of_head(server, head))
    if not server.unix:
        cuts = list(cuts_of_handshake(server)) + cuts
    bodies = list(cuts_of_body(server, head, body))
    try:
        by_fin(server, cuts + bodies)
        all_there(plain, limits)
        print("FIN: %d cuts" % len(cuts + bodies), flush=True)
        by_rst(server, cuts + bodies)
        all_there(plain, limits)
        print("RST: %d cuts" % len(cuts + bodies), flush=True)
        batch = limits["connections"] - 10
        for i in range(0, len(cuts), batch):
            by_silence(server, cuts[i:i + batch], limits)
        by_silence(server, bodies, limits)
        all_there(plain, limits)
        print("silence: %d cuts" % len(cuts + bodies), flush=True)
        got = [whole(server, head, body), whole(server, head, body)]
        assert got == [b"HTTP/1.1 201", b"HTTP/1.1 200"], \
            "it was held before it was whole: %r" % got
    except (AssertionError, OSError) as e:
        sys.exit("cut.py: %s: %s" % (type(e).__name__, e))


if __name__ == "__main__":
    main()
