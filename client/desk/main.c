/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecrdesk, the officer's offline tool.
 *
 * It opens no socket; `make check-layers` reads that from the program.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/jsonwipe.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "client/desk/cmd.h"

static const char usage[] =
    "usage: ecrdesk -d DESK [--passphrase-file FILE|-] [-q] [--json] ...\n"
    "       ecrdesk -d DESK init -o OFFICE [-r ROLE] [--kdf-memory MIB]\n"
    "       ecrdesk -d DESK trust -l LOG.vkey [-w WITNESS.vkey]... "
    "[-q QUORUM]\n"
    "               [-k OFFICE.vkey]\n"
    "       ecrdesk -d DESK import MIRROR [--unwitnessed]\n"
    "       ecrdesk -d DESK list\n"
    "       ecrdesk -d DESK show CASE\n"
    "       ecrdesk -d DESK attachments CASE DIR\n"
    "       ecrdesk -d DESK rotate [--reason TEXT]\n"
    "       ecrdesk -d DESK erase --below LEAF | --closed-before DATE |\n"
    "               --replies-before DATE | --retention --reason TEXT [--yes]\n"
    "       ecrdesk -d DESK erase CASE --reason TEXT [--yes]\n"
    "       ecrdesk -d DESK erase --compact\n"
    "       ecrdesk -d DESK recover MIRROR [--yes]\n"
    "       ecrdesk -d DESK log [--check | --open N -o FILE]\n"
    "       ecrdesk -d DESK reply CASE [-f FILE|-] [--question TEXT]...\n"
    "           [--status TEXT] [--next YYYY-MM-DD]\n"
    "       ecrdesk -d DESK outgoing\n"
    "       ecrdesk -d DESK export OUTBOX\n"
    "       ecrdesk -d DESK identities -o FILE\n"
    "       ecrdesk age-encrypt -R RECIPIENTSFILE... -o OUT IN\n"
    "       ecrdesk age-decrypt -i IDENTITYFILE... -o OUT IN\n"
    "       ecrdesk -h | --version\n"
    "\n"
    "  -d, --desk DESK             the desk's folder\n"
    "      --passphrase-file FILE  the passphrase; '-' reads standard input\n"
    "  -o, --office OFFICE         with init: the office's name\n"
    "  -r, --role ROLE             'office', or 'alternate'\n"
    "      --kdf-memory MIB        what a guess at the passphrase costs (48)\n"
    "  -l, --log LOG.vkey          the log that mirrors are signed by\n"
    "  -w, --witness WITNESS.vkey  one that cosigns it\n"
    "  -q, --quorum QUORUM         with trust: so many of them must have\n"
    "  -k, --office-vkey FILE      the keys of all roles, this desk's among "
    "them\n"
    "  -o, --output FILE           where the result goes; '-' is standard "
    "output\n"
    "      --below LEAF            the server may erase parcels below it\n"
    "      --closed-before DATE    those of epochs that closed before it\n"
    "      --replies-before DATE   replies that were in the log before it\n"
    "      --retention             the rule: parcels 90 days, replies 365\n"
    "      --reason TEXT           why; the desk log keeps it\n"
    "      --yes                   do not ask\n"
    "      --compact               only write the store anew\n"
    "      --check                 is every entry of the desk log as it was?\n"
    "      --open N                show act N to an auditor, and no other\n"
    "  -R, --recipients FILE       to whom: age1pq... keys\n"
    "  -i, --identity FILE         who opens: AGE-SECRET-KEY-... keys\n"
    "  -f, --file FILE             with reply: the text; without it, in "
    "$EDITOR\n"
    "      --question TEXT         what the reporter is asked\n"
    "      --status TEXT           how it stands, in plain words\n"
    "      --next YYYY-MM-DD       when the reporter hears again\n"
    "      --unwitnessed           with import: also where too few witnesses "
    "cosigned\n"
    "      --json                  for programs\n"
    "  -q, --quiet                 results and errors only\n";

#define SHARED_OPTIONS \
	{ "desk", 'd', "DESK", false }, \
	{ "passphrase-file", 0, "FILE|-", false }, \
	{ "json", 0, NULL, false }, \
	{ "role", 'r', "ROLE", false }, \
	{ "kdf-memory", 0, "MIB", false }, \
	{ "log", 'l', "LOG.vkey", false }, \
	{ "witness", 'w', "WITNESS.vkey", true }, \
	{ "office-vkey", 'k', "OFFICE.vkey", false }, \
	{ "file", 'f', "FILE|-", false }, \
	{ "unwitnessed", 0, NULL, false }, \
	{ "question", 0, "TEXT", true }, \
	{ "status", 0, "TEXT", false }, \
	{ "next", 0, "YYYY-MM-DD", false }, \
	{ "identity", 'i', "IDENTITYFILE", true }, \
	{ "recipients", 'R', "RECIPIENTSFILE", true }, \
	{ "below", 0, "LEAF", false }, \
	{ "closed-before", 0, "DATE", false }, \
	{ "replies-before", 0, "DATE", false }, \
	{ "retention", 0, NULL, false }, \
	{ "reason", 0, "TEXT", false }, \
	{ "yes", 0, NULL, false }, \
	{ "compact", 0, NULL, false }, \
	{ "check", 0, NULL, false }, \
	{ "open", 0, "N", false }, \
	{ NULL, 0, NULL, false }

