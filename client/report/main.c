/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecrdrop: seal a report on the reporter's own device and hand it
 * in, leaving nothing behind but twelve words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/opts.h"
#include "client/common/program.h"
#include "client/common/say.h"
#include "client/report/compose.h"
#include "client/report/metadata.h"
#include "client/report/send.h"
#include "client/report/stop.h"
#include "client/report/strip.h"
#include "client/report/tell.h"
#include "client/report/wizard.h"
#include "crypto/secret.h"

static const char usage[] =
    "usage: ecrdrop report -s URL -k OFFICE.vkey [-f REPORT.json] [-a FILE]...\n"
    "                      [--strip [--keep-metadata]] [--receipt FILE]\n"
    "                      [--language en|fr] [--json] [-q]\n"
    "                      [--cacert FILE] [--proxy socks5h://...]\n"
    "\n"
    "  report  seal a report to the office and hand it in; without -f it asks\n"
    "          for the report on the terminal, question by question\n"
    "\n"
    "  -s, --server URL      https://HOST[:PORT]\n"
    "  -k, --office FILE     the office's keys, from a source you trust\n"
    "  -f, --file FILE       the report as JSON; '-' reads standard input\n"
    "  -a, --attach FILE     attach a file; may be given many times\n"
    "      --strip           send copies of attachments without metadata;\n"
    "                        what cannot be stripped is named, not sent\n"
    "      --keep-metadata   with --strip: send that as it is, too\n"
    "      --receipt FILE    save the receipts; holding them can give you "
    "away\n"
    "      --language en|fr  of the questions; else as LANG says\n"
    "      --cacert FILE     trust the certificates in FILE (PEM) alone\n"
    "      --proxy URL       socks5h:// on this machine, such as Tor's\n"
    "      --json            print the result as JSON\n"
    "  -q, --quiet           no progress, no talk\n"
    "  -h, --help            this text;  --version\n";

static const struct opts_option options[] = {
	{ "server", 's', "URL", false },
	{ "office", 'k', "FILE", false },
	{ "file", 'f', "FILE", false },
	{ "attach", 'a', "FILE", true },
	{ "strip", 0, NULL, false },
	{ "keep-metadata", 0, NULL, false },
	{ "receipt", 0, "FILE", false },
	{ "language", 0, "CODE", false },
	{ "cacert", 0, "FILE", false },
	{ "proxy", 0, "URL", false },
	{ "json", 0, NULL, false },
	{ "quiet", 'q', NULL, false },
	{ NULL, 0, NULL, false }
};

/* All that one run holds; wiped at its end. */
struct job {
	const struct opts *o;
	struct office office;
	struct net *net;
	struct attach_list list;
	json_t *said;
	bool strip;
	unsigned char entropy[CODENAME_BYTES];	/* secret */
	struct codename_keys keys;		/* secret */
	char *json;				/* secret */
	size_t njson;
	struct drop drop;
	struct source source;
	struct send_result res;
};

static int
stopped(void)
{
	return fail(EXIT_USAGE, "stopped; nothing was sent");
}

/* A file that cannot be made is found out now, not when all is sent. */
static int
check_receipt_path(const char *path)
{
	char dir[4096];
	const char *slash;
	size_t n;

	if (path == NULL)
		return 0;
	if (access(path, F_OK) == 0)
		return fail(EXIT_CANTCREATE, "%s exists already; nothing was "
		    "sent", path);
	slash = strrchr(path, '/');
	n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	if (n >= sizeof(dir))
		return fail(EXIT_CANTCREATE, "the name of the receipt is too "
		    "long; nothing was sent");
	memcpy(dir, path, n);
	dir[n] = '\0';
	if (access(n == 0 ? "." : dir, W_OK | X_OK) != 0)
		return fail(EXIT_CANTCREATE, "%s cannot be made (%s); nothing "
		    "was sent", path, strerror(errno));
	return 0;
}

