/* SPDX-License-Identifier: ISC */
/*
 * evidence.h - one file that shows a third party what does not hold.
 *
 * A JSON object: "v" 1, "what" (a word of enum evidence_kind), "says" (plain
 * words), "log" (the key), then what it takes to see for oneself; see
 * docs/formats/evidence.md.  What the log signed convicts whoever holds its
 * key; what it merely served shows what this auditor saw.
 */
#ifndef ECR_AUDIT_EVIDENCE_H
#define ECR_AUDIT_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/tree.h"

#define EVIDENCE_MAX_BYTES	(64u << 20)

enum evidence_kind {
	EVIDENCE_FORK,		/* two signed trees that cannot both be */
	EVIDENCE_SHORTER,	/* a signed tree smaller than an older one */
	EVIDENCE_RECEIPT,	/* a receipt that the log does not honour */
	EVIDENCE_SERVED		/* what was served does not fit what is signed */
};

struct evidence {
	enum evidence_kind kind;
	const char *says;
	const struct vkey *log;
	struct rd checkpoint;		/* the newest note that is signed */
	struct rd earlier;		/* FORK, SHORTER: the older one */
	/* FORK of two sizes: the newer tree begins with this root, instead. */
	const struct proof *consistency;
	const unsigned char *begins;	/* HASH_BYTES, or NULL */
	/* RECEIPT: it, the tree before its close, all entries from there. */
	struct rd receipt;
	const struct tree *before;
	struct rd entries;		/* ENTRY_BYTES each */
	const char *name;		/* SERVED: of the object */
	struct rd bytes;		/* and what it was */
};

const char *evidence_kind_name(enum evidence_kind kind);
/* ERR_FORMAT: no such word. */
MUST_USE int evidence_kind_named(enum evidence_kind *kind, struct rd word);

/* Whole or not at all; says where it is; an exit code. */
MUST_USE int evidence_write(const struct evidence *e, const char *path);

#endif
