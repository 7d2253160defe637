/* SPDX-License-Identifier: ISC */
/*
 * aftercut.c - start the store's epochs on a data directory as something left
 * it, and see whether it keeps what the server has promised.
 *
 * usage: aftercut DATADIR NOW <PROMISES
 *
 * A line each: "receipt DIGEST CLOSE", "outbox DIGEST 0" (a statement's),
 * "checkpoint SIZE ROOT" (hex).  $OFFICE_VKEY names the roles.  It opens the
 * directory as the store does, asks for every receipt, finishes what was
 * being closed, closes what is open, and reads the whole log: entries against
 * the root, each digest once, each body its digest's, each receipt under its
 * close, and every checkpoint that was out is of a beginning of this log.
 * Then the same once more, as after a restart.  The first thing that is not
 * so is said; exit 1.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/base.h"
#include "crypto/secret.h"
#include "crypto/tree.h"
#include "server/drop_int.h"
#include "server/epoch.h"

#define PROMISES_MAX	100000
#define GUARD		".guard"	/* here, so that one disk has both */

struct promise {
	bool checkpoint, outbox;
	uint64_t number;		/* close, or size */
	unsigned char hash[HASH_BYTES];
	bool met;
};

static struct promise *promise;
static size_t npromise;
static struct logkey key;
static struct keys keys;
static int guard;

static int
broken(const char *what, int r, const struct promise *p)
{
	size_t i;

	printf("%s", what);
	if (r != 0)
		printf(": %s", err_str(r));
	if (p != NULL) {
		printf(", %s %" PRIu64 " ", p->checkpoint ? "size" : "close",
		    p->number);
		for (i = 0; i < HASH_BYTES; i++)
			printf("%02x", p->hash[i]);
	}
	putchar('\n');
	return 1;
}

static bool
read_promises(void)
{
	char word[16], hex[80];
	struct promise *p;
	uint64_t number;
	unsigned v;
	size_t i;

	promise = calloc(PROMISES_MAX, sizeof(*promise));
	if (promise == NULL)
		return false;
	while (scanf("%15s", word) == 1) {
		p = &promise[npromise++];
		p->checkpoint = strcmp(word, "checkpoint") == 0;
		p->outbox = strcmp(word, "outbox") == 0;
		if (npromise == PROMISES_MAX ||
		    (p->checkpoint ?
		    scanf("%" SCNu64 " %79s", &number, hex) :
		    scanf("%79s %" SCNu64, hex, &number)) != 2 ||
		    strlen(hex) != 2 * HASH_BYTES)
			return false;
		p->number = number;
		for (i = 0; i < HASH_BYTES; i++) {
			if (sscanf(hex + 2 * i, "%2x", &v) != 1)
				return false;
			p->hash[i] = (unsigned char)v;
		}
	}
	return true;
}

/* Logged, or found in pending/. */
static bool
is_said(struct epochs *e, const unsigned char digest[static HASH_BYTES])
{
	struct entry found;
	size_t i;

	for (i = 0; i < e->office.nsaid; i++)
		if (memcmp(e->office.said[i].s.digest, digest,
		    HASH_BYTES) == 0)
			return true;
	return drop_where(e->drop, &found, digest) == 0 &&
	    found.kind == ENTRY_STATEMENT;
}

static int
ask_for_receipts(struct epochs *e)
{
	uint64_t close;
	size_t i;
	int r;

	for (i = 0; i < npromise; i++) {
		if (promise[i].checkpoint)
			continue;
		if (promise[i].outbox) {
			if (!is_said(e, promise[i].hash))
				return broken("a statement is lost", 0,
				    &promise[i]);
			continue;
		}
		if ((r = epochs_find(e, promise[i].hash, &close)) != 0)
			return broken("a parcel is lost", r, &promise[i]);
		if (close != promise[i].number)
			return broken("another close", 0, &promise[i]);
	}
	return 0;
}

/* Until nothing is being closed. */
static int
finish(struct epochs *e)
{
	int r;

	while (epochs_busy(e))
		if ((r = epochs_step(e)) != 0)
			return r;
	return 0;
}

static int
compare(const void *x, const void *y)
{
	return memcmp(x, y, HASH_BYTES);
}

static void
meet_checkpoints(const struct tree *t, struct sha256 *h)
{
	unsigned char root[HASH_BYTES];
	size_t i;

	tree_root(t, h, root);
	for (i = 0; i < npromise; i++)
		if (promise[i].checkpoint && promise[i].number == t->size &&
		    memcmp(promise[i].hash, root, HASH_BYTES) == 0)
			promise[i].met = true;
}

static void
meet_receipt(const struct entry *e)
{
	size_t i;

	for (i = 0; i < npromise; i++)
		if (!promise[i].checkpoint && (promise[i].outbox ?
		    e->kind == ENTRY_STATEMENT :
		    promise[i].number == e->close) &&
		    memcmp(promise[i].hash, e->digest, HASH_BYTES) == 0)
			promise[i].met = true;
}

/* The body is all there and is what its digest says, or was erased. */
static int
check_body(struct drop *d, const struct entry *e, uint64_t index)
{
	static unsigned char body[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];
	uint64_t total;
	size_t n;
	int r;

	r = drop_get_body(d, e->kind, e->digest, 0, body, sizeof(body), &n,
	    &total);
	if (r == ERR_NOTFOUND && (e->kind == ENTRY_REPLY ||
	    (e->kind == ENTRY_PARCEL && index < d->head.erased)))
		return 0;
	if (r == 0 && e->kind == ENTRY_PARCEL && index < d->head.erased)
		return broken("an erased body is there", 0, NULL);
	if (r != 0)
		return broken("a body is missing", r, NULL);
	sha256(digest, body, n);
	if ((e->kind == ENTRY_PARCEL && n != PARCEL_BYTES) || total != n ||
	    memcmp(digest, e->digest, sizeof(digest)) != 0)
		return broken("a body is damaged", 0, NULL);
	return 0;
}

