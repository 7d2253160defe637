/* SPDX-License-Identifier: ISC */
/*
 * conn_request.c - what a request asks for, and the answer; see conn.h.
 *
 * A parcel is refused on its head wherever the head is enough: length, then
 * work, then room, so that a stranger pays before a slot is given.  What the
 * body is worth is for the store to say; here only its shape is looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/work.h"
#include "crypto/wr.h"
#include "server/conn_int.h"
#include "server/slots.h"

/* What lies in the published object. */
static const struct serve {
	enum published_kind kind;
	enum answer_type type;
} serves[] = {
	[ROUTE_POLICY] = { PUB_POLICY, ANSWER_JSON },
	[ROUTE_KEYSET] = { PUB_KEYSET, ANSWER_TEXT },
	[ROUTE_REPLIES] = { PUB_REPLIES, ANSWER_BYTES },
	[ROUTE_CHECKPOINT] = { PUB_CHECKPOINT, ANSWER_TEXT },
};

/* What the store is asked for. */
static const struct fetch {
	enum ipc_kind kind;
	enum answer_type type;
	bool immutable, token;
} fetches[] = {
	[ROUTE_TILE] = { GET_TILE, ANSWER_BYTES, true, false },
	[ROUTE_STATEMENT] = { GET_STATEMENT, ANSWER_TEXT, false, false },
	[ROUTE_PARCEL] = { GET_PARCEL, ANSWER_BYTES, false, true },
};

static const char *const health_words[] = {
	[HEALTH_OK] = "ok\n",
	[HEALTH_CLOCK_BEHIND] = "the clock is behind the last close\n",
	[HEALTH_CLOCK_AHEAD] = "the clock has jumped ahead\n",
	[HEALTH_NEARLY_FULL] = "nearly full\n",
	[HEALTH_FULL] = "full\n",
	[HEALTH_DISK] = "disk\n",
	[HEALTH_WITNESS] = ("a witness has seen more than this server: nothing "
	    "is signed\n"),
	[HEALTH_LOST] = ("a parcel that was promised cannot be read: no epoch "
	    "closes\n"),
};

/* --- answers --------------------------------------------------------------------- */

/* Will there be another request after this one? */
static bool
is_last(const struct conn *c)
{
	return c->close || c->unread || c->world->stopping ||
	    c->world->now >= c->half_life;
}

/*
 * The head, and as much of the body as fits beside it into one record; the
 * rest of body must stay where it is until it is written.
 */
static void
reply(struct conn *c, struct answer *a, struct rd body)
{
	unsigned char head[ANSWER_HEAD_MAX];
	struct wr w = wr_from(head, sizeof(head)), out;
	struct rd first = rd_from(NULL, 0);
	size_t n;

	c->close = a->close = is_last(c);
	a->cors = c->cors;
	answer_head(&w, a);
	if (!wr_ok(&w))
		abort();
	if (c->head.method == HTTP_HEAD) {
		body = rd_from(NULL, 0);
		c->offset = c->total;
	}
	n = CONN_PIECE_BYTES - w.n;
	if (!rd_take(&body, &first, body.n < n ? body.n : n) ||
	    (c->out = malloc(w.n + first.n)) == NULL) {
		c->state = CONN_GONE;
		return;
	}
	out = wr_from(c->out, w.n + first.n);
	wr_rdr(&out, wr_rd(&w));
	wr_rdr(&out, first);
	c->nout = out.n;
	c->put = 0;
	c->rest = body;
	conn_enter(c, CONN_ANSWER);
}

/* see conn_int.h */
void
conn_reply_small(struct conn *c, unsigned status, enum answer_type type,
    struct rd body)
{
	struct answer a = { .status = status, .type = type,
	    .length = body.n };

	if (status == 405 || status == 204)
		a.allow = http_allow(c->route);
	reply(c, &a, body);
}