static const struct opts_option options[] = {
	{ "quiet", 'q', NULL, false },
	{ "quorum", 0, "QUORUM", false },
	{ "office", 'o', "OFFICE", false },
	{ "output", 0, "OUT", false },
	SHARED_OPTIONS
};

/* Here -q is the quorum. */
static const struct opts_option trust_options[] = {
	{ "quiet", 0, NULL, false },
	{ "quorum", 'q', "QUORUM", false },
	{ "office", 'o', "OFFICE", false },
	{ "output", 0, "OUT", false },
	SHARED_OPTIONS
};

/* And here -o is the output. */
static const struct opts_option output_options[] = {
	{ "quiet", 'q', NULL, false },
	{ "quorum", 0, "QUORUM", false },
	{ "office", 0, "OFFICE", false },
	{ "output", 'o', "OUT", false },
	SHARED_OPTIONS
};

static const struct command {
	const char *name;
	int (*run)(const struct opts *o);
	const struct opts_option *options;
	bool desk;			/* needs -d */
	int operands;			/* -1: the command counts them */
	const char *what;
} commands[] = {
	{ "init", cmd_init, options, true, 0, "no operand" },
	{ "trust", cmd_trust, trust_options, true, 0, "no operand" },
	{ "import", cmd_import, options, true, 1, "MIRROR" },
	{ "list", cmd_list, options, true, 0, "no operand" },
	{ "show", cmd_show, options, true, 1, "CASE" },
	{ "attachments", cmd_attachments, options, true, 2, "CASE DIR" },
	{ "rotate", cmd_rotate, options, true, 0, "no operand" },
	{ "erase", cmd_erase, options, true, -1, "CASE" },
	{ "recover", cmd_recover, options, true, 1, "MIRROR" },
	{ "log", cmd_log, output_options, true, 0, "no operand" },
	{ "reply", cmd_reply, options, true, 1, "CASE" },
	{ "outgoing", cmd_outgoing, options, true, 0, "no operand" },
	{ "export", cmd_export, options, true, 1, "OUTBOX" },
	{ "identities", cmd_identities, output_options, true, 0,
	    "no operand" },
	{ "age-encrypt", cmd_age_encrypt, output_options, false, 1, "IN" },
	{ "age-decrypt", cmd_age_decrypt, output_options, false, 1, "IN" },
};

static const struct command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/*
 * The options' meaning depends on the command, and the command is known only
 * when the options have been read once.  "-q 2 trust" reads as the command
 * "2" then.
 */
static const struct command *
guess_command(const struct opts *o)
{
	if (o->command == NULL)
		return NULL;
	if (opts_on(o, "quiet") && o->argc > 0 &&
	    strcmp(o->argv[0], "trust") == 0)
		return find_command("trust");
	return find_command(o->command);
}

/* "-q" with no number behind it is silence, in trust as elsewhere. */
static void
spell_out_quiet(int argc, char **argv)
{
	static char quiet[] = "--quiet";
	uint64_t v;
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "-q") == 0 && (i + 1 == argc ||
		    !rd_dec(rd_str(argv[i + 1]), UINT32_MAX, &v)))
			argv[i] = quiet;
}

/* getopt(3) sorts argv, so the second reading needs the first order. */
static int
parse(struct opts *o, int argc, char **argv)
{
	const struct command *c;
	char **copy;
	int r;

	if ((copy = calloc((size_t)argc + 1, sizeof(*copy))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	o->usage = usage;
	o->option = options;
	r = opts_parse(o, argc, argv);
	if (r == -1 && (c = guess_command(o)) != NULL &&
	    c->options != options) {
		memcpy(argv, copy, (size_t)argc * sizeof(*copy));
		if (c->options == trust_options)
			spell_out_quiet(argc, argv);
		optind = 0;
		o->option = c->options;
		r = opts_parse(o, argc, argv);
	}
	free(copy);
	return r;
}

int
main(int argc, char **argv)
{
	static struct opts o;
	const struct command *c;
	int r;

	say_program("ecrdesk");
	if ((r = parse(&o, argc, argv)) != -1)
		return r;
	say_quiet(opts_on(&o, "quiet"));
	if (o.command == NULL)
		return opts_wrong(&o, "no command given");
	if ((c = find_command(o.command)) == NULL)
		return opts_wrong(&o, "unknown command: %s", o.command);
	if (c->operands >= 0 && o.argc != c->operands)
		return opts_wrong(&o, "%s takes %s", c->name, c->what);
	if (c->desk && opts_get(&o, "desk") == NULL)
		return opts_wrong(&o, "%s needs -d DESK", c->name);
	json_wipe_memory();
	if ((r = secretin_harden()) != 0)
		return fail(EXIT_SYSTEM, "this machine does not let secrets "
		    "be kept out of the swap: %s", err_str(r));
	r = c->run(&o);
	if (fflush(stdout) != 0 || ferror(stdout))
		return fail(EXIT_CANTCREATE, "standard output failed");
	return r;
}
