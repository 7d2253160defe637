/* SPDX-License-Identifier: ISC */
/*
 * acktext.h - the words of the automatic acknowledgement: data, by kind of
 * submission and language.  Another office changes acktext.c and nothing
 * else.
 */
#ifndef ECR_ACKTEXT_H
#define ECR_ACKTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/wr.h"

/* What the words speak of. */
struct acktext {
	const char *submission;		/* its code; unknown: misconduct */
	const char *language;		/* its code; unknown: English */
	bool followup;
	bool alternate;			/* not the office's desk */
	const char *ref;		/* of the case */
	int32_t received, today;	/* days */
};

/* Paragraphs, with an empty line between them. */
void acktext_write(struct wr *w, const struct acktext *a);
/* A few words on how it stands. */
const char *acktext_status(const struct acktext *a);
/* The day of the next thing the reporter may wait for. */
int32_t acktext_next(const struct acktext *a);

#endif
