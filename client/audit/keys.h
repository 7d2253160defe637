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
};

/* --log, --office, --witness, --quorum; says what is wrong: an exit code. */
MUST_USE int keys_load(struct keys *k, const struct opts *o);

/*
 * keys_ask - with an office: its keyset out of the source.  Without a log
 * key of the auditor's own, the keyset's is taken; with one, it must be the
 * same.  Says what is wrong; an exit code, EXIT_CLAIM where keys disagree.
 */
MUST_USE int keys_ask(struct keys *k, struct source *src);

#endif
