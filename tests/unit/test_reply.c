/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/reply.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/own.h"

static struct vkey key;
static unsigned char sk[64];
static struct age_identity box;
static struct age_recipient to;
static unsigned char plain[REPLY_PLAIN_BYTES], back[REPLY_PLAIN_BYTES];
static unsigned char sealed[REPLY_BYTES], buf[NOTE_MAX_BYTES + 4096];

static void
setup(void)
{
	unsigned char seed[32], pk[32];

	cr_assert_neq(secret_init(), ERR_ORDER);
	memset(seed, 2, sizeof(seed));
	cr_assert_eq(crypto_sign_seed_keypair(pk, sk, seed), 0);
	cr_assert_eq(vkey_make(&key, rd_str("ethics.example/office"),
	    NOTE_ED25519, pk), 0);
	box.kind = AGE_HYBRID;
	memset(box.seed, 9, sizeof(box.seed));
	cr_assert_eq(hpke_public(to.pk, box.seed), 0);
}

TestSuite(reply, .init = setup);

/* A part of a message of so many bytes, in plain. */
static void
part(uint64_t bytes, uint16_t index)
{
	static unsigned char data[REPLY_DATA_BYTES];
	struct reply_part p = { .kind = REPLY_MESSAGE, .bytes = bytes,
	    .index = index, .count = reply_part_count(bytes) };

	memset(data, 'x', sizeof(data));
	memset(p.id, 5, sizeof(p.id));
	memset(p.sha256, 6, sizeof(p.sha256));
	p.data = rd_from(data, reply_part_bytes(bytes, index));
	cr_assert_eq(reply_part_write(plain, &p), 0);
}

Test(reply, opens_with_its_mailbox_alone)
{
	struct age_identity other = box;
	struct reply_opener *o = reply_opener_new(&box), *p;

	other.seed[0] ^= 1;
	p = reply_opener_new(&other);
	cr_assert(o != NULL && p != NULL);
	part(20, 0);
	cr_assert_eq(reply_seal(sealed, plain, &to), 0);
	cr_assert_eq(reply_check(rd_from(sealed, sizeof(sealed))), 0);
	cr_assert_eq(reply_open(back, &box, rd_from(sealed,
	    sizeof(sealed))), 0);
	cr_assert_arr_eq(back, plain, sizeof(plain));
	memset(back, 1, sizeof(back));
	cr_assert_eq(reply_opener_open(o, back, rd_from(sealed,
	    sizeof(sealed))), 0);
	cr_assert_arr_eq(back, plain, sizeof(plain));
	cr_assert_eq(reply_open(back, &other, rd_from(sealed,
	    sizeof(sealed))), ERR_NOMATCH);
	cr_assert(sodium_is_zero(back, sizeof(back)));
	memset(back, 1, sizeof(back));
	cr_assert_eq(reply_opener_open(p, back, rd_from(sealed,
	    sizeof(sealed))), ERR_NOMATCH);
	cr_assert(sodium_is_zero(back, sizeof(back)));
	reply_opener_free(o);
	reply_opener_free(p);
}

