/* SPDX-License-Identifier: ISC */
/*
 * fuzz_letters.c - an office that says anything, and a server that shows it
 * in any way: each five bytes of input are one statement.
 *
 *   who (bit 0 the role, bit 1 served without replies, bit 2 another key)
 *   how far its sequence rises | what it drops | replies | which are spoilt
 *
 * What is taken rises one by one and was signed; of what is not withheld
 * every reply is there.  The rest of the input, if any, is cut off the end.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/letters.h"
#include "crypto/sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS_MAX	12
#define REPLIES_MAX	6
#define OFFICE		"o.example"

struct step {
	uint8_t who, rise, drop, replies, spoilt;
};

struct show {
	struct wr notes, bodies;
	uint64_t sequence[OFFICE_ROLES];
	uint32_t count;
};

static struct office office;
static unsigned char sk[OFFICE_ROLES + 1][64];
static struct vkey key[OFFICE_ROLES + 1];

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
make_keys(void)
{
	static const char *const name[] = { OFFICE "/office",
	    OFFICE "/alternate", OFFICE "/office" };
	unsigned char seed[32], pk[32];
	int i;

	must(sodium_init() >= 0);
	for (i = 0; i <= OFFICE_ROLES; i++) {
		memset(seed, i + 1, sizeof(seed));
		crypto_sign_seed_keypair(pk, sk[i], seed);
		must(vkey_make(&key[i], rd_str(name[i]), NOTE_ED25519,
		    pk) == 0);
	}
	strcpy(office.name, OFFICE);
	for (i = 0; i < OFFICE_ROLES; i++) {
		office.has[i] = true;
		office.key[i] = key[i];
	}
}

/* One reply of the statement: its digest, and perhaps its bytes. */
static void
add_reply(struct show *show, struct statement *s, const struct step *p,
    size_t i)
{
	static unsigned char body[REPLY_BYTES];

	memset(body, 0, sizeof(body));
	body[0] = (unsigned char)show->count;
	body[1] = (unsigned char)i;
	sha256(s->reply[s->nreplies++], body, sizeof(body));
	body[2] = (p->spoilt >> i & 1) != 0;
	if ((p->who & 2) == 0)
		wr_bytes(&show->bodies, body, sizeof(body));
}

static void
add_statement(struct show *show, const struct step *p)
{
	static unsigned char text[STATEMENT_MAX_BYTES];
	static unsigned char note[STATEMENT_MAX_BYTES];
	static struct statement s;
	struct wr t = wr_from(text, sizeof(text));
	struct wr n = wr_from(note, sizeof(note));
	int role = p->who & 1, signer = p->who & 4 ? OFFICE_ROLES : role;
	size_t i, replies = p->replies % (REPLIES_MAX + 1);

	memset(&s, 0, sizeof(s));
	strcpy(s.office, OFFICE);
	strcpy(s.role, role_name((enum codename_role)role));
	strcpy(s.origin, OFFICE "/log");
	show->sequence[role] += p->rise % 4;
	s.sequence = show->sequence[role] == 0 ? 1 : show->sequence[role];
	show->sequence[role] = s.sequence;
	s.drop = p->drop % (s.sequence + 1);
	for (i = 0; i < replies; i++)
		add_reply(show, &s, p, i);
	statement_write(&t, &s);
	must(wr_ok(&t));
	must(note_sign(&n, wr_rd(&t), &key[signer], sk[signer]) == 0 ||
	    signer != role);
	replies_write_note(&show->notes, wr_rd(&n), (p->who & 2) != 0);
	show->count++;
}

static void
look(struct rd served)
{
	struct letters l;
	const struct letters_statement *s;
	uint64_t last[OFFICE_ROLES] = { 0 };
	unsigned char got[HASH_BYTES];
	size_t i, gone = 0;
	int r = letters_open(&l, &office, served);

	/* It can be read beside a fault, and then in any order. */
	if (r == 0 || r == ERR_ORDER || r == ERR_AUTH || r == ERR_NOMATCH) {
		must(letters_match(&l) == 0);
		for (i = 0; i < l.nstatements; i++) {
			s = &l.statement[i];
			must(r != 0 || last[s->role] == 0 ||
			    s->sequence == last[s->role] + 1);
			last[s->role] = s->sequence;
			must(s->first + s->n <= l.nreplies);
		}
		for (i = 0; i < l.nreplies; i++) {
			if (l.reply[i].bytes.n == 0) {
				gone++;
				continue;
			}
			must(l.reply[i].bytes.n == REPLY_BYTES);
			sha256(got, l.reply[i].bytes.p, REPLY_BYTES);
			must(memcmp(got, l.reply[i].sha256,
			    HASH_BYTES) == 0);
		}
		for (i = 0; i < OFFICE_ROLES; i++)
			must((letters_newest(&l, (enum codename_role)i) !=
			    NULL) == (last[i] > 0));
		must(r != 0 || gone > 0 || l.withheld < 1000);
	}
	letters_wipe(&l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char notes[STEPS_MAX * STATEMENT_MAX_BYTES];
	static unsigned char bodies[STEPS_MAX * REPLIES_MAX * REPLY_BYTES];
	static unsigned char all[sizeof(notes) + sizeof(bodies) + 4];
	struct rd in = rd_from(data, size);
	struct wr w = wr_from(all, sizeof(all));
	struct show show = { .notes = wr_from(notes, sizeof(notes)),
	    .bodies = wr_from(bodies, sizeof(bodies)) };
	struct step p;

	if (office.name[0] == '\0')
		make_keys();
	while (show.count < STEPS_MAX && rd_copy(&in, &p, sizeof(p)))
		add_statement(&show, &p);
	if (show.count == 0)
		return 0;
	replies_write_count(&w, show.count);
	wr_rdr(&w, wr_rd(&show.notes));
	wr_rdr(&w, wr_rd(&show.bodies));
	must(wr_ok(&w));
	look(rd_from(all, in.n < w.n ? w.n - in.n : 0));
	return 0;
}
