/* SPDX-License-Identifier: ISC */
/*
 * fetch.c - bring a mirror up to date with a server.
 *
 * Everything that comes is checked before it gets its name: a parcel against
 * the digest in its entry, entries and hash tiles against the root of the
 * checkpoint.  Invariant: log/checkpoint never covers what is not here.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/ask.h"
#include "client/common/file.h"
#include "client/common/say.h"
#include "client/courier/fetch.h"
#include "client/courier/fetch_int.h"
#include "client/courier/holds.h"
#include "client/courier/tiles.h"
#include "crypto/parcel.h"
#include "crypto/sha256.h"

#define SMALL_MAX	NOTE_MAX_BYTES
#define KEYSETS_MAX	(4u << 20)

/* see fetch_int.h */
int
fetch_get(struct fetching *u, const char *path, const char *token, size_t max,
    struct net_answer *a)
{
	int r = ask_get(u->f->net, path, token, max, u->f->tries, a);

	if (r == 0 && a->status != 503)
		return 0;
	if (r == 0)
		u->code = fail(EXIT_UNAVAILABLE,
		    "the server is busy; try again later");
	else if (r == ERR_LIMIT)
		u->code = fail(EXIT_DATA, "%s: larger than it may be", path);
	else
		u->code = fail(EXIT_UNAVAILABLE, "%s: %s", path,
		    net_why(u->f->net));
	return r == 0 ? ERR_IO : r;
}

/* see fetch_int.h */
int
fetch_get_ok(struct fetching *u, const char *path, size_t max,
    struct net_answer *a)
{
	int r;

	if ((r = fetch_get(u, path, NULL, max, a)) != 0)
		return r;
	if (a->status == 200)
		return 0;
	u->code = fail(EXIT_DATA, "%s: the server answers %ld", path,
	    a->status);
	return ERR_FORMAT;
}

/* see fetch_int.h */
int
fetch_disk(struct fetching *u, const char *name, int r)
{
	if (r != 0)
		u->code = fail(EXIT_CANTCREATE, "%s: cannot write: %s", name,
		    errno != 0 ? strerror(errno) : err_str(r));
	return r;
}

/* The parcel of one entry; 404: erased by the office, or missing. */
static int
fetch_parcel(struct fetching *u, const char *name, uint64_t index,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char got[HASH_BYTES];
	struct net_answer a;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	if ((r = fetch_get(u, path, u->f->token, PARCEL_BYTES, &a)) != 0)
		return r;
	if (a.status == 401 || a.status == 403) {
		u->code = fail(EXIT_NOPERM, "the token is not accepted");
		return ERR_AUTH;
	}
	if (a.status == 404) {
		if (index < u->erase)
			u->res->gone++;
		else if (u->res->missing++ == 0)
			u->first_missing = index;
		return 0;
	}
	if (a.status != 200) {
		u->code = fail(a.status >= 500 ? EXIT_UNAVAILABLE : EXIT_DATA,
		    "%s: the server answers %ld", name, a.status);
		return ERR_IO;
	}
	sha256(got, a.body, a.n);
	if (a.n != PARCEL_BYTES || memcmp(got, digest, HASH_BYTES) != 0) {
		u->code = fail(EXIT_DATA, "%s: what the server sent is not "
		    "what its log says", name);
		return ERR_CHANGED;
	}
	u->res->parcels++;
	u->res->bytes += a.n;
	return fetch_disk(u, name, mirror_write_lazy(u->f->mirror, name,
	    rd_from(a.body, a.n)));
}

/*
 * Is it here, and whole?  Sticks rot and power fails: every one is hashed on
 * every visit, which costs little beside carrying them.
 */
static bool
parcel_here(struct fetching *u, const char *name,
    const unsigned char digest[static HASH_BYTES])
{
	unsigned char got[HASH_BYTES], *p;
	size_t n;

	if (mirror_size(u->f->mirror, name) != PARCEL_BYTES)
		return false;
	if (mirror_read(u->f->mirror, name, PARCEL_BYTES, &p, &n) != 0)
		return false;
	sha256(got, p, n);
	file_free(p, n);
	return memcmp(got, digest, HASH_BYTES) == 0;
}

