/* SPDX-License-Identifier: ISC */
/*
 * tls.h - TLS 1.3 as a wire, and nothing older.
 *
 * No tickets, no session cache, no early data: nothing links two visits.
 * After the handshake every record to the client is padded to TLS_PAD_BYTES,
 * so that a refusal, a receipt and a short note look alike.
 */
#ifndef ECR_TLS_H
#define ECR_TLS_H

#include <time.h>

#include "crypto/err.h"
#include "server/wire.h"

#define TLS_PAD_BYTES	4096	/* records to the client, once it is in */
#define TLS_HELLO_BYTES	65536	/* what a handshake may take from the wire */
#define TLS_PEM_MAX	262144	/* a certificate or key file */

struct tls;
/*
 * tls_new - from the PEM bytes of two open files, which stay the caller's.
 * What is wrong is said with diag().  Wipes the key's text.
 * Errors: ERR_FORMAT (no certificate or key in them, or they don't fit),
 *         ERR_LIMIT (a file over TLS_PEM_MAX), ERR_IO, ERR_NOMEM.
 */
MUST_USE int tls_new(struct tls **out, int cert_fd, int key_fd);
void tls_free(struct tls *t);
/* Does the certificate hold at this time?  If not, diag() says so. */
bool tls_holds(const struct tls *t, time_t now);
/* Does this OpenSSL know X25519MLKEM768?  For the start's message. */
bool tls_is_hybrid(const struct tls *t);

/*
 * The server's side of a connection.  Takes fd, which must not block; on
 * ERR_NOMEM it stays the caller's.
 */
MUST_USE int tls_wire(struct wire *w, struct tls *t, int fd);

#endif
