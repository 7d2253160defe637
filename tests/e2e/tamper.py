#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""tamper.py - every act of tampering, named by the auditor and refused.

usage: tamper.py play DIR OLD MIRROR

OLD and MIRROR are mirrors of one real log, fetched one after the other; play
says in NAME=VALUE lines where the playground's things are.  Each row of the
tables below is one act upon one object.  It is done to a copy of MIRROR, which
is shown to the auditor and the desk as a folder, and to the auditor and the
courier by a server of ours that serves it.  What must come of it:

  ecraudit verify   exit 1, the words, and the evidence that docs/formats/
                    evidence.md promises, on both ways
  ecrdesk import    exit 1, the words, and not a byte of the desk has changed
  ecrcourier fetch  the exit code and words of the row; no checkpoint stays
                    that covers what was tampered with

In the end the honest mirror goes into each of the desks, as if nothing had
been tried.  Needs a second implementation of the log: it is this one.
"""
import base64
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

WIDTH, ENTRY = 256, 41
WORKERS = 2


# --- a log of our own -------------------------------------------------------

def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def tile_name(level, index, width=WIDTH):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    part = "" if width == WIDTH else ".p/%d" % width
    return "log/tile/%s/%s%s" % (level, "/".join(groups), part)


def tiles_of(entries):
    """{name: bytes} of all bundles and hash tiles."""
    out = {}
    for i in range(0, len(entries), WIDTH):
        some = entries[i:i + WIDTH]
        out[tile_name("entries", i // WIDTH, len(some))] = b"".join(
            len(e).to_bytes(2, "big") + e for e in some)
    level, hashes = 0, [leaf(e) for e in entries]
    while hashes:
        for i in range(0, len(hashes), WIDTH):
            some = hashes[i:i + WIDTH]
            out[tile_name(level, i // WIDTH, len(some))] = b"".join(some)
        hashes = [root_of(hashes[i:i + WIDTH])
                  for i in range(0, len(hashes) - WIDTH + 1, WIDTH)]
        level += 1
    return out


class Key:
    """A key that signs notes; openssl does the curve."""

    DER = bytes.fromhex("302e020100300506032b657004220420")

    def __init__(self, name, seed, tmp):
        self.name, self.tmp = name, tmp
        self.pem = os.path.join(tmp, "key-%s.pem" % os.urandom(4).hex())
        with open(self.pem, "w", encoding="ascii") as f:
            f.write("-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(
                self.DER + seed).decode() + "\n-----END PRIVATE KEY-----\n")
        public = subprocess.run(
            ["openssl", "pkey", "-in", self.pem, "-pubout", "-outform",
             "DER"], check=True, capture_output=True).stdout[-32:]
        self.id = hashlib.sha256(
            name.encode() + b"\n\x01" + public).digest()[:4]
        self.vkey = "%s+%s+%s" % (name, self.id.hex(), base64.b64encode(
            b"\x01" + public).decode())

    def line(self, text):
        path = os.path.join(self.tmp, "to-sign")
        write(path, text.encode())
        signed = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-inkey", self.pem, "-rawin",
             "-in", path], check=True, capture_output=True).stdout
        return "\u2014 %s %s\n" % (self.name, base64.b64encode(
            self.id + signed).decode())

    def note(self, text):
        return (text + "\n" + self.line(text)).encode()

    def checkpoint(self, entries, origin=None):
        return self.note("%s\n%d\n%s\n" % (
            origin or self.name, len(entries),
            base64.b64encode(root_of([leaf(e) for e in entries])).decode()))


# --- mirrors ------------------------------------------------------------------

def write(path, data):
    """A new file: the old one may have other names."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as f:
        f.write(data)


def read(path):
    with open(path, "rb") as f:
        return f.read()


