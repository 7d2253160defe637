# SPDX-License-Identifier: ISC
"""kill.py CONF PARCEL TOKEN ROUNDS SEED - kill -9 at random moments.

Three clients post parcels without a pause while, in each round, the store, a
front, the parent or all of them are killed.  After each round every receipt
of the round, and some of older ones, must be given out again, byte for byte.
In the end the log is read with logread.py: every receipt is honoured under
its close, no parcel stands there twice, and each body is its digest's.
"""
import hashlib
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time

import logread

BATCH = 2
CLIENTS = 3
PACE = 0.05                 # a client's pause: half an epoch is never full
SECONDS = 20                # within which a server is there again
ODDS = (('store', 9), ('front', 4), ('parent', 4), ('all', 6), ('close', 7),
        ('start', 4), ('stop', 3))


class Fault(Exception):
    pass


class Server:
    """ecrdropd, and where it listens."""

    def __init__(self, conf, log):
        self.conf, self.log = conf, log
        self.process = self.port = self.pipe = None

    def launch(self):
        """Begins to start; ready() waits."""
        self.port = None
        self.process = subprocess.Popen(
            ['ecrdropd', '-c', self.conf], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pipe = self.process.stderr

    def ready(self):
        port = None
        for line in self.pipe:
            self.log.write(line)
            if b'listening on plain' in line:
                port = int(line.rsplit(b':', 1)[1])
            if line == b'ecrdropd: ready\n':
                threading.Thread(target=self.drain, args=(self.pipe,),
                                 daemon=True).start()
                self.port = port
                return
        self.log.flush()
        raise Fault('the server did not start: %d' % self.process.wait())

    def drain(self, pipe):
        for line in pipe:
            self.log.write(line)

    def roles(self, name=''):
        found = []
        for pid in self.children():
            try:
                with open('/proc/%d/comm' % pid, encoding='ascii') as f:
                    if f.read().startswith('ecrdrop-' + name):
                        found.append(pid)
            except OSError:
                pass
        return found

    def children(self):
        pid = self.process.pid
        try:
            with open('/proc/%d/task/%d/children' % (pid, pid),
                      encoding='ascii') as f:
                return [int(p) for p in f.read().split()]
        except OSError:
            return []

    def kill(self, pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def gone(self, pids):
        """Until they are: a role dies right after its parent."""
        end = time.monotonic() + SECONDS
        while any(os.path.exists('/proc/%d' % p) and not zombie(p)
                  for p in pids):
            if time.monotonic() > end:
                raise Fault('a role outlived its parent')
            time.sleep(0.005)

    def end(self):
        """Both parent and roles; its exit code."""
        pids = self.children()
        code = self.process.wait(timeout=60)
        self.gone(pids)
        return code


def zombie(pid):
    try:
        with open('/proc/%d/stat' % pid, encoding='ascii') as f:
            return f.read().rsplit(')', 1)[1].split()[0] in 'ZX'
    except OSError:
        return True


class Book:
    """What was promised."""

    def __init__(self, base, seed):
        self.base, self.seed = base, seed
        self.lock = threading.Lock()
        self.number = 0
        self.receipts = {}          # number -> receipt
        self.fresh = []             # numbers since the last look
        self.fault = None

    def parcel(self, number):
        """The base with its last bytes changed: another parcel."""
        mark = hashlib.sha256(b'%d %d' % (self.seed, number)).digest()
        return self.base[:-len(mark)] + mark

    def digest(self, number):
        return hashlib.sha256(self.parcel(number)).hexdigest()

    def next(self):
        with self.lock:
            self.number += 1
            return self.number

    def promised(self, number, receipt):
        digest, _ = logread.receipt(receipt)
        if digest != self.digest(number):
            raise Fault('a receipt for another parcel')
        with self.lock:
            self.receipts[number] = receipt
            self.fresh.append(number)

    def take_fresh(self):
        with self.lock:
            fresh, self.fresh = self.fresh, []
            return fresh


def post(conn, body):
    conn.request('POST', '/parcels', body)
    answer = conn.getresponse()
    return answer.status, answer.read()


def client(server, book, stop):
    """The same parcel until there is a receipt for it, then the next."""
    conn, number = None, book.next()
    while not stop.is_set():
        try:
            if conn is None:
                if server.port is None:
                    raise ConnectionError
                conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                                  timeout=SECONDS)
            status, body = post(conn, book.parcel(number))
            if status in (200, 201):
                book.promised(number, body)
                number = book.next()
                time.sleep(PACE)
            elif status in (429, 503):
                time.sleep(0.02)
            else:
                raise Fault('status %d' % status)
        except (OSError, http.client.HTTPException):
            conn = None
            time.sleep(0.005)
        except Fault as e:
            book.fault = e
            return


def again(server, book, numbers):
    """Each of these parcels is still held, under the same receipt."""
    end = time.monotonic() + SECONDS
    conn = None
    for n in numbers:
        while True:
            try:
                conn = conn or http.client.HTTPConnection(
                    '127.0.0.1', server.port, timeout=SECONDS)
                status, body = post(conn, book.parcel(n))
            except (OSError, http.client.HTTPException):
                status, conn = None, None
            if status not in (None, 429, 503):
                break
            if time.monotonic() > end:
                raise Fault('not served for %d s' % SECONDS)
            time.sleep(0.02)
        if status != 200:
            raise Fault('receipt %d: the parcel is not held (%d)' %
                        (n, status))
        if body != book.receipts[n]:
            raise Fault('receipt %d: another one now' % n)


def strike(server, what, chance):
    """Kills; true: the server itself has ended."""
    if what == 'close':             # around the end of an epoch
        time.sleep(1 - time.time() % 1 + chance.random() * 0.15)
        what = chance.choice(('store', 'all'))
    else:
        time.sleep(chance.random() * 0.3)
    if what in ('store', 'front'):
        old = server.roles(what)
        server.kill(old[:1])
        server.gone(old[:1])
        return False
    pids = server.roles()
    if what == 'stop':              # killed while it stops in good order
        server.process.terminate()
        time.sleep(chance.random() * 0.05)
    if what == 'parent':
        server.kill([server.process.pid])
    else:
        everyone = pids + [server.process.pid]
        chance.shuffle(everyone)
        server.kill(everyone)
    server.process.wait()
    server.gone(pids)
    return True


def revive(server, what, chance):
    """Starts it, for 'start' after it was killed while it started, too."""
    if what == 'start':
        server.launch()
        time.sleep(chance.random() * 0.15)
        pids = server.children()
        server.kill(pids + [server.process.pid])
        server.process.wait()
        server.gone(pids)
    server.launch()
    server.ready()


def one_round(server, book, chance):
    what = chance.choices([k for k, _ in ODDS], [w for _, w in ODDS])[0]
    ended = strike(server, what, chance)
    if ended:
        revive(server, what, chance)
    fresh = book.take_fresh()
    old = chance.sample(sorted(book.receipts),
                        min(5, len(book.receipts)))
    again(server, book, fresh + old)
    if not ended:       # roles that end soon after a start are given up on
        server.process.terminate()
        if server.end() != 0:
            raise Fault('it did not stop well')
        server.launch()
        server.ready()
    if book.fault is not None:
        raise book.fault
    return what


def getter(server, token):
    conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                      timeout=SECONDS)

    def get(path):
        conn.request('GET', path, headers={'Authorization': 'Bearer ' + token})
        answer = conn.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Fault('%s: %d' % (path, answer.status))
        return body
    return get


