/* SPDX-License-Identifier: ISC */
/*
 * tlogproof.c - a proof that an entry is in the log, in one file.
 */
#include "crypto/base.h"
#include "crypto/tlogproof.h"

#define MAGIC	"c2sp.org/tlog-proof@v1\n"

/* see tlogproof.h */
int
tlogproof_parse(struct tlogproof *p, struct rd bytes)
{
	struct rd line;

	if (bytes.n > NOTE_MAX_BYTES)
		return ERR_LIMIT;
	p->untrusted_n = 0;
	if (!rd_lit(&bytes, MAGIC))
		return ERR_FORMAT;
	if (rd_lit(&bytes, "extra ") && (!rd_line(&bytes, &line) ||
	    !b64_decode_some(p->untrusted_extra, sizeof(p->untrusted_extra),
	    &p->untrusted_n, line, true) || p->untrusted_n == 0))
		return ERR_FORMAT;
	if (!rd_lit(&bytes, "index ") || !rd_line(&bytes, &line) ||
	    !rd_dec(line, TREE_SIZE_MAX - 1, &p->index) ||
	    proof_parse(&p->path, &bytes) != 0 || rd_done(&bytes))
		return ERR_FORMAT;
	p->checkpoint = bytes;
	return 0;
}

/* see tlogproof.h */
void
tlogproof_write(struct wr *w, const struct tlogproof *p)
{
	wr_str(w, MAGIC);
	if (p->untrusted_n > 0) {
		wr_str(w, "extra ");
		wr_b64(w, p->untrusted_extra, p->untrusted_n, true);
		wr_u8(w, '\n');
	}
	wr_str(w, "index ");
	wr_dec(w, p->index);
	wr_u8(w, '\n');
	proof_write(w, &p->path);
	wr_u8(w, '\n');
	wr_rdr(w, p->checkpoint);
}

/* see tlogproof.h */
int
tlogproof_verify(const struct tlogproof *p, struct sha256 *h,
    const unsigned char leaf[static HASH_BYTES], struct rd origin,
    const struct tlogpolicy *policy, struct checkpoint *c,
    struct cosigners *who)
{
	size_t log;
	int r;

	if ((r = tlogpolicy_check(policy, p->checkpoint, &log, c, who)) != 0)
		return r;
	if (origin.n > 0 && !rd_eq(origin, c->origin))
		return ERR_CHANGED;
	return proof_inclusion(&p->path, h, leaf, p->index, c->size, c->root);
}