class Mirror:
    def __init__(self, path):
        self.path = path

    def at(self, name):
        return os.path.join(self.path, name)

    def get(self, name):
        return read(self.at(name))

    def put(self, name, data):
        write(self.at(name), data)

    def has(self, name):
        return os.path.lexists(self.at(name))

    def drop(self, name):
        os.unlink(self.at(name))

    def copy(self, path):
        """Its files under new names."""
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.path, path, copy_function=os.link)
        return Mirror(path)

    def size(self):
        return int(self.get("log/checkpoint").split(b"\n")[1])

    def entries(self):
        out, size = [], self.size()
        for n in range((size + WIDTH - 1) // WIDTH):
            b = self.get(tile_name("entries", n, min(WIDTH, size - n * WIDTH)))
            while b:
                out.append(b[2:2 + ENTRY])
                b = b[2 + ENTRY:]
        return out

    def sign(self, entries, key):
        """All of the log anew, as whoever has the key could."""
        shutil.rmtree(self.at("log"))
        for name, data in tiles_of(entries).items():
            self.put(name, data)
        self.put("log/checkpoint", key.checkpoint(entries))


# --- a server that shows what it likes --------------------------------------------

class Shop:
    """Serves a folder, or what a function of path and visit makes of it."""

    def __init__(self):
        shop = self
        self.view = lambda path: None

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.lstrip("/")
                top = shop.view(path)
                try:
                    data, status = read(os.path.join(top, path)), 200
                except (OSError, TypeError):
                    data, status = b"Not Found\n", 404
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def show(self, mirror):
        self.view = lambda path: mirror.path


# --- the programs -------------------------------------------------------------------

class Ran:
    def __init__(self, *argv):
        p = subprocess.run(argv, stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=60, check=False)
        self.argv, self.code = argv, p.returncode
        self.out = p.stdout.decode()
        self.err = p.stderr.decode()

    def must(self, code, *words):
        if self.code != code:
            raise Wrong("exit %d, not %d: %s\n%s" % (
                self.code, code, " ".join(self.argv), self.err))
        for w in words:
            if w not in self.err:
                raise Wrong("%s does not say %r:\n%s" % (
                    self.argv[0], w, self.err))


class Wrong(Exception):
    pass


def bytes_of(folder):
    """Every file of it, hashed."""
    out = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if name == "lock.mdb":
                continue            # of who reads
            whole = os.path.join(path, name)
            out[whole] = hashlib.sha256(read(whole)).digest()
    return out


class Past:
    """What a desk and an auditor know who have seen a mirror, or none."""

    def __init__(self, given, folder, mirror, desk):
        self.mirror, self.folder = mirror, folder
        self.desk = os.path.join(folder, "desk")
        self.state = os.path.join(folder, "state")
        os.makedirs(folder)
        shutil.copytree(desk, self.desk)
        if mirror is None:
            return
        Ran("ecrdesk", "-d", self.desk, "--passphrase-file",
            given["passphrase"], "import", mirror.path).must(0)
        Ran("ecraudit", "verify", "-l", given["log"], "--state", self.state,
            mirror.path).must(0)

    def copy(self, folder):
        other = object.__new__(Past)
        shutil.copytree(self.folder, folder)
        other.mirror, other.folder = self.mirror, folder
        other.desk = os.path.join(folder, "desk")
        other.state = os.path.join(folder, "state")
        return other


class Play:
    """Where everything is, and the programs run upon it: one at a time."""

    def __init__(self, path, tmp, old, mirror, like=None):
        with open(path, encoding="utf-8") as f:
            self.given = dict(line.rstrip("\n").split("=", 1) for line in f)
        self.tmp, self.old, self.mirror = tmp, Mirror(old), Mirror(mirror)
        os.mkdir(tmp)
        self.log = self.given["log"]
        origin, seed = read(self.given["logkey"]).decode().split("\n")[1:3]
        self.key = Key(origin, base64.b64decode(seed), tmp)
        if self.key.vkey != read(self.log).decode().strip():
            raise Wrong("the log's key is not the one of its vkey")
        self.other = Key(origin, os.urandom(32), tmp)
        self.shop = Shop()
        self.evidence = os.path.join(tmp, "evidence")
        self.pasts = {}
        for seen, m, desk in (None, None, self.given["virgin"]), \
                ("old", self.old, self.given["desk"]), \
                ("new", self.mirror, self.given["desk"]):
            folder = os.path.join(tmp, "past.%s" % seen)
            self.pasts[seen] = like.pasts[seen].copy(folder) if like else \
                Past(self.given, folder, m, desk)

    def past(self, seen):
        return self.pasts[seen].mirror

    def audit(self, where, seen, *more):
        argv = ["ecraudit", "verify", "-l", self.log, "--evidence",
                self.evidence, "--tries", "1", *more]
        if seen:
            now = os.path.join(self.tmp, "state")
            shutil.copyfile(self.pasts[seen].state, now)
            argv += ["--state", now]
        if os.path.exists(self.evidence):
            os.unlink(self.evidence)
        return Ran(*argv, where)

    def desk(self, seen, mirror, *more):
        return Ran("ecrdesk", "-d", self.pasts[seen].desk, "--passphrase-file",
                   self.given["passphrase"], "import", mirror.path, *more)

    def courier(self, seen):
        """Into nothing, or onto what was fetched before."""
        to = os.path.join(self.tmp, "fetched")
        shutil.rmtree(to, ignore_errors=True)
        if seen:
            self.past(seen).copy(to)
        return Ran("ecrcourier", "fetch", "-q", "-s", self.shop.url, "-t",
                   self.given["token"], "-l", self.log, "--tries", "1",
                   to), Mirror(to)


# --- the acts ----------------------------------------------------------------------------

class Names:
    """Objects of every kind in this log."""

    def __init__(self, play):
        self.entries = play.mirror.entries()
        n, full = len(self.entries), len(self.entries) // WIDTH
        self.had = play.old.size()
        self.bundle = tile_name("entries", 0)
        self.bundle_part = tile_name("entries", full, n % WIDTH)
        self.tile = tile_name(0, 0)
        self.tile_part = tile_name(0, full, n % WIDTH)
        self.tile_up = tile_name(1, 0, full)
        # Parcels of the newest epoch, which nobody has seen yet.
        new = [i for i in range(self.had, n) if self.entries[i][0] == 1]
        self.at, self.at2 = new[0], new[1]
        said = [e for e in self.entries if e[0] == 3]
        self.said = "statements/" + said[0][9:].hex()
        self.parcel = "parcels/" + self.entries[new[0]][9:].hex()
        self.parcel2 = "parcels/" + self.entries[new[1]][9:].hex()


def flip(name, at):
    def act(m, _):
        b = bytearray(m.get(name))
        b[at] ^= 1
        m.put(name, bytes(b))
    return act


def delete(name):
    return lambda m, _: m.drop(name)


def cut(name, n):
    return lambda m, _: m.put(name, m.get(name)[:-n])


def longer(name, n):
    return lambda m, _: m.put(name, m.get(name) + m.get(name)[:n])


def instead(name, other):
    return lambda m, _: m.put(name, m.get(other))


def swap(name, i, j, each):
    def act(m, _):
        b = m.get(name)
        parts = [b[k:k + each] for k in range(0, len(b), each)]
        parts[i], parts[j] = parts[j], parts[i]
        m.put(name, b"".join(parts))
    return act


def twice(name, i, each):
    """One stands where the next one stood, too."""
    def act(m, _):
        b = m.get(name)
        m.put(name, b[:(i + 1) * each] + b[i * each:(i + 1) * each] +
              b[(i + 2) * each:])
    return act


def text(name, change):
    return lambda m, _: m.put(name, change(m.get(name).decode()).encode())


def signed(change):
    """Whoever holds the log's key signs a log with other entries."""
    def act(m, p):
        entries = m.entries()
        change(entries)
        m.sign(entries, p.key)
    return act


def line(n, new):
    def change(note):
        lines = note.split("\n")
        lines[n] = new(lines[n]) if callable(new) else new
        return "\n".join(lines)
    return change


class Row:
    """
    act, object, how; the words of each program; served: what the evidence
    must name; seen: what auditor, desk and courier saw before.
    """

    def __init__(self, act, thing, do, audit, desk, courier, what="served",
                 name=None, seen=None, more=(), desk_code=1):
        self.act, self.thing, self.do = act, thing, do
        self.audit, self.desk, self.courier = audit, desk, courier
        self.what, self.name, self.seen = what, name, seen
        self.more, self.desk_code = more, desk_code


def of_files(n):
    """What is done to one file of the log, whoever does it."""
    rows = []
    for thing, name, each in (
            ("full bundle", n.bundle, 43), ("partial bundle", n.bundle_part,
                                            43),
            ("full tile", n.tile, 32), ("partial tile", n.tile_part, 32),
            ("tile of level 1", n.tile_up, 32)):
        bundle = each == 43
        at = 2 + 9 + 3 if bundle else 3
        rows += [
            Row("delete", thing, delete(name), name + " is not there",
                "missing: " + name, (65, name), name=name),
            Row("change", thing, flip(name, at), name + " holds ",
                "altered: " + name, (1, name), name=name),
            Row("truncate", thing, cut(name, 1),
                name + " does not have the length", "altered: " + name,
                (65, name), name=name),
            Row("truncate by one", thing, cut(name, each),
                name + " does not have the length" if not bundle or
                each < 43 * 2 else name, "altered: " + name, (65, name),
                name=name),
            Row("lengthen", thing, longer(name, each),
                name, "altered: " + name, (65, name), name=name),
        ]
        if name != n.tile_up:
            rows += [
                Row("reorder", thing, swap(name, 3, 4, each),
                    name + " holds ", "altered: " + name, (1, name),
                    name=name),
                Row("duplicate", thing, twice(name, 5, each),
                    name + " holds ", "altered: " + name, (1, name),
                    name=name),
            ]
    rows += [
        Row("splice", "full bundle", strangers(n.bundle), n.bundle + " holds ",
            "altered: " + n.bundle, (1, n.bundle), name=n.bundle),
        Row("splice", "full tile", strangers(n.tile), n.tile + " holds hashes",
            "altered: " + n.tile, (1, n.tile), name=n.tile),
        Row("splice", "tile of level 1 with its tile", strangers(
            n.tile, n.tile_up),
            n.tile + " holds hashes", "altered: " + n.tile, (1, "log/tile"),
            name=n.tile),
        Row("splice", "bundle and tile together", strangers(
            n.tile, n.bundle),
            n.tile_up + " holds hashes", "altered: ", (1, "log/tile"),
            name=n.tile_up),
        Row("splice", "all files of another log", strangers(),
            "log/checkpoint signs a root that the entries do not give",
            "altered: log/tile", (1, "log/tile"),
            name="log/checkpoint"),
    ]
    return rows


def strangers(*names):
    """These files of a log with one entry replaced, in its place."""
    def act(m, _):
        entries = m.entries()
        entries[7] = entries[7][:-1] + bytes([entries[7][-1] ^ 1])
        files = tiles_of(entries)
        for name in names or files:
            m.put(name, files[name])
    return act


def of_bodies(n):
    body = ("--parcels",)
    return [
        Row("delete", "parcel", delete(n.parcel), n.parcel +
            " is not there, though the log has its entry",
            "missing: " + n.parcel, None, name=n.parcel, more=body),
        Row("change", "parcel", flip(n.parcel, 40000), n.parcel +
            " is not what the log's entry says", "altered: " + n.parcel,
            (65, n.parcel), name=n.parcel, more=body),
        Row("change", "parcel's first byte", flip(n.parcel, 0), n.parcel +
            " is not what", "altered: " + n.parcel, (65, n.parcel),
            name=n.parcel, more=body),
        Row("truncate", "parcel", cut(n.parcel, 1), n.parcel +
            " is not what", "altered: " + n.parcel, (65, n.parcel),
            name=n.parcel, more=body),
        Row("truncate", "parcel to nothing", cut(n.parcel, 65520),
            n.parcel + " is not what", "altered: " + n.parcel,
            (65, n.parcel), name=n.parcel, more=body),
        Row("lengthen", "parcel", longer(n.parcel, 1), n.parcel,
            "altered: " + n.parcel, (65, n.parcel), name=n.parcel,
            more=body),
        Row("replay", "parcel", instead(n.parcel, n.parcel2), n.parcel +
            " is not what", "altered: " + n.parcel, (65, n.parcel),
            name=n.parcel, more=body),
    ]


def of_the_office(n, p):
    """What the office has said: its statement, and what reporters see."""
    office = ("-k", p.given["office"])

    def signed_by(m):
        """A note's first signature line, by a key of the same name."""
        first = m.get("keyset").decode().split("\n\n")[1].split("\n")[0]
        return Key(first.split(" ")[1], os.urandom(32), p.tmp)

    def other_keyset(m, p):
        note = m.get("keyset").decode().split("\n\n")[0] + "\n"
        m.put("keyset", signed_by(m).note(note))

    def other_statement(m, p):
        """The log's key signs an entry for a statement nobody made."""
        text = m.get(n.said).decode().split("\n\n")[0].split("\n")
        text[1] = "2"
        note = signed_by(m).note("\n".join(text) + "\n")
        digest = hashlib.sha256(note).digest()
        entries = m.entries()
        close = int.from_bytes(entries[-1][1:9], "big") + 1
        entries.append(b"\x03" + close.to_bytes(8, "big") + digest)
        m.sign(entries, p.key)
        m.put("statements/" + digest.hex(), note)

    def one_less(m, _):
        m.put("replies", m.get("replies")[:-8176])

    return [
        Row("delete", "statement", delete(n.said), n.said +
            " is not there, though the log has its entry",
            "missing: " + n.said, (65, n.said), name=n.said, more=office),
        Row("change", "statement", flip(n.said, 40), n.said +
            " is not what the log's entry says", "altered: " + n.said,
            (65, n.said), name=n.said, more=office),
        Row("truncate", "statement", cut(n.said, 1), n.said +
            " is not what", "altered: " + n.said, (65, n.said),
            name=n.said, more=office),
        Row("replay", "another note as statement", instead(
            n.said, "keyset"), n.said + " is not what",
            "altered: " + n.said, (65, n.said), name=n.said, more=office),
        Row("swap keys", "a statement in the office's name", other_statement,
            "is not signed by a role of the office", None, None,
            more=office),
        Row("swap keys", "keyset of another key, same name", other_keyset,
            "keyset", "altered: keyset", None, more=office, what=None),
        Row("change", "keyset", flip("keyset", 60), "keyset",
            "altered: keyset", None, more=office, what=None),
        Row("change", "a reply", flip("replies", -1), "replies",
            "altered: replies", (65, "replies"), more=office, what=None),
        Row("truncate", "the replies", one_less, "replies",
            "altered: replies", (65, "replies"), more=office, what=None),
        Row("roll back", "the replies", lambda m, _: m.put(
            "replies", b""), "replies", "altered: replies",
            None, more=office, what=None),
    ]


def of_checkpoints(n, p):
    not_signed = "log/checkpoint is not signed by the log"
    no_log = "not signed by the log that this desk trusts"
    c = "log/checkpoint"
    heads = dict(name=c)
    older = p.old.get(c)
    rows = [
        Row("change", "size in the checkpoint", text(c, line(
            1, lambda s: str(int(s) - 1))), not_signed, no_log,
            (1, "checkpoint"), **heads),
        Row("change", "root in the checkpoint", text(c, line(
            2, lambda s: base64.b64encode(bytes(32)).decode())), not_signed,
            no_log, (1, "checkpoint"), **heads),
        Row("swap keys", "checkpoint of another key, same name",
            lambda m, p: m.put(c, p.other.checkpoint(n.entries)),
            not_signed, no_log, (1, "checkpoint"), **heads),
        Row("swap keys", "the other key's line beside a good one of old",
            lambda m, p: m.put(c, p.other.checkpoint(n.entries) +
                               older.split(b"\n\n")[1]),
            not_signed, no_log, (1, "checkpoint"), **heads),
        Row("swap keys", "another origin, the log's key", lambda m, p: m.put(
            c, p.key.checkpoint(n.entries, "drop.example/other")),
            not_signed, no_log, (1, "checkpoint"), **heads),
        Row("splice", "an old signature under a new text", text(
            c, lambda s: s.split("\n\n")[0] + "\n\n" +
            older.decode().split("\n\n")[1]), not_signed, no_log,
            (1, "checkpoint"), **heads),
        Row("truncate", "checkpoint", cut(c, 10), "log/checkpoint is not",
            "log/checkpoint", (65, "checkpoint"), desk_code=65, **heads),
        Row("roll back", "everything", lambda m, p: roll_back(m, p),
            "the log is shorter than it was",
            "An old mirror?", (1, "shorter"), what="shorter", seen="new"),
        Row("replay", "the checkpoint of then", lambda m, p: m.put(c, older),
            "the log is shorter than it was", "An old mirror?",
            (1, "shorter"), what="shorter", seen="new"),
    ]
    return rows


def roll_back(m, p):
    shutil.rmtree(m.path)
    p.old.copy(m.path)


def of_holders(n, p):
    """What only who has the log's key can do."""
    def reorder(e):
        e[n.at], e[n.at2] = e[n.at2], e[n.at]

    def duplicate(e):
        e.insert(n.at, e[n.at])

    def closes_fall(e):
        e.append(e[0])

    def malformed(e):
        e[n.at] = b"\x09" + e[n.at][1:]

    def change(e):
        e[7] = e[7][:9] + hashlib.sha256(b"strange").digest()
        e[:] = sorted(e, key=lambda x: (x[1:9], x[0], x[9:]))

    def delete_one(e):
        del e[7]

    def insert(e):
        e.insert(8, e[7][:9] + e[7][9:40] + bytes([e[7][40] ^ 1]))
        e[:] = sorted(e, key=lambda x: (x[1:9], x[0], x[9:]))

    twice_or = "out of order or stands twice, and so the log has signed it"
    fork = "does not extend the one that was signed before"
    past = "another past"
    kept = "does not extend what was fetched before"

    def longer_fork(e):
        change(e)
        last = e[-1]
        for i in range(3):
            e.append(last[:1] + (int.from_bytes(last[1:9], "big") + 1)
                     .to_bytes(8, "big") + hashlib.sha256(
                         b"more %d" % i).digest())
        e[-3:] = sorted(e[-3:], key=lambda x: x[9:])

    return [
        Row("reorder", "signed entries", signed(reorder), twice_or,
            "out of order", (1, "out of order"), name=None),
        Row("duplicate", "signed entry", signed(duplicate), twice_or,
            "out of order", (1, "out of order")),
        Row("reorder", "signed epochs", signed(closes_fall), twice_or,
            "out of order", (1, "out of order")),
        Row("change", "a signed entry's kind", signed(malformed),
            "malformed, and so the log has signed it", "is malformed",
            (1, "malformed")),
        Row("fork", "an entry of the past changed", signed(change), fork,
            past, (1, kept), what="fork", seen="old"),
        Row("fork", "an entry of the past deleted", signed(delete_one), fork,
            past, (1, kept), what="fork", seen="old"),
        Row("splice", "an entry put into the past", signed(insert), fork,
            past, (1, kept), what="fork", seen="old"),
        Row("fork", "a longer log with another past", signed(longer_fork),
            fork, past, (1, kept), what="fork", seen="old"),
        Row("fork", "two trees of one size", same_size(change),
            "the log signed two different trees of one size", past,
            (1, kept), what="fork", seen="old"),
    ]


def same_size(change):
    def act(m, p):
        entries = p.old.entries()
        change(entries)
        m.sign(entries, p.key)
    return act


# --- one row --------------------------------------------------------------------------------

def check_evidence(play, row, where):
    if row.what is None:
        return
    try:
        with open(play.evidence, encoding="utf-8") as f:
            e = json.load(f)
    except OSError:
        raise Wrong("no evidence (%s)" % where) from None
    if e["what"] != row.what:
        raise Wrong("evidence of %s, not %s" % (e["what"], row.what))
    if row.name and e["name"] != row.name:
        raise Wrong("evidence of %s, not %s" % (e["name"], row.name))
    if e["log"] != play.key.vkey:
        raise Wrong("evidence against another log")
    if row.what in ("fork", "shorter") and e["earlier"].encode() != read(
            play.pasts[row.seen].state):
        raise Wrong("the evidence has not what was seen before")
    if row.what == "fork" and "consistency" in e:
        here = os.path.dirname(os.path.abspath(__file__))
        Ran(sys.executable, os.path.join(here, "fork.py"),
            play.evidence).must(0)


def run_audit(play, row, m):
    """As a folder, and as the server serves it."""
    more = row.more
    play.audit(m.path, row.seen, *more).must(1, row.audit)
    check_evidence(play, row, "mirror")
    if more == ("--parcels",):
        more = ("-t", play.given["token"])
    play.audit(play.shop.url, row.seen, *more).must(1, row.audit)
    check_evidence(play, row, "served")


def run_row(play, row):
    m = play.mirror.copy(os.path.join(play.tmp, "m"))
    row.do(m, play)
    play.shop.show(m)
    if row.audit is not None:
        run_audit(play, row, m)
    if row.desk is None:
        return
    before = bytes_of(play.pasts[row.seen].desk)
    play.desk(row.seen, m).must(row.desk_code, row.desk)
    if bytes_of(play.pasts[row.seen].desk) != before:
        raise Wrong("the desk has changed")
    if row.courier is not None:
        code, words = row.courier
        ran, to = play.courier(row.seen)
        ran.must(code, words)
        was = row.seen and play.past(row.seen).get("log/checkpoint")
        now = to.get("log/checkpoint") if to.has("log/checkpoint") else None
        if now != was:
            raise Wrong("a checkpoint that should not be there")


def honest(play):
    """After all that, what is true goes in as if nothing had been tried."""
    n = play.mirror.size()
    for seen, new, cases in (None, n, 2), ("old", n - play.old.size(), 1):
        ran = play.desk(seen, play.mirror, "--json")
        ran.must(0)
        told = json.loads(ran.out)
        if told["new_entries"] != new or told["new_cases"] != cases:
            raise Wrong("the honest mirror: %s" % ran.out)


def two_views(play):
    """One log, two stories; each is fine, until they are compared."""
    other = play.mirror.copy(os.path.join(play.tmp, "other"))
    entries = other.entries()
    entries[7] = entries[7][:-1] + bytes([entries[7][-1] ^ 1])
    other.sign(entries, play.key)
    states = {}
    for name, m in ("one", play.mirror), ("two", other):
        play.shop.show(m)
        states[name] = os.path.join(play.tmp, "state." + name)
        Ran("ecraudit", "verify", "-l", play.log, "--tries", "1", "--state",
            states[name], play.shop.url).must(0)
    two = states["two"]
    if os.path.exists(play.evidence):
        os.unlink(play.evidence)
    play.shop.show(play.mirror)
    Ran("ecraudit", "verify", "-l", play.log, "--tries", "1", "--state", two,
        "--evidence", play.evidence, play.shop.url).must(
            1, "two different trees of one size")
    # A checkpoint of the one, and all that it covers of the other.
    play.shop.view = lambda path: (
        play.mirror if path == "log/checkpoint" else other).path
    play.audit(play.shop.url, None).must(
        1, "log/checkpoint signs a root that the entries do not give")
    play.courier(None)[0].must(1, "the log does not hold")
    # Who comes again is told the other one.
    play.shop.show(other)
    play.courier("new")[0].must(1, "does not extend what was fetched before")
    # The desk has seen one of them; here comes the other.
    play.desk("new", other).must(1, "another past")


def rows_of(play):
    n = Names(play)
    return of_files(n) + of_bodies(n) + of_checkpoints(n, play) + \
        of_the_office(n, play) + of_holders(n, play)


def worker(play, rows, wrong):
    """Rows off the front of the list until there are none."""
    while True:
        try:
            i, row = rows.pop(0)
        except IndexError:
            return
        try:
            run_row(play, row)
        except (Wrong, OSError, KeyError, ValueError) as e:
            wrong.append("%d: %s, %s: %s" % (i, row.act, row.thing, e))


def main():
    path, tmp, old, mirror = sys.argv[1:]
    wrong, began, plays = [], time.monotonic(), []
    for i in range(WORKERS):
        plays.append(Play(path, os.path.join(tmp, str(i)), old, mirror,
                          plays[0] if plays else None))
    rows = list(enumerate(rows_of(plays[0])))
    many = len(rows)
    if "ROW" in os.environ:
        rows = [rows[int(os.environ["ROW"])]]
    threads = [threading.Thread(target=worker, args=(p, rows, wrong))
               for p in plays]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    try:
        two_views(plays[0])
        honest(plays[0])
    except Wrong as e:
        wrong.append(str(e))
    for w in wrong:
        print(w)
    print("%d acts, %d not as they should be, in %.0f s" % (
        many, len(wrong), time.monotonic() - began))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
