/* SPDX-License-Identifier: ISC */
/*
 * fuzz_witness.c - any bytes as what a witness answers, as a datagram between
 * store and role, as the file of what witnesses said.
 *
 * The first byte chooses.  What is let through is written again byte for
 * byte; no answer makes anybody a cosigner, moves what is shown, or teaches a
 * size above ours without saying so.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW	1700000000u
#define SIZE	1000u

static struct vkey log_key;
static struct conf_witness who[2];
static struct witness_state start;

static void
setup(void)
{
	unsigned char seed[32], pk[32], root[HASH_BYTES] = { 7 };
	unsigned char sk[64], text[512], note[1024];
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	int i;

	if (sodium_init() < 0)
		abort();
	for (i = 0; i < 3; i++) {
		memset(seed, 1 + i, sizeof(seed));
		if (crypto_sign_seed_keypair(pk, sk, seed) != 0 ||
		    vkey_make(i == 2 ? &log_key : &who[i].key, rd_str(i == 2 ?
		    "drop.example/log" : i == 0 ? "witness.example/w1" :
		    "witness.example/w2"), i == 2 ? NOTE_ED25519 : NOTE_COSIG,
		    pk) != 0)
			abort();
	}
	checkpoint_write(&t, rd_str(log_key.name), SIZE, root);
	if (note_sign(&n, wr_rd(&t), &log_key, sk) != 0 ||
	    witness_init(&start, &log_key, who, 2, 1, wr_rd(&n)) != 0)
		abort();
}

static void
judge(struct rd in)
{
	static struct witness_state s;
	struct witness_answer a;
	enum witness_verdict v;

	if (witness_parse_answer(&a, in) != 0)
		return;
	s = start;
	s.peer[0].size = 5;
	v = witness_judge(&s, 0, &a, NOW, SIZE);
	if (v == WITNESS_COSIGNED || s.newest.cosigned != 0 ||
	    s.newest.n != start.newest.n || s.peer[0].size > SIZE ||
	    (s.peer[0].ahead > SIZE) != (v == WITNESS_AHEAD) ||
	    s.peer[1].size != 0 || witness_settle(&s, true))
		abort();
}

static void
again(struct rd in)
{
	static unsigned char buf[WITNESS_WIRE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct witness_answer a;
	struct witness_ask q;

	if (witness_parse_ask(&q, in) == 0)
		witness_write_ask(&w, &q);
	else if (witness_parse_answer(&a, in) == 0)
		witness_write_answer(&w, &a);
	else
		return;
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in))
		abort();
}

static void
file(struct rd in)
{
	static struct witness_state s, t;
	static unsigned char buf[WITNESS_FILE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	uint64_t ahead;

	s = t = start;
	if (witness_read(&s, in) != 0)
		return;
	witness_write(&w, &s);
	if (!wr_ok(&w) || witness_read(&t, wr_rd(&w)) != 0 ||
	    witness_file_ahead(wr_rd(&w), &ahead) != 0 ||
	    ahead < witness_ahead(&s) || t.shown.n != s.shown.n ||
	    t.newest.cosigned != s.newest.cosigned ||
	    s.shown.own > s.shown.n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	uint8_t which;

	if (start.log == NULL)
		setup();
	if (!rd_u8(&in, &which))
		return 0;
	if (which == 'j')
		judge(in);
	else if (which == 'f')
		file(in);
	else
		again(in);
	return 0;
}
