/* SPDX-License-Identifier: ISC */
/*
 * disclosed.c - a proof of disclosure, read and checked.
 *
 * The file is read twice: for all that it shows, and for the attachments,
 * whose digests stand in the JSON and are known only then.
 *
 * Invariant: buf holds the whole of the next piece, or all there is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "crypto/base.h"
#include "crypto/message.h"

#define BUF_BYTES	(2 * (size_t)DISCLOSURE_PART_MAX)

/* One run through the file. */
struct reading {
	struct disclosed *d;
	const struct disclosed_how *how;
	unsigned char *buf;		/* secret */
	size_t n;			/* in it */
	struct rd have;			/* not yet taken of it */
	bool end;			/* nothing behind it in the file */
	uint64_t at;			/* bytes taken so far */
	unsigned char plain[PARCEL_PLAIN_BYTES];	/* secret */
	struct keyset ks;
	struct tlogpolicy policy;
	char policy_text[DISCLOSED_POLICY_MAX];
	struct disclosure_shown first;	/* less its data */
	struct message_reader *message;
	struct message_view view;
};

/* --- pieces ------------------------------------------------------------------ */

/* As much as one piece may need. */
static int
fill(struct reading *g)
{
	ssize_t got;

	if (g->end || g->have.n >= DISCLOSURE_PART_MAX)
		return 0;
	if (g->have.n > 0)
		memmove(g->buf, g->have.p, g->have.n);
	g->n = g->have.n;
	while (!g->end && g->n < BUF_BYTES) {
		got = read(g->d->fd, g->buf + g->n, BUF_BYTES - g->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(EXIT_NOINPUT, "reading: %s",
			    strerror(errno));
		g->end = got == 0;
		g->n += (size_t)got;
	}
	g->have = rd_from(g->buf, g->n);
	return 0;
}

static int
malformed(const struct reading *g)
{
	return fail(EXIT_DATA, "this is no proof of disclosure, or it is cut "
	    "or damaged (at byte %llu)", (unsigned long long)g->at);
}

static int
restart(struct reading *g, uint16_t *parts)
{
	size_t had;
	int code;

	if (lseek(g->d->fd, 0, SEEK_SET) != 0)
		return fail(EXIT_NOINPUT, "%s", strerror(errno));
	g->have = rd_from(g->buf, 0);
	g->end = false;
	g->at = 0;
	if ((code = fill(g)) != 0)
		return code;
	had = g->have.n;
	if (disclosure_head(&g->have, parts) != 0)
		return malformed(g);
	g->at = had - g->have.n;
	return 0;
}

static int
next_part(struct reading *g, size_t i, struct disclosure_part *p)
{
	size_t had;
	int code;

	if ((code = fill(g)) != 0)
		return code;
	had = g->have.n;
	if (disclosure_next_part(&g->have, i == 0, p) != 0)
		return malformed(g);
	g->at += had - g->have.n;
	return 0;
}

/* --- parts ------------------------------------------------------------------- */

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
		return malformed(g);
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
		if ((code = next_part(g, i, &p)) != 0 || (p.keyset.n > 0 &&
		    (code = new_keyset(g, p.keyset, i == 0)) != 0))
			break;
		f = disclosure_open(&s, g->plain, &p, &g->ks, &g->d->log);
		code = f == DISCLOSURE_FINE ? take_part(g, i, &s) :
		    broken(g, i, f);
	}
	sodium_memzero(&p, sizeof(p));
	sodium_memzero(&s, sizeof(s));
	g->d->bytes = g->at;
	return code;
}

/* --- the message --------------------------------------------------------------- */

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

/* Attachments, one after the other, as the message goes by. */
struct attached {
	const struct reading *g;
	struct sha256 *h;
	size_t i, n;
	uint64_t left;			/* of the one at hand */
	struct msgjson_attachment a;
};

/* The next one begins; those without bytes end at once. */
static bool
attached_next(struct attached *t)
{
	unsigned char now[HASH_BYTES];

	while (t->left == 0 && t->i < t->n) {
		if (t->a.name != NULL) {
			sha256_final(t->h, now);
			if (memcmp(now, t->a.sha256, HASH_BYTES) != 0)
				return false;
			t->i++;
		}
		if (t->i == t->n)
			break;
		msgjson_attachment(t->g->d->message, t->i, &t->a);
		t->left = t->a.bytes;
	}
	return true;
}