Test(reply, note_is_read_back_by_its_addressee)
{
	static const char json[] = "{\"v\":1,\"text\":\"caf\xc3\xa9\"}";
	unsigned char hash[HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd got;

	reply_mailbox_hash(hash, &to);
	cr_assert_eq(reply_note_write(&w, rd_str("ethics.example"), hash,
	    rd_str(json), &key, sk), 0);
	cr_assert_eq(reply_note_open(&got, wr_rd(&w), hash, &key), 0);
	cr_assert(rd_eq_str(got, json));
	hash[0] ^= 1;
	cr_assert_eq(reply_note_open(&got, wr_rd(&w), hash, &key),
	    ERR_CHANGED);
}

/* --- parts ------------------------------------------------------------- */

Test(reply, parts_of_a_message_follow_from_its_length)
{
	const uint64_t most = REPLY_MESSAGE_MAX;

	cr_assert_eq(reply_part_count(0), 0);
	cr_assert_eq(reply_part_count(1), 1);
	cr_assert_eq(reply_part_count(REPLY_DATA_BYTES), 1);
	cr_assert_eq(reply_part_count(REPLY_DATA_BYTES + 1), 2);
	cr_assert_eq(reply_part_count(most), REPLY_PARTS_MAX);
	cr_assert_eq(reply_part_count(most + 1), 0);
	cr_assert_eq(reply_part_count(UINT64_MAX), 0);
	cr_assert_eq(reply_part_bytes(REPLY_DATA_BYTES + 7, 0),
	    REPLY_DATA_BYTES);
	cr_assert_eq(reply_part_bytes(REPLY_DATA_BYTES + 7, 1), 7);
	cr_assert_eq(reply_part_bytes(REPLY_DATA_BYTES + 7, 2), 0);
	cr_assert_eq(reply_part_bytes(most, REPLY_PARTS_MAX - 1),
	    REPLY_DATA_BYTES);
	cr_assert_eq(reply_part_bytes(most + 1, 0), 0);
}

Test(reply, part_is_read_back)
{
	struct reply_part p;

	part(REPLY_DATA_BYTES + 7, 1);
	cr_assert_eq(reply_part_parse(&p, rd_from(plain, sizeof(plain))), 0);
	cr_assert(p.kind == REPLY_MESSAGE && p.index == 1 && p.count == 2 &&
	    p.bytes == REPLY_DATA_BYTES + 7);
	cr_assert(p.id[0] == 5 && p.sha256[31] == 6);
	cr_assert(rd_eq_str(p.data, "xxxxxxx"));
}

Test(reply, part_has_one_form)
{
	/* Every byte of the head that is no free choice, and the padding. */
	static const size_t at[] = { 0, 1, 2, 3, 4, 5, 54, 55, 56, 57, 58, 59,
		60, 61, 62, 63, 64, 65, 86, 87, REPLY_PLAIN_BYTES - 1 };
	struct reply_part p;
	unsigned v;
	size_t i;

	part(20, 0);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		for (v = 1; v < 256; v++) {
			if (at[i] == 1 && (1 ^ v) == REPLY_COVER)
				continue;
			plain[at[i]] ^= (unsigned char)v;
			cr_assert_eq(reply_part_parse(&p, rd_from(plain,
			    sizeof(plain))), ERR_FORMAT, "%zu ^ %u", at[i], v);
			plain[at[i]] ^= (unsigned char)v;
		}
	for (i = 0; i < sizeof(plain); i++)
		cr_assert_eq(reply_part_parse(&p, rd_from(plain, i)),
		    ERR_FORMAT);
	cr_assert_eq(reply_part_parse(&p, rd_from(plain, sizeof(plain))), 0);
}

Test(reply, part_write_refuses_what_could_not_be_read)
{
	static unsigned char data[REPLY_DATA_BYTES + 1];
	struct reply_part p = { .kind = REPLY_MESSAGE, .count = 1,
	    .bytes = 5 }, q;
	int i;

	p.data = rd_from(data, 5);
	cr_assert_eq(reply_part_write(plain, &p), 0);
	for (i = 0; i < 8; i++) {
		q = p;
		switch (i) {
		case 0: q.kind = 0; break;
		case 1: q.kind = 3; break;
		case 2: q.count = 2; break;
		case 3: q.index = 1; break;
		case 4: q.data = rd_from(data, 4); break;
		case 5: q.index = 1; q.data.n = 0; break;
		case 6: q.bytes = 0; q.data = rd_from(data, 0); break;
		default: q.bytes = sizeof(data);
		    q.data = rd_from(data, sizeof(data));
		}
		cr_assert_eq(reply_part_write(plain, &q), ERR_FORMAT, "%d", i);
	}
}

/* --- sealing ----------------------------------------------------------- */

Test(reply, every_byte_of_it_counts)
{
	struct reply_opener *o = reply_opener_new(&box);
	struct rd in = rd_from(sealed, sizeof(sealed));
	size_t i;

	part(20, 0);
	cr_assert_eq(reply_seal(sealed, plain, &to), 0);
	for (i = 0; i < sizeof(sealed); i += i < 1700 ? 1 : 61) {
		sealed[i] ^= 1;
		memset(back, 1, sizeof(back));
		cr_assert_neq(reply_opener_open(o, back, in), 0, "%zu", i);
		cr_assert(sodium_is_zero(back, sizeof(back)), "%zu", i);
		if (i % 7 == 0)
			cr_assert_neq(reply_open(back, &box, in), 0, "%zu", i);
		sealed[i] ^= 1;
	}
	cr_assert_eq(reply_opener_open(o, back, in), 0);
	reply_opener_free(o);
}

/* The shape that everybody checks, byte by byte. */
Test(reply, shape_is_fixed_text_and_canonical_base64)
{
	static const size_t text[] = { 0, 21, 22, 39, 1534, 1578, 1579, 1582,
		1626 };
	static const size_t last[] = { 1533, 1577, 1625 };
	struct rd in = rd_from(sealed, sizeof(sealed));
	static unsigned char more[REPLY_BYTES + 1];
	size_t i;

	part(20, 0);
	cr_assert_eq(reply_seal(sealed, plain, &to), 0);
	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		sealed[text[i]] ^= 0x20;
		cr_assert_eq(reply_check(in), ERR_FORMAT, "%zu", text[i]);
		sealed[text[i]] ^= 0x20;
	}
	for (i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
		unsigned char was = sealed[last[i]];

		sealed[last[i]] = 'B';		/* unused bits not zero */
		cr_assert_eq(reply_check(in), ERR_FORMAT, "%zu", last[i]);
		sealed[last[i]] = '=';
		cr_assert_eq(reply_check(in), ERR_FORMAT, "%zu", last[i]);
		sealed[last[i]] = was;
	}
	cr_assert_eq(reply_check(in), 0);
	memcpy(more, sealed, sizeof(sealed));
	cr_assert_eq(reply_check(rd_from(more, sizeof(more))), ERR_FORMAT);
	for (i = 0; i < sizeof(sealed); i += 13)
		cr_assert_eq(reply_check(rd_from(sealed, i)), ERR_FORMAT);
}

