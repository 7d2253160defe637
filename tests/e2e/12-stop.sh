#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The ends of a server: what was accepted is finished, committed and
# answered; a server whose roles cannot live gives up; sockets that are
# passed in are taken.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "python3 is not here"

# A parcel is an age file of four hybrid stanzas and this many bytes.
parcel() {
	head -c 59190 /dev/urandom >"$TMP/plain"
	for i in 1 2 3 4; do
		sed -n 's/^standing [^ ]* [^ ]* //p' "$TMP/desk/public/keyset"
	done >"$TMP/recipients"
	expect 0 ecrdesk age-encrypt -R "$TMP/recipients" -o "$1" "$TMP/plain"
	[ "$(stat -c %s "$1")" -eq 65520 ] || fail "no parcel"
}

server_init
echo pass >"$TMP/pass"
expect 0 ecrdesk -d "$TMP/desk" --passphrase-file "$TMP/pass" init \
    -o office.example --kdf-memory 16
{ echo 'work-bits 0'; echo 'epoch-seconds 604800'; } >>"$TMP/conf"
parcel "$TMP/parcel"

# --- an upload is under way when SIGTERM comes
cat >"$TMP/slow.py" <<'END'
import os, signal, socket, sys
port, parcel, server = int(sys.argv[1]), open(sys.argv[2], "rb").read(), int(sys.argv[3])
s = socket.create_connection(("127.0.0.1", port), timeout=30)
s.sendall(b"POST /parcels HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
          b"Content-Length: %d\r\n\r\n" % len(parcel))
assert s.recv(4096).startswith(b"HTTP/1.1 100"), "not accepted"
s.sendall(parcel[:30000])
os.kill(server, signal.SIGTERM)
while True:             # until nobody is let in any more
    try:
        t = socket.create_connection(("127.0.0.1", port), timeout=30)
    except ConnectionError:
        break
    t.close()
s.sendall(parcel[30000:])
answer = b""
while True:
    more = s.recv(65536)
    if not more:
        break
    answer += more
print(answer.split(b"\r\n")[0].decode())
assert b"/receipt" in answer, answer
END
server_start
expect 0 python3 "$TMP/slow.py" "$plain" "$TMP/parcel" "$server"
says 'HTTP/1.1 201' "$TMP/out"
server_wait 0

# --- and what was answered is there
server_start
code=$(curl -sS --max-time 20 -o "$TMP/body" -w '%{http_code}' \
    --data-binary @"$TMP/parcel" "http://127.0.0.1:$plain/parcels")
[ "$code" = 200 ] || fail "the parcel of the stopped server: $code"

# --- roles that cannot live: the server gives up and says so
for n in 1 2 3 4 5 6; do
	all="$(roles store) $(roles front)"
	kill -KILL "$(roles store)"
	[ "$n" -eq 6 ] || restarted "$all"
done
server_wait 71
says 'ecrdropd: gave-up 1' "$TMP/server.log"
says 'ecrdropd: role-ended 6' "$TMP/server.log"

# --- sockets that are passed in
cat >"$TMP/pass.py" <<'END'
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen(5)
if sys.argv[1] == "0":
    print(s.getsockname()[1])
    sys.exit(0)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ["LISTEN_FDS"] = "1"
os.environ["LISTEN_PID"] = str(os.getpid())
os.execvp("ecrdropd", ["ecrdropd"] + sys.argv[2:])
END
free=$(python3 "$TMP/pass.py" 0)
sed -e "s/^listen plain .*/listen plain 127.0.0.1:$free local/" \
    -e '/^listen tls/d' "$TMP/conf" >"$TMP/passed"
ecrdropd() {
	exec python3 "$TMP/pass.py" "$free" "$@"
}
server_start "$TMP/passed"
[ "$plain" = "$free" ] || fail "it listens elsewhere"
[ "$(near /health)" = 200 ] || fail "health on a passed socket"
[ "$(roles front | wc -l)" -eq 2 ] || fail "two fronts on one socket"
server_stop
got=0
(ecrdropd -c "$TMP/conf" 2>"$TMP/err") || got=$?
[ $got -eq 71 ] || fail "a socket that nobody asked for: $got"
says 'no listen line names its address'