static bool
attached_push(struct attached *t, struct rd bytes)
{
	struct rd piece;

	while (!rd_done(&bytes)) {
		if (!attached_next(t) || t->i == t->n ||
		    !rd_take(&bytes, &piece, t->left < bytes.n ?
		    (size_t)t->left : bytes.n))
			return false;
		sha256_update(t->h, piece.p, piece.n);
		t->left -= piece.n;
	}
	return attached_next(t);
}

/* What of this part is attachments' bytes. */
static struct rd
attached_in(const struct reading *g, const struct part *p)
{
	uint64_t at = (uint64_t)p->index * PART_DATA_BYTES;
	uint64_t from = g->view.attachments_at;
	uint64_t to = from + g->view.attachments_bytes;
	struct rd data = p->data, piece = { NULL, 0 };

	if (to <= at || from >= at + data.n)
		return piece;
	if (from > at && !rd_skip(&data, (size_t)(from - at)))
		return piece;
	at = from > at ? from : at;
	if (!rd_take(&data, &piece, to - at < data.n ? (size_t)(to - at) :
	    data.n))
		piece.n = 0;
	return piece;
}

static int
read_attached(struct reading *g)
{
	struct attached t = { .g = g,
	    .n = msgjson_attachments(g->d->message) };
	struct disclosure_part p;
	struct part part;
	uint16_t parts;
	size_t i, n;
	bool good;
	int code;

	if ((code = restart(g, &parts)) != 0)
		return code;
	if ((t.h = sha256_new()) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	good = attached_next(&t);
	for (i = 0; i < g->d->parts && code == 0 && good; i++) {
		if ((code = next_part(g, i, &p)) != 0)
			break;
		good = age_open_key(g->plain, sizeof(g->plain), &n,
		    p.file_key, p.parcel) == 0 &&
		    part_parse(&part, rd_from(g->plain, n)) == 0 &&
		    attached_push(&t, attached_in(g, &part));
	}
	sha256_free(t.h);
	sodium_memzero(&p, sizeof(p));
	sodium_memzero(&part, sizeof(part));
	if (code == 0 && (!good || t.i < t.n))
		return fail(EXIT_CLAIM, "an attachment is not what the "
		    "message says of it");
	return code;
}

/* --- the log proofs -------------------------------------------------------------- */

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

/* The smallest tree and latest time are what all parts are sure of. */
static void
note_tree(struct reading *g, size_t i, const struct checkpoint *c,
    const struct cosigners *who)
{
	struct disclosed *d = g->d;
	uint64_t time;
	bool has = tlogpolicy_time(&g->policy, who, &time);
	unsigned n = (unsigned)cosign_count(who);

	if (i == 0 || c->size > d->size)
		d->size = c->size;
	if (i == 0 || n < d->cosigned)
		d->cosigned = n;
	d->has_time = has && (i == 0 || d->has_time);
	if (d->has_time && (i == 0 || time > d->time))
		d->time = time;
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
		if ((code = fill(g)) != 0)
			return code;
		if (disclosure_next_proof(&g->have, &p) != 0)
			return malformed(g);
		memcpy(s.digest, d->leaf[i].digest, HASH_BYTES);
		s.receipt.close = d->leaf[i].promised;
		f = disclosure_logged(&s, &p, &g->policy, &d->leaf[i].index,
		    &c, &who);
		if (f != DISCLOSURE_FINE)
			return broken(g, i, f);
		d->leaf[i].close = p.close;
		note_tree(g, i, &c, &who);
	}
	if ((code = fill(g)) != 0)
		return code;
	d->proved = true;
	return rd_done(&g->have) ? 0 : malformed(g);
}

/* --- all of it ------------------------------------------------------------------- */

static int
read_all(struct reading *g)
{
	struct disclosed *d = g->d;
	uint16_t parts;
	int code;

	if ((code = restart(g, &parts)) != 0)
		return code;
	d->parts = parts;
	if ((d->leaf = calloc(parts, sizeof(*d->leaf))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	if ((code = read_parts(g)) != 0 || (code = read_message(g)) != 0 ||
	    (code = read_attached(g)) != 0 || (code = fill(g)) != 0)
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
	    (g->buf = malloc(BUF_BYTES)) == NULL) {
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
		file_free(g->buf, BUF_BYTES);
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
	json_decref(d->message);
	memset(d, 0, sizeof(*d));
	d->fd = -1;
}
