/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/sealing.h"
#include "crypto/reply.h"
#include "crypto/secret.h"

#define ROOM	64

static struct age_identity id[2];
static struct age_recipient to[2];

static void
setup(void)
{
	unsigned i;

	cr_assert_eq(secret_init(), 0);
	for (i = 0; i < 2; i++) {
		id[i].kind = AGE_HYBRID;
		memset(id[i].seed, (int)i + 1, SEED_BYTES);
		cr_assert_eq(hpke_public(to[i].pk, id[i].seed), 0);
	}
}

TestSuite(sealing, .init = setup);

static int
add(struct sealing *s, unsigned who, const char *text, uint16_t *parts)
{
	struct answer_note n;

	memset(&n, 0, sizeof(n));
	n.to = to[who];
	n.note = rd_str(text);
	return sealing_add(s, &n, parts);
}

/* What this one opens, in the order in which it stands. */
static size_t
opens(const struct sealing *s, size_t count, unsigned who, char *got)
{
	static unsigned char plain[REPLY_PLAIN_BYTES];
	struct reply_part p;
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		struct rd r = rd_from(sealing_reply(s, i), REPLY_BYTES);

		cr_assert_eq(reply_check(r), 0);
		if (reply_open(plain, &id[who], r) != 0)
			continue;
		cr_assert_eq(reply_part_parse(&p, rd_from(plain,
		    sizeof(plain))), 0);
		got[n++] = (char)p.data.p[0];
	}
	got[n] = '\0';
	return n;
}

/* An order that holds by chance holds one time in many. */
Test(sealing, each_mailbox_gets_its_answers_in_order_and_nobody_elses)
{
	char got[ROOM + 17];
	struct sealing *s;
	uint16_t parts;
	size_t count;
	int i;

	for (i = 0; i < 8; i++) {
		cr_assert_eq(sealing_new(&s, ROOM), 0);
		cr_assert_eq(add(s, 0, "a", &parts), 0);
		cr_assert_eq(add(s, 1, "X", &parts), 0);
		cr_assert_eq(add(s, 0, "b", &parts), 0);
		cr_assert_eq(add(s, 0, "c", &parts), 0);
		cr_assert_eq(add(s, 1, "Y", &parts), 0);
		cr_assert_eq(parts, 1);
		cr_assert_eq(sealing_finish(s, &count), 0);
		cr_assert_eq(count % 4, 0);
		cr_assert_geq(count, 8);
		cr_assert_leq(count, 20);
		cr_assert_eq(opens(s, count, 0, got), 3);
		cr_assert_str_eq(got, "abc");
		cr_assert_eq(opens(s, count, 1, got), 2);
		cr_assert_str_eq(got, "XY");
		sealing_free(s);
	}
}

Test(sealing, a_statement_without_answers_is_all_cover)
{
	char got[ROOM + 17];
	struct sealing *s;
	size_t count;

	cr_assert_eq(sealing_new(&s, ROOM), 0);
	cr_assert_eq(sealing_finish(s, &count), 0);
	cr_assert(count >= 4 && count <= 16 && count % 4 == 0);
	cr_assert_eq(opens(s, count, 0, got), 0);
	sealing_free(s);
}

/* Real replies never stand where they would if nothing were shuffled. */
Test(sealing, places_say_nothing_of_the_order_of_writing)
{
	unsigned seen[32] = { 0 }, places = 0;
	static unsigned char plain[REPLY_PLAIN_BYTES];
	struct sealing *s;
	uint16_t parts;
	size_t i, count;
	int t;

	for (t = 0; t < 40; t++) {
		cr_assert_eq(sealing_new(&s, ROOM), 0);
		cr_assert_eq(add(s, 0, "a", &parts), 0);
		cr_assert_eq(sealing_finish(s, &count), 0);
		for (i = 0; i < count; i++)
			if (reply_open(plain, &id[0], rd_from(
			    sealing_reply(s, i), REPLY_BYTES)) == 0)
				seen[i]++;
		sealing_free(s);
	}
	for (i = 0; i < 32; i++)
		places += seen[i] > 0;
	cr_assert_geq(places, 5, "always in the same places");
}

Test(sealing, an_answer_that_has_no_room_adds_nothing)
{
	char *big = malloc(3 * REPLY_DATA_BYTES + 1), got[ROOM + 17];
	struct sealing *s;
	uint16_t parts;
	size_t count;

	memset(big, 'z', 3 * REPLY_DATA_BYTES);
	big[3 * REPLY_DATA_BYTES] = '\0';
	cr_assert_eq(sealing_new(&s, 4), 0);
	cr_assert_eq(add(s, 0, big, &parts), 0);
	cr_assert_eq(parts, 3);
	cr_assert_eq(add(s, 0, big, &parts), ERR_FULL);
	cr_assert_eq(add(s, 0, "a", &parts), 0);
	cr_assert_eq(sealing_finish(s, &count), 0);
	cr_assert_eq(opens(s, count, 0, got), 4);
	cr_assert_str_eq(got, "zzza");
	sealing_free(s);
	free(big);
}