static int
on_entry(void *arg, uint64_t index,
    const unsigned char bytes[static ENTRY_BYTES])
{
	struct fetching *u = arg;
	struct entry e;
	char name[80];

	if (entry_parse(&e, rd_from(bytes, ENTRY_BYTES)) != 0) {
		u->code = fail(EXIT_DATA, "entry %llu of the log is malformed",
		    (unsigned long long)index);
		return ERR_FORMAT;
	}
	if (index % 16 == 0)
		say_progress("fetching", index * (uint64_t)PARCEL_BYTES,
		    u->total * (uint64_t)PARCEL_BYTES);
	if (e.kind != ENTRY_PARCEL)
		return 0;
	mirror_name(name, "parcels", e.digest);
	if (parcel_here(u, name, e.digest))
		return 0;
	return fetch_parcel(u, name, index, e.digest);
}

/* One tile or bundle that is not here yet. */
static int
fetch_tile(struct fetching *u, const struct tile *t)
{
	struct net_answer a;
	char name[80], path[96];
	size_t want;
	int r;

	mirror_tile_name(name, t);
	want = mirror_tile_bytes(t);
	if (mirror_size(u->f->mirror, name) == (int64_t)want)
		return 0;
	snprintf(path, sizeof(path), "/%s", name);
	if ((r = fetch_get_ok(u, path, want, &a)) != 0)
		return r;
	if (a.n != want) {
		u->code = fail(EXIT_DATA, "%s: %zu bytes, should be %zu",
		    name, a.n, want);
		return ERR_FORMAT;
	}
	return fetch_disk(u, name, mirror_write_lazy(u->f->mirror, name,
	    rd_from(a.body, a.n)));
}

/* Every tile of one level at this size. */
static int
fetch_level(struct fetching *u, int level, uint64_t size)
{
	struct tile t;
	int r;

	t.level = level;
	for (t.index = 0;; t.index++) {
		t.width = tile_width_at(level, t.index, size);
		if (t.width == 0)
			return 0;
		if ((r = fetch_tile(u, &t)) != 0)
			return r;
	}
}

/* The checkpoint as served: form, origin and (with a key) its signature. */
static int
open_checkpoint(struct fetching *u, struct rd bytes, struct checkpoint *c)
{
	struct note n;
	int r;

	if ((r = note_parse(&n, bytes)) == 0 && u->f->log != NULL)
		r = note_verify(&n, u->f->log);
	if (r == 0)
		r = checkpoint_parse(c, n.text);
	if (r == 0 && u->f->log != NULL &&
	    !rd_eq_str(c->origin, u->f->log->name))
		r = ERR_AUTH;
	if (r != 0)
		u->code = fail(r == ERR_FORMAT ? EXIT_DATA : EXIT_CLAIM,
		    "the server's checkpoint: %s", err_str(r));
	return r;
}

/* The checkpoint that lies here; size 0 where there is none. */
static int
old_checkpoint(struct fetching *u, struct checkpoint *c, unsigned char **p,
    size_t *n)
{
	int r;

	c->size = 0;
	r = mirror_read(u->f->mirror, "log/checkpoint", SMALL_MAX, p, n);
	if (r == ERR_NOTFOUND)
		return 0;
	if (r != 0) {
		u->code = fail(EXIT_NOINPUT, "log/checkpoint: %s", err_str(r));
		return r;
	}
	return open_checkpoint(u, rd_from(*p, *n), c);
}

/* Every parcel that an entry names. */
static int
fetch_parcels(struct fetching *u, uint64_t size)
{
	struct tree tree;
	char missing[80];
	int r;

	tree_init(&tree);
	u->total = size;
	r = mirror_walk(u->f->mirror, &tree, size, on_entry, u, missing);
	say_progress_end();
	if (r != 0 && u->code == 0)
		u->code = fail(exit_for(r), "%s: %s", missing, err_str(r));
	if (u->res->gone > 0)
		say("%llu parcels are gone that the office's statements let "
		    "go", (unsigned long long)u->res->gone);
	return r;
}

/* An object as served, under its own name. */
static int
fetch_plain(struct fetching *u, const char *name, size_t max)
{
	struct net_answer a;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	if ((r = fetch_get_ok(u, path, max, &a)) != 0)
		return r;
	return fetch_disk(u, name, mirror_write_lazy(u->f->mirror, name,
	    rd_from(a.body, a.n)));
}

