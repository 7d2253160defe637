/* SPDX-License-Identifier: ISC */
/*
 * logkey.h - the key that signs receipts and checkpoints.
 *
 * The file, text, every line with its LF:
 *
 *   ecrdrop/log-key/v1
 *   <origin>
 *   <Ed25519 seed, 32 bytes in base64>
 *
 * Mode 0600.  In memory it lies in locked pages and is wiped when freed.
 */
#ifndef ECR_LOGKEY_H
#define ECR_LOGKEY_H

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/rd.h"

#define LOGKEY_FILE		"log.key"
#define LOGKEY_VKEY_FILE	"log.vkey"
#define LOGKEY_MAX_BYTES	512

struct logkey {
	struct vkey vk;			/* its name is the origin */
	unsigned char *sk;		/* 64 bytes, secret_new() */
};

/* Draws a key and writes both files.  ERR_FORMAT (origin), ERR_EXISTS. */
MUST_USE int logkey_create(int dir, struct rd origin);
/* From the file's bytes.  Owns: logkey_wipe(). */
MUST_USE int logkey_parse(struct logkey *k, struct rd bytes);
/* Reads the file.  ERR_ORDER: group or others could read it. */
MUST_USE int logkey_load(struct logkey *k, int dir);
void logkey_wipe(struct logkey *k);

#endif
