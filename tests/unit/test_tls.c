/* SPDX-License-Identifier: ISC */
/*
 * test_tls.c - TLS as a wire, against an OpenSSL client in the same process,
 * over a socket pair; and keys and certificates that don't fit.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/tls.h"

/* --- keys and certificates ---------------------------------------------------------- */

static EVP_PKEY *
make_key(void)
{
	EVP_PKEY *k = EVP_EC_gen("P-256");

	cr_assert_not_null(k);
	return k;
}

static X509 *
make_cert(EVP_PKEY *k)
{
	X509 *x = X509_new();

	cr_assert_not_null(x);
	cr_assert_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 1), 1);
	cr_assert_not_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
	cr_assert_not_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
	cr_assert_eq(X509_set_pubkey(x, k), 1);
	cr_assert_gt(X509_sign(x, k, EVP_sha256()), 0);
	return x;
}

/* A descriptor of a file with these bytes, read to its end already. */
static int
file_of(BIO *bio)
{
	int fd = memfd_create("test", 0);
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	cr_assert_neq(fd, -1);
	cr_assert_eq(write(fd, p, (size_t)n), n);
	BIO_free(bio);
	return fd;
}

static int
cert_file(EVP_PKEY *k, int how_many)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x;

	for (; how_many > 0; how_many--) {
		x = make_cert(k);
		cr_assert_eq(PEM_write_bio_X509(bio, x), 1);
		X509_free(x);
	}
	return file_of(bio);
}

static int
key_file(EVP_PKEY *k, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());

	cr_assert_eq(PEM_write_bio_PrivateKey(bio, k,
	    passphrase != NULL ? EVP_aes_256_cbc() : NULL,
	    (const unsigned char *)passphrase,
	    passphrase != NULL ? (int)strlen(passphrase) : 0, NULL, NULL), 1);
	return file_of(bio);
}

static int
text_file(const char *s)
{
	BIO *bio = BIO_new(BIO_s_mem());

	cr_assert_geq(BIO_puts(bio, s), 0);
	return file_of(bio);
}

static int
load(int cert, int key)
{
	struct tls *t;
	int r = tls_new(&t, cert, key);

	cr_assert_eq(r == 0, t != NULL);
	tls_free(t);
	(void)close(cert);
	(void)close(key);
	cr_assert_eq(ERR_peek_error(), 0, "nothing stays in the queue");
	return r;
}

Test(tls, loads_a_certificate_and_its_key)
{
	EVP_PKEY *k = make_key();

	cr_assert_eq(load(cert_file(k, 1), key_file(k, NULL)), 0);
	cr_assert_eq(load(cert_file(k, 3), key_file(k, NULL)), 0);
	EVP_PKEY_free(k);
}

Test(tls, refuses_what_does_not_fit)
{
	EVP_PKEY *k = make_key(), *other = make_key();

	cr_assert_eq(load(cert_file(k, 1), key_file(other, NULL)),
	    ERR_FORMAT);
	cr_assert_eq(load(cert_file(k, 0), key_file(k, NULL)), ERR_FORMAT);
	cr_assert_eq(load(cert_file(k, 1), text_file("")), ERR_FORMAT);
	cr_assert_eq(load(text_file("no certificate\n"), key_file(k, NULL)),
	    ERR_FORMAT);
	cr_assert_eq(load(key_file(k, NULL), key_file(k, NULL)), ERR_FORMAT);
	cr_assert_eq(load(cert_file(k, 1), cert_file(k, 1)), ERR_FORMAT);
	EVP_PKEY_free(k);
	EVP_PKEY_free(other);
}

Test(tls, asks_nobody_for_a_passphrase)
{
	EVP_PKEY *k = make_key();

	cr_assert_eq(load(cert_file(k, 1), key_file(k, "secret")),
	    ERR_FORMAT);
	EVP_PKEY_free(k);
}

