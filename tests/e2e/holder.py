# SPDX-License-Identifier: ISC
"""holder.py PATH COMMAND... - what a manager of services does with a socket.

Binds a Unix datagram socket there, prints "bound", and starts the command
with it; starts it again when it ends, a few times, and ends it when we are
ended.
Each start prints the process's number.
"""
import os
import signal
import socket
import sys


def start():
    pid = os.fork()
    if pid:
        return pid
    os.dup2(holder.fileno(), 3)
    os.set_inheritable(3, True)
    env = dict(os.environ, LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
    os.execvpe(sys.argv[2], sys.argv[2:], env)


def end(_signal, _frame):
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    sys.exit(0)


holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
holder.bind(sys.argv[1])
print('bound', flush=True)
child = start()
signal.signal(signal.SIGTERM, end)
for _ in range(5):
    print(child, flush=True)
    os.waitpid(child, 0)
    child = start()
