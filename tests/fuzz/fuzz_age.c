/* SPDX-License-Identifier: ISC */
/*
 * fuzz_age.c - any bytes as an age file, whole and in pieces.
 *
 * Both readers must give the same verdict, and the same plaintext.  The first
 * byte says how the rest is cut, and its lowest bit whether the rest is a file
 * or only stanzas: those are then given a right MAC, so that the fuzzer gets
 * past it.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/chapoly.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM	(1u << 18)

/* The test kit's keys: its files are good seeds. */
static const char *keys[] = {
	"AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YL"
	"NC3SW78XKG",
	"AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q"
	"2P2LM0"
};

static struct age_identity ids[2];
static unsigned char stanza[AGE_STANZA_BYTES];
static const unsigned char file_key[AGE_FILE_KEY_BYTES] = { 7 };

static void
setup(void)
{
	static const unsigned char eseed[HPKE_ESEED_BYTES] = { 9 };
	static int ready;
	struct age_recipient rc;
	size_t i;

	if (ready++ > 0)
		return;
	if (secret_init() != 0 && sodium_init() < 0)
		abort();
	for (i = 0; i < 2; i++)
		if (age_identity_parse(&ids[i], rd_str(keys[i])) != 0)
			abort();
	if (hpke_public(rc.pk, ids[0].seed) != 0 ||
	    age_stanza_seal(stanza, &rc, file_key, eseed) != 0)
		abort();
}

static int
on_plain(void *arg, const unsigned char *p, size_t n)
{
	struct wr *w = arg;

	wr_bytes(w, p, n);
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

static int
stream(struct wr *out, struct rd file, size_t step)
{
	struct age_dec *d;
	struct rd part;
	int r = 0;

	if (age_dec_new(&d, ids, 2, on_plain, out) != 0)
		abort();
	while (r == 0 && !rd_done(&file)) {
		if (!rd_take(&file, &part, step < file.n ? step : file.n))
			abort();
		r = age_dec_push(d, part.p, part.n);
	}
	if (r == 0)
		r = age_dec_finish(d);
	age_dec_free(d);
	return r;
}

/* These stanzas, one of ours, a right MAC, an empty payload. */
static void
complete(struct wr *w, struct rd stanzas)
{
	unsigned char key[32], mac[32], nonce[12] = { 0 }, tag[16];
	static const unsigned char zero[AGE_NONCE_BYTES];
	struct chapoly *c;

	wr_str(w, "age-encryption.org/v1\n");
	wr_rdr(w, stanzas);
	wr_bytes(w, stanza, sizeof(stanza));
	wr_str(w, "---");
	hkdf(key, sizeof(key), rd_from(file_key, sizeof(file_key)),
	    rd_from(NULL, 0), rd_str("header"));
	(void)crypto_auth_hmacsha256(mac, w->p, w->n, key);
	wr_u8(w, ' ');
	wr_b64(w, mac, sizeof(mac), false);
	wr_u8(w, '\n');
	wr_bytes(w, zero, sizeof(zero));
	hkdf(key, sizeof(key), rd_from(file_key, sizeof(file_key)),
	    rd_from(zero, sizeof(zero)), rd_str("payload"));
	nonce[11] = 1;
	if ((c = chapoly_new(key)) == NULL ||
	    chapoly_seal(c, tag, nonce, NULL, 0) != 0)
		abort();
	chapoly_free(c);
	wr_bytes(w, tag, sizeof(tag));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char a[ROOM], b[ROOM], made[ROOM];
	struct wr out = wr_from(b, sizeof(b)), w = wr_from(made, sizeof(made));
	struct rd file = rd_from(data, size);
	uint8_t how;
	size_t n;
	int r, s;

	setup();
	if (!rd_u8(&file, &how) || file.n > ROOM - 4096)
		return 0;
	if (how & 1) {
		complete(&w, file);
		if (!wr_ok(&w))
			abort();
		file = wr_rd(&w);
	}
	r = age_open(a, sizeof(a), &n, ids, 2, file, NULL, NULL);
	s = stream(&out, file, how < 16 ? (size_t)(how >> 1) + 1 :
	    (size_t)how << 4);
	if (r != s || (r != 0 && n != 0))
		abort();
	if (r == 0 && !rd_eq(rd_from(a, n), wr_rd(&out)))
		abort();
	return 0;
}
