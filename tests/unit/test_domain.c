/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <string.h>

#include "client/common/domain.h"
#include "crypto/utf8.h"

static const struct domain_table *const tables[] = {
	&domain_submission, &domain_category, &domain_act, &domain_relation,
	&domain_known_by, &domain_tristate, &domain_station,
	&domain_language, &domain_activity
};
#define TABLES	(sizeof(tables) / sizeof(tables[0]))

Test(domain, has_as_many_rows_as_the_office_has)
{
	cr_assert_eq(domain_submission.n, 4);
	cr_assert_eq(domain_category.n, 18);
	cr_assert_eq(domain_act.n, 15);
	cr_assert_str_eq(domain_act.row[0].code, "a");
	cr_assert_str_eq(domain_act.row[14].code, "o");
	cr_assert_eq(domain_relation.n, 8);
	cr_assert_eq(domain_known_by.n, 3);
	cr_assert_eq(domain_tristate.n, 3);
	cr_assert_eq(domain_station.n, 17);
	cr_assert_eq(domain_language.n, 5);
	cr_assert_eq(domain_activity.n, 2);
}

Test(domain, every_code_is_found_once_and_has_a_label_in_each_language)
{
	const struct domain_row *row;
	size_t t, i, l;

	for (t = 0; t < TABLES; t++)
		for (i = 0; i < tables[t]->n; i++) {
			row = &tables[t]->row[i];
			cr_assert_eq(domain_find(tables[t],
			    rd_str(row->code)), row, "%s", row->code);
			for (l = 0; l < LANGS; l++)
				cr_assert(strlen(domain_label(row,
				    (enum domain_lang)l)) > 0 &&
				    utf8_ok(rd_str(domain_label(row,
				    (enum domain_lang)l))));
		}
}

Test(domain, a_code_is_matched_whole)
{
	cr_assert_null(domain_find(&domain_category, rd_str("gift")));
	cr_assert_null(domain_find(&domain_category, rd_str("giftss")));
	cr_assert_null(domain_find(&domain_category, rd_str("Gifts")));
	cr_assert_null(domain_find(&domain_category, rd_str("")));
	cr_assert_null(domain_find(&domain_category, rd_from("gifts\0", 6)));
}

Test(domain, a_missing_label_falls_back_to_english)
{
	const struct domain_row *abidjan = domain_find(&domain_station,
	    rd_str("Abidjan"));

	cr_assert_not_null(abidjan);
	cr_assert_str_eq(domain_label(abidjan, LANG_FR), "Abidjan");
	cr_assert_str_eq(domain_label(abidjan, LANGS), "Abidjan");
}
