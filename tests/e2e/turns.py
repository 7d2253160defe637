# SPDX-License-Identifier: ISC
"""Clients that ask without pause, one that asks sometimes, then SIGTERM.

turns.py PORT PID: exit code 0 if the quiet one was answered while the others
went on.  The others end when the server closes their connections.
"""
import multiprocessing
import os
import select
import signal
import socket
import sys

ASK = b"GET /policy HTTP/1.1\r\nHost: localhost\r\n\r\n"
NOISY = 3
QUIET = 20              # questions
PATIENCE = 20.0         # seconds for one of them; it takes milliseconds


def ask_on(port, begun):
    """Write and read whatever goes, until the server ends it."""
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.setblocking(False)
        text, at = ASK * 2000, 0
        try:
            while True:
                r, w, _ = select.select([s], [s], [])
                if r:
                    if not s.recv(1 << 20):
                        return
                    begun.set()
                if w:
                    at = (at + s.send(text[at:])) % len(text)
        except ConnectionError:
            return


def ask_once(port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as s:
        s.sendall(ASK)
        return s.recv(4096).startswith(b"HTTP/1.1 200 ")


def main(port, pid):
    begun = [multiprocessing.Event() for _ in range(NOISY)]
    noisy = [multiprocessing.Process(target=ask_on, args=(port, b))
             for b in begun]
    for p in noisy:
        p.start()
    good = all(b.wait(PATIENCE) for b in begun)
    if not good:
        print("not every noisy client was answered", file=sys.stderr)
    try:
        for _ in range(QUIET if good else 0):
            good = ask_once(port) and good
    except OSError as e:
        print("the quiet client:", e, file=sys.stderr)
        good = False
    os.kill(pid, signal.SIGTERM)
    for p in noisy:
        p.join(PATIENCE)
        if p.is_alive():
            print("the server did not let go", file=sys.stderr)
            p.kill()
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
