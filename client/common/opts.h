/* SPDX-License-Identifier: ISC */
/*
 * opts.h - subcommands and getopt_long(3), the same way in every program.
 *
 * Long options stand before or after the subcommand.  -h and --help print
 * the usage to stdout and exit 0, --version the version; a mistake goes to
 * stderr and exits 64.
 */
#ifndef ECR_OPTS_H
#define ECR_OPTS_H

#include <stdbool.h>
#include <stddef.h>

struct opts_option {
	const char *name;	/* long name */
	char letter;		/* 0: none */
	const char *arg;	/* "FILE"; NULL: a switch */
	bool many;		/* may be given several times */
};

#define OPTS_VALUES_MAX	4096

struct opts {
	const char *usage;			/* the synopsis, many lines */
	const struct opts_option *option;	/* NULL name at the end */
	/* results */
	const char *command;			/* NULL: none given */
	int argc;				/* operands after it */
	char **argv;
	size_t nvalues;
	struct { size_t option; const char *value; } value[OPTS_VALUES_MAX];
};

/*
 * opts_parse - -1: go on; else the exit code to leave with.
 * The first operand is the command.
 */
int opts_parse(struct opts *o, int argc, char **argv);
/* The last value given, NULL where none; "" for a switch that is on. */
const char *opts_get(const struct opts *o, const char *name);
bool opts_on(const struct opts *o, const char *name);
/* The i-th value of an option that may be repeated; NULL past the end. */
const char *opts_nth(const struct opts *o, const char *name, size_t i);
/*
 * Options that the command does not take, NULL at their end: 0 where none of
 * them is given.  Who gives one believes that it does something.
 */
int opts_refuse(const struct opts *o, const char *const *names);
/* "PROGRAM: words; try --help" and 64. */
int opts_wrong(const struct opts *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
