/* SPDX-License-Identifier: ISC */
/*
 * tls.c - TLS 1.3 as a wire; see tls.h.
 *
 * OpenSSL reads straight into and writes straight out of the caller's
 * memory; no BIO of ours stands between.  Its error queue is emptied before
 * each call, because SSL_get_error() believes what others left there.
 * End of file without close_notify is an end like any other: whether a body
 * is whole is decided by its length alone.
 */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/log.h"
#include "server/tls.h"

struct tls {
	SSL_CTX *ctx;
	bool hybrid;
};

#define CIPHERS	"TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:" \
		"TLS_AES_256_GCM_SHA384"

/* --- set-up ------------------------------------------------------------------ */

/* Offered, but not http/1.1: a fatal alert.  Not offered at all: fine. */
static int
on_alpn(SSL *ssl, const unsigned char **out, unsigned char *nout,
    const unsigned char *in, unsigned nin, void *arg)
{
	static const unsigned char mine[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, nout, mine, sizeof(mine) - 1, in,
	    nin) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/*
 * Records are padded after the handshake alone: its own flight would grow to
 * 16 KiB.  From OpenSSL 3.2 on a connection takes its padding over when its
 * keys are made, so there it is the context that must say so beforehand.
 */
#if OPENSSL_VERSION_NUMBER >= 0x30400000L
static bool
pad_context(SSL_CTX *ctx)
{
	return SSL_CTX_set_block_padding_ex(ctx, TLS_PAD_BYTES, 0) == 1;
}

static bool
pad_connection(SSL *ssl)
{
	(void)ssl;
	return true;
}
#elif OPENSSL_VERSION_NUMBER >= 0x30200000L
static bool
pad_context(SSL_CTX *ctx)
{
	return SSL_CTX_set_block_padding(ctx, TLS_PAD_BYTES) == 1;
}

static bool
pad_connection(SSL *ssl)
{
	(void)ssl;
	return true;
}
#else
static bool
pad_context(SSL_CTX *ctx)
{
	(void)ctx;
	return true;
}

static bool
pad_connection(SSL *ssl)
{
	return SSL_set_block_padding(ssl, TLS_PAD_BYTES) == 1;
}
#endif

static SSL_CTX *
context(bool *hybrid)
{
	/* OpenSSL's macro takes these lists as if it would write to them. */
	char classic[] = "X25519:P-256";
	char with_kem[] = "X25519MLKEM768:X25519:P-256";
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return NULL;
	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET |
	    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	    SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	/* What it holds back on_holds() tells, so nobody waits for it. */
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	*hybrid = SSL_CTX_set1_groups_list(ctx, with_kem) == 1;
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
	    !pad_context(ctx) ||
	    SSL_CTX_set_max_early_data(ctx, 0) != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, CIPHERS) != 1 ||
	    (!*hybrid && SSL_CTX_set1_groups_list(ctx, classic) != 1)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/* The whole file from its beginning, wherever its offset stands. */
static int
pem_open(BIO **bio, unsigned char **text, size_t *n, int fd)
{
	ssize_t k;

	*n = 0;
	if ((*text = malloc(TLS_PEM_MAX + 1)) == NULL)
		return ERR_NOMEM;
	while ((k = pread(fd, *text + *n, TLS_PEM_MAX + 1 - *n,
	    (off_t)*n)) > 0)
		*n += (size_t)k;
	if (k < 0)
		return ERR_IO;
	if (*n > TLS_PEM_MAX)
		return ERR_LIMIT;
	*bio = BIO_new_mem_buf(*text, (int)*n);
	return *bio != NULL ? 0 : ERR_NOMEM;
}

static void
pem_close(BIO *bio, unsigned char *text)
{
	(void)BIO_free(bio);
	if (text != NULL)
		OPENSSL_cleanse(text, TLS_PEM_MAX + 1);
	free(text);
}

/* The server's certificate, then those that lead to it. */
static int
use_certificates(SSL_CTX *ctx, int fd)
{
	unsigned char *text = NULL;
	X509 *x = NULL;
	BIO *bio = NULL;
	size_t n;
	int r;

	if ((r = pem_open(&bio, &text, &n, fd)) != 0)
		goto out;
	r = ERR_FORMAT;
	if ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) == NULL ||
	    SSL_CTX_use_certificate(ctx, x) != 1)
		goto out;
	X509_free(x);
	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (SSL_CTX_add0_chain_cert(ctx, x) != 1)
			goto out;
	/* The end of the file is no error; anything else is. */
	if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
		r = 0;
	ERR_clear_error();
out:
	X509_free(x);
	pem_close(bio, text);
	return r;
}

