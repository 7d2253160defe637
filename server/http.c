/* SPDX-License-Identifier: ISC */
/*
 * http.c - a strict HTTP/1.1 request head; see http.h.
 *
 * The request line is read by byte and field lines whole, always from left
 * to right, and only the first HTTP_HEAD_MAX bytes are looked at: so the
 * first fault in the bytes is the verdict, however they were split.  What
 * takes several fields to judge (framing, Host) is judged at the empty line.
 *
 * Refuses what two readers of the same bytes could take for two things:
 * a bare LF or CR, folded lines, space before a colon, repeated fields that
 * must stand alone, any transfer coding.
 */
#include <string.h>

#include "crypto/base.h"
#include "crypto/sha256.h"
#include "server/http.h"

/* A length that no limit of ours comes near to. */
#define LENGTH_MAX	(UINT64_C(1) << 53)

/* Fields that are looked at; the rest is checked for form and dropped. */
enum field {
	F_HOST = 1, F_LENGTH = 2, F_CODING = 4, F_EXPECT = 8,
	F_CONNECTION = 16, F_TOKEN = 32, F_DIGEST = 64, F_WORK = 128
};

/* One parse: the head so far and which fields have been. */
struct parse {
	struct http_head *h;
	unsigned seen;
	unsigned count;
	bool chunked;			/* the coding is plainly "chunked" */
};

static bool
is_digit(unsigned char b)
{
	return b >= '0' && b <= '9';
}

static bool
is_alnum(unsigned char b)
{
	return is_digit(b) || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

/* RFC 9110: tchar */
static bool
is_tchar(unsigned char b)
{
	return is_alnum(b) ||
	    (b != '\0' && strchr("!#$%&'*+-.^_`|~", b) != NULL);
}

/* What a value may hold: visible bytes, space, tab; never a control byte. */
static bool
is_value(unsigned char b)
{
	return b == '\t' || (b >= 0x20 && b != 0x7f);
}

static unsigned char
lower(unsigned char b)
{
	return b >= 'A' && b <= 'Z' ? (unsigned char)(b | 0x20) : b;
}

/* lit is lower case */
static bool
eq_nocase(struct rd r, const char *lit)
{
	size_t i;

	if (r.n != strlen(lit))
		return false;
	for (i = 0; i < r.n; i++)
		if (lower(r.p[i]) != (unsigned char)lit[i])
			return false;
	return true;
}

static bool
all(struct rd r, bool (*is)(unsigned char))
{
	size_t i;

	for (i = 0; i < r.n; i++)
		if (!is(r.p[i]))
			return false;
	return true;
}

/*
 * RFC 9110 has tabs around a value, too, but not every reader takes a length
 * or a "close" with one for what it is: in a field that we look at, a tab
 * makes the value a wrong one.
 */
static struct rd
trim(struct rd r)
{
	while (r.n > 0 && r.p[0] == ' ')
		r = rd_from(r.p + 1, r.n - 1);
	while (r.n > 0 && r.p[r.n - 1] == ' ')
		r.n--;
	return r;
}

/* --- the request line ------------------------------------------------------ */

static enum http_method
method_of(struct rd m)
{
	if (rd_eq_str(m, "GET"))
		return HTTP_GET;
	if (rd_eq_str(m, "HEAD"))
		return HTTP_HEAD;
	if (rd_eq_str(m, "POST"))
		return HTTP_POST;
	if (rd_eq_str(m, "OPTIONS"))
		return HTTP_OPTIONS;
	return HTTP_OTHER;
}

/* 0, 1 or a negated status, as http_parse() */
static int
take_method(struct rd *in, struct http_head *h)
{
	struct rd m;
	size_t i;

	for (i = 0; i < in->n && is_tchar(in->p[i]); i++)
		if (i == HTTP_METHOD_MAX)
			return -501;
	if (i == in->n)
		return 1;
	if (i == 0 || in->p[i] != ' ')
		return -400;
	if (!rd_take(in, &m, i) || !rd_skip(in, 1))
		return -400;
	h->method = method_of(m);
	return 0;
}

static bool
is_target(unsigned char b)
{
	return b > 0x20 && b < 0x7f && b != '#';
}

static int
take_target(struct rd *in, struct http_head *h)
{
	size_t i;

	if (in->n > 0 && in->p[0] != '/')
		return -400;
	for (i = 0; i < in->n && is_target(in->p[i]); i++)
		if (i == HTTP_TARGET_MAX)
			return -414;
	if (i == in->n)
		return 1;
	if (in->p[i] != ' ')
		return -400;
	if (!rd_take(in, &h->target, i) || !rd_skip(in, 1))
		return -400;
	return 0;
}

/* "HTTP/" digit "." digit CR LF */
static int
take_version(struct rd *in)
{
	static const char form[] = "HTTP/0.0\r\n";
	struct rd v;
	size_t i;

	for (i = 0; i < sizeof(form) - 1; i++) {
		if (i == in->n)
			return 1;
		if (form[i] == '0' ? !is_digit(in->p[i]) :
		    in->p[i] != (unsigned char)form[i])
			return -400;
	}
	if (!rd_take(in, &v, sizeof(form) - 1))
		return -400;
	return rd_lit(&v, "HTTP/1.1") ? 0 : -505;
}

/* --- fields ------------------------------------------------------------------ */

static bool
is_host(unsigned char b)
{
	return is_alnum(b) || b == '.' || b == '-' || b == ':' || b == '[' ||
	    b == ']' || b == '_';
}

static int
on_host(struct parse *ps, struct rd v)
{
	(void)ps;
	return v.n > 0 && all(v, is_host) ? 0 : -400;
}

static int
on_length(struct parse *ps, struct rd v)
{
	if (!all(v, is_digit) || v.n == 0 || (v.n > 1 && v.p[0] == '0'))
		return -400;
	if (!rd_dec(v, LENGTH_MAX, &ps->h->length))
		return -413;
	ps->h->has_length = true;
	return 0;
}

static int
on_coding(struct parse *ps, struct rd v)
{
	ps->chunked = eq_nocase(v, "chunked");
	return 0;
}

static int
on_expect(struct parse *ps, struct rd v)
{
	if (!eq_nocase(v, "100-continue"))
		return -417;
	ps->h->expect_continue = true;
	return 0;
}

static int
on_connection(struct parse *ps, struct rd v)
{
	struct rd one;

	while (v.n > 0) {
		if (!rd_until(&v, ',', &one)) {
			one = v;
			v.n = 0;
		}
		one = trim(one);
		if (!all(one, is_tchar))
			return -400;
		if (eq_nocase(one, "close"))
			ps->h->close = true;
	}
	return 0;
}

/* RFC 6750: what a token is made of, padding included */
static bool
is_token(unsigned char b)
{
	return is_alnum(b) || (b != '\0' && strchr("-._~+/=", b) != NULL);
}

/* A scheme we don't know is no token, which is answered with 401. */
static int
on_token(struct parse *ps, struct rd v)
{
	struct rd scheme;

	if (!rd_until(&v, ' ', &scheme) || !eq_nocase(scheme, "bearer"))
		return 0;
	v = trim(v);
	if (v.n == 0 || v.n > HTTP_TOKEN_MAX || !all(v, is_token))
		return 0;
	sha256(ps->h->token, v.p, v.n);
	ps->h->has_token = true;
	return 0;
}

static int
on_digest(struct parse *ps, struct rd v)
{
	if (!hex_decode(ps->h->digest, HASH_BYTES, v))
		return -400;
	ps->h->has_digest = true;
	return 0;
}

static int
on_work(struct parse *ps, struct rd v)
{
	unsigned char nonce[8];
	struct rd r;

	if (!hex_decode(nonce, sizeof(nonce), v))
		return -400;
	r = rd_from(nonce, sizeof(nonce));
	if (!rd_u64(&r, &ps->h->work))
		return -400;
	ps->h->has_work = true;
	return 0;
}

static const struct known {
	const char *name;		/* lower case */
	enum field bit;
	bool many;			/* may be sent more than once */
	int (*take)(struct parse *ps, struct rd value);
} known[] = {
	{ "host", F_HOST, false, on_host },
	{ "content-length", F_LENGTH, false, on_length },
	{ "transfer-encoding", F_CODING, false, on_coding },
	{ "expect", F_EXPECT, false, on_expect },
	{ "connection", F_CONNECTION, true, on_connection },
	{ "authorization", F_TOKEN, false, on_token },
	{ "ecrdrop-digest", F_DIGEST, false, on_digest },
	{ "ecrdrop-work", F_WORK, false, on_work },
};

static int
take_known(struct parse *ps, struct rd name, struct rd value)
{
	const struct known *k;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		k = &known[i];
		if (!eq_nocase(name, k->name))
			continue;
		if (!k->many && (ps->seen & k->bit) != 0)
			return -400;
		ps->seen |= k->bit;
		return k->take(ps, value);
	}
	return 0;
}

