/* SPDX-License-Identifier: ISC */
/*
 * cmd_prove.c - ecrdrop prove: check a proof of disclosure and add what the
 * log says, once its epoch has closed.
 *
 * What is fetched is what everybody fetches, and then the whole log: nothing
 * depends on which parcels the proof is about.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/outfile.h"
#include "client/common/say.h"
#include "client/report/cmd.h"
#include "client/report/send.h"
#include "client/report/stop.h"
#include "client/report/wholelog.h"
#include "crypto/disclosure.h"

#define COPY_BYTES	65536
#define PATIENCE_SECS	86400

struct proving {
	const struct opts *o;
	const char *path;
	struct office office;
	struct net *net;
	struct drop drop;
	struct disclosed d;
	struct tlogpolicy policy;
	char policy_text[DISCLOSED_POLICY_MAX];
	struct wholelog_want *want;	/* owned */
	struct wholelog log;
	struct outfile out;
	unsigned char buf[DISCLOSURE_PROOF_MAX + 64];
};

static int
connect_to(struct proving *p)
{
	const struct opts *o = p->o;
	const char *why;
	int r;

	if (opts_get(o, "server") == NULL || opts_get(o, "office") == NULL ||
	    o->argc != 1)
		return opts_wrong(o, "prove needs -s URL, -k OFFICE.vkey and "
		    "one FILE");
	p->path = o->argv[0];
	if ((r = office_load(&p->office, opts_get(o, "office"))) != 0)
		return exit_for(r);
	if ((r = net_new(&p->net, opts_get(o, "server"),
	    opts_get(o, "cacert"), opts_get(o, "proxy"), &why)) != 0)
		return fail(r == ERR_FORMAT ? EXIT_USAGE : EXIT_SYSTEM, "%s",
		    why);
	net_watch(p->net, &report_stop);
	return 0;
}

/* --receipt: what can be shown to an auditor and tells no word. */
static int
save_receipts(const struct proving *p)
{
	const char *path = opts_get(p->o, "receipt");
	int r;

	if (path == NULL)
		return 0;
	r = file_write(path, rd_from(p->d.receipts, p->d.nreceipts), 0600,
	    false);
	if (r != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, r == ERR_EXISTS ?
		    "the file exists already" : strerror(errno));
	say("the receipts are in %s; 'ecraudit receipt' compares them with "
	    "the log", path);
	return 0;
}

/* --- what the log says ------------------------------------------------- */

