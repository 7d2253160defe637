#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# hostile.py - a client that means no good, and what must come of it
#
# usage: hostile.py [--cacert FILE] [--local] [--token FILE] [--limits K=V,...]
#        https://HOST:PORT | unix:PATH  TEST...
#
# Each TEST prints "ok NAME" or "not ok NAME: why"; the exit is 1 if any was
# not. Standard library only. It speaks sockets itself, since every decent
# client library would refuse to send what is sent here.
"""Hostile HTTP and TLS clients for ecrdropd."""

import argparse
import hashlib
import json
import os
import select
import socket
import ssl
import sys
import threading
import time

from stranger import (
    HOST, PARCEL_BYTES, PATIENCE, Closed, Server, get, is_closed,
    parcel, post, post_head, read_all, take_answer)


# --- requests ------------------------------------------------------------

def test_pipeline(server, opt):
    wanted = [(b"/policy", 200), (b"/nothing", 404), (b"/log/checkpoint", 200),
              (b"/log/tile/0/x001/000", 404), (b"/keyset", 200)] * 20
    with server.connect() as s:
        s.sendall(b"".join(b"GET " + t + b" HTTP/1.1\r\n" + HOST + b"\r\n"
                           for t, _ in wanted))
        buf = bytearray()
        for target, status in wanted:
            a = take_answer(s, buf)
            assert a.status == status, (target, a.status)


def test_routes(server, opt):
    hexes = b"00" * 32
    for method, target, status in [
            (b"GET", b"/policy", 200), (b"HEAD", b"/policy", 200),
            (b"GET", b"/keyset", 200), (b"GET", b"/replies", 200),
            (b"GET", b"/log/checkpoint", 200), (b"POST", b"/policy", 405),
            (b"GET", b"/parcels", 405), (b"PUT", b"/parcels", 405),
            (b"OPTIONS", b"/parcels", 204), (b"OPTIONS", b"/policy", 204),
            (b"GET", b"/policy?", 404), (b"GET", b"/policy/", 404),
            (b"GET", b"/../policy", 404), (b"GET", b"//policy", 404),
            (b"GET", b"/%70olicy", 404), (b"BREW", b"/tea", 404),
            (b"GET", b"/log/tile/0/999", 404),
            (b"GET", b"/log/tile/entries/999.p/3", 404),
            (b"GET", b"/log/tile/0/000.p/256", 404),
            (b"GET", b"/statements/" + hexes, 404),
            (b"HEAD", b"/statements/" + hexes, 404),
            (b"GET", b"/parcels/" + hexes, 401),
            (b"DELETE", b"/parcels/" + hexes, 405)]:
        a = get(server, target, None, method)
        assert a.status == status, (method, target, a.status)
        assert a.fields["cache-control"] == "no-store", target
        if status == 405:
            assert "allow" in a.fields
        if status == 401:
            assert a.fields["www-authenticate"] == "Bearer"
        public = status != 401 and b"parcels/" not in target
        if public and status in (200, 204, 405):
            assert a.fields["access-control-allow-origin"] == "*", target
        if not public:
            assert "access-control-allow-origin" not in a.fields, target
    a = get(server, b"/health")
    assert a.status == (200 if opt.local else 404), a.status
    for token in (b"x", b"0" * 64, b"A" * 43):
        a = get(server, b"/parcels/" + hexes, token)
        assert a.status == 401, "a wrong token"
    policy = json.loads(get(server, b"/policy").body)
    assert policy["parcel_bytes"] == PARCEL_BYTES


# --- parcels ------------------------------------------------------------------------

def test_parcel(server, opt):
    p = parcel()
    digest = hashlib.sha256(p).hexdigest()
    a = post(server, p)
    assert a.status == 201, a.status
    assert digest.encode() in a.body
    again = post(server, p)
    assert again.status == 200 and again.body == a.body, "the same receipt"
    a = post(server, p, b"ECRDrop-Digest: " + b"0" * 64 + b"\r\n")
    assert a.status == 400, "a digest that is not its own"
    a = post(server, p, b"ECRDrop-Digest: " + digest.encode() + b"\r\n")
    assert a.status == 200


