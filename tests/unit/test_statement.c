/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "crypto/statement.h"
#include "tests/unit/own.h"

static struct vkey key, other;
static unsigned char sk[64], other_sk[64];
static unsigned char buf[STATEMENT_MAX_BYTES + 4096];

static void
make_key(struct vkey *k, unsigned char *secret, const char *name,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(pk, secret, seed), 0);
	cr_assert_eq(vkey_make(k, rd_str(name), NOTE_ED25519, pk), 0);
}

static void
setup(void)
{
	cr_assert_geq(sodium_init(), 0);
	make_key(&key, sk, "ethics.example/office", 2);
	make_key(&other, other_sk, "ethics.example/alternate", 3);
}

TestSuite(statement, .init = setup);

/* Text signed by key, in buf. */
static struct rd
sign(struct rd text)
{
	struct wr w = wr_from(buf, sizeof(buf));

	cr_assert_eq(note_sign(&w, text, &key, sk), 0);
	return wr_rd(&w);
}

static void
fill(struct statement *s, size_t replies)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	(void)strcpy(s->office, "ethics.example");
	(void)strcpy(s->role, "office");
	(void)strcpy(s->origin, "drop.example/log1");
	s->sequence = 7;
	s->size = 4096;
	s->erase = 100;
	s->drop = 3;
	memset(s->root, 0xab, sizeof(s->root));
	memset(s->desklog, 0xcd, sizeof(s->desklog));
	memset(s->keyset, 0xef, sizeof(s->keyset));
	s->nreplies = replies;
	for (i = 0; i < replies; i++)
		sha256(s->reply[i], &i, sizeof(i));
}

Test(statement, is_read_back_as_written)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static struct statement a, b;
	struct wr w = wr_from(text, sizeof(text)), again;
	unsigned char hash[HASH_BYTES];
	struct rd note;

	fill(&a, STATEMENT_REPLIES_MAX);
	statement_write(&w, &a);
	cr_assert(wr_ok(&w));
	note = sign(wr_rd(&w));
	cr_assert_eq(statement_open(&b, note, &key), 0);
	sha256(hash, note.p, note.n);
	cr_assert_arr_eq(b.sha256, hash, sizeof(hash));
	memset(b.sha256, 0, sizeof(b.sha256));
	cr_assert_arr_eq(&a, &b, sizeof(a));
	again = wr_from(buf, sizeof(buf));
	statement_write(&again, &b);
	cr_assert(rd_eq(wr_rd(&again), wr_rd(&w)));
}

/* --- refusals ---------------------------------------------------------- */

#define LINES_MAX 16
#define A64	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ROOT	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const char *const good[] = {
	"ethics.example/statement/office", "2", "drop.example/log1", "40",
	ROOT, "40", "2", A64, B64, "2", A64, B64
};
#define GOOD	(sizeof(good) / sizeof(good[0]))

/* The good lines with one of them changed (NULL: gone), opened. */
static int
open_with(size_t line, const char *text)
{
	static struct statement s;
	char all[4096];
	struct wr w = wr_from(all, sizeof(all));
	size_t i;

	for (i = 0; i < GOOD; i++) {
		if (i == line && text == NULL)
			continue;
		wr_str(&w, i == line ? text : good[i]);
		wr_u8(&w, '\n');
	}
	cr_assert(wr_ok(&w));
	return statement_open(&s, sign(wr_rd(&w)), &key);
}

Test(statement, the_good_lines_are_good)
{
	cr_assert_eq(open_with(SIZE_MAX, NULL), 0);
}

