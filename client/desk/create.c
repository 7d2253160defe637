/* SPDX-License-Identifier: ISC */
/*
 * create.c - make a desk.
 *
 * A desk is built under a temporary name beside its place and moved there
 * when all of it is on the disk; nothing that exists is overwritten.
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
#include "client/desk/desklog.h"
#include "client/desk/keylife.h"
#include "client/desk/leftover.h"
#include "client/desk/publish.h"
#include "client/desk/store.h"
#include "client/desk/subkeys.h"
#include "crypto/secret.h"

#define PATH_CHARS	4096

/* The signing key, the weeks, the standing key. */
static int
make_keys(int dirfd, const unsigned char wrap[static 32])
{
	struct deskkey *k;
	unsigned made;
	int fd, r = ERR_IO;

	if ((k = secret_new(sizeof(*k))) == NULL)
		return ERR_NOMEM;
	if ((fd = dir_open_at(dirfd, "keys", true)) < 0)
		goto out;
	r = deskkey_make(k, fd, DESKKEY_SIGN, 0, 0, wrap);
	if (r == 0)
		r = keylife_make(fd, wrap, NULL, desk_today(), 0, &made);
	close(fd);
out:
	secret_free(k);
	return r;
}

/* The first entry of its log: it was made, and whose it is. */
static int
log_creation(struct deskdb *db, const struct deskfile *head)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	char name[sizeof(head->office) + sizeof(head->role) + 1];
	struct wr w = wr_from(detail, sizeof(detail));

	snprintf(name, sizeof(name), "%s/%s", head->office, head->role);
	deskact_put_str(&w, name);
	return desklog_add(db, DESKACT_CREATE, wr_rd(&w));
}

static int
make_store(const char *path, const struct deskfile *head,
    const struct deskrec_keys *keys)
{
	struct deskdb *db = NULL;
	struct state s;
	int r;

	if ((r = deskdb_open(&db, path, keys)) != 0)
		return r;
	if ((r = deskdb_begin(db, true)) == 0 &&
	    (r = store_get_state(db, &s)) == 0 &&
	    (r = store_put_state(db, &s)) == 0 &&
	    (r = log_creation(db, head)) == 0)
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
	r = make_store(folder, head, &secret->rec);
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
	struct published keyset;
	struct publish p;
	const char *bad = "";
	int fd, r;

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
	memset(&p, 0, sizeof(p));
	p.head = head;
	p.keys = keys;
	p.today = desk_today();
	if ((r = publish_keyset(&keyset, &p, 1)) == 0)
		r = publish_write(dirfd, &p, &keyset);
	published_wipe(&keyset);
	deskkeys_free(keys);
	if (r != 0)
		return fail(exit_for(r), "what is to be published: %s",
		    err_str(r));
	return 0;
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
