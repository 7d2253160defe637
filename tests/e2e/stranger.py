# SPDX-License-Identifier: ISC
"""stranger.py - how the hostile clients of these tests talk to a server.

Plain sockets and the standard library's TLS; standard library only.
"""
import base64
import os
import re
import socket
import ssl
import sys

PARCEL_BYTES = 65520
HOST = b"Host: localhost\r\n"
PATIENCE = 20               # seconds; a test that takes longer has failed


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
            s.connect(self.unix)        # waits for room in the queue
            s.settimeout(PATIENCE)
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
