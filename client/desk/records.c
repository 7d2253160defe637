/* SPDX-License-Identifier: ISC */
/*
 * records.c - what the desk's records say.
 *
 * Invariant: for each record, parsing what was written gives it back, and
 * writing what was parsed gives the same bytes.
 */
#include <ctype.h>
#include <string.h>

#include "client/desk/records.h"

/* --- small pieces ------------------------------------------------------- */

static bool
take_version(struct rd *r)
{
	uint8_t v;

	return rd_u8(r, &v) && v == RECORDS_VERSION;
}

static bool
take_bool(struct rd *r, bool *b)
{
	uint8_t v;

	if (!rd_u8(r, &v) || v > 1)
		return false;
	*b = v == 1;
	return true;
}

static bool
take_str(struct rd *r, char *out, size_t cap)
{
	struct rd s;

	if (!rd_take16(r, &s) || s.n >= cap ||
	    (s.n > 0 && memchr(s.p, 0, s.n) != NULL))
		return false;
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static void
put_str(struct wr *w, const char *s)
{
	wr_u16(w, (uint16_t)strlen(s));
	wr_str(w, s);
}

/* see records.h */
const char *
problem_words(enum problem_why why)
{
	switch (why) {
	case WHY_PARCEL:
		return "not a parcel";
	case WHY_PAYLOAD:
		return "addressed to us, but its payload is damaged";
	case WHY_PART:
		return "opened, but what is inside is not part of a message";
	case WHY_DISAGREES:
		return "disagrees with a part that came before it";
	case WHY_SLOTS:
		return "sealed to a key this desk does not know, too";
	case WHY_HASH:
		return "the message is not what its parts promised";
	case WHY_FRAME:
		return "the lengths inside the message do not fit";
	case WHY_JSON:
		return "the message's form cannot be read";
	case WHY_AUTHOR:
		return "the author's signature does not hold";
	case WHY_ATTACHMENT:
		return "an attachment is not what the message says";
	case WHY_ORPHAN:
		return "a follow-up to no case of this desk";
	case WHY_INCOMPLETE:
		return "parts of the message are missing";
	case WHY_STATEMENT:
		return "no statement of the office, or one that its key did "
		    "not sign";
	case WHY_REPLIES:
		return "a statement of this desk, and the log lacks replies "
		    "that it names: the server has dropped them";
	}
	return "unknown";
}

/* --- state and trust ---------------------------------------------------- */

static void
tally_write(struct wr *w, const struct tally *t)
{
	wr_u64(w, t->entries);
	wr_u64(w, t->parcels);
	wr_u64(w, t->opened);
	wr_u64(w, t->unopened);
	wr_u64(w, t->repeated);
	wr_u64(w, t->malformed);
	wr_u64(w, t->hostile);
	wr_u64(w, t->odd);
	wr_u64(w, t->cases);
	wr_u64(w, t->followups);
}

static bool
tally_take(struct rd *r, struct tally *t)
{
	return rd_u64(r, &t->entries) && rd_u64(r, &t->parcels) &&
	    rd_u64(r, &t->opened) && rd_u64(r, &t->unopened) &&
	    rd_u64(r, &t->repeated) && rd_u64(r, &t->malformed) &&
	    rd_u64(r, &t->hostile) && rd_u64(r, &t->odd) &&
	    rd_u64(r, &t->cases) && rd_u64(r, &t->followups);
}

/* see records.h */
void
state_write(struct wr *w, const struct state *s)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, s->groups);
	wr_u64(w, s->cases);
	wr_u64(w, s->settled);
	wr_u64(w, s->last_close);
	wr_u64(w, s->last_from);
	wr_u64(w, s->keyset_sequence);
	wr_u64(w, s->cases_told);
	wr_u64(w, s->problems);
	tally_write(w, &s->since);
}

/* see records.h */
int
state_parse(struct state *s, struct rd r)
{
	memset(s, 0, sizeof(*s));
	if (!take_version(&r) || !rd_u64(&r, &s->groups) ||
	    !rd_u64(&r, &s->cases) || !rd_u64(&r, &s->settled) ||
	    !rd_u64(&r, &s->last_close) || !rd_u64(&r, &s->last_from) ||
	    !rd_u64(&r, &s->keyset_sequence) || !rd_u64(&r, &s->cases_told) ||
	    !rd_u64(&r, &s->problems) || !tally_take(&r, &s->since) ||
	    !rd_done(&r) || s->cases_told > s->cases ||
	    s->settled > s->groups)
		return ERR_FORMAT;
	return 0;
}

/* see records.h */
void
trust_write(struct wr *w, const struct trust *t)
{
	unsigned char line[1024];
	struct wr v = wr_from(line, sizeof(line));

	if (t->has_log)
		vkey_write(&v, &t->log);
	wr_u8(w, RECORDS_VERSION);
	wr_u8(w, t->has_log);
	wr_u32(w, t->quorum);
	wr_u32(w, (uint32_t)t->nwitnesses);
	wr_u16(w, (uint16_t)v.n);
	wr_bytes(w, line, v.n);
}

