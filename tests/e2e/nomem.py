# SPDX-License-Identifier: ISC
"""nomem.py CONF DATADIR PARCEL PRELOAD CACERT - the nth allocation fails.

For each n: while the server starts, in each of its roles; while a front serves
a TLS connection; while the store takes a parcel.  A start works or ends with
a code and a word; a request is answered or its connection ends, and the next
one is served by the same processes; nothing stays allocated.
"""
import http.client
import mmap
import os
import signal
import ssl
import struct
import sys
import threading
import time

import kill

PARENT, STORE, FRONT = 1, 2, 3
NAMES = {PARENT: 'parent', STORE: 'store', FRONT: 'front'}
# Where its providers find no memory, OpenSSL loses blocks of its own.
OPENSSL_LOSES = 8
EACH, FEWER = (40, 6) if os.environ.get('CI') == 'true' else (10, 3)


class Switch:
    def __init__(self, path):
        with open(path, 'wb') as f:
            f.truncate(4096)
        with open(path, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), 4096)
        self.off()

    def fail(self, role, left, count=1):
        struct.pack_into('=qqqq', self.map, 0, 0, left, count, 0)
        struct.pack_into('=q', self.map, 0, role)

    def off(self):
        struct.pack_into('=qqqq', self.map, 0, 0, -1, 0, 0)

    def failed(self):
        return struct.unpack_from('=q', self.map, 24)[0]

    def libseccomp(self):
        return struct.unpack_from('=q', self.map, 64)[0] != 0

    def alive(self, role):
        return struct.unpack_from('=q', self.map, 32 + 8 * role)[0]


def numbers(each):
    """0, 1, 2 ... each; then fewer and fewer, for there are thousands."""
    n = 0
    while True:
        yield n
        n += 1 if n < each else 1 + n // FEWER


def starts(server, switch, role):
    """Until a start is not disturbed; how many were, how many ended."""
    disturbed = ended = seccomp = 0
    for n in numbers(EACH):
        switch.fail(role, n)
        server.launch()
        said = b''
        port = None
        late = threading.Timer(kill.SECONDS, server.process.kill)
        late.start()
        for line in server.pipe:
            said += line
            if b'listening on plain' in line:
                port = int(line.rsplit(b':', 1)[1])
            if line == b'ecrdropd: ready\n':
                break
        late.cancel()
        failed = switch.failed()
        switch.off()
        server.log.write(said)
        if said.endswith(b'ecrdropd: ready\n'):
            server.port = port
            try:
                status, _ = request(server, None)
            except kill.Fault:
                status = None
            if status != 200 and switch.libseccomp():
                # It left out a rule without a word: all is refused.
                server.kill(server.children() + [server.process.pid])
                server.pipe.read()
                server.process.wait()
                seccomp += 1
                disturbed += 1
                continue
            if status != 200:
                raise kill.Fault('it started and serves nobody: %s' % status)
            server.process.terminate()
            server.pipe.read()
            code = server.end()
            if code != 0:
                raise kill.Fault('%s, %d: it stopped with %d' %
                                 (NAMES[role], n, code))
        else:
            code = server.end()
            # What libseccomp does not check ends before anybody is heard.
            if switch.libseccomp() and -code in (signal.SIGSEGV, signal.SIGABRT,
                                                 signal.SIGKILL):
                seccomp += 1
            elif code <= 0 or not said:
                raise kill.Fault('%s, %d: it ended with %d: %s' %
                                 (NAMES[role], n, code, said.decode()))
            ended += 1
        if failed == 0:
            return disturbed, ended, seccomp
        disturbed += 1
    return None


def request(server, body, tls=None, port=None):
    """Status and body; None where the connection ended without one."""
    conn = None
    try:
        if tls is None:
            conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                              timeout=kill.SECONDS)
        else:
            conn = http.client.HTTPSConnection('localhost', port, context=tls,
                                               timeout=kill.SECONDS)
        if body is None:
            conn.request('GET', '/policy')
        else:
            conn.request('POST', '/parcels', body)
        answer = conn.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as e:
        if isinstance(e, TimeoutError):
            raise kill.Fault('no answer and no end') from None
        return None, b''
    finally:
        if conn is not None:
            conn.close()


def settled(switch, role, most):
    end = time.monotonic() + kill.SECONDS
    while switch.alive(role) > most:
        if time.monotonic() > end:
            raise kill.Fault('%s: %d allocations more are left' %
                             (NAMES[role], switch.alive(role) - most))
        time.sleep(0.002)


def requests(server, switch, role, book, send):
    """Until a request is not disturbed; how many were, by what came."""
    before = server.roles()
    count = {}
    for _ in range(3):              # what is kept for good is kept now
        if send(book) != 201:
            raise kill.Fault('it does not serve')
    for n in numbers(EACH * 4):
        time.sleep(0.001)
        alive = switch.alive(role)
        switch.fail(role, n)
        status = send(book)
        failed = switch.failed()
        switch.off()
        if status not in (None, 201, 503):
            raise kill.Fault('%s, %d: status %d' % (NAMES[role], n, status))
        if server.roles() != before:
            raise kill.Fault('%s, %d: a role has ended' % (NAMES[role], n))
        if role == FRONT:           # the store's index grows
            settled(switch, role, alive + OPENSSL_LOSES)
        if failed == 0:
            return count
        count[status] = count.get(status, 0) + 1
        if send(book) != 201:
            raise kill.Fault('%s, %d: the next one is not served' %
                             (NAMES[role], n))
    return None


def main():
    conf, data, parcel, preload, cacert = sys.argv[1:]
    with open(parcel, 'rb') as f:
        book = kill.Book(f.read(), 0)
    switch = Switch(os.path.join(data, 'nomem'))
    os.environ.update(LD_PRELOAD=preload, ECR_NOMEM=os.path.join(data,
                                                                 'nomem'))
    tls = ssl.create_default_context(cafile=cacert)

    def post(tls_port):
        def send(book):
            n = book.next()
            status, body = request(server, book.parcel(n),
                                   tls if tls_port else None, tls_port)
            if status in (200, 201):
                book.promised(n, body)
            return status
        return send

    with open(os.environ['TMP'] + '/server.log', 'ab', buffering=0) as said:
        server = kill.Server(conf, said)
        try:
            for role in (PARENT, STORE, FRONT):
                print('start of the %s: %d disturbed, %d ended, %d in libseccomp' %
                      ((NAMES[role],) + starts(server, switch, role)))
            server.launch()
            ports = {}
            for line in server.pipe:
                said.write(line)
                if b'listening on' in line:
                    ports[line.split()[3]] = int(line.rsplit(b':', 1)[1])
                if line == b'ecrdropd: ready\n':
                    break
            server.port = ports[b'plain']
            for role, port in ((FRONT, ports[b'tls']), (STORE, None)):
                print('requests, %s: %s' % (NAMES[role], requests(
                    server, switch, role, book, post(port))))
            kill.again(server, book, list(book.receipts))
            server.process.terminate()
            server.pipe.read()
            if server.end() != 0:
                raise kill.Fault('it did not stop well')
        except kill.Fault as e:
            print(e)
            return 1
        finally:
            server.kill(server.children() + [server.process.pid])
    return 0


if __name__ == '__main__':
    sys.exit(main())
