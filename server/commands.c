/* SPDX-License-Identifier: ISC */
/*
 * commands.c - what an operator types beside the running server.
 */
#include "server/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/clock.h"
#include "server/datadir.h"
#include "server/file.h"
#include "server/log.h"
#include "server/logkey.h"
#include "server/loss.h"
#include "server/token.h"

static int
open_datadir(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir == -1)
		diag("%s: %s", path, strerror(errno));
	return dir;
}

/* A line on stdout; EX_OK or EX_IOERR. */
static int
print_line(const void *text, size_t n)
{
	if (fwrite(text, 1, n, stdout) != n || putchar('\n') == EOF ||
	    fflush(stdout) == EOF) {
		diag("standard output: %s", strerror(errno));
		return EX_IOERR;
	}
	return EX_OK;
}

/* see commands.h */
int
command_init(const char *datadir, const char *guard, const char *origin)
{
	unsigned char buf[NAME_MAX_BYTES + 128];
	size_t n = 0;
	int dir, r;

	switch (datadir_create_with(datadir, guard, origin)) {
	case 0:
		break;
	case ERR_EXISTS:
		diag("%s is there already; a log is never replaced", datadir);
		return EX_CANTCREAT;
	case ERR_CHANGED:
		diag("where the guard of this log would be there is one of "
		    "another");
		return EX_CANTCREAT;
	case ERR_FORMAT:
		diag("not usable as an origin: it must be a name without "
		    "spaces, '+', \"://\" and a slash at either end, "
		    "at most %d bytes", NAME_MAX_BYTES);
		return EX_USAGE;
	case ERR_LIMIT:
		diag("%s: too long", datadir);
		return EX_USAGE;
	default:
		diag("%s: %s", datadir, strerror(errno));
		return EX_CANTCREAT;
	}
	if ((dir = open_datadir(datadir)) == -1)
		return EX_NOINPUT;
	r = file_slurp(dir, LOGKEY_VKEY_FILE, buf, sizeof(buf), &n);
	(void)close(dir);		/* only read */
	if (r != 0 || n == 0) {
		diag("%s/" LOGKEY_VKEY_FILE ": %s", datadir, strerror(errno));
		return EX_IOERR;
	}
	return print_line(buf, n - 1);
}

/* see commands.h */
int
command_token(const char *datadir, const char *role)
{
	unsigned char buf[TOKEN_BYTES_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	int dir, r;

	if (token_role_of(rd_str(role)) == TOKEN_NONE) {
		diag("a token is for courier or auditor");
		return EX_USAGE;
	}
	if ((dir = open_datadir(datadir)) == -1)
		return EX_NOINPUT;
	if ((r = token_make(&w, dir, role)) == 0)
		r = print_line(buf, w.n);
	else if (r == ERR_FORMAT || r == ERR_LIMIT) {
		diag("%s/" TOKEN_FILE ": %s", datadir, err_str(r));
		r = EX_DATAERR;
	} else {
		diag("%s/" TOKEN_FILE ": %s", datadir, strerror(errno));
		r = EX_CANTCREAT;
	}
	(void)close(dir);		/* only read */
	sodium_memzero(buf, sizeof(buf));
	return r;
}

/* see commands.h */
int
command_confirm_clock(const char *datadir)
{
	int dir, r;

	if ((dir = open_datadir(datadir)) == -1)
		return EX_NOINPUT;
	if ((r = clock_confirm(dir)) != 0)
		diag("%s/" CLOCK_FILE ": %s", datadir, strerror(errno));
	(void)close(dir);		/* only read */
	return r == 0 ? EX_OK : EX_CANTCREAT;
}

/* see commands.h */
int
command_confirm_loss(const char *datadir)
{
	int dir, r;

	if ((dir = open_datadir(datadir)) == -1)
		return EX_NOINPUT;
	if ((r = loss_confirm(dir)) != 0)
		diag("%s/" LOSS_FILE ": %s", datadir, strerror(errno));
	(void)close(dir);		/* only read */
	return r == 0 ? EX_OK : EX_CANTCREAT;
}
