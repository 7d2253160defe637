/* SPDX-License-Identifier: ISC */
/*
 * recheck.c - does a file of evidence show what it says?
 */
#include "client/audit/recheck.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/judge.h"
#include "crypto/receipt.h"

#define TREE_MAX	(8 + (TREE_DEPTH_MAX + 1) * HASH_BYTES)

struct run {
	struct recheck *c;
	const struct keys *keys;
	json_t *j;
	struct sha256 *h;
	struct note note[2];		/* the newest, the earlier */
	struct checkpoint cp[2];
	bool has[2];
};

static int
says(struct run *u, enum recheck_verdict verdict, const char *why)
{
	u->c->verdict = verdict;
	u->c->why = why;
	return 0;
}

/* --- members ------------------------------------------------------------- */

static bool
text(const json_t *j, const char *name, struct rd *out)
{
	const json_t *s = json_object_get(j, name);

	if (!json_is_string(s))
		return false;
	*out = rd_from(json_string_value(s), json_string_length(s));
	return true;
}

/* Exactly n bytes of Base64. */
static bool
bytes_of(const json_t *s, void *out, size_t n)
{
	return json_is_string(s) && b64_decode(out, n,
	    rd_from(json_string_value(s), json_string_length(s)), true);
}

/* A note of the log, a checkpoint of its own. */
static int
take_checkpoint(struct run *u, int i, const char *name)
{
	struct rd t;
	int r;

	if (!text(u->j, name, &t))
		return 0;
	if ((r = note_parse(&u->note[i], t)) != 0 ||
	    (r = note_verify(&u->note[i], &u->c->log)) != 0 ||
	    (r = checkpoint_parse(&u->cp[i], u->note[i].text)) != 0)
		return r;
	if (!rd_eq_str(u->cp[i].origin, u->c->log.name))
		return ERR_AUTH;
	u->has[i] = true;
	return 0;
}

/* --- fork ---------------------------------------------------------------- */

static bool
take_proof(struct run *u, struct proof *p)
{
	const json_t *a = json_object_get(u->j, "consistency");

	p->n = json_array_size(a);
	if (!json_is_array(a) || p->n > PROOF_MAX)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (!bytes_of(json_array_get(a, i), p->hash[i], HASH_BYTES))
			return false;
	return true;
}

static int
check_fork(struct run *u)
{
	const struct checkpoint *now = &u->cp[0], *old = &u->cp[1];
	unsigned char begins[HASH_BYTES];
	struct proof p;

	if (!u->has[0] || !u->has[1])
		return ERR_FORMAT;
	if (now->size == old->size) {
		if (memcmp(now->root, old->root, HASH_BYTES) == 0)
			return says(u, RECHECK_FAILS,
			    "both notes sign the same tree");
		return says(u, RECHECK_CONVICTS,
		    "the log signed two different trees of one size");
	}
	if (!bytes_of(json_object_get(u->j, "begins"), begins,
	    sizeof(begins)) || !take_proof(u, &p))
		return ERR_FORMAT;
	if (proof_consistency(&p, u->h, old->size, begins, now->size,
	    now->root) != 0)
		return says(u, RECHECK_FAILS,
		    "the proof of how the newer tree begins does not hold");
	if (memcmp(begins, old->root, HASH_BYTES) == 0)
		return says(u, RECHECK_FAILS,
		    "the newer tree does extend the older one");
	return says(u, RECHECK_CONVICTS, "the log signed a tree that does "
	    "not extend one that it had signed before");
}

static int
check_shorter(struct run *u)
{
	if (!u->has[0] || !u->has[1])
		return ERR_FORMAT;
	if (u->cp[0].size >= u->cp[1].size)
		return says(u, RECHECK_FAILS,
		    "the tree is not smaller than the earlier one");
	return says(u, RECHECK_SHOWS, "the log signed both; by itself the "
	    "smaller may be an old answer out of some cache");
}

/* --- receipt ------------------------------------------------------------- */

struct suffix {
	struct tree tree;
	struct entry last;
	bool any, found, whole;		/* whole: from the close on */
};

static int
take_tree(struct run *u, struct tree *t)
{
	unsigned char buf[TREE_MAX];
	struct rd b;
	size_t n;

	if (!text(u->j, "before", &b) ||
	    !b64_decode_some(buf, sizeof(buf), &n, b, true))
		return ERR_FORMAT;
	return tree_parse(t, rd_from(buf, n));
}

static int
take_entry(struct run *u, struct suffix *s, const struct receipt *rc,
    const json_t *j)
{
	unsigned char b[ENTRY_BYTES], leaf[HASH_BYTES];
	struct entry e;

	if (!bytes_of(j, b, sizeof(b)) ||
	    entry_parse(&e, rd_from(b, sizeof(b))) != 0 ||
	    (s->any && !entry_follows(&s->last, &e)))
		return ERR_FORMAT;
	s->found = s->found || (e.kind == ENTRY_PARCEL &&
	    memcmp(e.digest, rc->digest, HASH_BYTES) == 0);
	/* Closes never fall: what stands before this one is of no later. */
	if (!s->any)
		s->whole = s->tree.size == 0 || e.close < rc->close;
	s->last = e;
	s->any = true;
	tree_leaf(u->h, leaf, rd_from(b, sizeof(b)));
	return tree_append(&s->tree, u->h, leaf);
}

