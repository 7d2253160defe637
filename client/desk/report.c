/* SPDX-License-Identifier: ISC */
/*
 * report.c - a message's JSON in words.
 *
 * One table says in which order and under which label fields are shown; what
 * the table does not name comes last, as JSON.
 */
#include <string.h>
#include <stdlib.h>

#include "client/common/domain.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/desk/report.h"
#include "client/desk/wrap.h"
#include "crypto/base.h"

#define DIGEST_CHARS	(2 * HASH_BYTES + 1)

typedef void show_fn(FILE *f, const json_t *v,
    const struct domain_table *table);

struct field {
	const char *key, *label;
	show_fn *show;			/* NULL: not shown here */
	const struct domain_table *table;
};

static struct rd
text_of(const json_t *v)
{
	if (!json_is_string(v))
		return rd_from("", 0);
	return rd_from(json_string_value(v), json_string_length(v));
}

/* Lines of others, each behind four spaces. */
static void
show_block(FILE *f, const json_t *v, const struct domain_table *table)
{
	(void)table;
	fputc('\n', f);
	wrap_print(f, text_of(v), "    ", wrap_width(f));
}

static void
show_text(FILE *f, const json_t *v, const struct domain_table *table)
{
	(void)table;
	fputc(' ', f);
	say_clean(f, text_of(v), false);
	fputc('\n', f);
}

static void
put_code(FILE *f, const json_t *v, const struct domain_table *table)
{
	const struct domain_row *row = domain_find(table, text_of(v));

	if (row != NULL)
		fprintf(f, "%s", domain_label(row, LANG_EN));
	else
		say_clean(f, text_of(v), false);
}

static void
show_code(FILE *f, const json_t *v, const struct domain_table *table)
{
	fputc(' ', f);
	put_code(f, v, table);
	fputc('\n', f);
}

static void
show_codes(FILE *f, const json_t *v, const struct domain_table *table)
{
	size_t i;

	for (i = 0; i < json_array_size(v); i++) {
		fputs(i == 0 ? " " : "; ", f);
		put_code(f, json_array_get(v, i), table);
	}
	fputc('\n', f);
}

static void
show_bool(FILE *f, const json_t *v, const struct domain_table *table)
{
	(void)table;
	fprintf(f, " %s\n", json_is_true(v) ? "yes" : "no");
}

/* Whatever it is, on one line. */
static void
show_json(FILE *f, const json_t *v, const struct domain_table *table)
{
	char *s = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);

	(void)table;
	fputc(' ', f);
	if (s != NULL)
		say_clean(f, rd_str(s), false);
	fputc('\n', f);
	free(s);
}

static void show_fields(FILE *f, const json_t *o, const struct field *fields,
    const char *indent);

/* --- fields inside fields ----------------------------------------------- */

static const struct field when_fields[] = {
	{ "from", "from", show_text, NULL },
	{ "to", "to", show_text, NULL },
	{ "ongoing", "still going on", show_code, &domain_tristate },
	{ NULL, NULL, NULL, NULL }
};
static const struct field person_fields[] = {
	{ "name", "name", show_text, NULL },
	{ "role", "role", show_text, NULL },
	{ "unit", "unit", show_text, NULL },
	{ NULL, NULL, NULL, NULL }
};
static const struct field before_fields[] = {
	{ "to", "to whom", show_text, NULL },
	{ "when", "when", show_text, NULL },
	{ "outcome", "what came of it", show_block, NULL },
	{ NULL, NULL, NULL, NULL }
};
static const struct field act_fields[] = {
	{ "code", "kind", show_code, &domain_act },
	{ "what", "what", show_block, NULL },
	{ "when", "when", show_text, NULL },
	{ "by", "by whom", show_text, NULL },
	{ "evidence", "evidence", show_block, NULL },
	{ NULL, NULL, NULL, NULL }
};
static const struct field witness_fields[] = {
	{ "name", "name", show_text, NULL },
	{ "may_contact", "may be contacted", show_code, &domain_tristate },
	{ NULL, NULL, NULL, NULL }
};
static const struct field exclude_fields[] = {
	{ "name", "name", show_text, NULL },
	{ NULL, NULL, NULL, NULL }
};

static void
show_object(FILE *f, const json_t *v, const struct field *fields)
{
	fputc('\n', f);
	show_fields(f, v, fields, "  ");
}

static void
show_list(FILE *f, const json_t *v, const struct field *fields)
{
	size_t i;

	fputc('\n', f);
	for (i = 0; i < json_array_size(v); i++) {
		fprintf(f, "  %zu.\n", i + 1);
		show_fields(f, json_array_get(v, i), fields, "  ");
	}
}

