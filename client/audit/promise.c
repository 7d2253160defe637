/* SPDX-License-Identifier: ISC */
/*
 * promise.c - does the log honour a receipt?
 *
 * Every entry is read and every tile compared before anything is said of the
 * one that is looked for: what a log leaves out is proved only by all of it.
 */
#include "client/audit/promise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/audit/prove.h"
#include "client/audit/look.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/proof.h"
#include "crypto/tlogproof.h"

struct run {
	const struct promise *p;
	struct promise_result *res;
	struct look look;
	struct signed_tree old;
	bool has_old;
	struct promise_one **sorted;	/* by digest; owned */
	uint64_t latest, old_latest;	/* closes */
	struct prove_tiles tiles;
};

/* --- reading ------------------------------------------------------------- */

/* The next receipt of the file. */
static int
take_receipt(struct run *u, struct rd *all)
{
	struct promise_result *res = u->res;
	struct promise_one *one = &res->one[res->n];
	int r;

	if (res->n == PARCEL_PARTS_MAX)
		return fail(EXIT_DATA, "%s: more receipts than a report has "
		    "parts", u->p->receipt);
	r = receipt_next(all, &one->note);
	if (r == 0)
		r = receipt_open(&one->receipt, one->note,
		    &u->p->keys->log);
	if (r != 0)
		return fail(r == ERR_FORMAT ? EXIT_DATA : EXIT_CLAIM,
		    "%s: number %zu is no receipt of this log: %s",
		    u->p->receipt, res->n + 1, err_str(r));
	res->n++;
	return EXIT_DONE;
}

