/* SPDX-License-Identifier: ISC */
/*
 * prooffile.c - a proof of disclosure, written part by part.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/report/prooffile.h"
#include "crypto/disclosure.h"
#include "crypto/sha256.h"

/* The report goes on or is delivered; what this means is for the caller. */
static int
cannot(const struct prooffile *f)
{
	return fail(EXIT_CANTCREATE, "%s: the proof cannot be written: %s",
	    f->path, strerror(f->out.error != 0 ? f->out.error : errno));
}

/* see prooffile.h */
int
prooffile_open(struct prooffile *f, const char *path)
{
	memset(f, 0, sizeof(*f));
	f->path = path;
	if (outfile_open(&f->out, path) != 0)
		return cannot(f);
	f->open = true;
	if (!f->out.direct)
		return 0;
	prooffile_drop(f);
	return fail(EXIT_CANTCREATE, "%s: a proof needs a plain file", path);
}

/* see prooffile.h */
int
prooffile_begin(struct prooffile *f, size_t parts)
{
	unsigned char head[DISCLOSURE_HEAD_BYTES];
	struct wr w = wr_from(head, sizeof(head));

	disclosure_write_head(&w, (uint16_t)parts);
	if (!wr_ok(&w))
		abort();		/* the message was measured before */
	return outfile_write(&f->out, w.p, w.n) == 0 ? 0 : cannot(f);
}

/* see prooffile.h */
int
prooffile_add(struct prooffile *f, struct rd keyset,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    struct rd receipt, struct rd parcel)
{
	struct disclosure_part p = { .keyset = keyset, .receipt = receipt,
	    .parcel = parcel };
	unsigned char now[HASH_BYTES], *buf;
	struct wr w;
	int code;

	sha256(now, keyset.p, keyset.n);
	if (f->any && memcmp(now, f->keyset, sizeof(now)) == 0)
		p.keyset.n = 0;
	if ((buf = malloc(DISCLOSURE_PART_MAX)) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	memcpy(p.file_key, file_key, sizeof(p.file_key));
	w = wr_from(buf, DISCLOSURE_PART_MAX);
	disclosure_write_part(&w, &p);
	if (!wr_ok(&w))
		abort();		/* all of it was checked before */
	code = outfile_write(&f->out, w.p, w.n) == 0 ? 0 : cannot(f);
	memcpy(f->keyset, now, sizeof(now));
	f->any = true;
	sodium_memzero(&p, sizeof(p));
	file_free(buf, DISCLOSURE_PART_MAX);
	return code;
}

/* see prooffile.h */
int
prooffile_keep(struct prooffile *f)
{
	f->open = false;
	return outfile_keep(&f->out) == 0 ? 0 : cannot(f);
}

/* see prooffile.h */
void
prooffile_drop(struct prooffile *f)
{
	if (f->open)
		outfile_drop(&f->out);
	f->open = false;
}
