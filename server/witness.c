/* SPDX-License-Identifier: ISC */
/*
 * witness.c - what witnesses have seen and said, and what is shown of it.
 *
 * Pure.  Refuses a cosignature that does not hold, that is of another
 * checkpoint, or that claims another time than now; believes a size that a
 * witness claims only so far that it stops us or makes us ask again.
 * Invariant: both notes are signed by the log, and each cosignature in them
 * was verified here.
 */
#include "server/witness.h"

#include <string.h>

#include "crypto/cosign.h"

#define MAGIC	"ecrdrop/witnesses/v1\n"

/* --- notes --------------------------------------------------------------- */

/* Who of ours has cosigned it; a line of theirs that does not hold: no. */
static int
find_cosigners(const struct witness_state *s, const struct note *note,
    uint32_t *set)
{
	uint64_t time;
	size_t i;
	int r;

	*set = 0;
	for (i = 0; i < s->n; i++) {
		r = cosign_verify(note, &s->who[i].key, &time);
		if (r == 0)
			*set |= UINT32_C(1) << i;
		else if (r != ERR_NOMATCH)
			return ERR_AUTH;
	}
	return 0;
}

/* Our own line comes first, then those of cosigners. */
static int
take_note(const struct witness_state *s, struct witness_note *n,
    struct rd bytes)
{
	struct rd sigs, line;
	struct note_sig sig;
	struct checkpoint c;
	struct note note;

	if (bytes.n > sizeof(n->bytes) || note_parse(&note, bytes) != 0 ||
	    note_verify(&note, s->log) != 0 ||
	    checkpoint_parse(&c, note.text) != 0 ||
	    !rd_eq_str(c.origin, s->log->name))
		return ERR_AUTH;
	sigs = note.sigs;
	if (!note_sig_next(&sigs, &sig) || !note_sig_is(&sig, s->log) ||
	    find_cosigners(s, &note, &n->cosigned) != 0)
		return ERR_AUTH;
	line = note.sigs;
	n->own = bytes.n - line.n + (line.n - sigs.n);
	n->size = c.size;
	memcpy(n->root, c.root, sizeof(n->root));
	memcpy(n->bytes, bytes.p, bytes.n);
	n->n = bytes.n;
	return 0;
}

/* see witness.h */
size_t
witness_count(const struct witness_note *n)
{
	uint32_t set = n->cosigned;
	size_t count = 0;

	for (; set > 0; set &= set - 1)
		count++;
	return count;
}

/* see witness.h */
bool
witness_has_quorum(const struct witness_state *s)
{
	return witness_count(&s->newest) >= s->quorum;
}

/* see witness.h */
bool
witness_has_all(const struct witness_state *s)
{
	return witness_count(&s->newest) == s->n;
}

/* --- the state ----------------------------------------------------------- */

/* see witness.h */
int
witness_init(struct witness_state *s, const struct vkey *log,
    const struct conf_witness *who, size_t n, size_t quorum, struct rd note)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->log = log;
	s->who = who;
	s->n = n;
	s->quorum = quorum;
	s->missed = 2;
	if ((r = take_note(s, &s->newest, note)) == 0)
		s->shown = s->newest;
	return r;
}

/* The peer's place, or NULL for one whom we do not ask any more. */
static struct witness_peer *
find_peer(struct witness_state *s, const unsigned char pk[static 32])
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (memcmp(s->who[i].key.pk, pk, 32) == 0)
			return &s->peer[i];
	return NULL;
}

/* One witness of the file. */
static bool
take_peer(struct rd *in, unsigned char pk[static 32],
    struct witness_peer *p)
{
	return rd_copy(in, pk, 32) && rd_u64(in, &p->size) &&
	    rd_u64(in, &p->ahead);
}

/* see witness.h */
int
witness_read(struct witness_state *s, struct rd in)
{
	struct witness_peer p, *there;
	unsigned char pk[32];
	struct rd shown, newest;
	uint8_t count;
	int r;

	if (!rd_lit(&in, MAGIC) || !rd_u8(&in, &s->missed) ||
	    !rd_u8(&in, &count))
		return ERR_FORMAT;
	memset(s->peer, 0, sizeof(s->peer));
	for (; count > 0; count--) {
		if (!take_peer(&in, pk, &p))
			return ERR_FORMAT;
		if ((there = find_peer(s, pk)) != NULL)
			*there = p;
	}
	if (!rd_take16(&in, &shown) || !rd_take16(&in, &newest) ||
	    !rd_done(&in))
		return ERR_FORMAT;
	if ((r = take_note(s, &s->shown, shown)) != 0)
		return r;
	return take_note(s, &s->newest, newest);
}

/* see witness.h */
int
witness_file_ahead(struct rd in, uint64_t *ahead)
{
	struct witness_peer p;
	unsigned char pk[32];
	uint8_t missed, count;

	*ahead = 0;
	if (!rd_lit(&in, MAGIC) || !rd_u8(&in, &missed) ||
	    !rd_u8(&in, &count))
		return ERR_FORMAT;
	for (; count > 0; count--) {
		if (!take_peer(&in, pk, &p))
			return ERR_FORMAT;
		if (p.ahead > *ahead)
			*ahead = p.ahead;
		if (p.size > *ahead)
			*ahead = p.size;
	}
	return 0;
}

