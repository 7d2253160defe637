# SPDX-License-Identifier: ISC
"""
holders - processes that hold connections to a server, and are asked how
many of them are left.
"""
import json
import selectors
import subprocess
import time

from servers import Trouble, die_with_us


class Holder:
    """bench_load -H HOW; its numbers come as JSON, a line each."""

    def __init__(self, bench, server, how, count, limit, what='get',
                 path='/health'):
        work = server.work() if what == 'post' else []
        self.p = subprocess.Popen(
            [bench.load_program, '-H', how, '-c', str(count), '-s',
             str(limit), '-a', '32', '-n', str(count)] + work +
            [what, path, str(server.port)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_us)

    def line(self, limit):
        with selectors.DefaultSelector() as s:
            s.register(self.p.stdout, selectors.EVENT_READ)
            if not s.select(limit):
                raise Trouble('connections not open within %d s' % limit)
        text = self.p.stdout.readline()
        if not text:
            raise Trouble('bench_load ended while it held connections')
        return json.loads(text)

    def ready(self, limit=60):
        return self.line(limit)

    def ask(self):
        self.p.stdin.write(b'\n')
        self.p.stdin.flush()
        return self.line(20)

    def alive(self):
        return self.ask()['alive']

    def close(self):
        if self.p.poll() is None:
            self.p.stdin.close()
            try:
                self.p.wait(30)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        self.p.stdout.close()


def wait_for(question, limit, step=0.25):
    """Until question() is true; False where the time is over."""
    end_at = time.monotonic() + limit
    while not question():
        if time.monotonic() > end_at:
            return False
        time.sleep(step)
    return True
