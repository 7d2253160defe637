/* SPDX-License-Identifier: ISC */
/*
 * cmd_followup.c - ecrdrop follow-up: a further message into the case that
 * the codename's first report opened, signed by its author key.
 *
 * Invariant: seen from the server it is a report: the same requests in the
 * same order, the same parcels.
 */
#include <string.h>

#include "client/common/say.h"
#include "client/report/cmd.h"
#include "client/report/job.h"
#include "client/report/tell.h"

static bool
stdin_is_free(const struct opts *o)
{
	const char *path = opts_get(o, "file");

	return path == NULL || strcmp(path, "-") != 0;
}

/* A follow-up goes where the report went; nobody can be shut out now. */
static int
check_said(const struct job *j)
{
	if (j->keys.role == ROLE_ALTERNATE ||
	    !json_is_true(json_object_get(j->said, "exclude_office")))
		return 0;
	return fail(EXIT_DATA, "a follow-up goes to whoever read your first "
	    "report, and that was the office; to keep this from it, make a "
	    "new report; nothing was sent");
}

static int
follow_up(struct job *j)
{
	int code, saved, proved;

	if ((code = job_connect(j)) != 0 ||
	    (code = job_codename(j, stdin_is_free(j->o))) != 0 ||
	    (code = job_hear(j)) != 0 || (code = check_said(j)) != 0 ||
	    (code = job_strip(j)) != 0 ||
	    (code = job_open_drop(j, j->keys.role)) != 0 ||
	    (code = job_prepare(j)) != 0 || (code = job_ask_proof(j)) != 0 ||
	    (code = job_send(j)) != 0)
		return code;
	code = tell_added(&j->res, &j->office, opts_on(j->o, "json"));
	saved = job_save_receipts(j);
	proved = job_save_proof(j);
	return code != 0 ? code : saved != 0 ? saved : proved;
}

/* see cmd.h */
int
cmd_followup(const struct opts *o)
{
	return job_run(o, "follow-up", follow_up);
}
