/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tlogpolicy.h"

#define TEXT	"drop.example/log1\n1000\n" \
		"yJ+vM5XQNKd8EsdtY225Y1jW0oOcPGj2MpoHIx6C/OI=\n"

static struct tlogpolicy p;
static char text[TLOGPOLICY_MAX_BYTES + 2];
static unsigned char buf[NOTE_MAX_BYTES];
static unsigned line;

/* Key number i, of its own name. */
static void
key(struct vkey *k, unsigned char sk[static 64], const char *name,
    uint8_t type, unsigned char i)
{
	unsigned char seed[32], pk[32];

	memset(seed, i, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), type, pk), 0);
}

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
	text[0] = '\0';
}

TestSuite(tlogpolicy, .init = setup);

/* Appends to text; a '@' becomes a witness's vkey, a '%' a log's. */
static int nkeys;

static void
put(const char *s)
{
	unsigned char sk[64], out[400];
	struct wr w;
	struct vkey k;
	char name[40];
	size_t n = strlen(text);

	for (; *s != '\0'; s++) {
		if (*s != '@' && *s != '%') {
			text[n++] = *s;
			continue;
		}
		nkeys++;
		(void)snprintf(name, sizeof(name), "key.example/%d", nkeys);
		key(&k, sk, name, *s == '@' ? NOTE_COSIG : NOTE_ED25519,
		    (unsigned char)nkeys);
		w = wr_from(out, sizeof(out));
		vkey_write(&w, &k);
		memcpy(text + n, out, w.n);
		n += w.n;
	}
	text[n] = '\0';
}

static int
parse(const char *s)
{
	text[0] = '\0';
	put(s);
	return tlogpolicy_parse(&p, rd_str(text), &line);
}

#define THREE	"witness a @\nwitness b @\nwitness c @\n"

Test(tlogpolicy, names_urls_comments_and_white_space_are_read)
{
	cr_assert_eq(parse("# ours\n\n \t\n  # more\n"
	    "log % https://drop.example/log\nlog\t%\n"
	    "  witness w1 @ https://w1.example/\t\n\twitness w2\t @\n"
	    "group both  all w1 w2 \nquorum both\n"), 0, "line %u", line);
	cr_assert(p.nlogs == 2 && p.nwitnesses == 2 && p.ngroups == 1);
	cr_assert(rd_eq_str(p.log_url[0], "https://drop.example/log"));
	cr_assert_eq(p.log_url[1].n, 0);
	cr_assert(rd_eq_str(p.witness_url[0], "https://w1.example/"));
	cr_assert(rd_eq_str(p.witness_name[1], "w2"));
	cr_assert(p.group[0].need == 2 && p.group[0].members == 3);
}

/* Which of the eight sets of three witnesses are enough, as a bit each. */
static unsigned
enough(void)
{
	unsigned set, got = 0;

	for (set = 0; set < 8; set++)
		if (tlogpolicy_holds(&p, set))
			got |= 1u << set;
	return got;
}

Test(tlogpolicy, every_kind_of_quorum_holds_for_the_right_sets)
{
	cr_assert_eq(parse("quorum none\n"), 0);
	cr_assert_eq(enough(), 0xff);
	cr_assert_eq(parse(THREE "quorum none\n"), 0);
	cr_assert_eq(enough(), 0xff);
	cr_assert_eq(parse(THREE "quorum b\n"), 0);
	cr_assert_eq(enough(), 0xcc);
	cr_assert_eq(parse(THREE "group g any a b c\nquorum g\n"), 0);
	cr_assert_eq(enough(), 0xfe);
	cr_assert_eq(parse(THREE "group g 2 a b c\nquorum g\n"), 0);
	cr_assert_eq(enough(), 0xe8);
	cr_assert_eq(parse(THREE "group g all a b c\nquorum g\n"), 0);
	cr_assert_eq(enough(), 0x80);
	cr_assert_eq(parse(THREE "group g any a b\ngroup h all g c\n"
	    "quorum h\n"), 0);
	cr_assert_eq(enough(), 0xe0);
	cr_assert_eq(parse(THREE "group g all a b\nquorum c\n"), 0,
	    "a group that nothing asks for");
	cr_assert_eq(enough(), 0xf0);
}