Test(reply, that_nobody_could_open_is_no_reply)
{
	struct rd in = rd_from(sealed, sizeof(sealed));

	part(20, 0);
	cr_assert_eq(reply_seal(sealed, plain, &to), 0);
	/* The X25519 share: the last 32 of 1,120 bytes, from 40 + 1451 on. */
	memset(sealed + 40 + 1450, 'A', 1494 - 1450);
	cr_assert_eq(reply_check(in), ERR_FORMAT);
}

Test(reply, cover_looks_like_a_reply_and_opens_for_nobody)
{
	struct reply_opener *o = reply_opener_new(&box);

	cr_assert_eq(reply_cover(sealed), 0);
	cr_assert_eq(reply_check(rd_from(sealed, sizeof(sealed))), 0);
	cr_assert_eq(reply_opener_open(o, back, rd_from(sealed,
	    sizeof(sealed))), ERR_NOMATCH);
	reply_opener_free(o);
}

/* What a position shows of a set: which bytes it ever holds. */
static void
alphabet(unsigned char (*seen)[256], bool cover, size_t n)
{
	size_t i, at;

	for (i = 0; i < n; i++) {
		part(20, 0);
		cr_assert_eq(cover ? reply_cover(sealed) :
		    reply_seal(sealed, plain, &to), 0);
		for (at = 0; at < REPLY_BYTES; at++)
			seen[at][sealed[at]] = 1;
	}
}

static size_t
kinds(const unsigned char *seen)
{
	size_t i, n = 0;

	for (i = 0; i < 256; i++)
		n += seen[i];
	return n;
}

Test(reply, set_of_replies_looks_like_a_set_of_cover)
{
	static unsigned char a[REPLY_BYTES][256], b[REPLY_BYTES][256];
	size_t at, same = 0;

	alphabet(a, false, 100);
	alphabet(b, true, 100);
	for (at = 0; at < REPLY_BYTES; at++) {
		if (kinds(a[at]) == 1 || kinds(b[at]) == 1) {
			cr_assert_arr_eq(a[at], b[at], 256, "byte %zu", at);
			same++;
		}
	}
	cr_assert_eq(same, 22 + 18 + 1 + 1 + 4 + 1, "fixed bytes: %zu", same);
}

Test(reply, opener_is_for_hybrid_mailboxes)
{
	struct age_identity id = box;

	id.kind = AGE_X25519;
	cr_assert_null(reply_opener_new(&id));
	reply_opener_free(NULL);
}

