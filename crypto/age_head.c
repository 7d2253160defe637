/* SPDX-License-Identifier: ISC */
/*
 * age_head.c - the header of an age file: grammar, file key, MAC.
 *
 * Refuses whatever the grammar does not say, one spelling a header, and
 * stanzas of known types that could open for nobody.  Invariant: h->at counts
 * whole lines only, and every one of them has been judged.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/age_int.h"
#include "crypto/base.h"
#include "crypto/sha256.h"

#define LINE_CHARS	64		/* of a stanza's body */
#define LINE_BYTES	48

static const char hybrid_info[] = "age-encryption.org/mlkem768x25519";
static const char x25519_info[] = "age-encryption.org/v1/X25519";

/* --- grammar ---------------------------------------------------------- */

/* What comes before the next space, or all; false where that is nothing. */
static bool
next_word(struct rd *r, struct rd *word)
{
	if (!rd_until(r, ' ', word))
		return rd_take(r, word, r->n) && !rd_done(word);
	return !rd_done(word) && !rd_done(r);
}

static bool
words_ok(struct rd args)
{
	struct rd word;
	uint8_t c;

	do {
		if (!next_word(&args, &word))
			return false;
		while (rd_u8(&word, &c))
			if (c < 0x21 || c > 0x7e)
				return false;
	} while (!rd_done(&args));
	return true;
}

static enum age_type
type_of(struct rd word)
{
	if (rd_eq_str(word, "mlkem768x25519"))
		return AGE_TYPE_HYBRID;
	if (rd_eq_str(word, "X25519"))
		return AGE_TYPE_X25519;
	if (rd_eq_str(word, "scrypt"))
		return AGE_TYPE_SCRYPT;
	return AGE_TYPE_OTHER;
}

/* Are these the arguments that the type asks for? */
static bool
args_ok(enum age_type type, struct rd args)
{
	unsigned char enc[HPKE_ENC_BYTES], share[AGE_SHARE_BYTES], salt[16];
	struct rd word;
	uint64_t factor;

	switch (type) {
	case AGE_TYPE_HYBRID:
		return b64_decode(enc, sizeof(enc), args, false) &&
		    hpke_check_enc(enc) == 0;
	case AGE_TYPE_X25519:
		return b64_decode(share, sizeof(share), args, false) &&
		    hpke_check_share(share) == 0;
	case AGE_TYPE_SCRYPT:
		/* Never computed here; 22 is where age itself gives up. */
		return next_word(&args, &word) &&
		    b64_decode(salt, sizeof(salt), word, false) &&
		    rd_dec(args, 22, &factor) && factor > 0;
	case AGE_TYPE_OTHER:
		break;
	}
	return true;
}

static int
read_stanza(struct age_head *h, struct rd args)
{
	struct rd all = args, word;

	if (!words_ok(args) || !next_word(&all, &word))
		return ERR_FORMAT;
	h->type = type_of(word);
	if (!args_ok(h->type, all))
		return ERR_FORMAT;
	h->stanzas++;
	if (h->type == AGE_TYPE_SCRYPT)
		h->scrypts++;
	if (h->scrypts > 0 && h->stanzas > 1)
		return ERR_FORMAT;
	h->body = 0;
	h->want = AGE_WANT_BODY;
	return 0;
}

static int
read_body(struct age_head *h, struct rd line)
{
	unsigned char buf[LINE_BYTES];
	size_t n;

	if (line.n > LINE_CHARS ||
	    !b64_decode_some(buf, sizeof(buf), &n, line, false))
		return ERR_FORMAT;
	h->body += n;
	if (line.n == LINE_CHARS)
		return 0;
	if (h->type != AGE_TYPE_OTHER && h->body != AGE_BODY_BYTES)
		return ERR_FORMAT;
	h->want = AGE_WANT_STANZA;
	return 0;
}

/* One line without its LF, from offset h->at on. */
static int
read_line(struct age_head *h, struct rd line)
{
	switch (h->want) {
	case AGE_WANT_VERSION:
		h->want = AGE_WANT_STANZA;
		return rd_eq_str(line, AGE_VERSION_LINE) ? 0 : ERR_FORMAT;
	case AGE_WANT_BODY:
		return read_body(h, line);
	case AGE_WANT_STANZA:
		if (rd_lit(&line, "-> "))
			return read_stanza(h, line);
		if (h->stanzas == 0 || !rd_lit(&line, "--- ") ||
		    !b64_decode(h->mac, sizeof(h->mac), line, false))
			return ERR_FORMAT;
		h->mac_end = h->at + 3;
		h->want = AGE_WANT_NOTHING;
		return 0;
	case AGE_WANT_NOTHING:
		break;
	}
	return ERR_FORMAT;
}

