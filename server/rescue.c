/* SPDX-License-Identifier: ISC */
/*
 * rescue.c - make-guard and restore: what an operator types when something
 * was lost.
 *
 * Refuses to work beside a server that runs, and to replace anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/datadir.h"
#include "server/file.h"
#include "server/guard.h"
#include "server/keys.h"
#include "server/log.h"
#include "server/pending.h"
#include "server/restore.h"
#include "server/witness.h"

/* A log that no server uses; the working directory is then its own. */
struct rescue {
	int dir, guard;
	struct logkey key;
	struct drop *drop;
};

static void
rescue_close(struct rescue *x)
{
	drop_close(x->drop);
	logkey_wipe(&x->key);
	if (x->guard != -1)
		(void)close(x->guard);	/* folders: nothing is unwritten */
	if (x->dir != -1)
		(void)close(x->dir);
}

static int
open_folder(int *fd, const char *what, const char *path)
{
	*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd != -1)
		return EX_OK;
	diag("%s %s: %s", what, path, strerror(errno));
	return EX_NOINPUT;
}

/* Locks both folders; EX_OK or what was said. */
static int
rescue_open(struct rescue *x, const char *datadir, const char *guard)
{
	int r;

	memset(x, 0, sizeof(*x));
	x->dir = x->guard = -1;
	if ((r = open_folder(&x->dir, "data", datadir)) != EX_OK ||
	    (r = open_folder(&x->guard, "guard", guard)) != EX_OK)
		return r;
	if (datadir_lock(x->dir) != 0 || datadir_lock(x->guard) != 0) {
		diag("a server uses this data directory or guard");
		return EX_OSERR;
	}
	if (fchdir(x->dir) == -1 || (r = logkey_load(&x->key, x->dir)) != 0) {
		diag("%s/" LOGKEY_FILE ": cannot be used", datadir);
		return EX_NOINPUT;
	}
	return EX_OK;
}

static int
make_guard(struct rescue *x, uint64_t drop_bytes)
{
	struct vkey *vk = &x->key.vk;
	int r;

	if ((r = drop_open(&x->drop, DROP_DIR, drop_bytes, vk)) != 0 ||
	    (r = drop_verify_from(x->drop, vk, 0)) != 0) {
		diag("drop: %s", err_str(r));
		return r == ERR_AUTH || r == ERR_CHANGED ? 1 : EX_DATAERR;
	}
	r = guard_create(x->guard, drop_checkpoint(x->drop));
	if (r == ERR_EXISTS) {
		diag("there is a guard; it is never replaced");
		return EX_CANTCREAT;
	}
	if (r != 0) {
		diag("guard: %s", strerror(errno));
		return EX_CANTCREAT;
	}
	diag("the guard stands at %llu entries, by your word",
	    (unsigned long long)drop_size(x->drop));
	return EX_OK;
}

/* see commands.h */
int
command_make_guard(const char *datadir, const char *guard,
    uint64_t drop_bytes)
{
	struct rescue x;
	int r;

	if (mkdir(guard, 0700) == -1 && errno != EEXIST) {
		diag("guard %s: %s", guard, strerror(errno));
		return EX_CANTCREAT;
	}
	if ((r = rescue_open(&x, datadir, guard)) == EX_OK)
		r = make_guard(&x, drop_bytes);
	rescue_close(&x);
	return r;
}

/* --- restore ------------------------------------------------------------- */

/* What the guard has seen; *there is false where there is none. */
static int
read_guard(struct rescue *x, struct guard *g, bool *there)
{
	int r;

	g->dir = x->guard;
	*there = true;
	if ((r = guard_read(g, &x->key.vk)) == 0)
		return EX_OK;
	if (r == ERR_NOTFOUND) {
		*there = false;
		return EX_OK;
	}
	diag("guard: %s", guard_why(g->state));
	return r == ERR_CHANGED ? EX_DATAERR : EX_NOINPUT;
}

/* What witnesses have seen, as they said when the server ran. */
static int
read_witnessed(const struct rescue *x, uint64_t *size)
{
	unsigned char *buf = malloc(WITNESS_FILE_MAX);
	size_t n = 0;
	int r = ERR_NOMEM;

	*size = 0;
	if (buf != NULL && (r = file_slurp(x->guard, WITNESS_FILE, buf,
	    WITNESS_FILE_MAX, &n)) == 0)
		r = witness_file_ahead(rd_from(buf, n), size);
	free(buf);
	if (r == 0 || r == ERR_NOTFOUND)
		return EX_OK;
	diag("guard/" WITNESS_FILE ": %s", err_str(r));
	return EX_DATAERR;
}

/* What was known to be, where the mirror has less. */
static uint64_t
least_of(const struct restore *x)
{
	uint64_t guarded = x->guard != NULL ? x->guard->size : 0;

	return guarded > x->witnessed ? guarded : x->witnessed;
}

