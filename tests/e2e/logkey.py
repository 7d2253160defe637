#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""logkey.py SERVER KEYFILE - where the log key is in a running ecrdropd.

Its seed lies in locked pages of the store that no core image has, and in no
other page of any process: not as bytes, nor as it stands in its file.  Needs
the right to read other processes' memory.
"""
import base64
import os
import re
import sys

import traces


def areas(pid):
    """(start, end, flags, locked kB) of each mapping."""
    start = end = None
    locked = 0
    with open("/proc/%d/smaps" % pid, encoding="ascii",
              errors="replace") as f:
        for line in f:
            m = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if m:
                start, end = (int(x, 16) for x in m.groups())
            elif re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                start = None
            elif line.startswith("Locked:"):
                locked = int(line.split()[1])
            elif line.startswith("VmFlags:") and start is not None:
                yield start, end, line.split()[1:], locked


def holders(server, words):
    """Each place where one of the words stands."""
    for pid in traces.processes(server):
        with open("/proc/%d/mem" % pid, "rb", buffering=0) as mem:
            for start, end, flags, locked in areas(pid):
                for b in traces.pieces(mem, start, end):
                    for what, word in words.items():
                        if word in b:
                            yield traces.name_of(pid), what, flags, locked


def main():
    server, path = int(sys.argv[1]), sys.argv[2]
    with open(path, encoding="utf-8") as f:
        text = f.read().split("\n")[2]
    words = {"seed": base64.b64decode(text), "text": text.encode()}
    found = list(holders(server, words))
    if not found:
        sys.exit("the key is nowhere: this finds nothing")
    for name, what, flags, locked in found:
        if name != "ecrdrop-store" or what != "seed":
            sys.exit("the key's %s is in %s" % (what, name))
        if "lo" not in flags or "dd" not in flags or locked == 0:
            sys.exit("it lies in a page with %s" % " ".join(flags))
    print("%d pages, all locked, in the store alone" % len(found))


if os.geteuid() != 0:
    sys.exit(77)
main()
