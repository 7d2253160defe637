/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/codename.h"
#include "tests/unit/own.h"

#define OFFICE	"ethics.example"

static unsigned char entropy[CODENAME_BYTES], back[CODENAME_BYTES];
static char text[CODENAME_CHARS];
static unsigned word;

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
}

TestSuite(codename, .init = setup);

static void
own_keys(const struct own *v)
{
	unsigned char seed[SEED_BYTES], author[32];
	struct codename_keys k;

	own_hex(v, "mailbox-seed", seed, sizeof(seed));
	own_hex(v, "author", author, sizeof(author));
	cr_assert_eq(codename_derive(&k, entropy, own_get(v, "office")), 0);
	cr_assert_arr_eq(k.mailbox_id.seed, seed, sizeof(seed));
	cr_assert_eq(k.mailbox_id.kind, AGE_HYBRID);
	cr_assert_arr_eq(k.author_pk, author, sizeof(author));
	cr_assert_eq(k.role, own_number(v, "role"));
	codename_keys_wipe(&k);
	cr_assert(sodium_is_zero((const unsigned char *)&k, sizeof(k)));
}

static void
own_codename(const struct own *v)
{
	word = 99;
	cr_assert_eq(codename_parse(back, v->body, &word), own_expect(v),
	    "%s", v->name);
	if (own_expect(v) != 0) {
		cr_assert_eq(word, own_number(v, "word"), "%s: %u", v->name,
		    word);
		return;
	}
	own_hex(v, "entropy", entropy, sizeof(entropy));
	cr_assert_arr_eq(back, entropy, sizeof(back), "%s", v->name);
	codename_write(text, entropy);
	cr_assert(rd_eq_str(own_get(v, "canonical"), text), "%s", v->name);
	own_keys(v);
}

Test(codename, own_vectors)
{
	own_each("codename", 15, own_codename);
}

Test(codename, what_is_written_parses)
{
	int i;

	for (i = 0; i < 200; i++) {
		randombytes_buf(entropy, sizeof(entropy));
		codename_write(text, entropy);
		cr_assert_eq(codename_parse(back, rd_str(text), &word), 0);
		cr_assert_arr_eq(back, entropy, sizeof(back));
	}
}

Test(codename, every_word_of_the_list_is_found_whole_and_by_its_prefix)
{
	static const unsigned char zero[CODENAME_BYTES];
	char line[CODENAME_CHARS];
	int i, r;

	codename_write(text, zero);
	for (i = 0; i < WORDS_COUNT; i++) {
		(void)snprintf(line, sizeof(line), "%.8s%s", words_list[i],
		    strchr(text, ' '));
		r = codename_parse(back, rd_str(line), &word);
		cr_assert(r == 0 || r == ERR_AUTH, "%s", words_list[i]);
		(void)snprintf(line, sizeof(line), "%.4s%s", words_list[i],
		    strchr(text, ' '));
		cr_assert_eq(codename_parse(back, rd_str(line), &word), r,
		    "%.4s", words_list[i]);
	}
}

Test(codename, a_cut_codename_is_refused_unless_a_prefix_is_left)
{
	size_t cut, n;

	randombytes_buf(entropy, sizeof(entropy));
	codename_write(text, entropy);
	n = (size_t)(strrchr(text, ' ') - text);
	for (cut = 0; cut <= n; cut++)
		cr_assert_neq(codename_parse(back, rd_from(text, cut), &word),
		    0, "%.*s", (int)cut, text);
}

Test(codename, too_much_text_is_refused_unread)
{
	static char big[4097];

	memset(big, ' ', sizeof(big));
	codename_write(text, entropy);
	memcpy(big, text, strlen(text));
	cr_assert_eq(codename_parse(back, rd_from(big, sizeof(big) - 1),
	    &word), 0);
	cr_assert_eq(codename_parse(back, rd_from(big, sizeof(big)), &word),
	    ERR_LIMIT);
	cr_assert_eq(word, 0);
}

Test(codename, new_ones_address_the_role_that_was_asked)
{
	enum codename_role role;
	struct codename_keys k;
	int i;

	for (i = 0; i < 40; i++) {
		role = i % 2 ? ROLE_ALTERNATE : ROLE_OFFICE;
		cr_assert_eq(codename_new(entropy, rd_str(OFFICE), role), 0);
		cr_assert_eq(codename_derive(&k, entropy, rd_str(OFFICE)), 0);
		cr_assert_eq(k.role, role);
	}
}

Test(codename, another_office_gives_other_keys)
{
	struct codename_keys a, b;

	randombytes_buf(entropy, sizeof(entropy));
	cr_assert_eq(codename_derive(&a, entropy, rd_str(OFFICE)), 0);
	cr_assert_eq(codename_derive(&b, entropy, rd_str("other")), 0);
	cr_assert_arr_neq(a.mailbox.pk, b.mailbox.pk, sizeof(a.mailbox.pk));
	cr_assert_arr_neq(a.author_pk, b.author_pk, sizeof(a.author_pk));
}

Test(codename, an_office_name_that_is_none_is_refused)
{
	struct codename_keys k;

	cr_assert_eq(codename_new(entropy, rd_str("a b"), ROLE_OFFICE),
	    ERR_FORMAT);
	cr_assert_eq(codename_derive(&k, entropy, rd_str("")), ERR_FORMAT);
}

Test(codename, roles_have_the_names_that_keys_bear)
{
	cr_assert_str_eq(role_name(ROLE_OFFICE), "office");
	cr_assert_str_eq(role_name(ROLE_ALTERNATE), "alternate");
}