static int
read_entry(struct drop *d, uint64_t index, struct rd *bytes, struct entry *e)
{
	static unsigned char buf[2 + ENTRY_BYTES];
	static unsigned char bundle[TILE_WIDTH * (2 + ENTRY_BYTES)];
	struct tile t = { .level = TILE_ENTRIES, .index = index / TILE_WIDTH };
	struct wr w = wr_from(bundle, sizeof(bundle));
	struct rd all, one;
	int r;

	t.width = (unsigned)(index % TILE_WIDTH) + 1;
	if ((r = drop_get_tile(d, &w, &t)) != 0)
		return r;
	all = wr_rd(&w);
	if (!rd_skip(&all, (t.width - 1) * sizeof(buf)) ||
	    !rd_take16(&all, &one) || !rd_done(&all))
		return ERR_FORMAT;
	*bytes = one;
	return entry_parse(e, one);
}

static int
read_log(struct drop *d)
{
	unsigned char leaf[HASH_BYTES], *seen;
	struct sha256 *h = sha256_new();
	uint64_t n = drop_size(d), i, last = 0;
	struct entry e;
	struct tree t;
	struct rd bytes;
	int r, bad = 0;

	if (h == NULL || (seen = calloc(n + 1, HASH_BYTES)) == NULL)
		return broken("memory", 0, NULL);
	tree_init(&t);
	meet_checkpoints(&t, h);
	for (i = 0; i < n && bad == 0; i++) {
		if ((r = read_entry(d, i, &bytes, &e)) != 0)
			bad = broken("entry", r, NULL);
		else if (e.close < last)
			bad = broken("closes fall", 0, NULL);
		else
			bad = check_body(d, &e, i);
		if (bad != 0)
			break;
		last = e.close;
		memcpy(seen + i * HASH_BYTES, e.digest, HASH_BYTES);
		meet_receipt(&e);
		tree_leaf(h, leaf, bytes);
		if (tree_append(&t, h, leaf) != 0)
			bad = broken("tree", 0, NULL);
		meet_checkpoints(&t, h);
	}
	qsort(seen, n, HASH_BYTES, compare);
	for (i = 1; i < n && bad == 0; i++)
		if (compare(seen + i * HASH_BYTES,
		    seen + (i - 1) * HASH_BYTES) == 0)
			bad = broken("a parcel twice", 0, NULL);
	for (i = 0; i < npromise && bad == 0; i++) {
		if (!promise[i].met)
			bad = broken("a broken promise", 0, &promise[i]);
		promise[i].met = false;
	}
	free(seen);
	sha256_free(h);
	return bad;
}

/* What is served is whole, and nothing is left to be overwritten. */
static int
check_said(struct drop *d)
{
	struct replies_view v;
	unsigned char *p;
	size_t n;
	int r;

	if (d->head.zero != 0)
		return broken("not zeroed", 0, NULL);
	if ((r = drop_replies(d, &p, &n)) != 0 ||
	    (r = replies_parse(&v, rd_from(p, n))) != 0)
		return broken("replies", r, NULL);
	free(p);
	return 0;
}

static void
load_roles(void)
{
	const char *path = getenv("OFFICE_VKEY");
	static char text[4096];
	FILE *f = path == NULL ? NULL : fopen(path, "r");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof(text), f);

	if (f != NULL)
		(void)fclose(f);	/* only read */
	if (keys_parse_roles(&keys, rd_from(text, n)) != 0)
		exit(64);
}

/* One life of the store: start, all closes, the log, end. */
static int
live(struct clock_now now)
{
	struct epochs e;
	int r, bad;

	memset(&e, 0, sizeof(e));
	e.conf.seconds = 1;
	e.conf.batch = 1;
	e.conf.parcels = 64;
	e.conf.drop_bytes = UINT64_C(1) << 30;
	e.key = &key;
	e.keys = &keys;
	e.guard.dir = guard;
	if ((r = epochs_start(&e, now)) != 0)
		bad = broken("the start", r, NULL);
	else if ((bad = ask_for_receipts(&e)) != 0)
		;
	else if ((r = finish(&e)) != 0 ||
	    (r = epochs_rotate(&e, now)) != 0 || (r = finish(&e)) != 0)
		bad = broken("the close", r, NULL);
	else if ((r = drop_verify(e.drop, &key.vk)) != 0)
		bad = broken("the log", r, NULL);
	else if ((bad = read_log(e.drop)) == 0)
		bad = check_said(e.drop);
	epochs_stop(&e);
	return bad;
}

int
main(int argc, char **argv)
{
	struct clock_now now;
	int r;

	if (argc != 3 || secret_init() == ERR_ORDER || !read_promises() ||
	    chdir(argv[1]) == -1)
		return 64;
	load_roles();
	now.boot = now.real = strtoull(argv[2], NULL, 10);
	if ((r = logkey_load(&key, AT_FDCWD)) != 0)
		return broken("log.key", r, NULL);
	guard = open(GUARD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (guard == -1)
		return broken("no guard", 0, NULL);
	if ((r = live(now)) != 0)
		return r;
	now.boot = ++now.real;
	return live(now);
}
