#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""outbox.py - an outbox and its replies, read by somebody else's eyes.

usage: outbox.py check OFFICE.vkey OUTBOX
       outbox.py split OUTBOX DIR
       outbox.py join OFFICE.vkey MAILBOX PLAIN...
       outbox.py cut OUTBOX N OUT

check reads every record by docs/formats alone, holds each signature with
openssl and each digest, and prints the records as JSON.  split writes
DIR/<sequence>.statement, .keyset and .reply-<i>.  join puts the plaintexts of
replies together, holds the note's signature and addressee, and prints its
line of JSON.  cut writes the first N records.
"""
import base64
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

REPLY = 8176
PLAIN = 6517
HEAD = struct.Struct(">BBHH16s32sQI")
SPKI = bytes.fromhex("302a300506032b6570032100")


def need(ok, words):
    if not ok:
        sys.exit("outbox.py: " + words)


def vkey(path):
    name, keyid, b64 = open(path).read().split("\n")[0].split("+", 2)
    raw = base64.b64decode(b64, validate=True)
    need(raw[0] == 1 and len(raw) == 33, "not an Ed25519 key")
    want = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(bytes.fromhex(keyid) == want, "the key id is not the key's")
    return name, want, raw[1:]


def holds(pk, text, sig):
    with tempfile.TemporaryDirectory() as d:
        for name, what in (("k", SPKI + pk), ("t", text), ("s", sig)):
            with open(os.path.join(d, name), "wb") as f:
                f.write(what)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", d + "/k",
             "-keyform", "DER", "-rawin", "-in", d + "/t", "-sigfile",
             d + "/s"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL).returncode == 0


def note(key, raw):
    """The text's lines of a note with exactly one signature, key's."""
    name, keyid, pk = key
    at = raw.rindex(b"\n\n") + 1
    text, line = raw[:at], raw[at + 1:]
    need(line.startswith("\u2014 ".encode()) and line.count(b"\n") == 1,
         "not exactly one signature line")
    who, b64 = line.decode()[2:-1].split(" ")
    sig = base64.b64decode(b64, validate=True)
    need(who == name and sig[:4] == keyid, "another key's signature")
    need(holds(pk, text, sig[4:]), "the signature does not hold")
    return text.decode()[:-1].split("\n")


def records(path):
    data = open(path, "rb").read()
    at = 0

    def take(n):
        nonlocal at
        need(at + n <= len(data), "cut short")
        at += n
        return data[at - n:at]

    while at < len(data):
        start = at
        statement = take(struct.unpack(">I", take(4))[0])
        keyset = take(struct.unpack(">I", take(4))[0])
        replies = [take(REPLY) for _ in range(
            int(statement.split(b"\n")[9]))]
        yield statement, keyset, replies, data[start:at]


def hexed(b):
    return hashlib.sha256(b).hexdigest()


def check(office, path):
    key = vkey(office)
    name, role = key[0].split("/")
    out = []
    known = None
    for statement, keyset, replies, whole in records(path):
        t = note(key, statement)
        need(t[0] == "%s/statement/%s" % (name, role), "first line")
        need(len(t) == 10 + len(replies), "lines")
        for line in (t[1], t[3], t[5], t[6], t[9]):
            need(line == str(int(line)), "a number's form")
        need(len(base64.b64decode(t[4], validate=True)) == 32, "root")
        need(len(bytes.fromhex(t[7])) == 32, "commitment")
        need([hexed(r) for r in replies] == t[10:], "replies' digests")
        need(len(set(t[10:])) == len(replies), "a reply twice")
        for r in replies:
            need(r.startswith(
                b"age-encryption.org/v1\n-> mlkem768x25519 "), "a reply")
            need(r.split(b"\n--- ")[0].count(b"\n-> ") == 1, "one stanza")
        if keyset:
            k = note(key, keyset)
            need(k[0] == "%s/keyset/%s" % (name, role), "keyset")
            known = hexed(keyset)
        need(known is None or known == t[8], "the keyset that it names")
        need(int(t[5]) <= int(t[3]), "erases more than was imported")
        out.append({
            "sequence": int(t[1]), "origin": t[2], "size": int(t[3]),
            "root": t[4], "erase": int(t[5]), "drop": int(t[6]),
            "commitment": t[7], "keyset": t[8], "replies": len(replies),
            "keyset_bytes": len(keyset), "bytes": len(whole),
            "sha256": hexed(statement)})
    json.dump(out, sys.stdout, indent=1)
    print()


def split(path, folder):
    for statement, keyset, replies, _ in records(path):
        seq = int(statement.split(b"\n")[1])
        for name, what in [("statement", statement), ("keyset", keyset)] + [
                ("reply-%d" % i, r) for i, r in enumerate(replies)]:
            with open("%s/%d.%s" % (folder, seq, name), "wb") as f:
                f.write(what)


def join(office, mailbox, *plains):
    key = vkey(office)
    parts = {}
    for path in plains:
        p = open(path, "rb").read()
        need(len(p) == PLAIN, "a part's size")
        v, kind, index, count, mid, sha, size, n = HEAD.unpack(
            p[:HEAD.size])
        need((v, kind) == (1, 1), "version and kind")
        need(not any(p[HEAD.size + n:]), "padding")
        parts[index] = (count, mid, sha, size, p[HEAD.size:HEAD.size + n])
    first = parts[0]
    need(sorted(parts) == list(range(first[0])), "parts")
    need(all(p[:4] == first[:4] for p in parts.values()), "heads differ")
    whole = b"".join(parts[i][4] for i in range(first[0]))
    need(len(whole) == first[3], "length")
    need(hashlib.sha256(whole).digest() == first[2], "hash")
    t = note(key, whole)
    need(t[0] == key[0].split("/")[0] + "/reply", "first line")
    need(t[1] == hexed(open(mailbox, "rb").read().strip()), "addressee")
    need(len(t) == 3, "three lines")
    print(json.dumps(json.loads(t[2])))


def cut(path, n, out):
    with open(out, "wb") as f:
        for i, r in enumerate(records(path)):
            if i < int(n):
                f.write(r[3])


{"check": check, "split": split, "join": join, "cut": cut}[sys.argv[1]](
    *sys.argv[2:])
