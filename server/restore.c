/* SPDX-License-Identifier: ISC */
/*
 * restore.c - a lost drop/ out of a mirror: read and checked, then built.
 *
 * Refuses a mirror of which one bit is wrong; a body that is not there is
 * counted, for it may have been erased.  Invariant: nothing is signed but
 * beginnings of the tree that the mirror's signed checkpoint has.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file.h"
#include "server/restore_int.h"

#define ENTRY_STEP	(2 + ENTRY_BYTES)	/* in a bundle */
#define BUNDLE_BYTES	(TILE_WIDTH * ENTRY_STEP)
#define NOTE_BYTES	(64u << 10)
#define MOVE_SLICE	64u			/* bodies: 4 MB */
#define ABSENT		RESTORE_ABSENT

/* Entries of the mirror, one after the other. */
struct reader {
	struct restore *x;
	uint64_t next;
	struct rd bundle;			/* what is left of it */
	unsigned char buf[BUNDLE_BYTES];
};

struct work {
	struct restore *x;
	struct sha256 *sha;
	struct drop *drop;
	struct reader in;
	unsigned char root[HASH_BYTES];		/* as it was signed */
	unsigned char file[PARCEL_BYTES];	/* of the mirror; no secret */
	struct restore_office *office;
	struct entry *close;			/* one close's entries */
	size_t nclose, room;
};

/* see restore_int.h */
int
restore_wrong(struct restore *x, int r, const char *why)
{
	if (x->why == NULL)
		x->why = why;
	return r;
}

/* see restore_int.h */
void
restore_at(struct restore *x, const struct wr *name)
{
	if (!wr_ok(name) || name->n >= sizeof(x->where))
		abort();			/* ours alone */
	memcpy(x->where, name->p, name->n);
	x->where[name->n] = '\0';
}

/* see restore_int.h */
int
restore_slurp(struct restore *x, const struct wr *name, void *buf, size_t cap,
    size_t *n, bool needed)
{
	int r;

	restore_at(x, name);
	r = file_slurp(x->mirror, x->where, buf, cap, n);
	if (r == ERR_NOTFOUND && !needed) {
		*n = ABSENT;
		r = 0;
	}
	if (r == ERR_NOTFOUND)
		return restore_wrong(x, r, "is not there");
	if (r == ERR_LIMIT || r == ERR_FORMAT)
		return restore_wrong(x, ERR_AUTH, "is not what it should be");
	if (r != 0)
		return restore_wrong(x, r, "cannot be read");
	x->where[0] = '\0';
	return 0;
}

/* The same for a tile, or the full one of which it is the front. */
static int
slurp_tile(struct restore *x, struct tile t, void *buf, size_t cap, size_t *n,
    bool needed)
{
	char name[RESTORE_WHERE];
	struct wr w = wr_from(name, sizeof(name));
	int r;

	wr_str(&w, "log/");
	tile_write(&w, &t);
	if ((r = restore_slurp(x, &w, buf, cap, n, needed && t.width == TILE_WIDTH)))
		return r;
	if (*n != ABSENT || t.width == TILE_WIDTH)
		return 0;
	t.width = TILE_WIDTH;
	return slurp_tile(x, t, buf, cap, n, needed);
}

/* --- entries ------------------------------------------------------------ */

static void
reader_init(struct reader *in, struct restore *x)
{
	in->x = x;
	in->next = 0;
	in->bundle = rd_from(NULL, 0);
}

static int
next_bundle(struct reader *in)
{
	struct tile t = { .level = TILE_ENTRIES,
	    .index = in->next / TILE_WIDTH };
	size_t n;
	int r;

	t.width = tile_width_at(t.level, t.index, in->x->size);
	if ((r = slurp_tile(in->x, t, in->buf, sizeof(in->buf), &n, true)))
		return r;
	if (n < t.width * (size_t)ENTRY_STEP)
		return restore_wrong(in->x, ERR_AUTH, "a bundle of entries is short");
	in->bundle = rd_from(in->buf, t.width * (size_t)ENTRY_STEP);
	return 0;
}

