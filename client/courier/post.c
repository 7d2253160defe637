/* SPDX-License-Identifier: ISC */
/*
 * post.c - hand an outbox over.
 *
 * The whole outbox is looked through before the first byte goes out: a stick
 * that was pulled too early is found here, not by the server.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/ask.h"
#include "client/common/say.h"
#include "client/courier/post.h"
#include "crypto/secret.h"
#include "crypto/statement.h"

#define ANSWER_MAX	4096
#define POLICY_MAX	65536
#define HEADER_MAX	1200
#define REASON_MAX	200		/* bytes of a server's words shown */

/* see post.h */
int
post_cut(struct rd *outbox, size_t max, struct rd *cut, size_t *n)
{
	struct rd rest = *outbox, next;
	struct outbox_record one;
	int r = ERR_FORMAT;

	*cut = rd_from(rest.p, 0);
	*n = 0;
	while (rest.n > 0) {
		next = rest;
		r = outbox_next(&next, &one);
		if (r == 0 && one.whole.n > max)
			r = ERR_LIMIT;
		if (r != 0 || cut->n + one.whole.n > max)
			break;
		cut->n += one.whole.n;
		++*n;
		rest = next;
	}
	*outbox = rest;
	return *n > 0 ? 0 : r;
}

/* How much one POST may carry: what the policy says, and at most ours. */
static int
ask_limit(const struct post *p, size_t *max)
{
	struct net_answer a;
	json_t *o;
	json_int_t v;
	int r;

	r = ask_get(p->net, "/policy", NULL, POLICY_MAX, p->tries, &a);
	if (r != 0)
		return fail(EXIT_UNAVAILABLE, "the server is out of reach: %s",
		    net_why(p->net));
	if (a.status != 200)
		return fail(EXIT_UNAVAILABLE, "the server answers %ld to "
		    "/policy", a.status);
	o = json_loadb((const char *)a.body, a.n, JSON_REJECT_DUPLICATES,
	    NULL);
	v = json_integer_value(json_object_get(o, "outbox_bytes_max"));
	json_decref(o);
	if (v <= 0)
		return fail(EXIT_DATA, "the server's policy does not say how "
		    "much it takes; is this the right address?");
	*max = v < (json_int_t)OUTBOX_BYTES_MAX ? (size_t)v :
	    OUTBOX_BYTES_MAX;
	return 0;
}

/* All of it is an outbox, and each record fits. */
static int
look_through(struct rd outbox, size_t max, struct post_result *res)
{
	struct rd cut;
	size_t n;
	int r;

	if (outbox.n == 0)
		return fail(EXIT_DATA, "the outbox is empty");
	while (outbox.n > 0) {
		r = post_cut(&outbox, max, &cut, &n);
		if (r == ERR_LIMIT)
			return fail(EXIT_DATA, "statement %zu of the outbox "
			    "is larger than the server takes",
			    res->statements + 1);
		if (r != 0)
			return fail(EXIT_DATA, "this is no outbox, or it was "
			    "cut off behind statement %zu", res->statements);
		res->statements += n;
	}
	return 0;
}

/* Why the server says no, as far as it says it; shown by warn(). */
static void
copy_reason(char out[static REASON_MAX + 3], const struct net_answer *a)
{
	size_t n = a->n < REASON_MAX ? a->n : REASON_MAX;

	out[0] = '\0';
	while (n > 0 && (a->body[n - 1] == '\n' || a->body[n - 1] == '\r'))
		n--;
	if (n == 0 || memchr(a->body, '\0', n) != NULL)
		return;
	memcpy(out, ": ", 2);
	memcpy(out + 2, a->body, n);
	out[n + 2] = '\0';
}

/* A statement came too early, too late, or is not the one it has. */
static int
not_next(const struct net_answer *a)
{
	json_t *o = json_loadb((const char *)a->body, a->n, 0, NULL);
	json_int_t next = json_integer_value(json_object_get(o, "next"));
	char number[64] = "another one";

	json_decref(o);
	if (next > 0)
		snprintf(number, sizeof(number), "number %lld",
		    (long long)next);
	return fail(EXIT_DATA, "the outbox does not go on where the server "
	    "stands: it waits for %s of this role; fetch, import and export "
	    "again", number);
}

static int
refused(const struct net_answer *a)
{
	char why[REASON_MAX + 3];

	copy_reason(why, a);
	switch (a->status) {
	case 401:
	case 403:
		return fail(EXIT_NOPERM, "the token is not accepted");
	case 409:
		return not_next(a);
	case 413:
		return fail(EXIT_DATA, "the server takes less than its policy "
		    "says%s", why);
	case 400:
		return fail(EXIT_DATA, "the server refuses the outbox%s; is "
		    "it this server's and this office's?", why);
	case 404:
	case 405:
		return fail(EXIT_UNAVAILABLE, "this server takes no outbox");
	case 503:
		return fail(EXIT_UNAVAILABLE, "the server has no room for it "
		    "now%s; post it again later", why);
	default:
		return fail(a->status >= 500 ? EXIT_UNAVAILABLE : EXIT_DATA,
		    "the server answers %ld%s", a->status, why);
	}
}

/* One body; 0 when the server has it now. */
static int
post_one(const struct post *p, const char *const *headers, struct rd body,
    size_t n, struct post_result *res)
{
	struct net_answer a;
	int r;

	r = ask_post(p->net, "/outbox", headers, body, ANSWER_MAX, p->tries,
	    &a);
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	if (r != 0)
		return fail(EXIT_UNAVAILABLE, "the server is out of reach: %s",
		    net_why(p->net));
	if (a.status != 200 && a.status != 201)
		return refused(&a);
	if (a.status == 201)
		res->taken += n;
	else
		res->held += n;
	res->posts++;
	res->bytes += body.n;
	return 0;
}

static int
post_all(const struct post *p, const char *const *headers, struct rd outbox,
    size_t max, struct post_result *res)
{
	uint64_t total = outbox.n;
	struct rd cut;
	size_t n;
	int code = 0;

	while (code == 0 && outbox.n > 0) {
		say_progress("posting", res->bytes, total);
		if (post_cut(&outbox, max, &cut, &n) != 0)
			code = EXIT_DATA;	/* looked through before */
		else
			code = post_one(p, headers, cut, n, res);
	}
	say_progress_end();
	if (code != 0 && res->taken + res->held > 0)
		warn("the first %zu of %zu statements were delivered; posting "
		    "the same outbox again goes on from there",
		    res->taken + res->held, res->statements);
	return code;
}

/* see post.h */
int
post_run(const struct post *p, struct rd outbox, struct post_result *res)
{
	const char *headers[2] = { NULL, NULL };
	char *line = NULL;			/* secret */
	size_t max = OUTBOX_BYTES_MAX;
	int code;

	memset(res, 0, sizeof(*res));
	if ((code = look_through(outbox, OUTBOX_BYTES_MAX, res)) != 0 ||
	    (code = ask_limit(p, &max)) != 0)
		return code;
	res->statements = 0;
	if ((code = look_through(outbox, max, res)) != 0)
		return code;
	if ((line = secret_new(HEADER_MAX)) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	if (snprintf(line, HEADER_MAX, "Authorization: Bearer %s",
	    p->token) >= HEADER_MAX) {
		code = fail(EXIT_DATA, "the token is too long");
	} else {
		headers[0] = line;
		code = post_all(p, headers, outbox, max, res);
	}
	secret_free(line);
	return code;
}
