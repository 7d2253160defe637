#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A server on loopback that passes requests on, writes them down, and lies.

usage: middle.py LIES LOG [URL CACERT]

Prints its port, then serves plain HTTP until its standard input ends.  What
lies in the folder LIES under a request's path is the answer, what lies there
as PATH.once that of one request; with PATH.cut there is none; everything else is asked of URL (404 without
one).  Each line of LIES/outbox.plan is the
answer to one POST /outbox: "STATUS [RETRY-AFTER [BODY]]", or "cut": no answer
at all; its body is kept as LIES/posted.N.  LOG gets a line a request: method,
path, bytes of the body, and the names and fixed values of its headers.
LOG.ends gets a line for each connection when it ends: how many requests came.
"""
import http.server
import os
import re
import ssl
import sys
import threading
import urllib.error
import urllib.request

LOCK = threading.Lock()


def main():
    lies, log = sys.argv[1:3]
    url = sys.argv[3] if len(sys.argv) > 3 else None
    tls = ssl.create_default_context(cafile=sys.argv[4]) if url else None
    posted = [0]

    def note(handler, n):
        heads = []
        for name, value in handler.headers.items():
            if name in ("ECRDrop-Digest", "ECRDrop-Work", "Host"):
                value = "*"
            heads.append(name + "=" + re.sub(r"\s", "_", value))
        with LOCK, open(log, "a", encoding="ascii") as out:
            print(handler.command, handler.path, n, *heads, file=out)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            self.requests = 0
            super().setup()

        def finish(self):
            super().finish()
            with LOCK, open(log + ".ends", "a", encoding="ascii") as out:
                print(self.requests, file=out)

        def answer(self, status, body, heads=()):
            self.send_response(status)
            for name, value in heads:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def planned(self, body):
            plan = os.path.join(lies, "outbox.plan")
            with LOCK:
                with open(plan, encoding="ascii") as f:
                    lines = f.read().splitlines()
                if not lines:
                    return self.answer(500, b"nothing is planned\n")
                with open(plan, "w", encoding="ascii") as f:
                    f.write("".join(l + "\n" for l in lines[1:]))
                posted[0] += 1
                name = os.path.join(lies, "posted.%d" % posted[0])
                with open(name, "wb") as f:
                    f.write(body)
            words = lines[0].split(" ", 2)
            if words[0] == "cut":
                self.close_connection = True
                return None
            heads = []
            if len(words) > 1 and words[1] != "-":
                heads.append(("Retry-After", words[1]))
            say = words[2].encode() + b"\n" if len(words) > 2 else b""
            return self.answer(int(words[0]), say, heads)

        def serve(self):
            n = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(n)
            note(self, n)
            self.requests += 1
            lie = os.path.join(lies, self.path.lstrip("/"))
            if self.path == "/outbox" and os.path.exists(lie + ".plan"):
                return self.planned(body)
            if os.path.exists(lie + ".cut"):
                self.close_connection = True
                return None
            if os.path.isfile(lie + ".once"):
                with LOCK:
                    os.rename(lie + ".once", lie + ".was")
                lie += ".was"
            if os.path.isfile(lie):
                with open(lie, "rb") as f:
                    return self.answer(200, f.read())
            if url is None:
                return self.answer(404, b"")
            heads = {k: v for k, v in self.headers.items()
                     if k.startswith(("ECRDrop-", "Auth", "Content-Type"))}
            ask = urllib.request.Request(
                url + self.path, headers=heads, method=self.command,
                data=body if self.command == "POST" else None)
            try:
                with urllib.request.urlopen(ask, context=tls) as got:
                    return self.answer(got.status, got.read())
            except urllib.error.HTTPError as e:
                return self.answer(e.code, e.read())

        do_GET = serve
        do_POST = serve

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
