# SPDX-License-Identifier: ISC
"""
servers - start and stop what is measured, ours and nginx, on loopback.

Every process started here dies with this one (PR_SET_PDEATHSIG), ends at
stop(), and is waited for with a limit.  Nothing is installed, no service of
the machine is touched, no port is fixed.
"""
import ctypes
import os
import re
import selectors
import signal
import socket
import ssl
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ORIGIN = 'bench.example/log'
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


class Trouble(Exception):
    """Something could not be started or measured; the message says why."""


def die_with_us():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(argv, **more):
    more.setdefault('timeout', 120)
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, preexec_fn=die_with_us,
                       capture_output=True, text=True, **more)
    if p.returncode != 0:
        raise Trouble('%s: exit %d: %s' % (argv[0], p.returncode,
                                           (p.stderr or p.stdout).strip()))
    return p.stdout


def end(process, limit=60):
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def certificate(folder):
    """One key and certificate, for both servers."""
    cert, key = folder + '/cert.pem', folder + '/key.pem'
    run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out',
         cert, '-days', '2', '-subj', '/CN=localhost', '-addext',
         'subjectAltName=DNS:localhost,IP:127.0.0.1'])
    return cert, key


def children(pid):
    with open('/proc/%d/task/%d/children' % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def memory(pids):
    """
    RSS and PSS of these processes together, in bytes; own is PSS without
    the files that are mapped.
    """
    out = {'rss': 0, 'pss': 0, 'own': 0}
    keys = {'Rss': 'rss', 'Pss': 'pss', 'Pss_Anon': 'own',
            'Pss_Shmem': 'own'}
    for pid in pids:
        try:
            f = open('/proc/%d/smaps_rollup' % pid)
        except OSError as e:
            raise Trouble('process %d of the server is gone' % pid) from e
        with f:
            for line in f:
                m = re.match(r'(\w+):\s+(\d+) kB', line)
                if m and m.group(1) in keys:
                    out[keys[m.group(1)]] += int(m.group(2)) * 1024
    return out


def sockets(pids):
    """How many sockets they hold open."""
    n = 0
    for pid in pids:
        folder = '/proc/%d/fd' % pid
        for fd in os.listdir(folder):
            try:
                n += os.readlink(folder + '/' + fd).startswith('socket:')
            except OSError:
                pass
    return n


def fetch(port, path):
    """A GET over TLS; the status and the body's text."""
    ctx = ssl._create_unverified_context()
    with socket.create_connection(('127.0.0.1', port), 10) as s, \
            ctx.wrap_socket(s, server_hostname='localhost') as t:
        t.sendall(('GET %s HTTP/1.1\r\nHost: localhost\r\n'
                   'Connection: close\r\n\r\n' % path).encode())
        got = b''
        while True:
            more = t.recv(65536)
            if not more:
                break
            got += more
    head, _, body = got.partition(b'\r\n\r\n')
    return int(head.split()[1]), body.decode()


class Ours:
    """ecrdropd with two fronts; its data directory goes at stop()."""

    def __init__(self, folder, cert, key, program, **conf):
        self.folder, self.program = folder, program
        self.conf = {'certificate': cert, 'key': key,
                     'listen': 'tls 127.0.0.1:0 local', 'fronts': 2,
                     'epoch-seconds': 604800, 'work-bits': 1, **conf}
        self.process = self.port = None
        self.posted = self.bits = 0

    def start(self):
        os.mkdir(self.folder)
        data = self.folder + '/data'
        run([self.program, 'init', '-o', ORIGIN, '-D', data])
        with open(self.folder + '/conf', 'w') as f:
            f.write('data %s\n' % data)
            for name, value in self.conf.items():
                f.write('%s %s\n' % (name, value))
        with open(data + '/log.vkey') as f:
            self.vkey = f.read().strip()
        self.process = subprocess.Popen(
            [self.program, '-c', self.folder + '/conf'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=die_with_us)
        self.wait_ready(120)
        self.pids = [self.process.pid] + children(self.process.pid)
        self.posted = self.bits = 0

    def wait_ready(self, limit):
        stream = self.process.stderr
        end_at, said = time.monotonic() + limit, b''
        os.set_blocking(stream.fileno(), False)
        with selectors.DefaultSelector() as s:
            s.register(stream, selectors.EVENT_READ)
            while b'ecrdropd: ready\n' not in said:
                if not s.select(max(0, end_at - time.monotonic())):
                    raise Trouble('ecrdropd is not ready after %d s' % limit)
                more = os.read(stream.fileno(), 65536)
                if not more:
                    raise Trouble('ecrdropd ended: ' + said.decode())
                said += more
        for line in said.decode().splitlines():
            m = re.match(r'ecrdropd: listening on tls .*:(\d+)$', line)
            if m:
                self.port = int(m.group(1))

    def policy(self):
        import json
        status, text = fetch(self.port, '/policy')
        if status != 200:
            raise Trouble('/policy: %d' % status)
        return json.loads(text)

    def work(self):
        """What bench_load needs to make parcels that are taken."""
        p = self.policy()
        return ['-o', p['origin'], '-e', str(p['epoch_close']),
                '-b', str(max(p['work_bits'], self.bits)), '-k', self.vkey]

    def stop(self):
        end(self.process)
        if self.process is not None and self.process.stderr:
            self.process.stderr.close()
        self.process = None
        subprocess.run(['rm', '-rf', self.folder], check=False, timeout=120)


NGINX = '''
daemon off;
master_process %(master)s;
worker_processes %(workers)d;
worker_rlimit_nofile %(files)d;
%(user)s
pid %(dir)s/pid;
error_log %(dir)s/error.log crit;
events { worker_connections %(connections)d; }
http {
	access_log off;
	client_body_temp_path %(dir)s/body;
	proxy_temp_path %(dir)s/t1;
	fastcgi_temp_path %(dir)s/t2;
	uwsgi_temp_path %(dir)s/t3;
	scgi_temp_path %(dir)s/t4;
	keepalive_requests 1000000000;
	keepalive_timeout 600s;
	client_header_timeout %(head)s;
	client_body_timeout %(idle)s;
	client_max_body_size 1m;
	client_body_buffer_size 128k;
	client_body_in_single_buffer on;
	ssl_certificate %(cert)s;
	ssl_certificate_key %(key)s;
	ssl_protocols TLSv1.3;
	ssl_session_cache off;
	ssl_session_tickets off;
	server {
		listen 127.0.0.1:%(port)d ssl reuseport backlog=4096;
%(paths)s
	}
	server {
		listen 127.0.0.1:%(port128)d ssl reuseport backlog=4096;
		ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
%(paths)s
	}
}
'''
PATHS = '''
		location /dav/ { root %(dir)s; dav_methods PUT; }
		location = /discard { return 201; }
		location = /health { return 200 "ok\\n"; }
'''


def free_port():
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Nginx:
    """Debian's nginx, unpacked below build/deps, in a folder of its own."""

    def __init__(self, folder, cert, key, program, **conf):
        self.folder, self.program = folder, program
        self.conf = {'workers': 2, 'cert': cert, 'key': key, 'dir': folder,
                     'connections': 12000, 'files': 16000, 'head': '60s',
                     'idle': '600s', 'master': 'on', **conf}
        self.before = []  # a program to run it under
        self.process = None

    def start(self):
        os.mkdir(self.folder)
        os.mkdir(self.folder + '/dav')
        self.port = free_port()
        self.port128 = free_port()
        c = dict(self.conf, port=self.port, port128=self.port128,
                 user='user root;' if os.geteuid() == 0 else '')
        c['paths'] = PATHS % c
        with open(self.folder + '/conf', 'w') as f:
            f.write(NGINX % c)
        with open(self.folder + '/said', 'wb') as said:
            self.process = subprocess.Popen(
                self.before + [self.program, '-p', self.folder, '-c',
                               self.folder + '/conf', '-e',
                               self.folder + '/error.log'],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                preexec_fn=die_with_us)
        end_at = time.monotonic() + 20
        while True:
            try:
                if fetch(self.port, '/health')[0] == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or \
                    time.monotonic() > end_at:
                with open(self.folder + '/said') as f:
                    raise Trouble('nginx did not start: ' + f.read())
            time.sleep(0.05)
        self.pids = [self.process.pid] + children(self.process.pid)

    def empty(self):
        """Forget what was put, untimed."""
        subprocess.run(['find', self.folder + '/dav', '-type', 'f',
                        '-delete'], check=False, timeout=120)

    def work(self):
        return []

    def wake(self):
        """
        Without its master it looks for signals between events only: one that
        comes just before it waits is seen at the next event.
        """
        self.process.terminate()
        for _ in range(60):
            try:
                self.process.wait(0.5)
                return
            except subprocess.TimeoutExpired:
                pass
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
            except OSError:
                pass

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.wake()
        end(self.process)
        self.process = None
        subprocess.run(['rm', '-rf', self.folder], check=False, timeout=120)
