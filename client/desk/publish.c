/* SPDX-License-Identifier: ISC */
/*
 * publish.c - the keyset and the verifier key of a desk.
 *
 * Two clocks are heard, this machine's and the log's: if one of them is
 * wrong, the right week's key is in the keyset all the same.
 *
 * Invariant: what public/ holds was checked with the keys that readers use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/desk/desk.h"
#include "client/desk/publish.h"
#include "crypto/hpke.h"
#include "crypto/sha256.h"

#define WEEK_DAYS	7
#define AHEAD_DAYS	(DESK_WEEKS_AHEAD * WEEK_DAYS)

/* --- which keys ----------------------------------------------------------- */

static bool
covers(const struct deskkey *k, int32_t day)
{
	return k->from <= day && day <= k->to;
}

/* Is there another key of this week that was made later? */
static bool
is_replaced(const struct deskkeys *ks, const struct deskkey *k)
{
	size_t i;

	for (i = 0; i < ks->n; i++)
		if (ks->key[i].kind == k->kind && ks->key[i].from == k->from &&
		    ks->key[i].issue > k->issue)
			return true;
	return false;
}

static bool
is_published(const struct publish *p, const struct deskkey *k)
{
	if (k->kind != DESKKEY_WEEK || is_replaced(p->keys, k))
		return false;
	if (k->to >= p->today)
		return true;
	return p->log_day > 0 && k->to >= p->log_day &&
	    k->from <= p->log_day + AHEAD_DAYS;
}

/* How well a standing key serves; the newest of the best is taken. */
static int
standing_rank(const struct publish *p, const struct deskkey *k)
{
	const bool now = covers(k, p->today);
	const bool log = p->log_day == 0 ? now : covers(k, p->log_day);

	return now && log ? 3 : now ? 2 : log ? 1 : 0;
}

static const struct deskkey *
pick_standing(const struct publish *p)
{
	const struct deskkey *k, *best = NULL;
	size_t i;

	for (i = 0; i < p->keys->n; i++) {
		k = &p->keys->key[i];
		if (k->kind != DESKKEY_STANDING || is_replaced(p->keys, k) ||
		    standing_rank(p, k) == 0)
			continue;
		/* They are sorted: what comes later is newer. */
		if (best == NULL ||
		    standing_rank(p, k) >= standing_rank(p, best))
			best = k;
	}
	return best;
}

static int
set_key(struct keyset_key *to, const struct deskkey *k)
{
	to->from = k->from;
	to->to = k->to;
	return hpke_public(to->rc.pk, k->seed);
}

/* Fills ks->key (room for all) and ks->standing. */
static int
public_keys(struct keyset *ks, const struct publish *p)
{
	const struct deskkey *standing = pick_standing(p);
	size_t i, n = 0;
	int r;

	for (i = 0; i < p->keys->n; i++)
		n += is_published(p, &p->keys->key[i]);
	for (i = 0; i < p->keys->n; i++) {
		if (!is_published(p, &p->keys->key[i]))
			continue;
		if (n-- > KEYSET_KEYS_MAX)	/* the oldest stay out */
			continue;
		if ((r = set_key(&ks->key[ks->nkeys++],
		    &p->keys->key[i])) != 0)
			return r;
	}
	if (standing == NULL)
		return 0;
	ks->has_standing = true;
	return set_key(&ks->standing, standing);
}

static void
public_trust(struct keyset *ks, const struct publish *p)
{
	const struct trust *t = p->trust;

	if (t == NULL || !t->has_log)
		return;
	ks->has_log = true;
	ks->log = t->log;
	ks->quorum = t->quorum;
	ks->nwitnesses = t->nwitnesses;
	if (t->nwitnesses > 0)
		memcpy(ks->witness, p->witness,
		    t->nwitnesses * sizeof(*p->witness));
}

/* --- the note ------------------------------------------------------------- */

/* Signs ks, and opens it as a reader would. */
static int
sign_keyset(struct published *out, const struct keyset *ks,
    const struct vkey *k, const unsigned char sk[static 64])
{
	unsigned char *text = NULL;
	struct keyset again;
	struct wr t, n;
	int r = ERR_NOMEM;

	memset(&again, 0, sizeof(again));
	if ((text = malloc(NOTE_MAX_BYTES)) == NULL ||
	    (out->note = malloc(NOTE_MAX_BYTES)) == NULL)
		goto out;
	t = wr_from(text, NOTE_MAX_BYTES);
	n = wr_from(out->note, NOTE_MAX_BYTES);
	keyset_write(&t, ks);
	r = ERR_LIMIT;
	if (!wr_ok(&t))
		goto out;
	if ((r = note_sign(&n, wr_rd(&t), k, sk)) != 0 ||
	    (r = keyset_open(&again, wr_rd(&n), k)) != 0)
		goto out;
	out->n = n.n;
	out->sequence = ks->sequence;
	sha256(out->sha256, out->note, out->n);
out:
	keyset_wipe(&again);
	free(text);
	return r;
}

/* see publish.h */
int
publish_keyset(struct published *out, const struct publish *p,
    uint64_t sequence)
{
	unsigned char sk[64];
	struct keyset *ks;
	struct vkey k;
	int r = ERR_NOMEM;

	memset(out, 0, sizeof(*out));
	if ((ks = calloc(1, sizeof(*ks))) == NULL ||
	    (ks->key = calloc(KEYSET_KEYS_MAX, sizeof(*ks->key))) == NULL)
		goto out;
	snprintf(ks->office, sizeof(ks->office), "%s", p->head->office);
	snprintf(ks->role, sizeof(ks->role), "%s", p->head->role);
	ks->sequence = sequence;
	public_trust(ks, p);
	if ((r = public_keys(ks, p)) == 0 &&
	    (r = desk_vkey(&k, sk, p->head, p->keys)) == 0)
		r = sign_keyset(out, ks, &k, sk);
out:
	sodium_memzero(sk, sizeof(sk));
	if (ks != NULL)
		free(ks->key);
	free(ks);
	if (r != 0)
		published_wipe(out);
	return r;
}

/* see publish.h */
void
published_wipe(struct published *p)
{
	free(p->note);
	memset(p, 0, sizeof(*p));
}

/* --- the files ------------------------------------------------------------ */

static int
write_vkey(int pubfd, const struct publish *p)
{
	unsigned char line[1024], sk[64];
	struct wr w = wr_from(line, sizeof(line));
	struct vkey k;
	int r;

	r = desk_vkey(&k, sk, p->head, p->keys);
	sodium_memzero(sk, sizeof(sk));
	if (r != 0)
		return r;
	vkey_write(&w, &k);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return file_write_at(pubfd, "office.vkey", wr_rd(&w), 0644, true);
}

/* see publish.h */
int
publish_write(int dirfd, const struct publish *p,
    const struct published *keyset)
{
	int pubfd, r;

	if ((pubfd = dir_open_at(dirfd, "public", true)) < 0)
		return ERR_IO;
	r = file_write_at(pubfd, "keyset", rd_from(keyset->note, keyset->n),
	    0644, true);
	if (r == 0)
		r = write_vkey(pubfd, p);
	close(pubfd);
	return r;
}
