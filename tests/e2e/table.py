#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
#
# table.py - requests from a table, and that each is answered byte by byte as
# it should be
#
# usage: table.py TABLE unix:PATH | https://HOST:PORT [--cacert FILE]
#        [--pieces N]
#
# The table's form is told in its first lines. What an answer's bytes are is
# written down here once more, apart from the server's code. Each request has
# a connection of its own and is sent whole; with --pieces byte by byte if it
# is short, else in N pieces. Prints "N requests, M wrong"; exit 1 if any is.
"""Requests from a table, answered byte by byte as they should be."""

import argparse
import re
import socket
import ssl
import sys

from stranger import Server, parcel

WORDS = {
    200: "OK", 201: "OK", 204: "No Content", 400: "Bad Request",
    401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
    408: "Request Timeout", 411: "Length Required", 413: "Content Too Large",
    414: "URI Too Long", 417: "Expectation Failed", 429: "Too Little Work",
    431: "Request Header Fields Too Large", 501: "Not Implemented",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
}
TYPES = {"policy": "application/json", "replies": "application/octet-stream"}
TARGETS = {"policy": b"/policy", "keyset": b"/keyset",
           "replies": b"/replies", "checkpoint": b"/log/checkpoint"}
TEXT = "text/plain; charset=utf-8"
LAST = b"GET /last HTTP/1.1\r\nHost: drop.example\r\n\r\n"


# --- the table ----------------------------------------------------------------

class Cooked:
    """A request's bytes from the table's words."""

    PLAIN = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\", "E": b"\r\n",
             "H": b"Host: drop.example\r\n",
             "D": bytes(range(32)).hex().encode()}

    def __init__(self, text, body):
        self.text, self.at, self.body = text, 0, body
        self.bytes = self.run(False)
        if self.at != len(text):
            raise ValueError("a brace too many: " + text)

    def take(self, n):
        self.at += n
        return self.text[self.at - n:self.at]

    def number(self, end):
        digits = self.text[self.at:self.text.index(end, self.at)]
        self.take(len(digits) + 1)
        return int(digits)

    def escape(self):
        c = self.take(1)
        if c == "x":
            return bytes.fromhex(self.take(2))
        if c == "P":
            if self.text[self.at:self.at + 1] != "{":
                return self.body
            self.take(1)
            return self.body[:self.number("}")]
        if c == "R":
            self.take(1)
            n = self.number(",")
            out = self.run(True) * n
            self.take(1)
            return out
        return self.PLAIN[c]

    def run(self, inside):
        out = b""
        while self.at < len(self.text):
            c = self.text[self.at]
            if inside and c == "}":
                break
            self.take(1)
            out += self.escape() if c == "\\" else c.encode("ascii")
        return out


class Case:
    def __init__(self, line, body):
        self.name, answers, text = line.split("\t")
        words = answers.split(" ")
        self.fin = words[-1] == "fin"
        if self.fin:
            words.pop()
        self.then = words.pop()
        assert self.then in ("close", "end", "on"), line
        self.answers = words
        self.request = Cooked(text, body).bytes


def load(path, body):
    with open(path, encoding="ascii") as f:
        return [Case(line.rstrip("\n"), body) for line in f
                if line.strip() and not line.startswith("#")]


# --- what an answer is ------------------------------------------------------------

def wanted(word, last, bodies):
    """The bytes of one answer, as the table writes it."""
    m = re.fullmatch(r"(\d{3})(-)?(\*(?:post)?|!)?(?:=(\w+))?", word)
    status, bare, colour, kind = m.groups()
    status = int(status)
    if status == 100:
        return b"HTTP/1.1 100 Continue\r\n\r\n"
    body = bodies[kind] if kind else (WORDS[status] + "\n").encode()
    allow = {"*post": "POST, OPTIONS", "*": "GET, HEAD, OPTIONS",
             "!": "POST", None: "GET, HEAD"}[colour]
    head = ["HTTP/1.1 %d %s" % (status, WORDS[status])]
    if status == 204:
        body = b""
    else:
        head += ["Content-Type: " + TYPES.get(kind, TEXT),
                 "Content-Length: %d" % len(body)]
    head += ["Cache-Control: no-store", "X-Content-Type-Options: nosniff"]
    if colour and colour != "!":
        head.append("Access-Control-Allow-Origin: *")
    if status == 204:
        head += ["Access-Control-Allow-Methods: " + allow,
                 "Access-Control-Allow-Headers: "
                 "ECRDrop-Digest, ECRDrop-Work, Content-Type",
                 "Access-Control-Max-Age: 86400"]
    if status == 405:
        head.append("Allow: " + allow)
    if status == 401:
        head.append("WWW-Authenticate: Bearer")
    if status == 503:
        head.append("Retry-After: 5")
    if last:
        head.append("Connection: close")
    return ("\r\n".join(head) + "\r\n\r\n").encode() + \
        (b"" if bare else body)


def publish(server):
    """What is published just now, by its kind."""
    bodies = {}
    for kind, target in TARGETS.items():
        with server.connect() as s:
            s.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n"
                      b"Connection: close\r\n\r\n")
            got = b""
            while more := s.recv(65536):
                got += more
        bodies[kind] = got.split(b"\r\n\r\n", 1)[1]
    return bodies


# --- one exchange ---------------------------------------------------------------------

def send(s, request, pieces):
    step = len(request) or 1
    if pieces:
        step = 1 if len(request) <= 400 else len(request) // pieces + 1
    try:
        for i in range(0, len(request), step):
            s.sendall(request[i:i + step])
    except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
        pass                    # it has heard enough; what it says counts


def fin(s):
    """A bare FIN, over TLS without close_notify: we can still listen."""
    if isinstance(s, ssl.SSLSocket):
        socket.socket.shutdown(s, socket.SHUT_WR)
    else:
        s.shutdown(socket.SHUT_WR)


def read(s, n):
    """Up to n bytes, fewer at a clean end."""
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        if not more:
            break
        got += more
    return got


def exchange(server, case, bodies, pieces):
    """None, or what was wrong."""
    want = b"".join(
        wanted(w, case.then == "close" and i == len(case.answers) - 1,
               bodies) for i, w in enumerate(case.answers))
    with server.connect() as s:
        send(s, case.request, pieces)
        if case.fin:
            fin(s)
        if case.then == "on":
            s.sendall(LAST)
            want += wanted("404", False, bodies)
            got = read(s, len(want))
            s.setblocking(False)
            try:
                got += s.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                pass
        else:
            got = read(s, len(want) + 65536)    # to the end: close_notify
    if got != want:
        return "%r, not %r" % (got[:400], want[:400])
    return None


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("table")
    ap.add_argument("server")
    ap.add_argument("--cacert")
    ap.add_argument("--pieces", type=int, default=0)
    opt = ap.parse_args()
    server = Server(opt.server, opt.cacert)
    bodies = publish(server)
    cases = load(opt.table, parcel())
    wrong = 0
    for case in cases:
        try:
            why = exchange(server, case, bodies, opt.pieces)
        except OSError as e:
            why = "%s: %s" % (type(e).__name__, e)
        if why:
            wrong += 1
            print("%s: %s" % (case.name, why))
    print("%d requests, %d wrong" % (len(cases), wrong))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
