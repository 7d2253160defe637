/* SPDX-License-Identifier: ISC */
/*
 * logproof.c - proofs of entries out of a mirror's hash tiles.
 *
 * The tiles vouch for nothing: they are held against the root that the log
 * has signed (crypto/tilehash.h).
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/desk/logproof.h"
#include "crypto/tilehash.h"
#include "crypto/tlogproof.h"

#define SLOTS		16
#define CHECKPOINT_MAX	(64 * 1024)	/* a line for each of our keys */

struct logproof {
	struct logproof_source from;
	struct rd checkpoint;		/* into note */
	struct sha256 *h;
	struct tilehash th;
	struct tlogproof proof;
	struct tilehash_slot slot[SLOTS];
	unsigned char note[CHECKPOINT_MAX];
};

/* A tile, or the full one that has taken a partial one's place. */
static int
fetch(void *arg, const struct tile *t, unsigned char out[static TILE_BYTES],
    size_t *n)
{
	struct logproof *p = arg;
	struct tile full = *t;
	unsigned char *bytes = NULL;
	char name[80];
	int r;

	mirror_tile_name(name, t);
	r = mirror_read(p->from.m, name, TILE_BYTES, &bytes, n);
	if (r == ERR_NOTFOUND && t->width < TILE_WIDTH) {
		full.width = TILE_WIDTH;
		mirror_tile_name(name, &full);
		r = mirror_read(p->from.m, name, TILE_BYTES, &bytes, n);
	}
	if (r == 0 && *n > 0)
		memcpy(out, bytes, *n);
	file_free(bytes, *n);
	return r;
}

static int
say_wrong(const struct logproof *p, int r, char wrong[static 80])
{
	if (r == 0)
		return 0;
	memcpy(wrong, "log/tile", sizeof("log/tile"));
	if (p->th.wrong.width > 0)
		mirror_tile_name(wrong, &p->th.wrong);
	return r;
}

static bool
is_ours(const struct logproof *p, const struct note_sig *s)
{
	size_t i;

	for (i = 0; i < p->from.nkeys; i++)
		if (note_sig_is(s, &p->from.key[i]))
			return true;
	return false;
}

/* The signed checkpoint with the lines of our keys alone. */
static int
keep_lines(struct logproof *p)
{
	struct wr w = wr_from(p->note, sizeof(p->note));
	struct note_sig s;
	struct note n;
	struct rd before;
	int r;

	if ((r = note_parse(&n, rd_from(p->from.log->note,
	    p->from.log->note_bytes))) != 0)
		return r;
	wr_rdr(&w, n.text);
	wr_u8(&w, '\n');
	while (!rd_done(&n.sigs)) {
		before = n.sigs;
		if (!note_sig_next(&n.sigs, &s))
			return ERR_FORMAT;
		if (is_ours(p, &s))
			wr_rdr(&w, rd_from(before.p, before.n - n.sigs.n));
	}
	p->checkpoint = wr_rd(&w);
	return wr_ok(&w) ? 0 : ERR_LIMIT;
}

/* see logproof.h */
int
logproof_open(struct logproof **out, const struct logproof_source *from,
    char wrong[static 80])
{
	struct logproof *p;
	int r = ERR_NOMEM;

	*out = NULL;
	wrong[0] = '\0';
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_NOMEM;
	p->from = *from;
	if ((p->h = sha256_new()) == NULL || (r = keep_lines(p)) != 0)
		goto out;
	r = tilehash_open(&p->th, from->log->tree.size, from->log->root, p->h,
	    p->slot, SLOTS, fetch, p);
	if ((r = say_wrong(p, r, wrong)) != 0)
		goto out;
	*out = p;
	p = NULL;
out:
	logproof_close(p);
	return r;
}

/* see logproof.h */
void
logproof_close(struct logproof *p)
{
	if (p == NULL)
		return;
	sha256_free(p->h);
	free(p);
}

/* see logproof.h */
int
logproof_write(struct wr *w, struct logproof *p, uint64_t leaf,
    const struct entry *e, char wrong[static 80])
{
	unsigned char bytes[ENTRY_BYTES], hash[HASH_BYTES];
	struct hashes from = tilehash_source(&p->th);
	const uint64_t size = p->from.log->tree.size;
	int r;

	wrong[0] = '\0';
	entry_write(bytes, e);
	tree_leaf(p->h, hash, rd_from(bytes, sizeof(bytes)));
	r = proof_make_inclusion(&p->proof.path, p->h, &from, leaf, size);
	if ((r = say_wrong(p, r, wrong)) != 0)
		return r;
	if ((r = proof_inclusion(&p->proof.path, p->h, hash, leaf, size,
	    p->from.log->root)) != 0)
		return r;
	p->proof.untrusted_n = 0;
	p->proof.index = leaf;
	p->proof.checkpoint = p->checkpoint;
	tlogproof_write(w, &p->proof);
	return wr_ok(w) ? 0 : ERR_LIMIT;
}
