/* SPDX-License-Identifier: ISC */
/*
 * age.h - age v1 files: seal to hybrid recipients, open with identities.
 *
 * Bytes go in, bytes and a verdict come out; no files.  The reader takes any
 * valid age v1 file of any size and any number of stanzas and refuses
 * whatever is non-canonical; see docs/formats/age.md.  Armor and scrypt are
 * not read.
 *
 * The verdicts, in the words of the age test kit:
 *   ERR_FORMAT   header failure      ERR_NOMATCH  no match
 *   ERR_AUTH     HMAC failure        ERR_PAYLOAD  payload failure
 */
#ifndef ECR_AGE_H
#define ECR_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/agekey.h"
#include "crypto/err.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define AGE_FILE_KEY_BYTES	16
#define AGE_NONCE_BYTES		16
#define AGE_CHUNK_BYTES		65536
#define AGE_STANZA_BYTES	1557		/* one hybrid stanza */
#define AGE_HEADER_MAX		(64u << 20)	/* what the reader holds */

/* The size of a hybrid header for n recipients. */
#define AGE_HEADER_BYTES(n)	(70 + (size_t)AGE_STANZA_BYTES * (n))

/*
 * What age takes from chance, so that vectors can pin it.  eseed: one block
 * of HPKE_ESEED_BYTES a recipient.
 */
struct age_random {
	const unsigned char *file_key;		/* AGE_FILE_KEY_BYTES */
	const unsigned char *nonce;		/* AGE_NONCE_BYTES */
	const unsigned char *eseed;
};

/*
 * age_seal - a whole small file in one call.
 * chance  NULL, or any member NULL: drawn freshly
 * Errors: ERR_FORMAT (unusable recipient), ERR_LIMIT (no recipient, or out
 *         too small), ERR_NOMEM.
 */
MUST_USE int age_seal(struct wr *out, const struct age_recipient *rcs,
    size_t nrcs, struct rd plain, const struct age_random *chance);

/*
 * age_open - a whole file in one call; nothing is released unless all of it
 * holds.  *n is the length of the plaintext; out holds at most cap.
 * file_key, if not NULL, receives AGE_FILE_KEY_BYTES.  *which, if not NULL,
 * is the index of the identity that fitted.
 * Errors: the verdicts, ERR_LIMIT (a header over AGE_HEADER_MAX, or more
 *         plaintext than cap), ERR_NOMEM.
 * Wipes:  out and file_key on error.
 */
MUST_USE int age_open(void *out, size_t cap, size_t *n,
    const struct age_identity *ids, size_t nids, struct rd file,
    unsigned char *file_key, size_t *which);

/*
 * age_open_key - the same with a file key that is known already, and no
 * stanza's business: the header's MAC shows that it is this file's.
 * Errors: ERR_FORMAT, ERR_AUTH (another key), ERR_PAYLOAD, ERR_LIMIT,
 *         ERR_NOMEM.
 */
MUST_USE int age_open_key(void *out, size_t cap, size_t *n,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES], struct rd file);

/* Given a stanza's place in the header: wrap one file key for one recipient. */
MUST_USE int age_stanza_seal(unsigned char out[static AGE_STANZA_BYTES],
    const struct age_recipient *rc,
    const unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const unsigned char *eseed);

/* A hybrid stanza, decoded. */
struct age_stanza {
	unsigned char enc[HPKE_ENC_BYTES];
	unsigned char body[AGE_FILE_KEY_BYTES + HPKE_TAG_BYTES];
};
/* Takes one off, AGE_STANZA_BYTES of it, its last LF too; false: malformed. */
MUST_USE bool age_stanza_read(struct age_stanza *s, struct rd *in);
/*
 * The other way, for one key made ready (hpke.h): is the stanza for it?
 * Errors: ERR_NOMATCH, ERR_FORMAT; file_key is wiped then.
 */
MUST_USE int age_stanza_try(unsigned char file_key[static AGE_FILE_KEY_BYTES],
    const struct hpke_key *key, const struct age_stanza *s);

/* Where output goes: returns 0 or the error that ends the work. */
typedef int age_sink(void *arg, const unsigned char *p, size_t n);

/*
 * Streaming, writing.  Call age_enc_push() any number of times, then finish.
 * The header goes to the sink from within age_enc_new(), which fails as
 * age_seal() does, and gives *out NULL then.  An error, the sink's too, sticks;
 * after age_enc_finish() everything is ERR_ORDER.
 */
struct age_enc;
MUST_USE int age_enc_new(struct age_enc **out, const struct age_recipient *rcs,
    size_t nrcs, const struct age_random *chance, age_sink *sink, void *arg);
MUST_USE int age_enc_push(struct age_enc *e, const void *p, size_t n);
MUST_USE int age_enc_finish(struct age_enc *e);
void age_enc_free(struct age_enc *e);		/* wipes */

/*
 * Streaming, reading: plaintext goes to the sink chunk by chunk, each chunk
 * only after its tag held.  A later chunk may still fail: then
 * age_dec_push() or age_dec_finish() says ERR_PAYLOAD and what came before
 * must not be trusted as a whole.  Identities are copied, and wiped as soon
 * as the header was judged.  An error, the sink's too, sticks; after
 * age_dec_finish() everything is ERR_ORDER.
 */
struct age_dec;
MUST_USE int age_dec_new(struct age_dec **out, const struct age_identity *ids,
    size_t nids, age_sink *sink, void *arg);
MUST_USE int age_dec_push(struct age_dec *d, const void *p, size_t n);
MUST_USE int age_dec_finish(struct age_dec *d);
void age_dec_free(struct age_dec *d);		/* wipes */

#endif
