/* SPDX-License-Identifier: ISC */
/*
 * help_age.c - what the tests of age files share.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"
#include "tests/unit/help_age.h"

struct age_identity ids[N_MAX];
struct age_recipient rcs[N_MAX];

/* see help_age.h */
void
help_age_init(void)
{
	size_t i;

	cr_assert(secret_init() == 0);
	for (i = 0; i < N_MAX; i++) {
		ids[i].kind = AGE_HYBRID;
		memset(ids[i].seed, (int)i + 1, SEED_BYTES);
		cr_assert(hpke_public(rcs[i].pk, ids[i].seed) == 0);
	}
}

static size_t
file_bytes(size_t nrcs, size_t plain)
{
	size_t chunks = plain == 0 ? 1 :
	    (plain + AGE_CHUNK_BYTES - 1) / AGE_CHUNK_BYTES;

	return AGE_HEADER_BYTES(nrcs) + AGE_NONCE_BYTES + plain + 16 * chunks;
}

/* see help_age.h */
struct vec
help_age_seal(size_t nrcs, const unsigned char *plain, size_t n,
    const struct age_random *chance)
{
	struct vec v = { malloc(file_bytes(nrcs, n)), 0 };
	struct wr w;

	cr_assert(v.p != NULL);
	w = wr_from(v.p, file_bytes(nrcs, n));
	cr_assert(age_seal(&w, rcs, nrcs, rd_from(plain, n), chance) == 0);
	v.n = w.n;
	cr_assert_eq(v.n, file_bytes(nrcs, n));
	return v;
}

/* see help_age.h */
int
help_age_sink(void *arg, const unsigned char *p, size_t n)
{
	struct tank *t = arg;

	wr_bytes(&t->w, p, n);
	return wr_ok(&t->w) ? 0 : ERR_FULL;
}

/* see help_age.h */
int
help_age_stream(struct tank *t, const struct age_identity *id, size_t n,
    struct rd file, size_t step)
{
	struct age_dec *d;
	struct rd part;
	int r = 0;

	cr_assert(age_dec_new(&d, id, n, help_age_sink, t) == 0);
	while (r == 0 && !rd_done(&file)) {
		cr_assert(rd_take(&file, &part, step < file.n ? step :
		    file.n));
		r = age_dec_push(d, part.p, part.n);
	}
	if (r == 0)
		r = age_dec_finish(d);
	cr_assert_eq(age_dec_finish(d), r == 0 ? ERR_ORDER : r);
	cr_assert_eq(age_dec_push(d, "x", 1), r == 0 ? ERR_ORDER : r);
	age_dec_free(d);
	return r;
}
