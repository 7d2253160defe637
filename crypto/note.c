/* SPDX-License-Identifier: ISC */
/*
 * note.c - signed notes with Ed25519 keys.
 *
 * Refuses whatever has a second reading: control bytes, broken UTF-8, base64
 * with loose ends, too many lines.  Nothing of a note is believed before
 * note_verify() said so.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/note.h"
#include "crypto/sha256.h"
#include "crypto/utf8.h"

#define ID_BYTES	4
#define DASH		"\xe2\x80\x94 "		/* U+2014 and a space */

/* see note.h */
bool
note_name_ok(struct rd name)
{
	uint32_t c;

	if (name.n == 0 || name.n > NAME_MAX_BYTES)
		return false;
	while (!rd_done(&name))
		if (!utf8_next(&name, &c) || c == '+' || utf8_is_space(c) ||
		    utf8_is_control(c))
			return false;
	return true;
}

/* The first four bytes of SHA-256(name LF type key). */
static uint32_t
key_id(struct rd name, uint8_t type, const unsigned char *pk)
{
	unsigned char buf[NAME_MAX_BYTES + 2 + 32], hash[HASH_BYTES];
	struct wr w = wr_from(buf, sizeof(buf));
	struct rd r;
	uint32_t id = 0;

	wr_rdr(&w, name);
	wr_u8(&w, '\n');
	wr_u8(&w, type);
	wr_bytes(&w, pk, 32);
	sha256(hash, buf, w.n);
	r = rd_from(hash, sizeof(hash));
	if (!wr_ok(&w) || !rd_u32(&r, &id))
		abort();		/* the name was checked before */
	return id;
}

/* see note.h */
int
vkey_make(struct vkey *k, struct rd name, uint8_t type,
    const unsigned char pk[static 32])
{
	if (!note_name_ok(name) || (type != NOTE_ED25519 && type != NOTE_COSIG))
		return ERR_FORMAT;
	memset(k, 0, sizeof(*k));
	memcpy(k->name, name.p, name.n);
	k->type = type;
	memcpy(k->pk, pk, sizeof(k->pk));
	k->id = key_id(name, type, pk);
	return 0;
}

/* see note.h */
int
vkey_parse(struct vkey *k, struct rd text)
{
	unsigned char id[ID_BYTES], key[1 + 32];
	struct rd name, hex, rid;
	uint32_t said;
	int r;

	if (!rd_until(&text, '+', &name) || !rd_until(&text, '+', &hex) ||
	    !hex_decode(id, sizeof(id), hex) ||
	    !b64_decode(key, sizeof(key), text, true))
		return ERR_FORMAT;
	rid = rd_from(id, sizeof(id));
	if ((r = vkey_make(k, name, key[0], key + 1)) != 0)
		return r;
	return rd_u32(&rid, &said) && k->id == said ? 0 : ERR_FORMAT;
}

static void
put_id(unsigned char id[static ID_BYTES], uint32_t v)
{
	struct wr w = wr_from(id, ID_BYTES);

	wr_u32(&w, v);
}

/* see note.h */
void
vkey_write(struct wr *w, const struct vkey *k)
{
	unsigned char id[ID_BYTES], key[1 + 32];

	put_id(id, k->id);
	key[0] = k->type;
	memcpy(key + 1, k->pk, sizeof(k->pk));
	wr_str(w, k->name);
	wr_u8(w, '+');
	wr_hex(w, id, sizeof(id));
	wr_u8(w, '+');
	wr_b64(w, key, sizeof(key), true);
}

/* see note.h */
bool
vkey_eq(const struct vkey *a, const struct vkey *b)
{
	return strcmp(a->name, b->name) == 0 && a->id == b->id &&
	    a->type == b->type && memcmp(a->pk, b->pk, sizeof(a->pk)) == 0;
}

/* see note.h */
bool
vkey_role(const struct vkey *k, struct rd *office, struct rd *role)
{
	struct rd name = rd_str(k->name), rest = name, part;

	while (rd_until(&rest, '/', &part))
		;
	*role = rest;
	return rest.n > 0 && rest.n < name.n - 1 &&
	    rd_take(&name, office, name.n - rest.n - 1);
}

/* see note.h */
bool
note_sig_next(struct rd *sigs, struct note_sig *s)
{
	unsigned char raw[ID_BYTES + NOTE_SIG_MAX_BYTES];
	struct rd rest = *sigs, line, r;
	size_t n;

	if (!rd_line(&rest, &line) || !rd_lit(&line, DASH) ||
	    !rd_until(&line, ' ', &s->name) || !note_name_ok(s->name) ||
	    !b64_decode_some(raw, sizeof(raw), &n, line, true))
		return false;
	r = rd_from(raw, n);
	if (n <= ID_BYTES || !rd_u32(&r, &s->id))
		return false;
	s->n = r.n;
	if (!rd_copy(&r, s->b, s->n))
		return false;
	*sigs = rest;
	return true;
}

