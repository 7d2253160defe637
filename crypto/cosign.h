/* SPDX-License-Identifier: ISC */
/*
 * cosign.h - cosignatures of checkpoints (C2SP tlog-cosignature, Ed25519).
 *
 * A cosigner says: at this time, this was the largest tree of this origin
 * that I have seen, and it continues those before it.  The name of the
 * cosigner is not signed, so what counts is keys: neither a second line nor
 * a second name makes one key two witnesses, nor a second key one name.
 *
 * Lines of keys not at hand, of whatever type, are passed over.  A line of a
 * key at hand that does not hold refuses the whole note.
 *
 * Source: docs/formats/note.md section 4.
 */
#ifndef ECR_COSIGN_H
#define ECR_COSIGN_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define COSIGN_BYTES	(8 + SIG_BYTES)	/* time and signature */
#define COSIGN_TEXT_MAX	4096		/* of a note that is cosigned */
#define COSIGN_KEYS_MAX	32		/* witnesses at hand */

/*
 * cosign_verify - the time at which this key cosigned, by its first line.
 *
 * n       from note_parse()
 * k       of type NOTE_COSIG
 * Errors: ERR_NOMATCH (no line of this key), ERR_AUTH (a line that does not
 *         hold, or is no cosignature, or with a time above 2^63 - 1),
 *         ERR_FORMAT (a key of another type), ERR_LIMIT (too long a text).
 */
MUST_USE int cosign_verify(const struct note *n, const struct vkey *k,
    uint64_t *time);

/* Who cosigned: bit i of set is key i, time[i] is when. */
struct cosigners {
	uint32_t set;
	uint64_t time[COSIGN_KEYS_MAX];
};

/*
 * cosign_check - which of these keys cosigned the note.
 *
 * A key with the public key or with the name of one before it that cosigned
 * is not in the set.
 *
 * Errors: ERR_AUTH, ERR_FORMAT, ERR_LIMIT as above (also for more than
 *         COSIGN_KEYS_MAX keys); c is then empty.  No line of any key is no
 *         error: the set is empty.
 */
MUST_USE int cosign_check(const struct note *n, const struct vkey *key,
    size_t nkeys, struct cosigners *c);
/* How many are in the set. */
size_t cosign_count(const struct cosigners *c);

/*
 * cosign_write - cosign a checkpoint's text: one signature line, with its LF.
 *
 * Errors: ERR_FORMAT (the text is no checkpoint, the time above 2^63 - 1, or
 *         k is no cosigner's), ERR_AUTH (sk is not k's), ERR_LIMIT.
 */
MUST_USE int cosign_write(struct wr *w, struct rd text, uint64_t time,
    const struct vkey *k, const unsigned char sk[static 64]);

/*
 * cosign_request - what a witness is sent: "old N", the proof, an empty line,
 * the checkpoint.  p is empty where old is 0.
 */
void cosign_request(struct wr *w, uint64_t old, const struct proof *p,
    struct rd checkpoint);

#endif
