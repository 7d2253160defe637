/* SPDX-License-Identifier: ISC */
/*
 * metadata.h - what a file is, by its first bytes, and what it may tell
 * besides its content.
 *
 * Pure: bytes in, a verdict out.  It errs on the side of warning.
 */
#ifndef ECR_METADATA_H
#define ECR_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"

#define METADATA_HEAD_BYTES	65536	/* what a verdict is made from */

/* A media type, "application/octet-stream" where unknown; static. */
const char *metadata_type(struct rd head);

/*
 * metadata_risk - plain words for what such a file may carry ("the place and
 * time where the picture was taken, the camera's number"), or NULL where
 * nothing is known to be in it.  Static.
 */
const char *metadata_risk(struct rd head);

/*
 * metadata_found - something of the kind was seen, not only feared; false
 * also for kinds of files that are not walked through.
 */
bool metadata_found(struct rd head);

#endif
