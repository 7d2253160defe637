/* SPDX-License-Identifier: ISC */
/*
 * look.c - one look at a log.
 */
#include "client/audit/look.h"

#include <string.h>

#include "client/audit/blame.h"
#include "client/common/file.h"
#include "client/common/say.h"

/* see look.h */
int
look_claim(const struct look *l, struct evidence *e)
{
	int code;

	e->log = &l->keys->log;
	e->checkpoint = rd_from(l->now.bytes, l->now.n);
	if (l->evidence != NULL &&
	    (code = evidence_write(e, l->evidence)) != EXIT_DONE)
		return code;
	return EXIT_CLAIM;
}

/* see look.h */
int
look_no_answer(const struct look *l, const char *name, int r)
{
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	return fail(r == ERR_IO ? EXIT_UNAVAILABLE : r == ERR_AUTH ?
	    EXIT_NOPERM : EXIT_DATA, "%s: %s", name, source_why(l->src));
}

/* see look.h */
int
look_begin(struct look *l)
{
	static const char name[] = "log/checkpoint";
	struct evidence e = { .kind = EVIDENCE_SERVED, .name = name,
	    .says = "what is served as checkpoint is not signed by the log" };
	unsigned char *p;
	size_t n;
	int r;

	/* First: what comes after it is at least as new. */
	if ((r = source_get(l->src, name, NOTE_MAX_BYTES, &p, &n)) != 0)
		return look_no_answer(l, name, r);
	r = audit_keys_ask(l->keys, l->src);
	if (r == EXIT_CLAIM && l->keys->has_log) {
		e.name = "keyset";
		e.says = "keyset and statements do not fit each other";
		r = look_claim(l, &e);
	}
	if (r != EXIT_DONE) {
		file_free(p, n);
		return r;
	}
	if ((r = signed_tree_open(&l->now, p, n, &l->keys->log)) == 0)
		return EXIT_DONE;
	warn("%s is not signed by the log: %s", name, err_str(r));
	e.bytes = rd_from(p, n);
	r = look_claim(l, &e);
	file_free(p, n);
	return r;
}

/* see look.h */
int
look_quorum(struct look *l)
{
	struct evidence e = { .kind = EVIDENCE_SERVED,
	    .name = "log/checkpoint",
	    .says = "too few witnesses have cosigned the checkpoint" };
	const struct keys *k = l->keys;
	unsigned n;
	int r;

	r = cosign_check(&l->now.note, k->witness, k->nwitnesses, &l->by);
	if (r != 0 && r != ERR_AUTH)
		return fail(EXIT_DATA, "%s: %s", e.name, err_str(r));
	n = (unsigned)cosign_count(&l->by);
	if (r == ERR_AUTH) {
		e.says = "a witness's cosignature does not hold";
		warn("%s: %s", e.name, e.says);
	} else if (n < k->quorum) {
		warn("%s: %u of the %u cosignatures that it needs", e.name, n,
		    k->quorum);
	} else {
		return EXIT_DONE;
	}
	return look_claim(l, &e);
}

/* see look.h */
int
look_heads(const struct look *l, const struct signed_tree *old)
{
	struct evidence e = { .kind = EVIDENCE_SHORTER,
	    .earlier = rd_from(old->bytes, old->n) };

	if (l->now.c.size < old->c.size) {
		e.says = "the log is shorter than it was";
	} else if (l->now.c.size == old->c.size &&
	    memcmp(l->now.c.root, old->c.root, HASH_BYTES) != 0) {
		e.says = "the log signed two different trees of one size";
		e.kind = EVIDENCE_FORK;
	} else {
		return EXIT_DONE;
	}
	warn("%s: %llu entries now, %llu at the last visit", e.says,
	    (unsigned long long)l->now.c.size,
	    (unsigned long long)old->c.size);
	return look_claim(l, &e);
}

/* see look.h */
int
look_fork(const struct look *l, const struct signed_tree *old,
    const struct fork *f)
{
	struct evidence e = { .kind = EVIDENCE_FORK,
	    .says = "the log that is signed now does not extend the one that "
	    "was signed before",
	    .earlier = rd_from(old->bytes, old->n),
	    .begins = f->begins, .consistency = &f->proof };

	warn("%s: %llu entries then, %llu now", e.says,
	    (unsigned long long)old->c.size,
	    (unsigned long long)l->now.c.size);
	return look_claim(l, &e);
}

/* see look.h */
int
look_past(const struct look *l, const struct signed_tree *old,
    struct walk_result *res)
{
	struct fork f;
	int r;

	if ((r = prove_begins(&f, l->src, &old->c, &l->now.c, res)) != 0)
		return look_broken(l, r, res);
	return f.differs ? look_fork(l, old, &f) : EXIT_DONE;
}

/* see look.h */
void
look_end(struct look *l)
{
	signed_tree_wipe(&l->now);
}

/* Is there a larger signed tree by now? */
static bool
has_grown(const struct look *l)
{
	struct signed_tree t;
	unsigned char *p;
	bool grown;
	size_t n;

	if (source_get(l->src, "log/checkpoint", NOTE_MAX_BYTES, &p, &n) != 0)
		return false;
	if (signed_tree_open(&t, p, n, &l->keys->log) != 0) {
		file_free(p, n);
		return false;
	}
	grown = t.c.size > l->now.c.size;
	signed_tree_wipe(&t);
	return grown;
}

/* see look.h */
int
look_broken(const struct look *l, int r, const struct walk_result *res)
{
	struct evidence e = { .kind = EVIDENCE_SERVED };
	struct blame b;

	if (r != ERR_CHANGED)
		return look_no_answer(l, res->name, r);
	if (res->fault == WALK_MISSING && has_grown(l))
		return fail(EXIT_UNAVAILABLE, "%s is gone, for the log has "
		    "grown meanwhile; look again", res->name);
	blame_find(&b, l->src, &l->now.c, res);
	e.name = b.name;
	e.says = b.says;
	if (b.has_index)
		warn("%s %s: number %llu", b.name, b.says,
		    (unsigned long long)b.index);
	else
		warn("%s %s", b.name, b.says);
	return look_claim(l, &e);
}
