/* SPDX-License-Identifier: ISC */
/*
 * disclosure.c - the pieces of a proof of disclosure, and what each shows.
 *
 * The header MAC commits the file key, the receipt's digest commits the
 * parcel, and the plaintext's seed commits the stanzas: for one leaf of the
 * log there is one text, and one answer to who could open it.
 *
 * Invariant: nothing of a part is given out unless all of it holds.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/disclosure.h"
#include "crypto/entry.h"
#include "crypto/sha256.h"

#define MAGIC		"ecrdrop/proof/v1"
#define DAY_SECS	86400

/* --- the file ---------------------------------------------------------- */

/* see disclosure.h */
void
disclosure_write_head(struct wr *w, uint16_t parts)
{
	if (parts == 0 || parts > PARCEL_PARTS_MAX)
		w->over = true;
	wr_str(w, MAGIC);
	wr_u16(w, parts);
}

/* see disclosure.h */
void
disclosure_write_part(struct wr *w, const struct disclosure_part *p)
{
	if (p->keyset.n > NOTE_MAX_BYTES || p->receipt.n == 0 ||
	    p->receipt.n > RECEIPT_MAX_BYTES || p->parcel.n != PARCEL_BYTES)
		w->over = true;
	wr_u32(w, (uint32_t)p->keyset.n);
	wr_rdr(w, p->keyset);
	wr_bytes(w, p->file_key, sizeof(p->file_key));
	wr_u16(w, (uint16_t)p->receipt.n);
	wr_rdr(w, p->receipt);
	wr_rdr(w, p->parcel);
}

/* see disclosure.h */
void
disclosure_write_proof(struct wr *w, const struct disclosure_proof *p)
{
	if (p->close > INT64_MAX || p->proof.n == 0 ||
	    p->proof.n > DISCLOSURE_PROOF_MAX)
		w->over = true;
	wr_u64(w, p->close);
	wr_u32(w, (uint32_t)p->proof.n);
	wr_rdr(w, p->proof);
}

/* see disclosure.h */
int
disclosure_head(struct rd *all, uint16_t *parts)
{
	struct rd rest = *all;

	if (!rd_lit(&rest, MAGIC) || !rd_u16(&rest, parts) || *parts == 0)
		return ERR_FORMAT;
	if (*parts > PARCEL_PARTS_MAX)
		return ERR_LIMIT;
	*all = rest;
	return 0;
}

/* see disclosure.h */
int
disclosure_next_part(struct rd *all, bool first, struct disclosure_part *p)
{
	struct rd rest = *all;
	uint32_t keyset;
	uint16_t receipt;

	if (!rd_u32(&rest, &keyset) || (first && keyset == 0))
		return ERR_FORMAT;
	if (keyset > NOTE_MAX_BYTES)
		return ERR_LIMIT;
	if (!rd_take(&rest, &p->keyset, keyset) ||
	    !rd_copy(&rest, p->file_key, sizeof(p->file_key)) ||
	    !rd_u16(&rest, &receipt) || receipt == 0)
		return ERR_FORMAT;
	if (receipt > RECEIPT_MAX_BYTES)
		return ERR_LIMIT;
	if (!rd_take(&rest, &p->receipt, receipt) ||
	    !rd_take(&rest, &p->parcel, PARCEL_BYTES))
		return ERR_FORMAT;
	*all = rest;
	return 0;
}

/* see disclosure.h */
int
disclosure_next_proof(struct rd *all, struct disclosure_proof *p)
{
	struct rd rest = *all;
	uint32_t n;

	if (!rd_u64(&rest, &p->close) || p->close > INT64_MAX ||
	    !rd_u32(&rest, &n) || n == 0)
		return ERR_FORMAT;
	if (n > DISCLOSURE_PROOF_MAX)
		return ERR_LIMIT;
	if (!rd_take(&rest, &p->proof, n))
		return ERR_FORMAT;
	*all = rest;
	return 0;
}

/* --- what it shows ----------------------------------------------------- */