def whole_log(server, book, token):
    """Once the last receipt's close is in the log."""
    get = getter(server, token)
    last = max(logread.receipt(r)[1] for r in book.receipts.values())
    end = time.monotonic() + SECONDS
    while True:
        logged = logread.read(get, BATCH)
        if logged and max(logged.values()) >= last:
            break
        if time.monotonic() > end:
            raise Fault('the log does not grow')
        time.sleep(0.1)
    for n, text in book.receipts.items():
        digest, close = logread.receipt(text)
        if logged.get(digest) != close:
            raise Fault('receipt %d is broken: %s, not %d' %
                        (n, logged.get(digest), close))
    for digest in logged:
        body = get('/parcels/' + digest)
        if hashlib.sha256(body).hexdigest() != digest:
            raise Fault('a body is not its digest\'s')
    return logged


def main():
    conf, parcel, token, rounds, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    with open(parcel, 'rb') as f:
        book = Book(f.read(), int(seed))
    counts = {}
    with open(os.environ['TMP'] + '/server.log', 'ab') as log:
        server = Server(conf, log)
        server.launch()
        server.ready()
        stop = threading.Event()
        clients = [threading.Thread(target=client, args=(server, book, stop),
                                    daemon=True) for _ in range(CLIENTS)]
        for c in clients:
            c.start()
        try:
            for i in range(int(rounds)):
                what = one_round(server, book, chance)
                counts[what] = counts.get(what, 0) + 1
            stop.set()
            for c in clients:
                c.join()
            logged = whole_log(server, book, token)
            server.process.terminate()
            if server.end() != 0:
                raise Fault('it did not stop well')
        except Fault as e:
            print('round %d of seed %s: %s' % (i + 1, seed, e))
            return 1
        finally:
            stop.set()
            server.kill(server.children() + [server.process.pid])
    print('%s rounds (%s), seed %s: %d receipts, all honoured; %d leaves' %
          (rounds, ', '.join('%s %d' % c for c in sorted(counts.items())),
           seed, len(book.receipts), len(logged)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
