/* SPDX-License-Identifier: ISC */
/*
 * answer.c - what one answer of the office says.
 *
 * Invariant: of what is there, each value has its type and keeps its limit;
 * what is lodged is there whole or not at all.
 */
#include <string.h>

#include "client/common/jsonwipe.h"
#include "client/report/answer.h"
#include "crypto/base.h"
#include "crypto/keyset.h"
#include "crypto/utf8.h"

#define ANSWER_JSON_MAX	NOTE_MAX_BYTES
#define DEPTH_MAX	8

/*
 * jansson recurses as deep as its own limit of 2048; text that nests deeper
 * than ours is refused before it sees it.
 */
static bool
depth_ok(struct rd text)
{
	unsigned depth = 0;
	bool quoted = false;
	uint8_t c, skipped;

	while (rd_u8(&text, &c)) {
		if (quoted) {
			if (c == '\\' && !rd_u8(&text, &skipped))
				return false;
			quoted = c != '"';
		} else if (c == '"') {
			quoted = true;
		} else if ((c == '{' || c == '[') && ++depth > DEPTH_MAX) {
			return false;
		} else if ((c == '}' || c == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

static struct rd
view(const json_t *v)
{
	return rd_from(json_string_value(v), json_string_length(v));
}

/* A string that may be absent. */
static bool
take_string(struct rd *out, const json_t *o, const char *key, size_t max)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL)
		return true;
	if (!json_is_string(v) || json_string_length(v) > max)
		return false;
	*out = view(v);
	return true;
}

static bool
take_day(int32_t *day, const json_t *o, const char *key)
{
	struct rd s = rd_from(NULL, 0);

	*day = -1;
	return take_string(&s, o, key, NOTE_MAX_BYTES) &&
	    (s.n == 0 || day_parse(day, s));
}

static bool
take_hash(unsigned char *out, bool *has, const json_t *o, const char *key)
{
	struct rd s = rd_from(NULL, 0);

	*has = json_object_get(o, key) != NULL;
	return take_string(&s, o, key, NOTE_MAX_BYTES) &&
	    (!*has || hex_decode(out, HASH_BYTES, s));
}

static bool
take_kind(struct answer *a)
{
	struct rd s = rd_from(NULL, 0);

	if (!take_string(&s, a->json, "kind", NOTE_MAX_BYTES))
		return false;
	if (rd_eq_str(s, "acknowledgement"))
		a->kind = ANSWER_ACKNOWLEDGEMENT;
	else if (rd_eq_str(s, "answer"))
		a->kind = ANSWER_WORDS;
	return s.n > 0;
}

static bool
take_questions(struct answer *a)
{
	const json_t *list = json_object_get(a->json, "questions"), *v;
	size_t i;

	if (list == NULL)
		return true;
	if (!json_is_array(list) ||
	    json_array_size(list) > ANSWER_QUESTIONS_MAX)
		return false;
	json_array_foreach(list, i, v) {
		if (!json_is_string(v))
			return false;
		a->question[a->nquestions++] = view(v);
	}
	return true;
}

/* A whole number from 0 on. */
static bool
number(uint64_t *out, const json_t *v)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return false;
	*out = (uint64_t)json_integer_value(v);
	return true;
}

static bool
take_leaves(struct answer *a, const json_t *list)
{
	const json_t *v;
	uint64_t leaf;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) == 0 ||
	    json_array_size(list) > PARCEL_PARTS_MAX)
		return false;
	json_array_foreach(list, i, v) {
		if (!number(&leaf, v))
			return false;
		if (i == 0)
			a->leaf = leaf;
	}
	a->nleaves = json_array_size(list);
	return true;
}

/* Epoch, leaves, parcel and proof: all of them or none. */
static bool
take_lodged(struct answer *a)
{
	const json_t *epoch = json_object_get(a->json, "epoch");
	const json_t *leaves = json_object_get(a->json, "leaves");
	bool has;

	if (!take_hash(a->parcel, &has, a->json, "parcel") ||
	    !take_string(&a->proof, a->json, "proof", NOTE_MAX_BYTES))
		return false;
	if (epoch == NULL && leaves == NULL && !has && a->proof.n == 0)
		return true;
	a->has_lodged = true;
	return number(&a->close, epoch) && take_leaves(a, leaves) && has &&
	    a->proof.n > 0;
}

static int
take(struct answer *a)
{
	const json_t *v = json_object_get(a->json, "v");
	uint64_t version;

	if (!number(&version, v))
		return ERR_FORMAT;
	if (version != 1)
		return ERR_CHANGED;
	if (!take_kind(a))
		return ERR_FORMAT;
	if (a->kind == 0)
		return ERR_CHANGED;
	if (!take_string(&a->ref, a->json, "case", ANSWER_CASE_MAX) ||
	    !take_string(&a->text, a->json, "text", NOTE_MAX_BYTES) ||
	    !take_string(&a->status, a->json, "status", NOTE_MAX_BYTES) ||
	    !take_day(&a->date, a->json, "date") ||
	    !take_day(&a->next, a->json, "next") ||
	    !take_hash(a->message, &a->has_message, a->json, "message") ||
	    !take_questions(a) || !take_lodged(a))
		return ERR_FORMAT;
	return 0;
}

/* see answer.h */
int
answer_parse(struct answer *a, struct rd json)
{
	int r;

	memset(a, 0, sizeof(*a));
	if (json.n > ANSWER_JSON_MAX || !depth_ok(json))
		return ERR_LIMIT;
	if (!utf8_ok(json))
		return ERR_FORMAT;
	(void)json_memory_failed();	/* forget what was before */
	a->json = json_loadb((const char *)json.p, json.n,
	    JSON_REJECT_DUPLICATES, NULL);
	if (json_memory_failed())
		r = ERR_NOMEM;
	else
		r = json_is_object(a->json) ? take(a) : ERR_FORMAT;
	if (r != 0)
		answer_wipe(a);
	return r;
}

/* see answer.h */
void
answer_wipe(struct answer *a)
{
	json_decref(a->json);
	memset(a, 0, sizeof(*a));
}
