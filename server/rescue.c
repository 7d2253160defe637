/* SPDX-License-Identifier: ISC */
/*
 * rescue.c - make-guard: what an operator types when something was lost.
 *
 * Refuses to work beside a server that runs, and to replace anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/commands.h"
#include "server/datadir.h"
#include "server/guard.h"
#include "server/log.h"

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
