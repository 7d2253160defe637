/* SPDX-License-Identifier: ISC */
/* said_help.c - what an office says; see said_help.h. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hpke.h"
#include "crypto/keyset.h"
#include "crypto/reply.h"
#include "crypto/sha256.h"
#include "tests/unit/said_help.h"

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* see said_help.h */
void
said_role_seed(struct said_role *r, const char *name,
    const unsigned char seed[static 32])
{
	unsigned char pk[32];

	memset(r, 0, sizeof(*r));
	must(crypto_sign_seed_keypair(pk, r->sk, seed) == 0);
	must(vkey_make(&r->k, rd_str(name), NOTE_ED25519, pk) == 0);
}

/* see said_help.h */
void
said_role_new(struct said_role *r, const char *name, const struct vkey *log)
{
	unsigned char seed[32];

	randombytes_buf(seed, sizeof(seed));
	said_role_seed(r, name, seed);
	said_keyset(r, log, 1);
}

static void
copy(char *out, size_t cap, struct rd text)
{
	struct wr w = wr_from(out, cap);

	wr_rdr(&w, text);
	must(wr_cstr(&w));
}

static void
recipient(struct age_recipient *rc)
{
	unsigned char seed[SEED_BYTES];

	randombytes_buf(seed, sizeof(seed));
	must(hpke_public(rc->pk, seed) == 0);
}

/* see said_help.h */
void
said_keyset(struct said_role *r, const struct vkey *log, uint64_t sequence)
{
	static unsigned char text[sizeof(r->keyset)];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(r->keyset, sizeof(r->keyset));
	struct keyset_key week = { .from = 20000, .to = 40000 };
	struct rd office, role;
	static struct keyset ks;

	memset(&ks, 0, sizeof(ks));
	must(vkey_role(&r->k, &office, &role));
	copy(ks.office, sizeof(ks.office), office);
	copy(ks.role, sizeof(ks.role), role);
	ks.sequence = sequence;
	if (log != NULL) {
		ks.has_log = true;
		ks.log = *log;
	}
	recipient(&week.rc);
	ks.key = &week;
	ks.nkeys = 1;
	ks.has_standing = true;
	ks.standing = week;
	recipient(&ks.standing.rc);
	keyset_write(&t, &ks);
	must(wr_ok(&t));
	must(note_sign(&w, wr_rd(&t), &r->k, r->sk) == 0);
	r->nkeyset = w.n;
}

/* see said_help.h */
void
said_init(struct statement *s, const struct said_role *r, const char *origin,
    uint64_t sequence)
{
	struct rd office, role;

	memset(s, 0, sizeof(*s));
	must(vkey_role(&r->k, &office, &role));
	copy(s->office, sizeof(s->office), office);
	copy(s->role, sizeof(s->role), role);
	copy(s->origin, sizeof(s->origin), rd_str(origin));
	s->sequence = sequence;
	sha256(s->root, "", 0);
	randombytes_buf(s->desklog, sizeof(s->desklog));
	sha256(s->keyset, r->keyset, r->nkeyset);
}

/* see said_help.h */
void
said_replies(struct statement *s, unsigned char *out, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++, out += REPLY_BYTES) {
		must(reply_cover(out) == 0);
		sha256(s->reply[s->nreplies++], out, REPLY_BYTES);
	}
}

/* see said_help.h */
void
said_sign(struct wr *w, const struct said_role *r, const struct statement *s)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	struct wr t = wr_from(text, sizeof(text));

	statement_write(&t, s);
	must(wr_ok(&t));
	must(note_sign(w, wr_rd(&t), &r->k, r->sk) == 0);
}

/* see said_help.h */
void
said_record(struct wr *w, const struct said_role *r,
    const struct statement *s, const unsigned char *replies, bool keyset)
{
	static unsigned char note[STATEMENT_MAX_BYTES];
	struct wr n = wr_from(note, sizeof(note));

	said_sign(&n, r, s);
	outbox_write(w, wr_rd(&n), rd_from(r->keyset,
	    keyset ? r->nkeyset : 0));
	wr_bytes(w, replies, s->nreplies * REPLY_BYTES);
	must(wr_ok(w));
}
