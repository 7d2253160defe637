/* SPDX-License-Identifier: ISC */
/*
 * bench_replies.c - ten thousand replies tried with one mailbox's key, on one
 * core, as ecrdrop check does it: each is hashed and tried; eight are ours.
 *
 * usage: bench_replies
 *
 * Prints one JSON object of seconds of its own time on the processor:
 *   opener   all of them, the key made ready once
 *   seed     all of them by reply_open(), which begins from the seed each time
 *   bare     as many ML-KEM decapsulations and X25519 exchanges
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/reply.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define ALL	10000
#define MADE	500			/* different ones, in turn */
#define OWN	8

static unsigned char (*made)[REPLY_BYTES];
static unsigned char plain[REPLY_PLAIN_BYTES];
static struct age_identity box = { .kind = AGE_HYBRID };

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
set_up(void)
{
	struct reply_part p = { .kind = REPLY_MESSAGE, .count = 1, .bytes = 5 };
	struct age_recipient to;
	size_t i;

	need(secret_init() != ERR_ORDER &&
	    (made = malloc((size_t)MADE * REPLY_BYTES)) != NULL);
	randombytes_buf(box.seed, sizeof(box.seed));
	need(hpke_public(to.pk, box.seed) == 0);
	p.data = rd_str("hello");
	need(reply_part_write(plain, &p) == 0);
	for (i = 0; i < MADE; i++)
		need((i == MADE / 2 ? reply_seal(made[i], plain, &to) :
		    reply_cover(made[i])) == 0);
}

/* The reply at place i; ours stand only in some rounds. */
static struct rd
reply(size_t i)
{
	size_t at = i % MADE;

	if (at == MADE / 2 && i / MADE >= OWN)
		at = 0;
	return rd_from(made[at], REPLY_BYTES);
}

static double
try_all(const struct reply_opener *o)
{
	unsigned char hash[HASH_BYTES];
	size_t i, ours = 0;
	double begun = now();

	for (i = 0; i < ALL; i++) {
		struct rd in = reply(i);

		sha256(hash, in.p, in.n);
		ours += (o != NULL ? reply_opener_open(o, plain, in) :
		    reply_open(plain, &box, in)) == 0;
	}
	need(ours == OWN);
	return now() - begun;
}

static double
bare(void)
{
	unsigned char pk[crypto_kem_mlkem768_PUBLICKEYBYTES];
	unsigned char sk[crypto_kem_mlkem768_SECRETKEYBYTES];
	unsigned char ct[crypto_kem_mlkem768_CIPHERTEXTBYTES];
	unsigned char ss[32], point[32];
	double begun;
	size_t i;

	need(crypto_kem_mlkem768_keypair(pk, sk) == 0 &&
	    crypto_kem_mlkem768_enc(ct, ss, pk) == 0 &&
	    crypto_scalarmult_base(point, box.seed) == 0);
	begun = now();
	for (i = 0; i < ALL; i++)
		need(crypto_kem_mlkem768_dec(ss, ct, sk) == 0 &&
		    crypto_scalarmult(ss, box.seed, point) == 0);
	return now() - begun;
}

int
main(void)
{
	struct reply_opener *o;

	set_up();
	need((o = reply_opener_new(&box)) != NULL);
	printf("{\"replies\":%d,\"opener\":%.3f,\"seed\":%.3f,"
	    "\"bare\":%.3f}\n", ALL, try_all(o), try_all(NULL), bare());
	reply_opener_free(o);
	free(made);
	return 0;
}
