/* SPDX-License-Identifier: ISC */
/*
 * outfile.h - output that is streamed and yet appears whole or not at all.
 *
 * "-" is standard output; what exists and is no regular file (a terminal,
 * /dev/null, a pipe) is written as it comes, never replaced.
 */
#ifndef ECR_OUTFILE_H
#define ECR_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"

struct outfile {
	int fd, dirfd;
	bool direct;			/* written as it comes */
	bool nameless;			/* it has no temporary name yet */
	int error;			/* errno of a write that failed, or 0 */
	char name[256 + 32], tmp[256 + 64];
};

/* path as above.  Errors: ERR_IO (errno is kept), ERR_LIMIT. */
MUST_USE int outfile_open(struct outfile *f, const char *path);
/* A plain name in a folder. */
MUST_USE int outfile_open_at(struct outfile *f, int dirfd, const char *name);
/*
 * Fits an age_sink; arg is the struct outfile.  Errors: ERR_IO; errno may be
 * lost on the way through others' code, f->error is not.
 */
MUST_USE int outfile_write(void *arg, const unsigned char *p, size_t n);
/*
 * outfile_keep - sync it and give it its name.  Errors: ERR_IO (errno is
 * kept); either way the outfile is closed.
 */
MUST_USE int outfile_keep(struct outfile *f);
/* Leave nothing behind; one that is closed already is left alone. */
void outfile_drop(struct outfile *f);

#endif
