/* SPDX-License-Identifier: ISC */
/*
 * fuzz_officebox.c - what the store reads of the office's: an outbox, and its
 * own records of what was said.
 *
 * The first byte says which: 0 a role's record, 1 a held statement, else a
 * body of POST /outbox, or a file of pending/, before a log without entries.
 * Checked: a body that is taken is one of the role's own, in order, and can
 * be cut and checked again; of one that is refused nothing is left.
 */
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "server/drop_int.h"
#include "server/office.h"

#define ROLE	"o.example/office+3bbbc718+" \
		"AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct logkey key;
static struct keys keys;
static struct drop *drop;
static struct office office;

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* A log whose key the seeds know, in a folder that is gone at once. */
static void
set_up(void)
{
	char base[] = "/tmp/fuzz-officebox.XXXXXX", path[64];
	unsigned char seed[32], pk[32];
	struct wr w = wr_from(path, sizeof(path));

	must(secret_init() != ERR_ORDER && mkdtemp(base) != NULL);
	memset(seed, 9, sizeof(seed));
	must((key.sk = secret_new(64)) != NULL);
	must(crypto_sign_seed_keypair(pk, key.sk, seed) == 0);
	must(vkey_make(&key.vk, rd_str("a.example/log"), NOTE_ED25519,
	    pk) == 0);
	must(keys_parse_roles(&keys, rd_str(ROLE)) == 0 && keys.nrole == 1);
	must(drop_create(base, &key) == 0);
	must(drop_open(&drop, base, 64u << 20, &key.vk) == 0);
	wr_str(&w, base);
	wr_str(&w, "/data.mdb");
	must(wr_cstr(&w) && unlink(path) == 0 && rmdir(base) == 0);
	must(office_start(&office, &keys, drop, &key.vk) == 0);
}

static void
role_record(struct rd in)
{
	static struct drop_role r;
	uint64_t erase, forget, i, before = 0;

	if (drop_role_parse(&r, in) != 0)
		return;
	must(r.sequence > 0 && r.nterm <= DROP_TERMS_MAX);
	for (i = 0; i < 64; i++)
		if (drop_role_term(&r, UINT64_C(1) << i, before, &erase,
		    &forget))
			must(r.nterm > 0);
}

static void
held_record(struct rd in)
{
	struct drop_held h;
	struct rd k;

	if (!rd_take(&in, &k, HELD_KEY_BYTES))
		return;
	if (drop_held_parse(&h, k, in) == 0)
		must(h.replies.n % HASH_BYTES == 0 &&
		    h.digest.n == HASH_BYTES);
}

static void
outbox(struct rd body, bool logged)
{
	static unsigned char copy[OFFICE_FILE_MAX];
	struct office_check c = { .o = &office, .close = 10,
	    .logged = logged };
	size_t i, n;
	int r;

	c.out = wr_from(copy, sizeof(copy));
	r = office_check(&c, body);
	if (r != 0 || c.verdict > OFFICE_HELD) {
		must(office.nsaid == 0);
		return;
	}
	if (logged) {
		office_truncate(&office, 0);
		return;
	}
	/* An empty log: no statement may say that it has read any of it. */
	must(c.verdict == OFFICE_NEW && office.nsaid > 0);
	n = office.nsaid;
	for (i = 0; i < n; i++)
		must(office.said[i].s.sequence == i + 1 &&
		    office.said[i].s.size == 0 &&
		    office.said[i].s.erase == 0);
	must(office_entries(&office, 10) >= n);
	office_truncate(&office, 0);
	/* What was kept of it is the same, found again. */
	must(wr_ok(&c.out));
	body = wr_rd(&c.out);
	c.out = wr_from(NULL, 0);
	must(office_check(&c, body) == 0 && office.nsaid == n);
	office_truncate(&office, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_from(data, size);
	uint8_t what;

	if (drop == NULL)
		set_up();
	if (!rd_u8(&in, &what))
		return 0;
	if (what == 0)
		role_record(in);
	else if (what == 1)
		held_record(in);
	else
		outbox(in, what == 3);
	return 0;
}
