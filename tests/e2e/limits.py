#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# limits.py - clients that take their time, and more of them than there is
# room for
#
# usage: limits.py --limits K=V,... --cacert FILE --front PID
#        https://HOST:PORT unix:PATH TEST...
#
# K are the server's: handshake, head, body, idle, connection (seconds) and
# connections. Prints "ok NAME" or "not ok NAME: why" for each TEST.
"""Deadlines, and caps on connections, descriptors and memory."""

import argparse
import os
import resource
import select
import ssl
import sys
import threading
import time

from cut import Peer
from stranger import HOST, PATIENCE, Server, get, parcel, post, post_head

GRACE = 4               # seconds over a deadline, for a busy machine
EARLY = 0.1             # what a clock may be off
GET = b"GET /policy HTTP/1.1\r\n" + HOST + b"\r\n"


# --- deadlines --------------------------------------------------------------------

def pause(p, seconds):
    """False: it has ended meanwhile, or said something."""
    ready, _, _ = select.select([p.s], [], [], seconds)
    return not ready


def drip(p, data, pause_for, size=1):
    """Piece by piece until the server has something to say."""
    for i in range(0, len(data), size):
        try:
            p.s.sendall(data[i:i + size])
        except OSError:
            return
        if not pause(p, pause_for):
            return


def heard(p):
    """What it says until its end, and when that was."""
    p.s.settimeout(PATIENCE)
    said = p.said()
    return said, time.monotonic()


def drip_handshake(server, opt):
    p = Peer(server)
    begin = time.monotonic()
    hello = p.hello()
    p.tls = None
    drip(p, hello, 0.1)
    return heard(p)[1] - begin, opt["handshake"]


def drip_flight(server, opt):
    """The ClientHello at once, then the rest of the handshake in drops."""
    p = Peer(server)
    begin = time.monotonic()
    p.send(p.hello())
    flight = p.answer()
    p.tls = None
    drip(p, flight, 0.1)
    return heard(p)[1] - begin, opt["handshake"]


def drip_head(server, opt):
    p = Peer(server)
    p.shake()
    begin = time.monotonic()
    for byte in GET[:-2] + b"X: " + b"a" * 1000:
        p.send(p.wire(bytes([byte])))
        if not pause(p, 0.05):
            break
    said, end = heard(p)
    assert said.startswith(b"HTTP/1.1 408 "), said[:60]
    return end - begin, opt["head"]


def drip_fields(server, opt):
    p = Peer(server)
    p.shake()
    begin = time.monotonic()
    p.send(p.wire(GET[:-2]))
    while pause(p, 0.15):
        p.send(p.wire(b"X: a\r\n"))
    said, end = heard(p)
    assert said.startswith(b"HTTP/1.1 408 "), said[:60]
    return end - begin, opt["head"]


def drip_record(server, opt):
    """A record of a whole head that comes byte by byte."""
    p = Peer(server)
    p.shake()
    begin = time.monotonic()
    drip(p, p.wire(GET), 0.1)
    said, end = heard(p)
    assert said == b"", "it has not got a byte of a head: %r" % said
    return end - begin, opt["head"]


def drip_body(server, opt, body):
    """Three quarters of the least rate that a body may have."""
    p = Peer(server)
    p.shake()
    begin = time.monotonic()
    p.send(p.wire(post_head()))
    step = 0.1
    size = int(len(body) / opt["body"] * step * 3 / 4)
    for i in range(0, len(body), size):
        try:
            p.send(p.wire(body[i:i + size]))
        except OSError:
            break
        if not pause(p, step):
            break
    said, end = heard(p)
    assert said.startswith(b"HTTP/1.1 408 "), said[:60]
    return end - begin, opt["body"]


def slow_body(server, opt, body):
    """Nobody is cut off who is not below that rate."""
    p = Peer(server)
    p.shake()
    p.send(p.wire(post_head(more=b"Connection: close\r\n")))
    begin = time.monotonic()
    for i in range(20):
        p.send(p.wire(body[i * 3276:(i + 1) * 3276]))
        # By the clock: a busy machine must not slow us down.
        pause(p, max(0, begin + (i + 1) * opt["body"] / 40 -
                     time.monotonic()))
    p.send(p.wire(body[20 * 3276:]))
    said, _ = heard(p)
    assert said.startswith(b"HTTP/1.1 201 "), said[:60]
    return None


