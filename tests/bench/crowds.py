# SPDX-License-Identifier: ISC
"""
crowds - the groups of rows about many connections that do little.

Ten thousand of them come from 32 addresses of 127.0.0.0/8, for one address
has too few ports, and need 10,100 open files in the client and half of that
in each front.  BENCH_CROWD makes it fewer on a small machine; the rows say
how many there were.
"""
import os
import resource
import threading
import time

from holders import Holder, wait_for
from rows import Row, load, median, values
from servers import Trouble, memory, sockets

MIB = 1048576.0


def crowd(bench):
    """How many connections this machine lets us hold."""
    want = int(os.environ.get('BENCH_CROWD', '10000'))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = hard - 200 if os.geteuid() != 0 else want
    if most < want:
        bench.say('bench: ONLY %d CONNECTIONS: the hard limit of open files '
                  'is %d' % (most, hard))
    return min(want, most)


def big(bench, **more):
    conf = {'epoch-parcels': 4096, 'connections': 7000,
            'head-seconds': 600, 'idle-seconds': 600,
            'connection-seconds': 1200}
    conf.update(more)
    return bench.ours(**conf)


def held_memory(bench, server, how, n):
    """Bytes of PSS and RSS for each connection held; all of it."""
    for _ in range(2):		# what is allocated once is there before
        load(bench, server, 'get', '/health', '-f', '-a', 16, '-s', 0.3)
    before = memory(server.pids)
    h = Holder(bench, server, how, n, 120)
    try:
        said = h.ready(90)
        time.sleep(0.5)
        after = memory(server.pids)
        alive = h.alive()
    finally:
        h.close()
    out = {k: (after[k] - before[k]) / max(alive, 1) for k in after}
    out.update(total=after['pss'], alive=alive, seconds=said['seconds'])
    if alive < n:
        out['wrong'] = '%d of %d connections were held' % (alive, n)
    bench.say('  %-6s %s: %d held, %.1f KiB each (RSS %.1f), %.0f MiB in all'
              % (how, type(server).__name__, alive, out['pss'] / 1024,
                 out['rss'] / 1024, out['total'] / MIB))
    return out


def idle(bench):
    """memory of an idle connection"""
    n, out, all_of_it = crowd(bench), [], []
    for how, name, goal in (
            ('idle', 'memory of an idle TLS connection over nginx\'s',
             ('<=', 1.0)),
            ('used', '  the same after one request on each', None)):
        ours, peer = [], []
        for turn in range(2 if goal else 1):
            sides = [lambda: ours.append(once(bench, big(bench), how, n)),
                     lambda: peer.append(once(bench, bench.nginx(
                         head='300s'), how, n))]
            for side in sides if turn == 0 else reversed(sides):
                bench.check_time()
                side()
        all_of_it += ours
        out.append(Row('P8', name, 'KiB', goal)
                   .ours([v['rss'] / 1024 for v in ours])
                   .peer([v['rss'] / 1024 for v in peer]).ratio()
                   .wrong(ours, peer)
                   .note('%s: growth of RSS over %d connections; of PSS: '
                         'ours %.2f, nginx %.2f KiB' % (
                             how, n, median(ours, 'pss') / 1024,
                             median(peer, 'pss') / 1024)))
    out.append(Row('P8', '%d idle connections held, all processes' % n,
                   'MiB', ('<=', 160))
               .ours([v['total'] / MIB for v in all_of_it], max).absolute()
               .wrong(all_of_it))
    return out


def once(bench, server, how, n):
    try:
        return held_memory(bench, server, how, n)
    finally:
        bench.stop(server)


idle.rows = ['p8']


