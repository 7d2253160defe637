/* SPDX-License-Identifier: ISC */
/*
 * create.c - make a desk, and write what it publishes.
 *
 * A desk is built under a temporary name beside its place and moved there
 * when all of it is on the disk; nothing that exists is overwritten.
 *
 * Invariant: what public/ holds was checked with the keys that readers use.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/desk.h"
#include "client/desk/leftover.h"
#include "client/desk/store.h"
#include "client/desk/subkeys.h"
#include "crypto/hpke.h"
#include "crypto/secret.h"

#define PATH_CHARS	4096
#define WEEK_DAYS	7

/* --- what is published -------------------------------------------------- */

/* Fills ks->key (room for all) and ks->standing. */
static int
public_keys(struct keyset *ks, const struct deskkeys *keys, int32_t today)
{
	const struct deskkey *k;
	struct keyset_key *to;
	size_t i;
	int r;

	for (i = 0; i < keys->n; i++) {
		k = &keys->key[i];
		if (k->to < today)
			continue;
		if (k->kind == DESKKEY_WEEK) {
			if (ks->nkeys == KEYSET_KEYS_MAX)
				return ERR_LIMIT;
			to = &ks->key[ks->nkeys++];
		} else {
			ks->has_standing = true;	/* the newest counts */
			to = &ks->standing;
		}
		to->from = k->from;
		to->to = k->to;
		if ((r = hpke_public(to->rc.pk, k->seed)) != 0)
			return r;
	}
	return 0;
}

/* Signs ks, opens it as a reader would, and writes it. */
static int
write_keyset(int pubfd, const struct keyset *ks, const struct vkey *k,
    const unsigned char sk[static 64])
{
	unsigned char *text = NULL, *note = NULL;
	struct keyset again;
	struct wr t, n;
	int r = ERR_NOMEM;

	memset(&again, 0, sizeof(again));
	if ((text = malloc(NOTE_MAX_BYTES)) == NULL ||
	    (note = malloc(NOTE_MAX_BYTES)) == NULL)
		goto out;
	t = wr_from(text, NOTE_MAX_BYTES);
	n = wr_from(note, NOTE_MAX_BYTES);
	keyset_write(&t, ks);
	r = ERR_LIMIT;
	if (!wr_ok(&t))
		goto out;
	if ((r = note_sign(&n, wr_rd(&t), k, sk)) != 0 ||
	    (r = keyset_open(&again, wr_rd(&n), k)) != 0)
		goto out;
	r = file_write_at(pubfd, "keyset", wr_rd(&n), 0644, true);
out:
	keyset_wipe(&again);
	free(text);
	free(note);
	return r;
}

static int
write_vkey(int pubfd, const struct vkey *k)
{
	unsigned char line[1024];
	struct wr w = wr_from(line, sizeof(line));

	vkey_write(&w, k);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return file_write_at(pubfd, "office.vkey", wr_rd(&w), 0644, true);
}

/* see desk.h */
int
desk_publish(int dirfd, const struct deskfile *head,
    const struct deskkeys *keys, uint64_t sequence, const struct vkey *log,
    const struct vkey *witness, size_t nwitnesses, unsigned quorum)
{
	unsigned char sk[64];
	struct keyset *ks;
	struct vkey k;
	int pubfd = -1, r = ERR_NOMEM;

	if ((ks = calloc(1, sizeof(*ks))) == NULL ||
	    (ks->key = calloc(KEYSET_KEYS_MAX, sizeof(*ks->key))) == NULL)
		goto out;
	snprintf(ks->office, sizeof(ks->office), "%s", head->office);
	snprintf(ks->role, sizeof(ks->role), "%s", head->role);
	ks->sequence = sequence;
	ks->quorum = quorum;
	ks->nwitnesses = nwitnesses;
	if (nwitnesses > 0)
		memcpy(ks->witness, witness, nwitnesses * sizeof(*witness));
	if (log != NULL) {
		ks->has_log = true;
		ks->log = *log;
	}
	if ((r = public_keys(ks, keys, desk_today())) != 0 ||
	    (r = desk_vkey(&k, sk, head, keys)) != 0)
		goto out;
	r = ERR_IO;
	if ((pubfd = dir_open_at(dirfd, "public", true)) < 0)
		goto out;
	if ((r = write_keyset(pubfd, ks, &k, sk)) == 0)
		r = write_vkey(pubfd, &k);
out:
	sodium_memzero(sk, sizeof(sk));
	if (pubfd >= 0)
		close(pubfd);
	if (ks != NULL)
		free(ks->key);
	free(ks);
	if (r != 0)
		return fail(exit_for(r), "what is to be published: %s",
		    err_str(r));
	return 0;
}

