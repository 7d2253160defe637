# SPDX-License-Identifier: ISC
"""powercut.py CONF DATADIR PARCEL PRELOAD CHECK CUTS SEED OFFICE - the power
fails.

A server works under load for some epochs, and what its store does to the disk
is written down (tests/preload/disk.c).  Then the disk is put together again as
a power cut after this or that call would have left it, by disklog.Disk: only
what was synced, or by chance some of the rest, torn.  CHECK (aftercut.c) starts
the store's epochs on each, and wants every promise kept that was out by then.
"""
import hashlib
import http.client
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
import time

import disklog
import kill
import logread

EPOCHS = 4
LOG = 'disk.log'            # in the data directory: the store may write there
LOG_BYTES = 1 << 30         # sparse
PUT_DONE, PUBLISH, BOX_DONE = 3, 6, 12
# How much of what was not synced is there all the same.
ODDS = (0, 0, 0, 0.1, 0.5, 0.9, 1)


def tree_of(path):
    """Everything below, parents first."""
    found = {}
    for at, dirs, files in os.walk(path):
        rel = os.path.relpath(at, path)
        rel = '' if rel == '.' else rel + '/'
        for d in sorted(dirs):
            found[rel + d] = None
        for f in files:
            if f != LOG:
                with open(os.path.join(at, f), 'rb') as fd:
                    found[rel + f] = fd.read()
    return found


def disk_of(data):
    """The data directory, and in it the guard's folder as .guard."""
    found = tree_of(data)
    found['.guard'] = None
    for name, text in tree_of(data + '.guard').items():
        found['.guard/' + name] = text
    return found


class Office:
    """A desk's double that says something again and again, and lets go of
    all that it has read: OFFICE holds its seed, keyset and token."""

    def __init__(self, folder):
        self.folder, self.taken, self.read, self.fault = folder, [], 0, None
        with open(folder + '/courier', 'rb') as f:
            self.token = f.read().strip().decode()
        self.env = {k: v for k, v in os.environ.items()
                    if k not in ('LD_PRELOAD', 'ECR_DISK_LOG')}

    def ask(self, server, method, path, body=None):
        conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                          timeout=kill.SECONDS)
        conn.request(method, path, body,
                     {'Authorization': 'Bearer ' + self.token})
        answer = conn.getresponse()
        body = answer.read()
        conn.close()
        return answer.status, body

    def speak(self, server, stop):
        while not stop.is_set():
            lines = self.ask(server, 'GET', '/log/checkpoint')[1].split(b'\n')
            size, root = int(lines[1]), lines[2].decode()
            n = len(self.taken) + 1
            said = subprocess.run(
                [os.environ['B'] + '/e2e/mkoutbox', 'record',
                 'office.example/office', self.folder + '/seed',
                 'drop.example/log', self.folder + '/keyset', 'seq=%d' % n,
                 'size=%d' % size, 'root=' + root, 'drop=%d' % n,
                 'erase=%d' % self.read], env=self.env, check=True,
                stdout=subprocess.PIPE).stdout
            status = 503
            while status == 503 and not stop.is_set():
                status = self.ask(server, 'POST', '/outbox', said)[0]
            if status == 201:
                note = said[4:4 + int.from_bytes(said[:4], 'big')]
                self.taken.append(hashlib.sha256(note).hexdigest())
                self.read = size
            elif status != 503:
                self.fault = kill.Fault('an outbox: %d' % status)
                return


def record(conf, data, base, preload, seed, office):
    """The log of a server's life, with a stop and a start in it."""
    log = disklog.Log(os.path.join(data, LOG), LOG_BYTES)
    os.environ.setdefault('ASAN_OPTIONS', 'verify_asan_link_order=0')
    os.environ.update(LD_PRELOAD=preload,
                      ECR_DISK_LOG=os.path.join(data, LOG))
    book = kill.Book(base, seed)
    stop = threading.Event()
    with open(os.environ['TMP'] + '/server.log', 'ab') as said:
        server = kill.Server(conf, said)
        try:
            for _ in range(2):
                server.launch()
                server.ready()
                stop.clear()
                clients = [threading.Thread(
                    target=kill.client, args=(server, book, stop),
                    daemon=True) for _ in range(kill.CLIENTS)]
                clients.append(threading.Thread(
                    target=office.speak, args=(server, stop), daemon=True))
                for c in clients:
                    c.start()
                time.sleep(EPOCHS / 2)      # the load's length, no wait
                stop.set()
                for c in clients:
                    c.join()
                server.process.terminate()
                if server.end() != 0:
                    raise kill.Fault('it did not stop well')
        finally:
            server.kill(server.children() + [server.process.pid])
            del os.environ['LD_PRELOAD'], os.environ['ECR_DISK_LOG']
    if book.fault is not None or office.fault is not None:
        raise book.fault or office.fault
    return list(log.records())


