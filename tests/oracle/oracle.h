/* SPDX-License-Identifier: ISC */
/*
 * oracle.h - llhttp's opinion of a request, in words that do not clash with
 * our own reader's.
 */
#ifndef ECR_ORACLE_H
#define ECR_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oracle;
/* Its only one, as new. */
struct oracle *oracle_new(void);
/* False: it refuses. After the first whole request it hears no more. */
bool oracle_feed(struct oracle *o, const unsigned char *p, size_t n);

bool oracle_has_head(const struct oracle *o);
bool oracle_is_whole(const struct oracle *o);
/* Once the head is there. */
struct opinion {
	const char *method;
	const char *target;
	size_t ntarget;
	bool alive;			/* another request may follow */
	bool upgrade;
	bool has_length, has_coding;
	uint64_t length;
};
struct opinion oracle_opinion(const struct oracle *o);

#endif