/* Could a line that began like this, its LF still to come, be right? */
static bool
start_ok(const struct age_head *h, struct rd part)
{
	const char *lit = h->want == AGE_WANT_VERSION ?
	    AGE_VERSION_LINE : "-> ";
	struct rd want = rd_str(lit), head;

	if (h->want == AGE_WANT_BODY)
		return part.n <= LINE_CHARS;
	if (h->want == AGE_WANT_STANZA && part.n > 1 &&
	    rd_lit(&part, "--"))
		return part.n <= 2 + 43;
	if (part.n > want.n)
		return h->want == AGE_WANT_STANZA && rd_lit(&part, lit);
	return rd_take(&want, &head, part.n) && rd_eq(head, part);
}

/* see age_int.h */
int
age_head_scan(struct age_head *h, struct rd have)
{
	struct rd rest, fresh, line;
	int r;

	if (have.n > AGE_HEADER_MAX)
		have.n = AGE_HEADER_MAX;
	while (h->want != AGE_WANT_NOTHING) {
		rest = have;
		fresh = have;
		if (!rd_skip(&rest, h->at) || !rd_skip(&fresh, h->seen))
			return ERR_FORMAT;
		if (!rd_line(&fresh, &line)) {
			h->seen = have.n;
			if (!start_ok(h, rest))
				return ERR_FORMAT;
			return have.n == AGE_HEADER_MAX ? ERR_LIMIT : 0;
		}
		if (!rd_line(&rest, &line) || (r = read_line(h, line)) != 0)
			return ERR_FORMAT;
		h->at = have.n - rest.n;
		h->seen = h->at;
	}
	return 1;
}

/* --- keys ------------------------------------------------------------- */

/* see age_int.h */
void
age_head_mac(unsigned char mac[static AGE_MAC_BYTES],
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], struct rd head)
{
	unsigned char key[32];

	hkdf(key, sizeof(key), rd_from(file_key, AGE_FILE_KEY_BYTES),
	    rd_from(NULL, 0), rd_str("header"));
	hmac(mac, rd_from(key, sizeof(key)), head);
	sodium_memzero(key, sizeof(key));
}

static int
unwrap_hybrid(unsigned char *file_key, const struct age_identity *id,
    const unsigned char *enc, const unsigned char *body)
{
	return hpke_open(file_key, enc, id->seed, rd_str(hybrid_info),
	    rd_from(NULL, 0), rd_from(body, AGE_BODY_BYTES));
}

static int
unwrap_x25519(unsigned char *file_key, const struct age_identity *id,
    const unsigned char *share, const unsigned char *body)
{
	static const unsigned char nonce[CHAPOLY_NONCEBYTES] = { 0 };
	unsigned char salt[AGE_SHARE_BYTES * 2], ss[32], key[32];
	int r = ERR_FORMAT;

	memcpy(salt, share, AGE_SHARE_BYTES);
	if (crypto_scalarmult_curve25519_base(salt + AGE_SHARE_BYTES,
	    id->seed) != 0 ||
	    crypto_scalarmult_curve25519(ss, id->seed, share) != 0)
		goto out;
	hkdf(key, sizeof(key), rd_from(ss, sizeof(ss)),
	    rd_from(salt, sizeof(salt)), rd_str(x25519_info));
	r = ERR_NOMATCH;
	if (crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL,
	    body, AGE_BODY_BYTES, NULL, 0, nonce, key) == 0)
		r = 0;
out:
	sodium_memzero(ss, sizeof(ss));
	sodium_memzero(key, sizeof(key));
	return r;
}

/*
 * One stanza, args after its type, every identity: 0, or ERR_NOMATCH, or what
 * ends the search.
 */
static int
unwrap(unsigned char *file_key, enum age_type type, struct rd args,
    struct rd body, const struct age_identity *ids, size_t nids, size_t *which)
{
	unsigned char enc[HPKE_ENC_BYTES], share[AGE_SHARE_BYTES];
	unsigned char sealed[AGE_BODY_BYTES];
	bool hybrid = type == AGE_TYPE_HYBRID;
	int r = ERR_NOMATCH;
	size_t i;

	if (!b64_decode(sealed, sizeof(sealed), body, false) || (hybrid ?
	    !b64_decode(enc, sizeof(enc), args, false) :
	    !b64_decode(share, sizeof(share), args, false)))
		return ERR_FORMAT;
	for (i = 0; i < nids && r == ERR_NOMATCH; i++) {
		if (hybrid && ids[i].kind == AGE_HYBRID)
			r = unwrap_hybrid(file_key, &ids[i], enc, sealed);
		else if (!hybrid && ids[i].kind == AGE_X25519)
			r = unwrap_x25519(file_key, &ids[i], share, sealed);
		*which = i;
	}
	return r;
}