Test(tls, refuses_files_past_all_sense)
{
	EVP_PKEY *k = make_key();
	int fd = memfd_create("test", 0);

	cr_assert_eq(ftruncate(fd, TLS_PEM_MAX + 1), 0);
	cr_assert_eq(load(fd, key_file(k, NULL)), ERR_LIMIT);
	fd = memfd_create("test", 0);
	cr_assert_eq(ftruncate(fd, TLS_PEM_MAX + 1), 0);
	cr_assert_eq(load(cert_file(k, 1), fd), ERR_LIMIT);
	EVP_PKEY_free(k);
}

Test(tls, refuses_half_a_chain)
{
	EVP_PKEY *k = make_key();
	int fd = cert_file(k, 2);
	off_t n = lseek(fd, 0, SEEK_END);

	cr_assert_eq(ftruncate(fd, n - 40), 0);
	cr_assert_eq(load(fd, key_file(k, NULL)), ERR_FORMAT);
	EVP_PKEY_free(k);
}

/* --- a connection ---------------------------------------------------------------------- */

static struct {
	struct tls *tls;
	struct wire w;
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;				/* the client's end */
} t;

static void
start(int version, const char *alpn)
{
	EVP_PKEY *k = make_key();
	int pair[2], cert = cert_file(k, 1), key = key_file(k, NULL);

	cr_assert_eq(tls_new(&t.tls, cert, key), 0);
	(void)close(cert);
	(void)close(key);
	EVP_PKEY_free(k);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	cr_assert_eq(tls_wire(&t.w, t.tls, pair[0]), 0);
	t.fd = pair[1];
	t.ctx = SSL_CTX_new(TLS_client_method());
	cr_assert_eq(SSL_CTX_set_max_proto_version(t.ctx, version), 1);
	t.ssl = SSL_new(t.ctx);
	cr_assert_eq(SSL_set_fd(t.ssl, t.fd), 1);
	if (alpn != NULL)
		cr_assert_eq(SSL_set_alpn_protos(t.ssl,
		    (const unsigned char *)alpn, (unsigned)strlen(alpn)), 0);
	SSL_set_connect_state(t.ssl);
}

static void
finish(void)
{
	t.w.ops->close(&t.w);
	SSL_free(t.ssl);
	SSL_CTX_free(t.ctx);
	tls_free(t.tls);
	(void)close(t.fd);
}

/* Both sides by turns, until the server's is done. */
static enum wire_result
shake(void)
{
	enum wire_result r = WIRE_READ;
	int i;

	for (i = 0; i < 20; i++) {
		(void)SSL_do_handshake(t.ssl);
		r = t.w.ops->hello(&t.w);
		if (r != WIRE_READ && r != WIRE_WRITE)
			break;
	}
	(void)SSL_do_handshake(t.ssl);
	ERR_clear_error();
	return r;
}

Test(tls, carries_bytes_both_ways)
{
	char buf[100];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_READ);
	cr_assert_eq(SSL_write(t.ssl, "question", 8), 8);
	cr_assert_eq(t.w.ops->read(&t.w, buf, 5, &n), WIRE_OK);
	cr_assert_eq(n, 5);
	cr_assert(t.w.ops->holds(&t.w), "the rest waits inside");
	cr_assert_eq(t.w.ops->read(&t.w, buf + 5, 50, &n), WIRE_OK);
	cr_assert_arr_eq(buf, "question", 8);
	cr_assert_not(t.w.ops->holds(&t.w));
	cr_assert_eq(t.w.ops->write(&t.w, "answer", 6, &n), WIRE_OK);
	cr_assert_eq(SSL_read(t.ssl, buf, sizeof(buf)), 6);
	cr_assert_arr_eq(buf, "answer", 6);
	finish();
}

