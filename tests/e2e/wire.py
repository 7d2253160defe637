#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# wire.py - what somebody on the wire sees of the answers
#
# usage: wire.py https://HOST:PORT --cacert FILE PID
#
# Every kind of answer is fetched, each on a connection of its own, and the
# records that carry it are counted and measured as they lie on the wire: all
# must look alike. PID is the server's; at the end it is sent SIGTERM, and an
# idle connection must hear of it. Prints "ok NAME" for each test.
"""What somebody on the wire sees of the answers."""

import argparse
import hashlib
import json
import os
import signal
import ssl
import sys
import time

from stranger import HOST, Server, parcel, post_head

CLOSE = b"Connection: close\r\n"


class Tap:
    """A TLS connection whose records from the server are measured."""

    def __init__(self, server):
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = server.context().wrap_bio(self.inc, self.out,
                                             server_hostname="localhost")
        self.s, self.raw, self.text = server.raw(), b"", b""
        self.ended = False
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.s.sendall(self.out.read())
                self.hear()
        self.s.sendall(self.out.read())
        self.shake, self.raw = self.raw, b""

    def hear(self):
        got = self.s.recv(65536)
        self.raw += got
        self.inc.write(got)
        return got

    def send(self, data):
        self.tls.write(data)
        self.s.sendall(self.out.read())

    def to_end(self):
        """Read until close_notify and FIN; the plain text."""
        while self.hear():
            pass
        self.s.close()
        try:
            while got := self.tls.read(65536):
                self.text += got
        except ssl.SSLError as e:
            raise AssertionError("no close_notify: %s" % e) from e
        return self.text


def records(raw):
    """(type, length) of each record."""
    out = []
    while raw:
        n = int.from_bytes(raw[3:5], "big")
        out.append((raw[0], n))
        assert len(raw) >= 5 + n, "half a record"
        raw = raw[5 + n:]
    return out


def exchange(server, request, status):
    t = Tap(server)
    t.send(request)
    text = t.to_end()
    assert text.startswith(b"HTTP/1.1 %d " % status), \
        "%r: %r" % (request[:60], text[:60])
    return records(t.raw), text


def ask(target, more=b"", method=b"GET"):
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + more + CLOSE + \
        b"\r\n"


def worked(policy, body):
    """The fields that say what work was done for this parcel."""
    digest = hashlib.sha256(body).digest()
    start = b"ecrdrop/work/v1" + \
        hashlib.sha256(policy["origin"].encode()).digest() + \
        policy["epoch_close"].to_bytes(8, "big") + digest
    bits, n = policy["work_bits"], 0
    while int.from_bytes(hashlib.sha256(
            start + n.to_bytes(8, "big")).digest(), "big") >> (256 - bits):
        n += 1
    return b"ECRDrop-Digest: %s\r\nECRDrop-Work: %016x\r\n" % (
        digest.hex().encode(), n)


def test_small_answers(server, policy):
    """Whatever is answered in one record looks the same, with its end."""
    p, q = parcel(), parcel()
    good = post_head(more=worked(policy, p) + CLOSE) + p
    bad = bytearray(q)
    bad[40] ^= 0x80
    asked = [
        (ask(b"/policy"), 200), (ask(b"/keyset"), 200),
        (ask(b"/replies"), 200), (ask(b"/log/checkpoint"), 200),
        (ask(b"/policy", method=b"HEAD"), 200),
        (ask(b"/parcels", method=b"OPTIONS"), 204),
        (ask(b"/nothing"), 404), (ask(b"/log/tile/0/x999/999"), 404),
        (ask(b"/statements/" + b"0" * 64), 404),
        (ask(b"/parcels/" + b"0" * 64), 401),
        (ask(b"/policy", method=b"PUT"), 405),
        (good, 201), (good, 200),
        (post_head(more=worked(policy, q)) + bytes(bad), 400),
        (post_head(), 429), (post_head(1), 400), (post_head(1 << 30), 413),
        (b"POST /parcels HTTP/1.1\r\n" + HOST + b"\r\n", 411),
        (b"nonsense\r\n\r\n", 400), (ask(b"/" + b"a" * 300), 414),
        (ask(b"/policy", b"Expect: x\r\n"), 417),
        (ask(b"/policy", b"X:\r\n" * 70), 431),
        (ask(b"/policy", method=b"A" * 20), 501),
        (ask(b"/policy").replace(b"1.1", b"1.0"), 505),
        (b"GET /po", 408), (post_head(more=worked(policy, q)) + q[:100], 408),
    ]
    seen = {}
    for request, status in asked:
        seen.setdefault(str(exchange(server, request, status)[0]), []).append(
            status)
    busy = []
    for _ in range(4):          # all slots: there is no room for anybody
        t = Tap(server)
        t.send(post_head(more=worked(policy, q) + b"Expect: 100-continue\r\n"))
        t.hear()
        assert t.tls.read(100).startswith(b"HTTP/1.1 100 ")
        busy.append(t)
    seen.setdefault(str(exchange(server, good, 503)[0]), []).append(503)
    for t in busy:
        t.s.close()
    assert len(seen) == 1, "answers that look different: %r" % seen
    (lengths,) = seen
    assert lengths.count("23, ") == 2, \
        "one record of an answer, one of the end: " + lengths


