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
import base64
import hashlib
import json
import os
import re
import select
import socket
import ssl
import sys
import threading
import time

PARCEL_BYTES = 65520
HOST = b"Host: localhost\r\n"
PATIENCE = 20               # seconds; a test that takes longer has failed


# --- talking ------------------------------------------------------------------

class Server:
    def __init__(self, where, cacert):
        self.where, self.cacert = where, cacert
        self.unix = where[5:] if where.startswith("unix:") else None
        if self.unix is None:
            m = re.fullmatch(r"https://([a-z0-9.]+):(\d+)", where)
            if m is None:
                sys.exit("hostile.py: no such address: " + where)
            self.host, self.port = m.group(1), int(m.group(2))

    def raw(self, rcvbuf=None):
        """A connection without TLS."""
        if self.unix:
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(PATIENCE)
            s.connect(self.unix)
            return s
        s = socket.socket()
        s.settimeout(PATIENCE)
        if rcvbuf:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.connect((self.host, self.port))
        return s

    def context(self):
        ctx = ssl.create_default_context(cafile=self.cacert)
        ctx.minimum_version = ssl.TLSVersion.TLSv1_3
        return ctx

    def connect(self, ctx=None):
        s = self.raw()
        if self.unix:
            return s
        try:
            # A bare FIN is an error here: close_notify is demanded.
            return (ctx or self.context()).wrap_socket(
                s, server_hostname="localhost", suppress_ragged_eofs=False)
        except BaseException:
            s.close()
            raise


class Answer:
    def __init__(self, status, head, fields, body):
        self.status, self.head = status, head
        self.fields, self.body = fields, body


class Closed(Exception):
    pass


def take_answer(s, buf, head_only=False):
    """One answer from s; buf is a bytearray of what came before."""
    while b"\r\n\r\n" not in buf:
        got = s.recv(65536)
        if not got:
            raise Closed(bytes(buf))
        buf += got
    head, rest = bytes(buf).split(b"\r\n\r\n", 1)
    lines = head.decode("ascii").split("\r\n")
    m = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z -]+", lines[0])
    assert m, "status line %r" % lines[0]
    fields = {}
    for line in lines[1:]:
        name, value = line.split(": ", 1)
        assert name.lower() not in fields, "twice " + name
        fields[name.lower()] = value
    for name in ("date", "server", "set-cookie", "via"):
        assert name not in fields, "it says " + name
    n = int(fields.get("content-length", "0"))
    if head_only or m.group(1) in ("100", "204"):
        n = 0
    rest = bytearray(rest)
    while len(rest) < n:
        got = s.recv(65536)
        if not got:
            raise Closed(bytes(rest))
        rest += got
    buf[:] = rest[n:]
    return Answer(int(m.group(1)), head, fields, bytes(rest[:n]))


def read_all(s):
    """All answers until the server closes, and that it closes cleanly."""
    buf, answers = bytearray(), []
    try:
        while True:
            answers.append(take_answer(s, buf))
    except Closed as e:
        assert e.args[0] == b"", "half an answer: %r" % e.args[0][:80]
    return answers


def one(server, request, head_only=False):
    with server.connect() as s:
        s.sendall(request)
        return take_answer(s, bytearray(), head_only)


def get(server, target, token=None, method=b"GET"):
    more = b"Authorization: Bearer " + token + b"\r\n" if token else b""
    return one(server, method + b" " + target + b" HTTP/1.1\r\n" + HOST +
               more + b"Connection: close\r\n\r\n", method == b"HEAD")


def b64(b):
    return base64.b64encode(b).rstrip(b"=")


def parcel():
    """Random bytes in a parcel's shape: nobody can open it."""
    out = b"age-encryption.org/v1\n"
    for _ in range(4):
        out += b"-> mlkem768x25519 " + b64(os.urandom(1120)) + b"\n"
        out += b64(os.urandom(32)) + b"\n"
    out += b"--- " + b64(os.urandom(32)) + b"\n"
    return out + os.urandom(PARCEL_BYTES - len(out))


def post_head(length=PARCEL_BYTES, more=b""):
    return (b"POST /parcels HTTP/1.1\r\n" + HOST + b"Content-Length: " +
            str(length).encode() + b"\r\n" + more + b"\r\n")


def post(server, body, more=b""):
    return one(server, post_head(len(body), more) + body)


def is_closed(s):
    """Does the server end this connection within our patience?"""
    try:
        while s.recv(65536):
            pass
        return True
    except ssl.SSLEOFError:
        return False            # without close_notify
    except (ConnectionResetError, BrokenPipeError):
        return True
    except (socket.timeout, TimeoutError):
        return False


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

def dies_within(s, seconds, every=None, what=b"a"):
    """Closed by the server before seconds are over; every: we trickle."""
    begin = time.monotonic()
    s.setblocking(False)
    while time.monotonic() - begin < seconds:
        ready, _, _ = select.select([s], [], [], every or 0.2)
        if ready:
            try:
                if not s.recv(65536):
                    return True
            except (ssl.SSLWantReadError, BlockingIOError):
                pass
            except OSError:
                return True
        if every:
            try:
                s.send(what)
            except (ssl.SSLWantWriteError, BlockingIOError):
                pass
            except OSError:
                return True
    return False


