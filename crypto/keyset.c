/* SPDX-License-Identifier: ISC */
/*
 * keyset.c - what reporters seal to.
 *
 * Refuses every second way to write a keyset: lines stand in one order, keys
 * in the order of their days, and no key stands twice.  Writing what was
 * parsed gives the same bytes.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"
#include "crypto/sha256.h"

#define MIDDLE	"/keyset/"
#define DIVIDER	"===="

/* --- writing --------------------------------------------------------------- */

static void
write_vkey(struct wr *w, const char *what, const struct vkey *k)
{
	wr_str(w, what);
	vkey_write(w, k);
	wr_u8(w, '\n');
}

static void
write_key(struct wr *w, const char *what, const struct keyset_key *k)
{
	wr_str(w, what);
	day_write(w, k->from);
	wr_u8(w, ' ');
	day_write(w, k->to);
	wr_u8(w, ' ');
	age_recipient_write(w, &k->rc);
	wr_u8(w, '\n');
}

/* see keyset.h */
void
keyset_write(struct wr *w, const struct keyset *ks)
{
	size_t i;

	wr_str(w, ks->office);
	wr_str(w, MIDDLE);
	wr_str(w, ks->role);
	wr_u8(w, '\n');
	wr_dec(w, ks->sequence);
	wr_u8(w, '\n');
	if (ks->has_log)
		write_vkey(w, "log ", &ks->log);
	for (i = 0; i < ks->nwitnesses; i++)
		write_vkey(w, "witness ", &ks->witness[i]);
	wr_str(w, "quorum ");
	wr_dec(w, ks->quorum);
	wr_u8(w, '\n');
	for (i = 0; i < ks->nkeys; i++)
		write_key(w, "key ", &ks->key[i]);
	if (ks->has_standing)
		write_key(w, "standing ", &ks->standing);
}

/* --- reading --------------------------------------------------------------- */

/* Splits the role's key name at its last slash. */
static bool
parse_names(struct keyset *ks, const struct vkey *k)
{
	struct wr office = wr_from(ks->office, sizeof(ks->office));
	struct wr role = wr_from(ks->role, sizeof(ks->role));
	const char *slash = strrchr(k->name, '/');

	if (slash == NULL)
		return false;
	wr_bytes(&office, k->name, (size_t)(slash - k->name));
	wr_str(&role, slash + 1);
	return office.n > 0 && role.n > 0 && wr_cstr(&office) &&
	    wr_cstr(&role);
}

/* "<office>/keyset/<role>" and the sequence */
static bool
parse_title(struct keyset *ks, struct rd *text)
{
	struct rd line;

	return rd_lit(text, ks->office) && rd_lit(text, MIDDLE) &&
	    rd_lit(text, ks->role) && rd_lit(text, "\n") &&
	    rd_line(text, &line) &&
	    rd_dec(line, INT64_MAX, &ks->sequence) && ks->sequence > 0;
}

/* Is this key, or its name, among those we have? */
static bool
vkey_known(const struct keyset *ks, const struct vkey *k)
{
	size_t i;

	if (ks->has_log && (strcmp(ks->log.name, k->name) == 0 ||
	    memcmp(ks->log.pk, k->pk, sizeof(k->pk)) == 0))
		return true;
	for (i = 0; i < ks->nwitnesses; i++)
		if (strcmp(ks->witness[i].name, k->name) == 0 ||
		    memcmp(ks->witness[i].pk, k->pk, sizeof(k->pk)) == 0)
			return true;
	return false;
}

static bool
parse_vkey(struct vkey *k, struct rd *text, uint8_t type)
{
	struct rd line;

	return rd_line(text, &line) && vkey_parse(k, line) == 0 &&
	    k->type == type;
}

/* The log, the witnesses, the quorum. */
static bool
parse_log(struct keyset *ks, struct rd *text)
{
	struct vkey *k;
	struct rd line;
	uint64_t quorum;

	if (rd_lit(text, "log ")) {
		if (!parse_vkey(&ks->log, text, NOTE_ED25519))
			return false;
		ks->has_log = true;
	}
	while (rd_lit(text, "witness ")) {
		if (ks->nwitnesses == KEYSET_WITNESSES_MAX)
			return false;
		k = &ks->witness[ks->nwitnesses];
		if (!parse_vkey(k, text, NOTE_COSIG) || vkey_known(ks, k))
			return false;
		ks->nwitnesses++;
	}
	if (!rd_lit(text, "quorum ") || !rd_line(text, &line) ||
	    !rd_dec(line, ks->nwitnesses, &quorum))
		return false;
	ks->quorum = (unsigned)quorum;
	return true;
}

