/* SPDX-License-Identifier: ISC */
/*
 * mailbox.c - out of all replies, those of one codename.
 *
 * Parts are kept as they were opened, one block a reply, and joined after:
 * what is held grows with what was sent to us, never with what a head says.
 * All of it is wiped.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/report/mailbox.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"

#define SHOW_EVERY	256

/* One reply that our seed opened. */
struct opened {
	unsigned char plain[REPLY_PLAIN_BYTES];	/* secret */
	struct reply_part part;			/* its data lies in plain */
	bool ours;		/* named by a statement of our role */
	bool used, taken;	/* seen; the first part of an answer */
};

/* One reading. */
struct reading {
	struct mailbox *m;
	const struct office *o;
	const struct codename_keys *k;
	unsigned char mailbox[HASH_BYTES];
	struct opened **part;			/* in order */
	size_t nparts;
};

static void
opened_free(struct opened *p)
{
	if (p == NULL)
		return;
	sodium_memzero(p, sizeof(*p));
	free(p);
}

static int
keep(struct reading *d, struct opened *p)
{
	struct opened **bigger;

	bigger = realloc(d->part, (d->nparts + 1) * sizeof(*bigger));
	if (bigger == NULL)
		return ERR_NOMEM;
	d->part = bigger;
	d->part[d->nparts++] = p;
	return 0;
}

/* Is it for us?  Then it is kept. */
static int
try_reply(struct reading *d, const struct reply_opener *key,
    const struct letters_reply *reply, enum codename_role role)
{
	struct opened *p = calloc(1, sizeof(*p));
	int r;

	if (p == NULL)
		return ERR_NOMEM;
	r = reply_opener_open(key, p->plain, reply->bytes);
	if (r == ERR_NOMEM)
		goto out;
	if (r != 0) {
		r = 0;				/* somebody else's */
		goto out;
	}
	if (reply_part_parse(&p->part, rd_from(p->plain,
	    sizeof(p->plain))) != 0) {
		d->m->foreign++;
		goto out;
	}
	if (p->part.kind != REPLY_MESSAGE)
		goto out;
	p->ours = role == d->k->role;
	if ((r = keep(d, p)) == 0)
		p = NULL;
out:
	opened_free(p);
	return r;
}

static int
try_all(struct reading *d, const struct letters *l,
    const volatile sig_atomic_t *stop)
{
	const struct letters_reply *p;
	struct reply_opener *key;
	size_t i;
	int r = 0;

	if ((key = reply_opener_new(&d->k->mailbox_id)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < l->nreplies && r == 0; i++) {
		if (i % SHOW_EVERY == 0)
			say_progress("looking", i * (size_t)REPLY_BYTES,
			    l->nreplies * (size_t)REPLY_BYTES);
		if (stop != NULL && *stop != 0)
			r = ERR_ORDER;
		p = &l->reply[i];
		if (r != 0 || p->bytes.n == 0)
			continue;
		d->m->tried++;
		r = try_reply(d, key, p, l->statement[p->statement].role);
	}
	say_progress_end();
	reply_opener_free(key);
	return r;
}

static bool
same_message(const struct opened *a, const struct opened *b)
{
	return a->ours == b->ours && a->part.count == b->part.count &&
	    a->part.bytes == b->part.bytes &&
	    memcmp(a->part.id, b->part.id, MSG_ID_BYTES) == 0 &&
	    memcmp(a->part.sha256, b->part.sha256, HASH_BYTES) == 0;
}

/*
 * All parts of the message that first is one of, into note; they count as
 * used.  False: not all are there, or they do not fit together.
 */
static bool
join(struct reading *d, size_t first, unsigned char *note, struct sha256 *h)
{
	bool have[REPLY_PARTS_MAX] = { false };
	const struct opened *f = d->part[first];
	unsigned char got[HASH_BYTES];
	struct opened *p;
	size_t i, n = 0;

	for (i = first; i < d->nparts; i++) {
		p = d->part[i];
		if (p->used || !same_message(f, p))
			continue;
		p->used = true;
		if (have[p->part.index])
			continue;
		have[p->part.index] = true;
		memcpy(note + (size_t)p->part.index * REPLY_DATA_BYTES,
		    p->part.data.p, p->part.data.n);
		n++;
	}
	if (n != f->part.count)
		return false;
	sha256_update(h, note, (size_t)f->part.bytes);
	sha256_final(h, got);
	return memcmp(got, f->part.sha256, HASH_BYTES) == 0;
}

/* The same note in two statements is one answer. */
static bool
is_repeated(const struct reading *d, size_t first)
{
	size_t i;

	for (i = 0; i < first; i++)
		if (d->part[i]->taken && memcmp(d->part[i]->part.sha256,
		    d->part[first]->part.sha256, HASH_BYTES) == 0)
			return true;
	return false;
}

static int
add_answer(struct reading *d, struct rd json)
{
	struct mailbox *m = d->m;
	struct answer *bigger;
	int r;

	/* Not realloc(3): which parcel was ours would stay behind. */
	if ((bigger = malloc((m->n + 1) * sizeof(*bigger))) == NULL)
		return ERR_NOMEM;
	if (m->n > 0) {
		memcpy(bigger, m->answer, m->n * sizeof(*bigger));
		sodium_memzero(m->answer, m->n * sizeof(*bigger));
	}
	free(m->answer);
	m->answer = bigger;
	r = answer_parse(&m->answer[m->n], json);
	if (r == ERR_NOMEM)
		return r;
	if (r != 0)
		m->unread++;
	else
		m->n++;
	return 0;
}

/* What first and the other parts of its message make. */
static int
take_message(struct reading *d, size_t first, unsigned char *note,
    struct sha256 *h)
{
	struct opened *f = d->part[first];
	struct rd json;

	if (f->used)
		return 0;
	if (!join(d, first, note, h)) {
		d->m->incomplete++;
		return 0;
	}
	if (!f->ours || reply_note_open(&json, rd_from(note,
	    (size_t)f->part.bytes), d->mailbox,
	    &d->o->key[d->k->role]) != 0) {
		d->m->foreign++;
		return 0;
	}
	if (is_repeated(d, first))
		return 0;
	f->taken = true;
	return add_answer(d, json);
}

static int
take_all(struct reading *d)
{
	unsigned char *note = malloc(REPLY_MESSAGE_MAX);
	struct sha256 *h = sha256_new();
	int r = note == NULL || h == NULL ? ERR_NOMEM : 0;
	size_t i;

	for (i = 0; i < d->nparts && r == 0; i++)
		r = take_message(d, i, note, h);
	if (note != NULL)
		sodium_memzero(note, REPLY_MESSAGE_MAX);
	free(note);
	sha256_free(h);
	return r;
}

/* see mailbox.h */
int
mailbox_read(struct mailbox *m, const struct letters *l,
    const struct office *o, const struct codename_keys *k,
    const volatile sig_atomic_t *stop)
{
	struct reading d = { .m = m, .o = o, .k = k };
	size_t i;
	int r;

	memset(m, 0, sizeof(*m));
	reply_mailbox_hash(d.mailbox, &k->mailbox);
	if ((r = try_all(&d, l, stop)) == 0)
		r = take_all(&d);
	for (i = 0; i < d.nparts; i++)
		opened_free(d.part[i]);
	free(d.part);
	return r;
}

/* see mailbox.h */
void
mailbox_wipe(struct mailbox *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		answer_wipe(&m->answer[i]);
	free(m->answer);
	memset(m, 0, sizeof(*m));
}
