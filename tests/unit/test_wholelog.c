/* SPDX-License-Identifier: ISC */
/*
 * test_wholelog.c - the whole log off a server: a double of the network stands
 * in its place and serves a log of any size, rightly or not.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/ask.h"
#include "client/common/say.h"
#include "client/report/wholelog.h"
#include "crypto/entry.h"
#include "crypto/secret.h"
#include "tests/unit/logtree.h"

#define MOST	2000

enum spoil { FINE, MISSING, ALTERED, SHORT, OTHER_KEY, OTHER_ROOT, SHRINKS,
	BUSY };

static struct {
	uint64_t size, then;		/* served; after the first 404 */
	enum spoil spoil;
	uint64_t at;			/* the bundle that is spoilt */
	unsigned checkpoints, bundles;
	unsigned char *body;
	size_t n;
} served;

static struct vkey key, other;
static unsigned char sk[64], other_sk[64];
static unsigned char entry[MOST][ENTRY_BYTES];
static unsigned char leaf[MOST][HASH_BYTES];
static struct tlogpolicy policy;
static char policy_text[2048];
static struct wholelog w;
static struct wholelog_want want[4];

/* --- the double of the network -------------------------------------------- */

static void
serve_checkpoint(void)
{
	static unsigned char note[2048];
	struct logtree *t = logtree_of(leaf[0], served.size);
	unsigned char root[HASH_BYTES];
	char text[256];
	struct wr c = wr_from(text, sizeof(text));
	struct wr v = wr_from(note, sizeof(note));
	bool mine = served.spoil != OTHER_KEY;

	logtree_root(t, root, 0, served.size);
	logtree_free(t);
	root[0] ^= served.spoil == OTHER_ROOT ? 1 : 0;
	checkpoint_write(&c, rd_str(key.name), served.size, root);
	cr_assert_eq(note_sign(&v, wr_rd(&c), mine ? &key : &other,
	    mine ? sk : other_sk), 0);
	served.body = note;
	served.n = v.n;
	served.checkpoints++;
}

static void
serve_bundle(const struct tile *t)
{
	static unsigned char buf[BUNDLE_BYTES];
	struct wr v = wr_from(buf, sizeof(buf));
	unsigned i;

	for (i = 0; i < t->width; i++)
		bundle_write(&v, entry[t->index * TILE_WIDTH + i]);
	if (t->index == served.at && served.spoil == ALTERED)
		buf[40] ^= 1;
	if (t->index == served.at && served.spoil == SHORT)
		v.n -= BUNDLE_UNIT;
	served.body = buf;
	served.n = v.n;
	served.bundles++;
}

/* see ask.h */
int
ask_get(struct net *n, const char *path, const char *token, size_t max,
    unsigned tries, struct net_answer *a)
{
	struct rd rest = rd_str(path);
	struct tile t;

	(void)n;
	cr_assert(token == NULL && tries > 0);
	memset(a, 0, sizeof(*a));
	cr_assert(rd_lit(&rest, "/log/"));
	a->status = 200;
	if (served.spoil == BUSY)
		return ERR_IO;
	if (rd_eq_str(rest, "checkpoint")) {
		serve_checkpoint();
	} else {
		cr_assert_eq(tile_parse(&t, rest), 0, "%s", path);
		cr_assert_eq(t.level, TILE_ENTRIES, "only bundles: %s", path);
		if (t.width < TILE_WIDTH && served.then > 0) {
			served.size = served.then;	/* it grew meanwhile */
			served.then = 0;
			if (served.spoil == SHRINKS)
				served.size = 1;
			a->status = 404;
			return 0;
		}
		if (served.spoil == MISSING && t.index == served.at) {
			a->status = 404;
			return 0;
		}
		serve_bundle(&t);
	}
	cr_assert_leq(served.n, max);
	a->body = served.body;
	a->n = served.n;
	return 0;
}

/* see net.h */
unsigned char *
net_take(struct net *n)
{
	unsigned char *p = malloc(served.n);

	(void)n;
	cr_assert(p != NULL);
	memcpy(p, served.body, served.n);
	return p;
}

/* see net.h */
const char *
net_why(const struct net *n)
{
	(void)n;
	return "it is a double";
}

/* --- tests ---------------------------------------------------------------- */

static void
make_key(struct vkey *k, unsigned char *secret, int fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(pk, secret, seed), 0);
	cr_assert_eq(vkey_make(k, rd_str("drop.example/log"), NOTE_ED25519,
	    pk), 0);
}