/* The entries give the signed root: they are the log's, up to its end. */
static int
take_entries(struct run *u, struct suffix *s, const struct receipt *rc)
{
	const json_t *a = json_object_get(u->j, "entries");
	size_t i;
	int r;

	memset(s, 0, sizeof(*s));
	if (!json_is_array(a))
		return ERR_FORMAT;
	if ((r = take_tree(u, &s->tree)) != 0)
		return r;
	s->whole = s->tree.size == 0;
	for (i = 0; i < json_array_size(a); i++)
		if ((r = take_entry(u, s, rc, json_array_get(a, i))) != 0)
			return r;
	return 0;
}

static int
check_receipt(struct run *u)
{
	unsigned char root[HASH_BYTES];
	struct receipt rc;
	struct suffix s;
	struct rd note;
	int r;

	if (!u->has[0] || !text(u->j, "receipt", &note))
		return ERR_FORMAT;
	if (receipt_open(&rc, note, &u->c->log) != 0)
		return says(u, RECHECK_FAILS,
		    "the receipt is not signed by the log");
	if ((r = take_entries(u, &s, &rc)) != 0)
		return r;
	tree_root(&s.tree, u->h, root);
	if (s.tree.size != u->cp[0].size ||
	    memcmp(root, u->cp[0].root, HASH_BYTES) != 0)
		return says(u, RECHECK_FAILS,
		    "the entries do not give the signed root");
	if (!s.whole)
		return says(u, RECHECK_FAILS, "the entries do not begin "
		    "before the close of the receipt: one may be left out");
	if (s.found)
		return says(u, RECHECK_FAILS,
		    "the entry that the receipt promises is there");
	if (s.any && s.last.close > rc.close)
		return says(u, RECHECK_CONVICTS, "the log has entries of a "
		    "later close, and not the parcel that it promised");
	if (audit_keys_time(u->keys, &u->note[0]) > rc.close + JUDGE_DAY_SECS)
		return says(u, RECHECK_CONVICTS, "a day after the close that "
		    "it promised the log does not have the parcel");
	return says(u, RECHECK_FAILS, "the log had not gone past the close of "
	    "the receipt, and no witnesses (-w) say that it was a day late");
}

/* --- any ----------------------------------------------------------------- */

static int
take_log(struct run *u)
{
	struct rd t;

	if (!text(u->j, "log", &t) || vkey_parse(&u->c->log, t) != 0 ||
	    u->c->log.type != NOTE_ED25519)
		return ERR_FORMAT;
	return u->keys->has_log && !vkey_eq(&u->keys->log, &u->c->log) ?
	    ERR_NOMATCH : 0;
}

static int
check(struct run *u)
{
	struct rd what;
	int r;

	if (json_integer_value(json_object_get(u->j, "v")) != 1 ||
	    !text(u->j, "what", &what))
		return ERR_FORMAT;
	if ((r = evidence_kind_named(&u->c->kind, what)) != 0 ||
	    (r = take_log(u)) != 0)
		return r;
	if ((r = take_checkpoint(u, 0, "checkpoint")) != 0 ||
	    (r = take_checkpoint(u, 1, "earlier")) != 0)
		return r == ERR_FORMAT || r == ERR_LIMIT ? r :
		    says(u, RECHECK_FAILS, "a note is not signed by the log");
	u->c->size = u->has[0] ? u->cp[0].size : 0;
	u->c->earlier = u->has[1] ? u->cp[1].size : 0;
	switch (u->c->kind) {
	case EVIDENCE_FORK:
		return check_fork(u);
	case EVIDENCE_SHORTER:
		return check_shorter(u);
	case EVIDENCE_RECEIPT:
		return check_receipt(u);
	case EVIDENCE_SERVED:
		break;
	}
	return says(u, RECHECK_TELLS, "it tells what somebody was served, "
	    "which the server has not signed: look for yourself");
}

/* see recheck.h */
int
recheck_run(struct recheck *c, struct rd json, const struct keys *keys)
{
	struct run u = { .c = c, .keys = keys };
	json_error_t e;
	int r = ERR_FORMAT;

	memset(c, 0, sizeof(*c));
	u.j = json_loadb((const char *)json.p, json.n,
	    JSON_REJECT_DUPLICATES, &e);
	if (u.j == NULL && json_error_code(&e) == json_error_out_of_memory)
		r = ERR_NOMEM;
	else if (u.j != NULL && (u.h = sha256_new()) == NULL)
		r = ERR_NOMEM;
	else if (u.j != NULL)
		r = check(&u);
	sha256_free(u.h);
	json_decref(u.j);
	return r;
}
