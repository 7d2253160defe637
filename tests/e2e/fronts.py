# SPDX-License-Identifier: ISC
"""fronts.py WHAT CONF PARCEL TOKEN - a front goes wrong in the middle of work.

WHAT is hang: one of two fronts is stopped while uploads are under way on both;
the other one's go on, new ones get receipts, and within a minute the server
has ended the silent front and serves everybody.
Or scribble (under tests/preload/scribble.c): the slots of one of two fronts are
written into all the time.  What goes through the other one is not touched;
whatever is stored is what its digest says.
"""
import http.client
import os
import select
import signal
import socket
import sys
import time

import kill
import logread

HEAD = (b'POST /parcels HTTP/1.1\r\nHost: localhost\r\n'
        b'Content-Length: 65520\r\n\r\n')
BOUND = 60
FEW = 24                    # so many connections meet both fronts


def half_sent(server, book):
    """(socket, number) of an upload that stands still in its middle."""
    n = book.next()
    s = socket.create_connection(('127.0.0.1', server.port), timeout=5)
    s.sendall(HEAD + book.parcel(n)[:40000])
    return s, n


def answers(under_way, book, seconds):
    """The rest of all of them; how many get a receipt."""
    got, waiting = 0, {}
    for s, n in under_way:
        try:
            s.sendall(book.parcel(n)[40000:])
            waiting[s] = n
        except OSError:
            s.close()
    end = time.monotonic() + seconds
    while waiting and time.monotonic() < end:
        for s in select.select(list(waiting), [], [], 0.1)[0]:
            n = waiting.pop(s)
            try:
                answer = http.client.HTTPResponse(s)
                answer.begin()
                body = answer.read()
                if answer.status == 201:
                    book.promised(n, body)
                    got += 1
            except (OSError, http.client.HTTPException):
                pass
            s.close()
    for s in waiting:
        s.close()
    return got


def quick(server, book, seconds):
    """One upload on a connection of its own: its status, or None."""
    n = book.next()
    conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                      timeout=seconds)
    try:
        status, body = kill.post(conn, book.parcel(n))
        if status in (200, 201):
            book.promised(n, body)
        return status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        conn.close()


def hang(server, book):
    under_way = [half_sent(server, book) for _ in range(FEW)]
    before = server.roles()
    victim = server.roles('front')[0]
    os.kill(victim, signal.SIGSTOP)
    began = time.monotonic()
    # Those on the other front end well; a stopped one says nothing.
    served = answers(under_way, book, 12)
    if served == 0:
        raise kill.Fault('nobody was served beside a front that hangs')
    new = 0
    while set(server.roles()) & set(before):
        new += quick(server, book, 2) == 201
        if time.monotonic() > began + BOUND:
            raise kill.Fault('a front that hangs is left alone')
        time.sleep(0.1)
    took = time.monotonic() - began
    if new == 0:
        raise kill.Fault('no new upload beside a front that hangs')
    while quick(server, book, 5) != 201:
        if time.monotonic() > began + BOUND:
            raise kill.Fault('it does not serve again')
    print('%d of %d under way and %d new ones served in the %d s until the '
          'front was ended' % (served, FEW, new, took))


def scribble(server, book):
    before = server.roles()
    good = spoilt = refused = 0
    end = time.monotonic() + 2 * BOUND
    while good < 50 or spoilt < 10:
        n = book.next()
        conn = http.client.HTTPConnection('127.0.0.1', server.port,
                                          timeout=kill.SECONDS)
        status, body = kill.post(conn, book.parcel(n))
        conn.close()
        if status in (429, 503):
            time.sleep(0.05)
        elif status == 400:
            refused += 1
        elif logread.receipt(body)[0] == book.digest(n):
            book.promised(n, body)
            good += 1
        else:
            spoilt += 1             # the client sees that it is not his
        if time.monotonic() > end:
            raise kill.Fault('%d good, %d not' % (good, spoilt + refused))
    if server.roles() != before:
        raise kill.Fault('it did not bear that')
    print('%d uploads through the other front; %d through this one refused, '
          '%d with a receipt for something else' % (good, refused, spoilt))


def restart_unspoilt(server):
    server.process.terminate()
    if server.end() != 0:
        raise kill.Fault('it did not stop well')
    del os.environ['LD_PRELOAD']
    server.launch()
    server.ready()


def main():
    what, conf, parcel, token = sys.argv[1:]
    with open(parcel, 'rb') as f:
        # Parcels of its own: what the other one stored is answered 200.
        book = kill.Book(f.read(), 1 if what == 'hang' else 0)
    with open(os.environ['TMP'] + '/server.log', 'ab', buffering=0) as said:
        server = kill.Server(conf, said)
        server.launch()
        try:
            server.ready()
            {'hang': hang, 'scribble': scribble}[what](server, book)
            if what == 'hang':
                kill.again(server, book, list(book.receipts))
            else:               # what is read would be changed under way
                restart_unspoilt(server)
            # Every body in the log, whoever's it is, is its digest's.
            logged = kill.whole_log(server, book, token)
            print('%d receipts honoured, %d bodies are what they were' %
                  (len(book.receipts), len(logged)))
            server.process.terminate()
            if server.end() != 0:
                raise kill.Fault('it did not stop well')
        except kill.Fault as e:
            print('%s: %s' % (what, e))
            return 1
        finally:
            server.kill(server.children() + [server.process.pid])
    return 0


if __name__ == '__main__':
    sys.exit(main())