def test_expect(server, opt):
    with server.connect() as s:
        s.sendall(post_head(PARCEL_BYTES, b"Expect: 100-continue\r\n"))
        buf = bytearray()
        assert take_answer(s, buf).status == 100
        s.sendall(parcel())
        assert take_answer(s, buf).status == 201
        s.sendall(post_head(PARCEL_BYTES + 1, b"Expect: 100-continue\r\n"))
        assert take_answer(s, buf).status == 413


def test_refused_early(server, opt):
    """Who sends megabytes without listening still sees the refusal."""
    for _ in range(5):
        with server.connect() as s:
            s.sendall(post_head(2 << 20))
            sent = 0
            try:
                while sent < 200 << 10:
                    s.sendall(bytes(8192))
                    sent += 8192
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                pass
            assert [a.status for a in read_all(s)] == [413]


def spoil(p, i):
    """The i-th way to spoil a parcel: what is sent, and its length field."""
    k = i % 10
    at = (i * 7919) % 6300
    if k == 0:
        return p[:(i * 131) % PARCEL_BYTES], PARCEL_BYTES    # truncated
    if k == 1:
        return os.urandom(PARCEL_BYTES), PARCEL_BYTES        # noise
    if k == 2:
        return b"\0" * PARCEL_BYTES, PARCEL_BYTES
    if k == 3:
        return p[:at] + b"!" + p[at + 1:], PARCEL_BYTES      # in the header
    if k == 4:
        return p[:-1 - i % 900], None                        # too short
    if k == 5:
        return p.replace(b"-> mlkem768x25519", b"-> mlkem768x25518", 1), None
    if k == 6:
        return p.replace(b"/v1", b"/v2", 1), None
    if k == 7:                                               # a line fewer
        lines = p.split(b"\n", 9)
        del lines[1 + i % 8]
        q = b"\n".join(lines)
        return q + bytes(PARCEL_BYTES - len(q)), None
    if k == 8:                                               # CR LF
        q = p.replace(b"\n", b"\r\n", 1)[:PARCEL_BYTES]
        return q, None
    return p[1:] + p[:1], None                               # turned by one


def test_malformed(server, opt):
    """A thousand bodies that are no parcels: 400 each, none stored."""
    token = open(opt.token, "rb").read().strip()
    digests, p = [], parcel()
    for i in range(1000):
        if i % 50 == 0:
            p = parcel()
        body, length = spoil(p, i)
        digests.append(hashlib.sha256(body).hexdigest())
        cut = length is not None and len(body) < length
        with server.connect() as s:
            s.sendall(post_head(length or len(body)))
            try:
                s.sendall(body)
                if cut:
                    end_of_sending(s)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                pass
            if cut and not server.unix:
                continue        # Python's TLS hears nothing any more
            a = take_answer(s, bytearray())
            assert a.status == 400, "%d: %d" % (i, a.status)
    good = parcel()
    assert post(server, good).status == 201
    stored = wait_logged(server, hashlib.sha256(good).hexdigest(), opt)
    for d in digests:
        assert d not in stored, "a spoilt body is in the log"
        a = get(server, b"/parcels/" + d.encode(), token)
        assert a.status == 404, a.status


def end_of_sending(s):
    """close_notify, or FIN, after which we could still listen."""
    if isinstance(s, ssl.SSLSocket):
        s.setblocking(False)
        try:
            s.unwrap()
        except (ssl.SSLWantReadError, OSError):
            pass
        s.settimeout(PATIENCE)
    else:
        s.shutdown(socket.SHUT_WR)