Test(statement, every_line_has_one_form)
{
	static const struct {
		size_t line;
		const char *text;
	} bad[] = {
		{ 0, "ethics.example/statement/alternate" },
		{ 0, "ethics.exampl/statement/office" },
		{ 0, "ethics.example/keyset/office" },
		{ 0, "ethics.example/statement/office " },
		{ 0, "ethics.example/statement/" },
		{ 0, "" },
		{ 1, "0" }, { 1, "02" }, { 1, "+2" }, { 1, "-1" }, { 1, " 2" },
		{ 1, "2 " }, { 1, "" }, { 1, "0x2" }, { 1, "1" },
		{ 1, "9223372036854775808" }, { 1, "18446744073709551616" },
		{ 2, "" }, { 2, "drop example" }, { 2, "drop+example" },
		{ 2, "drop\xc2\xa0" "example" },
		{ 3, "39" }, { 3, "040" }, { 3, "" }, { 3, "4a" },
		{ 3, "9223372036854775808" },
		{ 4, "" }, { 4, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
		{ 4, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=" },
		{ 4, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
		{ 4, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= " },
		{ 5, "41" }, { 5, "-1" }, { 5, "00" }, { 5, "" },
		{ 6, "3" }, { 6, "02" }, { 6, "" },
		{ 7, "" }, { 7, A64 "a" }, { 7, "A" A64 }, { 7, "abc" },
		{ 7, "A" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
		{ 8, "" }, { 8, A64 " " },
		{ 8, "gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
		{ 9, "1" }, { 9, "3" }, { 9, "02" }, { 9, "" }, { 9, "481" },
		{ 9, "18446744073709551615" },
		{ 10, "" }, { 10, B64 }, { 10, A64 "\n" A64 },
		{ 11, A64 }, { 11, B64 "\n" }, { 11, B64 "\nmore" },
		{ 11, "Bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(open_with(bad[i].line, bad[i].text), ERR_FORMAT,
		    "line %zu: '%s'", bad[i].line, bad[i].text);
	for (i = 0; i < GOOD; i++)
		cr_assert_eq(open_with(i, NULL), ERR_FORMAT, "line %zu", i);
}

Test(statement, takes_the_largest_numbers)
{
	cr_assert_eq(open_with(1, "9223372036854775807"), 0);
	cr_assert_eq(open_with(3, "9223372036854775807"), 0);
	cr_assert_eq(open_with(5, "0"), 0);
	cr_assert_eq(open_with(6, "0"), 0);
}

/* A small statement's note in buf. */
static struct rd
small(size_t replies)
{
	static struct statement s;
	unsigned char text[8192];
	struct wr w = wr_from(text, sizeof(text));

	fill(&s, replies);
	statement_write(&w, &s);
	cr_assert(wr_ok(&w));
	return sign(wr_rd(&w));
}

Test(statement, every_cut_and_every_flip_is_refused)
{
	static struct statement s;
	struct rd note = small(2);
	size_t i;

	for (i = 0; i < note.n; i++)
		cr_assert_neq(statement_open(&s, rd_from(note.p, i), &key), 0);
	for (i = 0; i < note.n * 8; i++) {
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
		cr_assert_neq(statement_open(&s, note, &key), 0, "bit %zu", i);
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	cr_assert_eq(statement_open(&s, note, &key), 0);
	buf[note.n] = '\n';
	cr_assert_eq(statement_open(&s, rd_from(note.p, note.n + 1), &key),
	    ERR_FORMAT);
}

Test(statement, is_signed_by_its_role_and_nobody_beside)
{
	static struct statement s;
	unsigned char text[4096];
	struct wr w = wr_from(text, sizeof(text)), v;
	struct note n;
	struct rd note = small(1);

	cr_assert_eq(statement_open(&s, note, &other), ERR_NOMATCH);
	wr_rdr(&w, note);
	cr_assert_eq(note_parse(&n, note), 0);
	v = wr_from(buf, sizeof(buf));
	cr_assert_eq(note_sign(&v, rd_from(text, n.text.n), &other,
	    other_sk), 0);
	cr_assert_eq(statement_open(&s, wr_rd(&v), &other), ERR_FORMAT,
	    "the alternate speaks for the office");
	wr_rdr(&w, rd_from(buf + n.text.n + 1, v.n - n.text.n - 1));
	cr_assert_eq(statement_open(&s, wr_rd(&w), &key), ERR_FORMAT,
	    "two signature lines");
}

Test(statement, that_is_too_long_is_not_looked_at)
{
	static unsigned char big[STATEMENT_MAX_BYTES + 1];
	static struct statement s;
	size_t n;

	memset(big, '\n', sizeof(big));
	cr_assert_eq(statement_open(&s, rd_from(big, sizeof(big)), &key),
	    ERR_LIMIT);
	cr_assert_eq(statement_replies(&n, rd_from(big, sizeof(big))),
	    ERR_LIMIT);
}

Test(statement, write_overflows_on_what_could_not_be_read)
{
	static struct statement s;
	struct wr w;
	int i;

	for (i = 0; i < 6; i++) {
		fill(&s, 2);
		switch (i) {
		case 0: s.sequence = 0; s.drop = 0; break;
		case 1: s.erase = s.size + 1; break;
		case 2: s.drop = s.sequence + 1; break;
		case 3: memcpy(s.reply[1], s.reply[0], HASH_BYTES); break;
		case 4: s.nreplies = STATEMENT_REPLIES_MAX + 1; break;
		default: s.size = (uint64_t)INT64_MAX + 1;
		}
		w = wr_from(buf, sizeof(buf));
		statement_write(&w, &s);
		cr_assert_not(wr_ok(&w), "%d", i);
	}
}

Test(statement, of_the_longest_names_and_most_replies_fits)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static struct statement s, t;
	unsigned char pk[32], secret[64], name[NAME_MAX_BYTES];
	struct wr w = wr_from(text, sizeof(text)), v;
	struct vkey k;

	crypto_sign_keypair(pk, secret);
	memset(name, 'o', sizeof(name));
	name[NAME_MAX_BYTES - 32] = '/';
	cr_assert_eq(vkey_make(&k, rd_from(name, sizeof(name)), NOTE_ED25519,
	    pk), 0);
	fill(&s, STATEMENT_REPLIES_MAX);
	memset(s.office, 0, sizeof(s.office));
	memset(s.office, 'o', NAME_MAX_BYTES - 32);
	memset(s.role, 'o', sizeof(s.role) - 1);
	memset(s.origin, 'o', NAME_MAX_BYTES);
	s.sequence = s.size = s.erase = s.drop = INT64_MAX;
	statement_write(&w, &s);
	v = wr_from(buf, sizeof(buf));
	cr_assert_eq(note_sign(&v, wr_rd(&w), &k, secret), 0);
	cr_assert_leq(v.n, STATEMENT_MAX_BYTES);
	cr_assert_eq(statement_open(&t, wr_rd(&v), &k), 0);
	name[NAME_MAX_BYTES - 33] = '/';
	name[NAME_MAX_BYTES - 32] = 'o';
	cr_assert_eq(vkey_make(&k, rd_from(name, sizeof(name)), NOTE_ED25519,
	    pk), 0);
	v = wr_from(buf, sizeof(buf));
	cr_assert_eq(note_sign(&v, wr_rd(&w), &k, secret), 0);
	cr_assert_eq(statement_open(&t, wr_rd(&v), &k), ERR_FORMAT,
	    "a role of 32 bytes");
}

/* --- what everybody fetches -------------------------------------------- */

static unsigned char bulk[8 * REPLY_BYTES + 65536];

/* Statements that name 2, 3 (dropped) and 1 replies, and three replies. */
static struct rd
container(void)
{
	struct wr w = wr_from(bulk, sizeof(bulk));

	replies_write_count(&w, 3);
	replies_write_note(&w, small(2), false);
	replies_write_note(&w, small(3), true);
	replies_write_note(&w, small(1), false);
	wr_zeros(&w, 3 * REPLY_BYTES);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(statement, replies_give_each_statement_once)
{
	struct replies_view v;
	struct rd all = container(), note;
	bool dropped;

	cr_assert_eq(replies_parse(&v, all), 0);
	cr_assert_eq(v.count, 3);
	cr_assert_eq(v.replies.n, 3 * REPLY_BYTES);
	cr_assert(replies_next(&v, &note, &dropped) == 0 && !dropped);
	cr_assert(rd_eq(note, small(2)));
	cr_assert(replies_next(&v, &note, &dropped) == 0 && dropped);
	cr_assert(rd_eq(note, small(3)));
	cr_assert(replies_next(&v, &note, &dropped) == 0 && !dropped);
	cr_assert(rd_eq(note, small(1)));
	cr_assert_eq(replies_next(&v, &note, &dropped), ERR_NOTFOUND);
	cr_assert(rd_done(&v.statements));
}

Test(statement, no_replies_at_all_are_no_bytes)
{
	struct replies_view v;
	struct rd note;
	bool dropped;

	cr_assert_eq(replies_parse(&v, rd_from(NULL, 0)), 0);
	cr_assert_eq(replies_next(&v, &note, &dropped), ERR_NOTFOUND);
	cr_assert_eq(replies_parse(&v, rd_from("\0\0\0\0", 4)), ERR_FORMAT);
}

Test(statement, replies_refuse_every_cut)
{
	struct replies_view v;
	struct rd all = container();
	size_t i;

	for (i = 1; i < all.n; i += i < all.n - 3 * REPLY_BYTES ? 1 : 97)
		cr_assert_eq(replies_parse(&v, rd_from(all.p, i)), ERR_FORMAT,
		    "%zu of %zu", i, all.n);
	cr_assert_eq(replies_parse(&v, rd_from(all.p, all.n + 1)),
	    ERR_FORMAT);
	cr_assert_eq(replies_parse(&v, rd_from(all.p, all.n + REPLY_BYTES)),
	    ERR_FORMAT);
}

Test(statement, replies_refuse_what_is_too_much)
{
	struct replies_view v;
	struct wr w = wr_from(bulk, sizeof(bulk));

	replies_write_count(&w, REPLIES_STATEMENTS_MAX + 1);
	wr_zeros(&w, 100);
	cr_assert_eq(replies_parse(&v, wr_rd(&w)), ERR_LIMIT);
	w = wr_from(bulk, sizeof(bulk));
	replies_write_count(&w, 1);
	wr_u32(&w, STATEMENT_MAX_BYTES + 1);
	wr_zeros(&w, STATEMENT_MAX_BYTES + 1);
	cr_assert_eq(replies_parse(&v, wr_rd(&w)), ERR_LIMIT);
	w = wr_from(bulk, sizeof(bulk));
	replies_write_count(&w, 1);
	replies_write_note(&w, rd_str("a\nb\nc\nd\ne\nf\ng\nh\ni\n481\n"),
	    false);
	cr_assert_eq(replies_parse(&v, wr_rd(&w)), ERR_LIMIT);
}

/* --- outboxes ---------------------------------------------------------- */

/* A record of so many replies, with this keyset, after what w holds. */
static void
record(struct wr *w, size_t replies, struct rd keyset)
{
	outbox_write(w, small(replies), keyset);
	wr_zeros(w, replies * REPLY_BYTES);
}

Test(statement, outbox_gives_its_records_in_order)
{
	struct wr w = wr_from(bulk, sizeof(bulk));
	struct outbox_record o;
	struct rd all;

	record(&w, 2, rd_str("keyset"));
	record(&w, 0, rd_from(NULL, 0));
	record(&w, 1, rd_from(NULL, 0));
	all = wr_rd(&w);
	cr_assert(wr_ok(&w) && outbox_next(&all, &o) == 0);
	cr_assert(rd_eq_str(o.keyset, "keyset") && o.nreplies == 2 &&
	    o.replies.n == 2 * REPLY_BYTES && rd_eq(o.statement, small(2)));
	cr_assert_eq(o.whole.n, 8 + o.statement.n + 6 + 2 * REPLY_BYTES);
	cr_assert_eq(outbox_next(&all, &o), 0);
	cr_assert(o.keyset.n == 0 && o.nreplies == 0 && o.replies.n == 0);
	cr_assert_eq(outbox_next(&all, &o), 0);
	cr_assert(o.nreplies == 1 && rd_done(&all));
	cr_assert_eq(outbox_next(&all, &o), ERR_FORMAT);
}

Test(statement, outbox_refuses_every_cut_and_takes_nothing)
{
	struct wr w = wr_from(bulk, sizeof(bulk));
	struct outbox_record o;
	struct rd all;
	size_t i;

	record(&w, 2, rd_str("keyset"));
	for (i = 0; i < w.n; i += i < w.n - 2 * REPLY_BYTES ? 1 : 97) {
		all = rd_from(bulk, i);
		cr_assert_eq(outbox_next(&all, &o), ERR_FORMAT);
		cr_assert_eq(all.n, i);
	}
}

/* What outbox_next() says of a record with these lengths. */
static int
lengths(uint32_t statement, uint32_t keyset, struct rd note)
{
	size_t cap = OUTBOX_BYTES_MAX + 2 * NOTE_MAX_BYTES;
	unsigned char *p = calloc(1, cap);
	struct wr w = wr_from(p, cap);
	struct outbox_record o;
	struct rd all;
	int r;

	cr_assert(p != NULL);
	wr_u32(&w, statement);
	wr_rdr(&w, note);
	wr_zeros(&w, statement - note.n);
	wr_u32(&w, keyset);
	all = rd_from(p, cap);
	r = outbox_next(&all, &o);
	free(p);
	return r;
}

Test(statement, outbox_has_limits)
{
	static const char most[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\n480\n";
	static const char over[] = "a\nb\nc\nd\ne\nf\ng\nh\ni\n481\n";
	struct rd none = rd_from(NULL, 0), m = rd_str(most);

	cr_assert_eq(lengths(0, 0, none), ERR_FORMAT);
	cr_assert_eq(lengths(STATEMENT_MAX_BYTES + 1, 0, none), ERR_LIMIT);
	cr_assert_eq(lengths(sizeof(over) - 1, 0, rd_str(over)), ERR_LIMIT);
	cr_assert_eq(lengths((uint32_t)m.n, NOTE_MAX_BYTES + 1, m),
	    ERR_LIMIT);
	cr_assert_eq(lengths((uint32_t)m.n, NOTE_MAX_BYTES, m), ERR_LIMIT,
	    "more than one POST takes");
	cr_assert_eq(lengths((uint32_t)m.n, 128 * 1024, m), 0);
}

/* --- vectors ----------------------------------------------------------- */

static void
own_statement(const struct own *v)
{
	static struct statement s;
	struct wr w = wr_from(buf, sizeof(buf));
	struct vkey k;
	struct note n;

	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0);
	cr_assert_eq(statement_open(&s, v->body, &k), own_expect(v), "%s",
	    v->name);
	if (own_expect(v) != 0)
		return;
	cr_assert(s.sequence == own_number(v, "sequence") &&
	    s.size == own_number(v, "size") &&
	    s.erase == own_number(v, "erase") &&
	    s.drop == own_number(v, "drop") &&
	    s.nreplies == own_number(v, "replies"), "%s", v->name);
	cr_assert_eq(note_parse(&n, v->body), 0);
	statement_write(&w, &s);
	cr_assert(rd_eq(wr_rd(&w), n.text), "%s", v->name);
}

Test(statement, own_vectors)
{
	own_each("statement", 22, own_statement);
}
