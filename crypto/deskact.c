/* SPDX-License-Identifier: ISC */
/*
 * deskact.c - acts of a desk's log: written, read, put in words, shown.
 *
 * Refuses details that are not exactly the fields of their act: what an
 * auditor reads has one meaning.
 *
 * Invariant: parsing what was written gives it back, and writing what was
 * parsed gives the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/deskact.h"
#include "crypto/keyset.h"
#include "crypto/sha256.h"
#include "crypto/tlogproof.h"
#include "crypto/utf8.h"

#define PURPOSE		"ecrdesk/act/v1\n"
#define DAY_LAST	2932896		/* 9999-12-31 */
#define WIDE_MAX	4		/* bytes of a character */

static const struct {
	const char *name, *layout;
} acts[DESKACT_LAST + 1] = {
	[DESKACT_CREATE] = { "create", "s:key " },
	[DESKACT_TRUST] = { "trust", "s:log h:key n:witnesses n:quorum " },
	[DESKACT_IMPORT] = { "import", "n:size h:root n:close n:opened "
	    "n:cases n:follow-ups " },
	[DESKACT_UNWITNESSED] = { "unwitnessed", "n:size h:root n:cosigned "
	    "n:quorum " },
	[DESKACT_OPEN] = { "open", "s:case " },
	[DESKACT_ATTACH] = { "attachments", "s:case n:attachments " },
	[DESKACT_ACKNOWLEDGE] = { "acknowledge", "s:case h:message " },
	[DESKACT_REPLY] = { "reply", "s:case h:message " },
	[DESKACT_EXPORT] = { "export", "n:sequence n:size n:erase n:drop "
	    "h:keyset n:replies " },
	[DESKACT_ERASE] = { "erase", "n:below n:drop s:reason " },
	[DESKACT_DISPOSE] = { "dispose", "s:case n:messages s:reason " },
	[DESKACT_DESTROY] = { "destroy", "s:key d:from d:to " },
	[DESKACT_ROTATE] = { "rotate", "n:keys s:reason " },
	[DESKACT_RECOVER] = { "recover", "n:sequence n:size h:commitment "
	    "n:generation n:acts " },
	[DESKACT_IDENTITIES] = { "identities", "n:keys " },
	[DESKACT_DISCLOSE] = { "disclose", "n:act n:generation " },
	[DESKACT_PEER] = { "peer", "s:key h:public " },
	[DESKACT_BEFORE] = { "erased-before", "n:size h:root n:parcels " },
};

static bool
is_act(unsigned act)
{
	return act >= DESKACT_CREATE && act <= DESKACT_LAST;
}

/* see deskact.h */
const char *
deskact_name(enum deskact act)
{
	return is_act(act) ? acts[act].name : "unknown";
}

/* --- fields ------------------------------------------------------------- */

static bool
text_ok(struct rd s)
{
	uint32_t c;

	if (s.n > DESKACT_STR_MAX)
		return false;
	while (!rd_done(&s))
		if (!utf8_next(&s, &c) || utf8_is_control(c))
			return false;
	return true;
}

/* see deskact.h */
void
deskact_put_str(struct wr *w, const char *s)
{
	unsigned char text[DESKACT_STR_MAX];
	struct rd r = rd_str(s), before, one;
	struct wr t = wr_from(text, sizeof(text));
	uint32_t c;
	bool good;

	while (!rd_done(&r) && t.n + WIDE_MAX <= sizeof(text)) {
		before = r;
		good = utf8_next(&r, &c) && !utf8_is_control(c);
		if (good) {
			one = rd_from(before.p, before.n - r.n);
			wr_rdr(&t, one);
			continue;
		}
		wr_u8(&t, '?');
		if (r.n == before.n && !rd_skip(&r, 1))
			abort();
	}
	wr_u16(w, (uint16_t)t.n);
	wr_bytes(w, text, t.n);
}

/* see deskact.h */
void
deskact_begin(struct deskact_walk *w, const struct deskact_leaf *l)
{
	w->layout = is_act(l->act) ? rd_str(acts[l->act].layout) :
	    rd_from("", 0);
	w->detail = l->detail;
}

static bool
take_value(struct rd *in, struct deskact_field *f)
{
	uint32_t day = 0;

	f->number = 0;
	f->bytes = rd_from("", 0);
	switch (f->kind) {
	case 'n':
		return rd_u64(in, &f->number);
	case 'd':
		if (!rd_u32(in, &day) || day > DAY_LAST)
			return false;
		f->number = day;
		return true;
	case 'h':
		return rd_take(in, &f->bytes, HASH_BYTES);
	default:
		return rd_take16(in, &f->bytes) && text_ok(f->bytes);
	}
}

/* see deskact.h */
bool
deskact_next(struct deskact_walk *w, struct deskact_field *f)
{
	struct rd what;

	if (!rd_until(&w->layout, ' ', &what) || what.n < 2)
		return false;
	f->kind = (char)what.p[0];
	f->name = rd_from(what.p + 2, what.n - 2);
	return take_value(&w->detail, f);
}

/* see deskact.h */
bool
deskact_detail_ok(enum deskact act, struct rd detail)
{
	const struct deskact_leaf l = { .act = act, .detail = detail };
	struct deskact_field f;
	struct deskact_walk w;

	if (!is_act(act) || detail.n > DESKACT_DETAIL_MAX)
		return false;
	deskact_begin(&w, &l);
	while (!rd_done(&w.layout))
		if (!deskact_next(&w, &f))
			return false;
	return rd_done(&w.detail);
}

/* --- leaves ------------------------------------------------------------- */