/* see records.h */
int
trust_parse(struct trust *t, struct rd r)
{
	uint32_t quorum, n;
	struct rd line;

	memset(t, 0, sizeof(*t));
	if (!take_version(&r) || !take_bool(&r, &t->has_log) ||
	    !rd_u32(&r, &quorum) || !rd_u32(&r, &n) ||
	    n > KEYSET_WITNESSES_MAX || quorum > n ||
	    !rd_take16(&r, &line) || !rd_done(&r))
		return ERR_FORMAT;
	t->quorum = quorum;
	t->nwitnesses = n;
	if (!t->has_log)
		return line.n == 0 ? 0 : ERR_FORMAT;
	return vkey_parse(&t->log, line);
}

/* --- messages and parts ------------------------------------------------- */

/* see records.h */
bool
group_has(const struct group *g, uint16_t index)
{
	return (g->present[index / 8] >> (index % 8) & 1) != 0;
}

/* see records.h */
void
group_set(struct group *g, uint16_t index)
{
	g->present[index / 8] =
	    (unsigned char)(g->present[index / 8] | 1u << index % 8);
}

/* see records.h */
void
group_write(struct wr *w, const struct group *g)
{
	wr_u8(w, RECORDS_VERSION);
	wr_bytes(w, g->id, sizeof(g->id));
	wr_bytes(w, g->sha256, sizeof(g->sha256));
	wr_u64(w, g->bytes);
	wr_u16(w, g->count);
	wr_u16(w, g->have);
	wr_u8(w, (uint8_t)g->state);
	wr_u8(w, g->why);
	wr_u8(w, g->odd);
	wr_u8(w, g->variants);
	wr_u64(w, g->from);
	wr_u64(w, g->close);
	wr_u64(w, g->case_no);
	wr_bytes(w, g->digest, sizeof(g->digest));
	wr_bytes(w, g->present, sizeof(g->present));
}

/* The bits are as many as have says, and none lies behind count. */
static bool
bits_fit(const struct group *g)
{
	size_t i, n = 0;

	for (i = 0; i < PARCEL_PARTS_MAX; i++) {
		if (!group_has(g, (uint16_t)i))
			continue;
		if (i >= g->count)
			return false;
		n++;
	}
	return n == g->have;
}

/* see records.h */
int
group_parse(struct group *g, struct rd r)
{
	uint8_t state;

	memset(g, 0, sizeof(*g));
	if (!take_version(&r) || !rd_copy(&r, g->id, sizeof(g->id)) ||
	    !rd_copy(&r, g->sha256, sizeof(g->sha256)) ||
	    !rd_u64(&r, &g->bytes) || !rd_u16(&r, &g->count) ||
	    !rd_u16(&r, &g->have) || !rd_u8(&r, &state) ||
	    state < GROUP_OPEN || state > GROUP_ORPHAN ||
	    !rd_u8(&r, &g->why) || g->why > WHY_LAST ||
	    !take_bool(&r, &g->odd) || !rd_u8(&r, &g->variants) ||
	    g->variants > VARIANTS_MAX || !rd_u64(&r, &g->from) ||
	    !rd_u64(&r, &g->close) || !rd_u64(&r, &g->case_no) ||
	    !rd_copy(&r, g->digest, sizeof(g->digest)) ||
	    !rd_copy(&r, g->present, sizeof(g->present)) || !rd_done(&r) ||
	    g->count == 0 || g->count != part_count(g->bytes) ||
	    !bits_fit(g))
		return ERR_FORMAT;
	g->state = (enum group_state)state;
	return 0;
}

/* see records.h */
void
part_rec_write(struct wr *w, const struct part_rec *p)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, p->leaf);
	wr_u64(w, p->close);
	wr_bytes(w, p->digest, sizeof(p->digest));
	wr_rdr(w, p->data);
}

/* see records.h */
int
part_rec_parse(struct part_rec *p, struct rd r)
{
	memset(p, 0, sizeof(*p));
	if (!take_version(&r) || !rd_u64(&r, &p->leaf) ||
	    !rd_u64(&r, &p->close) ||
	    !rd_copy(&r, p->digest, sizeof(p->digest)) || r.n == 0 ||
	    r.n > PART_DATA_BYTES)
		return ERR_FORMAT;
	p->data = r;
	return 0;
}

/* --- cases -------------------------------------------------------------- */

/* see records.h */
void
caserec_write(struct wr *w, const struct caserec *c)
{
	wr_u8(w, RECORDS_VERSION);
	put_str(w, c->ref);
	put_str(w, c->kind);
	put_str(w, c->submission);
	put_str(w, c->category);
	put_str(w, c->status);
	put_str(w, c->language);
	wr_u64(w, c->from);
	wr_u64(w, c->close);
	wr_u32(w, c->messages);
	wr_u32(w, c->attachments);
	wr_u64(w, c->attachment_bytes);
	wr_bytes(w, c->mailbox, sizeof(c->mailbox));
	wr_bytes(w, c->author, sizeof(c->author));
}

