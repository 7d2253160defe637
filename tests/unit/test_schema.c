/* SPDX-License-Identifier: ISC */
/*
 * docs/formats/message.schema.json names the same codes and keys as the
 * tables of the domain and the frame's limits: the page reads the one, the C
 * programs the other.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "client/common/domain.h"
#include "client/common/msgjson.h"
#include "crypto/agekey.h"
#include "crypto/message.h"
#include "tests/unit/vec.h"

static json_t *schema;

static void
setup(void)
{
	struct vec v = vec_load_at("docs/formats/message.schema.json");

	schema = json_loadb((const char *)v.p, v.n, JSON_REJECT_DUPLICATES,
	    NULL);
	cr_assert_not_null(schema);
	vec_free(&v);
}

static void
teardown(void)
{
	json_decref(schema);
}

TestSuite(schema, .init = setup, .fini = teardown);

/* The value at a path of object keys, "a/b/c". */
static json_t *
at(const char *path)
{
	char copy[128], *key, *save = NULL;
	json_t *o = schema;

	cr_assert_lt(strlen(path), sizeof(copy));
	strcpy(copy, path);
	for (key = strtok_r(copy, "/", &save); key != NULL;
	    key = strtok_r(NULL, "/", &save))
		o = json_object_get(o, key);
	cr_assert_not_null(o, "%s", path);
	return o;
}

static void
same_codes(const char *path, const struct domain_table *t)
{
	json_t *codes = at(path), *code;
	size_t i;

	cr_assert_eq(json_array_size(codes), t->n, "%s", path);
	json_array_foreach(codes, i, code)
		cr_assert_not_null(domain_find(t,
		    rd_str(json_string_value(code))), "%s of %s",
		    json_string_value(code), path);
}

Test(schema, codes_are_those_of_the_tables)
{
	same_codes("properties/submission/enum", &domain_submission);
	same_codes("properties/category/enum", &domain_category);
	same_codes("properties/relation/enum", &domain_relation);
	same_codes("properties/language/enum", &domain_language);
	same_codes("properties/known_by/items/enum", &domain_known_by);
	same_codes("properties/retaliation/properties/activity/enum",
	    &domain_activity);
	same_codes("$defs/tristate/enum", &domain_tristate);
}

Test(schema, acts_are_the_letters_of_the_table)
{
	const char *pattern = json_string_value(at("properties/retaliation/"
	    "properties/acts/items/properties/code/pattern"));
	char letter[2] = "a";
	size_t n = 0;

	cr_assert_str_eq(pattern, "^[a-o]$");
	for (; letter[0] <= 'z'; letter[0]++)
		n += domain_find(&domain_act, rd_str(letter)) != NULL &&
		    letter[0] <= 'o';
	cr_assert_eq(n, domain_act.n);
}

Test(schema, limits_are_those_of_the_code)
{
	char pattern[64];

	cr_assert_eq(json_integer_value(at("$defs/text/maxLength")),
	    MSGJSON_TEXT_MAX);
	cr_assert_eq(json_integer_value(at("$defs/list/maxItems")),
	    MSGJSON_ITEMS_MAX);
	cr_assert_eq(json_integer_value(at("properties/attachments/items/"
	    "properties/bytes/maximum")), MESSAGE_BYTES_MAX);
	cr_assert_eq(json_integer_value(at("properties/attachments/items/"
	    "properties/name/maxLength")), MSGJSON_NAME_MAX);
	(void)snprintf(pattern, sizeof(pattern), "^age1pq1%s{%d}$",
	    "[02-9ac-hj-np-z]", AGE_RECIPIENT_CHARS - 7);
	cr_assert_str_eq(json_string_value(at("properties/mailbox/pattern")),
	    pattern);
}
