/* SPDX-License-Identifier: ISC */
/*
 * disclosed_attached.c - the attachments of a proof of disclosure: their
 * digests stand in the JSON, which is known only when all was read once.
 */
#include <string.h>

#include <sodium.h>

#include "client/common/disclosed_int.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"

/* Attachments, one after the other, as the message goes by. */
struct attached {
	const struct reading *g;
	struct sha256 *h;
	size_t i, n;
	uint64_t left;			/* of the one at hand */
	struct msgjson_attachment a;
};

/* The next one begins; those without bytes end at once. */
static bool
attached_next(struct attached *t)
{
	unsigned char now[HASH_BYTES];

	while (t->left == 0 && t->i < t->n) {
		if (t->a.name != NULL) {
			sha256_final(t->h, now);
			if (memcmp(now, t->a.sha256, HASH_BYTES) != 0)
				return false;
			t->i++;
		}
		if (t->i == t->n)
			break;
		msgjson_attachment(t->g->d->message, t->i, &t->a);
		t->left = t->a.bytes;
	}
	return true;
}

static bool
attached_push(struct attached *t, struct rd bytes)
{
	struct rd piece;

	while (!rd_done(&bytes)) {
		if (!attached_next(t) || t->i == t->n ||
		    !rd_take(&bytes, &piece, t->left < bytes.n ?
		    (size_t)t->left : bytes.n))
			return false;
		sha256_update(t->h, piece.p, piece.n);
		t->left -= piece.n;
	}
	return attached_next(t);
}

/* What of this part is attachments' bytes. */
static struct rd
attached_in(const struct reading *g, const struct part *p)
{
	uint64_t at = (uint64_t)p->index * PART_DATA_BYTES;
	uint64_t from = g->view.attachments_at;
	uint64_t to = from + g->view.attachments_bytes;
	struct rd data = p->data, piece = { NULL, 0 };

	if (to <= at || from >= at + data.n)
		return piece;
	if (from > at && !rd_skip(&data, (size_t)(from - at)))
		return piece;
	at = from > at ? from : at;
	if (!rd_take(&data, &piece, to - at < data.n ? (size_t)(to - at) :
	    data.n))
		piece.n = 0;
	return piece;
}

/* see disclosed_int.h */
int
reading_attached(struct reading *g)
{
	struct attached t = { .g = g,
	    .n = msgjson_attachments(g->d->message) };
	struct disclosure_part p;
	struct part part;
	uint16_t parts;
	size_t i, n;
	bool good;
	int code;

	if ((code = reading_restart(g, &parts)) != 0)
		return code;
	if ((t.h = sha256_new()) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	good = attached_next(&t);
	for (i = 0; i < g->d->parts && code == 0 && good; i++) {
		if ((code = reading_part(g, i, &p)) != 0)
			break;
		good = age_open_key(g->plain, sizeof(g->plain), &n,
		    p.file_key, p.parcel) == 0 &&
		    part_parse(&part, rd_from(g->plain, n)) == 0 &&
		    attached_push(&t, attached_in(g, &part));
	}
	sha256_free(t.h);
	sodium_memzero(&p, sizeof(p));
	sodium_memzero(&part, sizeof(part));
	if (code == 0 && (!good || t.i < t.n))
		return fail(EXIT_CLAIM, "an attachment is not what the "
		    "message says of it");
	return code;
}
