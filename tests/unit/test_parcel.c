/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/parcel.h"
#include "crypto/part.h"
#include "crypto/sha256.h"
#include "tests/unit/own.h"

static unsigned char parcel[PARCEL_BYTES], plain[PARCEL_PLAIN_BYTES];
static unsigned char again[PARCEL_PLAIN_BYTES];
static struct age_identity id[PARCEL_SLOTS + 1];
static struct age_recipient rc[PARCEL_SLOTS + 1];

static void
setup(void)
{
	struct part p = { 0 };
	size_t i;

	cr_assert_geq(sodium_init(), 0);
	for (i = 0; i <= PARCEL_SLOTS; i++) {
		id[i].kind = AGE_HYBRID;
		randombytes_buf(id[i].seed, sizeof(id[i].seed));
		cr_assert_eq(hpke_public(rc[i].pk, id[i].seed), 0);
	}
	p.count = 1;
	p.bytes = 3;
	p.data = rd_str("abc");
	randombytes_buf(p.seed, sizeof(p.seed));
	cr_assert_eq(part_write(plain, &p), 0);
}

TestSuite(parcel, .init = setup);

static struct rd
whole(void)
{
	return rd_from(parcel, sizeof(parcel));
}

/* --- sealing and opening ------------------------------------------------------ */

Test(parcel, has_one_size_whoever_it_is_for)
{
	size_t n;

	for (n = 0; n <= PARCEL_SLOTS; n++) {
		cr_assert_eq(parcel_seal(parcel, plain, rc, n, NULL), 0);
		cr_assert_eq(parcel_check(whole()), 0);
	}
	cr_assert_eq(parcel_seal(parcel, plain, rc, n, NULL), ERR_LIMIT);
}

Test(parcel, every_recipient_opens_it_and_nobody_else)
{
	unsigned char key[AGE_FILE_KEY_BYTES];
	size_t i, which;

	cr_assert_eq(parcel_seal(parcel, plain, rc, PARCEL_SLOTS, NULL), 0);
	for (i = 0; i < PARCEL_SLOTS; i++) {
		memset(again, 0, sizeof(again));
		cr_assert_eq(parcel_open(again, &id[i], 1, whole(), key,
		    NULL), 0);
		cr_assert_arr_eq(again, plain, sizeof(plain));
	}
	cr_assert_eq(parcel_open(again, &id[i], 1, whole(), NULL, NULL),
	    ERR_NOMATCH);
	cr_assert_eq(parcel_open(again, id + 3, 2, whole(), NULL, &which), 0);
	cr_assert_eq(which, 0);
}

/* What try says and what open does are the same, for every slot. */
Test(parcel, try_finds_whose_it_is_as_open_does)
{
	struct hpke_key *k[PARCEL_SLOTS + 1];
	size_t i, w;

	cr_assert_eq(parcel_seal(parcel, plain, rc, PARCEL_SLOTS, NULL), 0);
	for (i = 0; i <= PARCEL_SLOTS; i++) {
		cr_assert((k[i] = hpke_key_new(id[i].seed)) != NULL);
		cr_assert_eq(parcel_try(&k[i], 1, whole(), &w),
		    i < PARCEL_SLOTS ? 0 : ERR_NOMATCH);
	}
	cr_assert_eq(parcel_try(k, 1, rd_from(parcel, 21), &w), ERR_FORMAT);
	cr_assert_eq(parcel_try(k + PARCEL_SLOTS, 1, rd_from(parcel, 3000),
	    &w), ERR_FORMAT, "cut inside a stanza");
	cr_assert_eq(parcel_try(k + 3, 2, whole(), &w), 0);
	cr_assert_eq(w, 0);
	cr_assert_eq(parcel_seal(parcel, plain, rc, 1, NULL), 0);
	cr_assert_eq(parcel_try(k, 5, whole(), &w), 0);
	cr_assert_eq(w, 0);
	cr_assert_eq(parcel_cover(parcel), 0);
	for (i = 0; i <= PARCEL_SLOTS; i++) {
		cr_assert_eq(parcel_try(&k[i], 1, whole(), &w), ERR_NOMATCH);
		hpke_key_free(k[i]);
	}
}

