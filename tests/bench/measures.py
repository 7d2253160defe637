# SPDX-License-Identifier: ISC
"""
measures - the groups of rows, in the order they are run.

Each takes the Bench and returns its Rows.  docs/BENCHMARKS.md says what each
figure means.
"""
import os

from rows import Row, load, median, rounds, values
from servers import Trouble

CLIENTS = 32
SECONDS = 1.5
EPOCH = 65536			# parcels: half of it before work grows


def failed(group, why):
    return Row(group.rows[0].upper(), group.__name__).fail(why).d


def poster(bench, server, *options):
    """A POST run, on a fresh data directory before work gets dearer."""
    def one():
        if server.posted * 2 > EPOCH * 0.7:
            bench.stop(server)
            bench.start(server)
        return load(bench, server, 'post', '/parcels', *options)
    return one


def putter(bench, nginx, *options):
    def one():
        r = load(bench, nginx, 'put', '/dav/', *options)
        nginx.empty()
        return r
    return one


def discarder(bench, nginx, *options):
    return lambda: load(bench, nginx, 'discard', '/discard', *options)


def has_nostore(bench):
    return os.access(bench.nostore, os.X_OK)


def four(bench, *options):
    """The same load on four sides; name -> results."""
    ours = bench.ours(**{'epoch-parcels': EPOCH})
    nginx = bench.nginx()
    sides = {'ours': poster(bench, ours, *options),
             'nginx put': putter(bench, nginx, *options),
             'nginx drop': discarder(bench, nginx, *options)}
    if has_nostore(bench):
        none = bench.ours(bench.nostore, **{'epoch-parcels': 64})
        none.posted = -10 ** 9
        sides['no storage'] = poster(bench, none, *options)
    return rounds(bench, sides)


def keepalive(bench):
    """durable POST on kept connections, beside nginx and no storage"""
    r = four(bench, '-c', CLIENTS, '-s', SECONDS)
    ours, put, drop = r['ours'], r['nginx put'], r['nginx drop']
    rate, cpu = values(ours, 'rate'), values(ours, 'server_cpu_us')
    bench.extra['keepalive'] = r
    out = [
        Row('P1', 'durable POST/s over nginx PUT, unsynced, median', '/s',
            ('>=', 2.5)).ours(rate).peer(values(put, 'rate')).ratio()
        .wrong(ours, put),
        Row('P1', 'durable POST/s over nginx PUT, its best round', '/s',
            ('>=', 0.9)).ours(rate).peer(values(put, 'rate'), max).ratio()
        .wrong(ours, put),
        Row('', 'latency p50, 32 clients at full speed', 'us')
        .ours(values(ours, 'p50_us')).peer(values(put, 'p50_us')).ratio(),
        Row('', 'latency p99', 'us').ours(values(ours, 'p99_us'))
        .peer(values(put, 'p99_us')).ratio(),
        Row('', 'latency p99.9', 'us').ours(values(ours, 'p999_us'))
        .peer(values(put, 'p999_us')).ratio()]
    if 'no storage' in r:
        none = r['no storage']
        out.append(Row('P3', 'durable POST/s over storage switched off',
                       '/s', ('>=', 0.8)).ours(rate)
                   .peer(values(none, 'rate')).ratio().wrong(ours, none))
    else:
        out.append(Row('P3', 'durable POST/s over storage switched off')
                   .fail('%s is not built' % bench.nostore))
    return out


keepalive.rows = ['p1', 'p3', 'p4']

GROUPS = [keepalive]
