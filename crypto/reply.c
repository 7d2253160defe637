/* SPDX-License-Identifier: ISC */
/*
 * reply.c - answers on their way to a mailbox.
 *
 * Refuses whatever is not the one way to write this part of this message, and
 * a note that is not this office's, this role's and this mailbox's.  Replies
 * and cover have the same size and shape, and only who holds the mailbox's
 * seed sees which is which.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/base.h"
#include "crypto/hpke.h"
#include "crypto/part.h"
#include "crypto/reply.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define MAC_BYTES	32
#define SUFFIX		"/reply"
#define PAD_TO		4

/* --- parts ------------------------------------------------------------- */

/* see reply.h */
uint16_t
reply_part_count(uint64_t bytes)
{
	return cut_count(bytes, REPLY_DATA_BYTES, REPLY_MESSAGE_MAX);
}

/* see reply.h */
uint32_t
reply_part_bytes(uint64_t bytes, uint16_t index)
{
	return cut_bytes(bytes, REPLY_DATA_BYTES, REPLY_MESSAGE_MAX, index);
}

/* Do the numbers of the head fit each other? */
static bool
head_ok(const struct reply_part *p, uint64_t data)
{
	return (p->kind == REPLY_MESSAGE || p->kind == REPLY_COVER) &&
	    p->count > 0 && p->count == reply_part_count(p->bytes) &&
	    p->index < p->count && data == reply_part_bytes(p->bytes, p->index);
}

/* see reply.h */
int
reply_part_write(unsigned char out[static REPLY_PLAIN_BYTES],
    const struct reply_part *p)
{
	struct wr w = wr_from(out, REPLY_PLAIN_BYTES);

	if (!head_ok(p, p->data.n))
		return ERR_FORMAT;
	wr_u8(&w, REPLY_VERSION);
	wr_u8(&w, p->kind);
	wr_u16(&w, p->index);
	wr_u16(&w, p->count);
	wr_bytes(&w, p->id, sizeof(p->id));
	wr_bytes(&w, p->sha256, sizeof(p->sha256));
	wr_u64(&w, p->bytes);
	wr_u32(&w, (uint32_t)p->data.n);
	wr_rdr(&w, p->data);
	wr_zeros(&w, REPLY_PLAIN_BYTES - w.n);
	return 0;
}

/* see reply.h */
int
reply_part_parse(struct reply_part *p, struct rd plain)
{
	uint8_t version;
	uint32_t data;

	memset(p, 0, sizeof(*p));
	if (plain.n != REPLY_PLAIN_BYTES ||
	    !rd_u8(&plain, &version) || version != REPLY_VERSION ||
	    !rd_u8(&plain, &p->kind) ||
	    !rd_u16(&plain, &p->index) || !rd_u16(&plain, &p->count) ||
	    !rd_copy(&plain, p->id, sizeof(p->id)) ||
	    !rd_copy(&plain, p->sha256, sizeof(p->sha256)) ||
	    !rd_u64(&plain, &p->bytes) || !rd_u32(&plain, &data) ||
	    !head_ok(p, data) || !rd_take(&plain, &p->data, data) ||
	    !sodium_is_zero(plain.p, plain.n)) {
		memset(p, 0, sizeof(*p));
		return ERR_FORMAT;
	}
	return 0;
}

/* --- sealing and opening ----------------------------------------------- */

static int
read_shape(struct age_stanza *s, struct rd reply)
{
	unsigned char mac[MAC_BYTES];
	struct rd tag;

	if (reply.n != REPLY_BYTES ||
	    !rd_lit(&reply, "age-encryption.org/v1\n") ||
	    !age_stanza_read(s, &reply) || !rd_lit(&reply, "--- ") ||
	    !rd_line(&reply, &tag) ||
	    !b64_decode(mac, sizeof(mac), tag, false) ||
	    hpke_check_enc(s->enc) != 0)
		return ERR_FORMAT;
	return 0;
}

/* see reply.h */
int
reply_check(struct rd reply)
{
	struct age_stanza s;

	return read_shape(&s, reply);
}

/* see reply.h */
int
reply_seal(unsigned char out[static REPLY_BYTES],
    const unsigned char plain[static REPLY_PLAIN_BYTES],
    const struct age_recipient *to)
{
	struct wr w = wr_from(out, REPLY_BYTES);
	int r;

	r = age_seal(&w, to, 1, rd_from(plain, REPLY_PLAIN_BYTES), NULL);
	return r == 0 && w.n != REPLY_BYTES ? ERR_LIMIT : r;
}

/* see reply.h */
int
reply_cover(unsigned char out[static REPLY_BYTES])
{
	unsigned char data[REPLY_DATA_BYTES], plain[REPLY_PLAIN_BYTES];
	unsigned char seed[SEED_BYTES];
	struct reply_part p = { .kind = REPLY_COVER, .count = 1,
	    .bytes = sizeof(data) };
	struct age_recipient nobody;
	int r;

	randombytes_buf(data, sizeof(data));
	randombytes_buf(p.id, sizeof(p.id));
	randombytes_buf(p.sha256, sizeof(p.sha256));
	randombytes_buf(seed, sizeof(seed));
	p.data = rd_from(data, sizeof(data));
	if ((r = hpke_public(nobody.pk, seed)) == 0 &&
	    (r = reply_part_write(plain, &p)) == 0)
		r = reply_seal(out, plain, &nobody);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(data, sizeof(data));
	sodium_memzero(plain, sizeof(plain));
	return r;
}

