/* SPDX-License-Identifier: ISC */
/*
 * logkey.c - the log's signing key: made, kept, loaded.
 *
 * Refuses a file that is not exactly as logkey.h says and one that group or
 * others may read.  The seed passes only through locked memory and buffers
 * that are wiped on every path.
 */
#include "server/logkey.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/base.h"
#include "crypto/secret.h"
#include "crypto/wr.h"
#include "server/file.h"

#define MAGIC	"ecrdrop/log-key/v1\n"

/* Key pair and vkey from origin and seed. */
static int
derive(struct logkey *k, struct rd origin,
    const unsigned char seed[static SEED_BYTES])
{
	unsigned char pk[crypto_sign_PUBLICKEYBYTES];
	int r;

	memset(k, 0, sizeof(*k));
	if ((k->sk = secret_new(crypto_sign_SECRETKEYBYTES)) == NULL)
		return ERR_NOMEM;
	if (crypto_sign_seed_keypair(pk, k->sk, seed) != 0)
		r = ERR_FORMAT;
	else
		r = vkey_make(&k->vk, origin, NOTE_ED25519, pk);
	if (r != 0)
		logkey_wipe(k);
	return r;
}

/* see logkey.h */
int
logkey_parse(struct logkey *k, struct rd in)
{
	unsigned char seed[SEED_BYTES];
	struct rd origin, text;
	int r = ERR_FORMAT;

	memset(k, 0, sizeof(*k));
	if (!rd_lit(&in, MAGIC) || !rd_line(&in, &origin) ||
	    !rd_line(&in, &text) || !rd_done(&in) ||
	    !b64_decode(seed, sizeof(seed), text, true))
		goto out;
	r = derive(k, origin, seed);
out:
	sodium_memzero(seed, sizeof(seed));
	return r;
}

/* see logkey.h */
int
logkey_load(struct logkey *k, int dir)
{
	unsigned char *buf;
	struct stat st;
	size_t n;
	int r;

	memset(k, 0, sizeof(*k));
	if (fstatat(dir, LOGKEY_FILE, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return ERR_NOTFOUND;
	if ((st.st_mode & 077) != 0)
		return ERR_ORDER;
	if ((buf = secret_new(LOGKEY_MAX_BYTES)) == NULL)
		return ERR_NOMEM;
	if ((r = file_slurp(dir, LOGKEY_FILE, buf, LOGKEY_MAX_BYTES, &n)) == 0)
		r = logkey_parse(k, rd_from(buf, n));
	secret_free(buf);
	return r;
}

/* log.vkey: what everybody may have. */
static int
write_public(int dir, const struct vkey *vk)
{
	unsigned char buf[NAME_MAX_BYTES + 128];
	struct wr w = wr_from(buf, sizeof(buf));

	vkey_write(&w, vk);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		return ERR_LIMIT;
	return file_create(dir, LOGKEY_VKEY_FILE, wr_rd(&w), 0644);
}

/* see logkey.h */
int
logkey_create(int dir, struct rd origin)
{
	struct logkey k = { 0 };
	unsigned char *seed = NULL, *buf = NULL;
	struct wr w;
	int r = ERR_NOMEM;

	if ((seed = secret_new(SEED_BYTES)) == NULL ||
	    (buf = secret_new(LOGKEY_MAX_BYTES)) == NULL)
		goto out;
	randombytes_buf(seed, SEED_BYTES);
	if ((r = derive(&k, origin, seed)) != 0)
		goto out;
	w = wr_from(buf, LOGKEY_MAX_BYTES);
	wr_str(&w, MAGIC);
	wr_rdr(&w, origin);
	wr_u8(&w, '\n');
	wr_b64(&w, seed, SEED_BYTES, true);
	wr_u8(&w, '\n');
	r = ERR_LIMIT;
	if (!wr_ok(&w) ||
	    (r = file_create(dir, LOGKEY_FILE, wr_rd(&w), 0600)) != 0)
		goto out;
	r = write_public(dir, &k.vk);
out:
	logkey_wipe(&k);
	secret_free(seed);
	secret_free(buf);
	return r;
}

/* see logkey.h */
void
logkey_wipe(struct logkey *k)
{
	secret_free(k->sk);
	memset(k, 0, sizeof(*k));
}
