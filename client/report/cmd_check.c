/* SPDX-License-Identifier: ISC */
/*
 * cmd_check.c - ecrdrop check: has the office answered?
 *
 * What is fetched is what everybody fetches before a report, in the same
 * order; nothing depends on the codename but what is shown.
 *
 * Invariant: whatever is shown as the office's words was signed by the key of
 * the codename's role.  What a server did wrong is said besides, and decides
 * the exit code, but keeps nobody from reading.
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/say.h"
#include "client/report/cmd.h"
#include "client/report/job.h"
#include "client/report/show.h"
#include "client/report/stop.h"
#include "client/report/words.h"
#include "crypto/secret.h"

/* All that one look holds. */
struct look {
	struct job *j;
	struct letters letters;
	struct mailbox mailbox;
	enum lodged *lodged;
	const struct keyset *keyset;	/* NULL: none that counts */
	int code;			/* what the server did wrong */
};

static int
letters_words(int r)
{
	switch (r) {
	case ERR_NOMEM:
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	case ERR_ORDER:
		return fail(EXIT_CLAIM, "the office's statements do not "
		    "follow one another as the server shows them: one is "
		    "missing or shown twice; do not rely on this server");
	case ERR_AUTH:
	case ERR_NOMATCH:
		return fail(EXIT_CLAIM, "the server shows statements that "
		    "are not signed by the office; do not rely on this "
		    "server");
	default:
		return fail(EXIT_DATA, "the server's replies are malformed");
	}
}

/* What the office has signed can be read, whatever stands beside it. */
static int
open_letters(struct look *k)
{
	struct job *j = k->j;
	int r, code;

	r = letters_open(&k->letters, &j->office, rd_from(j->drop.replies,
	    j->drop.nreplies));
	if (r != 0) {
		code = letters_words(r);
		if (code != EXIT_CLAIM)
			return code;
		k->code = code;
	}
	r = letters_match(&k->letters);
	return r == 0 ? 0 : letters_words(r);
}

static int
read_letters(struct look *k)
{
	struct job *j = k->j;
	int r;

	if ((r = open_letters(k)) != 0)
		return r;
	r = mailbox_read(&k->mailbox, &k->letters, &j->office, &j->keys,
	    &report_stop);
	if (r == ERR_ORDER)
		return fail(EXIT_UNAVAILABLE, "stopped");
	return r == 0 ? 0 : fail(EXIT_SYSTEM, "%s", err_str(r));
}

static int
check_lodged(struct look *k)
{
	const struct mailbox *m = &k->mailbox;
	size_t i;
	int r;

	if ((k->lodged = calloc(m->n + 1, sizeof(*k->lodged))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	for (i = 0; i < m->n; i++) {
		r = lodged_check(&k->lodged[i], &m->answer[i], k->keyset);
		if (r != 0)
			return fail(EXIT_SYSTEM, "%s", err_str(r));
		if (k->lodged[i] == LODGED_BROKEN)
			k->code = fail(EXIT_CLAIM, "the office says that the "
			    "public log holds your message, but the proof "
			    "it sent does not hold; ask it why");
	}
	return 0;
}

/* What is not as it should be, said once all is known. */
static void
complain(struct look *k)
{
	if (k->letters.withheld > 0)
		k->code = fail(EXIT_CLAIM, "the office has stated %zu more "
		    "repl%s that the server does not show: it withholds or "
		    "has lost them, and answers to you may be among them",
		    k->letters.withheld,
		    k->letters.withheld == 1 ? "y" : "ies");
	if (k->mailbox.incomplete > 0)
		warn("%zu answer%s to you %s incomplete: parts are still to "
		    "come, or missing", k->mailbox.incomplete,
		    k->mailbox.incomplete == 1 ? "" : "s",
		    k->mailbox.incomplete == 1 ? "is" : "are");
	if (k->mailbox.foreign > 0)
		k->code = fail(EXIT_CLAIM, "%zu message%s to your mailbox %s "
		    "not what this office signs for it, and %s not shown",
		    k->mailbox.foreign, k->mailbox.foreign == 1 ? "" : "s",
		    k->mailbox.foreign == 1 ? "is" : "are",
		    k->mailbox.foreign == 1 ? "is" : "are");
	if (k->mailbox.unread > 0)
		warn("%zu answer%s of the office cannot be read by this "
		    "program; it may be too old", k->mailbox.unread,
		    k->mailbox.unread == 1 ? "" : "s");
}

static int
look(struct look *k)
{
	struct job *j = k->j;
	struct show s = { &j->office, j->keys.role, &k->letters, &k->mailbox,
	    NULL };
	int code;

	if ((code = drop_fetch(&j->drop, j->net, &j->office)) != 0)
		return code;
	k->code = drop_keys(&j->drop, j->keys.role);
	if (k->code == 0)
		k->keyset = &j->drop.keyset;
	else if (k->code == EXIT_UNAVAILABLE || k->code == EXIT_SYSTEM)
		return k->code;
	/* How long it takes to look and to read is nobody's business. */
	net_hang_up(j->net);
	if ((code = read_letters(k)) != 0 || (code = check_lodged(k)) != 0)
		return code;
	complain(k);
	s.lodged = k->lodged;
	if (opts_on(j->o, "json"))
		code = show_json(&s);
	else
		show_plain(&s);
	return code != 0 ? code : k->code;
}

static int
check(struct job *j)
{
	struct look k;
	int code;

	if ((code = job_connect(j)) != 0 ||
	    (code = job_codename(j, true)) != 0)
		return code;
	memset(&k, 0, sizeof(k));
	k.j = j;
	code = look(&k);
	mailbox_wipe(&k.mailbox);
	letters_wipe(&k.letters);
	free(k.lodged);
	return code;
}

/* see cmd.h */
int
cmd_check(const struct opts *o)
{
	static const char *const not_here[] = { "file", "attach", "strip",
	    "keep-metadata", "receipt", "proof", "language", NULL };
	int code = opts_refuse(o, not_here);

	return code != 0 ? code : job_run(o, "check", check);
}