/* see conn_int.h */
void
conn_say(struct conn *c, unsigned status)
{
	unsigned char body[ANSWER_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));

	conn_let_go(c);
	answer_refusal(&w, status);
	conn_reply_small(c, status, ANSWER_TEXT, wr_rd(&w));
}

/* see conn_int.h */
void
conn_refuse(struct conn *c, unsigned status)
{
	c->close = true;
	conn_say(c, status);
}

/* --- what everyone fetches ----------------------------------------------------------- */

static void
serve_published(struct conn *c)
{
	const struct serve *s = &serves[c->route];
	struct answer a = { .status = 200, .type = s->type };
	struct rd obj;

	if (!c->world->ops->hold(c, s->kind, &obj, &c->hold)) {
		conn_say(c, 503);
		return;
	}
	a.length = obj.n;
	reply(c, &a, obj);
	conn_grant(c, c->rest.n);
}

static void
serve_health(struct conn *c)
{
	unsigned h = c->world->state.health;
	bool well = h == HEALTH_OK || h == HEALTH_NEARLY_FULL;

	if (h >= sizeof(health_words) / sizeof(health_words[0]))
		h = HEALTH_DISK;
	conn_reply_small(c, well ? 200 : 503, ANSWER_TEXT,
	    rd_str(health_words[h]));
}

/* --- what the store is asked for -------------------------------------------------------- */

/* see conn_int.h */
void
conn_fetch(struct conn *c)
{
	unsigned char body[IPC_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));
	struct ipc_get g = { .slot = c->slot, .offset = c->offset };

	g.kind = (uint8_t)fetches[c->route].kind;
	g.key = rd_from(c->key, c->nkey);
	if (c->head.has_token && fetches[c->route].token) {
		g.flags = IPC_HAS_TOKEN;
		memcpy(g.token, c->head.token, sizeof(g.token));
	}
	ipc_write_get(&w, &g);
	if (wr_ok(&w) && c->world->ops->ask(c, IPC_GET, wr_rd(&w)))
		conn_enter(c, CONN_STORE);
	else if (c->offset > 0)
		c->state = CONN_GONE;	/* half an answer is out */
	else
		conn_say(c, 503);
}

static void
begin_fetch(struct conn *c)
{
	if (fetches[c->route].token && !c->head.has_token)
		conn_say(c, 401);
	else if (!c->world->ops->slot_take(c, true))
		conn_say(c, 503);
	else
		conn_fetch(c);
}

/* Not the object, and why. */
static int
not_fetched(struct conn *c, uint16_t status)
{
	if (status != 401 && status != 404 && status != 503)
		return ERR_FORMAT;
	if (c->offset > 0)
		c->state = CONN_GONE;	/* erased while it was sent */
	else
		conn_say(c, status);
	return 0;
}

/* see conn.h */
int
conn_get_done(struct conn *c, const struct ipc_get_done *d)
{
	const struct fetch *f;
	struct answer a = { .status = 200 };
	struct rd piece;

	if (c->state != CONN_STORE || c->route == ROUTE_PARCELS ||
	    c->route == ROUTE_OUTBOX)
		return ERR_FORMAT;
	if (d->status != 200)
		return not_fetched(c, d->status);
	if (d->length > SLOT_BYTES || d->total < c->offset ||
	    d->length > d->total - c->offset ||
	    (d->length == 0 && d->total != c->offset) ||
	    (c->offset > 0 && d->total != c->total))
		return ERR_FORMAT;
	piece = rd_from(c->mem, d->length);
	c->total = d->total;
	c->offset += d->length;
	if (c->offset > d->length) {
		c->rest = piece;
		conn_enter(c, CONN_ANSWER);
		return 0;
	}
	f = &fetches[c->route];
	a.type = f->type;
	a.immutable = f->immutable;
	a.length = d->total;
	reply(c, &a, piece);
	/* A client that does not read must not keep what it needs no more. */
	if (c->mem != NULL && c->rest.n == 0 && c->offset == c->total) {
		c->mem = NULL;
		c->world->ops->slot_leave(c);
	}
	return 0;
}

