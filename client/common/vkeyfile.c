/* SPDX-License-Identifier: ISC */
/*
 * vkeyfile.c - a verifier key in a file of its own.
 */
#include "client/common/vkeyfile.h"

#include "client/common/file.h"
#include "client/common/say.h"

#define FILE_MAX	(64 * 1024)

/* see vkeyfile.h */
int
vkeyfile_load(struct vkey *k, const char *path, uint8_t type)
{
	unsigned char *p = NULL;
	struct rd all, line;
	size_t n, found = 0;
	int r;

	if ((r = file_read(&p, &n, path, FILE_MAX)) != 0)
		return fail(exit_for(r), "%s: %s", path, err_str(r));
	all = rd_from(p, n);
	while (r == 0 && !rd_done(&all)) {
		if (!rd_line(&all, &line)) {
			line = all;
			all.n = 0;
		}
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (found++ > 0 || vkey_parse(k, line) != 0)
			r = ERR_FORMAT;
	}
	file_free(p, n);
	if (r != 0 || found != 1)
		return fail(EXIT_DATA, "%s: not one verifier key", path);
	if (k->type != type)
		return fail(EXIT_DATA, "%s: a verifier key, but not that of "
		    "a %s", path, type == NOTE_COSIG ? "witness" : "log");
	return EXIT_DONE;
}