#define NESTED(name, how, fields) \
static void \
name(FILE *f, const json_t *v, const struct domain_table *table) \
{ \
	(void)table; \
	how(f, v, fields); \
}
NESTED(show_when, show_object, when_fields)
NESTED(show_persons, show_list, person_fields)
NESTED(show_before, show_list, before_fields)
NESTED(show_acts, show_list, act_fields)
NESTED(show_witnesses, show_list, witness_fields)
NESTED(show_exclude, show_list, exclude_fields)

static const struct field retaliation_fields[] = {
	{ "activity", "protected activity", show_code, &domain_activity },
	{ "activity_what", "what it was", show_block, NULL },
	{ "activity_to", "to whom", show_text, NULL },
	{ "activity_when", "when", show_text, NULL },
	{ "acts", "acts of retaliation or threats", show_acts, NULL },
	{ "link", "why the two are linked", show_block, NULL },
	{ "tried", "what has been tried", show_block, NULL },
	{ "protection", "protection asked for", show_block, NULL },
	{ "witnesses", "witnesses", show_witnesses, NULL },
	{ NULL, NULL, NULL, NULL }
};
NESTED(show_retaliation, show_object, retaliation_fields)
#undef NESTED

/* --- the message -------------------------------------------------------- */

static void
show_attachments(FILE *f, const json_t *v, const struct domain_table *table)
{
	char hex[DIGEST_CHARS];
	const json_t *a;
	size_t i;

	(void)table;
	fputc('\n', f);
	for (i = 0; i < json_array_size(v); i++) {
		a = json_array_get(v, i);
		fprintf(f, "  %zu. ", i + 1);
		say_clean(f, text_of(json_object_get(a, "name")), false);
		fputs(" (", f);
		say_clean(f, text_of(json_object_get(a, "type")), false);
		fprintf(f, ", %lld bytes)\n", (long long)json_integer_value(
		    json_object_get(a, "bytes")));
		snprintf(hex, sizeof(hex), "%s", json_string_value(
		    json_object_get(a, "sha256")));
		fprintf(f, "     sha256 %s\n", hex);
	}
}

static const struct field message_fields[] = {
	{ "v", NULL, NULL, NULL },
	{ "kind", NULL, NULL, NULL },
	{ "mailbox", NULL, NULL, NULL },
	{ "author", NULL, NULL, NULL },
	{ "submission", "submission", show_code, &domain_submission },
	{ "category", "category", show_code, &domain_category },
	{ "text", "what happened", show_block, NULL },
	{ "when", "when", show_when, NULL },
	{ "where", "where", show_code, &domain_station },
	{ "persons", "who is concerned", show_persons, NULL },
	{ "known_by", "how it is known", show_codes, &domain_known_by },
	{ "reported_before", "reported before", show_before, NULL },
	{ "managers_involved", "managers are involved", show_code,
	    &domain_tristate },
	{ "at_risk", "the reporter is at risk", show_code,
	    &domain_tristate },
	{ "relation", "relation to the organisation", show_code,
	    &domain_relation },
	{ "language", "language of the answer", show_code,
	    &domain_language },
	{ "exclude", "must not see this", show_exclude, NULL },
	{ "exclude_office", "keep from the office itself", show_bool, NULL },
	{ "retaliation", "retaliation", show_retaliation, NULL },
	{ "attachments", "attachments", show_attachments, NULL },
	{ NULL, NULL, NULL, NULL }
};

static bool
is_empty(const json_t *v)
{
	return v == NULL || (json_is_string(v) && json_string_length(v) == 0) ||
	    (json_is_array(v) && json_array_size(v) == 0) ||
	    (json_is_object(v) && json_object_size(v) == 0);
}

static bool
is_known(const struct field *fields, const char *key)
{
	for (; fields->key != NULL; fields++)
		if (strcmp(fields->key, key) == 0)
			return true;
	return false;
}

static void
show_fields(FILE *f, const json_t *o, const struct field *fields,
    const char *indent)
{
	const struct field *x;
	const json_t *v;
	const char *key;
	void *it;

	for (x = fields; x->key != NULL; x++) {
		v = json_object_get(o, x->key);
		if (x->show == NULL || is_empty(v))
			continue;
		fprintf(f, "%s%s:", indent, x->label);
		x->show(f, v, x->table);
	}
	it = json_object_iter((json_t *)(uintptr_t)o);
	for (; it != NULL; it = json_object_iter_next(
	    (json_t *)(uintptr_t)o, it)) {
		key = json_object_iter_key(it);
		if (is_known(fields, key))
			continue;
		fprintf(f, "%sunknown field \"", indent);
		say_clean(f, rd_str(key), false);
		fputs("\":", f);
		show_json(f, json_object_iter_value(it), NULL);
	}
}

/* see report.h */
void
report_print(FILE *f, const json_t *message)
{
	show_fields(f, message, message_fields, "");
}
