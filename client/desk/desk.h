/* SPDX-License-Identifier: ISC */
/*
 * desk.h - a desk on the disk: the folder, its lock, its keys, its store.
 *
 *   DESK/desk            whose it is; the wrapped master key
 *   DESK/lock            held while a program works on the desk
 *   DESK/keys/           one file a secret (deskkey.h)
 *   DESK/cases/          the case store (deskdb.h)
 *   DESK/public/         office.vkey, keyset: to be published
 *
 * These functions stand at the edge: they say what went wrong and return an
 * exit code (client/common/say.h), 0 where all is well.
 */
#ifndef ECR_DESK_H
#define ECR_DESK_H

#include <stdint.h>

#include "client/desk/deskdb.h"
#include "client/desk/deskfile.h"
#include "client/desk/deskkey.h"
#include "crypto/keyset.h"
#include "crypto/note.h"

#define DESK_WEEKS_AHEAD	12	/* weekly keys made in advance */
#define DESK_STANDING_DAYS	730	/* a standing key's life */

struct desk_secret {
	struct deskrec_keys rec;
	unsigned char wrap[32];
};

struct desk {
	struct deskfile head;
	int dirfd, lockfd;
	struct desk_secret *secret;	/* locked memory */
	struct deskdb *db;
};

/*
 * desk_create - a new desk in path, which must not exist or be an empty
 * folder; it appears whole or not at all.
 * pass is wiped by the caller.
 */
MUST_USE int desk_create(const char *path, const char *office,
    const char *role, uint32_t kdf_mib, const char *pass);

/*
 * desk_open - lock, passphrase (from passfile as secretin_read() reads it),
 * store.  A wrong passphrase is EXIT_NOPERM and one line without a hint.
 * Owns: the caller ends *out with desk_close().
 */
MUST_USE int desk_open(struct desk **out, const char *path,
    const char *passfile);
void desk_close(struct desk *d);

/* Words and exit code for what secretin_read() said. */
int desk_no_passphrase(const char *passfile, int r);

/* All live keys; the caller frees them with deskkeys_free(). */
MUST_USE int desk_keys(struct deskkeys **out, const struct desk *d);

/* The role's verifier key, "<office>/<role>", and its secret half. */
MUST_USE int desk_vkey(struct vkey *k, unsigned char sk[static 64],
    const struct deskfile *head, const struct deskkeys *keys);

/* Today, by this machine's clock; UTC. */
int32_t desk_today(void);
/* The day of a Unix time, never outside what a date can say. */
int32_t desk_day(uint64_t seconds);

#endif
