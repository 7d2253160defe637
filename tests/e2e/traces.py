# SPDX-License-Identifier: ISC
"""traces.py - searches all that a running ecrdropd keeps for given bytes.

Looked at: the memory of the parent and of every role, as a core image would
show it (/proc/PID/mem over all that is mapped), every file that one of them
holds open, memory files and deleted ones included, every file and name in
the data directory, and what it has logged.  Of mapped files only the data
directory's are left out of memory, since they are read as files.

Needs the right to read other processes' memory (CAP_SYS_PTRACE).
"""
import base64
import os
import stat

PIECE = 1 << 22


def spellings(word):
    """A word as text might be kept: each spelling with its name."""
    text = word.decode('ascii')
    out = {}
    for case in (text, text.upper(), text.lower()):
        out[case] = case.encode()
        out['UTF-16 ' + case] = case.encode('utf-16-le')[:-1]
        out['hex of ' + case] = case.encode().hex().encode()
        out['HEX of ' + case] = case.encode().hex().upper().encode()
        for i in range(3):
            # Only the letters that no neighbour has a share in.
            whole = base64.b64encode(b'\0' * i + case.encode())
            middle = whole[[0, 2, 3][i]:len(whole) // 4 * 4 - 4]
            out['base64 %d of %s' % (i, case)] = middle
    return out


def processes(server):
    """The parent and its roles."""
    out = [server]
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open('/proc/%s/stat' % pid) as f:
                after = f.read().rsplit(')', 1)[1].split()
        except OSError:
            continue
        if int(after[1]) == server and after[0] != 'Z':
            out.append(int(pid))
    return out


def name_of(pid):
    with open('/proc/%d/comm' % pid) as f:
        return f.read().strip()


def mappings(pid, data):
    """(start, end, what) of all that can be read."""
    with open('/proc/%d/maps' % pid) as f:
        for line in f:
            field = line.split(None, 5)
            what = field[5].strip() if len(field) > 5 else 'anonymous'
            if not field[1].startswith('r') or what.startswith(data + '/'):
                continue
            if what in ('[vvar]', '[vsyscall]', '[vvar_vclock]'):
                continue
            start, end = (int(x, 16) for x in field[0].split('-'))
            yield start, end, what


def pieces(f, start, end):
    """Of an open file, overlapping, so that nothing falls between two."""
    at = start
    while at < end:
        f.seek(at)
        try:
            b = f.read(min(PIECE, end - at))
        except OSError:
            return
        if not b:
            return
        yield b
        if at + len(b) >= end:
            return
        at += len(b) - 1024 if len(b) > 4096 else len(b)


class Hits(list):
    def look(self, where, b, wanted):
        for name, w in wanted.items():
            at = b.find(w)
            if at >= 0:
                around = bytes(b[max(0, at - 48):at + len(w) + 48])
                self.append((where, name, around))


def in_memory(hits, pid, data, wanted):
    name = name_of(pid)
    seen = 0
    with open('/proc/%d/mem' % pid, 'rb', buffering=0) as f:
        for start, end, what in mappings(pid, data):
            for b in pieces(f, start, end):
                seen += len(b)
                hits.look('%s: %s' % (name, what), b, wanted)
    return seen


def in_descriptors(hits, pid, wanted):
    folder = '/proc/%d/fd' % pid
    for fd in os.listdir(folder):
        path = folder + '/' + fd
        try:
            st = os.stat(path)
            if not stat.S_ISREG(st.st_mode):
                continue
            with open(path, 'rb', buffering=0) as f:
                for b in pieces(f, 0, st.st_size):
                    hits.look('%s: file %s' % (name_of(pid),
                              os.readlink(path)), b, wanted)
        except FileNotFoundError:
            continue


def in_folder(hits, folder, wanted):
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            hits.look('a name in ' + path, name.encode(), wanted)
        for name in files:
            try:
                with open(os.path.join(path, name), 'rb', buffering=0) as f:
                    for b in pieces(f, 0, os.fstat(f.fileno()).st_size):
                        hits.look(os.path.join(path, name), b, wanted)
            except FileNotFoundError:
                continue            # an epoch's file that is gone by now


def search(server, data, logs, wanted):
    """Everywhere; the hits, and how many bytes of memory were read."""
    hits, seen = Hits(), 0
    for pid in processes(server):
        seen += in_memory(hits, pid, data, wanted)
        in_descriptors(hits, pid, wanted)
    in_folder(hits, data, wanted)
    for path in logs:
        with open(path, 'rb') as f:
            hits.look(path, f.read(), wanted)
    return hits, seen


def show(hits):
    return '\n'.join('  %s: %s: %r' % h for h in hits[:40])
