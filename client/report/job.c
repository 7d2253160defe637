/* SPDX-License-Identifier: ISC */
/*
 * job.c - what one message to the office takes, whoever asks for it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/report/job.h"
#include "client/report/stop.h"
#include "client/report/strip.h"
#include "client/report/tell.h"
#include "client/report/wizard.h"
#include "client/report/words.h"
#include "crypto/secret.h"

/* see job.h */
int
job_stopped(void)
{
	return fail(EXIT_USAGE, "stopped; nothing was sent");
}

/* see job.h */
int
job_check_path(const char *path)
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
		return fail(EXIT_CANTCREATE, "that name is too long; "
		    "nothing was sent");
	memcpy(dir, path, n);
	dir[n] = '\0';
	if (access(n == 0 ? "." : dir, W_OK | X_OK) != 0)
		return fail(EXIT_CANTCREATE, "%s cannot be made (%s); nothing "
		    "was sent", path, strerror(errno));
	return 0;
}

/* see job.h */
int
job_connect(struct job *j)
{
	const char *why, *path;
	int r;

	if (opts_get(j->o, "server") == NULL ||
	    opts_get(j->o, "office") == NULL || j->o->argc != 0)
		return opts_wrong(j->o, "%s needs -s URL and "
		    "-k OFFICE.vkey, and no other operand", j->kind);
	if ((path = opts_get(j->o, "language")) != NULL &&
	    !wizard_speaks(path))
		return opts_wrong(j->o, "the questions are there in en and "
		    "fr alone");
	if ((r = job_check_path(opts_get(j->o, "receipt"))) != 0 ||
	    (r = job_check_path(opts_get(j->o, "proof"))) != 0)
		return r;
	if ((path = opts_get(j->o, "proof")) != NULL &&
	    opts_get(j->o, "receipt") != NULL &&
	    strcmp(path, opts_get(j->o, "receipt")) == 0)
		return opts_wrong(j->o, "receipts and proof need a file each");
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
	net_show(j->net, "fetching");
	return 0;
}

/* see job.h */
int
job_codename(struct job *j, bool stdin_free)
{
	int code, r;

	if ((code = words_read(j->entropy, opts_get(j->o, "codename-file"),
	    stdin_free)) != 0)
		return code;
	if ((r = codename_derive(&j->keys, j->entropy,
	    rd_str(j->office.name))) != 0)
		return fail(exit_for(r), "%s", err_str(r));
	if (j->office.has[j->keys.role])
		return 0;
	return fail(EXIT_CONFIG, "this codename was not made for %s: it "
	    "belongs to an alternate, and the office's keys here name none",
	    j->office.name);
}

static bool
is_followup(const struct job *j)
{
	return strcmp(j->kind, "follow-up") == 0;
}

/*
 * Question by question.  Whether the server is there and shows the right keys
 * is looked at first: nobody shall type for an hour and lose it.
 */
static int
ask(struct job *j)
{
	struct wizard_how how = { opts_get(j->o, "language"),
	    j->office.has[ROLE_ALTERNATE], is_followup(j) };
	int r;

	if (!wizard_can_ask())
		return fail(EXIT_USAGE, "there is no terminal to ask on; give "
		    "it with -f");
	r = drop_prepare(&j->drop, j->net, &j->office, ROLE_OFFICE);
	drop_wipe(&j->drop);
	net_hang_up(j->net);		/* seen from there, a "check" */
	if (r != 0)
		return r;
	r = wizard_run(&j->said, &j->list, &j->strip, &how);
	if (r == ERR_ORDER)
		return job_stopped();
	return r == 0 ? 0 : fail(exit_for(r), "%s", err_str(r));
}

