/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "crypto/statement.h"

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
