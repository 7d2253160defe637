/* SPDX-License-Identifier: ISC */
/*
 * keys.h - whom an auditor believes: the log's key, witnesses, the office.
 *
 * They come from files that the auditor got from people, not from the server.
 * The office's key vouches for a keyset, and that names log key, witnesses
 * and quorum; what is given as a file of its own must agree with it.
 */
#ifndef ECR_AUDIT_KEYS_H
#define ECR_AUDIT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "client/audit/source.h"
#include "client/common/office.h"
#include "client/common/opts.h"
#include "crypto/keyset.h"
#include "crypto/note.h"

struct keys {
	bool has_log, has_office, pinned;	/* pinned: -w was given */
	struct vkey log;
	struct office office;
	size_t nwitnesses;
	struct vkey witness[KEYSET_WITNESSES_MAX];
	unsigned quorum;
	unsigned char *replies;		/* as served at audit_keys_ask(); owned */
	size_t nreplies;
};

/* --log, --office, --witness, --quorum; says what is wrong: an exit code. */
MUST_USE int audit_keys_load(struct keys *k, const struct opts *o);

/* The same, none of them needed. */
MUST_USE int audit_keys_given(struct keys *k, const struct opts *o);

/*
 * audit_keys_ask - with an office: its keysets out of the source, each the one that
 * its role's newest statement names.  Without a log key of the auditor's own,
 * that of the office role's keyset is taken; with one, it must be the same.  Says what is wrong; an exit code, EXIT_CLAIM where keys disagree.
 */
MUST_USE int audit_keys_ask(struct keys *k, struct source *src);
void audit_keys_wipe(struct keys *k);

/*
 * What a quorum of the witnesses says the time was when it cosigned; 0: there
 * is none, or a cosignature that does not hold.
 */
uint64_t audit_keys_time(const struct keys *k, const struct note *note);

#endif