def idle(server, opt):
    p = Peer(server)
    p.shake()
    p.send(p.wire(GET))
    begin = time.monotonic()
    said, end = heard(p)
    assert said.startswith(b"HTTP/1.1 200 "), said[:60]
    return end - begin, opt["idle"]


def silent(server, opt):
    p = Peer(server)
    p.shake()
    begin = time.monotonic()
    said, end = heard(p)
    assert said == b"", said[:60]
    return end - begin, opt["head"]


def unread(server, opt):
    """Thousands of answers, and nobody reads them."""
    p = Peer(server)
    p.s.close()
    p.s = server.raw(rcvbuf=4096)
    p.shake()
    p.s.setblocking(False)
    poll = select.poll()
    poll.register(p.s, select.POLLRDHUP)
    data, begin = p.wire(GET * 4000), time.monotonic()
    while time.monotonic() - begin < opt["connection"] + GRACE:
        try:
            data = data[p.s.send(data):]
        except BlockingIOError:
            pass
        except OSError:
            break
        if poll.poll(50):
            break
    end = time.monotonic()
    p.s.close()
    # Late with an answer, or, when others had their turn, with a head.
    return end - begin, min(opt["body"], opt["head"])


def whole(server, opt, body):
    """Never late in any phase, and still there has to be an end."""
    p = Peer(server)
    begin = time.monotonic()

    def until(share):
        return max(0, begin + share - time.monotonic())

    p.send(p.hello())
    flight = p.answer()
    pause(p, until(opt["handshake"] * 0.8))
    p.send(flight)
    pause(p, until((opt["handshake"] + opt["head"]) * 0.8))
    p.send(p.wire(post_head() + body[:1000]))
    for i in range(1000, len(body), 100):
        try:
            p.send(p.wire(body[i:i + 100]))
        except OSError:
            break
        if not pause(p, 0.1):
            break
    said, end = heard(p)
    assert said == b"", said[:60]
    return end - begin, opt["connection"]