/* --- a new desk --------------------------------------------------------- */

/* The weeks from this Monday on; those that are there already stay. */
static int
make_weeks(int keysfd, struct deskkey *k, const unsigned char wrap[static 32])
{
	int32_t today = desk_today();
	int32_t monday = today - (today + 3) % WEEK_DAYS;
	int32_t i, from;
	int r = 0;

	for (i = 0; r == 0 && i < DESK_WEEKS_AHEAD; i++) {
		from = monday + i * WEEK_DAYS;
		r = deskkey_make(k, keysfd, DESKKEY_WEEK, from,
		    from + WEEK_DAYS - 1, wrap);
		if (r == ERR_EXISTS)
			r = 0;
	}
	return r;
}

/* The signing key, the weeks, the standing key. */
static int
make_keys(int dirfd, const unsigned char wrap[static 32])
{
	struct deskkey *k;
	int32_t today = desk_today();
	int fd, r = ERR_IO;

	if ((k = secret_new(sizeof(*k))) == NULL)
		return ERR_NOMEM;
	if ((fd = dir_open_at(dirfd, "keys", true)) < 0)
		goto out;
	r = deskkey_make(k, fd, DESKKEY_SIGN, 0, 0, wrap);
	if (r == 0)
		r = make_weeks(fd, k, wrap);
	if (r == 0)
		r = deskkey_make(k, fd, DESKKEY_STANDING, today,
		    today + DESK_STANDING_DAYS - 1, wrap);
	close(fd);
out:
	secret_free(k);
	return r;
}