/* --- parcels ------------------------------------------------------------------------- */

static bool
has_worked(const struct conn *c)
{
	const struct http_head *h = &c->head;
	const struct ipc_state *s = &c->world->state;
	struct rd origin = c->world->origin;

	if (s->bits == 0)
		return true;
	if (!h->has_digest || !h->has_work)
		return false;
	return work_ok(origin, s->close, h->digest, h->work, s->bits) ||
	    (s->previous != 0 &&
	    work_ok(origin, s->previous, h->digest, h->work, s->bits));
}

static void
say_bits(struct conn *c)
{
	unsigned char body[ANSWER_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));

	answer_bits(&w, c->world->state.bits);
	conn_reply_small(c, 429, ANSWER_JSON, wr_rd(&w));
}

static void
begin_parcel(struct conn *c)
{
	if (!c->head.has_length)
		conn_refuse(c, 411);
	else if (c->head.length != PARCEL_BYTES)
		conn_refuse(c, c->head.length > PARCEL_BYTES ? 413 : 400);
	else if (!has_worked(c))
		say_bits(c);
	else if (!c->world->ops->slot_take(c, false))
		conn_say(c, 503);
	else {
		parcel_shape_init(&c->shape);
		conn_begin_body(c);
	}
}

/* see conn_int.h */
void
conn_submit(struct conn *c)
{
	unsigned char body[IPC_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));
	struct ipc_put p = { .slot = c->slot };

	if (c->head.has_digest) {
		p.flags = IPC_HAS_DIGEST;
		memcpy(p.digest, c->head.digest, sizeof(p.digest));
	}
	ipc_write_put(&w, &p);
	if (wr_ok(&w) && c->world->ops->ask(c, IPC_PUT, wr_rd(&w)))
		conn_enter(c, CONN_STORE);
	else
		conn_say(c, 503);
}

/* see conn.h */
int
conn_put_done(struct conn *c, const struct ipc_put_done *d)
{
	if (c->state != CONN_STORE || c->route != ROUTE_PARCELS)
		return ERR_FORMAT;
	switch (d->status) {
	case 200:
	case 201:
		conn_let_go(c);
		conn_reply_small(c, d->status, ANSWER_TEXT, d->receipt);
		return 0;
	case 400:
	case 503:
		conn_say(c, d->status);
		return 0;
	default:
		return ERR_FORMAT;
	}
}

/* see conn.h */
uint64_t
conn_rate(const struct conn *c)
{
	uint64_t age = c->world->now - c->began;

	if (c->state != CONN_BODY || age < CONN_GRACE_MS)
		return UINT64_MAX;
	return (uint64_t)c->taken * 1000 / age;
}

/* see conn.h */
void
conn_yield(struct conn *c)
{
	conn_refuse(c, 503);
}

/* --- dispatch -------------------------------------------------------------------------- */

/* see conn_int.h */
void
conn_request(struct conn *c)
{
	c->close = c->head.close;
	c->unread = c->head.length > 0;
	if (c->route == ROUTE_NONE ||
	    (c->route == ROUTE_HEALTH && !c->local)) {
		conn_say(c, 404);
		return;
	}
	if (!c->allowed) {
		conn_say(c, 405);
		return;
	}
	if (c->head.method == HTTP_OPTIONS) {
		conn_reply_small(c, 204, ANSWER_TEXT, rd_from(NULL, 0));
		return;
	}
	switch (c->route) {
	case ROUTE_PARCELS:
		begin_parcel(c);
		break;
	case ROUTE_OUTBOX:
		conn_begin_outbox(c);
		break;
	case ROUTE_TILE:
	case ROUTE_STATEMENT:
	case ROUTE_PARCEL:
		begin_fetch(c);
		break;
	case ROUTE_HEALTH:
		serve_health(c);
		break;
	default:
		serve_published(c);
		break;
	}
}
