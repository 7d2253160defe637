/* SPDX-License-Identifier: ISC */
/*
 * quorum.c - how many of our witnesses cosigned a checkpoint.
 */
#include "client/desk/quorum.h"
#include "crypto/cosign.h"

/* see quorum.h */
int
quorum_count(size_t *n, struct rd checkpoint, const struct vkey *witness,
    size_t nwitnesses)
{
	struct cosigners by;
	struct note note;
	int r;

	*n = 0;
	if ((r = note_parse(&note, checkpoint)) != 0 ||
	    (r = cosign_check(&note, witness, nwitnesses, &by)) != 0)
		return r;
	*n = cosign_count(&by);
	return 0;
}