static int
connect_server(struct job *j)
{
	const char *why, *path;
	int r;

	if (opts_get(j->o, "server") == NULL ||
	    opts_get(j->o, "office") == NULL || j->o->argc != 0)
		return opts_wrong(j->o, "report needs -s URL and "
		    "-k OFFICE.vkey, and no other operand");
	if ((path = opts_get(j->o, "language")) != NULL &&
	    !wizard_speaks(path))
		return opts_wrong(j->o, "the questions are there in en and "
		    "fr alone");
	if ((r = check_receipt_path(opts_get(j->o, "receipt"))) != 0)
		return r;
	if ((r = office_load(&j->office, opts_get(j->o, "office"))) != 0)
		return exit_for(r);
	if ((path = opts_get(j->o, "cacert")) != NULL &&
	    access(path, R_OK) != 0)
		return fail(EXIT_NOINPUT, "%s: %s", path, strerror(errno));
	r = net_new(&j->net, opts_get(j->o, "server"),
	    opts_get(j->o, "cacert"), opts_get(j->o, "proxy"), &why);
	if (r != 0)
		return fail(r == ERR_FORMAT ? EXIT_USAGE : EXIT_SYSTEM, "%s",
		    why);
	net_watch(j->net, &report_stop);
	return 0;
}

/*
 * Question by question.  Whether the server is there and shows the right keys
 * is looked at first: nobody shall type for an hour and lose it.
 */
static int
ask(struct job *j)
{
	struct wizard_how how = { opts_get(j->o, "language"),
	    j->office.has[ROLE_ALTERNATE] };
	int r;

	if (!wizard_can_ask())
		return fail(EXIT_USAGE, "there is no terminal to ask on; give "
		    "the report with -f");
	r = drop_open(&j->drop, j->net, &j->office, ROLE_OFFICE);
	drop_close(&j->drop);
	if (r != 0)
		return r;
	r = wizard_run(&j->said, &j->list, &j->strip, &how);
	if (r == ERR_ORDER)
		return stopped();
	return r == 0 ? 0 : fail(exit_for(r), "%s", err_str(r));
}

/* What the reporter says: from -f or question by question. */
static int
hear(struct job *j)
{
	const char *path;
	size_t i;
	int r;

	j->strip = opts_on(j->o, "strip");
	for (i = 0; (path = opts_nth(j->o, "attach", i)) != NULL; i++)
		if ((r = attach_add(&j->list, path, NULL)) != 0)
			return exit_for(r);
	if ((path = opts_get(j->o, "file")) != NULL) {
		r = compose_read(&j->said, path);
		return r == 0 ? 0 : exit_for(r);
	}
	return ask(j);
}

/* Which role reads it: the reporter may shut the office itself out. */
static int
addressee(struct job *j, enum codename_role *role)
{
	*role = json_is_true(json_object_get(j->said, "exclude_office")) ?
	    ROLE_ALTERNATE : ROLE_OFFICE;
	if (j->office.has[*role])
		return 0;
	return fail(EXIT_CONFIG, "your report is about the office itself, but "
	    "the office's keys name no alternate who could read it instead; "
	    "nothing was sent");
}

static int
strip(struct job *j)
{
	bool ok[ATTACH_MAX] = { false };
	bool left = false;
	size_t i;
	int r;

	if (j->list.n == 0)
		return 0;
	if (!j->strip) {
		tell_metadata(&j->list);
		return 0;
	}
	if ((r = strip_all(&j->list, ok)) == ERR_ORDER)
		return stopped();
	if (r != 0)
		return fail(EXIT_CANTCREATE, "the attachments could not be "
		    "stripped (%s); nothing was sent", err_str(r));
	for (i = 0; i < j->list.n; i++)
		if (!ok[i]) {
			warn("%s cannot be stripped of its metadata",
			    j->list.item[i].path);
			left = true;
		}
	if (!left || opts_on(j->o, "keep-metadata") ||
	    (opts_get(j->o, "file") == NULL &&
	    tell_ask("Send what could not be stripped as it is?")))
		return 0;
	return fail(EXIT_DATA, "nothing was sent; leave those files out, or "
	    "add --keep-metadata");
}