def test_receipts(server, policy):
    """Receipts have one length, new or held already."""
    lengths = set()
    for _ in range(4):
        p = parcel()
        request = post_head(more=worked(policy, p) + CLOSE) + p
        first = exchange(server, request, 201)
        again = exchange(server, request, 200)
        body = first[1].split(b"\r\n\r\n", 1)[1]
        assert again[1].split(b"\r\n\r\n", 1)[1] == body, "another receipt"
        lengths.add(str(first[0]) + str(len(first[1])))
        lengths.add(str(again[0]) + str(len(again[1])))
    assert len(lengths) == 1, "receipts that look different: %r" % lengths


def test_replies(server, policy):
    """All who fetch the replies fetch the same bytes."""
    got = {exchange(server, ask(b"/replies", more), 200)[1]
           for more in (b"", b"Cookie: a=b\r\n", b"Range: bytes=0-1\r\n",
                        b"If-None-Match: *\r\n", b"Accept-Encoding: gzip\r\n")}
    assert len(got) == 1


def test_handshakes(server, policy):
    """The server's flight is the same but for its signature's length."""
    seen = set()
    for _ in range(12):
        t = Tap(server)
        t.s.settimeout(0.2)
        try:
            t.s.recv(1)
            raise AssertionError("something that nobody asked for: a ticket?")
        except TimeoutError:
            pass
        t.s.close()
        seen.add(tuple((kind, (n + 2) // 8 if kind == 23 and 80 < n < 120
                        else n) for kind, n in records(t.shake)))
    shapes = {tuple(k for k, _ in s) for s in seen}
    assert len(shapes) == 1 and len(seen) <= 2, seen


def test_many_in_one(server, policy):
    """A hundred answers on one connection: a record each, all alike."""
    t = Tap(server)
    t.send((b"GET /policy HTTP/1.1\r\n" + HOST + b"\r\n"
            b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n") * 50 +
           ask(b"/log/checkpoint"))
    text = t.to_end()
    assert text.count(b"HTTP/1.1 ") == 101
    got = records(t.raw)
    assert len(set(got)) == 1 and len(got) == 102, got


def test_stop(server, policy, pid):
    """Told to stop, it says goodbye to who is idle."""
    t = Tap(server)
    t.send(b"GET /policy HTTP/1.1\r\n" + HOST + b"\r\n")
    while b"HTTP/1.1 200" not in t.text:
        t.hear()
        t.text += t.tls.read(65536)
    fresh = Tap(server)
    os.kill(pid, signal.SIGTERM)
    begin = time.monotonic()
    t.to_end()
    assert fresh.to_end() == b""
    assert time.monotonic() - begin < 4, "only when it had been idle"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("server")
    ap.add_argument("--cacert", required=True)
    ap.add_argument("pid", type=int)
    opt = ap.parse_args()
    server = Server(opt.server, opt.cacert)
    policy = json.loads(exchange(server, ask(b"/policy"),
                                 200)[1].split(b"\r\n\r\n", 1)[1])
    failed = False
    for test in (test_small_answers, test_receipts, test_replies,
                 test_handshakes, test_many_in_one, test_stop):
        try:
            if test is test_stop:
                test(server, policy, opt.pid)
            else:
                test(server, policy)
            print("ok", test.__name__[5:], flush=True)
        except (AssertionError, OSError) as e:
            failed = True
            print("not ok %s: %s: %s" % (test.__name__[5:],
                                         type(e).__name__, e), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
