/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/reply.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

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
