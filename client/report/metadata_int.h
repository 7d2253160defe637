/* SPDX-License-Identifier: ISC */
/*
 * metadata_int.h - between metadata.c and metadata_walk.c.
 *
 * A walk answers "does this file carry more than it shows?".
 */
#ifndef ECR_METADATA_INT_H
#define ECR_METADATA_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"

/* n bytes of magic stand at this offset */
bool metadata_at(struct rd head, size_t at, const char *magic, size_t n);
/* they stand anywhere */
bool metadata_has(struct rd head, const char *magic, size_t n);

enum walk {
	WALK_CLEAN,	/* nothing, up to where nothing more can come */
	WALK_FOUND,	/* seen */
	WALK_CUT	/* the head ends first, or the file is broken */
};

enum walk metadata_walk_jpeg(struct rd head);
enum walk metadata_walk_png(struct rd head);
enum walk metadata_walk_gif(struct rd head);
enum walk metadata_walk_webp(struct rd head);
/* invisible characters */
enum walk metadata_walk_text(struct rd head);

/* A PNG chunk of this name is part of the picture. */
bool metadata_png_plain(struct rd name);
/* UTF-8 without control characters; the last one may be cut. */
bool metadata_is_text(struct rd head);

#endif