Test(parcel, slots_tells_recipients_from_decoys)
{
	unsigned char key[AGE_FILE_KEY_BYTES];
	int slots[PARCEL_SLOTS], seen[2] = { 0, 0 }, decoys = 0;
	size_t i;

	cr_assert_eq(parcel_seal(parcel, plain, rc, 2, NULL), 0);
	cr_assert_eq(parcel_open(again, id, 1, whole(), key, NULL), 0);
	cr_assert_eq(parcel_slots(slots, again, key, rc, PARCEL_SLOTS,
	    whole()), 0);
	for (i = 0; i < PARCEL_SLOTS; i++)
		if (slots[i] == SLOT_DECOY)
			decoys++;
		else if (slots[i] == 0 || slots[i] == 1)
			seen[slots[i]]++;
	cr_assert(decoys == 2 && seen[0] == 1 && seen[1] == 1);
}

Test(parcel, slots_says_when_a_stanza_is_not_what_it_claims)
{
	unsigned char key[AGE_FILE_KEY_BYTES], eseed[HPKE_ESEED_BYTES];
	const unsigned char order[PARCEL_SLOTS] = { 0, 1, 2, 3 };
	struct parcel_random chance = { key, NULL, order };
	int slots[PARCEL_SLOTS];

	randombytes_buf(key, sizeof(key));
	randombytes_buf(eseed, sizeof(eseed));
	cr_assert_eq(parcel_seal(parcel, plain, rc, 2, &chance), 0);
	/* The sender wraps for recipient 1 with other randomness. */
	cr_assert_eq(age_stanza_seal(parcel + 22 + AGE_STANZA_BYTES, &rc[1],
	    key, eseed), 0);
	cr_assert_eq(parcel_slots(slots, plain, key, rc, 2, whole()), 0);
	cr_assert_eq(slots[0], 0);
	cr_assert_eq(slots[1], SLOT_UNKNOWN);
	cr_assert_eq(slots[2], SLOT_DECOY);
	cr_assert_eq(slots[3], SLOT_DECOY);
}

Test(parcel, slots_finds_nobody_who_is_not_asked_about)
{
	unsigned char key[AGE_FILE_KEY_BYTES] = { 1 };
	const unsigned char order[PARCEL_SLOTS] = { 3, 2, 1, 0 };
	struct parcel_random chance = { key, NULL, order };
	int slots[PARCEL_SLOTS];

	cr_assert_eq(parcel_seal(parcel, plain, rc, 2, &chance), 0);
	cr_assert_eq(parcel_slots(slots, plain, key, rc + 1, 1, whole()), 0);
	cr_assert_eq(slots[3], SLOT_UNKNOWN);
	cr_assert_eq(slots[2], 0);
	cr_assert_eq(slots[1], SLOT_DECOY);
	cr_assert_eq(slots[0], SLOT_DECOY);
}

Test(parcel, an_order_that_is_none_is_refused)
{
	const unsigned char twice[] = { 0, 1, 1, 3 }, past[] = { 0, 1, 2, 4 };
	struct parcel_random chance = { NULL, NULL, twice };

	cr_assert_eq(parcel_seal(parcel, plain, rc, 1, &chance), ERR_LIMIT);
	chance.order = past;
	cr_assert_eq(parcel_seal(parcel, plain, rc, 1, &chance), ERR_LIMIT);
}

Test(parcel, the_recipients_slot_is_any_of_the_four)
{
	unsigned char key[AGE_FILE_KEY_BYTES];
	int slots[PARCEL_SLOTS], seen[PARCEL_SLOTS] = { 0 };
	size_t i, tries;

	for (tries = 0; tries < 60; tries++) {
		cr_assert_eq(parcel_seal(parcel, plain, rc, 1, NULL), 0);
		cr_assert_eq(parcel_open(again, id, 1, whole(), key, NULL), 0);
		cr_assert_eq(parcel_slots(slots, again, key, rc, 1, whole()),
		    0);
		for (i = 0; i < PARCEL_SLOTS; i++)
			seen[i] += slots[i] == 0;
	}
	/* Each is missed once in thirty million runs. */
	cr_assert(seen[0] && seen[1] && seen[2] && seen[3]);
}

Test(parcel, cover_is_a_parcel_that_opens_for_nobody)
{
	cr_assert_eq(parcel_cover(parcel), 0);
	cr_assert_eq(parcel_check(whole()), 0);
	cr_assert_eq(parcel_open(again, id, PARCEL_SLOTS, whole(), NULL, NULL),
	    ERR_NOMATCH);
}

