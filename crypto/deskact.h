/* SPDX-License-Identifier: ISC */
/*
 * deskact.h - one act of a desk as a leaf of its log, and what an auditor
 * who is shown one act checks it against.
 *
 *   leaf data   "ecrdesk/act/v1" LF | salt 32 | act 1 | day 4 | length 2 |
 *               details
 *   leaf        tree_leaf() of it, as in any log of RFC 6962
 *   commitment  SHA-256(32 random bytes || the signed checkpoint)
 *
 * The salt makes a leaf's hash say nothing of the act, so that acts are shown
 * one by one.  Details are fixed fields for each act, in one encoding.  See
 * docs/formats/desklog.md.
 */
#ifndef ECR_DESKACT_H
#define ECR_DESKACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/tree.h"
#include "crypto/wr.h"

#define DESKACT_SALT_BYTES	32
#define DESKACT_RANDOM_BYTES	32	/* of a commitment */
#define DESKACT_DETAIL_MAX	640
#define DESKACT_STR_MAX		300
#define DESKACT_LEAF_MAX	(15 + DESKACT_SALT_BYTES + 7 + \
    DESKACT_DETAIL_MAX)

/*
 * The numbers are on the disk.  Behind each: its details, where n is a number
 * (8 bytes), d a day (4), h 32 bytes, s text (length 2, UTF-8 without control
 * characters).
 */
enum deskact {
	DESKACT_CREATE = 1,	/* s key name */
	DESKACT_TRUST = 2,	/* s log, h log key, n witnesses, n quorum */
	DESKACT_IMPORT = 3,	/* n size, h root, n close, n opened, n cases,
				 * n follow-ups */
	DESKACT_UNWITNESSED = 4, /* n size, h root, n cosigned, n quorum */
	DESKACT_OPEN = 5,	/* s case */
	DESKACT_ATTACH = 6,	/* s case, n attachments */
	DESKACT_ACKNOWLEDGE = 7, /* s case, h SHA-256 of the note */
	DESKACT_REPLY = 8,	/* s case, h SHA-256 of the note */
	DESKACT_EXPORT = 9,	/* n sequence, n size, n erase, n drop,
				 * h keyset, n replies */
	DESKACT_ERASE = 10,	/* n below leaf, n drop below, s reason */
	DESKACT_DISPOSE = 11,	/* s case, n messages, s reason */
	DESKACT_DESTROY = 12,	/* s key file, d from, d to */
	DESKACT_ROTATE = 13,	/* n keys made, s reason */
	DESKACT_RECOVER = 14,	/* n sequence, n size, h commitment,
				 * n generation before, n acts in it */
	DESKACT_IDENTITIES = 15, /* n keys */
	DESKACT_DISCLOSE = 16,	/* n act shown, n generation */
	DESKACT_PEER = 17,	/* s key name, h key */
	DESKACT_BEFORE = 18,	/* n size, h root, n parcels erased before this
				 * role could say anything */
	DESKACT_LAST = 18
};

/* "import"; static.  deskact_find: 0 where no act has this name. */
const char *deskact_name(enum deskact act);

struct deskact_leaf {
	unsigned char salt[DESKACT_SALT_BYTES];
	enum deskact act;
	int32_t day;
	struct rd detail;		/* view */
};

/*
 * Pieces of details; a text that is too long is cut between characters, and
 * what may not stand in one becomes '?'.
 */
void deskact_put_str(struct wr *w, const char *s);
#define deskact_put_number	wr_u64

/* Do the details have exactly the fields of this act? */
bool deskact_detail_ok(enum deskact act, struct rd detail);

/* Leaf data; w overflows where details are not those of the act. */
void deskact_write(struct wr *w, const struct deskact_leaf *l);
/* Errors: ERR_FORMAT. */
MUST_USE int deskact_parse(struct deskact_leaf *l, struct rd data);

/* The fields of an act, one after the other. */
struct deskact_field {
	struct rd name;			/* "size" */
	char kind;			/* 'n', 'd', 'h' or 's' */
	uint64_t number;		/* of n and d */
	struct rd bytes;		/* of h and s */
};
struct deskact_walk {
	struct rd layout, detail;
};
void deskact_begin(struct deskact_walk *w, const struct deskact_leaf *l);
MUST_USE bool deskact_next(struct deskact_walk *w, struct deskact_field *f);

/* "size 12, root 01ab..., case ECR-2026-K7QF"; one line, no LF. */
void deskact_words(struct wr *w, const struct deskact_leaf *l);

/* --- shown to an auditor --------------------------------------------------- */

/*
 * What one shown act says, in a file that is a C2SP tlog-proof whose extra
 * data are: commitment's random 32 | leaf data.
 */
struct deskact_shown {
	struct deskact_leaf leaf;	/* views into untrusted */
	uint64_t index;
	struct checkpoint checkpoint;	/* views into the file */
	unsigned char commitment[HASH_BYTES];
	unsigned char untrusted[DESKACT_RANDOM_BYTES + DESKACT_LEAF_MAX];
};

/*
 * deskact_show - write such a file.
 * random  that of the commitment over this checkpoint (a whole note)
 */
MUST_USE int deskact_show(struct wr *w,
    const unsigned char random[static DESKACT_RANDOM_BYTES], struct rd leaf,
    uint64_t index, const struct proof *path, struct rd checkpoint);

/*
 * deskact_check - is it an act of the log whose checkpoint this role's key
 * has signed?  Whether the commitment was ever made public is the caller's to
 * find: it stands in a statement of that role.
 * k       the role's key; the checkpoint's origin must be
 *         "<its name>/desk/<generation>"
 * Errors: ERR_FORMAT, ERR_NOMEM, ERR_AUTH (signature, or the tree does not
 *         follow), ERR_NOMATCH (another key's).
 */
MUST_USE int deskact_check(struct deskact_shown *s, uint64_t *generation,
    struct rd file, const struct vkey *k);

/* The origin of a generation's checkpoints. */
void deskact_origin(struct wr *w, const struct vkey *k, uint64_t generation);

#endif
