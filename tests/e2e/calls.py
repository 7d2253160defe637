# SPDX-License-Identifier: ISC
"""calls.py - the system calls of the roles, measured and wanted.

calls.py strangers TLS PLAIN
    Clients that stall, drip and go: a front's paths through its deadlines.
calls.py compare SANDBOX_CALLS.C FOLDER
    What strace -ff wrote for each process, from its last seccomp filter on,
    against the list of calls that the sandbox allows.  Exit 1 where a role
    used what is not allowed, or where something is allowed that no role was
    ever seen to use and that KEPT does not give a reason for.
calls.py unit SERVICE FOLDER
    The same processes from their first call on, against the SystemCallFilter
    lines of the unit file; systemd-analyze says what its sets are.
"""
import collections
import os
import re
import socket
import ssl
import subprocess
import sys

# Allowed, and perhaps not seen in a run: why it stays.
BOTH = {
    'fstat': 'the C library of Debian 13 spells fstat() so, not newfstatat',
    'epoll_pwait': 'processors that have no epoll_wait',
    'epoll_pwait2': 'libevent 2.2 waits with it',
    'clock_gettime': 'a clock source that the vDSO cannot read',
    'gettimeofday': 'the same',
    'time': 'the same',
    'mremap': 'realloc() of what has a mapping of its own',
    'madvise MADV_DONTNEED': 'the C library gives memory back',
    'tgkill': 'abort()',
    'gettid': 'abort()',
    'rt_sigprocmask': 'abort()',
    'rt_sigaction': 'abort()',
    'fcntl F_DUPFD_CLOEXEC': 'front: the spare descriptor after the last; '
                             'store: a message with one that has to wait',
}
KEPT = {
    ('front', 'brk'): 'malloc() with more connections than here',
    ('front', 'getrandom'): "OpenSSL's generator is seeded anew each hour",
    ('store', 'getpid'): 'abort()',
    ('store', 'read'): 'libraries that read files so; no more than pread64',
    ('store', 'mkdirat'): 'mkdir() on processors that have no mkdir',
    ('store', 'utimensat'): 'once a minute',
}
KEPT.update({(role, what): why for what, why in BOTH.items()
             for role in ('front', 'store')})
RESOLVER = 'a question to a resolver on the network'
NEWER = 'newer versions of libcurl wake themselves with it'
KEPT.update({('witness', what): why for what, why in {
    'sendmmsg': RESOLVER, 'ioctl': RESOLVER, 'fstat': BOTH['fstat'],
    'ppoll': 'poll() on processors that have none',
    'pipe2': NEWER, 'eventfd2': NEWER, 'write': NEWER,
    'clock_gettime': BOTH['clock_gettime'], 'gettimeofday': 'the same',
    'time': 'the same', 'mremap': BOTH['mremap'], 'tgkill': 'abort()',
    'gettid': 'abort()', 'getpid': 'abort()', 'uname': RESOLVER,
    'rt_sigaction': 'abort()', 'brk': 'malloc() of more than here',
    'read': 'a name that stands in a file', 'lseek': 'the same',
    'openat': 'the same', 'newfstatat': 'the same',
    'futex FUTEX_WAIT': 'threads that meet', 'getrandom': 'TLS',
    'futex FUTEX_WAIT_BITSET': 'the same', 'mprotect': 'a thread\'s stack',
    'madvise MADV_DONTNEED': 'the same', 'clone': 'a name to look up',
    'set_robust_list': 'the same', 'rseq': 'the same', 'exit': 'the same',
    'socketpair': 'the same', 'rt_sigprocmask': 'the same',
}.items()})

# Used, and answered with an error by the cage: who asks, and does without.
TRIED = {
    ('witness', 'clone3'): 'threads; then by clone()',
    ('witness', 'socket'): 'netlink: which addresses this machine has; the '
                           "name service's cache",
}