static int
read_log(struct proving *p)
{
	size_t i;
	int code;

	if (disclosed_policy(&p->policy, p->policy_text, &p->d) != 0 ||
	    (p->want = calloc(p->d.parts, sizeof(*p->want))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	for (i = 0; i < p->d.parts; i++) {
		memcpy(p->want[i].digest, p->d.leaf[i].digest, HASH_BYTES);
		p->want[i].tag = i;
	}
	if ((code = drop_fetch(&p->drop, p->net, &p->office)) != 0)
		return code;
	code = wholelog_read(&p->log, p->net, &p->policy, p->want,
	    p->d.parts);
	/* How long the file takes, and so how large it is, is not shown. */
	net_hang_up(p->net);
	return code;
}

/*
 * Not there: it cannot be yet, or a promise was broken, by the same rule as
 * auditors go by (crypto/judge.h): an entry of a later close convicts.
 */
static int
missing(const struct proving *p, uint64_t promised)
{
	if (p->log.close > promised)
		return fail(EXIT_CLAIM, "the log went on past the epoch of "
		    "your parcel and does not hold it: its receipt is "
		    "broken.  'ecrdrop prove --receipt FILE' writes the "
		    "receipts alone, for an auditor: they tell nothing of "
		    "what you sent");
	if (p->log.close == promised)
		return fail(EXIT_NOTYET, "the epoch of your parcel has closed "
		    "without it; the next close decides whether its promise "
		    "was broken: run this again after it");
	if (promised < (uint64_t)time(NULL) - PATIENCE_SECS)
		return fail(EXIT_NOTYET, "the epoch of your parcel should "
		    "have closed over a day ago, and the log does not show "
		    "it; try once more, then ask an auditor");
	return fail(EXIT_NOTYET, "the epoch has not closed yet; nothing is "
	    "wrong; run this again later");
}

static int
find_parts(struct proving *p)
{
	const struct wholelog_want *w;
	struct disclosed_leaf *l;
	size_t i;

	for (i = 0; i < p->d.parts; i++) {
		w = &p->want[i];
		l = &p->d.leaf[w->tag];
		if (!w->found)
			return missing(p, l->promised);
		l->index = w->index;
		l->close = w->close;
	}
	if (!p->log.quorum)
		return fail(EXIT_NOTYET, "too few witnesses have cosigned the "
		    "log so far; run this again later");
	return 0;
}

/* --- the file ---------------------------------------------------------- */

static int
cannot(const struct proving *p)
{
	return fail(EXIT_CANTCREATE, "%s: %s", p->path,
	    strerror(p->out.error != 0 ? p->out.error : errno));
}

/* The parts as they stand there. */
static int
copy_parts(struct proving *p)
{
	static unsigned char buf[COPY_BYTES];
	uint64_t left = p->d.bytes;
	ssize_t got = 0;
	int code = 0;

	if (lseek(p->d.fd, 0, SEEK_SET) != 0)
		return cannot(p);
	while (left > 0 && code == 0) {
		got = read(p->d.fd, buf, left < sizeof(buf) ? (size_t)left :
		    sizeof(buf));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || outfile_write(&p->out, buf, (size_t)got) != 0)
			code = cannot(p);
		else
			left -= (uint64_t)got;
	}
	sodium_memzero(buf, sizeof(buf));
	return code;
}

/* One part's proof, checked as anybody will check it. */
static int
write_proof(struct proving *p, const struct disclosed_leaf *l)
{
	static unsigned char text[DISCLOSURE_PROOF_MAX];
	static struct tlogproof t;
	struct disclosure_proof made = { .close = l->close };
	struct disclosure_shown shown = { .receipt = { .close =
	    l->promised } };
	struct wr w = wr_from(text, sizeof(text));
	struct wr b = wr_from(p->buf, sizeof(p->buf));
	enum disclosure_fault f;
	struct checkpoint c;
	struct cosigners who;
	uint64_t index;

	memcpy(shown.digest, l->digest, HASH_BYTES);
	t.untrusted_n = 0;
	t.index = l->index;
	t.checkpoint = rd_from(p->log.note, p->log.nnote);
	if (wholelog_prove(&t.path, &p->log, l->index) != 0)
		return fail(EXIT_SYSTEM, "the log's proof could not be made");
	tlogproof_write(&w, &t);
	made.proof = wr_rd(&w);
	f = disclosure_logged(&shown, &made, &p->policy, &index, &c, &who);
	if (!wr_ok(&w) || f != DISCLOSURE_FINE)
		return fail(f == DISCLOSURE_MEMORY ? EXIT_SYSTEM : EXIT_CLAIM,
		    "%s", disclosure_words(f));
	disclosure_write_proof(&b, &made);
	if (!wr_ok(&b) || outfile_write(&p->out, b.p, b.n) != 0)
		return cannot(p);
	return 0;
}

/* Whole and checked, in the place of the file without its proofs. */
static int
rewrite(struct proving *p)
{
	size_t i;
	int code;

	if (outfile_open(&p->out, p->path) != 0)
		return cannot(p);
	code = p->out.direct ? fail(EXIT_CANTCREATE, "%s: a proof needs a "
	    "plain file", p->path) : copy_parts(p);
	for (i = 0; i < p->d.parts && code == 0; i++)
		code = write_proof(p, &p->d.leaf[i]);
	if (code == 0)
		return outfile_keep(&p->out) == 0 ? 0 : cannot(p);
	outfile_drop(&p->out);
	return code;
}

/* --- all of it --------------------------------------------------------- */

static int
done(const struct proving *p, bool before)
{
	uint64_t close = p->d.leaf[0].close;
	char day[16] = "";
	struct wr w = wr_from(day, sizeof(day));

	day_write(&w, (int32_t)(close / 86400));
	if (!wr_cstr(&w))
		return fail(EXIT_CLAIM, "the log's epoch has no date");
	if (opts_on(p->o, "json"))
		printf("{\"proved\":true,\"parts\":%zu,\"epoch_close\":%llu,"
		    "\"index\":%llu}\n", p->d.parts,
		    (unsigned long long)close,
		    (unsigned long long)p->d.leaf[0].index);
	else
		printf("%s %s: it shows, without a network, that what you "
		    "sent was\nlodged by the epoch that closed on %s.  "
		    "Whoever has the file can read all of\nit.\n", p->path,
		    before ? "was whole already" : "is whole now", day);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail(EXIT_CANTCREATE, "standard output: %s",
		    strerror(errno));
	return 0;
}

static int
run(struct proving *p)
{
	struct disclosed_how how = { .unproved = true };
	int code;

	if ((code = connect_to(p)) != 0)
		return code;
	how.office = &p->office;
	if ((code = disclosed_open(&p->d, p->path, &how)) != 0 ||
	    (code = save_receipts(p)) != 0)
		return code;
	if (p->d.proved)
		return done(p, true);
	if ((code = read_log(p)) != 0 || (code = find_parts(p)) != 0 ||
	    (code = rewrite(p)) != 0)
		return code;
	return done(p, false);
}

/* see cmd.h */
int
cmd_prove(const struct opts *o)
{
	static const char *const not_here[] = { "file", "attach", "strip",
	    "keep-metadata", "proof", "codename-file", "language", NULL };
	struct proving *p;
	int code;

	if ((code = opts_refuse(o, not_here)) != 0)
		return code;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	stop_catch();
	p->o = o;
	p->d.fd = -1;
	code = run(p);
	wholelog_wipe(&p->log);
	disclosed_close(&p->d);
	drop_wipe(&p->drop);
	net_free(p->net);
	free(p->want);
	free(p);
	return code;
}
