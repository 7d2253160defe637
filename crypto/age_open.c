/* SPDX-License-Identifier: ISC */
/*
 * age_open.c - reading age files, whole or as they come.
 *
 * No byte of plaintext leaves before its chunk's tag held.  Invariant of the
 * stream: buf holds less than one chunk between calls, and once a chunk was
 * the last one nothing may follow.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age_int.h"
#include "crypto/secret.h"

#define HEAD_SLICE	4096		/* copied before it is looked at */

/* --- a whole file --------------------------------------------------------- */

/* The sizes that a payload of n bytes can have, and the plaintext's. */
static int
payload_size(size_t n, size_t *chunks, size_t *plain)
{
	size_t last;

	if (n == 0)
		return ERR_PAYLOAD;
	*chunks = (n - 1) / AGE_SEALED_BYTES + 1;
	last = n - (*chunks - 1) * AGE_SEALED_BYTES;
	if (last < CHAPOLY_TAGBYTES ||
	    (last == CHAPOLY_TAGBYTES && *chunks > 1))
		return ERR_PAYLOAD;
	*plain = n - *chunks * CHAPOLY_TAGBYTES;
	return 0;
}

/* A chunk's errors in the words of the file. */
static int
open_chunk(struct chapoly *c, unsigned char *out, uint64_t i, bool last,
    struct rd chunk)
{
	unsigned char nonce[CHAPOLY_NONCEBYTES];
	int r;

	age_chunk_nonce(nonce, i, last);
	r = chapoly_open(c, out, nonce, chunk.p, chunk.n);
	return r == ERR_AUTH || r == ERR_FORMAT ? ERR_PAYLOAD : r;
}

static int
open_payload(struct chapoly *c, struct wr *out, struct rd body)
{
	unsigned char none[1], *at;		/* out->p may be NULL */
	size_t chunks, plain, i;
	struct rd chunk;
	int r;

	if ((r = payload_size(body.n, &chunks, &plain)) != 0)
		return r;
	if (plain > out->cap)
		return ERR_LIMIT;
	for (i = 0; i < chunks && r == 0; i++) {
		if (!rd_take(&body, &chunk, body.n < AGE_SEALED_BYTES ?
		    body.n : AGE_SEALED_BYTES))
			return ERR_PAYLOAD;
		at = plain == 0 ? none : out->p + i * AGE_CHUNK_BYTES;
		r = open_chunk(c, at, i, rd_done(&body), chunk);
	}
	if (r == 0)
		out->n = plain;
	else if (plain > 0)
		sodium_memzero(out->p, plain);
	return r;
}

/* All of a file behind its header. */
static int
open_body(struct wr *out, const struct age_head *h, struct rd file,
    const unsigned char *key)
{
	unsigned char nonce[AGE_NONCE_BYTES];
	struct chapoly *c;
	int r;

	if (!rd_skip(&file, h->at) || !rd_copy(&file, nonce, sizeof(nonce)))
		return ERR_FORMAT;
	if ((c = age_payload(key, nonce)) == NULL)
		return ERR_NOMEM;
	r = open_payload(c, out, file);
	chapoly_free(c);
	return r;
}

/* The header of a file that is all there. */
static int
whole_head(struct age_head *h, struct rd file)
{
	int r;

	memset(h, 0, sizeof(*h));
	r = age_head_scan(h, file);
	return r == 1 ? 0 : r == 0 ? ERR_FORMAT : r;
}

/* see age.h */
int
age_open(void *out, size_t cap, size_t *n, const struct age_identity *ids,
    size_t nids, struct rd file, unsigned char *file_key, size_t *which)
{
	unsigned char key[AGE_FILE_KEY_BYTES];
	struct wr w = wr_from(out, cap);
	struct age_head h;
	int r;

	memset(key, 0, sizeof(key));
	if ((r = whole_head(&h, file)) == 0 &&
	    (r = age_head_unwrap(&h, file, ids, nids, key, which)) == 0)
		r = open_body(&w, &h, file, key);
	*n = w.n;
	if (file_key != NULL) {
		memset(file_key, 0, sizeof(key));
		if (r == 0)
			memcpy(file_key, key, sizeof(key));
	}
	sodium_memzero(key, sizeof(key));
	return r;
}

/* see age.h */
int
age_open_key(void *out, size_t cap, size_t *n,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], struct rd file)
{
	struct wr w = wr_from(out, cap);
	struct age_head h;
	int r;

	if ((r = whole_head(&h, file)) == 0 &&
	    (r = age_head_check(&h, file, file_key)) == 0)
		r = open_body(&w, &h, file, file_key);
	*n = w.n;
	return r;
}

/* --- as it comes ---------------------------------------------------------- */

enum dec_state { DEC_HEAD, DEC_NONCE, DEC_CHUNKS, DEC_END };

struct age_dec {
	enum dec_state state;
	struct age_head head;
	struct wr kept;			/* the header's bytes so far */
	struct age_identity *ids;	/* until the file key is found */
	size_t nids;
	unsigned char key[AGE_FILE_KEY_BYTES];
	struct chapoly *c;
	age_sink *sink;
	void *arg;
	uint64_t i;
	size_t n;			/* in buf */
	int err;			/* what ended the work */
	unsigned char buf[AGE_SEALED_BYTES];
	unsigned char plain[AGE_CHUNK_BYTES];
};

