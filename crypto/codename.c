/* SPDX-License-Identifier: ISC */
/*
 * codename.c - twelve words that are all a reporter keeps.
 *
 * The words are secret while they are here: the list is always walked to its
 * end, and no index into it depends on a word.  What shows in time is how
 * long each word was typed, and whether one is not in the list.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/codename.h"
#include "crypto/note.h"
#include "crypto/sha256.h"
#include "crypto/wr.h"

#define WORD_BITS	11
#define WORD_PREFIX	4		/* letters that tell words apart */
#define CHECK_BITS	4
#define PACKED_BYTES	(CODENAME_BYTES + 1)
#define TEXT_MAX_BYTES	4096		/* looked at, of what was typed */

#define MAILBOX_INFO	"ecrdrop/mailbox/v1"
#define AUTHOR_INFO	"ecrdrop/author/v1"
#define ROLE_INFO	"ecrdrop/role/v1"

/* see codename.h */
const char *
role_name(enum codename_role role)
{
	return role == ROLE_ALTERNATE ? "alternate" : "office";
}

/* All ones where a is b, else zero; both below 2^31. */
static uint32_t
same(uint32_t a, uint32_t b)
{
	return 0u - (((a ^ b) - 1u) >> 31);
}

/* --- bits ---------------------------------------------------------------- */

/* The entropy and, in the high bits of one more byte, the checksum. */
static void
pack(unsigned char packed[static PACKED_BYTES],
    const unsigned char *entropy)
{
	unsigned char hash[HASH_BYTES];

	sha256(hash, entropy, CODENAME_BYTES);
	memcpy(packed, entropy, CODENAME_BYTES);
	packed[CODENAME_BYTES] = (unsigned char)
	    (hash[0] & (0xffu << (8 - CHECK_BITS)));
	sodium_memzero(hash, sizeof(hash));
}

static uint32_t
get_bits(const unsigned char packed[static PACKED_BYTES], size_t word)
{
	size_t bit, i = word * WORD_BITS;
	uint32_t v = 0;

	for (bit = i; bit < i + WORD_BITS; bit++)
		v = v << 1 |
		    ((uint32_t)packed[bit / 8] >> (7 - bit % 8) & 1u);
	return v;
}

static void
put_bits(unsigned char packed[static PACKED_BYTES], size_t word, uint32_t v)
{
	size_t i, bit;

	for (i = 0; i < WORD_BITS; i++) {
		bit = word * WORD_BITS + i;
		packed[bit / 8] = (unsigned char)(packed[bit / 8] |
		    (v >> (WORD_BITS - 1 - i) & 1u) << (7 - bit % 8));
	}
}

/* --- words --------------------------------------------------------------- */

/* The word of this number, NUL filled, without an index that tells it. */
static void
word_at(char out[static WORDS_MAXLEN + 1], uint32_t number)
{
	uint32_t i, mask;
	size_t k;

	memset(out, 0, WORDS_MAXLEN + 1);
	for (i = 0; i < WORDS_COUNT; i++) {
		mask = same(i, number);
		for (k = 0; k < WORDS_MAXLEN; k++)
			out[k] = (char)(out[k] |
			    (words_list[i][k] & (char)mask));
	}
}

/* see codename.h */
void
codename_write(char out[static CODENAME_CHARS],
    const unsigned char entropy[static CODENAME_BYTES])
{
	unsigned char packed[PACKED_BYTES];
	char word[WORDS_MAXLEN + 1];
	struct wr w = wr_from(out, CODENAME_CHARS);
	size_t i;

	pack(packed, entropy);
	for (i = 0; i < CODENAME_WORDS; i++) {
		if (i > 0)
			wr_u8(&w, ' ');
		word_at(word, get_bits(packed, i));
		wr_str(&w, word);
	}
	wr_u8(&w, '\0');
	sodium_memzero(packed, sizeof(packed));
	sodium_memzero(word, sizeof(word));
}

/* Like a word of the list: lower case, NUL filled.  No word at all: false. */
static bool
normalise(char out[static WORDS_MAXLEN + 1], struct rd typed)
{
	unsigned char c, upper;
	size_t i;

	memset(out, 0, WORDS_MAXLEN + 1);
	if (typed.n > WORDS_MAXLEN)
		return false;
	for (i = 0; i < typed.n; i++) {
		if ((c = typed.p[i]) == '\0')
			return false;		/* would match the filling */
		/* 0x20 for 'A' to 'Z', else 0. */
		upper = (unsigned char)(((unsigned)('A' - 1 - c) &
		    (unsigned)(c - 'Z' - 1)) >> 8 & 0x20u);
		out[i] = (char)(c | upper);
	}
	return true;
}

