/* SPDX-License-Identifier: ISC */
/*
 * conf_witness.c - the witness lines of the configuration.
 *
 * Refuses what would make one witness two: a key or a name that stands in
 * another line; and every URL that is not plainly one: a scheme, a host, a
 * port, a path.  Pure.
 */
#include <string.h>

#include "server/conf.h"

/* Without "localhost": what a name means is not for a name to say. */
static bool
is_loopback(struct rd host)
{
	char text[64];
	struct conf_listen l;
	struct wr w = wr_from(text, sizeof(text));
	bool near = false;

	wr_rdr(&w, host);
	wr_str(&w, ":1");
	return wr_ok(&w) && conf_address(wr_rd(&w), &l, &near) && near;
}

/* HOST[:PORT], HOST a name, a number, or in brackets. */
static bool
split_host(struct rd text, struct rd *host)
{
	uint64_t port;
	size_t i;

	*host = text;
	for (i = text.n; i-- > 0 && text.p[i] != ']';)
		if (text.p[i] == ':') {
			*host = rd_from(text.p, i);
			return i > 0 && rd_dec(rd_from(text.p + i + 1,
			    text.n - i - 1), UINT16_MAX, &port) && port > 0;
		}
	return text.n > 0;
}

static const char *
check_url(struct rd url)
{
	struct rd rest = url, host;
	bool tls;
	size_t i;

	for (i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f ||
		    strchr("?#@\\\"<>{}|^`", url.p[i]) != NULL)
			return "the URL of a witness has an odd character";
	tls = rd_lit(&rest, "https://");
	if (!tls && !rd_lit(&rest, "http://"))
		return "the URL of a witness begins with https://";
	for (i = 0; i < rest.n && rest.p[i] != '/'; i++)
		continue;
	if (!split_host(rd_from(rest.p, i), &host))
		return "the URL of a witness has no host, or an odd port";
	if (!tls && !is_loopback(host))
		return "http:// only to a witness at a loopback address";
	return NULL;
}

/* see conf.h */
const char *
conf_witness_add(struct conf *c, struct rd url, struct rd vkey)
{
	struct conf_witness *x = &c->witness[c->nwitness];
	const char *why;
	size_t i;

	if (c->nwitness == CONF_WITNESS_MAX)
		return "too many witness lines";
	while (url.n > 0 && url.p[url.n - 1] == '/')
		url.n--;
	if (url.n >= sizeof(x->url))
		return "the value is too long";
	if ((why = check_url(url)) != NULL)
		return why;
	if (vkey_parse(&x->key, vkey) != 0 || x->key.type != NOTE_COSIG)
		return "witness takes its URL, then its key as a cosigner";
	for (i = 0; i < c->nwitness; i++)
		if (memcmp(c->witness[i].key.pk, x->key.pk,
		    sizeof(x->key.pk)) == 0 ||
		    strcmp(c->witness[i].key.name, x->key.name) == 0)
			return "this witness stands in an earlier line";
	memcpy(x->url, url.p, url.n);
	x->url[url.n] = '\0';
	c->nwitness++;
	return NULL;
}