/* Codename, JSON, hashes and signature. */
static int
prepare(struct job *j, enum codename_role role)
{
	unsigned char id[MSG_ID_BYTES];
	size_t i;
	int r = 0;

	for (i = 0; i < j->list.n && r == 0; i++)
		r = attach_hash(&j->list.item[i]);
	if (r != 0)
		return fail(r == ERR_CHANGED ? EXIT_DATA : exit_for(r),
		    "an attachment: %s", err_str(r));
	randombytes_buf(id, sizeof(id));
	if ((r = codename_new(j->entropy, rd_str(j->office.name), role)) != 0 ||
	    (r = codename_derive(&j->keys, j->entropy,
	    rd_str(j->office.name))) != 0 ||
	    (r = compose_json(&j->json, &j->njson, j->said, &j->keys,
	    &j->list)) != 0 ||
	    (r = source_init(&j->source, rd_from(j->json, j->njson), &j->list,
	    id, j->keys.author_sk)) != 0)
		return fail(r == ERR_LIMIT ? EXIT_DATA : exit_for(r),
		    r == ERR_LIMIT ? "the report with its attachments is %s"
		    " (242 MB in all)" : "%s", err_str(r));
	return 0;
}

static int
save_receipts(const struct job *j)
{
	const char *path = opts_get(j->o, "receipt");
	int r;

	if (path == NULL)
		return 0;
	warn("whoever finds %s can tell that you reported something; keep it "
	    "where nobody will look, or delete it", path);
	if (opts_get(j->o, "file") == NULL &&
	    !tell_ask("Save the receipts all the same?"))
		return 0;
	r = file_write(path, rd_from(j->res.receipts, j->res.receipts_bytes),
	    0600, false);
	if (r != 0)
		return fail(EXIT_CANTCREATE, "%s: the receipts were not "
		    "saved: %s; the report was delivered all the same", path,
		    r == ERR_EXISTS ? "the file exists already" :
		    strerror(errno));
	return 0;
}

/* Who has typed all that is asked before it is lost. */
static int
open_drop(struct job *j, enum codename_role role)
{
	int code;

	while ((code = drop_open(&j->drop, j->net, &j->office, role)) ==
	    EXIT_UNAVAILABLE && opts_get(j->o, "file") == NULL) {
		drop_close(&j->drop);
		if (report_stop != 0 || !tell_ask("Nothing was sent yet.  Try "
		    "again?"))
			break;
	}
	return code;
}

static int
report_job(struct job *j)
{
	enum codename_role role;
	int code, saved;

	if ((code = connect_server(j)) != 0 || (code = hear(j)) != 0 ||
	    (code = addressee(j, &role)) != 0 || (code = strip(j)) != 0 ||
	    (code = open_drop(j, role)) != 0 ||
	    (code = prepare(j, role)) != 0)
		return code;
	if ((code = send_message(&j->drop, &j->source, &j->res)) != 0) {
		tell_unfinished(&j->res);
		return code;
	}
	code = tell_done(j->entropy, &j->res, &j->office,
	    opts_on(j->o, "json"));
	saved = save_receipts(j);
	return code != 0 ? code : saved;
}

static int
report(const struct opts *o)
{
	struct job *j;
	int code;

	if ((j = secret_new(sizeof(*j))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	stop_catch();
	memset(j, 0, sizeof(*j));
	j->o = o;
	attach_init(&j->list);
	code = report_job(j);
	drop_close(&j->drop);
	send_result_wipe(&j->res);
	compose_free(j->json, j->njson);
	attach_wipe(&j->list);
	json_decref(j->said);
	net_free(j->net);
	secret_free(j);		/* wipes entropy and keys */
	return code;
}

static const struct program_command commands[] = {
	{ "report", report },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecrdrop", usage, options, commands };

	return program_run(&p, argc, argv);
}
