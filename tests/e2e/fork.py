#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""fork - does a file of evidence show a fork?  A second reading of
docs/formats/evidence.md that shares no code with ours; exits 1 if not."""
import base64
import hashlib
import json
import sys


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def head(note):
    """The size and root that a checkpoint states."""
    line = note.split("\n")
    return int(line[1]), base64.b64decode(line[2])


def consistent(proof, m, old, n, new):
    """RFC 9162, 2.1.4.2."""
    proof = ([old] if m & (m - 1) == 0 else []) + proof
    fn, sn = m - 1, n - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == old and sr == new and sn == 0


e = json.load(open(sys.argv[1]))
m, was = head(e["earlier"])
n, now = head(e["checkpoint"])
begins = base64.b64decode(e["begins"])
proof = [base64.b64decode(h) for h in e["consistency"]]
sys.exit(0 if e["what"] == "fork" and 0 < m < n and begins != was and
         consistent(proof, m, begins, n, now) else 1)
