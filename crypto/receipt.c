/* SPDX-License-Identifier: ISC */
/*
 * receipt.c - the log's signed promise for one parcel.
 *
 * One is signed for each parcel that comes, so it is not verified here: the
 * client that asked for it does that, and takes none that is wrong.
 */
#include "crypto/base.h"
#include "crypto/receipt.h"

#define SUFFIX	"/receipt"
#define TEXT_MAX (NAME_MAX_BYTES + 128)

/* see receipt.h */
int
receipt_sign(struct wr *w, const struct receipt *rc, const struct vkey *k,
    const unsigned char sk[static 64])
{
	unsigned char text[TEXT_MAX];
	struct wr t = wr_from(text, sizeof(text));

	if (rc->close > INT64_MAX)
		return ERR_FORMAT;
	wr_str(&t, k->name);
	wr_str(&t, SUFFIX "\n");
	wr_hex(&t, rc->digest, sizeof(rc->digest));
	wr_u8(&t, '\n');
	wr_dec(&t, rc->close);
	wr_u8(&t, '\n');
	if (!wr_ok(&t))
		return ERR_LIMIT;
	return note_sign_unchecked(w, wr_rd(&t), k, sk);
}

/* see receipt.h */
int
receipt_open(struct receipt *rc, struct rd bytes, const struct vkey *k)
{
	struct rd text, digest, close;
	struct note n;
	int r;

	if (bytes.n > RECEIPT_MAX_BYTES)
		return ERR_FORMAT;
	if ((r = note_open(&n, bytes, k)) != 0)
		return r;
	text = n.text;
	if (!rd_lit(&text, k->name) || !rd_lit(&text, SUFFIX "\n") ||
	    !rd_line(&text, &digest) ||
	    !hex_decode(rc->digest, sizeof(rc->digest), digest) ||
	    !rd_line(&text, &close) ||
	    !rd_dec(close, INT64_MAX, &rc->close) || !rd_done(&text))
		return ERR_FORMAT;
	return 0;
}

/* see receipt.h */
int
receipt_next(struct rd *all, struct rd *note)
{
	struct rd left = *all, line;

	do {
		if (!rd_line(&left, &line))
			return ERR_FORMAT;
	} while (!rd_lit(&line, "\xe2\x80\x94 "));
	*note = rd_from(all->p, all->n - left.n);
	*all = left;
	if (left.n > 0 && !rd_lit(all, "\n"))
		return ERR_FORMAT;
	return left.n > 0 && rd_done(all) ? ERR_FORMAT : 0;
}
