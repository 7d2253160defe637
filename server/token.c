/* SPDX-License-Identifier: ISC */
/*
 * token.c - bearer tokens.
 *
 * Refuses a file with a line that it does not understand: a slip of an
 * editor must not quietly shut the courier out, or let somebody in.
 */
#include "server/token.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/base.h"
#include "crypto/sha256.h"
#include "server/file.h"

#define LINE_BYTES	(16 + 2 * HASH_BYTES + 1)
#define FILE_BYTES	(TOKEN_MAX * LINE_BYTES)

static const struct {
	enum token_role role;
	const char *name;
} roles[] = {
	{ TOKEN_COURIER, "courier" }, { TOKEN_AUDITOR, "auditor" }
};

/* see token.h */
enum token_role
token_role_of(struct rd name)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (rd_eq_str(name, roles[i].name))
			return roles[i].role;
	return TOKEN_NONE;
}

/* see token.h */
int
tokens_parse(struct tokens *t, struct rd file)
{
	struct rd line, name;
	int r = ERR_FORMAT;

	memset(t, 0, sizeof(*t));
	while (!rd_done(&file)) {
		if (!rd_line(&file, &line) || !rd_until(&line, ' ', &name))
			goto bad;
		if (t->n == TOKEN_MAX) {
			r = ERR_LIMIT;
			goto bad;
		}
		t->token[t->n].role = token_role_of(name);
		if (t->token[t->n].role == TOKEN_NONE ||
		    !hex_decode(t->token[t->n].hash, HASH_BYTES, line))
			goto bad;
		t->n++;
	}
	return 0;
bad:
	memset(t, 0, sizeof(*t));
	return r;
}

static void
stamp_of(struct token_stamp *s, int dir)
{
	struct stat st;

	memset(s, 0, sizeof(*s));
	if (fstatat(dir, TOKEN_FILE, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return;
	s->ino = st.st_ino;
	s->size = (unsigned long long)st.st_size;
	s->sec = st.st_mtim.tv_sec;
	s->nsec = st.st_mtim.tv_nsec;
}

/* see token.h */
bool
tokens_changed(const struct token_stamp *stamp, int dir)
{
	struct token_stamp now;

	stamp_of(&now, dir);
	return now.ino != stamp->ino || now.size != stamp->size ||
	    now.sec != stamp->sec || now.nsec != stamp->nsec;
}

/* see token.h */
int
tokens_load(struct tokens *t, struct token_stamp *stamp, int dir)
{
	unsigned char buf[FILE_BYTES];
	size_t n;
	int r;

	memset(t, 0, sizeof(*t));
	stamp_of(stamp, dir);
	r = file_slurp(dir, TOKEN_FILE, buf, sizeof(buf), &n);
	if (r == ERR_NOTFOUND)
		return 0;
	return r != 0 ? r : tokens_parse(t, rd_from(buf, n));
}

/* see token.h */
enum token_role
tokens_find(const struct tokens *t, const unsigned char hash[static HASH_BYTES])
{
	unsigned role = TOKEN_NONE;
	size_t i;

	for (i = 0; i < t->n; i++)
		role |= (unsigned)t->token[i].role & (0u - (unsigned)
		    (sodium_memcmp(t->token[i].hash, hash, HASH_BYTES) == 0));
	return (enum token_role)role;
}

/* The file with one more line. */
static int
add_line(int dir, const char *role, const unsigned char hash[static HASH_BYTES])
{
	static const char what[] = TOKEN_FILE;
	unsigned char buf[FILE_BYTES + LINE_BYTES];
	struct tokens t;
	struct wr w;
	size_t n = 0;
	int r;

	r = file_slurp(dir, what, buf, FILE_BYTES, &n);
	if (r == ERR_NOTFOUND)
		n = 0;
	else if (r != 0 || (r = tokens_parse(&t, rd_from(buf, n))) != 0)
		return r;
	w = wr_from(buf + n, sizeof(buf) - n);
	wr_str(&w, role);
	wr_u8(&w, ' ');
	wr_hex(&w, hash, HASH_BYTES);
	wr_u8(&w, '\n');
	if (!wr_ok(&w))
		return ERR_LIMIT;
	if ((r = tokens_parse(&t, rd_from(buf, n + w.n))) != 0)
		return r;
	return file_replace(dir, what, rd_from(buf, n + w.n), 0600);
}

/* see token.h */
int
token_make(struct wr *out, int dir, const char *role)
{
	unsigned char secret[32], hash[HASH_BYTES];
	size_t at = out->n;
	int r = ERR_LIMIT;

	if (token_role_of(rd_str(role)) == TOKEN_NONE)
		return ERR_NOTFOUND;
	randombytes_buf(secret, sizeof(secret));
	wr_str(out, "ecrdrop-");
	wr_str(out, role);
	wr_u8(out, '-');
	wr_hex(out, secret, sizeof(secret));
	if (!wr_ok(out))
		goto out;
	sha256(hash, out->p + at, out->n - at);
	r = add_line(dir, role, hash);
out:
	if (r != 0)
		sodium_memzero(out->p + at, out->n - at);
	sodium_memzero(secret, sizeof(secret));
	return r;
}
