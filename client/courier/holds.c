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

/* The entries go on to this size, and have this root there. */
static int
goes_on(struct mirror *m, struct tree *tree, struct sha256 *h,
    const struct checkpoint *c)
{
	unsigned char root[HASH_BYTES];
	char missing[80];
	int r;

	if ((r = mirror_walk(m, tree, c->size, NULL, NULL, missing)) != 0)
		return r;
	tree_root(tree, h, root);
	return memcmp(root, c->root, HASH_BYTES) == 0 ? 0 : ERR_CHANGED;
}

/*
 * What was fetched before may lie here beside what came now: it must be one
 * tree that has the old root and goes on to the new one.
 */
static int
past_holds(struct mirror *m, const struct checkpoint *old,
    const struct checkpoint *now)
{
	struct sha256 *h;
	struct tree tree;
	int r;

	if ((h = sha256_new()) == NULL)
		return ERR_NOMEM;
	tree_init(&tree);
	if ((r = goes_on(m, &tree, h, old)) == 0)
		r = goes_on(m, &tree, h, now);
	sha256_free(h);
	return r;
}

static void
say_fork(const struct checkpoint *old, const struct checkpoint *now)
{
	warn("the log does not hold: what it signs now does not extend what "
	    "was fetched before: %llu entries then, %llu now. It has told two "
	    "stories: keep this mirror, it is evidence",
	    (unsigned long long)old->size, (unsigned long long)now->size);
}

/* see holds.h */
int
holds_log(struct mirror *m, const struct checkpoint *old,
    const struct checkpoint *now, bool aloud)
{
	int r;

	if (old->size == now->size && old->size > 0 &&
	    memcmp(old->root, now->root, HASH_BYTES) != 0)
		r = ERR_CHANGED;
	else if ((r = files_hold(m, now, aloud)) != 0 || old->size == 0)
		return r;
	else
		r = past_holds(m, old, now);
	if (r == ERR_CHANGED && aloud)
		say_fork(old, now);
	return r;
}
