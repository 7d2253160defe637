/* SPDX-License-Identifier: ISC */
/*
 * disclosed.c - a proof of disclosure, read and checked.
 *
 * The file is read twice: for all that it shows, and for the attachments,
 * whose digests stand in the JSON and are known only then.
 *
 * Invariant: no word of a message is given out before all of it was checked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/disclosed_int.h"
#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "crypto/base.h"

/* --- parts ------------------------------------------------------------- */

static int
broken(const struct reading *g, size_t i, enum disclosure_fault f)
{
	if (f == DISCLOSURE_MEMORY)
		return fail(EXIT_SYSTEM, "%s", disclosure_words(f));
	if (g->d->parts == 1)
		return fail(EXIT_CLAIM, "%s", disclosure_words(f));
	return fail(EXIT_CLAIM, "part %zu of %zu: %s", i + 1, g->d->parts,
	    disclosure_words(f));
}

/* Which of the office's roles signed it. */
static int
open_keyset(struct reading *g, struct rd note)
{
	const struct office *o = g->how->office;
	int r = ERR_NOMATCH, role;

	for (role = 0; role < OFFICE_ROLES; role++) {
		if (!o->has[role])
			continue;
		r = keyset_open(&g->ks, note, &o->key[role]);
		if (r == 0) {
			g->d->role = (enum codename_role)role;
			return 0;
		}
		if (r == ERR_NOMEM)
			return fail(EXIT_SYSTEM, "%s", err_str(r));
		if (r != ERR_NOMATCH)
			break;
	}
	return fail(EXIT_CLAIM, "the keyset is not signed by a role of the "
	    "office whose keys were given (%s)", err_str(r));
}

/* Log, witnesses and quorum, unless the reader names some. */
static int
take_log(struct reading *g, bool first)
{
	const struct disclosed_how *how = g->how;
	struct disclosed *d = g->d;

	if (!g->ks.has_log)
		return fail(EXIT_CLAIM, "the keyset names no log");
	if (how->log != NULL && !vkey_eq(how->log, &g->ks.log))
		return fail(EXIT_CLAIM, "the keyset names another log than "
		    "the one given with -l");
	if (!first && !vkey_eq(&d->log, &g->ks.log))
		return fail(EXIT_CLAIM, "the keysets name two logs");
	d->log = g->ks.log;
	d->sequence = g->ks.sequence;
	if (how->nwitnesses > 0) {
		memcpy(d->witness, how->witness,
		    how->nwitnesses * sizeof(d->witness[0]));
		d->nwitnesses = how->nwitnesses;
		d->quorum = how->quorum;
		return 0;
	}
	memcpy(d->witness, g->ks.witness, sizeof(d->witness));
	d->nwitnesses = g->ks.nwitnesses;
	d->quorum = g->ks.quorum;
	return 0;
}

static int
new_keyset(struct reading *g, struct rd note, bool first)
{
	unsigned char was[HASH_BYTES];
	enum codename_role role = g->d->role;
	int code;

	memcpy(was, g->ks.sha256, sizeof(was));
	keyset_wipe(&g->ks);
	if ((code = open_keyset(g, note)) != 0)
		return code;
	if (!first && memcmp(was, g->ks.sha256, sizeof(was)) == 0)
		return reading_malformed(g);
	if (!first && role != g->d->role)
		return fail(EXIT_CLAIM, "the keysets are of two roles");
	return take_log(g, first);
}

/* Does the part belong to the message of the first? */
static bool
belongs(const struct reading *g, size_t i, const struct part *p)
{
	const struct part *q = &g->first.part;

	return p->count == g->d->parts && p->index == i && (i == 0 ||
	    (memcmp(p->id, q->id, sizeof(p->id)) == 0 &&
	    memcmp(p->sha256, q->sha256, sizeof(p->sha256)) == 0 &&
	    p->bytes == q->bytes));
}

static int
no_message(void)
{
	return fail(EXIT_CLAIM, "what the parts hold together is no message "
	    "of the digest that they name");
}

