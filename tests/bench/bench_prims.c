/* SPDX-License-Identifier: ISC */
/*
 * bench_prims.c - what the bare primitives cost, and opening parcels with
 * them, on one core.
 *
 * usage: bench_prims [MILLISECONDS]      for each figure; 60
 *
 * Prints one JSON object of microseconds a piece:
 *   sha256   SHA-256 of a parcel           sign    one Ed25519 signature
 *   decap    one X-Wing decapsulation      hpke    its key schedule and AEAD
 *   chapoly  ChaCha20-Poly1305 of a parcel's payload
 *   bare     2.5 decap + hpke + chapoly + sha256: the least that opening a
 *            parcel of four stanzas, one of them ours, takes on average
 *   open     sha256() and parcel_open(), slots in turn
 *   recheck  the same and parcel_slots(), as the desk's import does it
 * All are of its own time on the processor; open_wall is open by the clock.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/age.h"
#include "crypto/chapoly.h"
#include "crypto/hpke.h"
#include "crypto/parcel.h"
#include "crypto/part.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define OWN	CLOCK_PROCESS_CPUTIME_ID

static struct {
	unsigned char parcel[PARCEL_SLOTS][PARCEL_BYTES];
	unsigned char plain[PARCEL_PLAIN_BYTES];
	unsigned char sealed[PARCEL_PLAIN_BYTES + CHAPOLY_TAGBYTES];
	struct age_identity id;
	struct age_recipient rc;
	struct chapoly *c;
	unsigned char sk[64], sig[64], ss[HPKE_SS_BYTES];
	unsigned char enc[HPKE_ENC_BYTES], digest[HASH_BYTES];
	unsigned turn;
} m;

static void
need(bool ok)
{
	if (!ok)
		abort();
}

static double
now(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void
do_sha256(void)
{
	sha256(m.digest, m.parcel[0], PARCEL_BYTES);
}

static void
do_sign(void)
{
	need(crypto_sign_detached(m.sig, NULL, m.plain, 128, m.sk) == 0);
}

static void
do_decap(void)
{
	need(crypto_kem_xwing_dec(m.ss, m.enc, m.id.seed) == 0);
}

static void
do_hpke(void)
{
	static unsigned char text[AGE_FILE_KEY_BYTES + CHAPOLY_TAGBYTES];
	unsigned char key[32], nonce[12];

	hpke_schedule(key, nonce, m.ss, rd_str("age"));
	need(crypto_aead_chacha20poly1305_ietf_encrypt(text, NULL, m.plain,
	    AGE_FILE_KEY_BYTES, NULL, 0, NULL, nonce, key) == 0);
}

static void
do_chapoly(void)
{
	static const unsigned char nonce[CHAPOLY_NONCEBYTES];

	need(chapoly_open(m.c, m.plain, nonce, m.sealed,
	    sizeof(m.sealed)) == 0);
}

static void
open_one(bool recheck)
{
	unsigned char *p = m.parcel[m.turn++ % PARCEL_SLOTS];
	unsigned char file_key[AGE_FILE_KEY_BYTES];
	static unsigned char plain[PARCEL_PLAIN_BYTES];
	struct rd in = rd_from(p, PARCEL_BYTES);
	int slots[PARCEL_SLOTS];
	size_t which;

	sha256(m.digest, p, PARCEL_BYTES);
	need(parcel_open(plain, &m.id, 1, in, file_key, &which) == 0);
	need(!recheck || parcel_slots(slots, plain, file_key, &m.rc, 1,
	    in) == 0);
}

static void
do_open(void)
{
	open_one(false);
}

static void
do_recheck(void)
{
	open_one(true);
}

/* One parcel for each slot that its only real stanza may stand in. */
static void
set_up(void)
{
	static const unsigned char nonce[CHAPOLY_NONCEBYTES];
	static const unsigned char orders[PARCEL_SLOTS][PARCEL_SLOTS] = {
		{ 0, 1, 2, 3 }, { 1, 0, 2, 3 }, { 2, 0, 1, 3 }, { 3, 0, 1, 2 }
	};
	struct parcel_random chance = { 0 };
	struct part part = { .count = 1, .bytes = 16 };
	unsigned char pk[32], key[32] = { 1 };
	size_t i;

	m.id.kind = AGE_HYBRID;
	randombytes_buf(m.id.seed, sizeof(m.id.seed));
	need(hpke_public(m.rc.pk, m.id.seed) == 0 &&
	    crypto_sign_keypair(pk, m.sk) == 0 &&
	    crypto_kem_xwing_enc(m.enc, m.ss, m.rc.pk) == 0 &&
	    (m.c = chapoly_new(key)) != NULL);
	for (i = 0; i < PARCEL_SLOTS; i++) {
		randombytes_buf(part.seed, sizeof(part.seed));
		part.data = rd_from("sixteen bytes...", 16);
		need(part_write(m.plain, &part) == 0);
		chance.order = orders[i];
		need(parcel_seal(m.parcel[i], m.plain, &m.rc, 1,
		    &chance) == 0);
	}
	need(chapoly_seal(m.c, m.sealed, nonce, m.plain,
	    sizeof(m.plain)) == 0);
}

static double
measure(void (*f)(void), double ms, clockid_t clock)
{
	double begun, t;
	unsigned n = 0, i;

	f();
	begun = now(clock);
	do {
		for (i = 0; i < PARCEL_SLOTS; i++)
			f();
		n += PARCEL_SLOTS;
	} while ((t = now(clock) - begun) < ms * 1e3);
	return t / n;
}

int
main(int argc, char **argv)
{
	double ms = argc > 1 ? atof(argv[1]) : 60;
	double hash, sign, decap, hpke, chapoly;

	if (ms <= 0 || secret_init() == ERR_ORDER)
		return 64;
	set_up();
	hash = measure(do_sha256, ms, OWN);
	sign = measure(do_sign, ms, OWN);
	decap = measure(do_decap, ms, OWN);
	hpke = measure(do_hpke, ms, OWN);
	chapoly = measure(do_chapoly, ms, OWN);
	printf("{\"sha256\":%.2f,\"sign\":%.2f,\"decap\":%.2f,\"hpke\":%.2f,"
	    "\"chapoly\":%.2f,\"bare\":%.2f,\"open\":%.2f,"
	    "\"recheck\":%.2f,\"open_wall\":%.2f}\n", hash, sign, decap,
	    hpke, chapoly, 2.5 * decap + hpke + chapoly + hash, measure(do_open, 3 * ms, OWN),
	    measure(do_recheck, 3 * ms, OWN),
	    measure(do_open, 3 * ms, CLOCK_MONOTONIC));
	chapoly_free(m.c);
	return 0;
}
