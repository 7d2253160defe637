/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecrcourier: carries between the server and the USB stick.
 *
 * It holds a bearer token and no key that opens or signs anything.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/common/ask.h"
#include "client/common/opts.h"
#include "client/common/program.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "client/common/vkeyfile.h"
#include "client/courier/fetch.h"
#include "crypto/secret.h"

static const char usage[] =
    "usage: ecrcourier fetch -s URL -t TOKENFILE [-l LOG.vkey] [-q] [--json]\n"
    "                        [--tries N] [--cacert FILE]\n"
    "                        [--proxy socks5h://...] MIRROR\n"
    "\n"
    "  fetch  bring the folder MIRROR up to date with the server at URL;\n"
    "         cut short, it goes on where it stopped\n"
    "\n"
    "  -s, --server URL      https://HOST[:PORT]\n"
    "  -t, --token FILE      the bearer token; '-' reads standard input\n"
    "  -l, --log FILE        check the log's signature with this key, too\n"
    "      --tries N         ask N times before giving up (6)\n"
    "      --cacert FILE     trust the certificates in FILE (PEM) alone\n"
    "      --proxy URL       socks5h:// on this machine, such as Tor's\n"
    "      --json            print the result as JSON\n"
    "  -q, --quiet           no progress, no talk\n"
    "  -h, --help            this text;  --version\n";

static const struct opts_option options[] = {
	{ "server", 's', "URL", false },
	{ "token", 't', "FILE", false },
	{ "log", 'l', "FILE", false },
	{ "tries", 0, "N", false },
	{ "cacert", 0, "FILE", false },
	{ "proxy", 0, "URL", false },
	{ "json", 0, NULL, false },
	{ "quiet", 'q', NULL, false },
	{ NULL, 0, NULL, false }
};

static void
print_result(const struct fetch_result *res, bool json)
{
	if (json)
		printf("{\"size\":%llu,\"new_entries\":%llu,\"parcels\":%llu,"
		    "\"bytes\":%llu,\"gone\":%llu}\n",
		    (unsigned long long)res->size,
		    (unsigned long long)res->new_entries,
		    (unsigned long long)res->parcels,
		    (unsigned long long)res->bytes,
		    (unsigned long long)res->gone);
	else if (res->new_entries == 0 && res->parcels == 0)
		printf("up to date: %llu entries\n",
		    (unsigned long long)res->size);
	else
		printf("%llu entries, %llu of them new; %llu parcels "
		    "fetched\n", (unsigned long long)res->size,
		    (unsigned long long)res->new_entries,
		    (unsigned long long)res->parcels);
}

static int
fetch(const struct opts *o)
{
	struct fetch f = { NULL, NULL, NULL, NULL, ASK_TRIES };
	uint64_t tries = ASK_TRIES;
	struct fetch_result res;
	struct vkey log;
	const char *why;
	char *token = NULL;
	int r, code;

	if (o->argc != 1 || opts_get(o, "server") == NULL ||
	    opts_get(o, "token") == NULL)
		return opts_wrong(o, "fetch needs -s URL, -t TOKENFILE and "
		    "one MIRROR");
	if (opts_get(o, "tries") != NULL &&
	    (!rd_dec(rd_str(opts_get(o, "tries")), ASK_TRIES_MAX, &tries) ||
	    tries == 0))
		return opts_wrong(o, "--tries takes a number from 1 to %d",
		    ASK_TRIES_MAX);
	f.tries = (unsigned)tries;
	if (opts_get(o, "log") != NULL) {
		if ((code = vkeyfile_load(&log, opts_get(o, "log"),
		    NOTE_ED25519)) != 0)
			return code;
		f.log = &log;
	}
	if ((r = secretin_read(&token, opts_get(o, "token"), NULL,
	    false)) != 0) {
		code = fail(exit_for(r), "%s: %s", opts_get(o, "token"),
		    err_str(r));
		goto out;
	}
	f.token = token;
	if (opts_get(o, "cacert") != NULL &&
	    access(opts_get(o, "cacert"), R_OK) != 0) {
		code = fail(EXIT_NOINPUT, "%s: %s", opts_get(o, "cacert"),
		    strerror(errno));
		goto out;
	}
	if ((r = net_new(&f.net, opts_get(o, "server"), opts_get(o, "cacert"),
	    opts_get(o, "proxy"), &why)) != 0) {
		code = fail(r == ERR_FORMAT ? EXIT_USAGE : EXIT_SYSTEM, "%s",
		    why);
		goto out;
	}
	if ((r = mirror_open(&f.mirror, o->argv[0], true)) != 0) {
		code = fail(EXIT_CANTCREATE, "%s: cannot be opened as a "
		    "folder", o->argv[0]);
		goto out;
	}
	if ((code = fetch_run(&f, &res)) == 0)
		print_result(&res, opts_on(o, "json"));
out:
	mirror_close(f.mirror);
	net_free(f.net);
	secret_free(token);
	return code;
}

static const struct program_command commands[] = {
	{ "fetch", fetch },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecrcourier", usage, options, commands };

	return program_run(&p, argc, argv);
}
