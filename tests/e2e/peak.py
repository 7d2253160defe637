# SPDX-License-Identifier: ISC
"""peak.py OUT - the most memory that each of our programs holds.

Samples RssAnon + RssShmem of every process of this session whose name begins
with "ecr", until standard input ends; writes "NAME KILOBYTES" lines to OUT.
"""
import os
import select
import sys

peaks = {}
session = os.getsid(0)


def sample(pid):
    with open(f'/proc/{pid}/status') as f:
        fields = dict(line.split(':', 1) for line in f)
    name = fields['Name'].strip()
    if not name.startswith('ecr') or 'RssAnon' not in fields:
        return
    if os.getsid(int(pid)) != session:
        return
    kb = sum(int(fields[k].split()[0]) for k in ('RssAnon', 'RssShmem'))
    peaks[name] = max(peaks.get(name, 0), kb)


while not select.select([sys.stdin], [], [], 0.03)[0]:
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            sample(pid)
        except (OSError, ProcessLookupError):
            pass
with open(sys.argv[1], 'w') as f:
    for name, kb in sorted(peaks.items()):
        print(name, kb, file=f)
