/* SPDX-License-Identifier: ISC */
/*
 * prooffile.h - a proof of disclosure (crypto/disclosure.h) that is written
 * while a message is sent, and is there, readable by its owner alone, only
 * when all of it was delivered.
 *
 * Nothing of it has a name before, where the file system can do that: who is
 * stopped or killed leaves no half of it.
 */
#ifndef ECR_PROOFFILE_H
#define ECR_PROOFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/outfile.h"
#include "crypto/age.h"
#include "crypto/params.h"
#include "crypto/rd.h"

struct prooffile {
	const char *path;		/* the caller's */
	struct outfile out;
	bool open;
	bool any;			/* a part was added */
	unsigned char keyset[HASH_BYTES];	/* of the part before */
};

/* Each says what is wrong and returns an exit code. */
MUST_USE int prooffile_open(struct prooffile *f, const char *path);
/* How many parts there will be; before the first of them. */
MUST_USE int prooffile_begin(struct prooffile *f, size_t parts);
MUST_USE int prooffile_add(struct prooffile *f, struct rd keyset,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    struct rd receipt, struct rd parcel);
/* All parts were added: durably there. */
MUST_USE int prooffile_keep(struct prooffile *f);
/* Nothing stays; one that was kept is left alone. */
void prooffile_drop(struct prooffile *f);

#endif
