/* SPDX-License-Identifier: ISC */
/*
 * cmd_report.c - ecrdrop report: a first message, and a codename for it.
 */
#include "client/common/say.h"
#include "client/report/cmd.h"
#include "client/report/job.h"
#include "client/report/tell.h"

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

/* The words are drawn last, when all else is there. */
static int
draw_codename(struct job *j, enum codename_role role)
{
	struct rd office = rd_str(j->office.name);
	int r;

	if ((r = codename_new(j->entropy, office, role)) != 0 ||
	    (r = codename_derive(&j->keys, j->entropy, office)) != 0)
		return fail(exit_for(r), "%s", err_str(r));
	return 0;
}

static int
report(struct job *j)
{
	enum codename_role role;
	int code, saved, proved;

	if ((code = job_connect(j)) != 0 || (code = job_hear(j)) != 0 ||
	    (code = addressee(j, &role)) != 0 ||
	    (code = job_strip(j)) != 0 ||
	    (code = job_open_drop(j, role)) != 0 ||
	    (code = draw_codename(j, role)) != 0 ||
	    (code = job_prepare(j)) != 0 || (code = job_ask_proof(j)) != 0 ||
	    (code = job_send(j)) != 0)
		return code;
	code = tell_done(j->entropy, &j->res, &j->office,
	    opts_on(j->o, "json"));
	saved = job_save_receipts(j);
	proved = job_save_proof(j);
	return code != 0 ? code : saved != 0 ? saved : proved;
}

/* see cmd.h */
int
cmd_report(const struct opts *o)
{
	static const char *const not_here[] = { "codename-file", NULL };
	int code = opts_refuse(o, not_here);

	return code != 0 ? code : job_run(o, "report", report);
}
