# SPDX-License-Identifier: ISC
"""taken.py CONF SOCKET PARCEL TOKEN BATCH - what a taken front can do.

CONF is of a server whose fronts obey whoever connects to SOCKET; "ecrdropd"
is that server (tests/e2e/taken/front.c).  In each attack one front becomes
the enemy of the store, of the parent and of the other front.  Judged is what
the others do: a message that no front sends ends that generation, and the
next one serves; every other lie gets an answer, and no more; no receipt is
given for what is not kept; the store's memory stays bounded.  In the end
every receipt, the enemy's too, is honoured by the log.
"""
import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import kill
import logread

SECONDS = 30
RSS_MORE = 24 << 10             # kB that an attack may cost the store


class Server(kill.Server):
    """Its words are kept; its plain port is the TCP one."""

    def ready(self):
        self.words = []
        for line in self.pipe:
            self.words.append(line.decode())
            m = re.match(rb'ecrdropd: listening on plain [\d.]+:(\d+)', line)
            if m:
                self.port = int(m.group(1))
            if line == b'ecrdropd: ready\n':
                self.reader = threading.Thread(target=self.drain,
                                               args=(self.pipe,))
                self.reader.start()
                return
        raise kill.Fault('no start: ' + ''.join(self.words))

    def drain(self, pipe):
        for line in pipe:
            self.words.append(line.decode())

    def stop(self):
        """SIGTERM; all that was said since the start."""
        self.process.send_signal(signal.SIGTERM)
        self.end()
        self.reader.join(timeout=SECONDS)
        return ''.join(self.words)

    def rss(self):
        """Memory of the store that is nobody else's, in kB."""
        for pid in self.roles('store'):
            try:
                with open('/proc/%d/status' % pid, encoding='ascii') as f:
                    return int(re.search(r'RssAnon:\s*(\d+)',
                                         f.read()).group(1))
            except (OSError, AttributeError):
                pass
        return 0