def test_slow(server, opt):
    """Silent and trickling, in each phase, all at once: none lives on."""
    lim = opt.limits
    grace = 3
    jobs = {}

    def run(name, seconds, s, every=None, what=b"a"):
        def body():
            with s:
                jobs[name] = dies_within(s, seconds + grace, every, what)
        t = threading.Thread(target=body)
        t.start()
        return t

    def said(*what):
        s = server.connect()
        for w in what:
            s.sendall(w)
        return s

    start = b"GET /policy HTTP/1.1\r\n" + HOST
    p = parcel()
    threads = [
        run("silent", max(lim["head"], lim["handshake"]), server.raw()),
        run("silent after the handshake", lim["head"], said()),
        run("idle", lim["idle"], said(start + b"\r\n")),
        run("head, stalled", lim["head"], said(start)),
        run("head, byte by byte", lim["head"], said(start + b"X: "), 0.3),
        run("head, field by field", lim["head"], said(start), 0.3,
            b"X: a\r\n"),
        run("body, stalled", lim["body"], said(post_head(), p[:30000])),
        run("body, byte by byte", lim["body"],
            said(post_head(), p[:30000]), 0.3, p[30000:30001]),
        run("requests for ever", lim["connection"], said(), 0.3,
            start + b"\r\n"),
    ]
    if not server.unix:
        hello = bytes.fromhex("1603010200010001fc0303")
        s = server.raw()
        s.sendall(hello)
        threads.append(run("handshake, byte by byte", lim["handshake"], s,
                           0.3))
    for t in threads:
        t.join()
    alive = sorted(name for name, dead in jobs.items() if not dead)
    assert len(jobs) == len(threads) and not alive, "alive: %r" % alive


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


def test_cap(server, opt):
    """Over the cap nobody is served until somebody goes."""
    cap = opt.limits["connections"]
    idle = []
    try:
        for _ in range(cap):
            s = server.connect()
            idle.append(s)
        s = server.raw()
        s.settimeout(1)
        waits = True
        if server.unix:
            s.sendall(b"GET /policy HTTP/1.1\r\n" + HOST + b"\r\n")
        else:
            s.sendall(client_hello(server))
        try:
            waits = not s.recv(1)
        except (socket.timeout, TimeoutError):
            pass
        assert waits, "one over the cap was served"
        idle.pop().close()
        s.settimeout(PATIENCE)
        assert s.recv(1), "room, and still not served"
        s.close()
    finally:
        for s in idle:
            s.close()
    assert get(server, b"/policy").status == 200


def client_hello(server):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    obj = server.context().wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
    try:
        obj.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


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


# --- TLS -------------------------------------------------------------------------------

def records(server, request):
    """The lengths of the server's records after the handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    obj = server.context().wrap_bio(incoming, outgoing,
                                    server_hostname="localhost")
    raw = b""
    with server.raw() as s:
        while True:
            try:
                obj.do_handshake()
                break
            except ssl.SSLWantReadError:
                s.sendall(outgoing.read())
                incoming.write(s.recv(65536))
        s.sendall(outgoing.read())
        s.settimeout(0.7)
        try:
            incoming.write(s.recv(65536))
            return ["unasked for"]
        except (socket.timeout, TimeoutError):
            pass
        s.settimeout(PATIENCE)
        obj.write(request)
        s.sendall(outgoing.read())
        while True:
            got = s.recv(65536)
            if not got:
                break
            raw += got
    lengths = []
    while raw:
        n = int.from_bytes(raw[3:5], "big")
        lengths.append(n)
        raw = raw[5 + n:]
    return lengths


def test_tls(server, opt):
    ctx = ssl.create_default_context(cafile=opt.cacert)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    ctx.maximum_version = ssl.TLSVersion.TLSv1_2
    refused(server, ctx, "TLS 1.2")
    ctx = server.context()
    ctx.set_alpn_protocols(["h2"])
    refused(server, ctx, "h2 alone")
    for offer, chosen in ((["h2", "http/1.1"], "http/1.1"),
                          (["http/1.1"], "http/1.1"), (None, None)):
        ctx = server.context()
        if offer:
            ctx.set_alpn_protocols(offer)
        with server.connect(ctx) as s:
            assert s.version() == "TLSv1.3"
            assert s.selected_alpn_protocol() == chosen
            assert s.cipher()[0] == "TLS_AES_128_GCM_SHA256", s.cipher()
            s.sendall(b"GET /policy HTTP/1.1\r\n" + HOST +
                      b"Connection: close\r\n\r\n")
            assert [a.status for a in read_all(s)] == [200]
            assert s.session is None or not s.session.has_ticket
    lengths = [records(server, b"GET " + t + b" HTTP/1.1\r\n" + HOST +
                       b"Connection: close\r\n\r\n")
               for t in (b"/policy", b"/nothing", b"/log/checkpoint",
                         b"/log/tile/0/999", b"/parcels/" + b"00" * 32)]
    assert all(n == lengths[0] for n in lengths), \
        "answers that look different: %r" % lengths


def refused(server, ctx, what):
    try:
        server.connect(ctx).close()
    except (ssl.SSLError, ConnectionError):
        return
    raise AssertionError(what + " was accepted")


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
