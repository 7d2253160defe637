/* SPDX-License-Identifier: ISC */
/*
 * fuzz_disclosure.c - any bytes as a proof of disclosure, and as its pieces.
 * '#' stands for a parcel's worth of bytes.
 *
 * What is taken is written again as it stood; what is refused takes nothing;
 * nothing opens that was not sealed.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/disclosure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST	((size_t)4 << 20)

static unsigned char buf[MOST], again[DISCLOSURE_PART_MAX];
static struct keyset ks;
static struct keyset_key week;
static struct vkey key;

static void
setup(void)
{
	unsigned char seed[32] = { 1 }, pk[32], sk[64];

	if (sodium_init() < 0 || crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
	    vkey_make(&key, rd_str("o"), NOTE_ED25519, pk) != 0 ||
	    hpke_public(week.rc.pk, seed) != 0)
		abort();
	week.to = 1;
	ks.key = &week;
	ks.nkeys = 1;
}

static void
same(const struct wr *w, const struct rd *was, const struct rd *now)
{
	if (!wr_ok(w) || w->n != was->n - now->n ||
	    memcmp(w->p, was->p, w->n) != 0)
		abort();
}

static bool
part(struct rd *all, bool first)
{
	static unsigned char plain[PARCEL_PLAIN_BYTES];
	struct wr w = wr_from(again, sizeof(again));
	struct disclosure_shown s;
	struct disclosure_part p;
	struct rd was = *all;

	if (disclosure_next_part(all, first, &p) != 0) {
		if (all->n != was.n)
			abort();
		return false;
	}
	disclosure_write_part(&w, &p);
	same(&w, &was, all);
	if (disclosure_open(&s, plain, &p, &ks, &key) == DISCLOSURE_FINE)
		abort();		/* nobody signed it */
	return true;
}

static bool
proof(struct rd *all)
{
	struct wr w = wr_from(again, sizeof(again));
	static const struct disclosure_shown s;
	static struct tlogpolicy policy;	/* of no log */
	struct disclosure_proof p;
	struct cosigners who;
	struct checkpoint c;
	struct rd was = *all;
	uint64_t index;

	if (disclosure_next_proof(all, &p) != 0) {
		if (all->n != was.n)
			abort();
		return false;
	}
	disclosure_write_proof(&w, &p);
	same(&w, &was, all);
	if (disclosure_logged(&s, &p, &policy, &index, &c, &who) !=
	    DISCLOSURE_TREE)
		abort();
	return true;
}

static void
walk(struct rd all)
{
	uint16_t parts, i;
	struct rd some = all;

	if (disclosure_head(&all, &parts) == 0) {
		for (i = 0; i < parts && part(&all, i == 0); i++)
			;
		for (; i == parts && parts > 0 && proof(&all); parts--, i--)
			;
	}
	while (proof(&some))
		;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char parcel[PARCEL_BYTES] = "age-encryption";
	struct wr w = wr_from(buf, sizeof(buf));
	size_t i;

	if (key.id == 0)
		setup();
	for (i = 0; i < size; i++)
		if (data[i] == '#')
			wr_bytes(&w, parcel, sizeof(parcel));
		else
			wr_u8(&w, data[i]);
	if (wr_ok(&w))
		walk(wr_rd(&w));
	return 0;
}