/* The next one; its bytes are a view.  Not past the end. */
static int
next_entry(struct reader *in, struct entry *e, struct rd *bytes)
{
	int r;

	if (rd_done(&in->bundle) && (r = next_bundle(in)) != 0)
		return r;
	if (!rd_take16(&in->bundle, bytes) || entry_parse(e, *bytes) != 0)
		return restore_wrong(in->x, ERR_AUTH, "an entry is malformed");
	in->next++;
	return 0;
}

/* Closes never fall; within one, kind and digest rise. */
static bool
follows(const struct entry *a, const struct entry *b)
{
	if (a->close != b->close)
		return a->close < b->close;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return memcmp(a->digest, b->digest, HASH_BYTES) < 0;
}

/* --- the mirror as a whole ---------------------------------------------- */

static int
read_checkpoint(struct work *k)
{
	struct restore *x = k->x;
	char name[RESTORE_WHERE];
	struct wr w = wr_from(name, sizeof(name));
	struct checkpoint c;
	struct note note;
	unsigned char *buf;
	size_t n;
	int r;

	wr_str(&w, "log/checkpoint");
	if ((buf = malloc(NOTE_BYTES)) == NULL)
		return ERR_NOMEM;
	if ((r = restore_slurp(x, &w, buf, NOTE_BYTES, &n, true)) != 0)
		goto out;
	if (note_parse(&note, rd_from(buf, n)) != 0 ||
	    note_verify(&note, &x->key->vk) != 0 ||
	    checkpoint_parse(&c, note.text) != 0 ||
	    !rd_eq_str(c.origin, x->key->vk.name)) {
		r = restore_wrong(x, ERR_AUTH,
		    "its checkpoint is not signed by this log's key");
		goto out;
	}
	x->size = c.size;
	memcpy(k->root, c.root, sizeof(k->root));
	if (x->guard != NULL && x->guard->size > c.size)
		r = restore_wrong(x, ERR_CHANGED, "it is older than what the fork "
		    "guard has seen");
	else if (x->witnessed > c.size)
		r = restore_wrong(x, ERR_CHANGED, "it is older than what a "
		    "witness has seen");
out:
	free(buf);
	return r;
}

static int
is_root(struct work *k, const struct tree *t,
    const unsigned char root[static HASH_BYTES], int r, const char *why)
{
	unsigned char ours[HASH_BYTES];

	tree_root(t, k->sha, ours);
	return memcmp(ours, root, HASH_BYTES) == 0 ? 0 : restore_wrong(k->x, r, why);
}

/* Every entry, the root, and the tree that the guard has seen on the way. */
static int
check_log(struct work *k)
{
	const struct guard *g = k->x->guard;
	unsigned char leaf[HASH_BYTES];
	struct entry e, last = { .close = 0 };
	struct tree t;
	struct rd bytes;
	int r;

	tree_init(&t);
	reader_init(&k->in, k->x);
	while (t.size < k->x->size) {
		if ((r = next_entry(&k->in, &e, &bytes)) != 0)
			return r;
		if (t.size > 0 && !follows(&last, &e))
			return restore_wrong(k->x, ERR_AUTH, "entries out of order");
		last = e;
		tree_leaf(k->sha, leaf, bytes);
		if ((r = tree_append(&t, k->sha, leaf)) != 0)
			return r;
		if (g != NULL && g->size == t.size && (r = is_root(k, &t,
		    g->root, ERR_CHANGED, "what the fork guard has seen is "
		    "no beginning of it")) != 0)
			return r;
	}
	k->x->close = last.close;
	return is_root(k, &t, k->root, ERR_AUTH,
	    "its entries do not have the root that was signed");
}

/* --- building ----------------------------------------------------------- */

