/* SPDX-License-Identifier: ISC */
/*
 * guard.c - compare the log with the guard, and move the guard on.
 *
 * Refuses to be made where one is, and to move from anything but what this
 * process has last seen there.  Invariant: every note that it ever held is
 * of a beginning of the tree that it holds now.
 */
#include "server/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/file.h"

/* see guard.h */
const char *
guard_why(enum guard_state state)
{
	switch (state) {
	case GUARD_HOLDS:
		return "it holds";
	case GUARD_NONE:
		return "there is none; whether this is the newest state of "
		    "the log cannot be told";
	case GUARD_FOREIGN:
		return "what is there is no checkpoint of this log and key";
	case GUARD_AHEAD:
		return "the log was longer than it is now: this is an old copy";
	case GUARD_FORK:
		return "the log is not a continuation of what was signed";
	case GUARD_UNREAD:
		break;
	}
	return "it cannot be read";
}

/* see guard.h */
struct rd
guard_note(const struct guard *g)
{
	return rd_from(g->note, g->n);
}

/* see guard.h */
int
guard_create(int dir, struct rd note)
{
	return file_create(dir, GUARD_FILE, note, 0600);
}

/* see guard.h */
int
guard_create_at(const char *path, struct rd note)
{
	bool ours = mkdir(path, 0700) == 0;
	int dir, r, e;

	if (!ours && errno != EEXIST)
		return ERR_IO;
	if ((dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return ERR_IO;
	r = guard_create(dir, note);
	if (r == 0 && ours)
		r = file_sync_dir(dir, "..");
	(void)close(dir);		/* a folder: nothing is unwritten */
	if (r != 0 && ours) {
		e = errno;		/* the first error counts */
		(void)rmdir(path);
		errno = e;
	}
	return r;
}

/* see guard.h */
void
guard_remove_at(const char *path)
{
	int e = errno, dir;

	if ((dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) != -1) {
		(void)unlinkat(dir, GUARD_FILE, 0);
		(void)close(dir);	/* a folder: nothing is unwritten */
	}
	(void)rmdir(path);
	errno = e;
}

/* What the note states, if it is this log's. */
static int
parse(struct guard *g, const struct vkey *vk)
{
	struct checkpoint c;
	struct note note;

	if (note_open(&note, guard_note(g), vk) != 0 ||
	    checkpoint_parse(&c, note.text) != 0 ||
	    !rd_eq_str(c.origin, vk->name))
		return ERR_CHANGED;
	g->size = c.size;
	memcpy(g->root, c.root, sizeof(g->root));
	return 0;
}

/* see guard.h */
int
guard_read(struct guard *g, const struct vkey *vk)
{
	int r;

	g->state = GUARD_UNREAD;
	r = file_slurp(g->dir, GUARD_FILE, g->note, sizeof(g->note), &g->n);
	if (r == ERR_NOTFOUND) {
		g->state = GUARD_NONE;
		return r;
	}
	if (r == ERR_IO)
		return r;
	if (r != 0 || (r = parse(g, vk)) != 0) {
		g->state = GUARD_FOREIGN;
		return ERR_CHANGED;
	}
	g->state = GUARD_HOLDS;
	return 0;
}

/* Is d the tree that g has seen, or longer? */
static int
compare(struct guard *g, struct drop *d)
{
	int r;

	if (drop_size(d) < g->size) {
		g->state = GUARD_AHEAD;
		return ERR_CHANGED;
	}
	if ((r = drop_begins(d, g->size, g->root)) == ERR_AUTH) {
		g->state = GUARD_FORK;
		return ERR_CHANGED;
	}
	return r;
}

/* see guard.h */
int
guard_start(struct guard *g, struct drop *d, const struct vkey *vk)
{
	int r;

	if ((r = guard_read(g, vk)) != 0 || (r = compare(g, d)) != 0)
		return r;
	return guard_move(g, d, vk);
}

/* What stands in the file: what we left there, or what we are to write. */
static int
is_ours(const struct guard *g, struct rd next)
{
	unsigned char now[DROP_CHECKPOINT_MAX];
	size_t n;
	int r;

	r = file_slurp(g->dir, GUARD_FILE, now, sizeof(now), &n);
	if (r == ERR_IO)
		return r;
	if (r == 0 && (rd_eq(rd_from(now, n), guard_note(g)) ||
	    rd_eq(rd_from(now, n), next)))
		return 0;
	return ERR_ORDER;
}

/* see guard.h */
int
guard_move(struct guard *g, struct drop *d, const struct vkey *vk)
{
	struct rd next = drop_checkpoint(d);
	int r;

	if (rd_eq(next, guard_note(g)))
		return 0;
	if (next.n > sizeof(g->note))
		return ERR_LIMIT;
	if ((r = compare(g, d)) != 0)
		return r == ERR_CHANGED ? ERR_ORDER : r;
	if ((r = is_ours(g, next)) != 0 ||
	    (r = file_replace(g->dir, GUARD_FILE, next, 0600)) != 0)
		return r;
	memcpy(g->note, next.p, next.n);
	g->n = next.n;
	return parse(g, vk);
}
