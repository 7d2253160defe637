# SPDX-License-Identifier: ISC
"""
alone - the groups of rows without a network: store, device, desk,
instructions.
"""
import json
import os
import re
import shutil
import subprocess

import servers
from rows import Row, load, rounds, values
from servers import Trouble, die_with_us, run


def store(bench):
    """commits of 64 parcels beside the disk's own limit"""
    place = bench.place()
    os.mkdir(place)
    text = run([bench.build + '/bench/bench_store', place,
                str(max(5, bench.rounds))], timeout=180)
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    found = {m.group(1): m for m in re.finditer(
        r'^(\w+) +([\d.]+) parcels/s +([\d.]+) of disk', text, re.M)}
    bench.say(text.rstrip())

    def row(way, name, goal):
        r = Row('P10', name, '/s', goal)
        r.ours([float(found[way].group(2))])
        r.peer([float(found['disk'].group(2))])
        return r.ratio(float(found[way].group(3)))
    return [row('pending', 'parcels/s committed, 64 at once, over write + '
                'fdatasync in a written file', ('>=', 0.85)),
            row('store', '  the same with check, hash and receipts', None)]


store.rows = ['p10']


def device(bench):
    """bytes written for each byte of parcel"""
    out = []
    for batch, goal in ((16, ('<=', 1.03)), (64, None)):
        place = bench.place()
        os.mkdir(place)
        r = json.loads(run([bench.build + '/bench/bench_device', place,
                            str(batch), '24', '5'], timeout=180))
        subprocess.run(['rm', '-rf', place], check=False, timeout=60)
        row = Row('P11', 'device bytes a byte of parcel, %d '
                  'at once' % batch, '', goal)
        if 'why' in r:
            row.fail('not to be told: ' + r['why'])
        else:
            row.ours(r['ratio'], min).absolute()
            row.note('the least of %d rounds: the device counts what others '
                     'write, too' % len(r['ratio']))
        out.append(row)
    return out


device.rows = ['p11']


def both(bench):
    """Two at once, on two cores; what they open together."""
    argv = [bench.build + '/bench/bench_prims', '100']
    p = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, preexec_fn=die_with_us)
         for _ in range(2)]
    out = [json.loads(x.communicate(timeout=60)[0]) for x in p]
    return {'two': sum(1e6 / r['open_wall'] for r in out)}


def one(bench):
    return json.loads(run([bench.build + '/bench/bench_prims', '100']))


def desk(bench):
    """parcels opened, beside the bare primitives"""
    r = rounds(bench, {'one': lambda: one(bench),
                       'two': lambda: both(bench)})
    bench.extra['desk'] = r
    rate = [1e6 / v for v in values(r['one'], 'open')]
    out = [
        Row('P14', 'parcels opened/s on a core over the bare primitives',
            '/s', ('>=', 0.85)).ours(rate)
        .peer([1e6 / v for v in values(r['one'], 'bare')]).ratio(),
        Row('P14', '  the same with every stanza sealed again, as import does',
            '/s').ours([1e6 / v for v in values(r['one'], 'recheck')])
        .peer([1e6 / v for v in values(r['one'], 'bare')]).ratio()]
    if (os.cpu_count() or 1) >= 2:
        out.append(Row('P14', '  on two cores over one', '/s', ('>=', 1.9))
                   .ours(values(r['two'], 'two'))
                   .peer([1e6 / v for v in values(r['one'], 'open_wall')])
                   .ratio())
    return out


desk.rows = ['p14']


def mailbox(bench):
    """ten thousand replies tried with one mailbox's key"""
    r = rounds(bench, {'ours': lambda: json.loads(
        run([bench.build + '/bench/bench_replies']))})['ours']
    return [Row('P16', '10,000 replies tried with one key on a core, over the '
                'bare primitives', 's', ('<=', 2)).ours(values(r, 'opener'))
            .peer(values(r, 'bare')).ratio().absolute(),
            Row('P16', '  the key made ready again for each', 's')
            .ours(values(r, 'seed')).peer(values(r, 'bare')).ratio()]


mailbox.rows = ['p16']


def log(bench):
    """the log's hashing"""
    text = run([bench.build + '/bench/bench_log', str(bench.rounds)])
    rate = {m.group(1): float(m.group(2)) for m in re.finditer(
        r'^(\w+) +([\d.]+) leaves/s', text, re.M)}
    with open('/proc/cpuinfo') as f:
        goal = 1.7 if ' avx512f ' in f.read() else 0.95
    return [Row('P12', 'log: leaves/s over SHA-256 of one long message, as '
                'many blocks', '/s', ('>=', goal)).ours([rate['tree']])
            .peer([rate['stream']]).ratio(),
            Row('P12', '  over SHA-256 of each leaf and node alone', '/s')
            .ours([rate['tree']]).peer([rate['direct']]).ratio()]


log.rows = ['p12']