/* see age.h */
bool
age_stanza_read(struct age_stanza *s, struct rd *in)
{
	struct rd enc, body;

	return rd_lit(in, "-> mlkem768x25519 ") && rd_line(in, &enc) &&
	    rd_line(in, &body) &&
	    b64_decode(s->enc, sizeof(s->enc), enc, false) &&
	    b64_decode(s->body, sizeof(s->body), body, false);
}

/* see age.h */
int
age_stanza_try(unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const struct hpke_key *key, const struct age_stanza *s)
{
	return hpke_key_open(file_key, s->enc, key, rd_str(hybrid_info),
	    rd_from(NULL, 0), rd_from(s->body, sizeof(s->body)));
}

/* All stanzas of a header that was judged good, in their order. */
static int
unwrap_any(unsigned char *file_key, struct rd head,
    const struct age_identity *ids, size_t nids, size_t *which)
{
	struct rd line, word;
	enum age_type type;
	int r = ERR_NOMATCH;

	while (r == ERR_NOMATCH && rd_line(&head, &line)) {
		if (!rd_lit(&line, "-> "))
			continue;
		if (!next_word(&line, &word))
			return ERR_FORMAT;
		type = type_of(word);
		if (type != AGE_TYPE_HYBRID && type != AGE_TYPE_X25519)
			continue;
		if (!rd_line(&head, &word))
			return ERR_FORMAT;
		r = unwrap(file_key, type, line, word, ids, nids, which);
	}
	return r;
}

/* see age_int.h */
int
age_head_check(const struct age_head *h, struct rd have,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES])
{
	unsigned char mac[AGE_MAC_BYTES];
	struct rd covered;
	int r = ERR_FORMAT;

	if (!rd_take(&have, &covered, h->mac_end))
		return r;
	age_head_mac(mac, file_key, covered);
	r = sodium_memcmp(mac, h->mac, sizeof(mac)) == 0 ? 0 : ERR_AUTH;
	sodium_memzero(mac, sizeof(mac));
	return r;
}

/* see age_int.h */
int
age_head_unwrap(const struct age_head *h, struct rd have,
    const struct age_identity *ids, size_t nids,
    unsigned char file_key[static AGE_FILE_KEY_BYTES], size_t *which)
{
	struct rd rest = have, head;
	size_t fit = 0;
	int r = ERR_FORMAT;

	if (rd_take(&rest, &head, h->at) &&
	    (r = unwrap_any(file_key, head, ids, nids, &fit)) == 0)
		r = age_head_check(h, have, file_key);
	if (r != 0)
		sodium_memzero(file_key, AGE_FILE_KEY_BYTES);
	else if (which != NULL)
		*which = fit;
	return r;
}

/* --- payload ------------------------------------------------------------ */

/* see age_int.h */
struct chapoly *
age_payload(const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const unsigned char nonce[static AGE_NONCE_BYTES])
{
	unsigned char key[CHAPOLY_KEYBYTES];
	struct chapoly *c;

	hkdf(key, sizeof(key), rd_from(file_key, AGE_FILE_KEY_BYTES),
	    rd_from(nonce, AGE_NONCE_BYTES), rd_str("payload"));
	c = chapoly_new(key);
	sodium_memzero(key, sizeof(key));
	return c;
}

/* see age_int.h */
void
age_chunk_nonce(unsigned char nonce[static CHAPOLY_NONCEBYTES], uint64_t i,
    bool last)
{
	struct wr w = wr_from(nonce, CHAPOLY_NONCEBYTES);

	wr_zeros(&w, 3);
	wr_u64(&w, i);
	wr_u8(&w, last ? 1 : 0);
}

/* --- writing ------------------------------------------------------------ */

/* see age.h */
int
age_stanza_seal(unsigned char out[static AGE_STANZA_BYTES],
    const struct age_recipient *rc,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const unsigned char *eseed)
{
	unsigned char enc[HPKE_ENC_BYTES], body[AGE_BODY_BYTES];
	struct wr w = wr_from(out, AGE_STANZA_BYTES);
	int r;

	if ((r = hpke_seal(enc, body, rc->pk, rd_str(hybrid_info),
	    rd_from(NULL, 0), rd_from(file_key, AGE_FILE_KEY_BYTES),
	    eseed)) != 0)
		return r;
	wr_str(&w, "-> mlkem768x25519 ");
	wr_b64(&w, enc, sizeof(enc), false);
	wr_u8(&w, '\n');
	wr_b64(&w, body, sizeof(body), false);
	wr_u8(&w, '\n');
	return wr_ok(&w) ? 0 : ERR_LIMIT;
}