/* see deskact.h */
void
deskact_write(struct wr *w, const struct deskact_leaf *l)
{
	if (l->day < 0 || l->day > DAY_LAST ||
	    !deskact_detail_ok(l->act, l->detail)) {
		w->over = true;
		return;
	}
	wr_str(w, PURPOSE);
	wr_bytes(w, l->salt, sizeof(l->salt));
	wr_u8(w, (uint8_t)l->act);
	wr_u32(w, (uint32_t)l->day);
	wr_u16(w, (uint16_t)l->detail.n);
	wr_rdr(w, l->detail);
}

/* see deskact.h */
int
deskact_parse(struct deskact_leaf *l, struct rd data)
{
	uint8_t act;
	uint32_t day;

	if (!rd_lit(&data, PURPOSE) ||
	    !rd_copy(&data, l->salt, sizeof(l->salt)) || !rd_u8(&data, &act) ||
	    !rd_u32(&data, &day) || day > DAY_LAST ||
	    !rd_take16(&data, &l->detail) || !rd_done(&data))
		return ERR_FORMAT;
	l->act = (enum deskact)act;
	l->day = (int32_t)day;
	return deskact_detail_ok(l->act, l->detail) ? 0 : ERR_FORMAT;
}

/* see deskact.h */
void
deskact_words(struct wr *w, const struct deskact_leaf *l)
{
	struct deskact_field f;
	struct deskact_walk walk;
	bool first = true;

	deskact_begin(&walk, l);
	while (deskact_next(&walk, &f)) {
		if (!first)
			wr_str(w, ", ");
		first = false;
		wr_rdr(w, f.name);
		wr_u8(w, ' ');
		if (f.kind == 'n')
			wr_dec(w, f.number);
		else if (f.kind == 'd')
			day_write(w, (int32_t)f.number);
		else if (f.kind == 'h')
			wr_hex(w, f.bytes.p, f.bytes.n);
		else
			wr_rdr(w, f.bytes);
	}
}

/* --- shown to an auditor ------------------------------------------------- */

/* see deskact.h */
void
deskact_origin(struct wr *w, const struct vkey *k, uint64_t generation)
{
	wr_str(w, k->name);
	wr_str(w, "/desk/");
	wr_dec(w, generation);
}

/* see deskact.h */
int
deskact_show(struct wr *w,
    const unsigned char random[static DESKACT_RANDOM_BYTES], struct rd leaf,
    uint64_t index, const struct proof *path, struct rd checkpoint)
{
	struct tlogproof *p;
	struct wr extra;
	int r = ERR_LIMIT;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_NOMEM;
	extra = wr_from(p->untrusted_extra, sizeof(p->untrusted_extra));
	wr_bytes(&extra, random, DESKACT_RANDOM_BYTES);
	wr_rdr(&extra, leaf);
	p->untrusted_n = extra.n;
	p->index = index;
	p->path = *path;
	p->checkpoint = checkpoint;
	if (wr_ok(&extra)) {
		tlogproof_write(w, p);
		r = wr_ok(w) ? 0 : ERR_LIMIT;
	}
	free(p);
	return r;
}

/* What the origin says after the key's name. */
static int
read_generation(uint64_t *generation, struct rd origin, const struct vkey *k)
{
	return rd_lit(&origin, k->name) && rd_lit(&origin, "/desk/") &&
	    rd_dec(origin, TREE_SIZE_MAX, generation) ? 0 : ERR_FORMAT;
}

/* The extra data, which nothing vouches for yet. */
static int
take_extra(struct deskact_shown *s, const struct tlogproof *p,
    struct rd *leaf)
{
	struct rd extra;

	if (p->untrusted_n > sizeof(s->untrusted))
		return ERR_FORMAT;
	memcpy(s->untrusted, p->untrusted_extra, p->untrusted_n);
	extra = rd_from(s->untrusted, p->untrusted_n);
	if (!rd_skip(&extra, DESKACT_RANDOM_BYTES))
		return ERR_FORMAT;
	*leaf = extra;
	return deskact_parse(&s->leaf, extra);
}

static void
commitment_of(struct deskact_shown *s, struct sha256 *h, struct rd checkpoint)
{
	sha256_reset(h);
	sha256_update(h, s->untrusted, DESKACT_RANDOM_BYTES);
	sha256_update(h, checkpoint.p, checkpoint.n);
	sha256_final(h, s->commitment);
}

/* see deskact.h */
int
deskact_check(struct deskact_shown *s, uint64_t *generation, struct rd file,
    const struct vkey *k)
{
	unsigned char hash[HASH_BYTES];
	struct tlogproof *p = NULL;
	struct sha256 *h = NULL;
	struct rd leaf;
	struct note n;
	int r = ERR_NOMEM;

	if ((p = calloc(1, sizeof(*p))) == NULL || (h = sha256_new()) == NULL)
		goto out;
	if ((r = tlogproof_parse(p, file)) != 0 ||
	    (r = take_extra(s, p, &leaf)) != 0 ||
	    (r = note_open(&n, p->checkpoint, k)) != 0 ||
	    (r = checkpoint_parse(&s->checkpoint, n.text)) != 0 ||
	    (r = read_generation(generation, s->checkpoint.origin, k)) != 0)
		goto out;
	s->index = p->index;
	tree_leaf(h, hash, leaf);
	if ((r = proof_inclusion(&p->path, h, hash, p->index,
	    s->checkpoint.size, s->checkpoint.root)) != 0)
		goto out;
	commitment_of(s, h, p->checkpoint);
out:
	sha256_free(h);
	free(p);
	return r;
}
