# SPDX-License-Identifier: ISC
"""socks.py PORT - a SOCKS5 server on loopback that leads everywhere to PORT.

Prints its port, then for every request a line "USER KIND ADDRESS PORT", KIND
being name, ipv4 or ipv6; ends at the end of standard input.
"""
import socket
import sys
import threading

LOCK = threading.Lock()


def tell(words):
    with LOCK:
        print(words, flush=True)


def exactly(s, n):
    data = b''
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise OSError('cut short')
        data += more
    return data


def pump(src, dst):
    try:
        while data := src.recv(16384):
            dst.sendall(data)
        dst.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def greet(s):
    version, n = exactly(s, 2)
    methods = exactly(s, n)
    if version != 5:
        raise OSError('not SOCKS5')
    if 2 not in methods:
        tell('nobody - - -')
        s.sendall(b'\x05\xff')
        raise OSError('no user name offered')
    s.sendall(b'\x05\x02')
    _, n = exactly(s, 2)
    user = exactly(s, n).decode()
    exactly(s, exactly(s, 1)[0])
    s.sendall(b'\x01\x00')
    return user


def asked(s):
    _, _, _, kind = exactly(s, 4)
    if kind == 3:
        words = 'name', exactly(s, exactly(s, 1)[0]).decode()
    elif kind == 1:
        words = 'ipv4', socket.inet_ntop(socket.AF_INET, exactly(s, 4))
    else:
        words = 'ipv6', socket.inet_ntop(socket.AF_INET6, exactly(s, 16))
    return words + (int.from_bytes(exactly(s, 2), 'big'),)


def serve(s, port):
    try:
        user = greet(s)
        kind, address, asked_port = asked(s)
        tell(f'{user} {kind} {address} {asked_port}')
        server = socket.create_connection(('127.0.0.1', port))
        s.sendall(b'\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00')
    except (OSError, UnicodeDecodeError):
        s.close()
        return
    threading.Thread(target=pump, args=(s, server), daemon=True).start()
    pump(server, s)


def main():
    listener = socket.create_server(('127.0.0.1', 0))

    def accept():
        while True:
            s, _ = listener.accept()
            threading.Thread(target=serve, args=(s, int(sys.argv[1])),
                             daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    tell(listener.getsockname()[1])
    sys.stdin.read()


main()
