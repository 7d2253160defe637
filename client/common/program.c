/* SPDX-License-Identifier: ISC */
/*
 * program.c - what the main() of a program with subcommands does.
 */
#include <stdio.h>
#include <string.h>

#include "client/common/jsonwipe.h"
#include "client/common/program.h"
#include "client/common/say.h"
#include "client/common/secretin.h"

static const struct program_command *
find(const struct program *p, const char *name)
{
	const struct program_command *c;

	for (c = p->command; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* see program.h */
int
program_run(const struct program *p, int argc, char **argv)
{
	static struct opts o;
	const struct program_command *c;
	int code;

	say_program(p->name);
	o.usage = p->usage;
	o.option = p->option;
	if ((code = opts_parse(&o, argc, argv)) != -1)
		return code;
	if (o.command == NULL)
		return opts_wrong(&o, "say what to do");
	if ((c = find(p, o.command)) == NULL)
		return opts_wrong(&o, "unknown command %s", o.command);
	if (secretin_harden() != 0)
		return fail(EXIT_SYSTEM, "memory cannot be locked here; raise "
		    "the limit (ulimit -l)");
	say_quiet(opts_on(&o, "quiet"));
	json_wipe_memory();
	code = c->run(&o);
	if (code == EXIT_DONE && (fflush(stdout) != 0 || ferror(stdout)))
		return fail(EXIT_CANTCREATE, "standard output failed");
	return code;
}
