/* SPDX-License-Identifier: ISC */
/*
 * proofbox.h - whole proofs of disclosure, and a log that holds their parcels,
 * with keys of its own; and whatever a reporter may make by hand.
 */
#ifndef TEST_PROOFBOX_H
#define TEST_PROOFBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/office.h"
#include "crypto/entry.h"
#include "crypto/note.h"
#include "crypto/params.h"

#define DAY		20000
#define CLOSE		((uint64_t)(DAY + 2) * 86400)
#define PARTS_MAX	8
#define SEVEN		7		/* entries before ours */

/* What is made, and what is wrong with it. */
struct plan {
	size_t attached;		/* bytes of the first attachment */
	size_t renewed;			/* a second keyset from this part on */
	const char *json;		/* in place of the one made */
	bool wrong_author, wrong_sha256, wrong_attachment, short_attachment;
	bool other_role, other_log, same_keyset, unproved, more;
	bool foreign;			/* the last part is of another message */
	bool unwitnessed;
};

extern struct vkey proofbox_log, proofbox_log2, proofbox_witness;
extern struct office proofbox_office;
/* The log: entries before ours, then the parcels of the last proof made. */
extern unsigned char proofbox_entry[SEVEN + PARTS_MAX][ENTRY_BYTES];

/* Keys and an office, in a folder of the test's own (tmpdir.h). */
void proofbox_init(void);
/* Written to the folder; returns its path. */
const char *proofbox_make(const struct plan *p);
/*
 * From now on the log holds other parcels in the place of ours, of an epoch
 * that closed so many seconds after ours.
 */
void proofbox_lose(uint64_t after);
/* How many parts the last one made has. */
size_t proofbox_parts(void);
/* The log's checkpoint at this size. */
void proofbox_checkpoint(struct wr *w, uint64_t size, bool witnessed);

#endif