/* see records.h */
int
caserec_parse(struct caserec *c, struct rd r)
{
	memset(c, 0, sizeof(*c));
	if (!take_version(&r) || !take_str(&r, c->ref, sizeof(c->ref)) ||
	    !take_str(&r, c->kind, sizeof(c->kind)) ||
	    !take_str(&r, c->submission, sizeof(c->submission)) ||
	    !take_str(&r, c->category, sizeof(c->category)) ||
	    !take_str(&r, c->status, sizeof(c->status)) ||
	    !take_str(&r, c->language, sizeof(c->language)) ||
	    !rd_u64(&r, &c->from) || !rd_u64(&r, &c->close) ||
	    !rd_u32(&r, &c->messages) || !rd_u32(&r, &c->attachments) ||
	    !rd_u64(&r, &c->attachment_bytes) ||
	    !rd_copy(&r, c->mailbox, sizeof(c->mailbox)) ||
	    !rd_copy(&r, c->author, sizeof(c->author)) || !rd_done(&r))
		return ERR_FORMAT;
	return 0;
}

/* see records.h */
void
caseentry_write(struct wr *w, const struct caseentry *e)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u64(w, e->group_no);
	wr_u64(w, e->close);
	wr_u8(w, e->followup);
}

/* see records.h */
int
caseentry_parse(struct caseentry *e, struct rd r)
{
	memset(e, 0, sizeof(*e));
	if (!take_version(&r) || !rd_u64(&r, &e->group_no) ||
	    !rd_u64(&r, &e->close) || !take_bool(&r, &e->followup) ||
	    !rd_done(&r))
		return ERR_FORMAT;
	return 0;
}

/* see records.h */
void
writer_write(struct wr *w, const struct writer *a)
{
	wr_u8(w, RECORDS_VERSION);
	wr_bytes(w, a->mailbox, sizeof(a->mailbox));
	wr_bytes(w, a->author, sizeof(a->author));
}

/* see records.h */
int
writer_parse(struct writer *a, struct rd r)
{
	if (!take_version(&r) ||
	    !rd_copy(&r, a->mailbox, sizeof(a->mailbox)) ||
	    !rd_copy(&r, a->author, sizeof(a->author)) || !rd_done(&r))
		return ERR_FORMAT;
	return 0;
}

/* see records.h */
void
problem_write(struct wr *w, const struct problem *p)
{
	wr_u8(w, RECORDS_VERSION);
	wr_u8(w, (uint8_t)p->why);
	wr_bytes(w, p->digest, sizeof(p->digest));
}

/* see records.h */
int
problem_parse(struct problem *p, struct rd r)
{
	uint8_t why;

	memset(p, 0, sizeof(*p));
	if (!take_version(&r) || !rd_u8(&r, &why) || why == 0 ||
	    why > WHY_LAST || !rd_copy(&r, p->digest, sizeof(p->digest)) ||
	    !rd_done(&r))
		return ERR_FORMAT;
	p->why = (enum problem_why)why;
	return 0;
}

/* --- case references ---------------------------------------------------- */

/* Nothing that is mistaken for something else, read or heard. */
static const char ref_letters[] = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
#define REF_LETTERS	(sizeof(ref_letters) - 1)
#define REF_PREFIX	"ECR-"
#define REF_TAIL	4

/* "2026" */
static void
write_year(struct wr *w, int32_t day)
{
	char date[16];
	struct wr d = wr_from(date, sizeof(date));

	day_write(&d, day);
	wr_bytes(w, date, 4);
}

/* see records.h */
void
case_ref_make(char out[static CASE_REF_CHARS], int32_t day,
    const unsigned char hash[static 8])
{
	struct wr w = wr_from(out, CASE_REF_CHARS);
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < 8; i++)
		v = v << 8 | hash[i];
	wr_str(&w, REF_PREFIX);
	write_year(&w, day);
	wr_u8(&w, '-');
	for (i = 0; i < REF_TAIL; i++, v /= REF_LETTERS)
		wr_u8(&w, (uint8_t)ref_letters[v % REF_LETTERS]);
	if (!wr_cstr(&w))
		out[0] = '\0';
}

/* see records.h */
bool
case_ref_read(char out[static CASE_REF_CHARS], const char *typed,
    int32_t today)
{
	char up[CASE_REF_CHARS];
	struct wr w = wr_from(out, CASE_REF_CHARS);
	size_t i, n = strlen(typed);

	if (n >= sizeof(up))
		return false;
	for (i = 0; i <= n; i++)
		up[i] = (char)toupper((unsigned char)typed[i]);
	if (n == REF_TAIL) {			/* "k7qf": this year's */
		wr_str(&w, REF_PREFIX);
		write_year(&w, today);
		wr_u8(&w, '-');
	} else if (n == REF_TAIL + 5) {		/* "2026-k7qf" */
		wr_str(&w, REF_PREFIX);
	}
	wr_str(&w, up);
	return wr_cstr(&w) &&
	    strlen(out) == strlen(REF_PREFIX) + 5 + REF_TAIL &&
	    strspn(out + strlen(REF_PREFIX) + 5, ref_letters) == REF_TAIL;
}
