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
#include "client/audit/evidence.h"
#include "client/audit/fork.h"
#include "client/audit/state.h"
#include "client/audit/walk.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/cosign.h"

struct run {
	const struct verify *v;
	struct verify_result *res;
	struct signed_tree now, old;
	bool has_old;
	int code;			/* of what ended the walk */
};

/* What does not hold: said, and written down where a file was named. */
static int
claim(struct run *u, struct evidence *e)
{
	int code;

	e->log = &u->v->keys->log;
	e->checkpoint = rd_from(u->now.bytes, u->now.n);
	if (u->v->evidence != NULL &&
	    (code = evidence_write(e, u->v->evidence)) != EXIT_DONE)
		return code;
	return EXIT_CLAIM;
}

static int
no_answer(const struct run *u, const char *name, int r)
{
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	return fail(r == ERR_IO ? EXIT_UNAVAILABLE : r == ERR_AUTH ?
	    EXIT_NOPERM : EXIT_DATA, "%s: %s", name,
	    source_why(u->v->src));
}

/* --- the checkpoint ------------------------------------------------------ */

static int
get_checkpoint(struct run *u)
{
	static const char name[] = "log/checkpoint";
	struct evidence e = { .kind = EVIDENCE_SERVED, .name = name,
	    .says = "what is served as checkpoint is not signed by the log" };
	unsigned char *p;
	size_t n;
	int r;

	if ((r = source_get(u->v->src, name, NOTE_MAX_BYTES, &p, &n)) != 0)
		return no_answer(u, name, r);
	if ((r = signed_tree_open(&u->now, p, n, &u->v->keys->log)) == 0)
		return EXIT_DONE;
	warn("%s is not signed by the log: %s", name, err_str(r));
	e.bytes = rd_from(p, n);
	r = claim(u, &e);
	file_free(p, n);
	return r;
}

static int
check_quorum(struct run *u)
{
	const struct keys *k = u->v->keys;
	struct cosigners by;
	int r;

	r = cosign_check(&u->now.note, k->witness, k->nwitnesses, &by);
	u->res->cosignatures = (unsigned)cosign_count(&by);
	u->res->quorum = k->quorum;
	if (r == ERR_AUTH)
		return fail(EXIT_CLAIM, "log/checkpoint: a witness's "
		    "cosignature does not hold");
	if (r != 0)
		return fail(EXIT_DATA, "log/checkpoint: %s", err_str(r));
	if (u->res->cosignatures < k->quorum)
		return fail(EXIT_CLAIM, "log/checkpoint: %u of the %u "
		    "cosignatures that it needs", u->res->cosignatures,
		    k->quorum);
	return EXIT_DONE;
}

/* What two signed heads say by themselves. */
static int
compare_heads(struct run *u)
{
	struct evidence e = { .kind = EVIDENCE_SHORTER,
	    .earlier = rd_from(u->old.bytes, u->old.n) };

	if (u->now.c.size < u->old.c.size)
		e.says = "the log is shorter than it was";
	else if (u->now.c.size == u->old.c.size &&
	    memcmp(u->now.c.root, u->old.c.root, HASH_BYTES) != 0) {
		e.says = "the log signed two different trees of one size";
		e.kind = EVIDENCE_FORK;
	} else
		return EXIT_DONE;
	warn("%s: %llu entries now, %llu at the last visit", e.says,
	    (unsigned long long)u->now.c.size,
	    (unsigned long long)u->old.c.size);
	return claim(u, &e);
}

/* --- the entries --------------------------------------------------------- */

static int
on_entry(void *arg, uint64_t index, const struct entry *e)
{
	struct run *u = arg;

	if (index % TILE_WIDTH == 0)
		say_progress("verifying", index * ENTRY_BYTES,
		    u->now.c.size * ENTRY_BYTES);
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
	u->code = body_check(u->v->src, u->v->keys, e, u->v->parcels,
	    &u->res->bodies);
	return u->code == EXIT_DONE ? 0 : ERR_CHANGED;
}

/* A walk that did not end well. */
static int
broken(struct run *u, int r, const struct walk_result *res)
{
	struct evidence e = { .kind = EVIDENCE_SERVED, .name = res->name,
	    .says = walk_words(res->fault) };

	if (u->code != EXIT_DONE)
		return u->code;		/* a body; it was said */
	if (r != ERR_CHANGED)
		return no_answer(u, res->name, r);
	if (res->fault == WALK_ENTRY || res->fault == WALK_ORDER)
		warn("%s %s: number %llu", res->name, e.says,
		    (unsigned long long)res->index);
	else
		warn("%s %s", res->name, e.says);
	return claim(u, &e);
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

	r = fork_look(&f, u->v->src, &u->old.c, &u->now.c, &whole);
	if (r != 0)
		return broken(u, r, &whole);
	if (!f.differs)
		return broken(u, ERR_CHANGED, res);
	e.begins = f.begins;
	e.consistency = &f.proof;
	warn("%s: %llu entries then, %llu now", e.says,
	    (unsigned long long)u->old.c.size,
	    (unsigned long long)u->now.c.size);
	return claim(u, &e);
}

/* --all with a state: the past is looked at in its own right. */
static int
same_past(struct run *u)
{
	struct walk_result res;
	struct fork f;
	int r;

	if (!u->has_old || !u->v->all || u->old.c.size == 0 ||
	    u->old.c.size == u->now.c.size)
		return EXIT_DONE;
	if ((r = fork_look(&f, u->v->src, &u->old.c, &u->now.c, &res)) != 0)
		return broken(u, r, &res);
	return f.differs ? another_past(u, &res) : EXIT_DONE;
}

static int
walk_log(struct run *u)
{
	bool go_on = u->has_old && !u->v->all;
	struct walk w = {
		.src = u->v->src,
		.from = go_on ? u->old.c.size : 0,
		.from_root = u->old.c.root,
		.to = u->now.c.size,
		.to_root = u->now.c.root,
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

	if ((code = keys_ask(v->keys, v->src)) != EXIT_DONE ||
	    (code = get_checkpoint(u)) != EXIT_DONE)
		return code;
	u->res->size = u->now.c.size;
	memcpy(u->res->root, u->now.c.root, HASH_BYTES);
	if (v->state != NULL && (code = state_load(&u->old, &u->has_old,
	    v->state, &v->keys->log)) != EXIT_DONE)
		return code;
	if (u->has_old && (code = compare_heads(u)) != EXIT_DONE)
		return code;
	if ((code = check_quorum(u)) != EXIT_DONE ||
	    (code = walk_log(u)) != EXIT_DONE)
		return code;
	return v->state == NULL ? EXIT_DONE : state_save(&u->now, v->state);
}

/* see verify.h */
int
verify_run(const struct verify *v, struct verify_result *res)
{
	struct run u = { .v = v, .res = res };
	int code;

	memset(res, 0, sizeof(*res));
	code = check_all(&u);
	signed_tree_wipe(&u.now);
	signed_tree_wipe(&u.old);
	return code;
}
