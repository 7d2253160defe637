/* SPDX-License-Identifier: ISC */
/*
 * deskkey.c - the desk's secrets, each in a file that can be destroyed
 * alone.
 *
 * Refuses a file whose name does not fit what is in it: a week's file that
 * was copied over another's is an error, not a second key.
 *
 * Invariant: a seed lies on the disk only under a key that needs the salt of
 * its own file.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/desk/deskkey.h"
#include "client/desk/leftover.h"
#include "crypto/keyset.h"
#include "crypto/secret.h"

#define MAGIC		"ecrdkey\n"
#define PURPOSE		"ecrdesk/key/v1\n"
#define SALT_BYTES	32
#define NONCE_BYTES	24
#define HEAD_BYTES	(DESKKEY_BYTES - NONCE_BYTES - SEED_BYTES - 16)
#define ISSUE_MAX	999

static bool
days_ok(const struct deskkey *k)
{
	switch (k->kind) {
	case DESKKEY_SIGN:
		return k->from == 0 && k->to == 0 && k->issue == 1;
	case DESKKEY_WEEK:
	case DESKKEY_STANDING:
		return k->from > 0 && k->to >= k->from && k->issue >= 1 &&
		    k->issue <= ISSUE_MAX;
	}
	return false;
}

static void
wrapping_key(unsigned char out[static 32], struct rd head,
    const unsigned char wrap[static 32])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, wrap, 32, 32);
	crypto_generichash_update(&h, (const unsigned char *)PURPOSE,
	    strlen(PURPOSE));
	crypto_generichash_update(&h, head.p, head.n);
	crypto_generichash_final(&h, out, 32);
	sodium_memzero(&h, sizeof(h));
}

/* see deskkey.h */
int
deskkey_seal(unsigned char out[static DESKKEY_BYTES],
    const struct deskkey *k, const unsigned char wrap[static 32])
{
	unsigned char key[32], salt[SALT_BYTES];
	struct wr w = wr_from(out, HEAD_BYTES);

	if (!days_ok(k))
		return ERR_FORMAT;
	randombytes_buf(salt, sizeof(salt));
	wr_str(&w, MAGIC);
	wr_u8(&w, DESKKEY_VERSION);
	wr_u8(&w, (uint8_t)k->kind);
	wr_u32(&w, (uint32_t)k->from);
	wr_u32(&w, (uint32_t)k->to);
	wr_u16(&w, k->issue);
	wr_bytes(&w, salt, sizeof(salt));
	if (!wr_ok(&w) || w.n != HEAD_BYTES)
		abort();
	randombytes_buf(out + HEAD_BYTES, NONCE_BYTES);
	wrapping_key(key, wr_rd(&w), wrap);
	crypto_aead_xchacha20poly1305_ietf_encrypt(
	    out + HEAD_BYTES + NONCE_BYTES, NULL, k->seed, sizeof(k->seed),
	    out, HEAD_BYTES, NULL, out + HEAD_BYTES, key);
	sodium_memzero(key, sizeof(key));
	return 0;
}

/* The head alone, not yet believed. */
static bool
parse_head(struct deskkey *k, struct rd *in)
{
	uint8_t version, kind;
	uint32_t from, to;

	if (!rd_lit(in, MAGIC) || !rd_u8(in, &version) ||
	    version != DESKKEY_VERSION || !rd_u8(in, &kind) ||
	    kind < DESKKEY_SIGN || kind > DESKKEY_STANDING ||
	    !rd_u32(in, &from) || !rd_u32(in, &to) || from > INT32_MAX ||
	    to > INT32_MAX || !rd_u16(in, &k->issue) ||
	    !rd_skip(in, SALT_BYTES))
		return false;
	k->kind = (enum deskkey_kind)kind;
	k->from = (int32_t)from;
	k->to = (int32_t)to;
	return days_ok(k);
}

/* see deskkey.h */
int
deskkey_open(struct deskkey *k, struct rd file,
    const unsigned char wrap[static 32])
{
	unsigned char key[32];
	struct rd in = file, nonce, wrapped;
	int r = 0;

	memset(k, 0, sizeof(*k));
	if (!parse_head(k, &in) || !rd_take(&in, &nonce, NONCE_BYTES) ||
	    !rd_take(&in, &wrapped, SEED_BYTES + 16) || !rd_done(&in)) {
		memset(k, 0, sizeof(*k));
		return ERR_FORMAT;
	}
	wrapping_key(key, rd_from(file.p, HEAD_BYTES), wrap);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(k->seed, NULL, NULL,
	    wrapped.p, wrapped.n, file.p, HEAD_BYTES, nonce.p, key) != 0) {
		sodium_memzero(k, sizeof(*k));
		r = ERR_AUTH;
	}
	sodium_memzero(key, sizeof(key));
	return r;
}

/* see deskkey.h */
void
deskkey_name(char out[static DESKKEY_NAME_CHARS], const struct deskkey *k)
{
	struct wr w = wr_from(out, DESKKEY_NAME_CHARS);

	switch (k->kind) {
	case DESKKEY_SIGN:
		wr_str(&w, "sign");
		break;
	case DESKKEY_WEEK:
		wr_str(&w, "week-");
		day_write(&w, k->from);
		break;
	case DESKKEY_STANDING:
		wr_str(&w, "standing-");
		day_write(&w, k->from);
		break;
	}
	if (k->issue > 1) {
		wr_u8(&w, '-');
		wr_dec(&w, k->issue);
	}
	if (!wr_cstr(&w))
		abort();
}

