/* SPDX-License-Identifier: ISC */
/*
 * verify.c - does the whole log hold, and does it extend what was seen?
 *
 * Invariant: the state moves on only over a tree of which every entry and
 * tile was read, under a root that the log signed.
 */
#include "client/audit/verify.h"

#include <stdlib.h>
#include <string.h>

#include "client/audit/bodies.h"
#include "client/audit/prove.h"
#include "client/audit/look.h"
#include "client/common/say.h"

struct run {
	const struct verify *v;
	struct verify_result *res;
	struct look look;
	struct signed_tree old;
	bool has_old;
	int code;			/* of a body that ended the walk */
};

/* What two signed heads say by themselves. */
static int
compare_heads(struct run *u)
{
	struct evidence e = { .kind = EVIDENCE_SHORTER,
	    .earlier = rd_from(u->old.bytes, u->old.n) };

	if (u->look.now.c.size < u->old.c.size)
		e.says = "the log is shorter than it was";
	else if (u->look.now.c.size == u->old.c.size &&
	    memcmp(u->look.now.c.root, u->old.c.root, HASH_BYTES) != 0) {
		e.says = "the log signed two different trees of one size";
		e.kind = EVIDENCE_FORK;
	} else
		return EXIT_DONE;
	warn("%s: %llu entries now, %llu at the last visit", e.says,
	    (unsigned long long)u->look.now.c.size,
	    (unsigned long long)u->old.c.size);
	return look_claim(&u->look, &e);
}

/* --- the entries --------------------------------------------------------- */

static int
on_entry(void *arg, uint64_t index, const struct entry *e)
{
	struct run *u = arg;

	if (index % TILE_WIDTH == 0)
		say_progress("verifying", index * ENTRY_BYTES,
		    u->look.now.c.size * ENTRY_BYTES);
	u->res->close = e->close;
	switch (e->kind) {
	case ENTRY_PARCEL:
		u->res->parcels++;
		break;
	case ENTRY_REPLY:
		u->res->replies++;
		break;
	case ENTRY_STATEMENT:
		u->res->statements++;
		break;
	}
	u->code = body_check(u->look.src, u->look.keys, e, u->v->parcels,
	    &u->res->bodies);
	return u->code == EXIT_DONE ? 0 : ERR_CHANGED;
}

/* A walk that did not end well. */
static int
broken(const struct run *u, int r, const struct walk_result *res)
{
	if (u->code != EXIT_DONE)
		return u->code;		/* a body; it was said */
	return look_broken(&u->look, r, res);
}

/*
 * The edge of the last visit is no longer what it was.  If the log of now
 * holds by itself, its own proof from that size on shows the fork; if not,
 * it was a tile that is served wrong.
 */
static int
another_past(struct run *u, struct walk_result *res)
{
	struct evidence e = { .kind = EVIDENCE_FORK,
	    .says = "the log that is signed now does not extend the one that "
	    "was signed before",
	    .earlier = rd_from(u->old.bytes, u->old.n) };
	struct walk_result whole;
	struct fork f;
	int r;

	r = prove_fork(&f, u->look.src, &u->old.c, &u->look.now.c, &whole);
	if (r != 0)
		return broken(u, r, &whole);
	if (!f.differs)
		return broken(u, ERR_CHANGED, res);
	e.begins = f.begins;
	e.consistency = &f.proof;
	warn("%s: %llu entries then, %llu now", e.says,
	    (unsigned long long)u->old.c.size,
	    (unsigned long long)u->look.now.c.size);
	return look_claim(&u->look, &e);
}

/* --all with a state: the past is looked at in its own right. */
static int
same_past(struct run *u)
{
	struct walk_result res;
	struct fork f;
	int r;

	if (!u->has_old || !u->v->all || u->old.c.size == 0 ||
	    u->old.c.size == u->look.now.c.size)
		return EXIT_DONE;
	if ((r = prove_fork(&f, u->look.src, &u->old.c, &u->look.now.c,
	    &res)) != 0)
		return broken(u, r, &res);
	return f.differs ? another_past(u, &res) : EXIT_DONE;
}

static int
walk_log(struct run *u)
{
	bool go_on = u->has_old && !u->v->all;
	struct walk w = {
		.src = u->look.src,
		.from = go_on ? u->old.c.size : 0,
		.from_root = u->old.c.root,
		.to = u->look.now.c.size,
		.to_root = u->look.now.c.root,
		.visit = on_entry,
		.arg = u
	};
	struct walk_result res;
	int r;

	u->res->from = w.from;
	r = walk_run(&w, &res);
	say_progress_end();
	if (r == 0)
		return same_past(u);
	if (r == ERR_CHANGED && res.fault == WALK_OLD)
		return another_past(u, &res);
	return broken(u, r, &res);
}

static int
check_all(struct run *u)
{
	const struct verify *v = u->v;
	int code;

	if ((code = look_begin(&u->look)) != EXIT_DONE)
		return code;
	u->res->size = u->look.now.c.size;
	memcpy(u->res->root, u->look.now.c.root, HASH_BYTES);
	if (v->state != NULL && (code = state_load(&u->old, &u->has_old,
	    v->state, &v->keys->log)) != EXIT_DONE)
		return code;
	if (u->has_old && (code = compare_heads(u)) != EXIT_DONE)
		return code;
	if ((code = look_quorum(&u->look)) != EXIT_DONE)
		return code;
	u->res->cosignatures = (unsigned)cosign_count(&u->look.by);
	u->res->quorum = v->keys->quorum;
	if ((code = walk_log(u)) != EXIT_DONE)
		return code;
	return v->state == NULL ? EXIT_DONE :
	    state_save(&u->look.now, v->state);
}

/* see verify.h */
int
verify_run(const struct verify *v, struct verify_result *res)
{
	struct run u = { .v = v, .res = res,
	    .look = { .src = v->src, .keys = v->keys,
	    .evidence = v->evidence } };
	int code;

	memset(res, 0, sizeof(*res));
	code = check_all(&u);
	look_end(&u.look);
	signed_tree_wipe(&u.old);
	return code;
}
