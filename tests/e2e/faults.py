# SPDX-License-Identifier: ISC
"""faults.py CONF DATADIR PARCEL PRELOAD TOKEN [MOUNT] - a disk that fails.

tests/preload/disk.c makes calls of the real, sandboxed store fail.  Whoever
posts meanwhile gets 503 and Retry-After, or a receipt that holds; when the
disk is well again the same processes go on, unless LMDB asks for a new start;
and where that does not help the server ends with a code and a word.  MOUNT is
a small file system that holds DATADIR: it is filled up for real.
"""
import errno
import http.client
import os
import sys
import time

import disklog
import kill
import logread

FOR_EVER = -1


class Gone(kill.Fault):
    """The server has ended."""


class Bench:
    """A server, the switch for its disk, and what it has promised."""

    def __init__(self, conf, data, base, said):
        self.log = disklog.Log(os.path.join(data, 'disk.log'), 1 << 16)
        self.log.head[8] = 0        # nothing is written down
        self.log.put()
        self.server = kill.Server(conf, said)
        self.book = kill.Book(base, 0)
        self.conn = self.token = None
        self.server.launch()
        self.server.ready()

    def heal(self):
        self.log.fail(0, 0, -1, 0)

    def ask(self, method, path, body=None):
        """Status, head, body; the connection may end with a role."""
        end = time.monotonic() + kill.SECONDS
        while True:
            try:
                self.conn = self.conn or http.client.HTTPConnection(
                    '127.0.0.1', self.server.port, timeout=kill.SECONDS)
                self.conn.request(method, path, body)
                answer = self.conn.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException):
                self.conn = None
                if self.server.process.poll() is not None:
                    raise Gone from None
                if time.monotonic() > end:
                    raise kill.Fault('not served any more') from None
                time.sleep(0.01)

    def post(self):
        """A new parcel, once; its status."""
        number = self.book.next()
        status, head, body = self.ask('POST', '/parcels',
                                      self.book.parcel(number))
        if status in (200, 201):
            self.book.promised(number, body)
        elif status != 503 or not head['Retry-After'].isdigit():
            raise kill.Fault('%d, Retry-After %s' %
                             (status, head['Retry-After']))
        return status

    def must(self, status):
        got = self.post()
        if got != status:
            raise kill.Fault('%d, not %d' % (got, status))

    def health(self):
        return self.ask('GET', '/health')[0]

    def until(self, what, holds):
        end = time.monotonic() + kill.SECONDS
        while not holds():
            if time.monotonic() > end:
                raise kill.Fault('never: ' + what)
            time.sleep(0.02)

    def pids(self):
        return sorted(self.server.roles())

    def keeps(self):
        """Every receipt, in these processes."""
        for n, receipt in self.book.receipts.items():
            status, _, body = self.ask('POST', '/parcels',
                                       self.book.parcel(n))
            if status != 200 or body != receipt:
                raise kill.Fault('receipt %d: %d' % (n, status))


def nth_call(b):
    """The nth write of a commit fails, once, for each n."""
    for which in (disklog.BATCH,):
        for error in (errno.EIO, errno.ENOSPC):
            n = 0
            while True:
                before = b.pids()
                b.log.fail(which, error, n, 1)
                status = b.post()
                failed = b.log.failed()
                b.heal()
                if failed == 0:
                    break
                if status != 503:
                    raise kill.Fault('a failed commit was acknowledged')
                b.must(201)
                if b.pids() != before:
                    raise kill.Fault('a restart for a disk that is well')
                n += 1
            if n == 0 or status != 201:
                raise kill.Fault('nothing could be made to fail')
    b.keeps()


def bad_for_long(b):
    """Nothing can be written for a while."""
    for which, error in ((disklog.BATCH, errno.ENOSPC),
                         (disklog.BATCH, 0),
                         (disklog.BATCH, errno.EIO)):
        before = b.pids()
        b.log.fail(which, error, 0, FOR_EVER)
        for _ in range(5):
            b.must(503)
        if b.health() != 503:
            raise kill.Fault('health does not tell of the disk')
        b.keeps()
        b.heal()
        b.must(201)
        b.until('health', lambda: b.health() == 200)
        if b.pids() != before:
            raise kill.Fault('a restart for a disk that is well')
    b.keeps()