/* The body into k->file, if the mirror has it. */
static int
read_body(struct work *k, const struct entry *e, bool *there)
{
	unsigned char hash[HASH_BYTES];
	char name[RESTORE_WHERE];
	struct wr w = wr_from(name, sizeof(name));
	size_t n;
	int r;

	wr_str(&w, "parcels/");
	wr_hex(&w, e->digest, HASH_BYTES);
	r = restore_slurp(k->x, &w, k->file, sizeof(k->file), &n, false);
	*there = r == 0 && n != ABSENT;
	if (!*there)
		return r;
	sha256(hash, k->file, n);
	if (n == PARCEL_BYTES && memcmp(hash, e->digest, HASH_BYTES) == 0)
		return 0;
	restore_at(k->x, &w);
	return restore_wrong(k->x, ERR_AUTH, "is not what its digest says");
}

/* Those of the next entries, in one transaction. */
static int
put_slice(struct work *k, uint64_t end)
{
	unsigned char *room;
	struct entry e;
	struct rd bytes;
	bool there;
	int r;

	while (k->in.next < end) {
		if ((r = next_entry(&k->in, &e, &bytes)) != 0)
			return r;
		if (e.kind != ENTRY_PARCEL) {
			if ((r = restore_body(k->office, k->drop, &e)) != 0)
				return r;
			continue;
		}
		if ((r = read_body(k, &e, &there)) != 0)
			return r;
		k->x->bodies += there;
		k->x->absent += !there;
		if (!there)
			continue;
		if ((r = drop_move_put(k->drop, e.digest, &room)) != 0)
			return r;
		if (room == NULL)
			return restore_wrong(k->x, ERR_AUTH, "a parcel is there twice");
		memcpy(room, k->file, PARCEL_BYTES);
	}
	return 0;
}

static int
put_bodies(struct work *k)
{
	uint64_t end;
	int r;

	reader_init(&k->in, k->x);
	while (k->in.next < k->x->size) {
		end = k->in.next + MOVE_SLICE;
		if (end > k->x->size)
			end = k->x->size;
		if ((r = drop_move_begin(k->drop)) != 0)
			return r;
		if ((r = put_slice(k, end)) != 0) {
			drop_move_abort(k->drop);
			return r;
		}
		if ((r = drop_move_commit(k->drop)) != 0)
			return r;
	}
	return 0;
}

static int
keep_entry(struct work *k, const struct entry *e)
{
	struct entry *more;

	if (k->nclose == k->room) {
		k->room = k->room == 0 ? TILE_WIDTH : 2 * k->room;
		more = reallocarray(k->close, k->room, sizeof(*more));
		if (more == NULL)
			return ERR_NOMEM;
		k->close = more;
	}
	k->close[k->nclose++] = *e;
	return 0;
}

static int
append_close(struct work *k)
{
	const struct drop_said *said;
	size_t nsaid;
	int r;

	if (k->nclose == 0)
		return 0;
	if ((r = restore_said(k->office, k->close, k->nclose, &said,
	    &nsaid)) != 0)
		return r;
	r = drop_append_again(k->drop, k->close[0].close, k->close, k->nclose,
	    said, nsaid, k->x->key);
	k->nclose = 0;
	return r == ERR_EXISTS ? restore_wrong(k->x, ERR_AUTH,
	    "a digest is there twice") : r;
}

/* Close by close, as it once grew. */
static int
append_all(struct work *k)
{
	struct entry e;
	struct rd bytes;
	int r;

	reader_init(&k->in, k->x);
	while (k->in.next < k->x->size) {
		if ((r = next_entry(&k->in, &e, &bytes)) != 0)
			return r;
		if (k->nclose > 0 && k->close[0].close != e.close &&
		    (r = append_close(k)) != 0)
			return r;
		if ((r = keep_entry(k, &e)) != 0)
			return r;
	}
	return append_close(k);
}

