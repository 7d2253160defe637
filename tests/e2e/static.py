#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A folder served over plain HTTP on loopback, for tests.

usage: static.py DIR [CUT [STATUS PART]]
       static.py DIR then OTHER

Prints its port, then serves until its standard input ends.  With CUT it
answers so many requests and then drops every connection: a server that dies
in the middle of a fetch; -1: never.  With STATUS it answers that, and 400
bytes of words, wherever PART stands in the path.  The second form serves
another folder from the second request for a checkpoint on.
"""
import http.server
import os
import sys
import threading


def main():
    args = sys.argv[1:] + [None] * 3
    other = os.path.abspath(args[2]) if args[1] == "then" else None
    os.chdir(args[0])
    left = [-1 if other else int(args[1] or -1)]
    status, part = (None, None) if other else args[2:4]
    asked = [0]

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if self.path.endswith("/log/checkpoint") and other:
                asked[0] += 1
                if asked[0] >= 2:
                    self.directory = other
                    os.chdir(other)
            if left[0] == 0:
                self.close_connection = True
                return
            if left[0] > 0:
                left[0] -= 1
            if part and part in self.path:
                self.send_response(int(status))
                self.send_header("Content-Length", "400")
                self.end_headers()
                self.wfile.write(b"words " * 66 + b"end\n")
                return
            super().do_GET()

        def list_directory(self, path):
            self.send_error(404)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


main()
