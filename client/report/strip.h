/* SPDX-License-Identifier: ISC */
/*
 * strip.h - copies of attachments without their metadata, made by mat2 in a
 * sandbox, in a folder in memory that nobody else sees and that ends with it.
 */
#ifndef ECR_STRIP_H
#define ECR_STRIP_H

#include <stdbool.h>

#include "client/report/attach.h"
#include "crypto/err.h"

/*
 * strip_all - replace every attachment by a stripped copy, where mat2 can
 * make one; copies have no name, only an open descriptor.
 * ok[i] says whether item i now carries nothing that is known of: it was
 * stripped, or there was nothing to strip.
 * Errors: ERR_NOTFOUND (no mat2 or no sandbox; it has said which), ERR_ORDER
 *         (asked to stop), ERR_IO.
 */
MUST_USE int strip_all(struct attach_list *l, bool ok[static ATTACH_MAX]);

#endif