/* One line without its CR LF, not empty. */
static int
take_field(struct parse *ps, struct rd line)
{
	struct rd name;

	if (ps->count++ == HTTP_FIELDS_MAX)
		return -431;
	if (!rd_until(&line, ':', &name) || name.n == 0 ||
	    !all(name, is_tchar) || !all(line, is_value))
		return -400;
	return take_known(ps, name, trim(line));
}

/* All fields are there: how is the body framed? */
static int
judge(const struct parse *ps)
{
	const struct http_head *h = ps->h;

	if ((ps->seen & F_HOST) == 0)
		return -400;
	if ((ps->seen & F_CODING) != 0) {
		if ((ps->seen & F_LENGTH) != 0)
			return -400;
		return ps->chunked ? -411 : -501;
	}
	if (h->length > 0 && (h->method == HTTP_GET ||
	    h->method == HTTP_HEAD || h->method == HTTP_OPTIONS))
		return -413;
	return 0;
}

/* Lines up to the empty one. */
static int
take_fields(struct parse *ps, struct rd *in)
{
	struct rd line;
	int r;

	for (;;) {
		if (!rd_line(in, &line))
			return 1;
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			return -400;
		line.n--;
		if (line.n == 0)
			return judge(ps);
		if ((r = take_field(ps, line)) != 0)
			return r;
	}
}

/* see http.h */
int
http_parse(struct http_head *h, struct rd bytes, size_t *used)
{
	struct parse ps = { .h = h };
	struct rd in = bytes;
	int r;

	memset(h, 0, sizeof(*h));
	if (in.n > HTTP_HEAD_MAX)
		in.n = HTTP_HEAD_MAX;
	if ((r = take_method(&in, h)) == 0 &&
	    (r = take_target(&in, h)) == 0 &&
	    (r = take_version(&in)) == 0)
		r = take_fields(&ps, &in);
	if (r == 1 && bytes.n >= HTTP_HEAD_MAX)
		return -431;
	if (r == 0)
		*used = (size_t)(in.p - bytes.p);
	return r;
}