static int
load_receipts(struct run *u)
{
	struct promise_result *res = u->res;
	const char *path = u->p->receipt;
	struct rd all;
	int r, code;

	if ((r = file_read(&res->file, &res->file_bytes, path,
	    PARCEL_PARTS_MAX * RECEIPT_MAX_BYTES)) != 0)
		return fail(exit_for(r), "%s: %s", path, err_str(r));
	res->one = calloc(PARCEL_PARTS_MAX, sizeof(*res->one));
	if (res->one == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	all = rd_from(res->file, res->file_bytes);
	do {
		if ((code = take_receipt(u, &all)) != EXIT_DONE)
			return code;
	} while (!rd_done(&all));
	return EXIT_DONE;
}

static int
by_digest(const void *a, const void *b)
{
	struct promise_one *const *x = a, *const *y = b;

	return memcmp((*x)->receipt.digest, (*y)->receipt.digest, HASH_BYTES);
}

static int
sort_receipts(struct run *u)
{
	struct promise_result *res = u->res;
	size_t i;

	if ((u->sorted = calloc(res->n, sizeof(struct promise_one *))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	for (i = 0; i < res->n; i++)
		u->sorted[i] = &res->one[i];
	qsort(u->sorted, res->n, sizeof(u->sorted[0]), by_digest);
	return EXIT_DONE;
}

/* The first receipt, in order of digests, that is not below this one. */
static size_t
find_digest(const struct run *u, const unsigned char d[static HASH_BYTES])
{
	size_t low = 0, high = u->res->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (memcmp(u->sorted[mid]->receipt.digest, d, HASH_BYTES) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The first entry that has a receipt's digest is the one. */
static void
look_up(struct run *u, uint64_t index, const struct entry *e)
{
	struct promise_one *one;
	size_t i;

	for (i = find_digest(u, e->digest); i < u->res->n; i++) {
		one = u->sorted[i];
		if (one->place.found || memcmp(e->digest, one->receipt.digest,
		    HASH_BYTES) != 0)
			break;
		one->place.found = true;
		one->place.index = index;
		one->place.close = e->close;
		prove_want(&u->tiles, index);
	}
}

static int
on_entry(void *arg, uint64_t index, const struct entry *e)
{
	struct run *u = arg;

	if (index % TILE_WIDTH == 0)
		say_progress("reading", index * ENTRY_BYTES,
		    u->look.now.c.size * ENTRY_BYTES);
	u->latest = e->close;
	if (u->has_old && index < u->old.c.size)
		u->old_latest = e->close;
	if (e->kind == ENTRY_PARCEL)
		look_up(u, index, e);
	return 0;
}

static void
on_tile(void *arg, const struct tile *t,
    const unsigned char (*hash)[HASH_BYTES])
{
	struct run *u = arg;

	prove_keep(&u->tiles, t, hash);
}

static int
read_log(struct run *u)
{
	struct walk w = {
		.src = u->look.src,
		.to = u->look.now.c.size,
		.to_root = u->look.now.c.root,
		.visit = on_entry,
		.tile = on_tile,
		.arg = u
	};
	struct walk_result res;
	int r;

	/* Equal ones were compared; an empty one is the start of any log. */
	if (u->has_old && u->old.c.size < u->look.now.c.size)
		w.at = u->old.c.size;
	r = walk_run(&w, &res);
	say_progress_end();
	if (r != 0)
		return look_broken(&u->look, r, &res);
	return w.at > 0 ? look_past(&u->look, &u->old, &res) : EXIT_DONE;
}

/* --- judging ------------------------------------------------------------- */

/* What there is to judge by: how many views. */
static size_t
views(const struct run *u, struct judge_view view[static 2])
{
	const struct keys *k = u->p->keys;

	view[0].size = u->look.now.c.size;
	view[0].latest = u->latest;
	view[0].time = audit_keys_time(k, &u->look.now.note);
	if (!u->has_old)
		return 1;
	view[1].size = u->old.c.size;
	view[1].latest = u->old_latest;
	view[1].time = audit_keys_time(k, &u->old.note);
	return 2;
}

/* --- a promise that is broken -------------------------------------------- */

/*
 * All entries from the receipt's close on and the one before them, which
 * shows that these are all; and the tree before that.
 */
struct suffix {
	uint64_t close, size;		/* up to this size */
	bool begun, any;		/* any: last is there */
	unsigned char last[ENTRY_BYTES];	/* not yet in the tree */
	struct tree before;
	struct sha256 *h;
	unsigned char *entry;		/* owned */
	size_t n, cap;
};

static int
keep_entry(struct suffix *s, const unsigned char e[static ENTRY_BYTES])
{
	unsigned char *more;

	if (s->n == EVIDENCE_MAX_BYTES / ENTRY_BYTES)
		return ERR_LIMIT;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 1024 : 2 * s->cap;
		if ((more = realloc(s->entry, s->cap * ENTRY_BYTES)) == NULL)
			return ERR_NOMEM;
		s->entry = more;
	}
	memcpy(s->entry + s->n++ * ENTRY_BYTES, e, ENTRY_BYTES);
	return 0;
}

/* From the last entry before the close on, if there is one. */
static int
begin_suffix(struct suffix *s)
{
	s->begun = true;
	return s->any ? keep_entry(s, s->last) : 0;
}

static int
on_suffix(void *arg, uint64_t index, const struct entry *e)
{
	unsigned char bytes[ENTRY_BYTES], leaf[HASH_BYTES];
	struct suffix *s = arg;
	int r = 0;

	if (index >= s->size)
		return 0;
	entry_write(bytes, e);
	if (!s->begun && e->close >= s->close && (r = begin_suffix(s)) != 0)
		return r;
	if (s->begun)
		return keep_entry(s, bytes);
	if (s->any) {
		tree_leaf(s->h, leaf, rd_from(s->last, sizeof(s->last)));
		r = tree_append(&s->before, s->h, leaf);
	}
	memcpy(s->last, bytes, sizeof(s->last));
	s->any = true;
	return r;
}

/* Written down against the checkpoint that convicts. */
static int
convict(struct run *u, const struct promise_one *one,
    const struct signed_tree *by, const char *says)
{
	struct evidence e = { .kind = EVIDENCE_RECEIPT, .says = says,
	    .log = &u->p->keys->log, .checkpoint = rd_from(by->bytes, by->n),
	    .receipt = one->note };
	struct suffix s = { .close = one->receipt.close,
	    .size = by->c.size };
	struct walk w = { .src = u->look.src, .to = u->look.now.c.size,
	    .to_root = u->look.now.c.root, .visit = on_suffix, .arg = &s };
	struct walk_result res;
	int r = ERR_NOMEM, code;

	tree_init(&s.before);
	if ((s.h = sha256_new()) != NULL)
		r = walk_run(&w, &res);
	if (r == 0 && !s.begun)
		r = begin_suffix(&s);
	if (r != 0) {
		if (r == ERR_LIMIT)
			code = fail(EXIT_DATA, "the evidence is too long for "
			    "a file; keep a mirror of the log");
		else
			code = look_broken(&u->look, r, &res);
		goto out;
	}
	e.before = &s.before;
	e.entries = rd_from(s.entry, s.n * ENTRY_BYTES);
	code = evidence_write(&e, u->p->evidence);
	if (code == EXIT_DONE)
		code = EXIT_CLAIM;
out:
	sha256_free(s.h);
	free(s.entry);
	return code;
}

static int
broken(struct run *u, const struct promise_one *one)
{
	const struct judgement *j = &one->judgement;
	int code;
	const char *says = j->reason == JUDGE_BY_TIME ?
	    "a day after the close that the receipt names, the log does not "
	    "have the parcel" : "the log has entries of a later close, and "
	    "not the parcel that the receipt promises";

	warn("broken promise, receipt %zu: %s",
	    (size_t)(one - u->res->one) + 1, says);
	if (u->p->evidence == NULL)
		return EXIT_CLAIM;
	code = convict(u, one, j->view == 0 ? &u->look.now : &u->old, says);
	/* Whoever falls silent now does not undo what was seen. */
	return code == EXIT_CANTCREATE ? code : EXIT_CLAIM;
}

/* --- a promise that is kept ---------------------------------------------- */

static int
write_proof(const struct run *u, size_t number, const struct tlogproof *t)
{
	static unsigned char buf[NOTE_MAX_BYTES + 8192];
	struct wr w = wr_from(buf, sizeof(buf));
	char path[4096];
	int n, r;

	n = snprintf(path, sizeof(path), u->res->n == 1 ? "%s" : "%s.%zu",
	    u->p->proof, number);
	tlogproof_write(&w, t);
	if (!wr_ok(&w) || n < 0 || (size_t)n >= sizeof(path))
		return fail(EXIT_CANTCREATE, "%s: too long", u->p->proof);
	if ((r = file_write(path, wr_rd(&w), 0600, false)) != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path,
		    r == ERR_EXISTS ? "exists already" : strerror(errno));
	return EXIT_DONE;
}

/* Its inclusion is proved from tiles, beside having been read. */
static int
kept(struct run *u, const struct promise_one *one)
{
	const struct checkpoint *c = &u->look.now.c;
	static struct tlogproof t;
	unsigned char bytes[ENTRY_BYTES], leaf[HASH_BYTES];
	struct entry e = { .kind = ENTRY_PARCEL, .close = one->place.close };
	struct sha256 *h = sha256_new();
	int r = ERR_NOMEM;

	memcpy(e.digest, one->receipt.digest, HASH_BYTES);
	entry_write(bytes, &e);
	t.index = one->place.index;
	t.checkpoint = rd_from(u->look.now.bytes, u->look.now.n);
	if (h != NULL) {
		tree_leaf(h, leaf, rd_from(bytes, sizeof(bytes)));
		r = prove_inclusion(&t.path, h, &u->tiles, t.index, c);
	}
	if (r == 0)
		r = proof_inclusion(&t.path, h, leaf, t.index, c->size,
		    c->root);
	sha256_free(h);
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	if (r != 0)
		return fail(EXIT_CLAIM, "the entry is there, and its proof "
		    "does not hold: %s", err_str(r));
	return u->p->proof == NULL ? EXIT_DONE :
	    write_proof(u, (size_t)(one - u->res->one) + 1, &t);
}

/* Every one, also after a broken one; the first is written down. */
static int
judge_all(struct run *u, const struct judge_view *view, size_t n)
{
	struct promise_one *one = u->res->one;
	int code = EXIT_DONE, c;
	size_t i;

	for (i = 0; i < u->res->n; i++, one++) {
		if (judge_receipt(&one->judgement, &one->receipt, &one->place,
		    view, n) != 0)
			return fail(EXIT_CLAIM, "receipt and log contradict "
			    "themselves");
		one->judged = true;
		if (one->judgement.verdict != JUDGE_BROKEN)
			c = one->place.found ? kept(u, one) : EXIT_DONE;
		else if (code == EXIT_DONE)
			c = broken(u, one);
		else
			c = fail(EXIT_CLAIM, "broken promise, receipt %zu",
			    i + 1);
		if (c != EXIT_DONE && c != EXIT_CLAIM)
			return code == EXIT_CLAIM ? code : c;
		if (code == EXIT_DONE)
			code = c;
	}
	return code;
}

static int
check_all(struct run *u)
{
	struct judge_view view[2];
	int code;

	if ((code = look_begin(&u->look)) != EXIT_DONE ||
	    (code = load_receipts(u)) != EXIT_DONE ||
	    (code = sort_receipts(u)) != EXIT_DONE)
		return code;
	u->res->size = u->look.now.c.size;
	if (u->p->state != NULL && (code = state_load(&u->old, &u->has_old,
	    u->p->state, &u->p->keys->log)) != EXIT_DONE)
		return code;
	if (u->has_old && (code = look_heads(&u->look,
	    &u->old)) != EXIT_DONE)
		return code;
	if ((code = look_quorum(&u->look)) != EXIT_DONE ||
	    (code = read_log(u)) != EXIT_DONE)
		return code;
	return judge_all(u, view, views(u, view));
}

/* see promise.h */
int
promise_run(const struct promise *p, struct promise_result *res)
{
	struct run u = { .p = p, .res = res,
	    .look = { .src = p->src, .keys = p->keys,
	    .evidence = p->evidence } };
	int code;

	memset(res, 0, sizeof(*res));
	code = check_all(&u);
	look_end(&u.look);
	signed_tree_wipe(&u.old);
	prove_wipe(&u.tiles);
	free(u.sorted);
	return code;
}

/* see promise.h */
void
promise_wipe(struct promise_result *res)
{
	file_free(res->file, res->file_bytes);
	free(res->one);
	memset(res, 0, sizeof(*res));
}