def entries(server):
    """Every digest of the log, by its entry bundles."""
    size = int(get(server, b"/log/checkpoint").body.split(b"\n")[1])
    found = set()
    for n in range((size + 255) // 256):
        w = min(256, size - 256 * n)
        part = b"" if w == 256 else b".p/%d" % w
        a = get(server, b"/log/tile/entries/%03d" % n + part)
        assert a.status == 200, (n, a.status)
        assert a.fields["cache-control"].endswith("immutable")
        data = a.body
        while data:
            n2 = int.from_bytes(data[:2], "big")
            assert n2 == 41, n2
            found.add(data[2 + 9:2 + 41].hex())
            data = data[2 + n2:]
    return found


def wait_logged(server, digest, opt):
    end = time.monotonic() + PATIENCE * 3
    while time.monotonic() < end:
        found = entries(server)
        if digest in found:
            return found
        select.select([], [], [], 0.2)
    raise AssertionError("it never came into the log")


def test_work(server, opt):
    """Where work is asked: 429 and how much, then good work, then bad."""
    policy = json.loads(get(server, b"/policy").body)
    p = parcel()
    digest = hashlib.sha256(p).digest()
    a = post(server, p)
    assert a.status == 429, a.status
    bits = json.loads(a.body)["bits"]
    assert bits == policy["work_bits"] > 0
    start = b"ecrdrop/work/v1" + hashlib.sha256(
        policy["origin"].encode()).digest() + \
        policy["epoch_close"].to_bytes(8, "big") + digest

    def good(n):
        h = hashlib.sha256(start + n.to_bytes(8, "big")).digest()
        return int.from_bytes(h, "big") >> (256 - bits) == 0

    nonce = next(n for n in range(1 << 40) if good(n))
    idle = next(n for n in range(1 << 40) if not good(n))
    d = b"ECRDrop-Digest: " + digest.hex().encode() + b"\r\n"
    w = b"ECRDrop-Work: %016x\r\n"
    assert post(server, p, d + w % idle).status == 429
    assert post(server, p, w % nonce).status == 429
    q = parcel()
    assert post(server, q, d + w % nonce).status == 400, "another parcel"
    assert post(server, p, d + w % nonce).status == 201


# --- slow and many ---------------------------------------------------------------------

def test_slots(server, opt):
    """All slots with stalled uploads: after a grace the slowest yields."""
    n = opt.limits["slots"]
    stalled = []
    p = parcel()
    try:
        for i in range(n):
            s = server.connect()
            stalled.append(s)
            s.sendall(post_head(PARCEL_BYTES, b"Expect: 100-continue\r\n"))
            assert take_answer(s, bytearray()).status == 100, "it has a slot"
            s.sendall(p[:1000 + 1000 * i])
        # Until the grace is over there is no slot, and it says so.
        end = time.monotonic() + PATIENCE
        seen = set()
        while time.monotonic() < end:
            a = post(server, parcel())
            seen.add(a.status)
            if a.status == 201:
                break
            assert a.status == 503 and a.fields["retry-after"] == "5"
            select.select([], [], [], 0.2)
        assert 201 in seen, seen
        a = take_answer(stalled[0], bytearray())
        assert a.status == 503, "the slowest has yielded: %d" % a.status
    finally:
        for s in stalled:
            s.close()
    assert post(server, parcel()).status == 201


def reset(s):
    """Gone, with a RST where there is one."""
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     b"\1\0\0\0\0\0\0\0")
    except OSError:
        pass
    s.close()


