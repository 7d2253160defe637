/* SPDX-License-Identifier: ISC */
/*
 * cosign.c - cosignatures of checkpoints.
 *
 * What is signed is rebuilt from the line's time and the note's text, so a
 * line says nothing that is not checked.
 */
#include <string.h>

#include <sodium.h>

#include "crypto/cosign.h"
#include "crypto/tree.h"

#define HEAD_MAX	64		/* "cosignature/v1" and the time */

static int
message(struct wr *w, uint64_t time, struct rd text)
{
	if (text.n > COSIGN_TEXT_MAX)
		return ERR_LIMIT;
	wr_str(w, "cosignature/v1\ntime ");
	wr_dec(w, time);
	wr_u8(w, '\n');
	wr_rdr(w, text);
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* A line of this key. */
static int
line_holds(const struct note_sig *s, struct rd text, const struct vkey *k,
    uint64_t *time)
{
	unsigned char buf[HEAD_MAX + COSIGN_TEXT_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd in = rd_from(s->b, s->n), sig;
	uint64_t t;
	int r;

	if (!rd_u64(&in, &t) || t > INT64_MAX ||
	    !rd_take(&in, &sig, SIG_BYTES) || !rd_done(&in))
		return ERR_AUTH;
	if ((r = message(&w, t, text)) != 0)
		return r;
	if (crypto_sign_verify_detached(sig.p, w.p, w.n, k->pk) != 0)
		return ERR_AUTH;
	*time = t;
	return 0;
}

/* see cosign.h */
int
cosign_verify(const struct note *n, const struct vkey *k, uint64_t *time)
{
	struct rd sigs = n->sigs;
	struct note_sig s;

	if (k->type != NOTE_COSIG)
		return ERR_FORMAT;
	while (!rd_done(&sigs)) {
		if (!note_sig_next(&sigs, &s))
			return ERR_FORMAT;
		if (note_sig_is(&s, k))
			return line_holds(&s, n->text, k, time);
	}
	return ERR_NOMATCH;
}

/* Is key i the witness of one that is in the set? */
static bool
seen(const struct cosigners *c, const struct vkey *key, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if ((c->set >> j & 1) != 0 &&
		    (memcmp(key[j].pk, key[i].pk, sizeof(key[i].pk)) == 0 ||
		    strcmp(key[j].name, key[i].name) == 0))
			return true;
	return false;
}

/* see cosign.h */
int
cosign_check(const struct note *n, const struct vkey *key, size_t nkeys,
    struct cosigners *c)
{
	uint64_t time;
	size_t i;
	int r;

	memset(c, 0, sizeof(*c));
	if (nkeys > COSIGN_KEYS_MAX)
		return ERR_LIMIT;
	for (i = 0; i < nkeys; i++) {
		if ((r = cosign_verify(n, &key[i], &time)) == ERR_NOMATCH)
			continue;
		if (r != 0) {
			memset(c, 0, sizeof(*c));
			return r;
		}
		if (seen(c, key, i))
			continue;
		c->set |= UINT32_C(1) << i;
		c->time[i] = time;
	}
	return 0;
}

/* see cosign.h */
size_t
cosign_count(const struct cosigners *c)
{
	uint32_t set = c->set;
	size_t n = 0;

	for (; set > 0; set &= set - 1)
		n++;
	return n;
}

/* see cosign.h */
int
cosign_write(struct wr *w, struct rd text, uint64_t time,
    const struct vkey *k, const unsigned char sk[static 64])
{
	unsigned char buf[HEAD_MAX + COSIGN_TEXT_MAX], sig[COSIGN_BYTES];
	struct wr m = wr_from(buf, sizeof(buf));
	struct wr s = wr_from(sig, sizeof(sig));
	struct checkpoint c;
	int r;

	if (k->type != NOTE_COSIG || time > INT64_MAX ||
	    checkpoint_parse(&c, text) != 0)
		return ERR_FORMAT;
	if ((r = message(&m, time, text)) != 0)
		return r;
	wr_u64(&s, time);
	if (crypto_sign_detached(sig + s.n, NULL, m.p, m.n, sk) != 0 ||
	    crypto_sign_verify_detached(sig + s.n, m.p, m.n, k->pk) != 0)
		return ERR_AUTH;
	note_sig_write(w, k, rd_from(sig, sizeof(sig)));
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* see cosign.h */
void
cosign_request(struct wr *w, uint64_t old, const struct proof *p,
    struct rd checkpoint)
{
	wr_str(w, "old ");
	wr_dec(w, old);
	wr_u8(w, '\n');
	proof_write(w, p);
	wr_u8(w, '\n');
	wr_rdr(w, checkpoint);
}
