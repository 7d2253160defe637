# SPDX-License-Identifier: ISC
"""talk.py SCRIPT COMMAND... - hold a dialogue on a terminal of its own.

SCRIPT has a line "WORDS => ANSWER" for each turn: what is seen must come to
hold WORDS after the turn before; then ANSWER and a line end are typed.
(Enter) is an empty line; ^C and ^D are these keys alone.  What was seen goes to standard output; the
exit code is the command's.
"""
import os
import pty
import select
import sys

SECONDS = 60


def read_some(fd):
    ready, _, _ = select.select([fd], [], [], SECONDS)
    if not ready:
        raise SystemExit('talk.py: nothing was said any more')
    try:
        return os.read(fd, 65536)
    except OSError:
        return b''


def main():
    with open(sys.argv[1], 'rb') as f:
        turns = [line.rstrip(b'\n').split(b' => ', 1) for line in f
                 if line.strip() and not line.startswith(b'#')]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    new = b''
    for words, answer in turns:
        while words not in new:
            more = read_some(fd)
            if not more:
                sys.stdout.buffer.write(new)
                sys.exit('\ntalk.py: it ended before it said: '
                         + words.decode())
            new += more
        at = new.index(words) + len(words)
        sys.stdout.buffer.write(new[:at])
        new = new[at:]
        keys = {b'^C': b'\x03', b'^D': b'\x04', b'(Enter)': b'\n'}.get(
            answer, answer + b'\n')
        os.write(fd, keys)
    while more := read_some(fd):
        new += more
    sys.stdout.buffer.write(new)
    sys.stdout.flush()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xff)


main()
