/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/tmpdir.h"

static char dir[4096];

const char *
tmpdir_new(void)
{
	const char *base = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%s/ecrdrop-unit.XXXXXX",
	    base != NULL ? base : "/tmp");
	cr_assert_not_null(mkdtemp(dir));
	return dir;
}

const char *
tmpdir_path(const char *name)
{
	static char path[4][4200];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static int
on_file(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

void
tmpdir_remove(void)
{
	nftw(dir, on_file, 8, FTW_DEPTH | FTW_PHYS);
}