Test(parcel, a_changed_payload_releases_nothing)
{
	cr_assert_eq(parcel_seal(parcel, plain, rc, 1, NULL), 0);
	parcel[PARCEL_BYTES - 1] ^= 1;
	memset(again, 0, sizeof(again));
	cr_assert_eq(parcel_open(again, id, 1, whole(), NULL, NULL),
	    ERR_PAYLOAD);
	cr_assert(sodium_is_zero(again, sizeof(again)));
}

Test(parcel, open_refuses_what_is_an_age_file_but_no_parcel)
{
	static unsigned char file[PARCEL_BYTES + 100];
	struct wr w = wr_from(file, sizeof(file));

	/* Three recipients, and plaintext that fills up the size. */
	static unsigned char more[PARCEL_PLAIN_BYTES + AGE_STANZA_BYTES];
	cr_assert_eq(age_seal(&w, rc, 3, rd_from(more, sizeof(more)), NULL),
	    0);
	cr_assert_eq(w.n, PARCEL_BYTES);
	cr_assert_eq(parcel_open(again, id, 1, wr_rd(&w), NULL, NULL),
	    ERR_FORMAT);
}

/* --- shape -------------------------------------------------------------------- */

static int
shape_in_pieces(struct rd all, size_t n)
{
	struct parcel_shape s;
	struct rd piece;

	parcel_shape_init(&s);
	while (!rd_done(&all)) {
		cr_assert(rd_take(&all, &piece, n < all.n ? n : all.n));
		if (parcel_shape_feed(&s, piece) != 0)
			return ERR_FORMAT;
	}
	return s.seen == PARCEL_BYTES ? 0 : ERR_FORMAT;
}

static void
own_shape(const struct own *v)
{
	static const size_t sizes[] = { 1, 2, 7, 22, 1557, 4096, 70000 };
	int want = own_expect(v);
	size_t i;

	if (!rd_eq_str(own_get(v, "check"), "shape"))
		return;
	cr_assert_eq(parcel_check(v->body), want, "%s", v->name);
	/* Some things show only in the whole. */
	want = rd_eq_str(own_get(v, "streamed"), "success") ? 0 : ERR_FORMAT;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		cr_assert_eq(shape_in_pieces(v->body, sizes[i]), want,
		    "%s by %zu", v->name, sizes[i]);
}

Test(parcel, own_shapes_whole_and_in_pieces)
{
	own_each("parcel", 21, own_shape);
}

/* Does the shape allow this byte at this place of the header? */
static bool
byte_allowed(size_t at, unsigned char c)
{
	unsigned char was = parcel[at];
	struct parcel_shape s;
	bool ok;

	parcel[at] = c;
	parcel_shape_init(&s);
	ok = parcel_shape_feed(&s, rd_from(parcel, AGE_HEADER_BYTES(
	    PARCEL_SLOTS))) == 0;
	parcel[at] = was;
	return ok;
}

/* How many of the 256 bytes may stand here. */
static int
bytes_allowed(size_t at)
{
	int c, n = 0;

	for (c = 0; c < 256; c++)
		n += byte_allowed(at, (unsigned char)c);
	return n;
}

Test(parcel, each_byte_of_the_header_has_exactly_its_choices)
{
	size_t at, off;
	int want;

	cr_assert_eq(parcel_cover(parcel), 0);
	for (at = 0; at < AGE_HEADER_BYTES(PARCEL_SLOTS); at++) {
		off = at < 22 ? 0 : (at - 22) % AGE_STANZA_BYTES;
		want = 1;
		if (at >= 22 && at < 22 + 4 * AGE_STANZA_BYTES) {
			if (off >= 18 && off < 1512)
				want = off == 1511 ? 4 : 64;
			if (off >= 1513 && off < 1556)
				want = off == 1555 ? 16 : 64;
		} else if (at >= 6254 && at < 6297) {
			want = at == 6296 ? 16 : 64;
		}
		/* Of the base64, a tenth. */
		if (want != 64 || at % 10 == 0)
			cr_assert_eq(bytes_allowed(at), want, "byte %zu", at);
	}
}

Test(parcel, split_anywhere_the_shape_is_the_same)
{
	struct parcel_shape s;
	size_t at;

	cr_assert_eq(parcel_cover(parcel), 0);
	for (at = 0; at < 6400; at++) {
		parcel_shape_init(&s);
		cr_assert_eq(parcel_shape_feed(&s, rd_from(parcel, at)), 0);
		cr_assert_eq(s.seen, at);
		cr_assert_eq(parcel_shape_feed(&s, rd_from(parcel + at,
		    PARCEL_BYTES - at)), 0);
		cr_assert_eq(s.seen, PARCEL_BYTES);
	}
}

