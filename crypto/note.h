/* SPDX-License-Identifier: ISC */
/*
 * note.h - signed notes (C2SP signed-note) with Ed25519 keys.
 *
 * A note is text, an empty line, and signature lines.  Views into a parsed
 * note point into the bytes that were given.
 */
#ifndef ECR_NOTE_H
#define ECR_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define NOTE_ED25519	0x01		/* plain signature over the text */
#define NOTE_COSIG	0x04		/* timestamped cosignature */
#define NOTE_SIGS_MAX	100		/* signature lines read at most */
#define NOTE_SIG_MAX_BYTES 4096		/* one signature, less its key id */

/* A verifier key, "name+keyid+base64(type || key)". */
struct vkey {
	char name[NAME_MAX_BYTES + 1];
	uint32_t id;
	uint8_t type;			/* NOTE_ED25519 or NOTE_COSIG */
	unsigned char pk[32];
};

/* Not empty, valid UTF-8, no space of any script, no control, no '+'. */
bool note_name_ok(struct rd name);

/* The key for a name; the id is computed.  ERR_FORMAT: not a name. */
MUST_USE int vkey_make(struct vkey *k, struct rd name, uint8_t type,
    const unsigned char pk[static 32]);
/* One line, without its LF. */
MUST_USE int vkey_parse(struct vkey *k, struct rd text);
void vkey_write(struct wr *w, const struct vkey *k);
bool vkey_eq(const struct vkey *a, const struct vkey *b);
/* "<office>/<role>", the name of a role's key, parted at its last slash. */
MUST_USE bool vkey_role(const struct vkey *k, struct rd *office,
    struct rd *role);

/* One parsed, not yet believed, note. */
struct note {
	struct rd text;			/* with its final LF */
	struct rd sigs;			/* the signature lines */
};

/*
 * note_parse - split and check the form: UTF-8, no control bytes but LF, at
 * least one and at most NOTE_SIGS_MAX signature lines, each well formed.
 * Errors: ERR_FORMAT, ERR_LIMIT (over NOTE_MAX_BYTES).
 */
MUST_USE int note_parse(struct note *n, struct rd bytes);

/*
 * note_verify - does a line of this key hold?  Lines of other keys are
 * ignored; a line of this key that does not hold fails the whole note.
 * Only for NOTE_ED25519 keys.
 * Errors: ERR_AUTH (bad line), ERR_NOMATCH (no line of this key).
 */
MUST_USE int note_verify(const struct note *n, const struct vkey *k);

/* note_parse() and note_verify(), and exactly one signature line. */
MUST_USE int note_open(struct note *n, struct rd bytes, const struct vkey *k);

/* One signature line of any key, decoded and not believed. */
struct note_sig {
	struct rd name;
	uint32_t id;
	size_t n;				/* bytes after the key id */
	unsigned char b[NOTE_SIG_MAX_BYTES];
};

/* Takes the first line off sigs; false, and nothing taken, if malformed. */
MUST_USE bool note_sig_next(struct rd *sigs, struct note_sig *s);
/* Is it a line of this key, by name and key id? */
bool note_sig_is(const struct note_sig *s, const struct vkey *k);
/* A signature line of this key with its LF. */
void note_sig_write(struct wr *w, const struct vkey *k, struct rd sig);

/* How many signature lines there are. */
size_t note_sigs(const struct note *n);

/*
 * note_sign - write text (which ends in LF), the empty line and one line
 * signed with sk (64 bytes, libsodium's form), and check it with k.
 * Errors: ERR_FORMAT (text is no note text), ERR_LIMIT (w overflowed),
 *         ERR_AUTH (sk is not k's).
 */
MUST_USE int note_sign(struct wr *w, struct rd text, const struct vkey *k,
    const unsigned char sk[static 64]);
/*
 * The same without the check, which takes twice as long as the signature:
 * for what whoever gets it verifies at once and nobody relies on before.
 */
MUST_USE int note_sign_unchecked(struct wr *w, struct rd text,
    const struct vkey *k, const unsigned char sk[static 64]);

#endif