/* One more, behind an empty line. */
static int
keep_receipt(struct disclosed *d, struct rd note)
{
	unsigned char *more = realloc(d->receipts, d->nreceipts + note.n + 1);

	if (more == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	d->receipts = more;
	if (d->nreceipts > 0)
		more[d->nreceipts++] = '\n';
	memcpy(more + d->nreceipts, note.p, note.n);
	d->nreceipts += note.n;
	return 0;
}

static int
take_part(struct reading *g, size_t i, const struct disclosure_shown *s)
{
	struct disclosed *d = g->d;
	int r = 0;

	if (!belongs(g, i, &s->part))
		return fail(EXIT_CLAIM, "part %zu of %zu does not belong to "
		    "the others", i + 1, d->parts);
	memcpy(d->leaf[i].digest, s->digest, HASH_BYTES);
	d->leaf[i].promised = s->receipt.close;
	d->unknown += s->unknown;
	if (i == 0) {
		g->first = *s;
		memcpy(d->sha256, s->part.sha256, sizeof(d->sha256));
		d->standing = s->standing;
		d->from = s->from;
		d->to = s->to;
		r = message_reader_new(&g->message, s->part.bytes);
	}
	if (r == 0)
		r = message_reader_push(g->message, s->part.data);
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	return r == 0 ? 0 : no_message();
}

static int
read_parts(struct reading *g)
{
	struct disclosure_part p;
	struct disclosure_shown s;
	enum disclosure_fault f;
	size_t i;
	int code = 0;

	memset(&s, 0, sizeof(s));
	for (i = 0; i < g->d->parts && code == 0; i++) {
		if ((code = reading_part(g, i, &p)) != 0 || (p.keyset.n > 0 &&
		    (code = new_keyset(g, p.keyset, i == 0)) != 0))
			break;
		f = disclosure_open(&s, g->plain, &p, &g->ks, &g->d->log);
		code = f == DISCLOSURE_FINE ? take_part(g, i, &s) :
		    broken(g, i, f);
		if (code == 0)
			code = keep_receipt(g->d, p.receipt);
	}
	sodium_memzero(&p, sizeof(p));
	sodium_memzero(&s, sizeof(s));
	g->d->bytes = g->at;
	return code;
}

/* --- the message ------------------------------------------------------- */

/* It is whole, and signed by the author that it names. */
static int
read_message(struct reading *g)
{
	unsigned char author[32];
	const char *text;
	char why[256];
	int r;

	if ((r = message_reader_finish(g->message, &g->view)) == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	if (r != 0 || memcmp(g->view.whole, g->d->sha256, HASH_BYTES) != 0)
		return no_message();
	r = msgjson_parse(&g->d->message, g->view.json, MSGJSON_MESSAGE, why,
	    sizeof(why));
	if (r != 0)
		return fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_CLAIM,
		    "the message is malformed: %s", why);
	text = json_string_value(json_object_get(g->d->message, "author"));
	if (text == NULL || !b64_decode(author, sizeof(author), rd_str(text),
	    true) || message_verify(g->view.sig, g->first.part.id,
	    g->view.body, author) != 0)
		return fail(EXIT_CLAIM, "the message is not signed by the "
		    "author that it names");
	return 0;
}

/* --- the log proofs ---------------------------------------------------- */

/* see disclosed.h */
int
disclosed_policy(struct tlogpolicy *p, char text[static DISCLOSED_POLICY_MAX],
    const struct disclosed *d)
{
	struct wr w = wr_from(text, DISCLOSED_POLICY_MAX);
	unsigned line;
	int r;

	if ((r = tlogpolicy_write(&w, &d->log, NULL, d->witness,
	    d->nwitnesses, d->quorum)) != 0)
		return r;
	return tlogpolicy_parse(p, wr_rd(&w), &line);
}

/* The checkpoint of a proof that was believed. */
static int
keep_note(struct disclosed *d, struct rd proof)
{
	static struct tlogproof t;

	free(d->note);
	d->note = NULL;
	if (tlogproof_parse(&t, proof) != 0 ||
	    (d->note = malloc(t.checkpoint.n)) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	memcpy(d->note, t.checkpoint.p, t.checkpoint.n);
	d->nnote = t.checkpoint.n;
	return 0;
}

/* The latest of trees and times is what all parts are sure of. */
static int
take_tree(struct reading *g, size_t i, const struct disclosure_proof *p,
    const struct checkpoint *c, const struct cosigners *who)
{
	struct disclosed *d = g->d;
	bool larger = i == 0 || c->size > d->size;
	uint64_t time;
	bool has = tlogpolicy_time(&g->policy, who, &time);
	unsigned n = (unsigned)cosign_count(who);

	if (larger)
		d->size = c->size;
	if (i == 0 || n < d->cosigned)
		d->cosigned = n;
	d->has_time = has && (i == 0 || d->has_time);
	if (d->has_time && (i == 0 || time > d->time))
		d->time = time;
	return larger ? keep_note(d, p->proof) : 0;
}

static int
read_proofs(struct reading *g)
{
	struct disclosure_shown s;
	struct disclosure_proof p;
	struct disclosed *d = g->d;
	struct checkpoint c;
	struct cosigners who;
	enum disclosure_fault f;
	size_t i;
	int code, r;

	if ((r = disclosed_policy(&g->policy, g->policy_text, d)) != 0)
		return fail(EXIT_CLAIM, "log and witnesses: %s", err_str(r));
	memset(&s, 0, sizeof(s));
	for (i = 0; i < d->parts; i++) {
		if ((code = reading_fill(g)) != 0)
			return code;
		if (disclosure_next_proof(&g->have, &p) != 0)
			return reading_malformed(g);
		memcpy(s.digest, d->leaf[i].digest, HASH_BYTES);
		s.receipt.close = d->leaf[i].promised;
		f = disclosure_logged(&s, &p, &g->policy, &d->leaf[i].index,
		    &c, &who);
		if (f != DISCLOSURE_FINE)
			return broken(g, i, f);
		d->leaf[i].close = p.close;
		if ((code = take_tree(g, i, &p, &c, &who)) != 0)
			return code;
	}
	if ((code = reading_fill(g)) != 0)
		return code;
	d->proved = true;
	return rd_done(&g->have) ? 0 : reading_malformed(g);
}

/* --- all of it --------------------------------------------------------- */

static int
read_all(struct reading *g)
{
	struct disclosed *d = g->d;
	uint16_t parts;
	int code;

	if ((code = reading_restart(g, &parts)) != 0)
		return code;
	d->parts = parts;
	if ((d->leaf = calloc(parts, sizeof(*d->leaf))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	if ((code = read_parts(g)) != 0 || (code = read_message(g)) != 0 ||
	    (code = reading_attached(g)) != 0 || (code = reading_fill(g)) != 0)
		return code;
	if (!rd_done(&g->have))
		return read_proofs(g);
	if (g->how->unproved)
		return 0;
	return fail(EXIT_DATA, "the log's proof is not in this file yet; the "
	    "reporter adds it with 'ecrdrop prove'");
}

/* see disclosed.h */
int
disclosed_open(struct disclosed *d, const char *path,
    const struct disclosed_how *how)
{
	struct reading *g = NULL;
	struct stat st;
	int code = EXIT_SYSTEM;

	memset(d, 0, sizeof(*d));
	d->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (d->fd < 0)
		return fail(EXIT_NOINPUT, "%s: %s", path, strerror(errno));
	if (fstat(d->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(EXIT_NOINPUT, "%s: not a plain file", path);
	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    (g->buf = malloc(READING_BYTES)) == NULL) {
		code = fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
		goto out;
	}
	g->d = d;
	g->how = how;
	code = read_all(g);
	keyset_wipe(&g->ks);
	message_reader_free(g->message);
out:
	if (g != NULL) {
		file_free(g->buf, READING_BYTES);
		sodium_memzero(g, sizeof(*g));
		free(g);
	}
	return code;
}

/* see disclosed.h */
void
disclosed_close(struct disclosed *d)
{
	if (d->fd >= 0)
		(void)close(d->fd);
	free(d->leaf);
	free(d->note);
	free(d->receipts);
	json_decref(d->message);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}
