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
	[EVIDENCE_ENTRY] = "entry",
	[EVIDENCE_RECEIPT] = "receipt",
	[EVIDENCE_SERVED] = "served"
};

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

static json_t *
proof_json(const struct proof *p)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; a != NULL && i < p->n; i++)
		if (json_array_append_new(a, b64(p->hash[i],
		    HASH_BYTES)) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
}

static json_t *
entry_json(const struct evidence_entry *e)
{
	return json_pack("{s:I, s:o, s:o}", "index", (json_int_t)e->index,
	    "entry", b64(e->entry, ENTRY_BYTES), "proof",
	    proof_json(&e->proof));
}

static json_t *
entries_json(const struct evidence *e)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; a != NULL && i < e->nentries; i++)
		if (json_array_append_new(a, entry_json(&e->entry[i])) != 0) {
			json_decref(a);
			return NULL;
		}
	return a;
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
		    proof_json(e->consistency));
	if (e->nentries > 0)
		r |= json_object_set_new(j, "entries", entries_json(e));
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
