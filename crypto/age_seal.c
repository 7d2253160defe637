/* SPDX-License-Identifier: ISC */
/*
 * age_seal.c - writing age files.
 *
 * Only hybrid recipients are sealed to.  Invariant: buf holds the first n
 * bytes of chunk i, and a full chunk leaves only when more follows, since
 * the last one is sealed under another nonce.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age_int.h"

#define NRCS_MAX	((AGE_HEADER_MAX - AGE_HEADER_BYTES(0)) / \
			    AGE_STANZA_BYTES)

struct age_enc {
	struct chapoly *c;
	age_sink *sink;
	void *arg;
	uint64_t i;
	size_t n;
	int err;			/* what ended the work */
	unsigned char buf[AGE_SEALED_BYTES];
};

/* The whole header into w, stanzas in the order of their recipients. */
static int
write_head(struct wr *w, const unsigned char *file_key,
    const struct age_recipient *rcs, size_t nrcs, const unsigned char *eseed)
{
	unsigned char stanza[AGE_STANZA_BYTES], mac[AGE_MAC_BYTES];
	size_t i;
	int r;

	wr_str(w, AGE_VERSION_LINE "\n");
	for (i = 0; i < nrcs; i++) {
		if ((r = age_stanza_seal(stanza, &rcs[i], file_key,
		    eseed == NULL ? NULL : eseed + i * HPKE_ESEED_BYTES)) != 0)
			return r;
		wr_bytes(w, stanza, sizeof(stanza));
	}
	wr_str(w, "---");
	age_head_mac(mac, file_key, wr_rd(w));
	wr_u8(w, ' ');
	wr_b64(w, mac, sizeof(mac), false);
	wr_u8(w, '\n');
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* What chance gives, or the caller instead. */
static void
draw(unsigned char *out, size_t n, const unsigned char *given)
{
	if (given != NULL)
		memcpy(out, given, n);
	else
		randombytes_buf(out, n);
}

/* Header and payload nonce, sent off; leaves e ready for plaintext. */
static int
begin(struct age_enc *e, const struct age_recipient *rcs, size_t nrcs,
    const struct age_random *chance)
{
	static const struct age_random none = { NULL, NULL, NULL };
	unsigned char file_key[AGE_FILE_KEY_BYTES], nonce[AGE_NONCE_BYTES];
	size_t cap = AGE_HEADER_BYTES(nrcs) + AGE_NONCE_BYTES;
	unsigned char *head = NULL;
	struct wr w;
	int r = ERR_NOMEM;

	if (chance == NULL)
		chance = &none;
	draw(file_key, sizeof(file_key), chance->file_key);
	draw(nonce, sizeof(nonce), chance->nonce);
	if ((head = malloc(cap)) == NULL)
		goto out;
	w = wr_from(head, cap);
	if ((r = write_head(&w, file_key, rcs, nrcs, chance->eseed)) != 0)
		goto out;
	wr_bytes(&w, nonce, sizeof(nonce));
	r = ERR_NOMEM;
	if ((e->c = age_payload(file_key, nonce)) == NULL)
		goto out;
	r = wr_ok(&w) ? e->sink(e->arg, head, w.n) : ERR_LIMIT;
out:
	free(head);
	sodium_memzero(file_key, sizeof(file_key));
	return r;
}

/* see age.h */
int
age_enc_new(struct age_enc **out, const struct age_recipient *rcs,
    size_t nrcs, const struct age_random *chance, age_sink *sink, void *arg)
{
	struct age_enc *e;
	int r;

	*out = NULL;
	if (nrcs == 0 || nrcs > NRCS_MAX)
		return ERR_LIMIT;
	if ((e = malloc(sizeof(*e))) == NULL)
		return ERR_NOMEM;
	e->c = NULL;
	e->sink = sink;
	e->arg = arg;
	e->i = 0;
	e->n = 0;
	e->err = 0;
	if ((r = begin(e, rcs, nrcs, chance)) != 0) {
		age_enc_free(e);
		return r;
	}
	*out = e;
	return 0;
}

/* see age.h */
void
age_enc_free(struct age_enc *e)
{
	if (e == NULL)
		return;
	chapoly_free(e->c);
	sodium_memzero(e, sizeof(*e));
	free(e);
}

static int
send_chunk(struct age_enc *e, bool last)
{
	unsigned char nonce[CHAPOLY_NONCEBYTES];
	int r;

	age_chunk_nonce(nonce, e->i, last);
	if ((r = chapoly_seal(e->c, e->buf, nonce, e->buf, e->n)) != 0)
		return r;
	r = e->sink(e->arg, e->buf, e->n + CHAPOLY_TAGBYTES);
	e->i++;
	e->n = 0;
	return r;
}

/* see age.h */
int
age_enc_push(struct age_enc *e, const void *p, size_t n)
{
	struct rd in = rd_from(p, n);
	size_t take;

	while (e->err == 0 && !rd_done(&in)) {
		if (e->n == AGE_CHUNK_BYTES &&
		    (e->err = send_chunk(e, false)) != 0)
			break;
		take = AGE_CHUNK_BYTES - e->n;
		if (take > in.n)
			take = in.n;
		if (!rd_copy(&in, e->buf + e->n, take))
			abort();		/* in.n was asked above */
		e->n += take;
	}
	return e->err;
}

/* see age.h */
int
age_enc_finish(struct age_enc *e)
{
	int r;

	if (e->err != 0)
		return e->err;
	r = send_chunk(e, true);
	e->err = r != 0 ? r : ERR_ORDER;	/* nothing may follow */
	return r;
}

static int
to_wr(void *arg, const unsigned char *p, size_t n)
{
	struct wr *w = arg;

	wr_bytes(w, p, n);
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* Is there room for the whole file?  Asked before any work is done. */
static bool
fits(const struct wr *out, size_t nrcs, size_t n)
{
	size_t room = out->cap - out->n, chunks = 1;

	if (!wr_ok(out) || nrcs == 0 || nrcs > NRCS_MAX || n > room)
		return false;
	if (n > 0)
		chunks = (n - 1) / AGE_CHUNK_BYTES + 1;
	return room - n >= AGE_HEADER_BYTES(nrcs) + AGE_NONCE_BYTES +
	    chunks * CHAPOLY_TAGBYTES;
}

/* see age.h */
int
age_seal(struct wr *out, const struct age_recipient *rcs, size_t nrcs,
    struct rd plain, const struct age_random *chance)
{
	struct age_enc *e = NULL;
	size_t start = out->n;
	int r;

	if (!fits(out, nrcs, plain.n))
		return ERR_LIMIT;
	if ((r = age_enc_new(&e, rcs, nrcs, chance, to_wr, out)) != 0 ||
	    (r = age_enc_push(e, plain.p, plain.n)) != 0 ||
	    (r = age_enc_finish(e)) != 0)
		out->n = start;
	age_enc_free(e);
	return r;
}
