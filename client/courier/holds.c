/* SPDX-License-Identifier: ISC */
/*
 * holds.c - does the log that lies in a mirror hold?
 *
 * Believes nothing but the two roots, whose signatures were checked.
 */
#include "client/courier/holds.h"

#include <string.h>

#include "client/common/logfault.h"
#include "client/common/say.h"
#include "crypto/sha256.h"

#define NAMED_MAX	32	/* by name; of more only the number */

struct holds {
	struct mirror *m;
	bool aloud;
	uint64_t named;
};

static int
on_fetch(void *arg, const struct tile *t, unsigned char **out)
{
	const struct holds *h = arg;

	return logfault_mirror(h->m, t, out);
}

static void
on_fault(void *arg, const struct logfault *f)
{
	struct holds *h = arg;

	if (!h->aloud || h->named++ >= NAMED_MAX)
		return;
	if (logfault_is_signed(f->what))
		warn("%s: the log does not hold: it has signed entry %llu, "
		    "which %s", f->name, (unsigned long long)f->index,
		    logfault_words(f->what));
	else if (f->what == LOGFAULT_BUNDLE)
		warn("%s: the log does not hold: entry %llu is not what it "
		    "has signed", f->name, (unsigned long long)f->index);
	else
		warn("%s: the log does not hold: %s", f->name,
		    f->what == LOGFAULT_MISSING ? "it is missing" :
		    "this is not what it has signed");
}

/* Every file of the newest log. */
static int
files_hold(struct mirror *m, const struct checkpoint *now, bool aloud)
{
	struct holds h = { .m = m, .aloud = aloud };
	struct logfault_search s = { .size = now->size, .root = now->root,
	    .fetch = on_fetch, .say = on_fault, .arg = &h };
	uint64_t found;
	int r;

	if ((r = logfault_find(&s, &found)) != 0)
		return r;
	return found == 0 ? 0 : ERR_CHANGED;
}

/* The first entries of it are those that were signed before. */
static int
past_holds(struct mirror *m, const struct checkpoint *old)
{
	unsigned char root[HASH_BYTES];
	struct sha256 *h;
	char missing[80];
	struct tree tree;
	int r;

	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	tree_init(&tree);
	r = mirror_walk(m, &tree, old->size, NULL, NULL, missing);
	tree_root(&tree, h, root);
	sha256_free(h);
	if (r != 0)
		return r;
	return memcmp(root, old->root, HASH_BYTES) == 0 ? 0 : ERR_CHANGED;
}

/* see holds.h */
int
holds_log(struct mirror *m, const struct checkpoint *old,
    const struct checkpoint *now, bool aloud)
{
	int r;

	if ((r = files_hold(m, now, aloud)) != 0 || old->size == 0)
		return r;
	r = past_holds(m, old);
	if (r == ERR_CHANGED && aloud)
		warn("the log does not hold: what it signs now does not "
		    "extend what was fetched before: %llu entries then, %llu "
		    "now. Keep this mirror; it is evidence", (unsigned long long)old->size,
		    (unsigned long long)now->size);
	return r;
}