def strangers(tls, plain):
    open_ones = []
    for data in (b'', b'GET /pol', b'POST /parcels HTTP/1.1\r\nHost: a\r\n'
                 b'Content-Length: 65520\r\n\r\nage-encryption.org/v1\n'):
        s = socket.create_connection(('127.0.0.1', plain), timeout=30)
        s.sendall(data)
        open_ones.append(s)
    hello = socket.create_connection(('127.0.0.1', tls), timeout=30)
    hello.sendall(b'\x16\x03\x01\x02\x00')
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    idle = context.wrap_socket(
        socket.create_connection(('127.0.0.1', tls), timeout=30))
    idle.sendall(b'GET /policy HTTP/1.1\r\nHost: a\r\n\r\n')
    for _ in range(20):
        socket.create_connection(('127.0.0.1', tls), timeout=30).close()
    for s in open_ones:
        try:
            while s.recv(65536):
                pass
        except OSError:
            pass
    while True:
        try:
            if not idle.recv(65536):
                break
        except OSError:
            break


# --- the list in the source -------------------------------------------------

def block(text, name):
    return re.search(r'%s\[\] = \{(.*?)\n\};' % name, text, re.S).group(1)


def roles_of(words):
    return [r for r, letter in (('front', 'F'), ('store', 'S'),
                                ('witness', 'W'))
            if letter in words.replace(' ', '').split('|')]


def allowed_in(path):
    with open(path, encoding='ascii') as f:
        text = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
    found = set()
    for name, roles in re.findall(
            r'SCMP_SYS\((\w+)\),\s*([FSPWK |]+?)\s*\}', block(text, 'allowed')):
        found |= {(r, name) for r in roles_of(roles)}
    rules = block(text, 'conditions')
    for name, roles in re.findall(
            r'SCMP_SYS\((\w+)\),\s*([FSPWK |]+?),\s*ALLOW', rules):
        found |= {(r, name) for r in roles_of(roles)}
    for command, roles in re.findall(r'FCNTL\((\w+), ([FSWK |]+)\)', rules):
        found |= {(r, 'fcntl ' + command) for r in roles_of(roles)}
    for macro, call in (('MADVISE', 'madvise'), ('FUTEX', 'futex')):
        for what, roles in re.findall(
                macro + r'\((\w+), ([FSWK |]+)\)', rules):
            found |= {(r, call + ' ' + what) for r in roles_of(roles)}
    found |= {('front', 'tgkill'), ('store', 'tgkill'),
              ('witness', 'tgkill')}
    return found


# --- what was seen ----------------------------------------------------------

CALL = re.compile(r'^(\w+)\((.*)')


def key_of(name, rest):
    """The call, and the argument that decides where one does."""
    args = rest.split(', ')
    if name == 'fcntl':
        return 'fcntl ' + args[1].split(')')[0]
    if name == 'madvise':
        return 'madvise ' + args[2].split(')')[0]
    if name == 'futex':
        word = args[1].split(')')[0].split('|')[0]
        return 'futex ' + word.replace('_PRIVATE', '')
    return name


def read_process(path):
    """Its role, the calls after its own filter, and its threads."""
    role, caged = None, 0
    with open(path, errors='replace') as f:
        lines = f.read().splitlines()
    for n, line in enumerate(lines):
        if line.startswith('seccomp(SECCOMP_SET_MODE_FILTER') and \
                line.endswith('= 0'):
            caged = n + 1
    head = lines[:caged]
    threads = []
    if any('PR_SET_NAME, "ecrdrop-witness"' in line for line in head):
        role = 'witness'
        for line in lines[caged:]:
            m = re.match(r'clone\(.* = (\d+)$', line)
            if m:
                threads.append(m.group(1))
    elif any('PR_SET_NAME, "ecrdrop-keeper"' in line for line in head):
        role = None
    elif any(line.startswith('signalfd4(') for line in head):
        role = 'parent'
    elif any(line.startswith('fchdir(') for line in head):
        role = 'store'
    elif caged:
        role = 'front'
    return role, calls_in(lines[caged:]), threads


