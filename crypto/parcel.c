/* SPDX-License-Identifier: ISC */
/*
 * parcel.c - seal, open and recheck parcels.
 *
 * All randomness of the stanzas follows from the seal seed inside the
 * plaintext and from the plaintext's digest, so that whoever opens a parcel
 * can make every stanza again.  File key, nonce and the slots' order are
 * chance.
 *
 * Invariant: no derived encapsulation seed serves two plaintexts.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/sha256.h"

#define SEAL_SALT	"ecrdrop/seal/v1"
#define SEAL_STANZA	"stanza"
#define SEAL_DECOY	"decoy"
#define SEED_AT		(PART_HEAD_BYTES - SEED_BYTES)
#define STANZA_AT(i)	(22 + (size_t)AGE_STANZA_BYTES * (i))

/* What the stanzas follow from. */
struct seal {
	unsigned char seed[SEED_BYTES];		/* secret */
	unsigned char digest[HASH_BYTES];	/* of the plaintext */
};

static void
seal_init(struct seal *s, const unsigned char *plain)
{
	memcpy(s->seed, plain + SEED_AT, sizeof(s->seed));
	sha256(s->digest, plain, PARCEL_PLAIN_BYTES);
}

/* n bytes for this purpose and slot */
static void
seal_derive(const struct seal *s, const char *purpose, size_t slot,
    unsigned char *out, size_t n)
{
	unsigned char info[sizeof(SEAL_STANZA) + HASH_BYTES];
	struct wr w = wr_from(info, sizeof(info));

	wr_str(&w, purpose);
	wr_u8(&w, (uint8_t)slot);
	wr_bytes(&w, s->digest, sizeof(s->digest));
	hkdf(out, n, rd_from(s->seed, sizeof(s->seed)), rd_str(SEAL_SALT),
	    wr_rd(&w));
}

/* The recipient that nobody can be. */
static int
seal_decoy(const struct seal *s, size_t slot, struct age_recipient *rc)
{
	unsigned char id[SEED_BYTES];
	int r;

	seal_derive(s, SEAL_DECOY, slot, id, sizeof(id));
	r = hpke_public(rc->pk, id);
	sodium_memzero(id, sizeof(id));
	return r;
}