/* see disclosure.h */
const char *
disclosure_words(enum disclosure_fault f)
{
	static const char *const words[] = {
		[DISCLOSURE_FINE] = "all well",
		[DISCLOSURE_PARCEL] = "what should be a parcel is none",
		[DISCLOSURE_RECEIPT] = "the receipt is not signed by the log",
		[DISCLOSURE_OTHER] = "the receipt is for another parcel",
		[DISCLOSURE_FILE_KEY] =
		    "the file key is not that of the parcel",
		[DISCLOSURE_PART_FORM] =
		    "what the parcel holds is no part of a message",
		[DISCLOSURE_STRANGER] =
		    "the parcel was sealed to no key of this keyset",
		[DISCLOSURE_PASSED] = "it was sealed to a key that had passed "
		    "long before, which nobody may have had any more",
		[DISCLOSURE_TREE] = "the log proof is malformed, or its "
		    "checkpoint is not signed by the log",
		[DISCLOSURE_QUORUM] =
		    "too few witnesses cosigned the log proof's checkpoint",
		[DISCLOSURE_LEAF] =
		    "the log does not hold the parcel where the proof says",
		[DISCLOSURE_LATE] =
		    "the log took the parcel later than the receipt promised",
		[DISCLOSURE_MEMORY] = "out of memory",
	};

	return words[f];
}

/* Had the key passed so long before this time that its secret was gone? */
static bool
passed(const struct keyset_key *k, bool standing, uint64_t close)
{
	int64_t last = (int64_t)k->to + (standing ? DISCLOSURE_LATE_STANDING :
	    DISCLOSURE_LATE_DAYS);

	return close / DAY_SECS > (uint64_t)last;
}

/* Does one key explain every stanza?  Most often the close's own does. */
static bool
only_key(struct disclosure_shown *s, const unsigned char *plain,
    const struct disclosure_part *p, const struct keyset_key *k)
{
	bool found = false;
	size_t i;

	if (parcel_slots(s->slot, plain, p->file_key, &k->rc, 1,
	    p->parcel) != 0)
		return false;
	for (i = 0; i < PARCEL_SLOTS; i++) {
		if (s->slot[i] == SLOT_UNKNOWN)
			return false;
		found = found || s->slot[i] == 0;
	}
	return found;
}

/* The one that lives longest of all keys that stanzas are for, or NULL. */
static const struct keyset_key *
any_key(struct disclosure_shown *s, const unsigned char *plain,
    const struct disclosure_part *p, const struct keyset *ks)
{
	struct age_recipient rcs[KEYSET_KEYS_MAX + 1];
	const struct keyset_key *k, *found = NULL;
	size_t n, i;

	for (n = 0; n < ks->nkeys; n++)
		rcs[n] = ks->key[n].rc;
	if (ks->has_standing)
		rcs[n++] = ks->standing.rc;
	if (parcel_slots(s->slot, plain, p->file_key, rcs, n, p->parcel) != 0)
		return NULL;
	for (i = 0; i < PARCEL_SLOTS; i++) {
		if (s->slot[i] == SLOT_UNKNOWN)
			s->unknown++;
		if (s->slot[i] < 0)
			continue;
		k = (size_t)s->slot[i] == ks->nkeys ? &ks->standing :
		    &ks->key[s->slot[i]];
		if (found == NULL || k->to > found->to)
			found = k;
	}
	return found;
}

static enum disclosure_fault
addressee(struct disclosure_shown *s, const unsigned char *plain,
    const struct disclosure_part *p, const struct keyset *ks)
{
	const struct keyset_key *k = NULL;
	uint64_t day = s->receipt.close / DAY_SECS;

	if (day > INT32_MAX || keyset_pick(ks, (int32_t)day, &k) ==
	    KEYSET_NONE || !only_key(s, plain, p, k))
		k = any_key(s, plain, p, ks);
	if (k == NULL)
		return DISCLOSURE_STRANGER;
	s->standing = k == &ks->standing;
	s->from = k->from;
	s->to = k->to;
	return passed(k, s->standing, s->receipt.close) ?
	    DISCLOSURE_PASSED : DISCLOSURE_FINE;
}

