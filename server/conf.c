/* SPDX-License-Identifier: ISC */
/*
 * conf.c - the configuration: one table, one pass over the lines.
 *
 * Refuses unknown and repeated keys, numbers out of range, plain HTTP on an
 * address that strangers reach.  Invariant: what conf_parse() accepted is
 * whole, and every string in it ends with a NUL.
 */
#include <arpa/inet.h>
#include <string.h>

#include "server/conf.h"
#include "server/guard.h"
#include "server/slots.h"

enum conf_type {
	CONF_NUMBER, CONF_TEXT, CONF_LISTEN, CONF_KEYSET, CONF_WITNESS
};

struct conf_key {
	const char *name;
	enum conf_type type;
	size_t at, size;		/* in struct conf */
	uint64_t least, most, start;	/* numbers only */
};

#define NUMBER(name, field, least, most, start) \
	{ name, CONF_NUMBER, offsetof(struct conf, field), \
	  sizeof(((struct conf *)NULL)->field), least, most, start }
#define TEXT(name, field) \
	{ name, CONF_TEXT, offsetof(struct conf, field), \
	  sizeof(((struct conf *)NULL)->field), 0, 0, 0 }

static const struct conf_key keys[] = {
	{ "listen", CONF_LISTEN, 0, 0, 0, 0, 0 },
	{ "keyset", CONF_KEYSET, 0, 0, 0, 0, 0 },
	{ "witness", CONF_WITNESS, 0, 0, 0, 0, 0 },
	TEXT("witness-socket", witness_socket),
	TEXT("witness-cacert", witness_cacert),
	NUMBER("quorum", quorum, 0, CONF_WITNESS_MAX, 0),
	NUMBER("witness-seconds", witness_seconds, 1, 600, 30),
	TEXT("data", data),
	TEXT("guard", guard),
	TEXT("certificate", certificate),
	TEXT("key", key),
	TEXT("user", user),
	TEXT("office-vkey", office_vkey),
	NUMBER("epoch-seconds", epoch_seconds, 1, 604800, 21600),
	NUMBER("batch", batch, 1, 4096, 16),
	NUMBER("work-bits", work_bits, 0, 18, 8),
	NUMBER("epoch-parcels", epoch_parcels, 64, 1048576, 8192),
	NUMBER("drop-bytes", drop_bytes, UINT64_C(16) << 20,
	    UINT64_C(1) << 44, UINT64_C(64) << 30),
	NUMBER("erase-delay", erase_delay, 0, 315360000, CONF_ERASE_DELAY),
	NUMBER("fronts", fronts, 0, 64, 0),
	NUMBER("slots", slots, 4, SLOTS_MAX, 256),
	NUMBER("connections", connections, 8, 100000, 5000),
	NUMBER("handshake-seconds", handshake_seconds, 1, 600, 10),
	NUMBER("head-seconds", head_seconds, 1, 600, 15),
	NUMBER("body-seconds", body_seconds, 1, 3600, 90),
	NUMBER("idle-seconds", idle_seconds, 1, 600, 30),
	NUMBER("connection-seconds", connection_seconds, 1, 7200, 120),
};
#define CONF_KEYS	(sizeof(keys) / sizeof(keys[0]))

static bool
is_blank(unsigned char b)
{
	return b == ' ' || b == '\t';
}

/* The next word, and the blanks around it, off the line; empty at its end. */
static struct rd
take_word(struct rd *line)
{
	struct rd word;

	while (line->n > 0 && is_blank(line->p[0]))
		(void)!rd_skip(line, 1);	/* it is there */
	word = rd_from(line->p, 0);
	while (line->n > 0 && !is_blank(line->p[0])) {
		word.n++;
		(void)!rd_skip(line, 1);
	}
	while (line->n > 0 && is_blank(line->p[0]))
		(void)!rd_skip(line, 1);
	return word;
}

