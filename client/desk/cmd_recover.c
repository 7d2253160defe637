/* SPDX-License-Identifier: ISC */
/*
 * cmd_recover.c - `ecrdesk recover MIRROR`: what the officer is told, and
 * asked, when a restored desk goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/confirm.h"
#include "client/desk/print.h"
#include "client/desk/recover.h"

#define SECONDS_A_DAY	86400

static void
tell_lost(const struct recovery *rc)
{
	char from[DATE_CHARS], to[DATE_CHARS];

	print_date(from, (uint64_t)rc->lost_from * SECONDS_A_DAY);
	print_date(to, (uint64_t)rc->lost_to * SECONDS_A_DAY);
	warn("%zu published key%s of %s to %s %s no secret here: what was "
	    "sealed to them cannot be read by this desk. A newer backup may "
	    "have them. The next export replaces them", rc->lost,
	    rc->lost == 1 ? "" : "s", from, to, rc->lost == 1 ? "has" :
	    "have");
}

static int
tell_json(const struct recovery *rc)
{
	return print_json(json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}",
	    "statement", (json_int_t)rc->newest.sequence,
	    "imported", (json_int_t)rc->newest.size,
	    "erase_below", (json_int_t)rc->newest.erase,
	    "drop_below", (json_int_t)rc->newest.drop,
	    "keyset", (json_int_t)rc->keyset_sequence,
	    "keys_lost", (json_int_t)rc->lost));
}

static int
recover(struct desk *d, struct mirror *m, const struct opts *o)
{
	struct recovery rc;
	int code;

	if ((code = recover_look(&rc, d, m)) != 0)
		return code;
	say("the log has statement %llu, which is signed by this role's key "
	    "and was not made by this desk. That is as it should be if the "
	    "desk was restored from a backup; if it was not, somebody else "
	    "has its key",
	    (unsigned long long)rc.newest.sequence);
	if (rc.lost > 0)
		tell_lost(&rc);
	if ((code = confirm_word(opts_on(o, "yes"), "recover")) != 0 ||
	    (code = recover_adopt(d, &rc)) != 0)
		return code;
	say("this desk goes on from statement %llu; its own log begins a new "
	    "generation there", (unsigned long long)rc.newest.sequence);
	return opts_on(o, "json") ? tell_json(&rc) : 0;
}

/* see cmd.h */
int
cmd_recover(const struct opts *o)
{
	struct mirror *m = NULL;
	struct desk *d = NULL;
	int code, r;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if ((r = mirror_open(&m, o->argv[0], false)) != 0)
		code = fail(EXIT_NOINPUT, "%s: %s", o->argv[0],
		    r == ERR_NOTFOUND ? "no such folder" : strerror(errno));
	else
		code = recover(d, m, o);
	mirror_close(m);
	desk_close(d);
	return code;
}
