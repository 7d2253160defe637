/* SPDX-License-Identifier: ISC */
/*
 * intake.c - one parcel of the log.
 *
 * Every live key is tried on every parcel, the likely ones first: what opens
 * with none of them is cover, or another role's, and looks the same.
 *
 * Invariant: a part that is stored is never overwritten.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/desk.h"
#include "client/desk/intake.h"
#include "crypto/hpke.h"
#include "crypto/parcel.h"
#include "crypto/secret.h"

#define GRACE_DAYS	14	/* a key is sealed to a little longer */

/* What opens a parcel; in locked memory. */
struct opener {
	struct age_identity id[DESKKEYS_MAX];
	struct hpke_key *key[DESKKEYS_MAX];	/* of the same; owned */
};

struct intake {
	struct deskdb *db;
	struct state *st;
	size_t n;
	struct opener *open;
	struct age_recipient *rc;	/* of the same key */
	struct deskkey *when;		/* its days; seeds are not copied */
	int32_t day;			/* for which the keys are sorted */
	unsigned char *plain;		/* in locked memory */
};

static struct opener *
open_new(void)
{
	struct opener *o = secret_new(sizeof(*o));

	if (o != NULL)
		memset(o, 0, sizeof(*o));
	return o;
}

static void
open_free(struct opener *o)
{
	size_t i;

	for (i = 0; o != NULL && i < DESKKEYS_MAX; i++)
		hpke_key_free(o->key[i]);
	secret_free(o);
}

/* see intake.h */
int
intake_new(struct intake **out, struct deskdb *db,
    const struct deskkeys *keys, struct state *st)
{
	struct intake *in = NULL;
	size_t i;
	int r = ERR_NOMEM;

	*out = NULL;
	if ((in = calloc(1, sizeof(*in))) == NULL ||
	    (in->open = open_new()) == NULL ||
	    (in->plain = secret_new(PARCEL_PLAIN_BYTES)) == NULL ||
	    (in->rc = calloc(keys->n + 1, sizeof(*in->rc))) == NULL ||
	    (in->when = calloc(keys->n + 1, sizeof(*in->when))) == NULL)
		goto out;
	in->db = db;
	in->st = st;
	in->n = keys->n;
	in->day = -1;
	for (i = 0; i < keys->n; i++) {
		in->open->id[i].kind = AGE_HYBRID;
		memcpy(in->open->id[i].seed, keys->key[i].seed, SEED_BYTES);
		if ((in->open->key[i] = hpke_key_new(keys->key[i].seed)) ==
		    NULL) {
			r = ERR_NOMEM;
			goto out;
		}
		in->when[i].kind = keys->key[i].kind;
		in->when[i].from = keys->key[i].from;
		in->when[i].to = keys->key[i].to;
		if ((r = hpke_public(in->rc[i].pk, keys->key[i].seed)) != 0)
			goto out;
	}
	*out = in;
	in = NULL;
	r = 0;
out:
	intake_free(in);
	return r;
}

/* see intake.h */
void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	open_free(in->open);
	secret_free(in->plain);
	free(in->rc);
	free(in->when);
	free(in);
}

/* see intake.h */
int
problem_note(struct deskdb *db, struct state *st, enum problem_why why,
    const unsigned char digest[static HASH_BYTES])
{
	struct problem p;

	if (++st->problems > PROBLEMS_MAX)
		return 0;		/* "and N more" */
	p.why = why;
	memcpy(p.digest, digest, HASH_BYTES);
	return store_put_problem(db, st->problems, &p);
}

static void
swap_keys(struct intake *in, size_t a, size_t b)
{
	struct age_identity id = in->open->id[a];
	struct hpke_key *key = in->open->key[a];
	struct age_recipient rc = in->rc[a];
	struct deskkey when = in->when[a];

	in->open->id[a] = in->open->id[b];
	in->open->key[a] = in->open->key[b];
	in->rc[a] = in->rc[b];
	in->when[a] = in->when[b];
	in->open->id[b] = id;
	in->open->key[b] = key;
	in->rc[b] = rc;
	in->when[b] = when;
	sodium_memzero(&id, sizeof(id));
}