static int
make(struct deskkey *k, int dirfd, const unsigned char wrap[static 32])
{
	unsigned char file[DESKKEY_BYTES];
	char name[DESKKEY_NAME_CHARS];
	int r;

	randombytes_buf(k->seed, sizeof(k->seed));
	deskkey_name(name, k);
	if ((r = deskkey_seal(file, k, wrap)) == 0)
		r = file_write_at(dirfd, name, rd_from(file, sizeof(file)),
		    0600, false);
	if (r != 0)
		sodium_memzero(k, sizeof(*k));
	return r;
}

/* see deskkey.h */
int
deskkey_make(struct deskkey *k, int dirfd, enum deskkey_kind kind,
    int32_t from, int32_t to, const unsigned char wrap[static 32])
{
	k->kind = kind;
	k->from = from;
	k->to = to;
	k->issue = 1;
	return make(k, dirfd, wrap);
}

/* see deskkey.h */
int
deskkey_make_next(struct deskkey *k, int dirfd, enum deskkey_kind kind,
    int32_t from, int32_t to, const unsigned char wrap[static 32])
{
	uint16_t issue;
	int r = ERR_EXISTS;

	for (issue = 1; r == ERR_EXISTS && issue <= ISSUE_MAX; issue++) {
		k->kind = kind;
		k->from = from;
		k->to = to;
		k->issue = issue;
		r = make(k, dirfd, wrap);
	}
	return r == ERR_EXISTS ? ERR_LIMIT : r;
}

/* see deskkey.h */
int
deskkey_destroy(int dirfd, const struct deskkey *k)
{
	char name[DESKKEY_NAME_CHARS], doomed[DESKKEY_NAME_CHARS + 32];
	int r;

	deskkey_name(name, k);
	if ((r = leftover_name(doomed, sizeof(doomed), name)) != 0)
		return r;
	/* Under that name it is no key any more, however far we come. */
	if (renameat(dirfd, name, dirfd, doomed) != 0)
		return errno == ENOENT ? 0 : ERR_IO;
	if (fd_sync(dirfd) != 0)
		return ERR_IO;
	return leftover_shred(dirfd, doomed);
}

/* By first day and issue; in place, for qsort(3) may leave copies on the heap. */
static void
insert(struct deskkeys *ks, const struct deskkey *k)
{
	size_t i = ks->n++;

	for (; i > 0 && (ks->key[i - 1].from > k->from ||
	    (ks->key[i - 1].from == k->from &&
	    ks->key[i - 1].issue > k->issue)); i--)
		ks->key[i] = ks->key[i - 1];
	ks->key[i] = *k;
}

/* One file into where it belongs. */
static int
load_one(struct deskkeys *ks, int dirfd, const char *name,
    const unsigned char wrap[static 32])
{
	unsigned char *file = NULL;
	char want[DESKKEY_NAME_CHARS];
	struct deskkey k;
	size_t n = 0;
	int r;

	if ((r = file_read_at(&file, &n, dirfd, name, DESKKEY_BYTES)) != 0 ||
	    (r = deskkey_open(&k, rd_from(file, n), wrap)) != 0)
		goto out;
	deskkey_name(want, &k);
	if (strcmp(name, want) != 0)
		r = ERR_FORMAT;
	else if (k.kind == DESKKEY_SIGN)
		ks->sign = k;
	else if (ks->n == DESKKEYS_MAX)
		r = ERR_LIMIT;
	else
		insert(ks, &k);
out:
	sodium_memzero(&k, sizeof(k));
	file_free(file, n);
	return r;
}

/* A name of ours; what else lies there (a temporary file) is passed over. */
static bool
is_key_name(const char *s)
{
	return strcmp(s, "sign") == 0 || strncmp(s, "week-", 5) == 0 ||
	    strncmp(s, "standing-", 9) == 0;
}

/* see deskkey.h */
int
deskkeys_load(struct deskkeys **out, int dirfd,
    const unsigned char wrap[static 32], const char **bad)
{
	static char name[DESKKEY_NAME_CHARS];
	struct deskkeys *ks = NULL;
	struct dirent *e;
	DIR *d = NULL;
	int fd, r = 0;

	*out = NULL;
	*bad = "";
	if ((fd = dup(dirfd)) < 0 || (d = fdopendir(fd)) == NULL) {
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	rewinddir(d);
	if ((ks = secret_new(sizeof(*ks))) == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	memset(ks, 0, sizeof(*ks));
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (!is_key_name(e->d_name) ||
		    strlen(e->d_name) >= sizeof(name))
			continue;
		memcpy(name, e->d_name, strlen(e->d_name) + 1);
		*bad = name;
		r = load_one(ks, dirfd, name, wrap);
	}
	if (r != 0)
		goto out;
	if (ks->sign.kind != DESKKEY_SIGN) {
		*bad = "sign";
		r = ERR_NOTFOUND;
		goto out;
	}
	*out = ks;
	ks = NULL;
out:
	closedir(d);
	deskkeys_free(ks);
	return r;
}

/* see deskkey.h */
void
deskkeys_free(struct deskkeys *ks)
{
	secret_free(ks);
}
