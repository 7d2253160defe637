/* SPDX-License-Identifier: ISC */
/*
 * fuzz_deskact.c - any bytes as an act of a desk's log, and as the file that
 * shows one to an auditor.
 *
 * Acts that parse are written again as the same bytes and put in words; a
 * file that is believed must say what the key has signed, and no key here
 * ever signed anything but the seed's checkpoint.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/deskact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The role's key of tests/fuzz/corpus/deskact/shown. */
static const unsigned char pk[32] = {
	0xda, 0xdb, 0xd1, 0x84, 0xa2, 0xd5, 0x26, 0xf1, 0xeb, 0xdd, 0x5c,
	0x06, 0xfd, 0xad, 0x93, 0x59, 0xb2, 0x28, 0x75, 0x9b, 0x4d, 0x7f,
	0x79, 0xd6, 0x66, 0x89, 0xfa, 0x25, 0x4a, 0xad, 0x85, 0x46
};

static void
try_leaf(struct rd in)
{
	static unsigned char again[DESKACT_LEAF_MAX], words[4096];
	struct wr w = wr_from(again, sizeof(again));
	struct wr t = wr_from(words, sizeof(words));
	struct deskact_leaf l;

	if (deskact_parse(&l, in) != 0)
		return;
	deskact_write(&w, &l);
	deskact_words(&t, &l);
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in) || !wr_ok(&t))
		abort();
}

static void
try_text(struct rd in)
{
	static unsigned char out[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(out, sizeof(out));
	char *s;

	if ((s = malloc(in.n + 1)) == NULL)
		return;
	if (in.n > 0)
		memcpy(s, in.p, in.n);
	s[in.n] = '\0';
	deskact_put_str(&w, s);
	free(s);
	if (!wr_ok(&w) || !deskact_detail_ok(DESKACT_OPEN, wr_rd(&w)))
		abort();
}

static void
try_shown(struct rd in)
{
	struct deskact_shown s;
	uint64_t generation;
	struct vkey k;

	if (vkey_make(&k, rd_str("x.example/office"), NOTE_ED25519, pk) != 0)
		abort();
	if (deskact_check(&s, &generation, in, &k) == 0 &&
	    (generation != 4 || s.checkpoint.size != 3))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(struct rd) = {
		try_leaf, try_shown, try_text
	};

	if (size > 0)
		what[data[0] % (sizeof(what) / sizeof(what[0]))](
		    rd_from(data + 1, size - 1));
	return 0;
}
