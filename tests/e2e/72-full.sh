#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Caps hold to the parcel: a full epoch is 503 with Retry-After, and the next
# one takes again.  A full drop says so beforehand, refuses everybody, and
# still closes its epochs; with more room it goes on.
. "$(dirname "$0")/lib.sh"

policy() {
	curl -sS "http://127.0.0.1:$plain/policy" | jq "$1"
}

# fill CLIENTS - until somebody is refused; answers to $TMP/mob
fill() {
	"$B/e2e/mob" "https://localhost:$tls" "$TMP/cert.pem" \
	    drop.example/log 127.0.0.1 "$1" 120 fill >"$TMP/mob" ||
	    fail "the mob"
}

count() {
	awk -v s="$1" '$1 == s { n = $2 } END { print n + 0 }' "$TMP/mob"
}

server_init
cat >>"$TMP/conf" <<-END
	epoch-seconds 10
	work-bits 2
END
server_start
while :; do
	before=$(policy .epoch_close)
	while close=$(policy .epoch_close) && [ "$close" = "$before" ]; do
		sleep 0.1
	done
	fill 8
	got=$(near /health)
	[ "$(policy .epoch_close)" != "$close" ] || break # all within one
done
[ "$got" = 503 ] || fail "not full"
# Sent again by itself after a lost answer, a parcel is held already.
[ $(($(count 201) + $(count 200))) -eq 64 ] || fail "not 64: $(tr "\n" ";" <"$TMP/mob")"
says full "$TMP/body"
[ "$(policy .work_bits)" -eq 18 ] || fail "bits when full"

# What is refused then, and how; with all the work that can be asked.
python3 - "$plain" "$close" >"$TMP/got" <<'END'
import base64, hashlib, os, socket, sys
def b64(n):
    return base64.b64encode(os.urandom(n)).rstrip(b'=')
p = b'age-encryption.org/v1\n'
for _ in range(4):
    p += b'-> mlkem768x25519 ' + b64(1120) + b'\n' + b64(32) + b'\n'
p += b'--- ' + b64(32) + b'\n'
p += os.urandom(65520 - len(p))
digest = hashlib.sha256(p).digest()
begun = hashlib.sha256(b'ecrdrop/work/v1' +
    hashlib.sha256(b'drop.example/log').digest() +
    int(sys.argv[2]).to_bytes(8, 'big') + digest)
nonce = 0
while True:
    h = begun.copy()
    h.update(nonce.to_bytes(8, 'big'))
    if int.from_bytes(h.digest()[:4], 'big') >> 14 == 0:
        break
    nonce += 1
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
s.sendall(b'POST /parcels HTTP/1.1\r\nHost: localhost\r\n'
    b'Content-Length: 65520\r\nECRDrop-Digest: %s\r\n'
    b'ECRDrop-Work: %016x\r\n\r\n' % (digest.hex().encode(), nonce) + p)
print(s.recv(65536).decode())
END
if [ "$(policy .epoch_close)" = "$close" ]; then
	says 'HTTP/1.1 503' "$TMP/got"
	says 'Retry-After: 5' "$TMP/got"
fi

# The next epoch takes as many again, for as little work as before.
while [ "$(policy .epoch_close)" = "$close" ]; do
	sleep 0.2
done
[ "$(policy .work_bits)" -eq 2 ] || fail "bits do not fall"
[ "$(near /health)" = 200 ] || fail "still full"
fill 8
[ "$(count 201)" -ge 1 ] || fail "nothing is taken"
server_stop
says 'pending-full' "$TMP/server.log"

# --- a drop so small that cover alone fills it
rm -r "$TMP/data" "$TMP"/data.* 2>/dev/null || :
rm "$TMP/server.log"
server_init
sed -i '/^batch/d' "$TMP/conf"
cat >>"$TMP/conf" <<-END
	drop-bytes 41943040
	batch 16
	epoch-seconds 1
	work-bits 0
END
server_start
size() {
	curl -sS "http://127.0.0.1:$plain/log/checkpoint" | sed -n 2p
}

# epochs N - until so many closes more were due; watching /health
epochs() {
	until=$(($(policy .epoch_close) + $1))
	while [ "$(policy .epoch_close)" -lt $until ]; do
		near /health >"$TMP/status"
		! grep -q '^nearly full$' "$TMP/body" || seen=yes
		! grep -q '^ok$' "$TMP/body" || well=yes
		sleep 0.1
	done
}

# Full means: no parcel and its cover any more.  Closes go on.
seen='' before='' well=''
until [ "$before" = "$(size)" ]; do
	before=$(size)
	epochs 3
done
[ -n "$seen" ] && [ -n "$well" ] || fail "nobody was warned"
well=''
epochs 6
[ -z "$well" ] && [ "$(near /health)" = 503 ] || fail "not full"
says full "$TMP/body"
[ "$(size)" -eq "$before" ] || fail "cover still comes"
fill 1
[ "$(count 201)" -eq 0 ] || fail "something was taken"
server_stop
says 'nearly-full' "$TMP/server.log"
! grep -q 'close-failed' "$TMP/server.log" || fail "a close failed"
# More room, and it takes again.
sed -i 's/^drop-bytes .*/drop-bytes 67108864/' "$TMP/conf"
server_start
[ "$(near /health)" = 200 ] || fail "more room is not used"
server_stop