def promise_of(disk, fd, data, said):
    """What this message to a front promises, as aftercut reads it."""
    kind, _, n, _ = struct.unpack('>HHIQ', data[:16])
    body = data[16:16 + n]
    if kind == PUT_DONE and body[:2] in (b'\0\xc8', b'\0\xc9'):
        return 'receipt %s %d\n' % logread.receipt(body[2:])
    if kind == BOX_DONE and body[:2] == b'\0\xc9':
        return 'outbox %s 0\n' % next(said)
    if kind == PUBLISH and fd in disk.fds:
        area = bytes(disk.fds[fd][0].now)
        n = struct.unpack('>I', area[1:5])[0]
        size, root = logread.checkpoint(area[5:5 + n])
        return 'checkpoint %d %s\n' % (size, root.hex())
    return None


def choose(records, cuts, chance):
    """{number of calls that were made: how much of the rest is there}"""
    some = [i for i, r in enumerate(records)
            if r[0] in 'SNLUMRA' or r[1] & disklog.IS_DSYNC]
    places = [i + chance.randrange(2)
              for i in chance.choices(some, k=cuts * 3 // 4)]
    places += chance.choices(range(len(records)), k=cuts - len(places))
    chosen = {}
    for at in places:
        chosen.setdefault(at, []).append(chance.choice(ODDS))
    return chosen


def put_down(left, where):
    shutil.rmtree(where, ignore_errors=True)
    os.mkdir(where, 0o700)
    for path, data in left.items():
        if data is None:
            os.mkdir(os.path.join(where, path), 0o700)
            continue
        with open(os.path.join(where, path), 'wb') as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(data)


def look(check, where, promises):
    p = subprocess.run([check, where, str(int(time.time()))],
                       input=''.join(promises).encode(),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       check=False, timeout=120)
    return p.returncode, p.stdout.decode(errors='replace').strip()


def main():
    conf, data, parcel, preload, check, cuts, seed, folder = sys.argv[1:]
    office = Office(folder)
    chance = random.Random(int(seed))
    disk = disklog.Disk()
    disk.load(disk_of(data))
    with open(parcel, 'rb') as f:
        records = record(conf, data, f.read(), preload, int(seed),
                         office)
    said = iter(office.taken)
    os.unlink(os.path.join(data, LOG))
    chosen = choose(records, int(cuts), chance)
    where = os.path.join(os.environ.get('FAST', os.environ['TMP']), 'cut')
    promises, bad, n, at = [], 0, 0, 0

    def cut(odds, when):
        nonlocal bad, n
        put_down(disk.cut(odds, chance), where)
        code, said = look(check, where, promises)
        n += 1
        if code != 0:
            bad += 1
            print('%s call %d of %d (%s), %d promises, odds %s: %s' %
                  (when, at, len(records), records[at - 1][0], len(promises),
                   odds, said or 'exit code %d' % code))

    def inside(_):
        """A write that is durable when it returns has not returned."""
        for _ in chosen.get(at, ()):
            cut(chance.choice((0.1, 0.5, 0.9)), 'within')

    disk.inside = inside
    for at, r in enumerate(records + [None]):
        for odds in chosen.get(at, ()):
            cut(odds, 'after')
        if r is None:
            break
        if r[0] == 'A':
            p = promise_of(disk, r[3], r[5], said)
            if p is not None and p not in promises:
                promises.append(p)
        disk.do(*r)
        disk.shorten()
    # The model itself: with nothing lost it is what is really there.
    if disk.cut(1, chance) != disk_of(data):
        print('the model is not what is on the disk')
        bad += 1
    shutil.rmtree(where, ignore_errors=True)
    sums = [sum(p.startswith(word) for p in promises)
            for word in ('receipt', 'checkpoint', 'outbox')]
    print('%d calls, %d receipts, %d checkpoints, %d outboxes; %d cuts, '
          '%d bad, seed %s' % (len(records), *sums, n, bad, seed))
    return bad != 0 or 0 in sums or n == 0


if __name__ == '__main__':
    sys.exit(main())
