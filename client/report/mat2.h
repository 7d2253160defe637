/* SPDX-License-Identifier: ISC */
/*
 * mat2.h - run mat2 on one file, in a sandbox of our own.
 *
 * mat2 takes strangers' formats apart, so all of it runs inside bubblewrap:
 * no network, the system read-only, nothing of the home folder, one folder
 * to write in.  Without bubblewrap it is not run at all.
 */
#ifndef ECR_MAT2_H
#define ECR_MAT2_H

#include <stdbool.h>

#include "crypto/err.h"

/*
 * mat2_ready - mat2 and bubblewrap are installed, and a sandbox can be made
 * here.  Says what is missing; returns 0, ERR_NOTFOUND or ERR_ORDER (asked
 * to stop).
 */
MUST_USE int mat2_ready(void);

/*
 * mat2_run - strip the file of this name (ours, without a path) in a folder;
 * the copy is named as mat2 does it, "a.jpg" becomes "a.cleaned.jpg".
 * Errors: ERR_FORMAT (mat2 cannot strip this one), ERR_ORDER (asked to
 *         stop), ERR_IO (it took too long, or cannot be started).
 */
MUST_USE int mat2_run(const char *folder, const char *name);

#endif