Test(reply, prepared_key_opens_what_the_seed_opens)
{
	unsigned char enc[HPKE_ENC_BYTES], ct[48], a[32], b[32], seed[32];
	unsigned char pk[HPKE_PK_BYTES];
	struct hpke_key *k;
	int i;

	for (i = 0; i < 50; i++) {
		randombytes_buf(seed, sizeof(seed));
		cr_assert_eq(hpke_public(pk, seed), 0);
		cr_assert((k = hpke_key_new(seed)) != NULL);
		cr_assert_eq(hpke_seal(enc, ct, pk, rd_str("i"), rd_str("a"),
		    rd_from(seed, 32), NULL), 0);
		cr_assert_eq(hpke_open(a, enc, seed, rd_str("i"), rd_str("a"),
		    rd_from(ct, sizeof(ct))), 0);
		cr_assert_eq(hpke_key_open(b, enc, k, rd_str("i"),
		    rd_str("a"), rd_from(ct, sizeof(ct))), 0);
		cr_assert_arr_eq(a, b, sizeof(a));
		cr_assert_eq(hpke_key_open(b, enc, k, rd_str("i"),
		    rd_str("a"), rd_from(ct, 15)), ERR_FORMAT);
		ct[i % 48] ^= 1;
		cr_assert_eq(hpke_key_open(b, enc, k, rd_str("i"),
		    rd_str("a"), rd_from(ct, sizeof(ct))), ERR_NOMATCH);
		cr_assert(sodium_is_zero(b, sizeof(b)));
		memset(enc + HPKE_ENC_BYTES - 32, 0, 32);
		cr_assert_eq(hpke_key_open(b, enc, k, rd_str("i"),
		    rd_str("a"), rd_from(ct, sizeof(ct))), ERR_FORMAT);
		hpke_key_free(k);
	}
}

/* --- padding ----------------------------------------------------------- */

Test(reply, sets_are_padded_to_fours)
{
	static const struct {
		size_t n;
		unsigned r;
		size_t all;
	} want[] = {
		{ 0, 0, 4 }, { 0, 15, 16 }, { 1, 0, 4 }, { 4, 0, 4 },
		{ 4, 1, 8 }, { 5, 0, 8 }, { 3, 1, 4 }, { 100, 15, 116 },
	};
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		cr_assert_eq(reply_padded(want[i].n, want[i].r), want[i].all,
		    "%zu + %u", want[i].n, want[i].r);
}

/* --- the message ------------------------------------------------------- */

static const char text[] = "{\"v\":1,\"text\":\"yes\"}";

/* A note with these lines, signed by k. */
static int
open_lines(const char *lines)
{
	unsigned char hash[HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd got;

	reply_mailbox_hash(hash, &to);
	cr_assert_eq(note_sign(&w, rd_str(lines), &key, sk), 0);
	return reply_note_open(&got, wr_rd(&w), hash, &key);
}

Test(reply, note_has_one_form)
{
	char hex[65] = "", lines[512];
	unsigned char hash[HASH_BYTES];
	static const char *const bad[] = {
		"ethics.example/reply\n%s\n",
		"ethics.example/reply\n%s\n\n",
		"ethics.example/reply\n%s\n{}\n{}\n",
		"ethics.example/reply \n%s\n{}\n",
		"ethics.example/office/reply\n%s\n{}\n",
		"ethics.exampl/reply\n%s\n{}\n",
		"ethics.examplf/reply\n%s\n{}\n",
		"ethics.example/receipt\n%s\n{}\n",
		"ethics.example/reply\n%s \n{}\n",
		"ethics.example/reply\n%.63s\n{}\n",
		"ethics.example/reply\n%sa\n{}\n",
		"ethics.example/reply\n%.62sZZ\n{}\n",
		"ethics.example/reply\n\n{}\n",
		"\n%s\n{}\n", "%s\nethics.example/reply\n{}\n",
		"ethics.example/reply\n%s\n{\x7f}\n",
	};
	struct wr w = wr_from(hex, 64);
	size_t i;

	reply_mailbox_hash(hash, &to);
	wr_hex(&w, hash, sizeof(hash));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(lines, sizeof(lines), bad[i], hex);
#pragma GCC diagnostic pop
		cr_assert_eq(open_lines(lines), ERR_FORMAT, "%zu", i);
	}
	(void)snprintf(lines, sizeof(lines), "ethics.example/reply\n%s\n{}\n",
	    hex);
	cr_assert_eq(open_lines(lines), 0);
}

