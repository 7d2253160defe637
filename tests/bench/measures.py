# SPDX-License-Identifier: ISC
"""
measures - the groups of rows about requests, in the order they are run.

Each takes the Bench and returns its Rows.  docs/BENCHMARKS.md says what each
figure means.
"""
import json
import os

import alone
import crowds
from rows import Row, load, median, rounds, values
from servers import run

CLIENTS = 32
SECONDS = 1.2
WORK_MOST = 18		# bits, when an epoch is full
WORK_DEAR = 8			# more than this is not made beforehand


def failed(group, why):
    return Row(group.rows[0].replace('p', 'P'), group.__doc__).fail(why).d


def epoch(bench):
    """Parcels of an epoch's file: what five rounds fill, if memory allows."""
    return 98304 if bench.ram_gib >= 18 else 32768


def bits_after(server, n):
    """The work asked once n more are held (epochs_bits() in server/)."""
    least, parcels = server.conf['work-bits'], server.conf['epoch-parcels']
    over = 2 * (server.posted + n) - parcels
    return least if over <= 0 else \
        least + 1 + (WORK_MOST - least) * over // parcels


def poster(bench, server, most, *options):
    """
    A POST run of at most so many, with as much work as will be asked at its
    end; on a fresh data directory where that would be dear.
    """
    def one():
        if bits_after(server, most) > WORK_DEAR:
            bench.stop(server)
            bench.start(server)
            os.sync()
        server.bits = bits_after(server, most)
        return load(bench, server, 'post', '/parcels', '-n', most, *options)
    return one


def putter(bench, nginx, *options):
    def one():
        r = load(bench, nginx, 'put', '/dav/', *options)
        nginx.empty()
        os.sync()  # others need not wait for it
        return r
    return one


def discarder(bench, nginx, *options):
    return lambda: load(bench, nginx, 'discard', '/discard', *options)


def prims(bench):
    return json.loads(run([bench.build + '/bench/bench_prims', '40']))


def four(bench, parcels, most, *options):
    """The same load on four sides; name -> results."""
    ours = bench.ours(**{'epoch-parcels': parcels})
    sides = {'ours': poster(bench, ours, most, *options)}
    if bench.nginx_program is not None:
        nginx = bench.nginx()
        sides['nginx put'] = putter(bench, nginx, *options)
        sides['nginx drop'] = discarder(bench, nginx, *options)
    if os.access(bench.nostore, os.X_OK):
        none = bench.ours(bench.nostore, **{'epoch-parcels': parcels})
        sides['no storage'] = poster(bench, none, most, *options)
    sides['primitives'] = lambda: prims(bench)
    return rounds(bench, sides)


TIMES = (('p50_us', 'p50'), ('p99_us', 'p99'), ('p999_us', 'p99.9'),
         ('max_us', 'longest'))


def keepalive(bench):
    """durable POST on kept connections, beside nginx and no storage"""
    r = four(bench, epoch(bench), 20000, '-c', CLIENTS, '-s', SECONDS)
    bench.extra['keepalive'] = r
    return beside_nginx(r['ours'], r.get('nginx put')) + \
        [beside_off(bench, r['ours'], r.get('no storage')),
         beside_sum(r['ours'], r.get('nginx drop'), r['primitives'])]


def beside_nginx(ours, put):
    rate = values(ours, 'rate')
    if not put:
        return [Row('P1', 'durable POST/s, kept connections', '/s')
                .ours(rate).wrong(ours).fail('there is no nginx')]
    out = [
        Row('P1', 'durable POST/s over nginx PUT without fsync', '/s',
            ('>=', 2.5)).ours(rate).peer(values(put, 'rate')).ratio()
        .wrong(ours, put)
        .note('the client takes %.0f us of CPU for a kept POST' %
              median(ours, 'client_cpu_us')),
        Row('P1', '  the same over nginx\'s best round', '/s',
            ('>=', 0.9)).ours(rate).peer(values(put, 'rate'), max).ratio()
        .wrong(ours, put)]
    for key, name in TIMES:
        out.append(Row('P1', '  time to the answer, full speed, ' + name,
                       'us').ours(values(ours, key))
                   .peer(values(put, key)).ratio())
    out.append(Row('P1', '  memory after it, all processes, mapped files '
                   'apart', 'MiB').ours(values(ours, 'own_mib'))
               .peer(values(put, 'own_mib')).ratio())
    return out


def beside_sum(ours, drop, primitives):
    row = Row('P4', 'server CPU a durable POST over nginx discarding it + '
              'hash + signature', 'us', ('<=', 1.35))
    row.ours(values(ours, 'server_cpu_us'))
    if not drop:
        return row.fail('there is no nginx')
    row.note('nginx discarding: %.0f us, SHA-256 %.1f us, Ed25519 %.1f us'
             % (median(drop, 'server_cpu_us'), median(primitives, 'sha256'),
                median(primitives, 'sign')))
    return row.peer([d['server_cpu_us'] + p['sha256'] + p['sign']
                     for d, p in zip(drop, primitives)]).ratio() \
        .wrong(ours, drop)


def beside_off(bench, ours, none):
    row = Row('P3', 'durable POST/s over the same server, storage off', '/s',
              ('>=', 0.8)).ours(values(ours, 'rate'))
    if not none:
        return row.fail('%s is not built' % bench.nostore)
    return row.peer(values(none, 'rate')).ratio().wrong(ours, none)