def calls_in(lines):
    return [(m.group(1), m.group(2)) for m in map(CALL.match, lines) if m]


def measure(folder):
    used = collections.Counter()
    refused = collections.Counter()
    processes = collections.Counter()
    for name in sorted(os.listdir(folder)):
        role, seen, threads = read_process(os.path.join(folder, name))
        if role is None:
            continue
        processes[role] += 1
        for thread in threads:      # in the cage of who began it
            path = os.path.join(folder, name.rsplit('.', 1)[0] + '.' + thread)
            if os.path.exists(path):
                with open(path, errors='replace') as f:
                    seen += calls_in(f.read().splitlines())
        for call, rest in seen:
            used[role, key_of(call, rest)] += 1
            if re.search(r'= -1 (ENOSYS|EACCES)\b', rest) and \
                    '(INJECTED)' not in rest:
                refused[role, call] += 1
    return used, refused, processes


def compare(source, folder):
    allowed = allowed_in(source)
    used, refused, processes = measure(folder)
    bad = 0
    for role in ('front', 'store', 'witness'):
        if processes[role] < 4:
            print('only', processes[role], 'lives of a', role)
            bad += 1
        mine = {what for r, what in allowed if r == role}
        seen = {what for r, what in used if r == role}
        for what in sorted(seen - mine):
            if (role, what) not in TRIED:
                print('used and not allowed:', role, what,
                      used[role, what])
                bad += 1
        for what in sorted(mine - seen):
            if (role, what) not in KEPT:
                print('allowed and never used:', role, what)
                bad += 1
        print('%s: %d calls allowed, %d seen in %d lives, %d kept unseen: %s'
              % (role, len(mine), len(mine & seen), processes[role],
                 len(mine - seen), ', '.join(sorted(mine - seen))))
    for role, what in KEPT:
        if (role, what) not in allowed:
            print('kept, and not in the list:', role, what)
            bad += 1
    for (role, what), n in sorted(refused.items()):
        if (role, what) not in TRIED:
            print('refused:', role, what, n)
            bad += 1
    sys.exit(1 if bad else 0)


# --- the unit file ----------------------------------------------------------

def sets_of_systemd():
    """Name to its lines, as "systemd-analyze syscall-filter" prints them."""
    text = subprocess.run(['systemd-analyze', '--no-pager', 'syscall-filter'],
                          check=True, stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL).stdout.decode()
    sets, name = {}, None
    for line in text.splitlines():
        word = re.sub('\x1b\\[[0-9;]*m', '', line)
        if re.match(r'@[\w-]+$', word):
            name = word
            sets[name] = []
        elif re.match(r'    [@\w-]+$', word) and name is not None:
            sets[name].append(word.strip())
    return sets


def expand(words, sets):
    calls = set()
    for word in words:
        calls |= expand(sets[word], sets) if word[0] == '@' else {word}
    return calls


def unit(service, folder):
    sets, allowed, used = sets_of_systemd(), set(), set()
    with open(service, encoding='ascii') as f:
        for value in re.findall(r'^SystemCallFilter=(.*)', f.read(), re.M):
            words = value.lstrip('~').split()
            if value[0] == '~':
                allowed -= expand(words, sets)
            else:
                allowed |= expand(words, sets)
    allowed |= expand(['@default'], sets)       # always, says systemd.exec(5)
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), errors='replace') as f:
            used |= {m.group(1) for m in map(CALL.match, f) if m}
    for call in sorted(used - allowed):
        print('the unit file forbids:', call)
    print('unit file: %d calls allowed, %d used' % (len(allowed), len(used)))
    sys.exit(1 if used - allowed or len(used) < 60 else 0)


if sys.argv[1] == 'strangers':
    strangers(int(sys.argv[2]), int(sys.argv[3]))
elif sys.argv[1] == 'unit':
    unit(sys.argv[2], sys.argv[3])
else:
    compare(sys.argv[2], sys.argv[3])
