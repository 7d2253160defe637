/* SPDX-License-Identifier: ISC */
/*
 * msgjson.c - what a message's JSON may say.
 *
 * One table names the keys, their kind and where they may stand.  A known key
 * with a value of the wrong kind is refused, an unknown key is only held to
 * the limits.  What is said of an error names the key, never its content.
 */
#include <stdio.h>
#include <string.h>

#include "client/common/domain.h"
#include "client/common/jsonwipe.h"
#include "client/common/msgjson.h"
#include "crypto/agekey.h"
#include "crypto/base.h"
#include "crypto/message.h"
#include "crypto/utf8.h"

#define WALK_ITEMS_MAX	20000	/* values in one message, all told */

struct ctx {
	char *why;
	size_t cap;
	size_t items;
	enum msgjson_form form;
};

typedef bool check_fn(struct ctx *c, const json_t *v);

struct key {
	const char *name;
	check_fn *check;
	bool required;
};

static int
refuse(struct ctx *c, const char *key, const char *what)
{
	snprintf(c->why, c->cap, "\"%s\" %s", key, what);
	return ERR_FORMAT;
}

static struct rd
text_of(const json_t *v)
{
	return rd_from(json_string_value(v), json_string_length(v));
}

static bool
is_text(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_string(v);
}

static bool
is_code(const struct domain_table *t, const json_t *v)
{
	return json_is_string(v) && domain_find(t, text_of(v)) != NULL;
}

#define CODE(name, table) \
static bool \
name(struct ctx *c, const json_t *v) \
{ \
	(void)c; \
	return is_code(&table, v); \
}
CODE(is_submission, domain_submission)
CODE(is_category, domain_category)
CODE(is_tristate, domain_tristate)
CODE(is_relation, domain_relation)
CODE(is_language, domain_language)
CODE(is_activity, domain_activity)
CODE(is_act, domain_act)
#undef CODE

static bool
two_digits(const char *s, int min, int max)
{
	int v;

	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	v = (s[0] - '0') * 10 + s[1] - '0';
	return v >= min && v <= max;
}

/* YYYY[-MM[-DD]] */
static bool
is_date(struct ctx *c, const json_t *v)
{
	const char *s = json_string_value(v);
	size_t n;

	(void)c;
	if (s == NULL)
		return false;
	n = json_string_length(v);
	if (n != strlen(s) || (n != 4 && n != 7 && n != 10) ||
	    !two_digits(s, 0, 99) || !two_digits(s + 2, 0, 99))
		return false;
	if (n >= 7 && (s[4] != '-' || !two_digits(s + 5, 1, 12)))
		return false;
	return n < 10 || (s[7] == '-' && two_digits(s + 8, 1, 31));
}

static bool
is_bool(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_boolean(v);
}

static bool
is_version(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_integer(v) && json_integer_value(v) == 1;
}

static bool
is_kind(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_string(v) && (rd_eq_str(text_of(v), "report") ||
	    rd_eq_str(text_of(v), "follow-up"));
}

static bool
is_mailbox(struct ctx *c, const json_t *v)
{
	struct age_recipient rc;

	(void)c;
	return json_is_string(v) &&
	    age_recipient_parse(&rc, text_of(v)) == 0;
}

static bool
is_author(struct ctx *c, const json_t *v)
{
	unsigned char pk[32];

	(void)c;
	return json_is_string(v) &&
	    b64_decode(pk, sizeof(pk), text_of(v), true);
}

static bool
is_known_by(struct ctx *c, const json_t *v)
{
	size_t i;

	(void)c;
	if (!json_is_array(v))
		return false;
	for (i = 0; i < json_array_size(v); i++)
		if (!is_code(&domain_known_by, json_array_get(v, i)))
			return false;
	return true;
}

static bool
is_bytes(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_integer(v) && json_integer_value(v) >= 0 &&
	    (uint64_t)json_integer_value(v) <= MESSAGE_BYTES_MAX;
}

static bool
is_digest(struct ctx *c, const json_t *v)
{
	unsigned char d[HASH_BYTES];

	(void)c;
	return json_is_string(v) && hex_decode(d, sizeof(d), text_of(v));
}

static bool
is_name(struct ctx *c, const json_t *v)
{
	(void)c;
	return json_is_string(v) && json_string_length(v) > 0 &&
	    json_string_length(v) <= MSGJSON_NAME_MAX;
}

static int check_keys(struct ctx *c, const json_t *o, const struct key *k);

static bool
is_object(struct ctx *c, const json_t *v, const struct key *k)
{
	return json_is_object(v) && check_keys(c, v, k) == 0;
}