keepalive.rows = ['p1', 'p3', 'p4']


def fresh(bench):
    """a new connection for each POST"""
    r = four(bench, 16384, 5000, '-f', '-a', 16, '-c', CLIENTS,
             '-s', SECONDS)
    ours, put, drop = r['ours'], r.get('nginx put'), r.get('nginx drop')
    bench.extra['fresh'] = r
    row = Row('P2', 'server CPU a durable POST, new connection, over nginx '
              'discarding it', 'us', ('<=', 1.3)) \
        .ours(values(ours, 'server_cpu_us'))
    row.note('the client takes %.0f us of CPU for a POST on a new '
             'connection' % median(ours, 'client_cpu_us'))
    if not drop:
        return [row.fail('there is no nginx')]
    out = [row.peer(values(drop, 'server_cpu_us')).ratio().wrong(ours, drop),
           Row('P2', '  durable POST/s, new connection, over nginx PUT', '/s')
           .ours(values(ours, 'rate')).peer(values(put, 'rate')).ratio()
           .wrong(put)]
    for key, name in TIMES:
        out.append(Row('P2', '  time from connecting to the answer, ' + name,
                       'us').ours(values(ours, key))
                   .peer(values(put, key)).ratio())
    if 'no storage' in r:
        out.append(Row('P2', '  durable POST/s, new connection, over storage '
                       'off', '/s').ours(values(ours, 'rate'))
                   .peer(values(r['no storage'], 'rate')).ratio()
                   .wrong(r['no storage']))
    return out


fresh.rows = ['p2']


def handshake(bench):
    """new connection, full handshake, tiny GET, close"""
    ours, nginx = bench.ours(**{'epoch-parcels': 64}), bench.nginx()
    options = ('-f', '-a', 16, '-c', 16, '-s', 1)

    def get(server, port):
        return lambda: load(bench, server, 'get', '/health', *options,
                            port=port)
    r = rounds(bench, {'ours': get(ours, ours.port),
                       'nginx': get(nginx, nginx.port),
                       'nginx aes128': get(nginx, nginx.port128)})
    bench.extra['handshake'] = r
    key = 'server_cpu_us'
    return [
        Row('P5', 'server CPU a full handshake and GET over nginx', 'us',
            ('<=', 0.85)).ours(values(r['ours'], key))
        .peer(values(r['nginx'], key)).ratio().wrong(r['ours'], r['nginx']),
        Row('P5', '  the same over nginx told to use AES-128-GCM', 'us')
        .ours(values(r['ours'], key))
        .peer(values(r['nginx aes128'], key)).ratio()
        .wrong(r['nginx aes128'])]


handshake.rows = ['p5']


def unloaded(bench):
    """one POST at a time, 50 a second"""
    ours, nginx = bench.ours(**{'epoch-parcels': 4096}), bench.nginx()
    new = ('-f', '-a', 16, '-c', 8, '-r', 50, '-s', 2)
    kept = ('-c', 1, '-r', 50, '-s', 2)
    r = rounds(bench, {
        'ours': poster(bench, ours, 200, *new),
        'nginx put': putter(bench, nginx, *new),
        'ours kept': poster(bench, ours, 200, *kept),
        'put kept': putter(bench, nginx, *kept)})
    bench.extra['unloaded'] = r
    out = []
    for a, b, name, goal in (
            ('ours', 'nginx put', 'one durable POST, new connection, over '
             'nginx PUT without fsync, p50', ('<=', 1.5)),
            ('ours kept', 'put kept', '  the same on an open connection',
             None)):
        out.append(Row('P6', name, 'us', goal)
                   .ours(values(r[a], 'p50_us'))
                   .peer(values(r[b], 'p50_us')).ratio()
                   .wrong(r[a], r[b]))
    return out


unloaded.rows = ['p6']


def half_load(bench):
    """open loop at half of what it can do"""
    ours = bench.ours(**{'epoch-parcels': 65536})
    base = bench.extra.get('keepalive')
    if base is None:
        r = [load(bench, ours, 'post', '/parcels', '-c', CLIENTS, '-s', 1)
             for _ in range(3)]
        capacity, put = median(r, 'rate'), None
    else:
        capacity = median(base['ours'], 'rate')
        put = base.get('nginx put')
    rate = round(capacity / 2)
    one = poster(bench, ours, 2 * rate, '-c', 64, '-r', rate, '-s', 1.5)
    r = rounds(bench, {'ours': one})['ours']
    bench.extra['half'] = r
    out = []
    for key, name, goal in (('p50_us', 'p50', None),
                            ('p99_us', 'p99', ('<=', 5000)),
                            ('p999_us', 'p99.9', ('<=', 15000))):
        row = Row('P7', 'open loop, half of capacity: ' +
                  name, 'us', goal).ours(values(r, key)).wrong(r)
        if put:
            row.peer(values(put, key)).ratio()
        if not row.d['wrong']:
            row.absolute()
        out.append(row)
    out[0].note('%d a second, half of what P1 measures%s' % (
        rate, '; the peer is nginx PUT at full speed' if put else ''))
    return out


half_load.rows = ['p7']

GROUPS = [keepalive, fresh, handshake, unloaded, half_load] + \
    crowds.GROUPS + alone.GROUPS
