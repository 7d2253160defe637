/* SPDX-License-Identifier: ISC */
/*
 * test_agekey.c - age keys as strings and in files.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/agekey.h"
#include "tests/unit/vec.h"

/* From the age test kit. */
#define HYBRID	"AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A"	\
		"7PU2LHT8EH9W6YLNC3SW78XKG"
#define PLAIN	"AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKW"	\
		"YKLMGR48UAWX40Q2P2LM0"

Test(agekey, identities_go_there_and_back)
{
	struct age_identity id;
	char text[AGE_IDENTITY_CHARS];
	struct wr w = wr_from(text, sizeof(text));

	cr_assert(age_identity_parse(&id, rd_str(HYBRID)) == 0);
	cr_assert_eq(id.kind, AGE_HYBRID);
	age_identity_write(&w, &id);
	cr_assert(wr_ok(&w) && rd_eq_str(wr_rd(&w), HYBRID));
	cr_assert_eq(w.n, AGE_IDENTITY_CHARS);
	w = wr_from(text, sizeof(text));
	cr_assert(age_identity_parse(&id, rd_str(PLAIN)) == 0);
	cr_assert_eq(id.kind, AGE_X25519);
	age_identity_write(&w, &id);
	cr_assert(wr_ok(&w) && rd_eq_str(wr_rd(&w), PLAIN));
}

Test(agekey, identities_with_anything_around_them_are_refused)
{
	static const char *bad[] = { "", " " HYBRID, HYBRID " ", HYBRID "\n",
		HYBRID "\r", HYBRID HYBRID, "AGE-SECRET-KEY-PQ-1", "age1pq1",
		"AGE-PLUGIN-PQ-1" };
	struct age_identity id;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&id, 5, sizeof(id));
		cr_assert(age_identity_parse(&id, rd_str(bad[i])) ==
		    ERR_FORMAT, "%s", bad[i]);
		cr_assert(sodium_is_zero(id.seed, sizeof(id.seed)));
	}
}

Test(agekey, recipients_go_there_and_back)
{
	unsigned char seed[SEED_BYTES] = { 3 };
	struct age_recipient a, b;
	char text[AGE_RECIPIENT_CHARS];
	struct wr w = wr_from(text, sizeof(text));
	size_t i;

	cr_assert(hpke_public(a.pk, seed) == 0);
	age_recipient_write(&w, &a);
	cr_assert(wr_ok(&w) && w.n == AGE_RECIPIENT_CHARS);
	cr_assert(memcmp(text, "age1pq1", 7) == 0);
	cr_assert(age_recipient_parse(&b, wr_rd(&w)) == 0);
	cr_assert(memcmp(&a, &b, sizeof(a)) == 0);
	for (i = 0; i < sizeof(text); i += 131)
		cr_assert(age_recipient_parse(&b, rd_from(text, i)) ==
		    ERR_FORMAT);
	memset(a.pk + 1184, 0, 32);
	w = wr_from(text, sizeof(text));
	age_recipient_write(&w, &a);
	cr_assert(age_recipient_parse(&b, wr_rd(&w)) == ERR_FORMAT,
	    "well spelled, but no key");
}

Test(agekey, known_pairs_fit)
{
	struct age_identity id;
	struct age_recipient a, b;
	json_t *j, *t;
	size_t i;

	if (!vec_need("crypto/own/age-hybrid-kat.json"))
		return;
	j = vec_json("crypto/own/age-hybrid-kat.json");
	json_array_foreach(json_object_get(j, "identities"), i, t) {
		struct vec seed = vec_hex_of(t, "seed");

		cr_assert(age_identity_parse(&id, rd_str(vec_str(t,
		    "identity"))) == 0 && id.kind == AGE_HYBRID);
		cr_assert(vec_eq(&seed, id.seed, SEED_BYTES));
		cr_assert(age_recipient_parse(&a, rd_str(vec_str(t,
		    "recipient"))) == 0);
		cr_assert(hpke_public(b.pk, id.seed) == 0);
		cr_assert(memcmp(&a, &b, sizeof(a)) == 0);
		vec_free(&seed);
	}
	vec_ran("age-hybrid-kat identities", i);
	json_decref(j);
}

Test(agekey, files_have_comments_and_empty_lines)
{
	struct age_identity ids[3];
	size_t n, line;

	cr_assert(age_identities_parse(ids, 3, &n, rd_str("# created\n\n"
	    HYBRID "\n#\n" PLAIN), &line) == 0);
	cr_assert_eq(n, 2);
	cr_assert(ids[0].kind == AGE_HYBRID && ids[1].kind == AGE_X25519);
	cr_assert(age_identities_parse(ids, 3, &n, rd_str(""), &line) == 0);
	cr_assert_eq(n, 0);
}

Test(agekey, files_say_where_they_are_wrong_and_keep_nothing)
{
	static const struct {
		const char *text;
		size_t line;
		int err;
	} bad[] = {
		{ HYBRID "\n" HYBRID "\r\n", 2, ERR_FORMAT },
		{ "#\r\n" HYBRID "\n", 1, ERR_FORMAT },
		{ HYBRID "\n\n #\n", 3, ERR_FORMAT },
		{ HYBRID "\n" HYBRID " \n", 2, ERR_FORMAT },
		{ HYBRID "\nnonsense", 2, ERR_FORMAT },
		{ HYBRID "\n" HYBRID "\n#\n" HYBRID "\n", 4, ERR_LIMIT }
	};
	struct age_identity ids[2];
	size_t i, n, line;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(age_identities_parse(ids, 2, &n,
		    rd_str(bad[i].text), &line), bad[i].err, "%zu", i);
		cr_assert_eq(line, bad[i].line, "%zu: %zu", i, line);
		cr_assert_eq(n, 0);
		cr_assert(sodium_is_zero((unsigned char *)ids, sizeof(ids)));
	}
}

Test(agekey, recipient_files_are_read_alike)
{
	unsigned char seed[SEED_BYTES] = { 3 };
	struct age_recipient rc, *got = malloc(2 * sizeof(rc));
	char text[AGE_RECIPIENT_CHARS * 2 + 40];
	struct wr w = wr_from(text, sizeof(text));
	size_t n, line;

	cr_assert(got != NULL && hpke_public(rc.pk, seed) == 0);
	wr_str(&w, "# one\n");
	age_recipient_write(&w, &rc);
	wr_str(&w, "\n\n");
	cr_assert(age_recipients_parse(got, 2, &n, wr_rd(&w), &line) == 0);
	cr_assert(n == 1 && memcmp(&got[0], &rc, sizeof(rc)) == 0);
	age_recipient_write(&w, &rc);
	cr_assert(age_recipients_parse(got, 2, &n, wr_rd(&w), &line) == 0);
	cr_assert_eq(n, 2);
	cr_assert(age_recipients_parse(got, 1, &n, wr_rd(&w), &line) ==
	    ERR_LIMIT);
	cr_assert(line == 4 && n == 0);
	wr_str(&w, "\nage1nonsense\n");
	cr_assert(age_recipients_parse(got, 2, &n, wr_rd(&w), &line) ==
	    ERR_LIMIT);
	free(got);
}