static void
setup(void)
{
	struct entry e = { .kind = ENTRY_PARCEL };
	struct sha256 *h = sha256_new();
	struct wr v = wr_from(policy_text, sizeof(policy_text));
	unsigned line;
	uint64_t i;

	cr_assert(secret_init() != ERR_ORDER && h != NULL);
	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	make_key(&key, sk, 1);
	make_key(&other, other_sk, 2);
	cr_assert_eq(tlogpolicy_write(&v, &key, NULL, NULL, 0, 0), 0);
	cr_assert_eq(tlogpolicy_parse(&policy, wr_rd(&v), &line), 0);
	for (i = 0; i < MOST; i++) {
		e.close = 1000 + i / 100 * 60;
		sha256(e.digest, &i, sizeof(i));
		entry_write(entry[i], &e);
		tree_leaf(h, leaf[i], rd_from(entry[i], ENTRY_BYTES));
	}
	sha256_free(h);
}

static void
teardown(void)
{
	wholelog_wipe(&w);
}

TestSuite(wholelog, .init = setup, .fini = teardown);

/* Looks for these entries in a log of this size. */
static int
look(uint64_t size, const uint64_t *index, size_t n)
{
	size_t i;

	wholelog_wipe(&w);
	served.size = size;
	served.checkpoints = served.bundles = 0;
	memset(want, 0, sizeof(want));
	for (i = 0; i < n; i++) {
		want[i].tag = i;
		sha256(want[i].digest, &index[i], sizeof(index[i]));
	}
	return wholelog_read(&w, NULL, &policy, want, n);
}

/* Each was found where it is, and its proof holds. */
static void
found(const uint64_t *index, size_t n)
{
	struct proof p;
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t at = index[want[i].tag];

		cr_assert(want[i].found && want[i].index == at);
		cr_assert_eq(want[i].close, 1000 + at / 100 * 60);
		cr_assert_eq(wholelog_prove(&p, &w, at), 0, "%zu", (size_t)at);
		cr_assert_eq(proof_inclusion(&p, w.h, leaf[at], at, w.c.size,
		    w.c.root), 0, "entry %zu of %zu", (size_t)at,
		    (size_t)w.c.size);
	}
}

Test(wholelog, every_size_is_read_and_proved)
{
	static const uint64_t sizes[] = { 1, 2, 3, 255, 256, 257, 258, 511,
		512, 513, 700, 1023, 1024, 1025, 1279, 1500, 2000 };
	uint64_t index[4];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		index[0] = 0;
		index[1] = sizes[i] - 1;
		index[2] = sizes[i] / 2;
		index[3] = sizes[i] / 3;
		cr_assert_eq(look(sizes[i], index, 4), 0, "%zu",
		    (size_t)sizes[i]);
		cr_assert_eq(w.close, 1000 + (sizes[i] - 1) / 100 * 60);
		/* Of one and the same entry only one is looked for. */
		if (sizes[i] > 3)
			found(index, 4);
		cr_assert_eq(served.bundles, (sizes[i] + 255) / 256);
	}
}

Test(wholelog, what_is_not_there_is_not_found)
{
	const uint64_t index[] = { 5, 700 };

	cr_assert_eq(look(600, index, 2), 0);
	cr_assert_neq(want[0].found, want[1].found);
}

Test(wholelog, log_that_grows_while_it_is_read)
{
	const uint64_t index[] = { 3, 520, 599, 900 };
	static const uint64_t to[] = { 601, 767, 768, 769, 1000, 2000 };
	size_t i;

	for (i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		served.then = to[i];
		cr_assert_eq(look(600, index, 3), 0);
		found(index, 3);
		cr_assert(served.checkpoints == 2 && w.c.size == to[i]);
	}
	served.then = 1000;
	cr_assert_eq(look(600, index, 4), 0);
	found(index, 4);
}

Test(wholelog, what_does_not_hold_is_found)
{
	static const struct {
		enum spoil spoil;
		uint64_t at;
		int code;
	} all[] = {
		{ MISSING, 1, EXIT_CLAIM }, { ALTERED, 0, EXIT_CLAIM },
		{ ALTERED, 2, EXIT_CLAIM }, { SHORT, 1, EXIT_CLAIM },
		{ OTHER_KEY, 0, EXIT_CLAIM }, { OTHER_ROOT, 0, EXIT_CLAIM },
		{ BUSY, 0, EXIT_UNAVAILABLE },
	};
	const uint64_t index[] = { 3 };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		served.spoil = all[i].spoil;
		served.at = all[i].at;
		cr_assert_eq(look(600, index, 1), all[i].code, "%zu", i);
	}
	served.spoil = SHRINKS;
	served.then = 1000;
	cr_assert_eq(look(600, index, 1), EXIT_CLAIM, "it shrank");
}

Test(wholelog, one_that_grows_without_end_is_left)
{
	const uint64_t index[] = { 3 };

	served.spoil = MISSING;
	served.at = 2;			/* the partial one, always */
	cr_assert_eq(look(600, index, 1), EXIT_UNAVAILABLE);
}
