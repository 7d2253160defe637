/* SPDX-License-Identifier: ISC */
/*
 * mat2.h - run mat2 on one file, in a sandbox of our own.
 *
 * mat2 takes strangers' formats apart, so all of it runs inside bubblewrap:
 * no network, the system read-only, nothing of the home folder.  The file
 * goes in and its copy comes out through descriptors; both have a name only
 * in the sandbox's own folder, which is in memory and ends with it, however
 * it ends.  Without bubblewrap mat2 is not run at all.
 */
#ifndef ECR_MAT2_H
#define ECR_MAT2_H

#include "crypto/err.h"

/*
 * mat2_ready - mat2 and bubblewrap are installed, and a sandbox can be made
 * here.  Says what is missing; returns 0, ERR_NOTFOUND or ERR_ORDER (asked
 * to stop).
 */
MUST_USE int mat2_ready(void);

/*
 * mat2_strip - a copy of in (read from its beginning) without metadata, as
 * a new descriptor on memory without a name.  ending: what mat2 goes by,
 * "jpg" for example; a word of ours.
 * Errors: ERR_FORMAT (mat2 cannot strip this one, or there was no room for
 *         it in memory), ERR_ORDER (asked to stop), ERR_IO (it took too
 *         long, or cannot be started).
 * Owns:   the caller closes *out.
 */
MUST_USE int mat2_strip(int *out, int in, const char *ending);

#endif
