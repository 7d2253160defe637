/* SPDX-License-Identifier: ISC */
/*
 * program.h - what the main() of a program with subcommands does.
 */
#ifndef ECR_PROGRAM_H
#define ECR_PROGRAM_H

#include "client/common/opts.h"

struct program_command {
	const char *name;		/* NULL ends the table */
	int (*run)(const struct opts *o);	/* returns the exit code */
};

struct program {
	const char *name, *usage;
	const struct opts_option *option;
	const struct program_command *command;
};

/*
 * program_run - options, hardening, the command; the exit code.  Output that
 * could not be written makes a success a failure.
 */
int program_run(const struct program *p, int argc, char **argv);

#endif