/* see witness.h */
void
witness_write(struct wr *w, const struct witness_state *s)
{
	size_t i;

	wr_str(w, MAGIC);
	wr_u8(w, s->missed);
	wr_u8(w, (uint8_t)s->n);
	for (i = 0; i < s->n; i++) {
		wr_bytes(w, s->who[i].key.pk, sizeof(s->who[i].key.pk));
		wr_u64(w, s->peer[i].size);
		wr_u64(w, s->peer[i].ahead);
	}
	wr_u16(w, (uint16_t)s->shown.n);
	wr_bytes(w, s->shown.bytes, s->shown.n);
	wr_u16(w, (uint16_t)s->newest.n);
	wr_bytes(w, s->newest.bytes, s->newest.n);
}

/* see witness.h */
int
witness_begin(struct witness_state *s, struct rd note)
{
	if (rd_eq(note, rd_from(s->newest.bytes, s->newest.own)))
		return 0;
	if (s->missed < UINT8_MAX)
		s->missed++;
	return take_note(s, &s->newest, note);
}

/* see witness.h */
bool
witness_settle(struct witness_state *s, bool last)
{
	bool shown_has = witness_count(&s->shown) >= s->quorum;

	if (witness_has_quorum(s))
		s->missed = 0;
	else if (!last || (shown_has && s->missed < 2))
		return false;
	if (rd_eq(rd_from(s->shown.bytes, s->shown.n),
	    rd_from(s->newest.bytes, s->newest.n)))
		return false;
	s->shown = s->newest;
	return true;
}

/* see witness.h */
uint64_t
witness_ahead(const struct witness_state *s)
{
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->peer[i].ahead > most)
			most = s->peer[i].ahead;
	return most;
}

/* --- asking -------------------------------------------------------------- */

/* see witness.h */
int
witness_request(struct wr *w, const struct witness_state *s, size_t i,
    const struct proof *p)
{
	cosign_request(w, s->peer[i].size, p,
	    rd_from(s->newest.bytes, s->newest.own));
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

/* Is it a cosignature of the newest, made just now? */
static bool
line_holds(const struct witness_state *s, size_t i, struct rd line,
    uint64_t now)
{
	unsigned char buf[WITNESS_NOTE_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct note note;
	uint64_t time;

	wr_bytes(&w, s->newest.bytes, s->newest.own);
	wr_rdr(&w, line);
	return wr_ok(&w) && note_parse(&note, wr_rd(&w)) == 0 &&
	    cosign_verify(&note, &s->who[i].key, &time) == 0 &&
	    time + WITNESS_SKEW_SECS >= now && time <= now + WITNESS_SKEW_SECS;
}

/* The first line of its own that holds; those of others are passed over. */
static enum witness_verdict
take_lines(struct witness_state *s, size_t i, struct rd body, uint64_t now)
{
	unsigned char buf[NAME_MAX_BYTES + 256];
	struct note_sig sig;
	struct wr w;

	while (!rd_done(&body)) {
		if (!note_sig_next(&body, &sig))
			return WITNESS_REFUSED;
		if (!note_sig_is(&sig, &s->who[i].key))
			continue;
		w = wr_from(buf, sizeof(buf));
		note_sig_write(&w, &s->who[i].key, rd_from(sig.b, sig.n));
		if (!wr_ok(&w) || !line_holds(s, i, wr_rd(&w), now))
			continue;
		s->peer[i].size = s->newest.size;
		if ((s->newest.cosigned >> i & 1) != 0 ||
		    w.n > sizeof(s->newest.bytes) - s->newest.n)
			return WITNESS_COSIGNED;
		memcpy(s->newest.bytes + s->newest.n, w.p, w.n);
		s->newest.n += w.n;
		s->newest.cosigned |= UINT32_C(1) << i;
		return WITNESS_COSIGNED;
	}
	return WITNESS_REFUSED;
}

/* The size that it has: decimal, and a line feed or none. */
static enum witness_verdict
take_size(struct witness_state *s, size_t i, const struct witness_answer *a,
    uint64_t signed_size)
{
	struct rd text = a->body;
	uint64_t size;

	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (!a->is_size || !rd_dec(text, INT64_MAX, &size))
		return WITNESS_LATER;
	if (size > signed_size) {
		if (size > s->peer[i].ahead)
			s->peer[i].ahead = size;
		return WITNESS_AHEAD;
	}
	if (size > s->newest.size || size == s->peer[i].size)
		return WITNESS_LATER;	/* that is what it was told */
	s->peer[i].size = size;
	return WITNESS_AGAIN;
}

/* see witness.h */
enum witness_verdict
witness_judge(struct witness_state *s, size_t i,
    const struct witness_answer *a, uint64_t now, uint64_t signed_size)
{
	switch (a->status) {
	case 200:
		return take_lines(s, i, a->body, now);
	case 409:
		return take_size(s, i, a, signed_size);
	case 0:
	case 408:
	case 429:
		return WITNESS_LATER;
	default:
		return a->status >= 500 ? WITNESS_LATER : WITNESS_REFUSED;
	}
}