/* The descriptor tells of no record that was read ahead. */
Test(tls, says_that_it_holds_records_it_read_ahead)
{
	char buf[100];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(SSL_write(t.ssl, "one", 3), 3);
	cr_assert_eq(SSL_write(t.ssl, "two", 3), 3);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_OK);
	cr_assert_eq(n, 3);
	cr_assert(t.w.ops->holds(&t.w));
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_OK);
	cr_assert_arr_eq(buf, "two", 3);
	cr_assert_not(t.w.ops->holds(&t.w));
	finish();
}

/* New keys on the way: what came behind them must not wait for more. */
Test(tls, reads_on_after_new_keys)
{
	char buf[100];
	size_t n;
	int i;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	for (i = 0; i < 3; i++) {
		cr_assert_eq(SSL_key_update(t.ssl,
		    i < 2 ? SSL_KEY_UPDATE_REQUESTED :
		    SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		cr_assert_eq(SSL_do_handshake(t.ssl), 1);
	}
	cr_assert_eq(SSL_write(t.ssl, "question", 8), 8);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_OK,
	    "nothing more will come");
	cr_assert_eq(n, 8);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_READ);
	cr_assert_eq(t.w.ops->write(&t.w, "answer", 6, &n), WIRE_OK);
	cr_assert_eq(SSL_read(t.ssl, buf, sizeof(buf)), 6);
	finish();
}

/* New keys asked for without end: who does not read what that brings waits. */
Test(tls, is_not_flooded_by_new_keys)
{
	enum wire_result r = WIRE_READ;
	char buf[100];
	size_t n;
	int i;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	for (i = 0; i < 5000 && r == WIRE_READ; i++) {
		cr_assert_eq(SSL_key_update(t.ssl, SSL_KEY_UPDATE_REQUESTED),
		    1);
		if (SSL_do_handshake(t.ssl) != 1)
			break;
		r = t.w.ops->read(&t.w, buf, sizeof(buf), &n);
	}
	cr_assert_eq(r, WIRE_WRITE, "%d after %d", r, i);
	ERR_clear_error();
	finish();
}

Test(tls, speaks_no_older_version)
{
	start(TLS1_2_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_DEAD);
	finish();
}

Test(tls, speaks_http11_or_is_not_asked)
{
	start(TLS1_3_VERSION, "\x08http/1.1");
	cr_assert_eq(shake(), WIRE_OK);
	finish();
	start(TLS1_3_VERSION, "\x02h2\x08http/1.1");
	cr_assert_eq(shake(), WIRE_OK);
	finish();
	start(TLS1_3_VERSION, "\x02h2");
	cr_assert_eq(shake(), WIRE_DEAD);
	finish();
}

/* What the client's end of the socket holds, raw. */
static size_t
raw_bytes(unsigned char *buf, size_t cap)
{
	ssize_t n = read(t.fd, buf, cap);

	return n > 0 ? (size_t)n : 0;
}

Test(tls, gives_no_ticket_and_pads_what_it_says)
{
	unsigned char buf[65536];
	size_t n, put;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(raw_bytes(buf, sizeof(buf)), 0, "a ticket");
	cr_assert_eq(t.w.ops->write(&t.w, "a", 1, &put), WIRE_OK);
	n = raw_bytes(buf, sizeof(buf));
	cr_assert_geq(n, TLS_PAD_BYTES);
	cr_assert_eq(t.w.ops->write(&t.w, buf + 100, 3000, &put), WIRE_OK);
	cr_assert_eq(put, 3000);
	cr_assert_eq(raw_bytes(buf, sizeof(buf)), n,
	    "one byte and 3000 look alike");
	finish();
}

Test(tls, takes_no_early_data_and_resumes_nothing)
{
	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(SSL_SESSION_is_resumable(SSL_get_session(t.ssl)), 0);
	cr_assert_eq(SSL_get_max_early_data(t.w.state), 0);
	cr_assert_str_eq(SSL_get_cipher(t.ssl), "TLS_AES_128_GCM_SHA256");
	finish();
}

