# SPDX-License-Identifier: ISC
"""
rows - what is measured, and how two sides of a comparison become one row.

A comparison is a number of rounds; in each round every side runs once, in
an order that turns from round to round, and the row's figure is the median
of the rounds.  A side's result that holds an error, an answer other than
2xx, an answer that never came or a receipt that does not verify makes the
row invalid: it is said in the row, and the exit code is not 0.
"""
import json
import statistics
import subprocess

from servers import Trouble, die_with_us, memory


def load(bench, server, what, path, *options, **more):
    """One run of bench_load; its JSON, with 'wrong' where it is invalid."""
    argv = [bench.load_program, '-p', ','.join(map(str, server.pids))]
    argv += [str(o) for o in options]
    if what == 'post':
        argv += server.work()
    argv += [what, path, str(more.get('port', server.port))]
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, timeout=90,
                           capture_output=True, text=True,
                           preexec_fn=die_with_us)
    except subprocess.TimeoutExpired as e:
        raise Trouble('bench_load hung: ' + ' '.join(argv)) from e
    try:
        r = json.loads(p.stdout)
    except ValueError:
        raise Trouble('bench_load: exit %d: %s' % (
            p.returncode, p.stderr.strip()))
    if what == 'post':
        server.posted += sum(r['status'].values())
    r['own_mib'] = memory(server.pids)['own'] / 1048576
    if p.returncode != 0:
        r['wrong'] = '%s: %d errors, %d unanswered, %d bad receipts, ' \
            'statuses %s' % (what, r['errors'], r['unanswered'],
                             r['bad_receipts'], r['status'])
    return r


def rounds(bench, sides, count=None):
    """sides: name -> function; returns name -> list of results."""
    out = {name: [] for name in sides}
    names = list(sides)
    for n in range(count or bench.rounds):
        turn = n % len(names)
        for name in names[turn:] + names[:turn]:
            bench.check_time()
            r = sides[name]()
            out[name].append(r)
            if isinstance(r, dict) and 'rate' in r:
                bench.say('  %d %-12s %7.0f /s  server %6.1f us  client '
                          '%5.1f us  p50 %8.1f  p99 %8.1f us%s' % (
                              n + 1, name, r['rate'], r['server_cpu_us'],
                              r['client_cpu_us'], r['p50_us'], r['p99_us'],
                              '  INVALID ' + r['wrong'] if 'wrong' in r
                              else ''))
    return out


def values(results, key):
    return [r[key] for r in results]


def median(results, key=None):
    return statistics.median(values(results, key) if key else results)


def wrongs(*lists):
    seen = []
    for results in lists:
        for r in results:
            if isinstance(r, dict) and 'wrong' in r:
                seen.append(r['wrong'])
    return seen


def met(ratio, goal):
    """goal: ('>=', 2.5) or ('<=', 1.3), or None: for information."""
    if goal is None or ratio is None:
        return None
    return ratio >= goal[1] if goal[0] == '>=' else ratio <= goal[1]


class Row:
    """One line of the table."""

    def __init__(self, row_id, name, unit='', goal=None):
        self.d = {'id': row_id, 'name': name, 'unit': unit, 'ours': None,
                  'peer': None, 'ratio': None, 'ours_spread': None,
                  'peer_spread': None, 'met': None, 'notes': [],
                  'wrong': [], 'goal': '' if goal is None else
                  '%s %g' % goal}
        self.goal = goal

    def ours(self, figures, pick=statistics.median):
        self.d['ours'] = pick(figures)
        self.d['ours_spread'] = [min(figures), max(figures)]
        return self

    def peer(self, figures, pick=statistics.median):
        self.d['peer'] = pick(figures)
        self.d['peer_spread'] = [min(figures), max(figures)]
        return self

    def ratio(self, value=None):
        if value is None:
            value = self.d['ours'] / self.d['peer'] \
                if self.d['peer'] else None
        self.d['ratio'] = value
        self.d['met'] = met(value, self.goal)
        return self

    def absolute(self):
        """The goal is about our figure, not about a ratio."""
        self.d['met'] = met(self.d['ours'], self.goal)
        return self

    def note(self, text):
        self.d['notes'].append(text)
        return self

    def wrong(self, *lists):
        self.d['wrong'] += wrongs(*lists)
        if self.d['wrong']:
            self.d['met'] = False
        return self

    def fail(self, why):
        self.d['wrong'].append(why)
        self.d['met'] = False
        return self