/* see desk.h */
int
desk_renew(const struct desk *d)
{
	struct deskkey *k;
	int fd, r = ERR_IO;

	if ((k = secret_new(sizeof(*k))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	if ((fd = dir_open_at(d->dirfd, "keys", false)) >= 0) {
		r = make_weeks(fd, k, d->secret->wrap);
		close(fd);
	}
	secret_free(k);
	if (r != 0)
		return fail(exit_for(r), "new weekly keys: %s", r == ERR_IO ?
		    strerror(errno) : err_str(r));
	return 0;
}

static int
make_store(const char *path, const struct deskrec_keys *keys)
{
	struct deskdb *db = NULL;
	struct state s;
	int r;

	if ((r = deskdb_open(&db, path, keys)) != 0)
		return r;
	if ((r = deskdb_begin(db, true)) == 0 &&
	    (r = store_get_state(db, &s)) == 0 &&
	    (r = store_put_state(db, &s)) == 0)
		r = deskdb_commit(db);
	deskdb_close(db);
	return r;
}

/* All of the desk, in the folder that dirfd has open. */
static int
fill(int dirfd, const char *path, struct deskfile *head, const char *pass)
{
	unsigned char master[DESK_MASTER_BYTES], file[DESKFILE_MAX_BYTES];
	struct wr w = wr_from(file, sizeof(file));
	struct desk_secret *secret = NULL;
	char folder[PATH_CHARS];
	int fd, r = ERR_NOMEM;

	randombytes_buf(master, sizeof(master));
	if ((secret = secret_new(sizeof(*secret))) == NULL ||
	    (r = deskfile_lock(head, master, pass)) != 0)
		goto out;
	subkeys_derive(secret, master);
	deskfile_write(&w, head);
	r = ERR_LIMIT;
	if (!wr_ok(&w) || (size_t)snprintf(folder, sizeof(folder),
	    "%s/cases", path) >= sizeof(folder))
		goto out;
	if ((r = make_keys(dirfd, secret->wrap)) != 0)
		goto out;
	r = ERR_IO;
	if ((fd = dir_open_at(dirfd, "cases", true)) < 0)
		goto out;
	r = make_store(folder, &secret->rec);
	if (fd_sync(fd) != 0 && r == 0)
		r = ERR_IO;
	close(fd);
	if (r == 0 && (r = file_write_at(dirfd, "lock", rd_from("", 0), 0600,
	    false)) == 0)
		r = file_write_at(dirfd, "desk", wr_rd(&w), 0600, false);
out:
	sodium_memzero(master, sizeof(master));
	secret_free(secret);
	return r;
}

/* What is published needs the keys as they lie on the disk. */
static int
publish_first(int dirfd, const struct deskfile *head, const char *pass)
{
	unsigned char master[DESK_MASTER_BYTES];
	struct desk_secret *secret = NULL;
	struct deskkeys *keys = NULL;
	const char *bad = "";
	int code, fd, r;

	if ((secret = secret_new(sizeof(*secret))) == NULL ||
	    (fd = dir_open_at(dirfd, "keys", false)) < 0) {
		secret_free(secret);
		return fail(EXIT_SYSTEM, "the desk's keys cannot be read");
	}
	if ((r = deskfile_unlock(master, head, pass)) == 0) {
		subkeys_derive(secret, master);
		r = deskkeys_load(&keys, fd, secret->wrap, &bad);
	}
	close(fd);
	sodium_memzero(master, sizeof(master));
	secret_free(secret);
	if (r != 0)
		return fail(exit_for(r), "the desk's keys/%s: %s", bad,
		    err_str(r));
	code = desk_publish(dirfd, head, keys, 1, NULL, NULL, 0, 0);
	deskkeys_free(keys);
	return code;
}

static int
sync_parent(const char *path)
{
	char dir[PATH_CHARS];
	char *slash;
	int fd, r;

	snprintf(dir, sizeof(dir), "%s", path);
	if ((slash = strrchr(dir, '/')) == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		slash[slash == dir] = '\0';
	if ((fd = dir_open(dir, false)) < 0)
		return ERR_IO;
	r = fd_sync(fd);
	close(fd);
	return r;
}

/* Is there nothing, or a folder with nothing in it? */
static bool
is_free(const char *path)
{
	struct dirent *e;
	bool empty = true;
	DIR *d;

	if ((d = opendir(path)) == NULL)
		return errno == ENOENT;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			empty = false;
	closedir(d);
	return empty;
}

static int
build(const char *tmp, const char *path, struct deskfile *head,
    const char *pass)
{
	int code, dirfd, r;

	if ((dirfd = leftover_make(tmp)) < 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
	if ((r = fill(dirfd, tmp, head, pass)) != 0)
		code = fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_CANTCREATE,
		    "%s: %s", path, r == ERR_IO ? strerror(errno) :
		    err_str(r));
	else if ((code = publish_first(dirfd, head, pass)) == 0 &&
	    (fd_sync(dirfd) != 0 || rename(tmp, path) != 0 ||
	    sync_parent(path) != 0))
		code = fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
	close(dirfd);
	return code;
}

/* see desk.h */
int
desk_create(const char *path, const char *office, const char *role,
    uint32_t kdf_mib, const char *pass)
{
	char place[PATH_CHARS - 64], tmp[PATH_CHARS];
	struct deskfile head;
	size_t n = strlen(path);
	int code;

	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n == 0 || n >= sizeof(place))
		return fail(EXIT_USAGE, "the desk's path is too long");
	memcpy(place, path, n);
	place[n] = '\0';
	if (!is_free(place))
		return fail(EXIT_CANTCREATE, "%s exists, and nothing in it is "
		    "overwritten", place);
	if (leftover_name(tmp, sizeof(tmp), place) != 0)
		return fail(EXIT_USAGE, "the desk's path is too long");
	if (leftover_clean(place) > 0)
		say("removed what an earlier init of %s had left half done",
		    place);
	memset(&head, 0, sizeof(head));
	snprintf(head.office, sizeof(head.office), "%s", office);
	snprintf(head.role, sizeof(head.role), "%s", role);
	head.kdf_mib = kdf_mib;
	head.kdf_passes = deskfile_passes(kdf_mib);
	if ((code = build(tmp, place, &head, pass)) != 0)
		leftover_remove(tmp);
	return code;
}
