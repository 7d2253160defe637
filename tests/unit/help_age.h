/* SPDX-License-Identifier: ISC */
/*
 * help_age.h - what the tests of age files share.
 */
#ifndef ECR_TEST_HELP_AGE_H
#define ECR_TEST_HELP_AGE_H

#include "crypto/age.h"
#include "tests/unit/vec.h"

#define N_MAX	8

/* N_MAX identities and their recipients, made by help_age_init(). */
extern struct age_identity ids[N_MAX];
extern struct age_recipient rcs[N_MAX];

void help_age_init(void);

/* A file for the first nrcs recipients. */
struct vec help_age_seal(size_t nrcs, const unsigned char *plain, size_t n,
    const struct age_random *chance);

/* A sink that ends with ERR_FULL where its writer is full. */
struct tank {
	struct wr w;
};
int help_age_sink(void *arg, const unsigned char *p, size_t n);

/* Open by stream, step bytes at a time. */
int help_age_stream(struct tank *t, const struct age_identity *id, size_t n,
    struct rd file, size_t step);

#endif
