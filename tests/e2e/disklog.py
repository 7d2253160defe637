# SPDX-License-Identifier: ISC
"""disklog.py - what tests/preload/disk.c wrote down, and what a power cut
would have left of it.

A disk that forgets as much as it may.  A file's bytes are safe once they were
synced (or were written through a descriptor that syncs each write); a name is
safe once its folder was synced; nothing else is.  What is not safe may be
there, be missing, or be torn: Disk.cut() decides by chance, sector by sector
and name by name.  A rename happens or does not; operations on names that
could not have happened without another one that is lost are lost, too.
"""
import mmap
import struct

MAGIC = 0x6b73696472636531
HEAD = struct.Struct('=QQQIiqqQQ')
RECORD = struct.Struct('=IBBHiiq')
AT_FDCWD = -100
O_CREAT, O_TRUNC = 0o100, 0o1000
IS_ZEROS, IS_DSYNC, IS_DIR = 1, 2, 4
SECTOR, PAGE = 512, 4096
WRITE, META, SYNC, DIR_SYNC, NAME, CREATE, BATCH = 1, 2, 4, 8, 16, 32, 64


class Log:
    """The shared file: made before the server starts, read afterwards."""

    def __init__(self, path, size):
        with open(path, 'wb') as f:
            f.truncate(size)
        with open(path, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), size)
        self.head = [MAGIC, size, HEAD.size, 0, 0, -1, 0, 0, 1]
        self.put()

    def put(self):
        HEAD.pack_into(self.map, 0, *self.head)

    def fail(self, which, error, left, count):
        """From now on: left calls of these kinds work, then count fail."""
        used = HEAD.unpack_from(self.map, 0)[2]
        self.head[2:8] = [used, 0, error, left, count, 0]
        self.put()
        self.head[3] = which
        struct.pack_into('=I', self.map, 24, which)

    def failed(self):
        return HEAD.unpack_from(self.map, 0)[7]

    def records(self):
        used = HEAD.unpack_from(self.map, 0)[2]
        at = HEAD.size
        while at < used:
            n, kind, flags, spare, fd, other, off = RECORD.unpack_from(
                self.map, at)
            data = self.map[at + RECORD.size:at + n - spare]
            yield chr(kind), flags, fd, other, off, data
            at += n