/* Puts the keys first that a parcel of this day was likely sealed to. */
static void
sort_keys(struct intake *in, int32_t day)
{
	const struct deskkey *k;
	size_t i, first = 0;

	if (day == in->day)
		return;
	in->day = day;
	for (i = 0; i < in->n; i++) {
		k = &in->when[i];
		if (k->kind == DESKKEY_WEEK && day >= k->from &&
		    day <= k->to + GRACE_DAYS)
			swap_keys(in, i, first++);
	}
}

/*
 * The likely keys on all four stanzas before any other key on one: a parcel
 * of ours is open after two or three tries, and most are nobody's.
 */
static int
try_keys(struct intake *in, struct rd body,
    unsigned char file_key[static AGE_FILE_KEY_BYTES], size_t *which)
{
	int r;

	if ((r = parcel_check(body)) != 0 ||
	    (r = parcel_try(in->open->key, in->n, body, which)) != 0)
		return r;
	return parcel_open(in->plain, &in->open->id[*which], 1, body,
	    file_key, NULL);
}

/* Did the sealer tell the truth about who else can open it? */
static int
check_slots(struct intake *in, size_t which,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], struct rd body,
    bool *odd)
{
	int slots[PARCEL_SLOTS];
	size_t i, n;
	int r;

	/* Nearly always one slot is ours and three are decoys. */
	for (n = 1;; n = in->n) {
		r = parcel_slots(slots, in->plain, file_key,
		    n == 1 ? &in->rc[which] : in->rc, n, body);
		if (r == ERR_NOMEM)
			return r;
		*odd = r != 0;
		for (i = 0; r == 0 && i < PARCEL_SLOTS; i++)
			if (slots[i] == SLOT_UNKNOWN)
				*odd = true;
		if (!*odd || n == in->n)
			return 0;
	}
}

/* The group a part is in; a new one where there is none. */
static int
find_group(struct intake *in, const struct part *p, const struct entry *e,
    uint64_t from, uint64_t *no, struct group *g)
{
	int r;

	r = store_find_group(in->db, p, no);
	if (r == 0)
		return store_get_group(in->db, *no, g);
	if (r != ERR_NOTFOUND)
		return r;
	*no = ++in->st->groups;
	memset(g, 0, sizeof(*g));
	memcpy(g->id, p->id, sizeof(g->id));
	memcpy(g->sha256, p->sha256, sizeof(g->sha256));
	g->bytes = p->bytes;
	g->count = p->count;
	g->state = GROUP_OPEN;
	g->from = from;
	g->close = e->close;
	memcpy(g->digest, e->digest, HASH_BYTES);
	return store_put_group_index(in->db, p, *no);
}

/*
 * Is this part here already, as one that counts or as a variant?  *next is
 * the first variant's number that is free.
 */
static int
is_known(struct intake *in, uint64_t no, const struct part *p, bool *known,
    unsigned *next)
{
	struct part_rec old;
	unsigned v;
	int r;

	*known = false;
	for (v = 0; v <= VARIANTS_MAX; v++) {
		r = store_get_part(in->db, no, p->index, v, &old);
		if (r == ERR_NOTFOUND)
			break;
		if (r != 0)
			return r;
		if (old.data.n == p->data.n &&
		    sodium_memcmp(old.data.p, p->data.p, p->data.n) == 0) {
			*known = true;
			break;
		}
	}
	*next = v;
	return 0;
}

static void
fill_part(struct part_rec *rec, const struct part *p, uint64_t leaf,
    const struct entry *e)
{
	rec->leaf = leaf;
	rec->close = e->close;
	memcpy(rec->digest, e->digest, HASH_BYTES);
	rec->data = p->data;
}

