/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecrdropd: options and subcommands.
 *
 * The roles are this same program under another argv[0] (role.h).
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "crypto/version.h"
#include "server/commands.h"
#include "server/conf.h"
#include "server/log.h"
#include "server/privs.h"
#include "server/role.h"

static const char usage[] =
    "usage: ecrdropd init -o ORIGIN -D DATADIR [-g GUARDDIR]\n"
    "       ecrdropd -c FILE [-n]\n"
    "       ecrdropd make-guard -c FILE\n"
    "       ecrdropd restore MIRROR -c FILE\n"
    "       ecrdropd token courier|auditor -c FILE\n"
    "       ecrdropd confirm-clock -c FILE\n"
    "       ecrdropd confirm-loss -c FILE\n"
    "       ecrdropd witness -c FILE\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 'n' },
	{ "origin", required_argument, NULL, 'o' },
	{ "data", required_argument, NULL, 'D' },
	{ "guard", required_argument, NULL, 'g' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct args {
	const char *config, *origin, *data, *guard;
	bool check;
	char **operand;
	int noperands;
};

static unsigned char text[CONF_TEXT_MAX];
static struct conf conf;

static int
wrong(void)
{
	fputs(usage, stderr);
	return EX_USAGE;
}

static int
load(const struct args *a, size_t *n)
{
	switch (conf_load(&conf, a->config, text, n)) {
	case 0:
		return EX_OK;
	case ERR_IO:
		return EX_NOINPUT;
	default:
		return EX_CONFIG;
	}
}

static int
cmd_run(const struct args *a)
{
	size_t n;
	int r;

	if ((r = load(a, &n)) != EX_OK)
		return r;
	if (a->check)
		return parent_check(&conf);
	return parent_main(&conf, rd_from(text, n));
}

static int
cmd_init(const struct args *a)
{
	return command_init(a->data, a->guard, a->origin);
}

/* What is written into the data directory must be the server's to read. */
static int
load_as_user(const struct args *a)
{
	struct privs_user user;
	size_t n;
	int r;

	if ((r = load(a, &n)) != EX_OK)
		return r;
	if (privs_user(&user, conf.user) != 0) {
		diag("user %s: there is no such user", conf.user);
		return EX_NOUSER;
	}
	if (user.set && user.uid != geteuid() && privs_drop(&user) != 0) {
		diag("cannot become user %s", conf.user);
		return EX_NOPERM;
	}
	return EX_OK;
}

static int
cmd_token(const struct args *a)
{
	int r = load_as_user(a);

	return r != EX_OK ? r : command_token(conf.data, a->operand[1]);
}

static int
cmd_make_guard(const struct args *a)
{
	int r = load_as_user(a);

	return r != EX_OK ? r :
	    command_make_guard(conf.data, conf.guard, conf.drop_bytes);
}

static int
cmd_restore(const struct args *a)
{
	int r = load_as_user(a);

	return r != EX_OK ? r : command_restore(conf.data, conf.guard,
	    conf.drop_bytes, conf.office_vkey, a->operand[1]);
}

static int
cmd_confirm_clock(const struct args *a)
{
	int r = load_as_user(a);

	return r != EX_OK ? r : command_confirm_clock(conf.data);
}

static int
cmd_confirm_loss(const struct args *a)
{
	int r = load_as_user(a);

	return r != EX_OK ? r : command_confirm_loss(conf.data);
}

static int
cmd_witness(const struct args *a)
{
	size_t n;
	int r = load(a, &n);

	return r != EX_OK ? r : command_witness(&conf);
}

/* Each takes just these options and so many operands, its name among them. */
static const struct command {
	const char *name;		/* NULL: no operand at all */
	int noperands;
	bool config, check, init;
	int (*run)(const struct args *a);
} commands[] = {
	{ NULL, 0, true, true, false, cmd_run },
	{ "init", 1, false, false, true, cmd_init },
	{ "token", 2, true, false, false, cmd_token },
	{ "make-guard", 1, true, false, false, cmd_make_guard },
	{ "restore", 2, true, false, false, cmd_restore },
	{ "confirm-clock", 1, true, false, false, cmd_confirm_clock },
	{ "confirm-loss", 1, true, false, false, cmd_confirm_loss },
	{ "witness", 1, true, false, false, cmd_witness },
};

static bool
fits(const struct command *c, const struct args *a)
{
	if (a->noperands != c->noperands ||
	    (c->name != NULL && strcmp(a->operand[0], c->name) != 0))
		return false;
	return (a->config != NULL) == c->config && (!a->check || c->check) &&
	    (a->origin != NULL) == c->init && (a->data != NULL) == c->init &&
	    (a->guard == NULL || c->init);
}

/* -1: go on; else the exit code.  getopt_long() moves operands to the end. */
static int
parse(struct args *a, int argc, char **argv)
{
	int c;

	memset(a, 0, sizeof(*a));
	while ((c = getopt_long(argc, argv, "c:no:D:g:h", long_options,
	    NULL)) != -1)
		switch (c) {
		case 'c':
			a->config = optarg;
			break;
		case 'n':
			a->check = true;
			break;
		case 'o':
			a->origin = optarg;
			break;
		case 'D':
			a->data = optarg;
			break;
		case 'g':
			a->guard = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EX_OK;
		case 'V':
			puts("ecrdropd " ECR_VERSION);
			return EX_OK;
		default:
			return wrong();
		}
	a->operand = argv + optind;
	a->noperands = argc - optind;
	return -1;
}

/*
 * The leak checker traces its own process, which neither a sandboxed nor an
 * undumpable one allows.  Asked by the sanitizers' run-time alone.
 */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

int
main(int argc, char **argv)
{
	struct args a;
	size_t i;
	int r;

	if (privs_std_open() != 0)
		return EX_OSERR;
	if (role_is(argc, argv))
		return role_main(argv);
	if ((r = parse(&a, argc, argv)) != -1)
		return r;
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (fits(&commands[i], &a))
			break;
	if (i == sizeof(commands) / sizeof(commands[0]))
		return wrong();
	if (privs_quiet() != 0 || (r = secret_init()) != 0) {
		diag("no memory can be locked here (ulimit -l)");
		return EX_OSERR;
	}
	return commands[i].run(&a);
}