static int
say_restore(const struct restore *x, int r)
{
	const char *why = x->why != NULL ? x->why : r == ERR_IO ?
	    strerror(errno) : err_str(r);

	if (x->where[0] != '\0')
		diag("mirror: %s: %s", x->where, why);
	else
		diag("%s%s", r == ERR_EXISTS ? "" : "restore: ", why);
	if (r == ERR_CHANGED && least_of(x) > 0)
		diag("seen: %llu entries, in the mirror: %llu; find a newer "
		    "mirror, or begin a new log under a new origin",
		    (unsigned long long)least_of(x),
		    (unsigned long long)x->size);
	diag("nothing was restored");
	switch (r) {
	case ERR_AUTH:
	case ERR_CHANGED:
		return 1;
	case ERR_NOTFOUND:
		return EX_NOINPUT;
	case ERR_EXISTS:
	case ERR_FULL:
		return EX_CANTCREAT;
	default:
		return EX_OSERR;
	}
}

/*
 * Epochs that had not closed: those whose key is still here go on; what is
 * left of the others would only keep the server from starting.
 */
static int
keep_pending(uint64_t last, size_t *kept)
{
	uint64_t closes[PENDING_LIST_MAX];
	struct pending *p;
	size_t i, n;
	int r;

	*kept = 0;
	if (mkdir(PENDING_DIR, 0700) == -1 && errno != EEXIST)
		return ERR_IO;
	if ((r = pending_list(closes, &n)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		r = pending_open(&p, closes[i]);
		if (r == 0) {
			pending_close(p);
			*kept += closes[i] > last;
		} else if ((r != ERR_NOTFOUND && r != ERR_FORMAT) ||
		    (r = pending_destroy(closes[i])) != 0)
			return r;
	}
	return 0;
}

static int
say_done(const struct restore *x, bool guarded)
{
	char when[64];
	time_t close = (time_t)x->close;
	struct tm tm;
	size_t kept;
	int r;

	diag("restored: %llu entries; %llu parcels, %llu absent (erased, or "
	    "missing in the mirror)", (unsigned long long)x->size,
	    (unsigned long long)x->bodies, (unsigned long long)x->absent);
	if (x->statements > 0)
		diag("%llu statements of the office, %llu of their replies, "
		    "%llu absent (dropped, or missing in the mirror)",
		    (unsigned long long)x->statements,
		    (unsigned long long)x->replies,
		    (unsigned long long)x->no_replies);
	if ((r = keep_pending(x->close, &kept)) != 0) {
		diag("pending: %s", err_str(r));
		return EX_OSERR;
	}
	if (x->close == 0 || gmtime_r(&close, &tm) == NULL ||
	    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		strcpy(when, "the log began");
	if (kept == 0)
		diag("receipts given out since %s are lost", when);
	else
		diag("what has come since %s is still in pending/, as far as "
		    "this copy of it goes; other receipts since are lost",
		    when);
	if (!guarded)
		diag("there is no fork guard: if you know that this mirror is "
		    "the newest state, ecrdropd make-guard -c FILE");
	return EX_OK;
}

static int
restore(struct rescue *x, uint64_t drop_bytes, int mirror,
    const struct keys *keys)
{
	struct restore *re = calloc(1, sizeof(*re));
	struct guard *g = calloc(1, sizeof(*g));
	bool guarded;
	int r = EX_OSERR, e;

	if (re == NULL || g == NULL)
		goto out;
	if ((r = read_guard(x, g, &guarded)) != EX_OK ||
	    (r = read_witnessed(x, &re->witnessed)) != EX_OK)
		goto out;
	re->mirror = mirror;
	re->keys = keys;
	re->key = &x->key;
	re->drop_bytes = drop_bytes;
	re->guard = guarded ? g : NULL;
	e = restore_run(re);
	r = e == 0 ? say_done(re, guarded) : say_restore(re, e);
out:
	free(re);
	free(g);
	return r;
}

/* The office's roles, for what they said; no file: there are none. */
static int
load_roles(struct keys *k, const char *path)
{
	int fd = open(path[0] != '\0' ? path : "/dev/null",
	    O_RDONLY | O_CLOEXEC), r;

	if (fd == -1) {
		diag("office-vkey %s: %s", path, strerror(errno));
		return EX_NOINPUT;
	}
	r = keys_load(k, fd, -1, 0);	/* and says what is wrong */
	(void)close(fd);		/* only read */
	return r == 0 ? EX_OK : EX_CONFIG;
}

/* see commands.h */
int
command_restore(const char *datadir, const char *guard, uint64_t drop_bytes,
    const char *office_vkey, const char *mirror)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	struct rescue x;
	int fd, r;

	if (keys == NULL)
		return EX_OSERR;
	if ((r = load_roles(keys, office_vkey)) != EX_OK ||
	    (r = open_folder(&fd, "mirror", mirror)) != EX_OK)
		goto out;
	if ((r = rescue_open(&x, datadir, guard)) == EX_OK)
		r = restore(&x, drop_bytes, fd, keys);
	rescue_close(&x);
	(void)close(fd);		/* only read */
out:
	keys_wipe(keys);
	free(keys);
	return r;
}
