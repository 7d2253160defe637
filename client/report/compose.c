/* SPDX-License-Identifier: ISC */
/*
 * compose.c - from what a reporter said to the message's JSON.
 *
 * Invariant: what is sent passes the very check that the desk makes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/report/compose.h"
#include "crypto/message.h"
#include "crypto/wr.h"

/* see compose.h */
int
compose_read(json_t **said, const char *path, enum msgjson_form form)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	unsigned char *p;
	char why[160];
	size_t n;
	int r;

	*said = NULL;
	if ((r = file_read(&p, &n, path, MESSAGE_JSON_MAX)) != 0) {
		warn("%s: %s", name, err_str(r));
		return r;
	}
	if ((r = msgjson_parse(said, rd_from(p, n), form, why,
	    sizeof(why))) != 0)
		warn("%s: %s", name, why);
	file_free(p, n);
	return r;
}

/* Takes the reference; false also where there is none to take. */
static bool
put(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) == 0;
}

static json_t *
attachments(const struct attach_list *l)
{
	char hex[2 * HASH_BYTES + 1];
	const struct attach *a;
	json_t *list = json_array(), *o;
	struct wr w;
	size_t i;

	for (i = 0; i < l->n; i++) {
		a = &l->item[i];
		w = wr_from(hex, sizeof(hex));
		wr_hex(&w, a->sha256, HASH_BYTES);
		if (!wr_cstr(&w) || (o = json_object()) == NULL)
			goto bad;
		if (json_array_append_new(list, o) != 0 ||
		    !put(o, "name", json_string(a->name)) ||
		    !put(o, "type", json_string(a->type)) ||
		    !put(o, "bytes", json_integer((json_int_t)a->bytes)) ||
		    !put(o, "sha256", json_string(hex)))
			goto bad;
	}
	return list;
bad:
	json_decref(list);
	return NULL;
}

static bool
fill_in(json_t *o, const char *kind, const struct codename_keys *keys,
    const struct attach_list *l)
{
	char mailbox[AGE_RECIPIENT_CHARS + 1], author[64];
	struct wr m = wr_from(mailbox, sizeof(mailbox));
	struct wr a = wr_from(author, sizeof(author));

	age_recipient_write(&m, &keys->mailbox);
	wr_b64(&a, keys->author_pk, sizeof(keys->author_pk), true);
	return wr_cstr(&m) && wr_cstr(&a) &&
	    put(o, "v", json_integer(1)) &&
	    put(o, "kind", json_string(kind)) &&
	    put(o, "mailbox", json_string(mailbox)) &&
	    put(o, "author", json_string(author)) &&
	    put(o, "attachments", attachments(l));
}

/* see compose.h */
int
compose_json(char **out, size_t *n, json_t *said, const char *kind,
    const struct codename_keys *keys, const struct attach_list *l)
{
	json_t *o;
	char why[160];
	int r;

	*out = NULL;
	*n = 0;
	if ((o = json_copy(said)) == NULL)
		return ERR_NOMEM;
	r = ERR_NOMEM;
	if (!fill_in(o, kind, keys, l))
		goto out;
	if ((r = msgjson_check(o, MSGJSON_MESSAGE, why, sizeof(why))) != 0)
		goto out;
	r = ERR_NOMEM;
	if ((*out = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS)) == NULL)
		goto out;
	*n = strlen(*out);
	r = *n <= MESSAGE_JSON_MAX ? 0 : ERR_LIMIT;
out:
	if (r != 0) {
		compose_free(*out, *n);
		*out = NULL;
	}
	json_decref(o);
	return r;
}

/* see compose.h */
void
compose_free(char *p, size_t n)
{
	if (p == NULL)
		return;
	sodium_memzero(p, n);
	free(p);
}