def audit(bench):
    """verifying a log, its close, its proofs"""
    place = bench.place()
    os.mkdir(place)
    text = run([bench.build + '/bench/bench_audit', place, '1000000',
                str(bench.rounds)], timeout=180)
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    bench.say(text.rstrip())
    found = {m.group(1): m for m in re.finditer(
        r'^(hashes|verify) +([\d.]+) s +([\d.]+) s', text, re.M)}

    def row(name, group, goal):
        return Row('P13', name, 's', goal).ours(
            [float(found['verify'].group(group))]).peer(
            [float(found['hashes'].group(group))]).ratio()
    best = re.search(r'^best +([\d.]+)', text, re.M).group(1)
    out = [row('1,000,000 entries verified, over SHA-256 alone of the same '
               'hashes', 2, ('<=', 1.3)).note('its best round over its best '
                                              'round: ' + best),
           row('  processor time of both threads', 3, None)]
    return out + closes(bench) + proofs(bench)


def closes(bench):
    place = bench.place()
    os.mkdir(place)
    text = run([bench.build + '/bench/bench_close', place], timeout=240)
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    bench.say(text.rstrip())
    found = {m.group(1): m for m in re.finditer(
        r'^(whole|sequence) +([\d.]+) s +([\d.]+) ', text, re.M)}
    return [Row('P13', 'close of an epoch with 10,000 pending parcels',
                's').ours([float(found['whole'].group(2))]),
            Row('P13', '  entries/s sequenced in it, signed and synced',
                '/s').ours([float(found['sequence'].group(3))])]


def proofs(bench):
    text = run([bench.build + '/bench/bench_log', '1'])
    out = []
    for m in re.finditer(r'^(\w+) proof of at most (\d+) hashes, (\d+) '
                         r'bytes.*checked in ([\d.]+) us', text, re.M):
        out.append(Row('P13', '%s proof in a log of 1,000,000: checked' %
                       m.group(1), 'us').ours([float(m.group(4))])
                   .note('%s proof: at most %s hashes, %s bytes' %
                         (m.group(1), m.group(2), m.group(3))))
    return out


audit.rows = ['p13']


# --- instructions -----------------------------------------------------------

# Of bench_front; none of these calls another of them.
FRONT = ('conn_step', 'conn_put_done', 'conn_close', 'tls_wire')


def callgrind(bench, toggles, *argv):
    """Instructions that argv executes inside of these functions."""
    out = bench.place()
    run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + out] +
        ['--toggle-collect=' + t for t in toggles] + list(argv))
    return total(out)


def total(name):
    with open(name) as f:
        m = re.search(r'^totals: (\d+)', f.read(), re.M)
    if m is None:
        raise Trouble('callgrind left no count')
    return int(m.group(1))


def each(few, many, few_n, many_n):
    """What one more costs, in thousands; what happens once falls out."""
    return (many - few) / (many_n - few_n) / 1e3


def counted(bench, toggles, argv, few, many):
    place = bench.place()
    os.mkdir(place)
    a = callgrind(bench, toggles, *argv(place, few))
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    os.mkdir(place)
    b = callgrind(bench, toggles, *argv(place, many))
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    return each(a, b, few, many)


def nginx_counted(bench, what, path, *options):
    """nginx without its master under callgrind, a short and a long run."""
    seen = []
    for seconds in (0.4, 1.6):
        nginx = servers.Nginx(bench.place(), bench.cert, bench.key,
                              bench.nginx_program, master='off', workers=1)
        out = bench.place()
        nginx.before = ['valgrind', '--tool=callgrind',
                        '--callgrind-out-file=' + out]
        bench.start(nginx)
        r = load(bench, nginx, what, path, '-c', 1, '-w', 0, '-s', seconds,
                 *options)
        bench.stop(nginx)
        seen.append((total(out), sum(r['status'].values())))
    return each(seen[0][0], seen[1][0], seen[0][1], seen[1][1])


def count(bench):
    """instructions a request, by callgrind"""
    if shutil.which('valgrind') is None:
        raise Trouble('valgrind is not here')
    front = [bench.build + '/bench/bench_front']
    own = [bench.build + '/bench/bench_count']

    def ours(name, toggles, argv, few, many):
        return Row('count', 'thousand instructions: ' + name).ours(
            [counted(bench, toggles, argv, few, many)])
    rows = [
        ours('a parcel in the front, TLS and HTTP', FRONT,
             lambda d, n: front + [d, str(n), 'parcel'], 20, 60),
        ours('  HTTP, work and shape alone', ['count_http'],
             lambda d, n: own + [d, 'http', str(n)], 32, 96),
        ours('a parcel in the store, 16 at once', ['count_store'],
             lambda d, n: own + [d, 'store', str(n)], 32, 96),
        ours('a full handshake in the front', FRONT,
             lambda d, n: front + [d, str(n), 'handshake'], 10, 40)]
    if bench.nginx_program is not None:
        rows[0].peer([nginx_counted(bench, 'discard', '/discard')]).ratio()
        rows[3].peer([nginx_counted(bench, 'get', '/health', '-f')]).ratio()
    rows[0].note('its peer is nginx discarding the same body; callgrind '
                 'counts user space, and knows neither the SHA nor the '
                 'AVX-512 instructions: OpenSSL takes other paths under it')
    rows[3].note('its peer is nginx with a handshake and a tiny GET')
    return rows


count.rows = ['count']

GROUPS = [store, device, desk, mailbox, log, audit, count]
