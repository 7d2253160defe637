# SPDX-License-Identifier: ISC
"""cutter.py PORT PLAN... - a line to a server on loopback that breaks.

Each connection follows the next word of the plan, later ones pass:
  body    cut when 30000 bytes went to the server
  answer  all of a parcel goes to the server, its answer is cut off
Prints its port, then a line for each connection's end; ends at the end of
standard input.
"""
import socket
import sys
import threading

LOCK = threading.Lock()


def cut(*socks):
    for s in socks:
        try:
            # Another thread may wait in recv(): close() alone would wait, too.
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.close()


def tell(words):
    with LOCK:
        print(words, flush=True)


class Line:
    def __init__(self, client, port, plan):
        self.client, self.plan, self.up, self.down = client, plan, 0, False
        self.server = socket.create_connection(('127.0.0.1', port))

    def end(self, words):
        with LOCK:
            if self.down:
                return
            self.down = True
        tell(words)
        cut(self.client, self.server)

    def pump(self, src, dst, upward):
        try:
            while data := src.recv(16384):
                if upward:
                    self.up += len(data)
                    if self.plan == 'body' and self.up > 30000:
                        dst.sendall(data[:1000])
                        return self.end('cut body')
                elif self.plan == 'answer' and self.up > 65520:
                    return self.end('cut answer')
                dst.sendall(data)
        except OSError:
            pass
        self.end('closed')


def main():
    port, plan = int(sys.argv[1]), sys.argv[2:]
    listener = socket.create_server(('127.0.0.1', 0))

    def accept():
        while True:
            client, _ = listener.accept()
            line = Line(client, port, plan.pop(0) if plan else 'pass')
            for args in ((line.client, line.server, True),
                         (line.server, line.client, False)):
                threading.Thread(target=line.pump, args=args,
                                 daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    tell(listener.getsockname()[1])
    sys.stdin.read()


main()
