/* SPDX-License-Identifier: ISC */
/*
 * answer.c - the heads of our answers; see answer.h.
 *
 * 200 and 201 have the same words on purpose: whether a parcel was new or
 * held already does not show in an answer's size.
 */
#include <stddef.h>
#include <stdlib.h>

#include "server/answer.h"

static const struct {
	unsigned status;
	const char *words;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "OK" },
	{ 204, "No Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 417, "Expectation Failed" },
	{ 429, "Too Little Work" },
	{ 431, "Request Header Fields Too Large" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

static const char *const types[] = {
	[ANSWER_TEXT] = "text/plain; charset=utf-8",
	[ANSWER_JSON] = "application/json",
	[ANSWER_BYTES] = "application/octet-stream",
};

static const char *
reason(unsigned status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	abort();			/* a status that we never give */
}

static void
field(struct wr *w, const char *name, const char *value)
{
	wr_str(w, name);
	wr_str(w, ": ");
	wr_str(w, value);
	wr_str(w, "\r\n");
}

static void
number(struct wr *w, const char *name, uint64_t value)
{
	wr_str(w, name);
	wr_str(w, ": ");
	wr_dec(w, value);
	wr_str(w, "\r\n");
}

/* What a browser asks before it posts a parcel from another origin. */
static void
preflight(struct wr *w, const char *allow)
{
	field(w, "Access-Control-Allow-Methods", allow);
	field(w, "Access-Control-Allow-Headers",
	    "ECRDrop-Digest, ECRDrop-Work, Content-Type");
	field(w, "Access-Control-Max-Age", "86400");
}

/* see answer.h */
void
answer_head(struct wr *w, const struct answer *a)
{
	wr_str(w, "HTTP/1.1 ");
	wr_dec(w, a->status);
	wr_str(w, " ");
	wr_str(w, reason(a->status));
	wr_str(w, "\r\n");
	if (a->status != 204) {
		field(w, "Content-Type", types[a->type]);
		number(w, "Content-Length", a->length);
	}
	field(w, "Cache-Control",
	    a->immutable ? "public, max-age=604800, immutable" : "no-store");
	field(w, "X-Content-Type-Options", "nosniff");
	if (a->cors)
		field(w, "Access-Control-Allow-Origin", "*");
	if (a->status == 204 && a->allow != NULL)
		preflight(w, a->allow);
	if (a->status == 405 && a->allow != NULL)
		field(w, "Allow", a->allow);
	if (a->status == 401)
		field(w, "WWW-Authenticate", "Bearer");
	if (a->status == 503)
		number(w, "Retry-After", ANSWER_RETRY_SECS);
	if (a->close)
		field(w, "Connection", "close");
	wr_str(w, "\r\n");
}

/* see answer.h */
void
answer_refusal(struct wr *w, unsigned status)
{
	wr_str(w, reason(status));
	wr_str(w, "\n");
}

/* see answer.h */
void
answer_bits(struct wr *w, unsigned bits)
{
	wr_str(w, "{\"bits\":");
	wr_dec(w, bits);
	wr_str(w, "}\n");
}

/* see answer.h */
void
answer_next(struct wr *w, uint64_t next)
{
	wr_str(w, "{\"next\":");
	wr_dec(w, next);
	wr_str(w, "}\n");
}
