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
	struct bodies bodies;
	struct signed_tree old;
	bool has_old, borrowed;		/* old is the last round's */
	bool has_said;			/* bodies.said is of the old size */
	int code;			/* of a body that ended the walk */
};

/* --- the entries --------------------------------------------------------- */

static int
on_entry(void *arg, uint64_t index, const struct entry *e)
{
	struct run *u = arg;

	if (index % TILE_WIDTH == 0)
		say_progress("verifying", index * ENTRY_BYTES,
		    u->look.now.c.size * ENTRY_BYTES);
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
	u->code = body_check(&u->bodies, index, e);
	return u->code == EXIT_DONE ? 0 : ERR_CHANGED;
}

/* A walk that did not end well. */
static int
broken(const struct run *u, int r, const struct walk_result *res)
{
	struct evidence e = { .kind = EVIDENCE_SERVED,
	    .name = u->bodies.name, .says = u->bodies.says,
	    .bytes = rd_from(u->bodies.bytes, u->bodies.n) };

	if (u->code == EXIT_CLAIM) {
		warn("%s %s", e.name, e.says);
		return look_claim(&u->look, &e);
	}
	if (u->code != EXIT_DONE)
		return u->code;		/* a body; it was said */
	return look_broken(&u->look, r, res);
}

/*
 * The edge of the last visit is no longer what it was.  If the log of now
 * holds by itself, its own proof from that size on shows the fork; if not,
 * it was a tile that is served wrong: as it is where the proof cannot be had.
 */
static int
another_past(struct run *u, const struct walk_result *res)
{
	struct walk_result whole;
	struct fork f;
	int r;

	r = prove_fork(&f, u->look.src, &u->old.c, &u->look.now.c, &whole);
	if (r == ERR_CHANGED && whole.fault != WALK_MISSING)
		return broken(u, r, &whole);
	/* Whoever falls silent now does not undo what was seen. */
	if (r != 0 || !f.differs)
		return broken(u, ERR_CHANGED, res);
	return look_fork(&u->look, &u->old, &f);
}

/* After a walk that ended well. */
static int
after_walk(struct run *u, struct walk_result *res, bool passed)
{
	int code;

	if (passed && (code = look_past(&u->look, &u->old, res)) != EXIT_DONE)
		return code;
	u->code = bodies_end(&u->bodies);
	return u->code == EXIT_DONE ? EXIT_DONE : broken(u, 0, res);
}

/* Where what the office said till then is not known, all is read again. */
static bool
goes_on(const struct run *u)
{
	return u->has_old && !u->v->all &&
	    (u->has_said || !u->v->keys->has_office);
}

static int
walk_log(struct run *u)
{
	bool go_on = goes_on(u);
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

	/* Equal ones were compared; an empty one is the start of any log. */
	if (u->has_old && !go_on && u->old.c.size < u->look.now.c.size)
		w.at = u->old.c.size;
	if (!go_on)
		memset(&u->bodies.said, 0, sizeof(u->bodies.said));
	u->bodies.c = &u->look.now.c;
	u->res->from = w.from;
	r = walk_run(&w, &res);
	u->res->close = res.close;
	u->res->bodies = u->bodies.checked;
	u->res->gone = u->bodies.gone;
	say_progress_end();
	if (r == 0)
		return after_walk(u, &res, w.at > 0);
	if (r == ERR_CHANGED && res.fault == WALK_OLD)
		return another_past(u, &res);
	return broken(u, r, &res);
}

/* The file's, or else the last round's. */
static int
load_old(struct run *u)
{
	const struct verify *v = u->v;
	struct said *said = &u->bodies.said;
	int code;

	if (v->state != NULL && (code = state_load(&u->old, &u->has_old,
	    v->state, &v->keys->log)) != EXIT_DONE)
		return code;
	if (u->has_old && v->keys->has_office)
		return state_load_said(said, &u->has_said, v->state,
		    u->old.c.size);
	if (!u->has_old && v->last != NULL && v->last->tree.bytes != NULL) {
		u->old = v->last->tree;
		u->has_old = u->borrowed = true;
		*said = v->last->said;
		u->has_said = said->size == u->old.c.size;
	}
	return EXIT_DONE;
}

/* All of it holds: that is what the next visit goes on from. */
static int
remember(struct run *u)
{
	const struct verify *v = u->v;
	int code = EXIT_DONE;

	if (v->state != NULL)
		code = state_save(&u->look.now, v->keys->has_office ?
		    &u->bodies.said : NULL, v->state);
	if (v->last != NULL) {
		signed_tree_wipe(&v->last->tree);
		v->last->tree = u->look.now;
		v->last->said = u->bodies.said;
		memset(&u->look.now, 0, sizeof(u->look.now));
	}
	return code;
}

/* see verify.h */
void
verify_forget(struct verify_last *last)
{
	signed_tree_wipe(&last->tree);
	memset(last, 0, sizeof(*last));
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
	if ((code = load_old(u)) != EXIT_DONE)
		return code;
	if (u->has_old && (code = look_heads(&u->look,
	    &u->old)) != EXIT_DONE)
		return code;
	if ((code = look_quorum(&u->look)) != EXIT_DONE)
		return code;
	u->res->cosignatures = (unsigned)cosign_count(&u->look.by);
	u->res->quorum = v->keys->quorum;
	if ((code = walk_log(u)) != EXIT_DONE)
		return code;
	age_of(&u->res->age, v->src, u->res->close, v->clock());
	return remember(u);
}

/* see verify.h */
int
verify_run(const struct verify *v, struct verify_result *res)
{
	struct run *u = calloc(1, sizeof(*u));
	int code;

	memset(res, 0, sizeof(*res));
	if (u == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	u->v = v;
	u->res = res;
	u->look.src = u->bodies.src = v->src;
	u->look.keys = v->keys;
	u->look.evidence = v->evidence;
	u->bodies.keys = v->keys;
	u->bodies.parcels = v->parcels;
	u->bodies.delay = v->delay;
	code = check_all(u);
	look_end(&u->look);
	bodies_wipe(&u->bodies);
	if (!u->borrowed)
		signed_tree_wipe(&u->old);
	free(u);
	return code;
}
