/* SPDX-License-Identifier: ISC */
/*
 * desk.c - open a desk and close it again.
 *
 * Invariant: whoever has a struct desk holds its lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "client/desk/desk.h"
#include "client/desk/dispose.h"
#include "client/desk/erase.h"
#include "client/desk/leftover.h"
#include "client/desk/subkeys.h"
#include "crypto/secret.h"

#define SECONDS_A_DAY	86400
#define DAY_LAST	2932896		/* 9999-12-31 */
#define PATH_CHARS	4096
#define LOCK_SECS	2
#define LOCK_TRIES_A_SECOND 20

/* see desk.h */
int32_t
desk_day(uint64_t seconds)
{
	uint64_t day = seconds / SECONDS_A_DAY;

	return day > DAY_LAST ? DAY_LAST : (int32_t)day;
}

/* see desk.h */
int32_t
desk_today(void)
{
	time_t now = time(NULL);

	return now < 0 ? 0 : desk_day((uint64_t)now);
}

/* see desk.h */
int
desk_vkey(struct vkey *k, unsigned char sk[static 64],
    const struct deskfile *head, const struct deskkeys *keys)
{
	char name[sizeof(head->office) + sizeof(head->role) + 1];
	struct wr w = wr_from(name, sizeof(name));
	unsigned char pk[32];

	wr_str(&w, head->office);
	wr_u8(&w, '/');
	wr_str(&w, head->role);
	crypto_sign_seed_keypair(pk, sk, keys->sign.seed);
	return vkey_make(k, wr_rd(&w), NOTE_ED25519, pk);
}

/* A program that was killed holds its lock until it is gone. */
static bool
lock_soon(int fd)
{
	const struct timespec nap = { 0, 1000000000 / LOCK_TRIES_A_SECOND };
	int i;

	for (i = 0; i < LOCK_SECS * LOCK_TRIES_A_SECOND; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK)
			return false;
		(void)nanosleep(&nap, NULL);	/* cut short: no harm */
	}
	errno = EWOULDBLOCK;
	return false;
}

/* The folder, and the lock that nobody else may hold. */
static int
take_lock(struct desk *d, const char *path)
{
	if ((d->dirfd = dir_open(path, false)) < 0)
		return fail(errno == EACCES ? EXIT_NOPERM : EXIT_NOINPUT,
		    "%s: %s", path, strerror(errno));
	d->lockfd = openat(d->dirfd, "lock", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (d->lockfd < 0)
		return fail(errno == EACCES ? EXIT_NOPERM : EXIT_NOINPUT,
		    "%s is not a desk", path);
	if (!lock_soon(d->lockfd))
		return fail(EXIT_SYSTEM, errno == EWOULDBLOCK ?
		    "%s: another ecrdesk works on this desk" :
		    "%s: cannot be locked", path);
	leftover_sweep(d->dirfd);
	return 0;
}

static int
read_head(struct desk *d, const char *path)
{
	unsigned char *p = NULL;
	size_t n;
	int r;

	r = file_read_at(&p, &n, d->dirfd, "desk", DESKFILE_MAX_BYTES);
	if (r == 0)
		r = deskfile_parse(&d->head, rd_from(p, n));
	file_free(p, n);
	if (r != 0)
		return fail(exit_for(r), "%s/desk: %s", path, err_str(r));
	return 0;
}

/* see desk.h */
int
desk_no_passphrase(const char *passfile, int r)
{
	if (r == ERR_NOTFOUND && passfile == NULL)
		return fail(EXIT_NOINPUT, "there is no terminal to ask for the "
		    "passphrase on; use --passphrase-file");
	if (r == ERR_NOTFOUND)
		return fail(EXIT_NOINPUT, "%s: there is no passphrase",
		    passfile);
	if (r == ERR_CHANGED)
		return fail(EXIT_DATA, "the two passphrases differ");
	return fail(exit_for(r), "no passphrase: %s", err_str(r));
}

/* The passphrase, the master key, and what follows from it. */
static int
unlock(struct desk *d, const char *passfile)
{
	unsigned char master[DESK_MASTER_BYTES];
	char *pass = NULL;
	int r;

	if ((d->secret = secret_new(sizeof(*d->secret))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	r = secretin_read(&pass, passfile, "Passphrase of the desk: ", false);
	if (r != 0)
		return desk_no_passphrase(passfile, r);
	r = deskfile_unlock(master, &d->head, pass);
	secret_free(pass);
	if (r == ERR_AUTH)
		return fail(EXIT_NOPERM, "wrong passphrase");
	if (r != 0)
		return fail(EXIT_SYSTEM, "the passphrase cannot be tried: "
		    "this machine has no %u MiB to spare",
		    (unsigned)d->head.kdf_mib);
	subkeys_derive(d->secret, master);
	sodium_memzero(master, sizeof(master));
	return 0;
}

static int
open_store(struct desk *d, const char *path)
{
	char folder[PATH_CHARS];
	struct wr w = wr_from(folder, sizeof(folder));
	int r = ERR_LIMIT;

	wr_str(&w, path);
	wr_str(&w, "/cases");
	if (wr_cstr(&w))
		r = deskdb_open(&d->db, folder, &d->secret->rec);
	if (r != 0)
		return fail(exit_for(r), "%s/cases: %s", path, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	return 0;
}

/* An erasure that was cut short is ended before anything else is done. */
static int
end_erasure(struct desk *d)
{
	bool left = false;
	int r;

	if ((r = deskdb_begin(d->db, false)) == 0)
		r = erase_left(d->db, &left);
	deskdb_abort(d->db);
	if (r != 0)
		return fail(exit_for(r), "the case store: %s", err_str(r));
	if (!left)
		return 0;
	r = dispose_finish(d->db);
	if (r == ERR_FULL) {
		warn("bytes of an erased case still lie in the store's file: "
		    "the disk is full; make room");
		return 0;
	}
	if (r != 0)
		return fail(exit_for(r), "the case store, written anew after "
		    "an erasure: %s", r == ERR_IO ? strerror(errno) :
		    err_str(r));
	say("an erasure that was cut short is done");
	return 0;
}

/* see desk.h */
int
desk_open(struct desk **out, const char *path, const char *passfile)
{
	struct desk *d;
	int code;

	*out = NULL;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	d->dirfd = d->lockfd = -1;
	if ((code = take_lock(d, path)) != 0 ||
	    (code = read_head(d, path)) != 0 ||
	    (code = unlock(d, passfile)) != 0 ||
	    (code = open_store(d, path)) != 0 ||
	    (code = end_erasure(d)) != 0)
		goto out;
	*out = d;
	d = NULL;
out:
	desk_close(d);
	return code;
}

/* see desk.h */
void
desk_close(struct desk *d)
{
	if (d == NULL)
		return;
	deskdb_close(d->db);
	secret_free(d->secret);
	if (d->lockfd >= 0)
		close(d->lockfd);
	if (d->dirfd >= 0)
		close(d->dirfd);
	free(d);
}

/* see desk.h */
int
desk_keys(struct deskkeys **out, const struct desk *d)
{
	const char *bad;
	int fd, r;

	*out = NULL;
	if ((fd = dir_open_at(d->dirfd, "keys", false)) < 0)
		return fail(EXIT_SYSTEM, "the desk's keys: %s",
		    strerror(errno));
	r = deskkeys_load(out, fd, d->secret->wrap, &bad);
	close(fd);
	if (r != 0)
		return fail(exit_for(r), "the desk's keys/%s: %s", bad,
		    err_str(r));
	return 0;
}