/* A uniformly random order of the slots. */
static void
draw_order(unsigned char order[static PARCEL_SLOTS])
{
	unsigned char t;
	uint32_t i, j;

	for (i = 0; i < PARCEL_SLOTS; i++)
		order[i] = (unsigned char)i;
	for (i = PARCEL_SLOTS - 1; i > 0; i--) {
		j = randombytes_uniform(i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
}

/* Every slot exactly once. */
static bool
order_ok(const unsigned char order[static PARCEL_SLOTS])
{
	unsigned seen = 0;
	size_t i;

	for (i = 0; i < PARCEL_SLOTS; i++)
		if (order[i] >= PARCEL_SLOTS)
			return false;
		else
			seen |= 1u << order[i];
	return seen == (1u << PARCEL_SLOTS) - 1;
}

/* see parcel.h */
int
parcel_seal(unsigned char out[static PARCEL_BYTES],
    const unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct age_recipient *rcs, size_t nrcs,
    const struct parcel_random *chance)
{
	unsigned char eseed[PARCEL_SLOTS * HPKE_ESEED_BYTES];
	unsigned char order[PARCEL_SLOTS];
	struct age_recipient slot[PARCEL_SLOTS];
	struct age_random rnd = { NULL, NULL, eseed };
	struct wr w = wr_from(out, PARCEL_BYTES);
	struct seal s;
	size_t i;
	int r = ERR_LIMIT;

	seal_init(&s, plain);
	draw_order(order);
	if (chance != NULL) {
		rnd.file_key = chance->file_key;
		rnd.nonce = chance->nonce;
		if (chance->order != NULL)
			memcpy(order, chance->order, sizeof(order));
	}
	if (nrcs > PARCEL_SLOTS || !order_ok(order))
		goto out;
	for (i = 0; i < PARCEL_SLOTS; i++) {
		seal_derive(&s, SEAL_STANZA, i, eseed + i * HPKE_ESEED_BYTES,
		    HPKE_ESEED_BYTES);
		if (i < nrcs)
			slot[order[i]] = rcs[i];
		else if ((r = seal_decoy(&s, order[i], &slot[order[i]])) != 0)
			goto out;
	}
	r = age_seal(&w, slot, PARCEL_SLOTS,
	    rd_from(plain, PARCEL_PLAIN_BYTES), &rnd);
	if (r == 0 && w.n != PARCEL_BYTES)
		r = ERR_LIMIT;
out:
	sodium_memzero(&s, sizeof(s));
	sodium_memzero(eseed, sizeof(eseed));
	sodium_memzero(slot, sizeof(slot));	/* tells who is addressed */
	sodium_memzero(order, sizeof(order));
	return r;
}

/* see parcel.h */
int
parcel_cover(unsigned char out[static PARCEL_BYTES])
{
	unsigned char plain[PARCEL_PLAIN_BYTES];
	int r;

	randombytes_buf(plain, sizeof(plain));
	r = parcel_seal(out, plain, NULL, 0, NULL);
	sodium_memzero(plain, sizeof(plain));
	return r;
}

/* see parcel.h */
int
parcel_open(unsigned char plain[static PARCEL_PLAIN_BYTES],
    const struct age_identity *ids, size_t nids, struct rd parcel,
    unsigned char *file_key, size_t *which)
{
	size_t n;
	int r;

	if ((r = parcel_check(parcel)) == 0)
		r = age_open(plain, PARCEL_PLAIN_BYTES, &n, ids, nids, parcel,
		    file_key, which);
	if (r == 0 && n != PARCEL_PLAIN_BYTES)
		r = ERR_FORMAT;
	if (r == 0)
		return 0;
	sodium_memzero(plain, PARCEL_PLAIN_BYTES);
	if (file_key != NULL)
		sodium_memzero(file_key, AGE_FILE_KEY_BYTES);
	return r;
}

/* see parcel.h */
int
parcel_try(struct hpke_key *const *keys, size_t n, struct rd parcel,
    size_t *which)
{
	struct age_stanza stanza[PARCEL_SLOTS];
	unsigned char file_key[AGE_FILE_KEY_BYTES];
	size_t i;
	int r = ERR_NOMATCH;

	if (!rd_skip(&parcel, STANZA_AT(0)))
		return ERR_FORMAT;
	for (i = 0; i < PARCEL_SLOTS; i++)
		if (!age_stanza_read(&stanza[i], &parcel))
			return ERR_FORMAT;
	for (*which = 0; *which < n; ++*which) {
		for (i = 0; r == ERR_NOMATCH && i < PARCEL_SLOTS; i++)
			r = age_stanza_try(file_key, keys[*which],
			    &stanza[i]);
		if (r != ERR_NOMATCH)
			break;
	}
	sodium_memzero(file_key, sizeof(file_key));
	return r;
}

/* Is this stanza what sealing to rc would have given? */
static bool
slot_is(const struct seal *s, size_t i, struct rd stanza,
    const unsigned char *file_key, const struct age_recipient *rc)
{
	unsigned char eseed[HPKE_ESEED_BYTES], made[AGE_STANZA_BYTES];
	bool same;

	seal_derive(s, SEAL_STANZA, i, eseed, sizeof(eseed));
	same = age_stanza_seal(made, rc, file_key, eseed) == 0 &&
	    sodium_memcmp(made, stanza.p, sizeof(made)) == 0;
	sodium_memzero(eseed, sizeof(eseed));
	sodium_memzero(made, sizeof(made));
	return same;
}

/* see parcel.h */
int
parcel_slots(int slots[static PARCEL_SLOTS],
    const unsigned char plain[static PARCEL_PLAIN_BYTES],
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const struct age_recipient *rcs, size_t nrcs, struct rd parcel)
{
	struct age_recipient decoy;
	struct rd stanza;
	struct seal s;
	size_t i, k;
	int r;

	if ((r = parcel_check(parcel)) != 0)
		return r;
	seal_init(&s, plain);
	if (!rd_skip(&parcel, STANZA_AT(0)))
		r = ERR_FORMAT;
	for (i = 0; r == 0 && i < PARCEL_SLOTS; i++) {
		slots[i] = SLOT_UNKNOWN;
		if (!rd_take(&parcel, &stanza, AGE_STANZA_BYTES)) {
			r = ERR_FORMAT;
			break;
		}
		for (k = 0; k < nrcs && slots[i] == SLOT_UNKNOWN; k++)
			if (slot_is(&s, i, stanza, file_key, &rcs[k]))
				slots[i] = (int)k;
		if (slots[i] == SLOT_UNKNOWN &&
		    (r = seal_decoy(&s, i, &decoy)) == 0 &&
		    slot_is(&s, i, stanza, file_key, &decoy))
			slots[i] = SLOT_DECOY;
	}
	sodium_memzero(&s, sizeof(s));
	return r;
}
