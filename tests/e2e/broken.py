#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""broken - does a file of evidence show that a receipt was not honoured?  A
second reading of docs/formats/evidence.md that shares no code with ours;
signatures apart.  Exits 1 if not."""
import base64
import hashlib
import json
import sys


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


e = json.load(open(sys.argv[1]))
origin, size, root = e["checkpoint"].split("\n")[:3]
promised, digest, close = e["receipt"].split("\n")[:3]
digest, close = bytes.fromhex(digest), int(close)
assert e["what"] == "receipt" and promised == origin + "/receipt"

before = base64.b64decode(e["before"])
count = int.from_bytes(before[:8], "big")
stack = [before[i:i + 32] for i in range(8, len(before), 32)]
assert len(stack) == bin(count).count("1")
later = False
last = 0
for i, text in enumerate(e["entries"]):
    entry = base64.b64decode(text)
    assert len(entry) == 41
    at = int.from_bytes(entry[1:9], "big")
    assert at >= last
    # Only the first is of an earlier close: so none is left out before it.
    assert at < close if i == 0 and count > 0 else i == 0 or at >= close
    assert entry[0] != 1 or entry[9:] != digest
    last = at
    later = later or at > close
    h = hashlib.sha256(b"\0" + entry).digest()
    n = count
    while n & 1:
        h = node(stack.pop(), h)
        n >>= 1
    stack.append(h)
    count += 1
top = stack.pop()
while stack:
    top = node(stack.pop(), top)
assert count == int(size) and top == base64.b64decode(root)
assert later