/* see job.h */
int
job_hear(struct job *j)
{
	const char *path;
	size_t i;
	int r;

	j->strip = opts_on(j->o, "strip");
	for (i = 0; (path = opts_nth(j->o, "attach", i)) != NULL; i++)
		if ((r = attach_add(&j->list, path, NULL)) != 0)
			return exit_for(r);
	if ((path = opts_get(j->o, "file")) != NULL) {
		r = compose_read(&j->said, path, is_followup(j) ?
		    MSGJSON_FOLLOWUP_FILE : MSGJSON_REPORT_FILE);
		return r == 0 ? 0 : exit_for(r);
	}
	return ask(j);
}

/* see job.h */
int
job_strip(struct job *j)
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
		return job_stopped();
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

/* see job.h */
int
job_open_drop(struct job *j, enum codename_role role)
{
	int code;

	while ((code = drop_prepare(&j->drop, j->net, &j->office, role)) ==
	    EXIT_UNAVAILABLE && opts_get(j->o, "file") == NULL) {
		drop_wipe(&j->drop);
		if (report_stop != 0 || !tell_ask("Nothing was sent yet.  Try "
		    "again?"))
			break;
	}
	return code;
}

/* see job.h */
int
job_prepare(struct job *j)
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
	if ((r = compose_json(&j->json, &j->njson, j->said, j->kind, &j->keys,
	    &j->list)) != 0 ||
	    (r = source_init(&j->source, rd_from(j->json, j->njson), &j->list,
	    id, j->keys.author_sk)) != 0)
		return fail(r == ERR_LIMIT ? EXIT_DATA : exit_for(r),
		    r == ERR_LIMIT ? "the message with its attachments is %s"
		    " (242 MB in all)" : "%s", err_str(r));
	return 0;
}

/* see job.h */
int
job_ask_proof(struct job *j)
{
	const char *path = opts_get(j->o, "proof");

	if (path == NULL)
		return 0;
	warn("whoever gets hold of %s can read all that you send now, "
	    "attachments too, without any password, and can show that it was "
	    "lodged; keep it where nobody will look, never on a machine of "
	    "your employer's, and show it only to whom you would show the "
	    "report itself: a lawyer, a court, a review of retaliation.  "
	    "Without it the office's acknowledgement shows, from your "
	    "codename alone, that you reported and when", path);
	if (opts_get(j->o, "file") == NULL && !tell_ask("Make the proof all "
	    "the same?")) {
		say("no proof will be made");
		return 0;
	}
	if (prooffile_open(&j->proof, path) != 0)
		return fail(EXIT_CANTCREATE, "nothing was sent");
	j->proving = true;
	return 0;
}

/* see job.h */
int
job_send(struct job *j)
{
	int code;

	if ((code = send_message(&j->drop, &j->source, j->proving ?
	    &j->proof : NULL, &j->res)) != 0)
		tell_unfinished(&j->res);
	net_hang_up(j->net);
	return code;
}

/* see job.h */
int
job_save_receipts(const struct job *j)
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

/* see job.h */
int
job_save_proof(struct job *j)
{
	if (!j->proving)
		return 0;
	if (!j->proof.open || prooffile_keep(&j->proof) != 0)
		return fail(EXIT_CANTCREATE, "the proof was not saved; what "
		    "you sent was delivered all the same");
	say("the proof is in %s; when the epoch has closed, 'ecrdrop prove' "
	    "adds the log's part to it", j->proof.path);
	return 0;
}

/* see job.h */
int
job_run(const struct opts *o, const char *kind, int (*steps)(struct job *j))
{
	struct job *j;
	int code;

	if ((j = secret_new(sizeof(*j))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	stop_catch();
	memset(j, 0, sizeof(*j));
	j->o = o;
	j->kind = kind;
	attach_init(&j->list);
	code = steps(j);
	drop_wipe(&j->drop);
	prooffile_drop(&j->proof);
	send_result_wipe(&j->res);
	compose_free(j->json, j->njson);
	attach_wipe(&j->list);
	json_decref(j->said);
	net_free(j->net);
	secret_free(j);		/* wipes entropy and keys */
	return code;
}