static enum disclosure_fault
open_parcel(struct disclosure_shown *s, unsigned char *plain,
    const struct disclosure_part *p)
{
	size_t n;
	int r;

	r = age_open_key(plain, PARCEL_PLAIN_BYTES, &n, p->file_key,
	    p->parcel);
	if (r == ERR_NOMEM)
		return DISCLOSURE_MEMORY;
	if (r != 0)
		return r == ERR_AUTH || r == ERR_PAYLOAD ?
		    DISCLOSURE_FILE_KEY : DISCLOSURE_PARCEL;
	if (part_parse(&s->part, rd_from(plain, n)) != 0)
		return DISCLOSURE_PART_FORM;
	return DISCLOSURE_FINE;
}

static enum disclosure_fault
promised(struct disclosure_shown *s, const struct disclosure_part *p,
    const struct vkey *log)
{
	if (receipt_open(&s->receipt, p->receipt, log) != 0)
		return DISCLOSURE_RECEIPT;
	return memcmp(s->receipt.digest, s->digest, HASH_BYTES) == 0 ?
	    DISCLOSURE_FINE : DISCLOSURE_OTHER;
}

/* see disclosure.h */
enum disclosure_fault
disclosure_open(struct disclosure_shown *s,
    unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct disclosure_part *p, const struct keyset *ks,
    const struct vkey *log)
{
	enum disclosure_fault f = DISCLOSURE_PARCEL;

	memset(s, 0, sizeof(*s));
	if (parcel_check(p->parcel) != 0)
		goto out;
	sha256(s->digest, p->parcel.p, p->parcel.n);
	if ((f = promised(s, p, log)) == DISCLOSURE_FINE &&
	    (f = open_parcel(s, plain, p)) == DISCLOSURE_FINE)
		f = addressee(s, plain, p, ks);
out:
	if (f != DISCLOSURE_FINE) {
		sodium_memzero(plain, PARCEL_PLAIN_BYTES);
		sodium_memzero(s, sizeof(*s));
	}
	return f;
}

/* Is this the leaf of the parcel's entry, under the tree of c? */
static enum disclosure_fault
held(const struct disclosure_shown *s, uint64_t close,
    const struct tlogproof *t, const struct checkpoint *c)
{
	struct entry e = { .kind = ENTRY_PARCEL, .close = close };
	unsigned char raw[ENTRY_BYTES], leaf[HASH_BYTES];
	struct sha256 *h;
	int r;

	if ((h = sha256_new()) == NULL)
		return DISCLOSURE_MEMORY;
	memcpy(e.digest, s->digest, sizeof(e.digest));
	entry_write(raw, &e);
	tree_leaf(h, leaf, rd_from(raw, sizeof(raw)));
	r = proof_inclusion(&t->path, h, leaf, t->index, c->size, c->root);
	sha256_free(h);
	if (r != 0)
		return DISCLOSURE_LEAF;
	return close > s->receipt.close ? DISCLOSURE_LATE : DISCLOSURE_FINE;
}

/* see disclosure.h */
enum disclosure_fault
disclosure_logged(const struct disclosure_shown *s,
    const struct disclosure_proof *p, const struct tlogpolicy *policy,
    uint64_t *index, struct checkpoint *c, struct cosigners *who)
{
	struct tlogproof t;
	size_t log;
	int r;

	if (tlogproof_parse(&t, p->proof) != 0 || t.untrusted_n > 0)
		return DISCLOSURE_TREE;
	*index = t.index;
	if ((r = tlogpolicy_check(policy, t.checkpoint, &log, c, who)) != 0)
		return r == ERR_ORDER ? DISCLOSURE_QUORUM : DISCLOSURE_TREE;
	return held(s, p->close, &t, c);
}