/* see note.h */
bool
note_sig_is(const struct note_sig *s, const struct vkey *k)
{
	return s->id == k->id && rd_eq_str(s->name, k->name);
}

/* see note.h */
void
note_sig_write(struct wr *w, const struct vkey *k, struct rd sig)
{
	unsigned char raw[ID_BYTES + NOTE_SIG_MAX_BYTES];
	struct wr b = wr_from(raw, sizeof(raw));

	wr_u32(&b, k->id);
	wr_rdr(&b, sig);
	if (!wr_ok(&b))
		w->over = true;
	wr_str(w, DASH);
	wr_str(w, k->name);
	wr_u8(w, ' ');
	wr_b64(w, raw, b.n, true);
	wr_u8(w, '\n');
}

/* UTF-8, no control byte below 0x20 but LF. */
static bool
text_ok(struct rd text)
{
	uint32_t c;

	while (!rd_done(&text))
		if (!utf8_next(&text, &c) || (c < 0x20 && c != '\n'))
			return false;
	return true;
}

/* Splits at the last empty line. */
static bool
split(struct note *n, struct rd bytes)
{
	struct rd rest = bytes, line;
	size_t at = 0;

	while (rd_line(&rest, &line))
		if (line.n == 0)
			at = bytes.n - rest.n;	/* just after the empty line */
	/* Before it stands at least the LF that ends the text. */
	return at >= 2 && rd_take(&bytes, &n->text, at - 1) &&
	    rd_skip(&bytes, 1) && rd_take(&bytes, &n->sigs, bytes.n);
}

/* see note.h */
int
note_parse(struct note *n, struct rd bytes)
{
	struct rd sigs;
	struct note_sig s;
	size_t lines;

	if (bytes.n > NOTE_MAX_BYTES)
		return ERR_LIMIT;
	if (!text_ok(bytes) || !split(n, bytes) || rd_done(&n->sigs))
		return ERR_FORMAT;
	sigs = n->sigs;
	for (lines = 0; !rd_done(&sigs); lines++)
		if (lines == NOTE_SIGS_MAX || !note_sig_next(&sigs, &s))
			return ERR_FORMAT;
	return 0;
}

/* see note.h */
int
note_verify(const struct note *n, const struct vkey *k)
{
	struct rd sigs = n->sigs;
	struct note_sig s;

	if (k->type != NOTE_ED25519)
		return ERR_FORMAT;
	while (!rd_done(&sigs)) {
		if (!note_sig_next(&sigs, &s))
			return ERR_FORMAT;
		if (!note_sig_is(&s, k))
			continue;
		return s.n == SIG_BYTES && crypto_sign_verify_detached(s.b,
		    n->text.p, n->text.n, k->pk) == 0 ? 0 : ERR_AUTH;
	}
	return ERR_NOMATCH;
}

/* see note.h */
int
note_open(struct note *n, struct rd bytes, const struct vkey *k)
{
	int r;

	if ((r = note_parse(n, bytes)) != 0)
		return r;
	if (note_sigs(n) != 1)
		return ERR_FORMAT;
	return note_verify(n, k);
}

/* see note.h */
size_t
note_sigs(const struct note *n)
{
	struct rd sigs = n->sigs, line;
	size_t lines = 0;

	while (rd_line(&sigs, &line))
		lines++;
	return lines;
}

static int
sign(unsigned char sig[static SIG_BYTES], struct rd text,
    const struct vkey *k, const unsigned char sk[static 64])
{
	if (k->type != NOTE_ED25519 || text.n == 0 ||
	    text.p[text.n - 1] != '\n' || !text_ok(text))
		return ERR_FORMAT;
	return crypto_sign_detached(sig, NULL, text.p, text.n, sk) == 0 ?
	    0 : ERR_AUTH;
}

/* The text, the empty line, the line with its signature. */
static int
write_signed(struct wr *w, struct rd text, const struct vkey *k,
    const unsigned char sig[static SIG_BYTES])
{
	wr_rdr(w, text);
	wr_u8(w, '\n');
	note_sig_write(w, k, rd_from(sig, SIG_BYTES));
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* see note.h */
int
note_sign(struct wr *w, struct rd text, const struct vkey *k,
    const unsigned char sk[static 64])
{
	unsigned char sig[SIG_BYTES];
	int r;

	if ((r = sign(sig, text, k, sk)) != 0)
		return r;
	if (crypto_sign_verify_detached(sig, text.p, text.n, k->pk) != 0)
		return ERR_AUTH;
	return write_signed(w, text, k, sig);
}

/* see note.h */
int
note_sign_unchecked(struct wr *w, struct rd text, const struct vkey *k,
    const unsigned char sk[static 64])
{
	unsigned char sig[SIG_BYTES];
	int r;

	if ((r = sign(sig, text, k, sk)) != 0)
		return r;
	return write_signed(w, text, k, sig);
}
