#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A folder served over plain HTTP on loopback, for tests.

usage: static.py DIR [CUT]

Prints its port, then serves until its standard input ends.  With CUT it
answers so many requests and then drops every connection: a server that dies
in the middle of a fetch.
"""
import http.server
import os
import sys
import threading


def main():
    os.chdir(sys.argv[1])
    left = [int(sys.argv[2]) if len(sys.argv) > 2 else -1]

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            if left[0] == 0:
                self.close_connection = True
                return
            if left[0] > 0:
                left[0] -= 1
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
