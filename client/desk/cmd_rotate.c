/* SPDX-License-Identifier: ISC */
/*
 * cmd_rotate.c - `ecrdesk rotate`: new sealing keys from today on.
 *
 * For when a secret may have been seen: reporters seal to the new ones as
 * soon as the next statement is in the log.
 */
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/keylife.h"

/* see cmd.h */
int
cmd_rotate(const struct opts *o)
{
	const char *reason = opts_get(o, "reason");
	struct desk *d = NULL;
	int code;

	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	code = keylife_rotate(d, reason == NULL ? "" : reason);
	desk_close(d);
	if (code == 0)
		say("new weekly keys and a new standing key; export, so that "
		    "reporters use them. The old ones open what was sealed "
		    "to them until their time is over");
	return code;
}