/* see age.h */
int
age_dec_new(struct age_dec **out, const struct age_identity *ids,
    size_t nids, age_sink *sink, void *arg)
{
	struct age_dec *d;

	*out = NULL;
	if (nids > SIZE_MAX / sizeof(*ids) - 1)
		return ERR_LIMIT;
	if ((d = malloc(sizeof(*d))) == NULL)
		return ERR_NOMEM;
	memset(d, 0, sizeof(*d));
	d->sink = sink;
	d->arg = arg;
	d->nids = nids;
	if ((d->ids = secret_new((nids + 1) * sizeof(*ids))) == NULL) {
		age_dec_free(d);
		return ERR_NOMEM;
	}
	if (nids > 0)
		memcpy(d->ids, ids, nids * sizeof(*ids));
	*out = d;
	return 0;
}

static void
forget_head(struct age_dec *d)
{
	secret_free(d->ids);
	free(d->kept.p);
	d->ids = NULL;
	d->nids = 0;
	d->kept = wr_from(NULL, 0);
}

/* see age.h */
void
age_dec_free(struct age_dec *d)
{
	if (d == NULL)
		return;
	forget_head(d);
	chapoly_free(d->c);
	sodium_memzero(d, sizeof(*d));
	free(d);
}

/* Room for n more bytes of header: the buffer at least doubles. */
static int
grow(struct age_dec *d, size_t n)
{
	size_t cap = d->kept.cap * 2;
	unsigned char *p;
	struct wr w;

	if (d->kept.cap - d->kept.n >= n)
		return 0;
	if (cap < d->kept.n + n)
		cap = d->kept.n + n;
	if ((p = malloc(cap)) == NULL)
		return ERR_NOMEM;
	w = wr_from(p, cap);
	wr_rdr(&w, wr_rd(&d->kept));
	free(d->kept.p);
	d->kept = w;
	return 0;
}

/*
 * Some header.  What was taken beyond its end is given back: in stands behind
 * the header when the state has changed.
 */
static int
push_head(struct age_dec *d, struct rd *in)
{
	struct rd rest = *in, slice;
	size_t over;
	int r;

	if (!rd_take(&rest, &slice, in->n < HEAD_SLICE ? in->n : HEAD_SLICE))
		abort();
	if ((r = grow(d, slice.n)) != 0)
		return r;
	wr_rdr(&d->kept, slice);
	if ((r = age_head_scan(&d->head, wr_rd(&d->kept))) < 0)
		return r;
	over = r == 1 ? d->kept.n - d->head.at : 0;
	if (!rd_skip(in, slice.n - over))
		abort();
	if (r == 0)
		return 0;
	if ((r = age_head_unwrap(&d->head, wr_rd(&d->kept), d->ids, d->nids,
	    d->key, NULL)) != 0)
		return r;
	forget_head(d);
	d->state = DEC_NONCE;
	return 0;
}

/* Into buf until it holds want bytes. */
static bool
fill(struct age_dec *d, struct rd *in, size_t want)
{
	size_t take = want - d->n;

	if (take > in->n)
		take = in->n;
	if (!rd_copy(in, d->buf + d->n, take))
		abort();
	d->n += take;
	return d->n == want;
}

static int
push_nonce(struct age_dec *d, struct rd *in)
{
	if (!fill(d, in, AGE_NONCE_BYTES))
		return 0;
	if ((d->c = age_payload(d->key, d->buf)) == NULL)
		return ERR_NOMEM;
	sodium_memzero(d->key, sizeof(d->key));
	d->n = 0;
	d->state = DEC_CHUNKS;
	return 0;
}

/*
 * One chunk, from anywhere, through plain to the sink.  A full one may be the
 * last or not; which, its tag says.
 */
static int
release(struct age_dec *d, struct rd chunk)
{
	bool full = chunk.n == AGE_SEALED_BYTES;
	int r = ERR_PAYLOAD;

	if (chunk.n < CHAPOLY_TAGBYTES ||
	    (chunk.n == CHAPOLY_TAGBYTES && d->i > 0))
		return ERR_PAYLOAD;
	if (full)
		r = open_chunk(d->c, d->plain, d->i, false, chunk);
	if (r == ERR_PAYLOAD) {
		r = open_chunk(d->c, d->plain, d->i, true, chunk);
		d->state = DEC_END;
	}
	if (r != 0)
		return r;
	d->i++;
	d->n = 0;
	if (chunk.n == CHAPOLY_TAGBYTES)
		return 0;
	return d->sink(d->arg, d->plain, chunk.n - CHAPOLY_TAGBYTES);
}

static int
push_chunks(struct age_dec *d, struct rd *in)
{
	struct rd chunk;

	if (d->n == 0 && rd_take(in, &chunk, AGE_SEALED_BYTES))
		return release(d, chunk);
	if (!fill(d, in, AGE_SEALED_BYTES))
		return 0;
	return release(d, rd_from(d->buf, d->n));
}

/* see age.h */
int
age_dec_push(struct age_dec *d, const void *p, size_t n)
{
	struct rd in = rd_from(p, n);

	while (d->err == 0 && !rd_done(&in)) {
		if (d->state == DEC_HEAD)
			d->err = push_head(d, &in);
		else if (d->state == DEC_NONCE)
			d->err = push_nonce(d, &in);
		else if (d->state == DEC_CHUNKS)
			d->err = push_chunks(d, &in);
		else
			d->err = ERR_PAYLOAD;	/* after the last chunk */
	}
	if (d->err != 0) {
		forget_head(d);
		sodium_memzero(d->key, sizeof(d->key));
	}
	return d->err;
}

/* see age.h */
int
age_dec_finish(struct age_dec *d)
{
	int r = ERR_FORMAT;

	if (d->err != 0)
		return d->err;
	if (d->state == DEC_CHUNKS)
		r = release(d, rd_from(d->buf, d->n));
	else if (d->state == DEC_END)
		r = 0;
	d->err = r != 0 ? r : ERR_ORDER;	/* nothing may follow */
	return r;
}
