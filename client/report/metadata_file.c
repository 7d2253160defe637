/* SPDX-License-Identifier: ISC */
/*
 * metadata_file.c - the verdicts of metadata.h on an open file.
 *
 * A picture's own bytes are never read: the walk over a PNG reads the eight
 * bytes before each chunk.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/report/metadata_file.h"
#include "client/report/metadata_int.h"

#define PNG_CHUNKS_MAX	1000000		/* a file of nothing else is odd */

static size_t
read_at(int fd, void *p, size_t n, off_t at)
{
	ssize_t got;

	do {
		got = pread(fd, p, n, at);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? 0 : (size_t)got;
}

/* Chunk by chunk to IEND, behind which nothing may stand. */
static enum walk
walk_png(int fd)
{
	unsigned char head[8], more;
	off_t at = 8;			/* behind the signature */
	struct rd r, name;
	uint32_t n;
	long i;

	for (i = 0; i < PNG_CHUNKS_MAX; i++) {
		r = rd_from(head, read_at(fd, head, sizeof(head), at));
		if (!rd_u32(&r, &n) || !rd_take(&r, &name, 4))
			return WALK_CUT;
		at += (off_t)n + 12;
		if (rd_eq_str(name, "IEND"))
			return read_at(fd, &more, 1, at) == 0 ? WALK_CLEAN :
			    WALK_FOUND;
		if (!metadata_png_plain(name))
			return WALK_FOUND;
	}
	return WALK_CUT;
}

/* What the head says and, for a PNG that goes on behind it, the walk. */
static const char *
verdict(int fd, bool *found)
{
	unsigned char head[METADATA_HEAD_BYTES];
	struct rd r = rd_from(head, read_at(fd, head, sizeof(head), 0));
	const char *risk = metadata_risk(r);
	enum walk w;

	*found = metadata_found(r);
	if (risk != NULL && !*found &&
	    strcmp(metadata_type(r), "image/png") == 0) {
		w = walk_png(fd);
		*found = w == WALK_FOUND;
		if (w == WALK_CLEAN)
			risk = NULL;
	}
	sodium_memzero(head, sizeof(head));
	return risk;
}

/* see metadata_file.h */
const char *
metadata_file_risk(int fd)
{
	bool found;

	return verdict(fd, &found);
}

/* see metadata_file.h */
bool
metadata_file_found(int fd)
{
	bool found;

	(void)verdict(fd, &found);	/* the words are not asked for */
	return found;
}
