/* SPDX-License-Identifier: ISC */
/*
 * http.h - a strict HTTP/1.1 request head: bytes in, verdict out.
 *
 * Pure: no sockets, no clock.  What is not plainly right is refused; nothing
 * is repaired.  Field values that we do not need are dropped here and never
 * stored.
 *
 * The verdict does not depend on how the bytes were split: what is refused
 * whole is refused with the same status byte by byte, at the latest when the
 * head's last byte has come.
 */
#ifndef ECR_HTTP_H
#define ECR_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"

#define HTTP_HEAD_MAX	8192	/* request line and fields */
#define HTTP_FIELDS_MAX	64
#define HTTP_METHOD_MAX	16
#define HTTP_TARGET_MAX	256
#define HTTP_TOKEN_MAX	256	/* a bearer token */
#define HTTP_KEY_MAX	40	/* an IPC key */

enum http_method {
	HTTP_GET = 1, HTTP_HEAD, HTTP_POST, HTTP_OPTIONS, HTTP_OTHER
};

struct http_head {
	enum http_method method;
	struct rd target;		/* origin-form, as sent */
	bool has_length, expect_continue, close;
	uint64_t length;		/* 0 where none was sent */
	bool has_token;			/* Authorization: Bearer ... */
	unsigned char token[HASH_BYTES];	/* SHA-256 of it */
	bool has_digest, has_work;
	unsigned char digest[HASH_BYTES];	/* ECRDrop-Digest */
	uint64_t work;				/* ECRDrop-Work */
};

/*
 * http_parse - bytes is all that has come so far.
 * Returns 0 with *used (the head's bytes) and h; 1 when more is needed; or
 * the negated status to answer before closing:
 *
 *   -400  not a request, or one that two readers could read differently
 *   -411  Transfer-Encoding: chunked, and no Content-Length beside it
 *   -413  a body with a method that has none, or a length past all sense
 *   -414  target over HTTP_TARGET_MAX
 *   -417  an Expect that is not 100-continue
 *   -431  over HTTP_HEAD_MAX bytes or HTTP_FIELDS_MAX fields
 *   -501  another Transfer-Encoding, or a method over HTTP_METHOD_MAX
 *   -505  not HTTP/1.1
 *
 * Views in h point into bytes.
 */
MUST_USE int http_parse(struct http_head *h, struct rd bytes, size_t *used);

/* What a target and method mean. */
enum route {
	ROUTE_NONE,		/* 404 */
	ROUTE_PARCELS,		/* POST /parcels */
	ROUTE_OUTBOX,		/* POST /outbox */
	ROUTE_POLICY, ROUTE_KEYSET, ROUTE_REPLIES, ROUTE_CHECKPOINT,
	ROUTE_TILE, ROUTE_STATEMENT, ROUTE_PARCEL, ROUTE_HEALTH
};
/*
 * http_route - exact paths only; key receives the IPC key for TILE,
 * STATEMENT and PARCEL, *nkey its bytes.  *allowed says whether the method
 * fits; *cors whether OPTIONS and Access-Control-Allow-Origin apply.
 * A full tile has width 256 in its key.
 */
enum route http_route(const struct http_head *h,
    unsigned char key[static HTTP_KEY_MAX], size_t *nkey, bool *allowed,
    bool *cors);
/* The methods of a route, as the Allow field lists them. */
const char *http_allow(enum route route);

#endif