Test(parcel, once_refused_always_refused)
{
	struct parcel_shape s;

	cr_assert_eq(parcel_cover(parcel), 0);
	parcel_shape_init(&s);
	cr_assert_eq(parcel_shape_feed(&s, rd_str("x")), ERR_FORMAT);
	cr_assert_eq(parcel_shape_feed(&s, whole()), ERR_FORMAT);
	cr_assert_eq(parcel_shape_feed(&s, rd_str("")), ERR_FORMAT);
	parcel_shape_init(&s);
	cr_assert_eq(parcel_shape_feed(&s, whole()), 0);
	cr_assert_eq(parcel_shape_feed(&s, rd_str("")), 0);
	cr_assert_eq(parcel_shape_feed(&s, rd_str("x")), ERR_FORMAT);
}

/* --- the pinned one ------------------------------------------------------------ */

/* What a vector's stanzas were made for, by slot. */
static void
sealed_stanza(const struct own *v, size_t slot, const unsigned char *key,
    const struct age_recipient *to)
{
	unsigned char eseed[HPKE_ESEED_BYTES], stanza[AGE_STANZA_BYTES];
	char name[16];

	(void)snprintf(name, sizeof(name), "eseed-%zu", slot);
	own_hex(v, name, eseed, sizeof(eseed));
	cr_assert_eq(age_stanza_seal(stanza, to, key, eseed), 0);
	cr_assert_arr_eq(stanza, v->body.p + 22 + slot * AGE_STANZA_BYTES,
	    AGE_STANZA_BYTES, "slot %zu", slot);
}

static void
own_sealed(const struct own *v)
{
	unsigned char key[16], nonce[16], order[PARCEL_SLOTS], seed[32];
	struct parcel_random chance = { key, nonce, order };
	int slots[PARCEL_SLOTS];
	struct part p = { 0 };
	char name[16];
	size_t i;

	if (!rd_eq_str(own_get(v, "check"), "sealed"))
		return;
	own_hex(v, "file-key", key, sizeof(key));
	own_hex(v, "nonce", nonce, sizeof(nonce));
	own_hex(v, "order", order, sizeof(order));
	for (i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), "identity-%zu", i);
		own_hex(v, name, id[i].seed, sizeof(id[i].seed));
		cr_assert_eq(hpke_public(rc[i].pk, id[i].seed), 0);
	}
	p.count = 1;
	p.data = own_get(v, "message");
	p.bytes = p.data.n;
	memset(p.id, 0x11, sizeof(p.id));
	sha256(p.sha256, p.data.p, p.data.n);
	own_hex(v, "seal-seed", p.seed, sizeof(p.seed));
	cr_assert_eq(part_write(plain, &p), 0);
	cr_assert_eq(parcel_seal(parcel, plain, rc, 2, &chance), 0);
	cr_assert(rd_eq(whole(), v->body));

	for (i = 0; i < 2; i++) {
		cr_assert_eq(parcel_open(again, &id[i], 1, v->body, key,
		    NULL), 0);
		cr_assert_arr_eq(again, plain, sizeof(plain));
		sealed_stanza(v, order[i], key, &rc[i]);
	}
	for (; i < PARCEL_SLOTS; i++) {
		(void)snprintf(name, sizeof(name), "decoy-%d", order[i]);
		own_hex(v, name, seed, sizeof(seed));
		cr_assert_eq(hpke_public(rc[2].pk, seed), 0);
		sealed_stanza(v, order[i], key, &rc[2]);
	}
	cr_assert_eq(parcel_slots(slots, plain, key, rc, 2, v->body), 0);
	for (i = 0; i < PARCEL_SLOTS; i++)
		cr_assert_eq(slots[order[i]], i < 2 ? (int)i : SLOT_DECOY);
}

Test(parcel, own_sealed_vector_is_made_byte_for_byte)
{
	own_each("parcel", 21, own_sealed);
}

Test(parcel, a_refused_parcel_leaves_no_file_key)
{
	unsigned char key[AGE_FILE_KEY_BYTES], zero[AGE_FILE_KEY_BYTES] = { 0 };
	static unsigned char junk[PARCEL_BYTES];

	memset(key, 7, sizeof(key));
	cr_assert_eq(parcel_open(plain, NULL, 0, rd_from(junk, sizeof(junk)),
	    key, NULL), ERR_FORMAT);
	cr_assert_arr_eq(key, zero, sizeof(key));
}
