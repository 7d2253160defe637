/* SPDX-License-Identifier: ISC */
/*
 * evidence.c - one file that shows a third party what does not hold.
 */
#include "client/audit/evidence.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/wr.h"

#define B64_BYTES(n)	(((n) + 2) / 3 * 4)

static const char *const kinds[] = {
	[EVIDENCE_FORK] = "fork",
	[EVIDENCE_SHORTER] = "shorter",
	[EVIDENCE_RECEIPT] = "receipt",
	[EVIDENCE_SERVED] = "served"
};

/* see evidence.h */
const char *
evidence_kind_name(enum evidence_kind kind)
{
	return kinds[kind];
}

/* see evidence.h */
int
evidence_kind_named(enum evidence_kind *kind, struct rd word)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (rd_eq_str(word, kinds[i])) {
			*kind = (enum evidence_kind)i;
			return 0;
		}
	return ERR_FORMAT;
}

/* Bytes as a string of Base64; NULL: out of memory. */
static json_t *
b64(const void *p, size_t n)
{
	size_t cap = B64_BYTES(n) + 1;
	char *text = malloc(cap);
	json_t *j = NULL;
	struct wr w;

	if (text == NULL)
		return NULL;
	w = wr_from(text, cap);
	wr_b64(&w, p, n, true);
	if (wr_ok(&w))
		j = json_stringn(text, w.n);
	free(text);
	return j;
}

/* n things of `each` bytes, one behind the other. */
static json_t *
b64_array(const void *p, size_t n, size_t each)
{
	const unsigned char *at = p;
	json_t *a = json_array();
	size_t i;

	for (i = 0; a != NULL && i < n; i++)
		if (json_array_append_new(a, b64(at + i * each, each)) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

/* Size and subtree roots, as docs/formats/log.md writes them. */
static json_t *
tree_json(const struct tree *t)
{
	unsigned char buf[8 + (TREE_DEPTH_MAX + 1) * HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));

	tree_write(&w, t);
	return wr_ok(&w) ? b64(buf, w.n) : NULL;
}

/* A note is valid UTF-8, so it stands as it is. */
static json_t *
note_json(struct rd note)
{
	return json_stringn((const char *)note.p, note.n);
}

static json_t *
vkey_json(const struct vkey *k)
{
	char text[NAME_MAX_BYTES + 128];
	struct wr w = wr_from(text, sizeof(text));

	vkey_write(&w, k);
	return wr_ok(&w) ? json_stringn(text, w.n) : NULL;
}

/* 0, or -1 without memory; parts that are not there are left out. */
static int
fill(json_t *j, const struct evidence *e)
{
	int r = json_object_set_new(j, "v", json_integer(1)) |
	    json_object_set_new(j, "what", json_string(kinds[e->kind])) |
	    json_object_set_new(j, "says", json_string(e->says)) |
	    json_object_set_new(j, "log", vkey_json(e->log));

	if (e->checkpoint.n > 0)
		r |= json_object_set_new(j, "checkpoint",
		    note_json(e->checkpoint));
	if (e->earlier.n > 0)
		r |= json_object_set_new(j, "earlier", note_json(e->earlier));
	if (e->begins != NULL)
		r |= json_object_set_new(j, "begins",
		    b64(e->begins, HASH_BYTES));
	if (e->consistency != NULL)
		r |= json_object_set_new(j, "consistency",
		    b64_array(e->consistency->hash, e->consistency->n,
		    HASH_BYTES));
	if (e->receipt.n > 0)
		r |= json_object_set_new(j, "receipt", note_json(e->receipt));
	if (e->before != NULL) {
		r |= json_object_set_new(j, "before", tree_json(e->before));
		r |= json_object_set_new(j, "entries", b64_array(e->entries.p,
		    e->entries.n / ENTRY_BYTES, ENTRY_BYTES));
	}
	if (e->name != NULL)
		r |= json_object_set_new(j, "name", json_string(e->name));
	if (e->bytes.p != NULL)
		r |= json_object_set_new(j, "bytes",
		    b64(e->bytes.p, e->bytes.n));
	return r == 0 ? 0 : -1;
}

/* see evidence.h */
int
evidence_write(const struct evidence *e, const char *path)
{
	json_t *j = json_object();
	char *text = NULL;
	int code = EXIT_DONE, r;

	if (j == NULL || fill(j, e) != 0 ||
	    (text = json_dumps(j, JSON_INDENT(1))) == NULL)
		code = fail(EXIT_SYSTEM, "out of memory");
	else if ((r = file_write(path, rd_str(text), 0600, false)) != 0)
		code = fail(EXIT_CANTCREATE, "%s: %s", path,
		    r == ERR_EXISTS ? "exists already" : strerror(errno));
	else
		warn("the evidence is in %s", path);
	free(text);
	json_decref(j);
	return code;
}
