/* SPDX-License-Identifier: ISC */
/*
 * msgjson.h - what a message's JSON may say (docs/formats/message.md).
 *
 * Parsed by jansson with limits on depth, counts and lengths; UTF-8 and
 * duplicate keys are checked.  Unknown keys are kept, never fatal.  The same
 * check serves the reporter's -f file, which lacks what the program fills
 * in, and the desk.
 */
#ifndef ECR_MSGJSON_H
#define ECR_MSGJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define MSGJSON_DEPTH_MAX	8
#define MSGJSON_TEXT_MAX	(512u * 1024)	/* one string */
#define MSGJSON_ITEMS_MAX	1024		/* one array or object */
#define MSGJSON_NAME_MAX	255		/* an attachment's name */

enum msgjson_form {
	MSGJSON_REPORT_FILE,	/* from -f: submission and text required;
				 * v, kind, mailbox, author, attachments
				 * refused */
	MSGJSON_FOLLOWUP_FILE,	/* the same for a follow-up: submission need
				 * not be said again */
	MSGJSON_MESSAGE		/* as sent: all of it required */
};

/*
 * msgjson_parse - parse and check.  why receives plain words with the key's name,
 * never its content.
 * Errors: ERR_FORMAT, ERR_LIMIT, ERR_NOMEM.
 * Owns:   the caller json_decref()s *out.
 */
MUST_USE int msgjson_parse(json_t **out, struct rd text,
    enum msgjson_form form, char *why, size_t why_cap);
/* Checks an object that is already there (the wizard's). */
MUST_USE int msgjson_check(json_t *o, enum msgjson_form form, char *why,
    size_t why_cap);

struct msgjson_attachment {
	const char *name, *type;	/* live as long as the object */
	uint64_t bytes;
	unsigned char sha256[HASH_BYTES];
};
size_t msgjson_attachments(const json_t *o);
/* The i-th of a checked object. */
void msgjson_attachment(const json_t *o, size_t i,
    struct msgjson_attachment *a);

#endif