Test(tls, says_goodbye_with_close_notify_and_fin)
{
	unsigned char buf[100];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(t.w.ops->bye(&t.w), WIRE_OK);
	cr_assert_eq(SSL_read(t.ssl, buf, sizeof(buf)), 0);
	cr_assert_eq(SSL_get_shutdown(t.ssl) & SSL_RECEIVED_SHUTDOWN,
	    SSL_RECEIVED_SHUTDOWN);
	cr_assert_eq(read(t.fd, buf, sizeof(buf)), 0, "and FIN");
	cr_assert_eq(SSL_write(t.ssl, "too late", 8), 8);
	cr_assert_eq(t.w.ops->drain(&t.w, &n), WIRE_OK);
	cr_assert_gt(n, 8);
	cr_assert_eq(t.w.ops->drain(&t.w, &n), WIRE_READ);
	(void)close(t.fd);
	cr_assert_eq(t.w.ops->drain(&t.w, &n), WIRE_END);
	t.fd = -1;
	finish();
}

Test(tls, takes_a_bare_fin_for_an_end)
{
	char buf[10];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(shutdown(t.fd, SHUT_WR), 0);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_END);
	cr_assert_eq(t.w.ops->write(&t.w, "still", 5, &n), WIRE_OK);
	finish();
}

Test(tls, is_not_fooled_by_what_others_left_in_the_error_queue)
{
	char buf[10];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_READ);
	finish();
}

Test(tls, dies_of_noise)
{
	static const char noise[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(write(t.fd, noise, sizeof(noise)),
	    (ssize_t)sizeof(noise));
	cr_assert_eq(t.w.ops->hello(&t.w), WIRE_DEAD);
	finish();
}

/* A record after the handshake whose tag does not hold. */
Test(tls, dies_of_a_forged_record)
{
	static const unsigned char forged[] = "\x17\x03\x03\x00\x20"
	    "0123456789abcdef0123456789abcdef";
	char buf[10];
	size_t n;

	start(TLS1_3_VERSION, NULL);
	cr_assert_eq(shake(), WIRE_OK);
	cr_assert_eq(write(t.fd, forged, sizeof(forged) - 1),
	    (ssize_t)sizeof(forged) - 1);
	cr_assert_eq(t.w.ops->read(&t.w, buf, sizeof(buf), &n), WIRE_DEAD);
	finish();
}

/* --- the plain wire ------------------------------------------------------------------------ */

Test(wire, carries_bytes_as_they_are)
{
	struct wire w;
	char buf[10];
	size_t n;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	wire_plain(&w, pair[0]);
	cr_assert_eq(w.ops->hello(&w), WIRE_OK);
	cr_assert_eq(w.ops->read(&w, buf, sizeof(buf), &n), WIRE_READ);
	cr_assert_eq(write(pair[1], "abc", 3), 3);
	cr_assert_eq(w.ops->read(&w, buf, sizeof(buf), &n), WIRE_OK);
	cr_assert(n == 3 && memcmp(buf, "abc", 3) == 0);
	cr_assert_eq(w.ops->write(&w, "xyz", 3, &n), WIRE_OK);
	cr_assert_eq(read(pair[1], buf, sizeof(buf)), 3);
	cr_assert_eq(w.ops->bye(&w), WIRE_OK);
	cr_assert_eq(read(pair[1], buf, sizeof(buf)), 0);
	(void)close(pair[1]);
	cr_assert_eq(w.ops->drain(&w, &n), WIRE_END);
	w.ops->close(&w);
}

Test(wire, waits_where_there_is_no_room)
{
	static char big[1 << 16];
	enum wire_result r;
	struct wire w;
	size_t n, total = 0;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    pair), 0);
	wire_plain(&w, pair[0]);
	while ((r = w.ops->write(&w, big, sizeof(big), &n)) == WIRE_OK)
		total += n;
	cr_assert_eq(r, WIRE_WRITE);
	cr_assert_gt(total, 0);
	w.ops->close(&w);
	(void)close(pair[1]);
}