/*
 * Which word was typed?  All of it, or at least WORD_PREFIX letters with
 * which it begins.
 */
static bool
word_find(struct rd typed, uint32_t *number)
{
	char t[WORDS_MAXLEN + 1];
	uint32_t i, hit, diff, all = 0;
	size_t k;

	*number = 0;
	if (!normalise(t, typed))
		goto out;
	for (i = 0; i < WORDS_COUNT; i++) {
		diff = 0;
		for (k = 0; k < typed.n; k++)
			diff |= (uint32_t)(unsigned char)
			    (t[k] ^ words_list[i][k]);
		if (typed.n < WORD_PREFIX)	/* then the word ends, too */
			diff |= (uint32_t)(unsigned char)
			    words_list[i][typed.n];
		hit = same(diff, 0);
		*number |= i & hit;
		all |= hit;
	}
out:
	sodium_memzero(t, sizeof(t));
	return all != 0;
}

static bool
is_gap(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '-' || c == '\n' || c == '\r';
}

/* The next word as it was typed; empty at the end. */
static struct rd
word_next(struct rd *text)
{
	struct rd r = *text, word;
	size_t n;

	while (!rd_done(&r) && is_gap(r.p[0]) && rd_skip(&r, 1))
		continue;
	for (n = 0; n < r.n && !is_gap(r.p[n]); n++)
		continue;
	if (!rd_take(&r, &word, n))
		word = r;
	*text = r;
	return word;
}

/* see codename.h */
int
codename_parse(unsigned char entropy[static CODENAME_BYTES], struct rd text,
    unsigned *word)
{
	unsigned char packed[PACKED_BYTES] = { 0 }, check[PACKED_BYTES];
	struct rd typed;
	uint32_t number;
	unsigned n;
	int r = ERR_LIMIT;

	*word = 0;
	if (text.n > TEXT_MAX_BYTES)
		goto out;
	for (n = 0; (typed = word_next(&text)).n > 0; n++) {
		if (n >= CODENAME_WORDS)
			continue;		/* only counted */
		if (!word_find(typed, &number)) {
			*word = n + 1;
			r = ERR_NOTFOUND;
			goto out;
		}
		put_bits(packed, n, number);
	}
	*word = n;
	if (n != CODENAME_WORDS)
		goto out;
	pack(check, packed);
	r = sodium_memcmp(check, packed, sizeof(check)) == 0 ? 0 : ERR_AUTH;
	if (r == 0)
		memcpy(entropy, packed, CODENAME_BYTES);
out:
	sodium_memzero(packed, sizeof(packed));
	sodium_memzero(check, sizeof(check));
	sodium_memzero(&number, sizeof(number));
	return r;
}

/* --- keys ------------------------------------------------------------------ */

static void
derive(void *out, size_t n, const unsigned char *entropy, struct rd office,
    const char *info)
{
	hkdf(out, n, rd_from(entropy, CODENAME_BYTES), office, rd_str(info));
}

static enum codename_role
derive_role(const unsigned char *entropy, struct rd office)
{
	unsigned char b;

	derive(&b, 1, entropy, office, ROLE_INFO);
	return b & 0x80 ? ROLE_ALTERNATE : ROLE_OFFICE;
}

/* see codename.h */
int
codename_new(unsigned char entropy[static CODENAME_BYTES], struct rd office,
    enum codename_role role)
{
	if (!note_name_ok(office))
		return ERR_FORMAT;
	do
		randombytes_buf(entropy, CODENAME_BYTES);
	while (derive_role(entropy, office) != role);
	return 0;
}

/* see codename.h */
int
codename_derive(struct codename_keys *k,
    const unsigned char entropy[static CODENAME_BYTES], struct rd office)
{
	unsigned char seed[SEED_BYTES];
	int r;

	memset(k, 0, sizeof(*k));
	if (!note_name_ok(office))
		return ERR_FORMAT;
	k->role = derive_role(entropy, office);
	k->mailbox_id.kind = AGE_HYBRID;
	derive(k->mailbox_id.seed, sizeof(k->mailbox_id.seed), entropy,
	    office, MAILBOX_INFO);
	derive(seed, sizeof(seed), entropy, office, AUTHOR_INFO);
	r = crypto_sign_seed_keypair(k->author_pk, k->author_sk, seed) == 0 ?
	    hpke_public(k->mailbox.pk, k->mailbox_id.seed) : ERR_NOMEM;
	sodium_memzero(seed, sizeof(seed));
	if (r != 0)
		codename_keys_wipe(k);
	return r;
}

/* see codename.h */
void
codename_keys_wipe(struct codename_keys *k)
{
	sodium_memzero(k, sizeof(*k));
}
