/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/sha256.h"
#include "tests/unit/mailroom.h"

struct vkey mailroom_key[OFFICE_ROLES], mailroom_other;
unsigned char mailroom_sk[OFFICE_ROLES][64], mailroom_other_sk[64];
struct office mailroom;
struct mailroom_note mailroom_note[MAILROOM_NOTES];
size_t mailroom_notes, mailroom_replies;
unsigned char (*mailroom_reply)[REPLY_BYTES];
static size_t queued;		/* from which reply on nobody named them */

static void
make_key(struct vkey *k, unsigned char *secret, const char *name,
    unsigned char fill)
{
	unsigned char seed[32], pk[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, secret, seed);
	cr_assert_eq(vkey_make(k, rd_str(name), NOTE_ED25519, pk), 0);
}

/* see mailroom.h */
void
mailroom_open(void)
{
	cr_assert_geq(sodium_init(), 0);
	make_key(&mailroom_key[0], mailroom_sk[0], MAILROOM_OFFICE "/office",
	    1);
	make_key(&mailroom_key[1], mailroom_sk[1],
	    MAILROOM_OFFICE "/alternate", 2);
	make_key(&mailroom_other, mailroom_other_sk,
	    MAILROOM_OFFICE "/office", 3);
	memset(&mailroom, 0, sizeof(mailroom));
	strcpy(mailroom.name, MAILROOM_OFFICE);
	mailroom.has[0] = mailroom.has[1] = true;
	mailroom.key[0] = mailroom_key[0];
	mailroom.key[1] = mailroom_key[1];
	mailroom_notes = mailroom_replies = queued = 0;
	mailroom_reply = malloc((size_t)MAILROOM_REPLIES_MAX * REPLY_BYTES);
	cr_assert_not_null(mailroom_reply);
}

/* see mailroom.h */
void
mailroom_close(void)
{
	free(mailroom_reply);
	mailroom_reply = NULL;
}

/* see mailroom.h */
void
mailroom_put(const unsigned char reply[static REPLY_BYTES])
{
	cr_assert_lt(mailroom_replies, MAILROOM_REPLIES_MAX);
	memcpy(mailroom_reply[mailroom_replies++], reply, REPLY_BYTES);
}

/* see mailroom.h */
void
mailroom_put_noise(size_t n)
{
	unsigned char noise[REPLY_BYTES];

	while (n-- > 0) {
		randombytes_buf(noise, sizeof(noise));
		mailroom_put(noise);
	}
}

/* see mailroom.h */
size_t
mailroom_state_as(enum codename_role role, uint64_t sequence,
    const struct statement *says, const struct vkey *k,
    const unsigned char sk[static 64])
{
	static struct statement s;
	static unsigned char text[STATEMENT_MAX_BYTES];
	struct mailroom_note *m = &mailroom_note[mailroom_notes];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(m->bytes, sizeof(m->bytes));
	size_t i;

	cr_assert_lt(mailroom_notes, MAILROOM_NOTES);
	memset(&s, 0, sizeof(s));
	if (says != NULL)
		s = *says;
	strcpy(s.office, MAILROOM_OFFICE);
	strcpy(s.role, role_name(role));
	strcpy(s.origin, MAILROOM_ORIGIN);
	s.sequence = sequence;
	for (i = queued; i < mailroom_replies; i++)
		sha256(s.reply[s.nreplies++], mailroom_reply[i], REPLY_BYTES);
	m->first = queued;
	m->count = s.nreplies;
	m->dropped = false;
	queued = mailroom_replies;
	statement_write(&t, &s);
	cr_assert(wr_ok(&t));
	cr_assert_eq(note_sign(&w, wr_rd(&t), k, sk), 0);
	m->n = w.n;
	return mailroom_notes++;
}

/* see mailroom.h */
size_t
mailroom_state(enum codename_role role, uint64_t sequence,
    const struct statement *says)
{
	return mailroom_state_as(role, sequence, says, &mailroom_key[role],
	    mailroom_sk[role]);
}

/* see mailroom.h */
struct rd
mailroom_serve(void)
{
	const struct mailroom_note *m;
	struct wr w;
	size_t i, cap = 4;
	unsigned char *p;

	for (i = 0; i < mailroom_notes; i++)
		cap += 4 + mailroom_note[i].n +
		    mailroom_note[i].count * REPLY_BYTES;
	cr_assert_not_null(p = malloc(cap));
	w = wr_from(p, cap);
	replies_write_count(&w, (uint32_t)mailroom_notes);
	for (i = 0; i < mailroom_notes; i++) {
		m = &mailroom_note[i];
		replies_write_note(&w, rd_from(m->bytes, m->n), m->dropped);
	}
	for (i = 0; i < mailroom_notes; i++) {
		m = &mailroom_note[i];
		if (!m->dropped)
			wr_bytes(&w, mailroom_reply[m->first],
			    m->count * REPLY_BYTES);
	}
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

/* see mailroom.h */
void
mailroom_seal(struct rd note, const struct age_recipient *to)
{
	unsigned char plain[REPLY_PLAIN_BYTES], reply[REPLY_BYTES];
	struct reply_part p;
	struct rd rest = note;

	memset(&p, 0, sizeof(p));
	p.kind = REPLY_MESSAGE;
	p.count = reply_part_count(note.n);
	randombytes_buf(p.id, sizeof(p.id));
	sha256(p.sha256, note.p, note.n);
	p.bytes = note.n;
	for (; p.index < p.count; p.index++) {
		cr_assert(rd_take(&rest, &p.data,
		    reply_part_bytes(note.n, p.index)));
		cr_assert_eq(reply_part_write(plain, &p), 0);
		cr_assert_eq(reply_seal(reply, plain, to), 0);
		mailroom_put(reply);
	}
}

/* see mailroom.h */
void
mailroom_answer_as(const struct vkey *k, const unsigned char sk[static 64],
    const char *json, const struct age_recipient *for_whom,
    const struct age_recipient *to)
{
	static unsigned char note[NOTE_MAX_BYTES];
	unsigned char mailbox[HASH_BYTES];
	struct wr w = wr_from(note, sizeof(note));

	reply_mailbox_hash(mailbox, for_whom);
	cr_assert_eq(reply_note_write(&w, rd_str(MAILROOM_OFFICE), mailbox,
	    rd_str(json), k, sk), 0);
	mailroom_seal(wr_rd(&w), to);
}

/* see mailroom.h */
void
mailroom_answer(enum codename_role role, const char *json,
    const struct age_recipient *to)
{
	mailroom_answer_as(&mailroom_key[role], mailroom_sk[role], json, to,
	    to);
}