/* see reply.h */
int
reply_open(unsigned char plain[static REPLY_PLAIN_BYTES],
    const struct age_identity *mailbox, struct rd reply)
{
	size_t n;
	int r;

	if ((r = reply_check(reply)) == 0)
		r = age_open(plain, REPLY_PLAIN_BYTES, &n, mailbox, 1, reply,
		    NULL, NULL);
	if (r == 0 && n != REPLY_PLAIN_BYTES)
		r = ERR_FORMAT;
	if (r != 0)
		sodium_memzero(plain, REPLY_PLAIN_BYTES);
	return r;
}

struct reply_opener {
	struct age_identity id;
	struct hpke_key *key;		/* owned */
};

/* see reply.h */
struct reply_opener *
reply_opener_new(const struct age_identity *mailbox)
{
	struct reply_opener *o;

	if (mailbox->kind != AGE_HYBRID ||
	    (o = secret_new(sizeof(*o))) == NULL)
		return NULL;
	o->id = *mailbox;
	if ((o->key = hpke_key_new(mailbox->seed)) != NULL)
		return o;
	secret_free(o);
	return NULL;
}

/* see reply.h */
void
reply_opener_free(struct reply_opener *o)
{
	if (o == NULL)
		return;
	hpke_key_free(o->key);
	secret_free(o);
}

/* see reply.h */
int
reply_opener_open(const struct reply_opener *o,
    unsigned char plain[static REPLY_PLAIN_BYTES], struct rd reply)
{
	unsigned char file_key[AGE_FILE_KEY_BYTES];
	struct age_stanza s;
	int r;

	/* Few are ours: what the stanza says decides, and those open twice. */
	if ((r = read_shape(&s, reply)) == 0)
		r = age_stanza_try(file_key, o->key, &s);
	sodium_memzero(file_key, sizeof(file_key));
	if (r == 0)
		return reply_open(plain, &o->id, reply);
	sodium_memzero(plain, REPLY_PLAIN_BYTES);
	return r;
}

/* see reply.h */
size_t
reply_padded(size_t n, unsigned r)
{
	size_t fours = (n + r + PAD_TO - 1) / PAD_TO;

	return PAD_TO * (fours == 0 ? 1 : fours);
}

/* --- the message ------------------------------------------------------- */

/* see reply.h */
void
reply_mailbox_hash(unsigned char out[static HASH_BYTES],
    const struct age_recipient *mailbox)
{
	unsigned char text[AGE_RECIPIENT_CHARS];
	struct wr w = wr_from(text, sizeof(text));

	age_recipient_write(&w, mailbox);
	if (!wr_ok(&w))
		abort();		/* the size is fixed */
	sha256(out, text, w.n);
}

/* One line: no control byte, no second end. */
static bool
line_ok(struct rd json)
{
	uint8_t c;

	if (rd_done(&json))
		return false;
	while (rd_u8(&json, &c))
		if (c < 0x20 || c == 0x7f)
			return false;
	return true;
}

/* see reply.h */
int
reply_note_write(struct wr *w, struct rd office,
    const unsigned char mailbox[static HASH_BYTES], struct rd json,
    const struct vkey *k, const unsigned char sk[static 64])
{
	unsigned char *text = NULL;
	size_t cap = NAME_MAX_BYTES + sizeof(SUFFIX) + 2 * HASH_BYTES + 2;
	size_t start = w->n;
	struct rd own, role;
	struct wr t;
	int r = ERR_FORMAT;

	if (json.n > NOTE_MAX_BYTES)
		return ERR_LIMIT;
	if (!vkey_role(k, &own, &role) || !rd_eq(own, office) ||
	    !line_ok(json))
		return ERR_FORMAT;
	if ((text = malloc(cap + json.n)) == NULL)
		return ERR_NOMEM;
	t = wr_from(text, cap + json.n);
	wr_rdr(&t, office);
	wr_str(&t, SUFFIX "\n");
	wr_hex(&t, mailbox, HASH_BYTES);
	wr_u8(&t, '\n');
	wr_rdr(&t, json);
	wr_u8(&t, '\n');
	r = wr_ok(&t) ? note_sign(w, wr_rd(&t), k, sk) : ERR_LIMIT;
	if (r == 0 && w->n - start > NOTE_MAX_BYTES)
		r = ERR_LIMIT;
	sodium_memzero(text, cap + json.n);
	free(text);
	return r;
}

/* see reply.h */
int
reply_note_open(struct rd *json, struct rd note,
    const unsigned char mailbox[static HASH_BYTES], const struct vkey *k)
{
	unsigned char to[HASH_BYTES];
	struct rd office, role, text, title, hex, line, name;
	struct note n;
	int r;

	if ((r = note_open(&n, note, k)) != 0)
		return r;
	text = n.text;
	if (!vkey_role(k, &office, &role) || !rd_line(&text, &title) ||
	    !rd_take(&title, &name, office.n) || !rd_eq(name, office) ||
	    !rd_eq_str(title, SUFFIX) || !rd_line(&text, &hex) ||
	    !hex_decode(to, sizeof(to), hex) || !rd_line(&text, &line) ||
	    !line_ok(line) || !rd_done(&text))
		return ERR_FORMAT;
	if (memcmp(to, mailbox, sizeof(to)) != 0)
		return ERR_CHANGED;
	*json = line;
	return 0;
}