class File:
    def __init__(self, data=b''):
        self.now = bytearray(data)
        self.safe = bytearray(data)
        self.dirty = set()          # pages that may differ

    def write(self, at, data):
        end = at + len(data)
        if end > len(self.now):
            self.now.extend(bytes(end - len(self.now)))
        self.now[at:end] = data
        self.dirty.update(range(at // PAGE, (end + PAGE - 1) // PAGE))

    def write_through(self, at, data):
        end = at + len(data)
        if end > len(self.safe):
            self.safe.extend(bytes(end - len(self.safe)))
        self.safe[at:end] = data

    def truncate(self, size):
        old = len(self.now)
        del self.now[size:]
        self.now.extend(bytes(size - len(self.now)))
        low = min(old, size) // PAGE
        self.dirty.update(range(low, max(old, size) // PAGE + 1))

    def sync(self):
        size = len(self.now)
        del self.safe[size:]
        self.safe.extend(bytes(size - len(self.safe)))
        for p in self.dirty:
            a, b = p * PAGE, min((p + 1) * PAGE, size)
            if a < b:
                self.safe[a:b] = self.now[a:b]
        self.dirty.clear()

    def cut(self, odds, chance):
        if not self.dirty or odds == 0:
            return self.safe
        left = bytearray(self.safe)
        if len(self.now) > len(left) and chance.random() < odds:
            left.extend(bytes(len(self.now) - len(left)))
        for p in sorted(self.dirty):
            if chance.random() >= odds:
                continue
            torn = odds < 1 and chance.random() < 0.3
            for a in range(p * PAGE, (p + 1) * PAGE, SECTOR):
                b = min(a + SECTOR, len(self.now), len(left))
                if a < b and not (torn and chance.random() < 0.5):
                    left[a:b] = self.now[a:b]
        return left


class Folder:
    def __init__(self):
        self.now = {}


class Disk:
    """Operations in, what is left of them out."""

    def __init__(self):
        self.root = Folder()
        # Names: the tree as it is safe is the start and a list of operations
        # on names, each with the folders it changes and whether it is safe.
        self.start = {}
        self.names = []
        self.cwd, self.fds = self.root, {}
        self.inside = lambda x: None    # called in the middle of a write

    # --- the start --------------------------------------------------------

    def load(self, tree):
        """tree: {path: bytes, or None for a folder}, parents first."""
        for path, data in tree.items():
            folder, name = self.find(self.root, path)
            folder.now[name] = Folder() if data is None else File(data)
        self.start = self.copy(self.root)

    def copy(self, folder):
        return {name: (x, self.copy(x) if isinstance(x, Folder) else None)
                for name, x in folder.now.items()}

    # --- looking up ---------------------------------------------------------

    def dir(self, fd):
        if fd == AT_FDCWD:
            return self.cwd
        return self.fds[fd][0] if fd in self.fds else self.root

    def find(self, folder, path):
        parts = [p for p in path.split('/') if p not in ('', '.')]
        for p in parts[:-1]:
            folder = folder.now[p]
        return folder, (parts[-1] if parts else None)

    def get(self, folder, path):
        folder, name = self.find(folder, path)
        return folder if name is None else folder.now[name]

    # --- one operation ------------------------------------------------------

    def name_op(self, kind, *args):
        self.names.append([kind, args, False])
        apply_name(kind, args, lambda f: f.now)

    def do(self, kind, flags, fd, other, at, data):
        if kind == 'W':
            self.write(flags, fd, at, data)
        elif kind == 'S':
            x = self.fds[fd][0]
            if isinstance(x, File):
                x.sync()
            else:
                self.sync_folder(x)
        elif kind == 'P':
            # The store's second folder (server/role.h) is the fork guard's.
            self.cwd, self.fds = self.root, {5: [self.root.now['.guard'], 0]}
        elif kind == 'D':
            self.cwd = self.dir(fd)
        elif kind == 'C':
            self.fds.pop(fd, None)
        elif kind == 'F':
            self.fds[fd] = [File(), 0]
        elif kind == 'K':
            if fd in self.fds:
                self.fds[fd][1] = at
        elif kind == 'T':
            self.fds[fd][0].truncate(at)
        elif kind == 'X':
            raise AssertionError('a call that this cannot follow: %s' %
                                 data.decode())
        elif kind in 'OLNUMR':
            self.path_op(kind, fd, other, at, *[
                p.decode() for p in data.split(b'\0')[:2]])

    def write(self, flags, fd, at, data):
        if fd not in self.fds:
            return                  # no file of ours
        x, pos = self.fds[fd]
        if flags & IS_ZEROS:
            data = bytes(struct.unpack('=I', data)[0])
        if at == -1:
            at = pos
            self.fds[fd][1] = pos + len(data)
        x.write(at, data)
        if flags & IS_DSYNC:
            self.inside(x)          # half of it may be on disk by now
            x.write_through(at, data)

    def path_op(self, kind, fd, other, flags, a, b):
        if kind == 'O':
            folder, name = self.find(self.dir(other), a)
            if name is not None and name not in folder.now:
                if not flags & O_CREAT:
                    return          # not of the data directory
                self.name_op('create', folder, name, File())
            x = folder if name is None else folder.now[name]
            if flags & O_TRUNC and isinstance(x, File):
                x.truncate(0)
            self.fds[fd] = [x, 0]
            return
        folder, name = self.find(self.dir(fd), a)
        if kind == 'M':
            self.name_op('create', folder, name, Folder())
        elif kind in 'UR':
            self.name_op('remove', folder, name)
        else:
            to, new = self.find(self.dir(other), b)
            self.name_op('link' if kind == 'L' else 'rename', folder, name,
                         to, new)

    def sync_folder(self, folder):
        for op in self.names:
            if folder in op[1]:
                op[2] = True

    # --- the power fails ----------------------------------------------------

    def survivors(self, odds, chance):
        """{folder: {name: object}}, of names that are there afterwards."""
        names = {}

        def lay(folder, entries):
            names[folder] = {n: x for n, (x, _) in entries.items()}
            for x, below in entries.values():
                if below is not None:
                    lay(x, below)

        lay(self.root, self.start)
        for kind, args, safe in self.names:
            if not safe and chance.random() >= odds:
                continue
            try:
                apply_name(kind, args, lambda f: names.setdefault(f, {}))
            except KeyError:
                pass                # rests on one that was lost
        return names

    def cut(self, odds, chance):
        """What is on disk then: {path: bytes or None}, parents first.
        odds: of what is not safe, how much is there: 0 none, 1 all."""
        names = self.survivors(odds, chance)
        left = {}

        def walk(folder, path):
            for name, x in sorted(names.get(folder, {}).items()):
                if isinstance(x, Folder):
                    left[path + name] = None
                    walk(x, path + name + '/')
                else:
                    left[path + name] = x.cut(odds, chance)
        walk(self.root, '')
        return left

    def shorten(self):
        """Forgets operations on names that all later ones rest on safely."""
        n = 0
        while n < len(self.names) and self.names[n][2]:
            n += 1
        if n < 64:
            return
        names = {}
        # Replayed without chance: they are all safe.
        rest, self.names = self.names[n:], self.names[:n]
        names = self.survivors(1, None)
        self.names = rest

        def again(folder):
            return {name: (x, again(x) if isinstance(x, Folder) else None)
                    for name, x in names.get(folder, {}).items()}
        self.start = again(self.root)


def apply_name(kind, args, entries):
    """To the entries of folders; KeyError where it cannot be."""
    folder, name = args[:2]
    if kind == 'create':
        entries(folder)[name] = args[2]
    elif kind == 'remove':
        del entries(folder)[name]
    elif kind == 'link':
        entries(args[2])[args[3]] = entries(folder)[name]
    else:
        entries(args[2])[args[3]] = entries(folder).pop(name)