static bool
is_list(struct ctx *c, const json_t *v, const struct key *k)
{
	size_t i;

	if (!json_is_array(v))
		return false;
	for (i = 0; i < json_array_size(v); i++)
		if (!is_object(c, json_array_get(v, i), k))
			return false;
	return true;
}

static const struct key when_keys[] = {
	{ "from", is_date, false },
	{ "to", is_date, false },
	{ "ongoing", is_tristate, false },
	{ NULL, NULL, false }
};
static const struct key person_keys[] = {
	{ "name", is_text, false },
	{ "role", is_text, false },
	{ "unit", is_text, false },
	{ NULL, NULL, false }
};
static const struct key before_keys[] = {
	{ "to", is_text, false },
	{ "when", is_date, false },
	{ "outcome", is_text, false },
	{ NULL, NULL, false }
};
static const struct key exclude_keys[] = {
	{ "name", is_text, true },
	{ NULL, NULL, false }
};
static const struct key act_keys[] = {
	{ "code", is_act, false },
	{ "what", is_text, false },
	{ "when", is_date, false },
	{ "by", is_text, false },
	{ "evidence", is_text, false },
	{ NULL, NULL, false }
};
static const struct key witness_keys[] = {
	{ "name", is_text, false },
	{ "may_contact", is_tristate, false },
	{ NULL, NULL, false }
};
static const struct key attachment_keys[] = {
	{ "name", is_name, true },
	{ "type", is_text, true },
	{ "bytes", is_bytes, true },
	{ "sha256", is_digest, true },
	{ NULL, NULL, false }
};

#define NESTED(fn, how, keys) \
static bool \
fn(struct ctx *c, const json_t *v) \
{ \
	return how(c, v, keys); \
}
NESTED(is_when, is_object, when_keys)
NESTED(is_persons, is_list, person_keys)
NESTED(is_before, is_list, before_keys)
NESTED(is_exclude, is_list, exclude_keys)
NESTED(is_acts, is_list, act_keys)
NESTED(is_witnesses, is_list, witness_keys)
NESTED(is_attachments, is_list, attachment_keys)

static const struct key retaliation_keys[] = {
	{ "activity", is_activity, false },
	{ "activity_what", is_text, false },
	{ "activity_to", is_text, false },
	{ "activity_when", is_date, false },
	{ "acts", is_acts, false },
	{ "link", is_text, false },
	{ "tried", is_text, false },
	{ "protection", is_text, false },
	{ "witnesses", is_witnesses, false },
	{ NULL, NULL, false }
};
NESTED(is_retaliation, is_object, retaliation_keys)
#undef NESTED

/* What a reporter says. */
static const struct key report_keys[] = {
	{ "submission", is_submission, true },
	{ "text", is_text, true },
	{ "category", is_category, false },
	{ "when", is_when, false },
	{ "where", is_text, false },
	{ "persons", is_persons, false },
	{ "known_by", is_known_by, false },
	{ "reported_before", is_before, false },
	{ "managers_involved", is_tristate, false },
	{ "at_risk", is_tristate, false },
	{ "relation", is_relation, false },
	{ "language", is_language, false },
	{ "exclude", is_exclude, false },
	{ "exclude_office", is_bool, false },
	{ "retaliation", is_retaliation, false },
	{ NULL, NULL, false }
};

/* What the program fills in. */
static const struct key filled_keys[] = {
	{ "v", is_version, true },
	{ "kind", is_kind, true },
	{ "mailbox", is_mailbox, true },
	{ "author", is_author, true },
	{ "attachments", is_attachments, true },
	{ NULL, NULL, false }
};

static int
check_keys(struct ctx *c, const json_t *o, const struct key *k)
{
	const json_t *v;

	for (; k->name != NULL; k++) {
		if ((v = json_object_get(o, k->name)) == NULL) {
			if (k->required)
				return refuse(c, k->name, "is missing");
			continue;
		}
		c->why[0] = '\0';
		if (!k->check(c, v))
			return c->why[0] != '\0' ? ERR_FORMAT :
			    refuse(c, k->name, "has a value that it cannot "
			    "have");
	}
	return 0;
}

/* Limits that hold for known and unknown keys alike. */
static int
walk(struct ctx *c, json_t *v, unsigned depth)
{
	const char *key;
	json_t *child;
	size_t i;
	int r;

	if (depth > MSGJSON_DEPTH_MAX || ++c->items > WALK_ITEMS_MAX)
		return ERR_LIMIT;
	if (json_is_string(v))
		return json_string_length(v) <= MSGJSON_TEXT_MAX ? 0 :
		    ERR_LIMIT;
	if (json_is_array(v)) {
		if (json_array_size(v) > MSGJSON_ITEMS_MAX)
			return ERR_LIMIT;
		for (i = 0; i < json_array_size(v); i++)
			if ((r = walk(c, json_array_get(v, i), depth + 1)) != 0)
				return r;
	}
	if (json_is_object(v)) {
		if (json_object_size(v) > MSGJSON_ITEMS_MAX)
			return ERR_LIMIT;
		json_object_foreach(v, key, child) {
			if (strlen(key) > MSGJSON_NAME_MAX)
				return ERR_LIMIT;
			if ((r = walk(c, child, depth + 1)) != 0)
				return r;
		}
	}
	return 0;
}

