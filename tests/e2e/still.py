#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""still.py - what the file system shows of two data directories.

usage: still.py things A B        names, sizes, blocks, links, modes are alike
       still.py times A B SECONDS  and the files' times, to so many seconds
       still.py grown DIR ENTRIES  drop/ is as large as its entries explain

The public log's own file is compared by "grown": how many entries there are
is public, and drawn by lot.
"""
import os
import sys

PARCEL_PAGES = 17
OTHER_PAGES = 400          # trees, free pages; of an epoch of some dozens


def files(top):
    out = {}
    for path, folders, names in os.walk(top):
        for name in folders + names:
            whole = os.path.join(path, name)
            try:
                out[os.path.relpath(whole, top)] = os.lstat(whole)
            except FileNotFoundError:
                pass
    return out


def things(a, b):
    if set(a) != set(b):
        yield 'names: %s' % sorted(set(a) ^ set(b))
    for name in sorted(set(a) & set(b)):
        if name == 'drop/data.mdb':
            continue
        for what in 'st_size', 'st_blocks', 'st_nlink', 'st_mode':
            x, y = getattr(a[name], what), getattr(b[name], what)
            if x != y:
                yield '%s: %s %d and %d' % (name, what, x, y)


def times(a, b, most):
    for name in sorted(set(a) & set(b)):
        if not name.startswith('pending') and name != 'drop/data.mdb':
            continue
        for what in 'st_mtime', 'st_ctime':
            x, y = getattr(a[name], what), getattr(b[name], what)
            if abs(x - y) > most:
                yield '%s: %s %.3f s apart' % (name, what, abs(x - y))


def grown(top, entries):
    pages = os.stat(os.path.join(top, 'drop/data.mdb')).st_size // 4096
    if not 16 * entries <= pages <= PARCEL_PAGES * entries + OTHER_PAGES:
        yield 'drop/ has %d pages for %d entries' % (pages, entries)


def main(what, first, second, *more):
    if what == 'grown':
        found = list(grown(first, int(second)))
    elif what == 'times':
        found = list(times(files(first), files(second), float(more[0])))
    else:
        found = list(things(files(first), files(second)))
    print('\n'.join(found))
    return 1 if found else 0


sys.exit(main(*sys.argv[1:]))
