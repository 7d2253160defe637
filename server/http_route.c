/* SPDX-License-Identifier: ISC */
/*
 * http_route.c - what a target means; see http.h.
 *
 * One spelling a resource: no query, no escapes, no second slash, lower-case
 * hexadecimal, indices as tlog-tiles writes them.  Whatever else is asked
 * for does not exist.
 */
#include "crypto/base.h"
#include "crypto/wr.h"
#include "server/http.h"

/* What a path of a fixed name means; the methods beside it. */
static const struct path {
	const char *name;
	enum route route;
} paths[] = {
	{ "/parcels", ROUTE_PARCELS },
	{ "/outbox", ROUTE_OUTBOX },
	{ "/policy", ROUTE_POLICY },
	{ "/keyset", ROUTE_KEYSET },
	{ "/replies", ROUTE_REPLIES },
	{ "/log/checkpoint", ROUTE_CHECKPOINT },
	{ "/health", ROUTE_HEALTH },
};

static bool
is_public(enum route route)
{
	return route != ROUTE_NONE && route != ROUTE_OUTBOX &&
	    route != ROUTE_PARCEL && route != ROUTE_HEALTH;
}

/* see http.h */
const char *
http_allow(enum route route)
{
	if (route == ROUTE_PARCELS)
		return "POST, OPTIONS";
	if (route == ROUTE_OUTBOX)
		return "POST";
	return is_public(route) ? "GET, HEAD, OPTIONS" : "GET, HEAD";
}

static bool
is_allowed(enum route route, enum http_method m)
{
	if (m == HTTP_OPTIONS)
		return is_public(route);
	if (route == ROUTE_PARCELS || route == ROUTE_OUTBOX)
		return m == HTTP_POST;
	return m == HTTP_GET || m == HTTP_HEAD;
}

static bool
take_three(struct rd *in, uint64_t *n)
{
	struct rd t;
	size_t i;

	if (!rd_take(in, &t, 3))
		return false;
	if (*n > (UINT64_MAX >> 1) / 1000 - 1)
		return false;
	for (i = 0; i < 3; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			return false;
		*n = *n * 10 + (uint64_t)(t.p[i] - '0');
	}
	return true;
}

/* Groups of three digits, all but the last with an 'x'; no group too many. */
static bool
take_index(struct rd *in, uint64_t *n)
{
	bool first = true;

	*n = 0;
	while (rd_lit(in, "x")) {
		if (!take_three(in, n) || (first && *n == 0) ||
		    !rd_lit(in, "/"))
			return false;
		first = false;
	}
	return take_three(in, n);
}

/* "L/N" or "entries/N", and ".p/W" of a partial one */
static bool
take_tile(struct rd in, unsigned char *key, size_t *nkey)
{
	struct wr w = wr_from(key, HTTP_KEY_MAX);
	uint64_t level = 0xff, index, width = 256;
	struct rd l;

	if (!rd_until(&in, '/', &l) ||
	    (!rd_eq_str(l, "entries") && !rd_dec(l, 63, &level)) ||
	    !take_index(&in, &index))
		return false;
	if (rd_lit(&in, ".p/")) {
		if (!rd_dec(in, 255, &width) || width == 0)
			return false;
	} else if (!rd_done(&in))
		return false;
	wr_u8(&w, (uint8_t)level);
	wr_u64(&w, index);
	wr_u16(&w, (uint16_t)width);
	*nkey = w.n;
	return wr_ok(&w);
}

static bool
take_digest(struct rd in, unsigned char *key, size_t *nkey)
{
	*nkey = HASH_BYTES;
	return hex_decode(key, HASH_BYTES, in);
}

static enum route
route_of(struct rd target, unsigned char *key, size_t *nkey)
{
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (rd_eq_str(target, paths[i].name))
			return paths[i].route;
	if (rd_lit(&target, "/log/tile/"))
		return take_tile(target, key, nkey) ? ROUTE_TILE : ROUTE_NONE;
	if (rd_lit(&target, "/statements/"))
		return take_digest(target, key, nkey) ?
		    ROUTE_STATEMENT : ROUTE_NONE;
	if (rd_lit(&target, "/parcels/"))
		return take_digest(target, key, nkey) ?
		    ROUTE_PARCEL : ROUTE_NONE;
	return ROUTE_NONE;
}

/* see http.h */
enum route
http_route(const struct http_head *h, unsigned char key[static HTTP_KEY_MAX],
    size_t *nkey, bool *allowed, bool *cors)
{
	enum route route;

	*nkey = 0;
	route = route_of(h->target, key, nkey);
	if (route == ROUTE_NONE)
		*nkey = 0;
	*allowed = is_allowed(route, h->method);
	*cors = is_public(route);
	return route;
}
