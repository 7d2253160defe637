#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tiles.py - a log as it is served, against a second reading of tlog-tiles.

usage: tiles.py SOCKET

Every path that tlog-tiles has for the signed size is asked for, at every
width: what is there is a prefix of the whole, with the fields that it should
have, and the same fields without a body for HEAD; what is beyond the signed
size is not there.  Then every path is spoilt in every place: a spelling that
is not the one that the specification has does not exist.  And the whole tree
is hashed, from the entries up to the root that the checkpoint signs.
"""
import base64
import hashlib
import http.client
import re
import socket
import sys

WIDTH, UNIT = 256, {"entries": 43}
LETTERS = "0123456789xX./p-+%Ae_~"


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("drop.example", timeout=30)
        self.unix = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix)


class Asker:
    """Requests on connections that are kept as long as the server likes."""

    def __init__(self, path):
        self.path, self.c, self.n = path, None, 0

    def ask(self, target, method="GET"):
        for last in (False, True):
            try:
                if self.c is None:
                    self.c = Unix(self.path)
                self.c.putrequest(method, target, skip_accept_encoding=True)
                self.c.endheaders()
                a = self.c.getresponse()
                body = a.read()
                break
            except (http.client.HTTPException, OSError):
                self.c = None
                if last:
                    raise
        self.n += 1
        fields = {k.lower(): v for k, v in a.getheaders()}
        if fields.get("connection") == "close":
            self.c.close()
            self.c = None
        return a.status, fields, body


def want(ok, *what):
    if not ok:
        raise AssertionError(" ".join(str(w) for w in what))


# --- which paths there are ------------------------------------------------------

def number(n):
    groups = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        groups.insert(0, "x%03d" % (n % 1000))
    return "/".join(groups)


def path(level, index, width=WIDTH):
    return "/log/tile/%s/%s%s" % (level, number(index), "" if width == WIDTH
                                  else ".p/%d" % width)


PATTERN = re.compile(r"/log/tile/(entries|0|[1-9][0-9]?)/"
                     r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def read_path(p):
    """(level, index, width) of a path as tlog-tiles has them, or None."""
    m = PATTERN.fullmatch(p)
    if m is None or m.group(2).startswith("x000"):
        return None
    if m.group(1) != "entries" and int(m.group(1)) > 63:
        return None
    width = int(m.group(4) or WIDTH)
    if m.group(4) and width >= WIDTH:
        return None
    index = int(m.group(2).replace("x", "").replace("/", "") + m.group(3))
    return m.group(1), index, width


def signed_width(size, level, index):
    n = size
    if level != "entries":
        for _ in range(int(level)):
            n //= WIDTH
    return max(0, min(WIDTH, n - index * WIDTH))


# --- the answers ------------------------------------------------------------------------

OPEN = {"access-control-allow-origin": "*",
        "x-content-type-options": "nosniff"}
TILE = dict(OPEN, **{"content-type": "application/octet-stream",
                     "cache-control": "public, max-age=604800, immutable"})
TEXT = {"content-type": "text/plain; charset=utf-8",
        "cache-control": "no-store", "x-content-type-options": "nosniff"}
NONE = dict(OPEN, **TEXT)


def check_fields(p, fields, these, length):
    these = dict(these, **{"content-length": str(length)})
    fields = {k: v for k, v in fields.items() if k != "connection"}
    want(fields == these, p, fields)


def check_there(asker, p, body):
    status, fields, got = asker.ask(p)
    want(status == 200, p, status)
    want(got == body, p, "has other bytes")
    check_fields(p, fields, TILE, len(body))


def check_head(asker, p):
    status, fields, body = asker.ask(p)
    again, head, nothing = asker.ask(p, "HEAD")
    want(status == again and fields == head and nothing == b"", p, "HEAD")
    want(body != b"", p)


def check_not_there(asker, p, cors):
    status, fields, body = asker.ask(p)
    want(status == 404, p, status)
    want(body == b"Not Found\n", p, body)
    check_fields(p, fields, NONE if cors else TEXT, len(body))


def check_widths(asker, size, level, index):
    """Every width of one tile."""
    most = signed_width(size, level, index)
    unit = UNIT.get(level, 32)
    whole = b""
    if most:
        status, _, whole = asker.ask(path(level, index, most))
        want(status == 200 and len(whole) == most * unit, level, index)
    for width in range(1, WIDTH + 1):
        p = path(level, index, width)
        if width <= most:
            check_there(asker, p, whole[:width * unit])
        else:
            check_not_there(asker, p, True)
    return whole


def spoilt(p):
    """Every path that is one letter away."""
    for i in range(len(p) + 1):
        yield p[:i] + p[i + 1:]
        for c in LETTERS:
            yield p[:i] + c + p[i:]
            yield p[:i] + c + p[i + 1:]


def check_spoilt(asker, size, paths):
    seen = set(paths)
    for good in paths:
        for p in spoilt(good):
            if p in seen or not p.startswith("/log/tile/"):
                continue
            seen.add(p)
            tile = read_path(p)
            if tile is None:
                check_not_there(asker, p, False)
                continue
            level, index, width = tile
            if width <= signed_width(size, level, index):
                want(asker.ask(p)[0] == 200, p)
            else:
                check_not_there(asker, p, True)
    return len(seen)


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root_of(hashes[:k]) +
                          root_of(hashes[k:])).digest()


def main():
    asker = Asker(sys.argv[1])
    status, fields, note = asker.ask("/log/checkpoint")
    want(status == 200)
    check_fields("/log/checkpoint", fields, NONE, len(note))
    check_head(asker, "/log/checkpoint")
    size = int(note.split(b"\n")[1])
    entries, tiles, there = b"", b"", []
    for n in range((size + WIDTH - 1) // WIDTH + 1):
        entries += check_widths(asker, size, "entries", n)
        tiles += check_widths(asker, size, "0", n)
        most = signed_width(size, "0", n)
        if most:
            there += [path(level, n, most) for level in ("entries", 0)]
    hashes = [leaf(entries[i + 2:i + 43])
              for i in range(0, len(entries), 43)]
    want(b"".join(hashes) == tiles, "tiles of level 0")
    want(root_of(hashes) == base64.b64decode(note.split(b"\n")[2]), "root")
    up = check_widths(asker, size, "1", 0)
    want(up == b"".join(root_of(hashes[i:i + WIDTH]) for i in range(
        0, len(hashes) - WIDTH + 1, WIDTH)), "tiles of level 1")
    there.append(path(1, 0, len(up) // 32))
    for level in range(2, 64):
        for p in (path(level, 0), path(level, 0, 1), path(level, 1, 255)):
            # Above level 7 no tree of 2^63 leaves has a tile.
            check_not_there(asker, p, True)
    for p in there:
        check_head(asker, p)
        status, fields, _ = asker.ask(p, "OPTIONS")
        want(status == 204 and fields["access-control-allow-origin"] == "*" and
             fields["access-control-allow-methods"] == "GET, HEAD, OPTIONS",
             p, fields)
        status, fields, _ = asker.ask(p, "POST")
        want(status in (405, 411), p, status)
    n = check_spoilt(asker, size, there + [
        path(0, 1234067), path("entries", 1000), path(63, 999, 255),
        path(0, 1000000, 17)])
    want(asker.ask("/log/checkpoint")[2] == note, "the log has grown")
    print("size %d: %d requests, %d spellings" % (size, asker.n, n))


main()