static int
fetch_tiles(struct fetching *u, uint64_t size)
{
	int level, r;

	for (level = TILE_ENTRIES; level <= TILE_LEVEL_MAX; level++)
		if ((r = fetch_level(u, level, size)) != 0)
			return r;
	return 0;
}

/*
 * Everything that the earlier checkpoint does not vouch for goes; where that
 * itself no longer holds, all of it.
 */
static void
forget(struct fetching *u, const struct checkpoint *old,
    const struct checkpoint *c)
{
	if (old->size > 0 && holds_log(u->f->mirror, old, old, false) == 0) {
		tiles_forget(u->f->mirror, c->size, old->size);
		return;
	}
	tiles_forget(u->f->mirror, old->size, 0);
	tiles_forget(u->f->mirror, c->size, 0);
}

/*
 * What lies here may have rotted, or come from a server that lied once.  It
 * is no evidence: only what the server sends now is held against it.
 */
static int
fetch_log(struct fetching *u, const struct checkpoint *old,
    const struct checkpoint *c)
{
	int r;

	if ((r = fetch_tiles(u, c->size)) != 0)
		return r;
	if ((r = holds_log(u->f->mirror, old, c, u->fresh)) == 0)
		return 0;
	if (r == ERR_NOMEM || r == ERR_IO) {	/* ours, and no evidence */
		u->code = fail(EXIT_SYSTEM, "the log: %s", err_str(r));
		return r;
	}
	if (!u->fresh) {
		u->fresh = true;
		forget(u, old, c);
		return fetch_log(u, old, c);
	}
	u->code = EXIT_CLAIM;	/* it was said */
	return r;
}

/* All but the checkpoint, which goes last. */
static int
fetch_all(struct fetching *u, const struct checkpoint *old,
    const struct checkpoint *c)
{
	int r;

	if (c->size < old->size) {
		u->code = fail(EXIT_CLAIM, "the server's log is shorter than "
		    "the one here: %llu entries, here %llu",
		    (unsigned long long)c->size,
		    (unsigned long long)old->size);
		return ERR_CHANGED;
	}
	if ((r = fetch_plain(u, "policy", SMALL_MAX)) != 0 ||
	    (r = fetch_plain(u, "keyset", KEYSETS_MAX)) != 0 ||
	    (r = fetch_replies(u)) != 0)
		return r;
	if ((r = fetch_log(u, old, c)) != 0 ||
	    (r = fetch_said(u, c->size)) != 0 ||
	    (r = fetch_parcels(u, c->size)) != 0)
		return r;
	return fetch_disk(u, "the mirror", mirror_sync(u->f->mirror));
}

/* see fetch.h */
int
fetch_run(const struct fetch *f, struct fetch_result *res)
{
	unsigned char *was = NULL, *note = NULL;
	struct checkpoint old, c;
	struct net_answer a;
	size_t nwas = 0, n = 0;
	struct fetching u;

	memset(res, 0, sizeof(*res));
	memset(&u, 0, sizeof(u));
	u.f = f;
	u.res = res;
	if (fetch_get_ok(&u, "/log/checkpoint", SMALL_MAX, &a) != 0)
		goto out;
	/* The answer's memory is the net's; the next request takes it. */
	n = a.n;
	if ((note = malloc(n + 1)) == NULL) {
		u.code = fail(EXIT_SYSTEM, "out of memory");
		goto out;
	}
	if (n > 0)
		memcpy(note, a.body, n);
	if (open_checkpoint(&u, rd_from(note, n), &c) != 0 ||
	    old_checkpoint(&u, &old, &was, &nwas) != 0 ||
	    fetch_all(&u, &old, &c) != 0)
		goto out;
	if (fetch_disk(&u, "log/checkpoint", mirror_write(f->mirror,
	    "log/checkpoint", rd_from(note, n))) != 0)
		goto out;
	tiles_prune(f->mirror, old.size, c.size);
	res->size = c.size;
	res->new_entries = c.size - old.size;
	if (res->missing > 0)
		u.code = fail(EXIT_CLAIM, "%llu parcels of the log are "
		    "missing, the first at index %llu, and no statement of "
		    "the office lets them go: the server has lost reports or "
		    "keeps them back", (unsigned long long)res->missing,
		    (unsigned long long)u.first_missing);
out:
	file_free(note, n);
	file_free(was, nwas);
	return u.code;
}