class Test:
    def __init__(self):
        self.conf, self.socket, path, self.token, batch = sys.argv[1:]
        self.batch = int(batch)
        with open(path, 'rb') as f:
            self.base = f.read()
        self.number = 0
        self.promised = set()
        self.server = None
        self.attacks = 0

    # --- honest people

    def honest(self, count=1):
        """Posts until acknowledged, whichever front is alive."""
        end = time.monotonic() + SECONDS
        for _ in range(count):
            self.number += 1
            parcel = self.base[:-8] + self.number.to_bytes(8, 'big')
            while not self.post(parcel):
                assert time.monotonic() < end, 'an honest report is not taken'

    def post(self, parcel):
        c = http.client.HTTPConnection('127.0.0.1', self.server.port,
                                       timeout=0.7)
        try:
            c.request('POST', '/parcels', parcel)
            answer = c.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            c.close()
        if answer.status not in (200, 201):
            time.sleep(0.02)
            return False
        digest, _ = logread.receipt(text)
        assert digest == hashlib.sha256(parcel).hexdigest(), 'another receipt'
        self.promised.add(digest)
        return True

    # --- the stranger

    def start(self):
        self.server = Server(self.conf, sys.stderr.buffer)
        self.server.launch()
        self.server.ready()

    def attack(self, words, each=None):
        """Takes a front over; what it says, line by line."""
        self.attacks += 1
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(SECONDS)
        s.connect(self.socket)
        s.sendall(words.encode() + b'\n')
        lines = []
        with s, s.makefile('rb') as f:
            try:
                for line in f:
                    line = line.decode().strip()
                    lines.append(line)
                    if line.startswith('receipt '):
                        self.promised.add(line.split()[1])
                    if each is not None and each(line):
                        break
            except ConnectionError:
                pass
        return lines

    def broken(self, words, quiet=False):
        """An attack after which this generation must be over."""
        self.start()
        self.honest()
        old = self.server.roles()
        lines = self.attack(words)
        assert 'heard' not in lines, (words, lines)
        self.server.gone(old)
        if self.attacks % 6 == 0:
            self.honest()               # the next one serves
        said = self.server.stop()
        assert quiet or 'peer-broken' in said, (words, said)
        return lines

    def borne(self, words, each=None):
        """An attack that gets answers, and the store lives on."""
        store = self.server.roles('store')
        lines = self.attack(words, each)
        assert 'heard' in lines, (words, lines)
        assert store, 'no store'
        return lines

    # --- the attacks

    def wrong(self):
        count, k = 1, 0
        while k < count:
            lines = self.broken('wrong %d' % k)
            count = int([w for w in lines if w.startswith('wrong ')][0]
                        .split()[1])
            k += 1
        for cut in (1, 8, 15):
            self.broken('cut %d' % cut)
        # Nothing at all ends this front's say, and no more.
        self.broken('cut 0', quiet=True)
        self.broken('twice 0')
        self.broken('twice 1')
        for k in range(5):
            self.broken('parent %d' % k)
        return count + 11

    def lies(self):
        for words in ('forge', 'steal ' + hashlib.sha256(
                self.token.encode()).hexdigest(), 'memory', 'ids 1', 'ids 2'):
            self.start()
            self.honest(2)
            lines = self.borne(words)
            status = [int(w.split()[1]) for w in lines
                      if w.startswith('status ')]
            kind = words.split()[0]
            if kind == 'forge':
                assert status == [400] * 6, status
            if kind == 'steal':
                assert 'put 201' in lines, lines
                assert len(status) == 21 and \
                    set(status) <= {401, 404}, status
            if kind == 'ids':
                assert set(status) <= {200, 201}, status
                assert 'bad ids 0' in lines, lines
            if kind == 'memory':
                assert {'shrink -1', 'grow -1'} <= set(lines), lines
            self.honest()
            self.server.stop()

    def scribble(self):
        self.start()
        self.honest(2)
        lines = self.borne('scribble 250')
        counts = [w for w in lines if w.startswith('scribbled ')]
        print(counts[0])
        assert re.match(r'scribbled 250: .*503 0$', counts[0]), counts
        self.honest(2)
        self.server.stop()
        return counts

    def flood(self):
        """Without an end the store ends it; with one the other front works."""
        self.start()
        self.honest(2)
        before, most = self.server.rss(), 0

        def look(line):
            nonlocal most
            most = max(most, self.server.rss())
            return False
        lines = self.attack('flood 0', look)
        assert not any(w.endswith(' open') for w in lines), lines
        print('flood: more than %s unread questions; store %d kB, at most '
              '%d kB' % ([w for w in lines if w.startswith('flood')][-1]
                         .split()[1], before, most))
        assert most - before < RSS_MORE, (before, most)
        self.honest(2)
        said = self.server.stop()
        assert 'peer-broken' in said, said

        self.start()
        self.honest(2)
        before = self.server.rss()
        deaf = []

        def deafened(line):
            if line.startswith('pid '):
                deaf.append(int(line.split()[1]))
            return line.startswith('flooded ')
        lines = self.attack('flood 4000', deafened)
        assert lines[-1] == 'flooded 4000 open', lines
        store = self.server.roles('store')
        began = time.monotonic()
        self.honest(12)                 # by the other front, over closes
        took = time.monotonic() - began
        most = self.server.rss()
        print('a deaf front: 12 reports beside it in %.1f s; store %d kB, '
              'then %d kB' % (took, before, most))
        assert store == self.server.roles('store'), 'the store was restarted'
        assert most - before < RSS_MORE, (before, most)
        os.kill(deaf[0], signal.SIGKILL)
        self.server.gone(deaf)
        self.honest()
        self.server.stop()

    def alive(self):
        """A front that talks without end keeps the parent from nothing."""
        self.start()
        self.honest()
        old = self.server.roles()
        talker = []

        def talks(line):
            if line.startswith('pid '):
                talker.append(int(line.split()[1]))
            return line == 'alive'
        self.attack('alive', talks)
        began = time.monotonic()
        for pid in self.server.roles('front'):
            if pid not in talker:
                os.kill(pid, signal.SIGKILL)
        self.server.gone(old)
        self.honest()
        print('beside a front that talks without end the end of another is '
              'heard and mended in %.1f s' % (time.monotonic() - began))
        self.server.stop()

    # --- the reckoning

    def reckon(self):
        """The log of a server that nobody takes over, on the same data."""
        self.start()
        end = time.monotonic() + SECONDS

        def get(path):
            c = http.client.HTTPConnection('127.0.0.1', self.server.port,
                                           timeout=SECONDS)
            c.request('GET', path, headers={
                'Authorization': 'Bearer ' + self.token})
            answer = c.getresponse()
            body = answer.read()
            c.close()
            assert answer.status == 200, (path, answer.status)
            return body
        while True:
            try:
                logged = logread.read(get, self.batch)
            except AssertionError:
                if time.monotonic() > end:
                    raise
                continue                # it closed between two questions
            if self.promised <= set(logged):
                break
            assert time.monotonic() < end, '%d receipts are broken' % len(
                self.promised - set(logged))
            time.sleep(0.1)
        for digest in logged:
            body = get('/parcels/' + digest)
            assert hashlib.sha256(body).hexdigest() == digest, 'a body'
        assert self.server.stop().count('disk-error') == 0
        print('%d attacks; %d receipts honoured among %d entries, each body '
              'its digest\'s' % (self.attacks, len(self.promised),
                                 len(logged)))


def main():
    test = Test()
    try:
        test.wrong()
        test.lies()
        test.scribble()
        test.flood()
        test.alive()
        test.reckon()
    except BaseException:
        if test.server is not None and test.server.process.poll() is None:
            test.server.process.kill()
            test.server.process.wait()
            sys.stderr.write(''.join(test.server.words))
        raise


main()
