/* SPDX-License-Identifier: ISC */
/*
 * strip.h - copies of attachments without their metadata, made by mat2 in
 * its sandbox, in a private folder in memory that is removed after.
 */
#ifndef ECR_STRIP_H
#define ECR_STRIP_H

#include <stdbool.h>

#include "client/report/attach.h"
#include "crypto/err.h"

/*
 * strip_all - replace every attachment by a stripped copy, where mat2 can
 * make one; the copies are unlinked before this returns and live on only as
 * open descriptors.
 * ok[i] says whether item i now carries nothing that is known of: it was
 * stripped, or there was nothing to strip.
 * Errors: ERR_NOTFOUND (no mat2, no sandbox or no folder in memory; it has
 *         said which), ERR_ORDER (asked to stop), ERR_CHANGED, ERR_IO (no
 *         room in memory), ERR_NOMEM.
 */
MUST_USE int strip_all(struct attach_list *l, bool ok[static ATTACH_MAX]);

#endif