Test(tlogpolicy, what_could_be_read_in_two_ways_is_refused)
{
	static const char *const bad[] = {
		"", "\n", "# quorum none\n",		/* no quorum */
		"quorum none", "quorum none\nlog %",	/* no LF at the end */
		"quorum\n", "quorum none none\n", "quorum \n",
		"quorum none\nquorum none\n",
		"quorum a\n" THREE,			/* not yet defined */
		THREE "quorum d\n",
		"group g any a\nwitness a @\nquorum g\n",
		"group g any g\nquorum g\n",
		"witness none @\nquorum none\n",	/* predefined */
		"witness a @\ngroup none any a\nquorum none\n",
		"witness a @\ngroup g any none\nquorum g\n",
		"witness a @\nwitness a @\nquorum a\n",	/* a name twice */
		"witness a @\ngroup a any a\nquorum a\n",
		THREE "group g any a b\ngroup g any c\nquorum g\n",
		THREE "group g any a a\nquorum g\n",	/* a member twice */
		THREE "group g any a b\ngroup h any b c\nquorum g\n",
		THREE "group g any a\ngroup h any g\ngroup i any g\n"
		    "quorum i\n",
		THREE "group g 0 a b\nquorum g\n",
		THREE "group g 3 a b\nquorum g\n",
		THREE "group g 02 a b\nquorum g\n",
		THREE "group g +1 a b\nquorum g\n",
		THREE "group g some a b\nquorum g\n",
		THREE "group g any\nquorum g\n",	/* no member */
		THREE "group g all\nquorum g\n",
		THREE "group g\nquorum a\n", THREE "group\nquorum a\n",
		"log\nquorum none\n", "log x\nquorum none\n",
		"log @\nquorum none\n",			/* a witness's type */
		"witness a %\nquorum none\n",		/* a log's type */
		"witness a\nquorum none\n", "witness\nquorum none\n",
		"log % u v\nquorum none\n", "witness a @ u v\nquorum a\n",
		"Log %\nquorum none\n", "mirror a\nquorum none\n",
		"quorum none\r\n", "quorum\v none\n", "# \x01\nquorum none\n",
		"# \x7f\nquorum none\n",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(parse(bad[i]), ERR_FORMAT, "taken: %s", bad[i]);
	cr_assert_eq(tlogpolicy_parse(&p, rd_from("quorum none\n\0\n", 14),
	    &line), ERR_FORMAT, "a NUL");
}

Test(tlogpolicy, the_line_that_is_wrong_is_named)
{
	cr_assert_eq(parse(THREE "quorum d\n"), ERR_FORMAT);
	cr_assert_eq(line, 4);
	cr_assert_eq(parse(THREE), ERR_FORMAT);
	cr_assert_eq(line, 0, "at the end");
}

Test(tlogpolicy, any_bytes_above_ascii_may_be_in_a_name)
{
	cr_assert_eq(parse("# \xff\xfe\nwitness \xff @\nwitness \xe2\x84\xaa "
	    "@\nwitness K @\nquorum \xff\n"), 0, "line %u", line);
	cr_assert_eq(p.nwitnesses, 3);
}

/* One key under two names and two key ids is one key. */
Test(tlogpolicy, a_key_that_stands_twice_is_refused)
{
	static const struct { const char *how; uint8_t type; } kind[] = {
		{ "witness a ", NOTE_COSIG }, { "log ", NOTE_ED25519 } };
	unsigned char sk[64], out[600];
	struct vkey k;
	struct wr w;
	size_t i;

	for (i = 0; i < 2; i++) {
		w = wr_from(out, sizeof(out));
		key(&k, sk, "one", kind[i].type, 77);
		wr_str(&w, kind[i].how);
		vkey_write(&w, &k);
		wr_str(&w, i == 0 ? "\nwitness b " : "\nlog ");
		key(&k, sk, "two", kind[i].type, 77);
		vkey_write(&w, &k);
		wr_str(&w, "\nquorum none\n");
		cr_assert_eq(tlogpolicy_parse(&p, wr_rd(&w), &line),
		    ERR_FORMAT);
		cr_assert_eq(line, 2);
	}
}

Test(tlogpolicy, thirty_two_of_each_are_read_and_no_more)
{
	char s[64];
	int i, extra;

	for (extra = 0; extra < 4; extra++) {
		text[0] = '\0';
		for (i = 0; i < 32 + (extra == 1); i++)
			put("log %\n");
		for (i = 0; i < 32 + (extra == 2); i++) {
			(void)snprintf(s, sizeof(s), "witness w%d @\n", i);
			put(s);
		}
		for (i = 0; i < 32 + (extra == 3); i++) {
			(void)snprintf(s, sizeof(s), "group g%d any %c%d\n",
			    i, i < 32 ? 'w' : 'g', i % 32);
			put(s);
		}
		put("quorum g31\n");
		cr_assert_eq(tlogpolicy_parse(&p, rd_str(text), &line),
		    extra == 0 ? 0 : ERR_LIMIT, "%d", extra);
		if (extra == 0) {
			cr_assert(tlogpolicy_holds(&p, UINT32_C(1) << 31));
			cr_assert_not(tlogpolicy_holds(&p, UINT32_MAX >> 1));
		}
	}
	memset(text, '\n', sizeof(text));
	cr_assert_eq(tlogpolicy_parse(&p, rd_from(text,
	    TLOGPOLICY_MAX_BYTES + 1), &line), ERR_LIMIT);
}

/* --- time -------------------------------------------------------------- */

static uint64_t
time_of(uint64_t a, uint64_t b, uint64_t c)
{
	struct cosigners who = { 0, { a, b, c } };
	uint64_t t = 0;

	who.set = (a > 0 ? 1u : 0) | (b > 0 ? 2u : 0) | (c > 0 ? 4u : 0);
	return tlogpolicy_time(&p, &who, &t) ? t : 0;
}

Test(tlogpolicy, the_quorums_time_is_no_single_clocks)
{
	cr_assert_eq(parse(THREE "group g 2 a b c\nquorum g\n"), 0);
	cr_assert_eq(time_of(100, 0, 0), 0, "not enough");
	cr_assert_eq(time_of(100, 200, 0), 100);
	cr_assert_eq(time_of(100, 200, 9999), 200);
	cr_assert_eq(time_of(9999, 200, 100), 200);
	cr_assert_eq(time_of(300, 300, 1), 300, "a stale line takes nothing");
	cr_assert_eq(parse(THREE "quorum c\n"), 0);
	cr_assert_eq(time_of(9999, 9999, 7), 7);
	cr_assert_eq(parse(THREE "quorum none\n"), 0);
	cr_assert_eq(time_of(5, 6, 7), 0, "nobody is asked");
}

/* --- a whole checkpoint ------------------------------------------------ */

static struct vkey lk, wk[3];
static unsigned char lsk[64], wsk[3][64];

static void
keys(void)
{
	key(&lk, lsk, "drop.example/log1", NOTE_ED25519, 1);
	key(&wk[0], wsk[0], "w.example/1", NOTE_COSIG, 2);
	key(&wk[1], wsk[1], "w.example/2", NOTE_COSIG, 3);
	key(&wk[2], wsk[2], "w.example/3", NOTE_COSIG, 4);
}

static struct rd
ours(unsigned need)
{
	static unsigned char out[4096];
	struct wr w = wr_from(out, sizeof(out));

	cr_assert_eq(tlogpolicy_write(&w, &lk, NULL, wk, 3, need), 0);
	return wr_rd(&w);
}

static int
checked(const struct wr *o)
{
	struct cosigners who;
	struct checkpoint c;
	size_t log;

	return tlogpolicy_check(&p, wr_rd(o), &log, &c, &who);
}

Test(tlogpolicy, a_checkpoint_holds_from_the_quorum_on)
{
	struct wr o = wr_from(buf, sizeof(buf));
	unsigned need, i;

	keys();
	for (need = 0; need <= 3; need++) {
		cr_assert_eq(tlogpolicy_parse(&p, ours(need), &line), 0);
		o.n = 0;
		cr_assert_eq(note_sign(&o, rd_str(TEXT), &lk, lsk), 0);
		for (i = 0; i <= 3; i++) {
			cr_assert_eq(checked(&o), i < need ? ERR_ORDER : 0,
			    "%u of %u", i, need);
			if (i < 3)
				cr_assert_eq(cosign_write(&o, rd_str(TEXT),
				    1700000000, &wk[i], wsk[i]), 0);
		}
	}
}

Test(tlogpolicy, another_log_another_origin_or_a_bad_line_is_refused)
{
	struct wr o = wr_from(buf, sizeof(buf));
	struct vkey other;
	unsigned char osk[64], sig[SIG_BYTES] = { 1 };

	keys();
	key(&other, osk, "other.example/log", NOTE_ED25519, 9);
	cr_assert_eq(tlogpolicy_parse(&p, ours(0), &line), 0);
	cr_assert_eq(note_sign(&o, rd_str(TEXT), &other, osk), 0);
	cr_assert_eq(checked(&o), ERR_NOMATCH);
	o.n = 0;
	cr_assert_eq(note_sign(&o, rd_str("other.example/log\n1000\n"
	    "yJ+vM5XQNKd8EsdtY225Y1jW0oOcPGj2MpoHIx6C/OI=\n"), &lk, lsk), 0);
	cr_assert_eq(checked(&o), ERR_FORMAT, "one key, another origin");
	o.n = 0;
	cr_assert_eq(note_sign(&o, rd_str("A line.\n"), &lk, lsk), 0);
	cr_assert_eq(checked(&o), ERR_FORMAT);
	o.n = 0;
	cr_assert_eq(note_sign(&o, rd_str(TEXT), &lk, lsk), 0);
	note_sig_write(&o, &wk[2], rd_from(sig, sizeof(sig)));
	cr_assert_eq(checked(&o), ERR_AUTH, "though no quorum asks for it");
	o.n = 0;
	wr_str(&o, TEXT "\n");
	note_sig_write(&o, &lk, rd_from(sig, sizeof(sig)));
	cr_assert_eq(checked(&o), ERR_AUTH);
	cr_assert_eq(tlogpolicy_parse(&p, rd_str("quorum none\n"), &line), 0);
	o.n = 0;
	cr_assert_eq(note_sign(&o, rd_str(TEXT), &lk, lsk), 0);
	cr_assert_eq(checked(&o), ERR_NOMATCH, "a policy without a log");
}

Test(tlogpolicy, what_is_written_is_read_back)
{
	struct wr o = wr_from(buf, sizeof(buf));

	keys();
	cr_assert_eq(tlogpolicy_write(&o, &lk, "https://drop.example/log", wk,
	    3, 2), 0);
	cr_assert_eq(tlogpolicy_parse(&p, wr_rd(&o), &line), 0);
	cr_assert(p.nlogs == 1 && vkey_eq(&p.log[0], &lk));
	cr_assert(rd_eq_str(p.log_url[0], "https://drop.example/log"));
	cr_assert(p.nwitnesses == 3 && vkey_eq(&p.witness[2], &wk[2]));
	cr_assert_eq(enough(), 0xe8);
}

Test(tlogpolicy, what_could_not_be_read_back_is_not_written)
{
	struct wr o = wr_from(buf, sizeof(buf));
	struct vkey two[2];

	keys();
	two[0] = two[1] = wk[0];
	cr_assert_eq(tlogpolicy_write(&o, &lk, NULL, wk, 3, 4), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, NULL, two, 2, 1), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, "a b", wk, 3, 1), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, "a\nb", wk, 3, 1), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, "", wk, 3, 1), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &wk[0], NULL, wk, 3, 1),
	    ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, NULL, &lk, 1, 1), ERR_FORMAT);
	cr_assert_eq(tlogpolicy_write(&o, &lk, NULL, wk,
	    TLOGPOLICY_WITNESSES + 1, 1), ERR_LIMIT);
	cr_assert_eq(o.n, 0);
	o.cap = 40;
	cr_assert_eq(tlogpolicy_write(&o, &lk, NULL, wk, 3, 1), ERR_LIMIT);
}