def test_gone(server, opt):
    """Clients that vanish at any point leave nothing behind."""
    p = parcel()
    whole = post_head() + p
    rounds = 4 * opt.limits["slots"] + 10
    for i in range(rounds):
        s = server.connect()
        s.sendall(whole[:1 + i * (len(whole) - 1) // (rounds - 1)])
        reset(s)
        s = server.connect()
        s.sendall(post_head() + parcel())     # the store has it now
        reset(s)
        reset(server.raw())
    for _ in range(opt.limits["slots"] * 2):
        end = time.monotonic() + PATIENCE
        while True:
            status = post(server, parcel()).status
            if status == 201:
                break
            assert status == 503 and time.monotonic() < end, status


class Flood:
    """
    A connection that asks without a pause and reads what comes. Without TLS
    the kernel does both, in calls that last long: Python itself is too slow
    to keep the buffers full.
    """

    ASK = (b"GET /policy HTTP/1.1\r\n" + HOST + b"\r\n") * 20000

    def __init__(self, server):
        self.s = server.connect()
        self.on, self.got = True, 0
        parts = (self.turns,)
        if server.unix:
            parts = (self.ask, self.hear)
            self.s.settimeout(None)
        else:
            self.s.setblocking(False)
        self.threads = [threading.Thread(target=p) for p in parts]
        for t in self.threads:
            t.start()

    def ask(self):
        fd = os.memfd_create("requests")
        for _ in range(64):
            os.write(fd, self.ASK)
        size = 64 * len(self.ASK)
        at = 0
        try:
            while self.on:
                at += os.sendfile(self.s.fileno(), fd, at, size - at)
                at %= size
        except OSError:
            pass
        os.close(fd)

    def hear(self):
        room = bytearray(8 << 20)
        try:
            while self.on:
                got = self.s.recv_into(room, 0, socket.MSG_WAITALL)
                self.got += got
                if got == 0:
                    break
        except OSError:
            pass

    def turns(self):
        left = self.ASK
        while self.on:
            try:
                left = left[self.s.send(left[:1 << 16]):] or self.ASK
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                pass
            except OSError:
                break
            try:
                got = len(self.s.recv(1 << 20))
                self.got += got
                if got == 0:
                    break
            except ssl.SSLWantReadError:
                pass
            except OSError:
                break

    def stop(self):
        self.on = False
        try:
            self.s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        for t in self.threads:
            t.join()
        self.s.close()


def test_flood(server, opt):
    """Who asks without a pause does not keep the others waiting."""
    floods = [Flood(server) for _ in range(4)]
    worst, seen = 0, 0
    try:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            begin = time.monotonic()
            assert get(server, b"/log/checkpoint").status == 200
            assert post(server, parcel()).status == 201
            worst = max(worst, time.monotonic() - begin)
            seen += 1
            select.select([], [], [], 0.2)
    finally:
        for f in floods:
            f.stop()
    assert sum(f.got for f in floods) > 100000, "no flood"
    assert worst < 2.5, "%.1f s beside a flood" % worst


def test_noise(server, opt):
    """Random bytes, plain HTTP at TLS, TLS at plain HTTP."""
    for i in range(50):
        s = server.raw()
        try:
            s.sendall((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" if i == 0
                       else b"\x16\x03\x01" + os.urandom(300) if i % 2
                       else os.urandom(1 + i * 37)))
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass                # it did not wait for the end
        assert is_closed(s)
        s.close()
    assert get(server, b"/policy").status == 200


# --- one by one -------------------------------------------------------------------------

def test_finish(server, opt):
    """
    Half a parcel, then a line on standard output; when a line comes on
    standard input the rest follows, and the receipt must come.
    """
    p = parcel()
    flood = Flood(server)
    with server.connect() as s, server.connect() as idle:
        s.sendall(post_head() + p[:40000])
        assert get(server, b"/policy").status == 200    # it has been read
        print("half", flush=True)
        sys.stdin.readline()
        assert is_closed(idle), "an idle connection outlives the server"
        flood.stop()
        s.sendall(p[40000:])
        a = take_answer(s, bytearray())
        assert a.status == 201, a.status
        assert a.fields["connection"] == "close"
        assert hashlib.sha256(p).hexdigest().encode() in a.body


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cacert")
    ap.add_argument("--local", action="store_true")
    ap.add_argument("--token")
    ap.add_argument("--limits", default="")
    ap.add_argument("server")
    ap.add_argument("test", nargs="+")
    opt = ap.parse_args()
    opt.limits = {k: int(v) for k, v in
                  (x.split("=") for x in opt.limits.split(",") if x)}
    server = Server(opt.server, opt.cacert)
    failed = False
    for name in opt.test:
        try:
            globals()["test_" + name](server, opt)
            print("ok", name, flush=True)
        except (AssertionError, Closed, OSError, ValueError, KeyError) as e:
            failed = True
            print("not ok %s: %s: %s" % (name, type(e).__name__, e),
                  flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