class Peak(threading.Thread):
    """The most memory that a server has, looked at four times a second."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.most, self.over = server, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.is_set():
            try:
                self.most = max(self.most, memory(self.server.pids)['pss'])
            except Trouble:
                return
            self.over.wait(0.25)

    def stop(self):
        self.over.set()
        self.join()
        return self.most


HEAD, BODY = 20, 25		# seconds, of the server under attack
SLOTS = 256			# bodies at once in each of two fronts


def honest(bench, server):
    r = load(bench, server, 'post', '/parcels', '-f', '-a', 16, '-c', 64,
             '-r', 100, '-s', 5)
    bench.say('  honest: p50 %.0f p99 %.0f us%s' % (
        r['p50_us'], r['p99_us'], ' ' + r['wrong'] if 'wrong' in r else ''))
    return r


def tricklers(bench, server, n, sums):
    """One attack: honest p99 before and during it, and who is left."""
    quiet = honest(bench, server)
    heads = Holder(bench, server, 'head', n - n // 10, 200)
    bodies = Holder(bench, server, 'body', n // 10, 200, 'post', '/parcels')
    try:
        heads.ready(90)
        bodies.ready(90)
        sums['held'].append(heads.alive() + bodies.alive())
        loud = honest(bench, server)
        sums['during'].append(heads.alive() + bodies.alive())
        wait_for(lambda: heads.alive() + bodies.alive() == 0,
                 max(HEAD, BODY) + 10)
        a, b = heads.ask(), bodies.ask()
        sums['left'].append(a['alive'] + b['alive'])
        sums['sockets'].append(sockets(server.pids))
        sums['last'].append(max(a['last_death'], b['last_death']))
        sums['status'] = {'head': a['status'], 'body': b['status']}
        bench.say('  opened %d + %d, alive %d, during %d, after %d; last '
                  'closed after %.1f s; answers %s %s' % (
                      a['opened'], b['opened'], sums['held'][-1],
                      sums['during'][-1], sums['left'][-1],
                      sums['last'][-1], a['status'], b['status']))
    finally:
        heads.close()
        bodies.close()
    return quiet, loud


def slow(bench):
    """clients of one byte a second, in head and body"""
    n = crowd(bench)
    server = big(bench, **{'head-seconds': HEAD, 'body-seconds': BODY,
                           'slots': SLOTS, 'connection-seconds': 50})
    before = sockets(server.pids)
    sums = {k: [] for k in ('held', 'during', 'left', 'last', 'sockets')}
    quiet, loud = [], []
    for _ in range(min(2, bench.rounds)):
        bench.check_time()
        q, v = tricklers(bench, server, n, sums)
        quiet.append(q)
        loud.append(v)
    bench.extra['slow'] = {'quiet': quiet, 'loud': loud, **sums}
    left = Row('P9', 'of %d clients of one byte a second, alive after the '
               'deadline' % n, '', ('<=', 0)).ours(sums['left'], max)
    left.absolute()
    left.note('nine tenths in the head (%d s), the rest in the body (%d s), '
              'of which %d find a slot; alive when all were opened %s, after '
              'the honest had posted beside them %s; sockets of the server '
              '%d before, %s after' % (HEAD, BODY, 2 * SLOTS, sums['held'],
                                       sums['during'], before,
                                       sums['sockets']))
    if min(sums['during']) < 0.8 * n:
        left.fail('only %s were alive at once: too slow a machine, or too '
                  'busy' % sums['during'])
    p99 = Row('P9', 'honest POST, new connection, p99 beside them over '
              'without', 'us', ('<=', 2.0)).ours(values(loud, 'p99_us')) \
        .peer(values(quiet, 'p99_us')).ratio().wrong(quiet, loud)
    p50 = Row('P9', '  the same, p50', 'us').ours(values(loud, 'p50_us')) \
        .peer(values(quiet, 'p50_us')).ratio()
    return [left, p99, p50]


slow.rows = ['p9']


def stalled(bench):
    """bodies that stop after 60,000 bytes"""
    n = crowd(bench)
    server = big(bench, **{'body-seconds': BODY, 'connection-seconds': 50,
                           'slots': SLOTS})
    peak = Peak(server)
    h = Holder(bench, server, 'stall', n, 120, 'post', '/parcels')
    try:
        h.ready(90)
        held = h.alive()
        wait_for(lambda: h.alive() == 0, BODY + 15)
        said = h.ask()
    finally:
        h.close()
        most = peak.stop()
    bench.say('  %d opened, %d held at once, %d after the deadline, answers '
              '%s, %.0f MiB' % (said['opened'], held, said['alive'],
                                said['status'], most / MIB))
    row = Row('P9', '%d bodies stalled at 60,000 bytes: memory of all '
              'processes' % n, 'MiB', ('<=', 256)).ours([most / MIB])
    row.absolute()
    row.note('PSS at its most; %d alive after the deadline; answers %s'
             % (said['alive'], said['status']))
    if said['alive'] > 0:
        row.fail('%d alive after the deadline' % said['alive'])
    if said['opened'] < n:
        row.note('only %d of %d could be opened' % (said['opened'], n))
    return [row]


stalled.rows = ['p9']

GROUPS = [idle, slow, stalled]