/* A key that asks for a passphrase is refused, not asked for. */
static int
on_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static int
use_key(SSL_CTX *ctx, int fd)
{
	unsigned char *text = NULL;
	EVP_PKEY *key = NULL;
	BIO *bio = NULL;
	size_t n;
	int r;

	if ((r = pem_open(&bio, &text, &n, fd)) != 0)
		goto out;
	r = ERR_FORMAT;
	if ((key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase,
	    NULL)) == NULL || SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
	    SSL_CTX_check_private_key(ctx) != 1)
		goto out;
	r = 0;
out:
	EVP_PKEY_free(key);
	pem_close(bio, text);
	return r;
}

/* see tls.h */
int
tls_new(struct tls **out, int cert_fd, int key_fd)
{
	struct tls *t = NULL;
	int r = ERR_NOMEM;

	*out = NULL;
	ERR_clear_error();
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1 ||
	    (t = calloc(1, sizeof(*t))) == NULL ||
	    (t->ctx = context(&t->hybrid)) == NULL)
		goto out;
	ERR_clear_error();
	if ((r = use_certificates(t->ctx, cert_fd)) != 0) {
		diag("certificate: %s", err_str(r));
		goto out;
	}
	if ((r = use_key(t->ctx, key_fd)) != 0) {
		diag("key of the certificate: %s", err_str(r));
		goto out;
	}
	*out = t;
	t = NULL;
out:
	ERR_clear_error();
	tls_free(t);
	return r;
}

/* see tls.h */
void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* see tls.h */
bool
tls_holds(const struct tls *t, time_t now)
{
	const X509 *x = SSL_CTX_get0_certificate(t->ctx);

	if (x != NULL && X509_cmp_time(X509_get0_notBefore(x), &now) < 0 &&
	    X509_cmp_time(X509_get0_notAfter(x), &now) > 0)
		return true;
	diag("certificate: it has expired, or does not hold yet");
	return false;
}

/* see tls.h */
bool
tls_is_hybrid(const struct tls *t)
{
	return t->hybrid;
}

/* --- the wire ------------------------------------------------------------------ */

static enum wire_result
failed(const SSL *ssl, int r)
{
	switch (SSL_get_error(ssl, r)) {
	case SSL_ERROR_WANT_READ:
		return WIRE_READ;
	case SSL_ERROR_WANT_WRITE:
		return WIRE_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return WIRE_END;
	default:
		return WIRE_DEAD;
	}
}

static enum wire_result
on_hello(struct wire *w)
{
	SSL *ssl = w->state;
	int r;

	ERR_clear_error();
	if ((r = SSL_accept(ssl)) != 1) {
		if (BIO_number_read(SSL_get_rbio(ssl)) > TLS_HELLO_BYTES)
			return WIRE_DEAD;
		return failed(ssl, r);
	}
	/* The name it asked for has served. */
	(void)SSL_set_tlsext_host_name(ssl, NULL);
	return pad_connection(ssl) ? WIRE_OK : WIRE_DEAD;
}

static enum wire_result
on_read(struct wire *w, void *p, size_t n, size_t *got)
{
	int r;

	ERR_clear_error();
	r = SSL_read_ex(w->state, p, n, got);
	return r == 1 ? WIRE_OK : failed(w->state, r);
}

static enum wire_result
on_write(struct wire *w, const void *p, size_t n, size_t *put)
{
	int r;

	ERR_clear_error();
	r = SSL_write_ex(w->state, p, n, put);
	return r == 1 ? WIRE_OK : failed(w->state, r);
}

static enum wire_result
on_bye(struct wire *w)
{
	enum wire_result what;
	int r;

	ERR_clear_error();
	if ((r = SSL_shutdown(w->state)) < 0) {
		what = failed(w->state, r);
		/* A close_notify waits for nothing that could be read. */
		return what == WIRE_WRITE ? what : WIRE_DEAD;
	}
	return shutdown(w->fd, SHUT_WR) == 0 ? WIRE_OK : WIRE_DEAD;
}

static bool
on_holds(const struct wire *w)
{
	return SSL_has_pending(w->state) == 1;
}

static void
on_close(struct wire *w)
{
	SSL_free(w->state);
	w->state = NULL;
	(void)close(w->fd);		/* nothing could be done about it */
	w->fd = -1;
}

static const struct wire_ops tls_ops = {
	on_hello, on_read, on_write, on_bye, wire_drain_fd, on_holds, on_close
};

/* see tls.h */
int
tls_wire(struct wire *w, struct tls *t, int fd)
{
	SSL *ssl;

	ERR_clear_error();
	if ((ssl = SSL_new(t->ctx)) == NULL)
		return ERR_NOMEM;
	if (SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return ERR_NOMEM;
	}
	SSL_set_accept_state(ssl);
	w->ops = &tls_ops;
	w->fd = fd;
	w->state = ssl;
	return 0;
}