/* As a string; false where it does not fit with its NUL. */
static bool
copy_text(char *out, size_t cap, struct rd text)
{
	if (text.n == 0 || text.n >= cap)
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

/* Splits at the last colon: an IPv6 address stands in brackets. */
static bool
split_port(struct rd text, struct rd *address, uint16_t *port)
{
	uint64_t v;
	size_t i;

	for (i = text.n; i > 0 && text.p[i - 1] != ':'; i--)
		continue;
	if (i == 0 ||
	    !rd_dec(rd_from(text.p + i, text.n - i), UINT16_MAX, &v))
		return false;
	*address = rd_from(text.p, i - 1);
	*port = (uint16_t)v;
	return true;
}

/* see conf.h */
bool
conf_address(struct rd text, struct conf_listen *l, bool *loopback)
{
	struct in6_addr six;
	struct in_addr four;
	struct rd a;

	if (!split_port(text, &a, &l->port))
		return false;
	if (a.n > 2 && a.p[0] == '[' && a.p[a.n - 1] == ']') {
		a = rd_from(a.p + 1, a.n - 2);
		if (!copy_text(l->address, sizeof(l->address), a) ||
		    inet_pton(AF_INET6, l->address, &six) != 1)
			return false;
		*loopback = memcmp(&six, &in6addr_loopback, sizeof(six)) == 0;
		return true;
	}
	if (!copy_text(l->address, sizeof(l->address), a) ||
	    inet_pton(AF_INET, l->address, &four) != 1)
		return false;
	*loopback = (ntohl(four.s_addr) >> 24) == 127;
	return true;
}

/* Does another line claim the same place? */
static bool
listen_is_taken(const struct conf *c, const struct conf_listen *l)
{
	const struct conf_listen *o;
	size_t i;

	for (i = 0; i < c->nlisten; i++) {
		o = &c->listen[i];
		if (o->is_unix == l->is_unix && o->port == l->port &&
		    (l->is_unix || l->port != 0) &&
		    strcmp(o->address, l->address) == 0)
			return true;
	}
	return false;
}

/* "unix:PATH" or an address; says whether strangers cannot reach it. */
static const char *
parse_place(struct conf_listen *l, struct rd place, bool *near)
{
	if (rd_lit(&place, "unix:")) {
		l->is_unix = true;
		*near = true;
		/* What sun_path can hold, its NUL included. */
		if (place.n >= 108 ||
		    !copy_text(l->address, sizeof(l->address), place))
			return "not a path that a Unix socket can have";
		return l->tls ? "TLS is not for a Unix socket" : NULL;
	}
	if (!conf_address(place, l, near))
		return "not a numeric ADDRESS:PORT or unix:PATH";
	return NULL;
}

static const char *
parse_listen(struct conf *c, struct rd value)
{
	struct conf_listen l;
	struct rd word;
	const char *why;
	bool near = false;

	memset(&l, 0, sizeof(l));
	word = take_word(&value);
	l.tls = rd_eq_str(word, "tls");
	if (!l.tls && !rd_eq_str(word, "plain"))
		return "listen takes tls or plain, then where";
	if ((why = parse_place(&l, take_word(&value), &near)) != NULL)
		return why;
	word = take_word(&value);
	l.local = rd_eq_str(word, "local");
	if ((word.n > 0 && !l.local) || !rd_done(&value))
		return "after the address there may only be: local";
	if (!near && !l.tls)
		return "plain HTTP only on a loopback address or Unix socket";
	if (!near && l.local)
		return "local only on a loopback address or Unix socket";
	if (c->nlisten == CONF_LISTEN_MAX)
		return "too many listen lines";
	if (listen_is_taken(c, &l))
		return "this address stands in an earlier line";
	c->listen[c->nlisten++] = l;
	return NULL;
}

static const char *
parse_keyset(struct conf *c, struct rd value)
{
	if (c->nkeyset == CONF_KEYSET_MAX)
		return "too many keyset lines";
	if (!copy_text(c->keyset[c->nkeyset], CONF_PATH_MAX, value))
		return "the value is too long";
	c->nkeyset++;
	return NULL;
}

static const char *
parse_witness(struct conf *c, struct rd value)
{
	struct rd url = take_word(&value), vkey = take_word(&value);

	if (!rd_done(&value))
		return "witness takes its URL and its key, no more";
	return conf_witness_add(c, url, vkey);
}

static const char *
parse_number(const struct conf_key *k, struct conf *c, struct rd value)
{
	uint64_t v;

	if (!rd_dec(value, k->most, &v) || v < k->least)
		return "not a number in the range that the manual gives";
	memcpy((unsigned char *)c + k->at, &v, sizeof(v));
	return NULL;
}

static const char *
parse_value(const struct conf_key *k, struct conf *c, struct rd value)
{
	switch (k->type) {
	case CONF_NUMBER:
		return parse_number(k, c, value);
	case CONF_LISTEN:
		return parse_listen(c, value);
	case CONF_KEYSET:
		return parse_keyset(c, value);
	case CONF_WITNESS:
		return parse_witness(c, value);
	case CONF_TEXT:
		break;
	}
	if (!copy_text((char *)c + k->at, k->size, value))
		return "the value is too long";
	return NULL;
}

static bool
may_repeat(const struct conf_key *k)
{
	return k->type == CONF_LISTEN || k->type == CONF_KEYSET ||
	    k->type == CONF_WITNESS;
}

/* One line without its LF; NULL where it is well. */
static const char *
parse_line(struct conf *c, struct rd line, bool seen[CONF_KEYS])
{
	struct rd name;
	size_t i;

	for (i = 0; i < line.n; i++)
		if ((line.p[i] < ' ' && line.p[i] != '\t') ||
		    line.p[i] == 0x7f)
			return "a control character";
	while (line.n > 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	name = take_word(&line);
	if (name.n == 0 || name.p[0] == '#')
		return NULL;
	for (i = 0; i < CONF_KEYS; i++)
		if (rd_eq_str(name, keys[i].name))
			break;
	if (i == CONF_KEYS)
		return "unknown key";
	if (seen[i] && !may_repeat(&keys[i]))
		return "this key stands in an earlier line";
	seen[i] = true;
	if (line.n == 0)
		return "a key without a value";
	return parse_value(&keys[i], c, line);
}

/* Where nothing is said: beside the data directory, under its name. */
static const char *
place_guard(struct conf *c)
{
	size_t n = strlen(c->data), g;

	while (n > 1 && c->data[n - 1] == '/')
		n--;
	if (c->guard[0] == '\0') {
		if (n + sizeof(GUARD_SUFFIX) > sizeof(c->guard))
			return "the path of data is too long";
		memcpy(c->guard, c->data, n);
		memcpy(c->guard + n, GUARD_SUFFIX, sizeof(GUARD_SUFFIX));
	}
	g = strlen(c->guard);
	if (g >= n && memcmp(c->guard, c->data, n) == 0 &&
	    (g == n || c->guard[n] == '/'))
		return "the guard must not lie in the data directory";
	return NULL;
}

/* What no single line can know. */
static const char *
check_whole(struct conf *c)
{
	const char *why;
	size_t i;

	if (c->data[0] == '\0')
		return "a data line is needed";
	if ((why = place_guard(c)) != NULL)
		return why;
	if (c->nlisten == 0)
		return "a listen line is needed";
	for (i = 0; i < c->nlisten; i++)
		if (c->listen[i].tls &&
		    (c->certificate[0] == '\0' || c->key[0] == '\0'))
			return "listen tls needs certificate and key lines";
	if (c->quorum > c->nwitness)
		return "quorum asks for more than there are witness lines";
	if (strlen(c->witness_socket) >= 108)
		return "witness-socket: not a path that a Unix socket can have";
	if (c->erase_delay < CONF_ERASE_DELAY &&
	    c->epoch_seconds >= CONF_EPOCH_LONG)
		return "erase-delay is at least 14 days (1209600); less only "
		    "where epoch-seconds is below 60";
	if (c->batch > c->epoch_parcels)
		return "epoch-parcels must hold at least one batch";
	return NULL;
}

static void
conf_start(struct conf *c)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < CONF_KEYS; i++)
		if (keys[i].type == CONF_NUMBER)
			memcpy((unsigned char *)c + keys[i].at, &keys[i].start,
			    sizeof(keys[i].start));
}

/* see conf.h */
int
conf_parse(struct conf *c, struct rd text, size_t *line, const char **why)
{
	bool seen[CONF_KEYS] = { false };
	struct rd one;

	conf_start(c);
	for (*line = 1; !rd_done(&text); (*line)++) {
		if (!rd_line(&text, &one) && !rd_take(&text, &one, text.n))
			break;		/* cannot be: n bytes are there */
		if ((*why = parse_line(c, one, seen)) != NULL)
			return ERR_FORMAT;
	}
	*line = 0;
	if ((*why = check_whole(c)) != NULL)
		return ERR_FORMAT;
	c->nvkey = c->office_vkey[0] != '\0';
	return 0;
}
