# SPDX-License-Identifier: ISC
"""
alone - the groups of rows without a network: store, device, desk.
"""
import json
import os
import re
import subprocess

from rows import Row, rounds, values
from servers import die_with_us, run


def store(bench):
    """commits of 64 parcels beside the disk's own limit"""
    place = bench.place()
    os.mkdir(place)
    text = run([bench.build + '/bench/bench_store', place,
                str(max(5, bench.rounds))], timeout=180)
    subprocess.run(['rm', '-rf', place], check=False, timeout=60)
    found = {m.group(1): m for m in re.finditer(
        r'^(\w+) +([\d.]+) parcels/s +([\d.]+) of disk(?: +([\d.]+)-([\d.]+))?',
        text, re.M)}
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

GROUPS = [store, device, desk]
