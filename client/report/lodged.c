/* SPDX-License-Identifier: ISC */
/*
 * lodged.c - does the public log hold the message that an answer speaks of?
 *
 * The entry is made here, from what the answer claims; only if the proof
 * leads from this entry to a signed root does the claim hold.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/report/lodged.h"
#include "crypto/entry.h"
#include "crypto/sha256.h"
#include "crypto/tlogproof.h"

/* What a check needs; too large for the stack. */
struct room {
	unsigned char text[TLOGPOLICY_MAX_BYTES];
	struct tlogpolicy policy;
	struct tlogproof proof;
	unsigned char leaf[HASH_BYTES];
};

static bool
hash_entry(unsigned char *leaf, struct sha256 *h, const struct answer *a)
{
	unsigned char bytes[ENTRY_BYTES];
	struct entry e = { .kind = ENTRY_PARCEL, .close = a->close };

	memcpy(e.digest, a->parcel, HASH_BYTES);
	if (a->close > INT64_MAX)
		return false;
	entry_write(bytes, &e);
	tree_leaf(h, leaf, rd_from(bytes, sizeof(bytes)));
	sodium_memzero(&e, sizeof(e));		/* which parcel was ours */
	sodium_memzero(bytes, sizeof(bytes));
	return true;
}

static int
verify(struct room *m, struct sha256 *h, const struct keyset *ks,
    unsigned quorum)
{
	struct wr w = wr_from(m->text, sizeof(m->text));
	struct checkpoint c;
	struct cosigners who;
	unsigned line;
	int r;

	if ((r = tlogpolicy_write(&w, &ks->log, NULL, ks->witness,
	    ks->nwitnesses, quorum)) != 0 ||
	    (r = tlogpolicy_parse(&m->policy, wr_rd(&w), &line)) != 0)
		return r;
	return tlogproof_verify(&m->proof, h, m->leaf,
	    rd_str(ks->log.name), &m->policy, &c, &who);
}

static enum lodged
judge(struct room *m, struct sha256 *h, const struct answer *a,
    const struct keyset *ks)
{
	int r;

	if (tlogproof_parse(&m->proof, a->proof) != 0 ||
	    m->proof.index != a->leaf || !hash_entry(m->leaf, h, a))
		return LODGED_BROKEN;
	r = verify(m, h, ks, ks->quorum);
	if (r == 0)
		return LODGED_HOLDS;
	if (r == ERR_ORDER && verify(m, h, ks, 0) == 0)
		return LODGED_UNWITNESSED;
	return r == ERR_NOMATCH || r == ERR_CHANGED ? LODGED_OTHER_LOG :
	    LODGED_BROKEN;
}

/* see lodged.h */
int
lodged_check(enum lodged *l, const struct answer *a, const struct keyset *ks)
{
	struct room *m = NULL;
	struct sha256 *h = NULL;
	int r = 0;

	*l = LODGED_NOT_SAID;
	if (!a->has_lodged)
		return 0;
	*l = LODGED_UNCHECKED;
	if (ks == NULL || !ks->has_log)
		return 0;
	r = ERR_NOMEM;
	if ((m = malloc(sizeof(*m))) == NULL || (h = sha256_new()) == NULL)
		goto out;
	*l = judge(m, h, a, ks);
	r = 0;
out:
	sha256_free(h);
	if (m != NULL)
		sodium_memzero(m, sizeof(*m));
	free(m);
	return r;
}

/* see lodged.h */
const char *
lodged_word(enum lodged l)
{
	static const char *const word[] = { "not said", "proved",
	    "unwitnessed", "other log", "broken", "unchecked" };

	return word[l];
}