static int
check_filled(struct ctx *c, const json_t *o)
{
	const struct key *k;

	if (c->form == MSGJSON_MESSAGE)
		return check_keys(c, o, filled_keys);
	for (k = filled_keys; k->name != NULL; k++)
		if (json_object_get(o, k->name) != NULL)
			return refuse(c, k->name, "is filled in by the "
			    "program; leave it out");
	return 0;
}

/* A follow-up carries on; it need not say again what it is about. */
static int
check_said(struct ctx *c, const json_t *o)
{
	const json_t *kind = json_object_get(o, "kind");
	bool followup = c->form == MSGJSON_FOLLOWUP_FILE || (kind != NULL &&
	    rd_eq_str(text_of(kind), "follow-up"));

	if (followup && json_object_get(o, "submission") == NULL)
		return check_keys(c, o, report_keys + 1);
	return check_keys(c, o, report_keys);
}

/* see msgjson.h */
int
msgjson_check(json_t *o, enum msgjson_form form, char *why, size_t why_cap)
{
	struct ctx c;
	int r;

	c.why = why;
	c.cap = why_cap;
	c.items = 0;
	c.form = form;
	if (why_cap > 0)
		why[0] = '\0';
	if (!json_is_object(o)) {
		snprintf(why, why_cap, "not a JSON object");
		return ERR_FORMAT;
	}
	if ((r = walk(&c, o, 1)) != 0) {
		snprintf(why, why_cap, "too deep, too many or too long");
		return r;
	}
	if ((r = check_filled(&c, o)) != 0)
		return r;
	return check_said(&c, o);
}

/*
 * jansson recurses as deep as its own limit of 2048; text that nests deeper
 * than ours is refused before it sees it.
 */
static bool
depth_ok(struct rd text)
{
	unsigned depth = 0;
	bool quoted = false;
	size_t i;

	for (i = 0; i < text.n; i++) {
		if (quoted) {
			if (text.p[i] == '\\')
				i++;
			else if (text.p[i] == '"')
				quoted = false;
		} else if (text.p[i] == '"') {
			quoted = true;
		} else if (text.p[i] == '{' || text.p[i] == '[') {
			if (++depth > MSGJSON_DEPTH_MAX)
				return false;
		} else if ((text.p[i] == '}' || text.p[i] == ']') &&
		    depth > 0) {
			depth--;
		}
	}
	return true;
}

/* see msgjson.h */
int
msgjson_parse(json_t **out, struct rd text, enum msgjson_form form, char *why,
    size_t why_cap)
{
	json_error_t e;
	json_t *o;
	int r;

	*out = NULL;
	if (text.n > MESSAGE_JSON_MAX || !depth_ok(text)) {
		snprintf(why, why_cap, "too deep or too long");
		return ERR_LIMIT;
	}
	if (!utf8_ok(text)) {
		snprintf(why, why_cap, "not UTF-8");
		return ERR_FORMAT;
	}
	(void)json_memory_failed();	/* forget what was before */
	o = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES,
	    &e);
	/* jansson may go on without what it did not get. */
	if (json_memory_failed()) {
		json_decref(o);
		snprintf(why, why_cap, "out of memory");
		return ERR_NOMEM;
	}
	if (o == NULL) {
		snprintf(why, why_cap, "not JSON: line %d, column %d", e.line,
		    e.column);
		return ERR_FORMAT;
	}
	if ((r = msgjson_check(o, form, why, why_cap)) != 0) {
		json_decref(o);
		return r;
	}
	*out = o;
	return 0;
}

/* see msgjson.h */
size_t
msgjson_attachments(const json_t *o)
{
	return json_array_size(json_object_get(o, "attachments"));
}

/* see msgjson.h */
void
msgjson_attachment(const json_t *o, size_t i, struct msgjson_attachment *a)
{
	const json_t *v = json_array_get(json_object_get(o, "attachments"), i);

	a->name = json_string_value(json_object_get(v, "name"));
	a->type = json_string_value(json_object_get(v, "type"));
	a->bytes = (uint64_t)json_integer_value(json_object_get(v, "bytes"));
	if (!hex_decode(a->sha256, HASH_BYTES,
	    text_of(json_object_get(v, "sha256"))))
		memset(a->sha256, 0, HASH_BYTES);	/* not after a check */
}