def test_deadlines(server, plain, opt):
    """All at once: each ends when it has to, and says what it should."""
    body = parcel()
    jobs = [(f, ()) for f in (drip_handshake, drip_flight, drip_head,
                              drip_fields, drip_record, idle, silent,
                              unread)]
    jobs += [(f, (body,)) for f in (drip_body, slow_body, whole)]
    wrong = []

    def run(f, args):
        try:
            got = f(server, opt, *args)
        except (AssertionError, OSError) as e:
            wrong.append("%s: %s: %s" % (f.__name__, type(e).__name__, e))
            return
        if got is None:
            return
        took, limit = got
        if not limit - EARLY <= took <= limit + GRACE:
            wrong.append("%s: ended after %.2f s, not %d" % (
                f.__name__, took, limit))

    threads = [threading.Thread(target=run, args=j) for j in jobs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, "; ".join(wrong)


# --- caps ----------------------------------------------------------------------------

def wakeups(pid):
    """How often the process has waited, and its CPU time in ticks."""
    with open("/proc/%d/status" % pid, encoding="ascii") as f:
        waited = [int(line.split()[1]) for line in f
                  if line.startswith("voluntary_ctxt_switches")][0]
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return waited, int(fields[11]) + int(fields[12])


def rest(pid, seconds, what):
    """There is nothing to do, and the process does nothing."""
    before = wakeups(pid)
    select.select([], [], [], seconds)
    after = wakeups(pid)
    waited, ticks = (b - a for a, b in zip(before, after))
    assert waited < 20 * seconds and ticks < 10 * seconds, \
        "%s: %d wake-ups and %d ticks in %d s" % (what, waited, ticks,
                                                  seconds)


def answered(socks, seconds):
    """Those that get an answer within this time, and those that end."""
    good, gone = [], []
    end = time.monotonic() + seconds
    left = list(socks)
    while left:
        ready = select.select(left, [], [],
                              max(0, end - time.monotonic()))[0]
        if not ready:
            break
        for s in ready:
            left.remove(s)
            try:
                (good if s.recv(12) == b"HTTP/1.1 200" else gone).append(s)
            except OSError:
                gone.append(s)
    return good, gone


def knock(plain, n):
    socks = []
    for _ in range(n):
        s = plain.raw()
        s.sendall(GET)
        socks.append(s)
    return socks


def close_all(socks):
    for s in socks:
        s.close()


def test_connections(server, plain, opt):
    """At the cap nobody more is heard, and nothing turns idly."""
    cap = opt["connections"]
    socks = knock(plain, cap + 8)
    good, gone = answered(socks, 2)
    # Idle ones go in time, and others come in their place.
    assert len(good) >= cap and not gone, (len(good), len(gone))
    close_all(socks)
    held = [plain.raw() for _ in range(cap)]
    for s in held:              # each has a long head before it
        s.sendall(GET[:-2])
    late = knock(plain, 8)
    rest(opt["front"], 1, "at the cap")
    good, gone = answered(late, 0)
    assert not good and not gone, "served over the cap"
    close_all(held)
    good, gone = answered(late, PATIENCE)
    assert len(good) == 8, "not served when there was room"
    close_all(late)
    assert get(server, b"/policy").status == 200


def test_descriptors(server, plain, opt):
    """The system has no descriptor left: no spin, and back when it has."""
    pid = opt["front"]
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (24, hard))
    held = [plain.raw() for _ in range(60)]
    try:
        for s in held:
            s.sendall(GET[:-2])     # so that each keeps its descriptor
        rest(pid, 1, "without descriptors")
        for s in held:
            try:
                s.sendall(b"\r\n")
            except OSError:
                pass            # turned away
        good, _ = answered(held, 1)
        assert good, "who was in is served"
        assert len(good) < 60, "there was no lack of descriptors"
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        again, gone = answered([s for s in held if s not in good], PATIENCE)
        assert len(again) + len(gone) + len(good) == 60, "left waiting"
        assert len(gone) <= 20, "%d turned away" % len(gone)
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        close_all(held)
    assert get(server, b"/policy").status == 200


def test_memory(server, plain, opt):
    """The process gets no more memory: some are refused, none is harmed."""
    pid = opt["front"]
    soft, hard = resource.prlimit(pid, resource.RLIMIT_AS)
    with open("/proc/%d/statm" % pid, encoding="ascii") as f:
        size = int(f.read().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (size + (256 << 10), hard))
    held, failed = [], 0
    try:
        for _ in range(opt["connections"]):
            p = Peer(server)
            held.append(p)
            try:
                p.shake()
                p.send(p.wire(GET[:-2] + b"X: " + b"a" * 5000))
            except (AssertionError, OSError, ssl.SSLError):
                failed += 1
        for p in held:
            try:
                p.send(p.wire(b"\r\n\r\n"))
            except (AssertionError, OSError, ssl.SSLError):
                failed += 1
    finally:
        resource.prlimit(pid, resource.RLIMIT_AS, (soft, hard))
        for p in held:
            p.s.close()
    assert failed, "there was no lack of memory"
    os.kill(pid, 0)             # the same front
    assert get(server, b"/policy").status == 200
    assert post(server, parcel()).status == 201


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--limits", required=True)
    ap.add_argument("--cacert", required=True)
    ap.add_argument("--front", type=int, required=True)
    ap.add_argument("server")
    ap.add_argument("plain")
    ap.add_argument("test", nargs="+")
    a = ap.parse_args()
    opt = {k: int(v) for k, v in (x.split("=") for x in a.limits.split(","))}
    opt["front"] = a.front
    server, plain = Server(a.server, a.cacert), Server(a.plain, None)
    failed = False
    for name in a.test:
        try:
            globals()["test_" + name](server, plain, opt)
            print("ok", name, flush=True)
        except (AssertionError, OSError) as e:
            failed = True
            print("not ok %s: %s: %s" % (name, type(e).__name__, e),
                  flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