/* Tiles of the mirror are not needed; but one that is wrong is a sign. */
static int
check_tile(struct work *k, const struct tile *t)
{
	unsigned char ours[TILE_BYTES];
	struct wr w = wr_from(ours, sizeof(ours));
	size_t n;
	int r;

	if ((r = drop_get_tile(k->drop, &w, t)) != 0 ||
	    (r = slurp_tile(k->x, *t, k->file, TILE_BYTES, &n, false)) != 0)
		return r;
	if (n != ABSENT && (n < w.n || memcmp(k->file, ours, w.n) != 0))
		return restore_wrong(k->x, ERR_AUTH, "a tile is altered");
	return 0;
}

static int
check_tiles(struct work *k)
{
	struct tile t;
	int r;

	for (t.level = 0; t.level <= TILE_LEVEL_MAX; t.level++)
		for (t.index = 0; (t.width = tile_width_at(t.level, t.index,
		    k->x->size)) > 0; t.index++)
			if ((r = check_tile(k, &t)) != 0)
				return r;
	return 0;
}

static int
build(struct work *k)
{
	struct restore *x = k->x;
	int r;

	if (mkdir(RESTORE_DIR, 0700) == -1)
		return ERR_IO;
	if ((r = drop_create(RESTORE_DIR, x->key)) != 0 ||
	    (r = drop_open(&k->drop, RESTORE_DIR, x->drop_bytes,
	    &x->key->vk)) != 0 || (r = restore_keysets(k->office, k->drop)) != 0 ||
	    (r = put_bodies(k)) != 0 ||
	    (r = append_all(k)) != 0 || (r = check_tiles(k)) != 0 ||
	    (r = drop_verify_from(k->drop, &x->key->vk, 0)) != 0)
		return r;
	/* The mirror may have changed between the two readings. */
	return drop_size(k->drop) == x->size ? drop_begins(k->drop, x->size,
	    k->root) : ERR_AUTH;
}

/* --- names -------------------------------------------------------------- */

/* What a kill, or an error, has left. */
static int
remove_half(void)
{
	if (file_remove(AT_FDCWD, RESTORE_DIR "/data.mdb") != 0 ||
	    (rmdir(RESTORE_DIR) == -1 && errno != ENOENT))
		return errno == ENOTDIR ? 0 : ERR_IO;
	return 0;
}

static int
put_in_place(void)
{
	int r;

	if ((r = file_sync_dir(AT_FDCWD, RESTORE_DIR)) != 0)
		return r;
	/* In the place of an empty folder, at most. */
	if (rename(RESTORE_DIR, DROP_DIR) == -1)
		return errno == ENOTEMPTY || errno == EEXIST ? ERR_EXISTS :
		    ERR_IO;
	return file_sync_dir(AT_FDCWD, ".");
}

static bool
drop_is_there(void)
{
	struct stat st;

	return stat(DROP_DIR "/data.mdb", &st) == 0 ||
	    (rmdir(DROP_DIR) == -1 && errno != ENOENT);
}

/* see restore.h */
int
restore_run(struct restore *x)
{
	struct work *k;
	int r = ERR_NOMEM, e;

	x->size = x->bodies = x->absent = x->close = 0;
	x->statements = x->replies = x->no_replies = 0;
	x->why = NULL;
	x->where[0] = '\0';
	if (drop_is_there())
		return restore_wrong(x, ERR_EXISTS, "drop/ holds something; move it "
		    "away first");
	if ((r = remove_half()) != 0)
		return r;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return ERR_NOMEM;
	k->x = x;
	if ((k->sha = sha256_new()) == NULL)
		r = ERR_NOMEM;
	else if ((r = read_checkpoint(k)) == 0 && (r = check_log(k)) == 0 &&
	    (r = restore_office_open(&k->office, x)) == 0)
		r = build(k);
	drop_close(k->drop);
	if (r == 0)
		r = put_in_place();
	e = errno;			/* the first error counts */
	if (r != 0)
		(void)!remove_half();	/* or the next try does it */
	errno = e;
	restore_office_close(k->office);
	sha256_free(k->sha);
	free(k->close);
	free(k);
	return r;
}