def commit_itself(b):
    """LMDB's meta page, in a close: after that it wants a new start."""
    before = b.pids()
    b.log.fail(disklog.META, errno.EIO, 0, 1)
    b.until('other processes', lambda: not set(before) & set(b.pids()))
    b.heal()
    b.conn = None
    b.until('201', lambda: b.post() == 201)
    b.keeps()


def a_close(b, get):
    """The disk is full while an epoch closes, and then is not."""
    kinds = [disklog.WRITE, disklog.SYNC, disklog.NAME, disklog.DIR_SYNC]
    for which in kinds if os.environ.get('CI') == 'true' else kinds[::2]:
        b.until('201', lambda: b.post() == 201)
        last = max(logread.receipt(r)[1] for r in b.book.receipts.values())
        before = b.pids()
        b.log.fail(which, errno.ENOSPC, 0, FOR_EVER)
        b.until('a failed call', lambda: b.log.failed() > 0)
        b.until('a bad health', lambda: b.health() == 503)
        b.keeps()
        b.heal()
        b.until('the close', lambda: max(
            logread.read(get, kill.BATCH).values(), default=0) >= last)
        if b.pids() != before:
            raise kill.Fault('a restart for a disk that is well')
    b.keeps()


def fill(path):
    """Until not a block is left."""
    with open(path, 'wb', buffering=0) as f:
        for size in (1 << 20, 4096):
            try:
                while f.write(bytes(size)) > 0:
                    pass
            except OSError as e:
                if e.errno != errno.ENOSPC:
                    raise


def full(b, get, mount):
    """A file system without a free block, then with some again."""
    ballast = os.path.join(mount, 'ballast')
    for again in (False, True):
        b.until('201', lambda: b.post() == 201)
        last = max(logread.receipt(r)[1] for r in b.book.receipts.values())
        fill(ballast)
        before = b.pids()
        b.until('a bad health', lambda: b.health() == 503)
        for _ in range(3):
            b.post()                # 201 or 503, and that holds
        b.keeps()
        if again:                   # and all are killed just then
            pids = b.pids() + [b.server.process.pid]
            b.server.kill(pids)
            b.server.process.wait()
            b.server.gone(pids)
            os.unlink(ballast)
            b.server.launch()
            b.server.ready()
            b.conn = None
            b.keeps()
            get = kill.getter(b.server, b.token)
        else:
            os.unlink(ballast)
        b.until('the close', lambda: max(
            logread.read(get, kill.BATCH).values(), default=0) >= last)
        if not again and b.pids() != before:
            raise kill.Fault('a restart for a disk that is well')
        b.keeps()


def for_good(b):
    """LMDB cannot commit any more: a clear end."""
    b.log.fail(disklog.META, errno.EIO, 0, FOR_EVER)
    b.until('the end', lambda: b.server.process.poll() is not None)
    if b.server.process.returncode != 71:
        raise kill.Fault('it ended with %d' % b.server.process.returncode)
    b.heal()
    b.server.launch()
    b.server.ready()
    b.conn = None
    b.keeps()


def main():
    conf, data, parcel, preload, token = sys.argv[1:6]
    with open(parcel, 'rb') as f:
        base = f.read()
    os.environ.setdefault('ASAN_OPTIONS', 'verify_asan_link_order=0')
    os.environ.update(LD_PRELOAD=preload,
                      ECR_DISK_LOG=os.path.join(data, 'disk.log'))
    path = os.environ['TMP'] + '/server.log'
    with open(path, 'ab', buffering=0) as said:
        b = Bench(conf, data, base, said)
        try:
            b.token = token
            if len(sys.argv) > 6:
                full(b, kill.getter(b.server, token), sys.argv[6])
            elif 'epoch-seconds 1\n' in open(conf, encoding='ascii').read():
                a_close(b, kill.getter(b.server, token))
                commit_itself(b)
                for_good(b)
            else:
                for part in (nth_call, bad_for_long):
                    part(b)
            b.server.process.terminate()
            if b.server.end() != 0:
                raise kill.Fault('it did not stop well')
        except kill.Fault as e:
            print('after %d receipts: %s' % (len(b.book.receipts), e))
            return 1
        finally:
            b.server.kill(b.server.children() + [b.server.process.pid])
    print('%d receipts, all honoured' % len(b.book.receipts))
    return 0


if __name__ == '__main__':
    sys.exit(main())
