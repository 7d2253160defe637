/* SPDX-License-Identifier: ISC */
/*
 * deskfile.h - the file DESK/desk: whose desk it is, and its master key
 * wrapped under the officer's passphrase.
 *
 *   "ecrdesk" LF | version 1 | lock 1 | office 2+n | role 2+n | MiB 4 |
 *   passes 4 | salt 16 | nonce 24 | wrapped master key 48
 *
 * All before the nonce is authenticated with the key.  Pure: no files.  See
 * docs/formats/desk.md.
 */
#ifndef ECR_DESKFILE_H
#define ECR_DESKFILE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define DESKFILE_MAX_BYTES	1024
#define DESKFILE_VERSION	1
#define DESKFILE_PASSPHRASE	1	/* the only kind of lock so far */

#define DESK_MASTER_BYTES	32
#define DESK_ROLE_MAX_BYTES	31
#define DESK_SALT_BYTES		16
#define DESK_NONCE_BYTES	24
#define DESK_TAG_BYTES		16

/*
 * Argon2id.  48 MiB keep the program below the 64 MB that it promises on any
 * machine; the passes make up for it in time.
 */
#define DESK_KDF_MIB_MIN	8
#define DESK_KDF_MIB		48
#define DESK_KDF_MIB_MAX	4096
#define DESK_KDF_WORK_MIB	768	/* passes times MiB, about */
#define DESK_KDF_PASSES_MIN	3
#define DESK_KDF_PASSES_MAX	16

struct deskfile {
	char office[NAME_MAX_BYTES + 1];
	char role[DESK_ROLE_MAX_BYTES + 1];
	uint32_t kdf_mib, kdf_passes;
	unsigned char salt[DESK_SALT_BYTES];
	unsigned char nonce[DESK_NONCE_BYTES];
	unsigned char wrapped[DESK_MASTER_BYTES + DESK_TAG_BYTES];
};

/* How many passes go with so much memory. */
uint32_t deskfile_passes(uint32_t mib);

/* Exactly one such file.  ERR_FORMAT. */
MUST_USE int deskfile_parse(struct deskfile *f, struct rd in);
void deskfile_write(struct wr *w, const struct deskfile *f);

/*
 * deskfile_lock - wrap master under the passphrase; draws salt and nonce.
 * office, role, kdf_mib and kdf_passes are set.
 * Errors: ERR_NOMEM (not so much memory here), ERR_FORMAT.
 */
MUST_USE int deskfile_lock(struct deskfile *f,
    const unsigned char master[static DESK_MASTER_BYTES],
    const char *passphrase);

/*
 * deskfile_unlock - Errors: ERR_AUTH (wrong passphrase, or altered: nobody
 * can tell which), ERR_NOMEM.  Wipes master on error.
 */
MUST_USE int deskfile_unlock(unsigned char master[static DESK_MASTER_BYTES],
    const struct deskfile *f, const char *passphrase);

#endif
