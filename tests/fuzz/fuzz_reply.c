/* SPDX-License-Identifier: ISC */
/*
 * fuzz_reply.c - any bytes as a reply's beginning (zeros fill it up), as the
 * beginning of its plaintext, and as the text of its note, which is then
 * signed so that the fuzzer gets past the signature.
 *
 * What parses is written back as it stood; nothing opens that is not sealed.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vkey key;
static unsigned char sk[64], hash[HASH_BYTES];
static struct reply_opener *opener;

static void
setup(void)
{
	struct age_identity box = { .kind = AGE_HYBRID };
	struct age_recipient to;
	unsigned char seed[32], pk[32];

	memset(seed, 4, sizeof(seed));
	if (sodium_init() < 0 || crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
	    vkey_make(&key, rd_str("ethics.example/office"), NOTE_ED25519,
	    pk) != 0 || hpke_public(to.pk, box.seed) != 0 ||
	    (opener = reply_opener_new(&box)) == NULL)
		abort();
	reply_mailbox_hash(hash, &to);
}

static void
as_file(struct rd in)
{
	static unsigned char file[REPLY_BYTES], plain[REPLY_PLAIN_BYTES];
	struct wr w = wr_from(file, sizeof(file));
	struct rd all = rd_from(file, sizeof(file));

	wr_bytes(&w, in.p, in.n < sizeof(file) ? in.n : sizeof(file));
	wr_zeros(&w, sizeof(file) - w.n);
	if (reply_opener_open(opener, plain, all) == 0)
		abort();
	if (in.n != sizeof(file) && reply_check(in) == 0)
		abort();
}

static void
as_part(struct rd in)
{
	static unsigned char plain[REPLY_PLAIN_BYTES];
	static unsigned char again[REPLY_PLAIN_BYTES];
	struct wr w = wr_from(plain, sizeof(plain));
	struct reply_part p;

	wr_bytes(&w, in.p, in.n < sizeof(plain) ? in.n : sizeof(plain));
	wr_zeros(&w, sizeof(plain) - w.n);
	if (reply_part_parse(&p, rd_from(plain, sizeof(plain))) != 0)
		return;
	if (reply_part_write(again, &p) != 0 ||
	    memcmp(plain, again, sizeof(plain)) != 0)
		abort();
}

static void
as_note(struct rd text)
{
	static unsigned char note[NOTE_MAX_BYTES], again[NOTE_MAX_BYTES];
	struct wr w = wr_from(note, sizeof(note));
	struct wr a = wr_from(again, sizeof(again));
	struct rd json;

	if (note_sign(&w, text, &key, sk) != 0 ||
	    reply_note_open(&json, wr_rd(&w), hash, &key) != 0)
		return;
	if (reply_note_write(&a, rd_str("ethics.example"), hash, json, &key,
	    sk) != 0 || !rd_eq(wr_rd(&a), wr_rd(&w)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size), json;

	if (opener == NULL)
		setup();
	as_file(in);
	as_part(in);
	as_note(in);
	if (reply_note_open(&json, in, hash, &key) == 0)
		abort();		/* nobody signed it */
	return 0;
}