/*
 * A part whose place is taken: the same again, or one that disagrees.  Who
 * is right shows when the message is whole, so both are kept.
 */
static int
meet_again(struct intake *in, uint64_t no, struct group *g,
    const struct part *p, uint64_t leaf, const struct entry *e)
{
	struct part_rec rec;
	unsigned next;
	bool known;
	int r;

	if ((r = is_known(in, no, p, &known, &next)) != 0)
		return r;
	if (known) {
		in->st->since.repeated++;
		return 0;
	}
	in->st->since.hostile++;
	if ((r = problem_note(in->db, in->st, WHY_DISAGREES,
	    e->digest)) != 0)
		return r;
	if (g->state == GROUP_FILED || g->variants == VARIANTS_MAX)
		return 0;
	fill_part(&rec, p, leaf, e);
	if ((r = store_put_part(in->db, no, p->index, next, &rec)) != 0)
		return r;
	g->variants++;
	g->state = GROUP_OPEN;		/* perhaps now it is whole */
	if (in->st->settled >= no)
		in->st->settled = no - 1;
	return store_put_group(in->db, no, g);
}

static int
store_part(struct intake *in, const struct part *p, uint64_t leaf,
    const struct entry *e, uint64_t from, bool odd)
{
	struct part_rec rec;
	struct group g;
	uint64_t no;
	int r;

	if ((r = find_group(in, p, e, from, &no, &g)) != 0)
		return r;
	if (group_has(&g, p->index))
		return meet_again(in, no, &g, p, leaf, e);
	fill_part(&rec, p, leaf, e);
	if ((r = store_put_part(in->db, no, p->index, 0, &rec)) != 0)
		return r;
	group_set(&g, p->index);
	g.have++;
	g.odd = g.odd || odd;
	if (from < g.from)
		g.from = from;
	if (e->close > g.close)
		g.close = e->close;
	in->st->since.opened++;
	return store_put_group(in->db, no, &g);
}

static int
malformed(struct intake *in, enum problem_why why, const struct entry *e)
{
	in->st->since.malformed++;
	return problem_note(in->db, in->st, why, e->digest);
}

/* What a parcel had inside. */
static int
take_plain(struct intake *in, size_t which,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], uint64_t leaf,
    const struct entry *e, uint64_t from, struct rd body)
{
	struct part p;
	bool odd;
	int r;

	if (part_parse(&p, rd_from(in->plain, PARCEL_PLAIN_BYTES)) != 0)
		return malformed(in, WHY_PART, e);
	if ((r = check_slots(in, which, file_key, body, &odd)) != 0)
		goto out;
	if (odd) {
		in->st->since.odd++;
		if ((r = problem_note(in->db, in->st, WHY_SLOTS,
		    e->digest)) != 0)
			goto out;
	}
	r = store_part(in, &p, leaf, e, from, odd);
out:
	sodium_memzero(&p, sizeof(p));
	return r;
}

/* see intake.h */
int
intake_parcel(struct intake *in, uint64_t leaf, const struct entry *e,
    uint64_t from, struct rd body)
{
	unsigned char file_key[AGE_FILE_KEY_BYTES];
	size_t which = 0;
	int r;

	in->st->since.parcels++;
	sort_keys(in, desk_day(from));
	r = try_keys(in, body, file_key, &which);
	switch (r) {
	case 0:
		r = take_plain(in, which, file_key, leaf, e, from, body);
		break;
	case ERR_NOMATCH:
		in->st->since.unopened++;
		r = 0;
		break;
	case ERR_AUTH:
	case ERR_PAYLOAD:
		r = malformed(in, WHY_PAYLOAD, e);
		break;
	case ERR_NOMEM:
		break;
	default:
		r = malformed(in, WHY_PARCEL, e);
		break;
	}
	sodium_memzero(in->plain, PARCEL_PLAIN_BYTES);
	sodium_memzero(file_key, sizeof(file_key));
	return r;
}