/* from, to, recipient */
static bool
parse_key(struct keyset_key *k, struct rd *text)
{
	struct rd line, from, to;

	return rd_line(text, &line) &&
	    rd_until(&line, ' ', &from) && day_parse(&k->from, from) &&
	    rd_until(&line, ' ', &to) && day_parse(&k->to, to) &&
	    k->from <= k->to && age_recipient_parse(&k->rc, line) == 0;
}

static bool
rc_known(const struct keyset *ks, const struct age_recipient *rc)
{
	size_t i;

	for (i = 0; i < ks->nkeys; i++)
		if (memcmp(ks->key[i].rc.pk, rc->pk, sizeof(rc->pk)) == 0)
			return true;
	return false;
}

/* At least one weekly key, in order, and perhaps a standing one. */
static bool
parse_keys(struct keyset *ks, struct rd *text)
{
	struct keyset_key *k;

	while (rd_lit(text, "key ")) {
		if (ks->nkeys == KEYSET_KEYS_MAX)
			return false;
		k = &ks->key[ks->nkeys];
		if (!parse_key(k, text) || rc_known(ks, &k->rc) ||
		    (ks->nkeys > 0 && k->from <= k[-1].to))
			return false;
		ks->nkeys++;
	}
	if (rd_lit(text, "standing ")) {
		if (!parse_key(&ks->standing, text) ||
		    rc_known(ks, &ks->standing.rc))
			return false;
		ks->has_standing = true;
	}
	return ks->nkeys > 0;
}

/* see keyset.h */
int
keyset_open(struct keyset *ks, struct rd note, const struct vkey *k)
{
	struct note n;
	struct rd text;
	int r;

	memset(ks, 0, sizeof(*ks));
	if ((r = note_open(&n, note, k)) != 0)
		return r;
	if ((ks->key = malloc(KEYSET_KEYS_MAX * sizeof(*ks->key))) == NULL)
		return ERR_NOMEM;
	text = n.text;
	if (!parse_names(ks, k) || !parse_title(ks, &text) ||
	    !parse_log(ks, &text) || !parse_keys(ks, &text) ||
	    !rd_done(&text)) {
		keyset_wipe(ks);
		return ERR_FORMAT;
	}
	sha256(ks->sha256, note.p, note.n);
	return 0;
}

/* see keyset.h */
void
keyset_wipe(struct keyset *ks)
{
	free(ks->key);
	memset(ks, 0, sizeof(*ks));
}

/* see keyset.h */
int
keyset_next(struct rd *all, struct rd *note)
{
	struct rd rest = *all, line;
	size_t at = 0, empty = 0;	/* where the last empty line begins */

	while (rd_line(&rest, &line)) {
		if (empty > 0 && rd_eq_str(line, DIVIDER) &&
		    empty + 1 == at) {
			if (rd_done(&rest) || !rd_take(all, note, empty))
				return ERR_FORMAT;
			*all = rest;
			return 0;
		}
		if (line.n == 0)
			empty = at;
		at = all->n - rest.n;
	}
	if (!rd_done(&rest) || at == 0)
		return ERR_FORMAT;		/* no LF at the end, or empty */
	*note = *all;
	*all = rest;
	return 0;
}

/* see keyset.h */
enum keyset_pick
keyset_pick(const struct keyset *ks, int32_t today,
    const struct keyset_key **key)
{
	size_t i;

	for (i = 0; i < ks->nkeys; i++)
		if (ks->key[i].from <= today && today <= ks->key[i].to) {
			*key = &ks->key[i];
			return KEYSET_WEEK;
		}
	*key = NULL;
	if (!ks->has_standing || today < ks->standing.from ||
	    today > ks->standing.to)
		return KEYSET_NONE;
	*key = &ks->standing;
	return KEYSET_STANDING;
}
