/* SPDX-License-Identifier: ISC */
/*
 * source.h - a message as a stream: JSON bytes 4 | JSON | attachments |
 * signature, read piece by piece at any offset.
 */
#ifndef ECR_SOURCE_H
#define ECR_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "client/report/attach.h"
#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

struct source {
	struct rd json;			/* the caller's, must outlive this */
	struct attach_list *list;	/* the caller's */
	uint64_t bytes;			/* of the whole message */
	unsigned char id[MSG_ID_BYTES];
	unsigned char body[HASH_BYTES];		/* all before the signature */
	unsigned char whole[HASH_BYTES];
	unsigned char sig[SIG_BYTES];
};

/*
 * source_init - read everything once, hash and sign.
 * Errors: ERR_LIMIT (too long for one message), ERR_CHANGED, ERR_IO,
 *         ERR_NOMEM.
 */
MUST_USE int source_init(struct source *s, struct rd json,
    struct attach_list *l, const unsigned char id[static MSG_ID_BYTES],
    const unsigned char author_sk[static 64]);
/* n bytes at an offset; all of them or an error. */
MUST_USE int source_read(struct source *s, uint64_t at, unsigned char *out,
    size_t n);

#endif
