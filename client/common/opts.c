/* SPDX-License-Identifier: ISC */
/*
 * opts.c - subcommands and getopt_long(3), the same way in every program.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/common/opts.h"
#include "client/common/say.h"
#include "crypto/version.h"

#define OPTIONS_MAX	48
#define LONG_BASE	256	/* getopt's value of option i */
#define LONG_HELP	1000
#define LONG_VERSION	1001

/* The table in getopt's two forms; returns how many there are. */
static size_t
spell(const struct opts *o, struct option *lng, char *shrt)
{
	const struct opts_option *op;
	size_t i, s = 0;

	shrt[s++] = ':';
	for (i = 0; (op = &o->option[i])->name != NULL; i++) {
		lng[i].name = op->name;
		lng[i].has_arg = op->arg != NULL ? required_argument :
		    no_argument;
		lng[i].flag = NULL;
		lng[i].val = LONG_BASE + (int)i;
		if (op->letter == 0)
			continue;
		shrt[s++] = op->letter;
		if (op->arg != NULL)
			shrt[s++] = ':';
	}
	lng[i] = (struct option){ "help", no_argument, NULL, LONG_HELP };
	lng[i + 1] = (struct option){ "version", no_argument, NULL,
	    LONG_VERSION };
	memset(&lng[i + 2], 0, sizeof(lng[0]));
	shrt[s++] = 'h';
	shrt[s] = '\0';
	return i;
}

static int
take(struct opts *o, size_t i, const char *value)
{
	size_t k;

	for (k = 0; k < o->nvalues; k++)
		if (o->value[k].option == i && !o->option[i].many)
			return opts_wrong(o, "--%s is given twice",
			    o->option[i].name);
	if (o->nvalues == OPTS_VALUES_MAX)
		return opts_wrong(o, "too many options");
	o->value[o->nvalues].option = i;
	o->value[o->nvalues++].value = value == NULL ? "" : value;
	return -1;
}

static int
by_letter(const struct opts *o, int c)
{
	int i;

	for (i = 0; o->option[i].name != NULL; i++)
		if (o->option[i].letter != 0 && o->option[i].letter == c)
			return i;
	return -1;
}

/* see opts.h */
int
opts_parse(struct opts *o, int argc, char **argv)
{
	struct option lng[OPTIONS_MAX + 3];
	char shrt[OPTIONS_MAX * 2 + 4];
	int c, i, r;

	(void)spell(o, lng, shrt);
	o->nvalues = 0;
	o->command = NULL;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shrt, lng, NULL)) != -1) {
		if (c == LONG_VERSION) {
			printf("%s %s\n", strrchr(argv[0], '/') == NULL ?
			    argv[0] : strrchr(argv[0], '/') + 1, ECR_VERSION);
			return EXIT_DONE;
		}
		if (c == LONG_HELP || c == 'h') {
			fputs(o->usage, stdout);
			return EXIT_DONE;
		}
		if (c == ':')
			return opts_wrong(o, "%s needs a value",
			    argv[optind - 1]);
		if (c == '?')
			return opts_wrong(o, "unknown option %s",
			    argv[optind - 1]);
		i = c >= LONG_BASE ? c - LONG_BASE : by_letter(o, c);
		if (i >= 0 && (r = take(o, (size_t)i, optarg)) != -1)
			return r;
	}
	if (optind < argc)
		o->command = argv[optind++];
	o->argc = argc - optind;
	o->argv = argv + optind;
	return -1;
}

/* see opts.h */
const char *
opts_nth(const struct opts *o, const char *name, size_t i)
{
	size_t k;

	for (k = 0; k < o->nvalues; k++)
		if (strcmp(o->option[o->value[k].option].name, name) == 0 &&
		    i-- == 0)
			return o->value[k].value;
	return NULL;
}

/* see opts.h */
const char *
opts_get(const struct opts *o, const char *name)
{
	const char *v = NULL, *w;
	size_t i;

	for (i = 0; (w = opts_nth(o, name, i)) != NULL; i++)
		v = w;
	return v;
}

/* see opts.h */
bool
opts_on(const struct opts *o, const char *name)
{
	return opts_get(o, name) != NULL;
}

/* see opts.h */
int
opts_refuse(const struct opts *o, const char *const *names)
{
	for (; *names != NULL; names++)
		if (opts_on(o, *names))
			return opts_wrong(o, "%s takes no --%s", o->command,
			    *names);
	return 0;
}

/* see opts.h */
int
opts_wrong(const struct opts *o, const char *fmt, ...)
{
	char words[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	/* The usage is longer than many screens, and would hide the words. */
	(void)o;
	warn("%s; try --help", words);
	return EXIT_USAGE;
}