Test(reply, note_is_signed_by_the_role_and_unchanged)
{
	unsigned char hash[HASH_BYTES], pk[32], sk2[64];
	struct wr w = wr_from(buf, sizeof(buf));
	struct vkey alt;
	struct rd got, note;
	size_t i;

	reply_mailbox_hash(hash, &to);
	cr_assert_eq(reply_note_write(&w, rd_str("ethics.example"), hash,
	    rd_str(text), &key, sk), 0);
	note = wr_rd(&w);
	crypto_sign_keypair(pk, sk2);
	cr_assert_eq(vkey_make(&alt, rd_str("ethics.example/alternate"),
	    NOTE_ED25519, pk), 0);
	cr_assert_eq(reply_note_open(&got, note, hash, &alt), ERR_NOMATCH);
	for (i = 0; i < note.n * 8; i++) {
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
		cr_assert_neq(reply_note_open(&got, note, hash, &key), 0);
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	for (i = 0; i < note.n; i++)
		cr_assert_neq(reply_note_open(&got, rd_from(buf, i), hash,
		    &key), 0);
}

Test(reply, note_write_refuses_what_could_not_be_read)
{
	static unsigned char big[NOTE_MAX_BYTES + 1];
	unsigned char hash[HASH_BYTES] = { 0 }, sk2[64], pk[32];
	static const char *const bad[] = { "", "{}\n", "{\n}", "\x01", "\x7f",
		"\xff" };
	struct rd office = rd_str("ethics.example");
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = wr_from(buf, sizeof(buf));
		cr_assert_eq(reply_note_write(&w, office, hash,
		    rd_str(bad[i]), &key, sk), ERR_FORMAT, "%zu", i);
	}
	w = wr_from(buf, sizeof(buf));
	cr_assert_eq(reply_note_write(&w, rd_str("ethics"), hash,
	    rd_str(text), &key, sk), ERR_FORMAT);
	crypto_sign_keypair(pk, sk2);
	cr_assert_eq(reply_note_write(&w, office, hash, rd_str(text), &key,
	    sk2), ERR_AUTH);
	memset(big, ' ', sizeof(big));
	cr_assert_eq(reply_note_write(&w, office, hash, rd_from(big,
	    sizeof(big)), &key, sk), ERR_LIMIT);
	cr_assert_eq(reply_note_write(&w, office, hash, rd_from(big,
	    NOTE_MAX_BYTES - 100), &key, sk), ERR_LIMIT);
	w = wr_from(buf, 100);
	cr_assert_eq(reply_note_write(&w, office, hash, rd_str(text), &key,
	    sk), ERR_LIMIT);
}

/* --- vectors ----------------------------------------------------------- */

static void
own_part(const struct own *v)
{
	unsigned char got[HASH_BYTES], want[HASH_BYTES];
	struct reply_part p;

	cr_assert_eq(reply_part_parse(&p, v->body), own_expect(v), "%s",
	    v->name);
	if (own_expect(v) != 0)
		return;
	cr_assert(p.kind == own_number(v, "kind") &&
	    p.index == own_number(v, "index") &&
	    p.count == own_number(v, "count") &&
	    p.bytes == own_number(v, "bytes"), "%s", v->name);
	own_hex(v, "data-sha256", want, sizeof(want));
	sha256(got, p.data.p, p.data.n);
	cr_assert_arr_eq(got, want, sizeof(want));
	cr_assert_eq(reply_part_write(plain, &p), 0);
	cr_assert(rd_eq(rd_from(plain, sizeof(plain)), v->body));
}

static void
own_reply(const struct own *v)
{
	unsigned char hash[HASH_BYTES];
	struct age_recipient rc;
	struct vkey k;
	struct rd json;

	if (rd_eq_str(own_get(v, "check"), "part")) {
		own_part(v);
		return;
	}
	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0);
	cr_assert_eq(age_recipient_parse(&rc, own_get(v, "mailbox")), 0);
	reply_mailbox_hash(hash, &rc);
	cr_assert_eq(reply_note_open(&json, v->body, hash, &k), own_expect(v),
	    "%s", v->name);
	if (own_expect(v) == 0)
		cr_assert(rd_eq(json, own_get(v, "json")));
}

Test(reply, own_vectors)
{
	own_each("reply", 23, own_reply);
}
