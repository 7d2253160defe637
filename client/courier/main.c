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
#include "client/common/file.h"
#include "client/common/opts.h"
#include "client/common/program.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "client/common/vkeyfile.h"
#include "client/courier/fetch.h"
#include "client/courier/post.h"
#include "crypto/secret.h"

#define OUTBOX_FILE_MAX	(256u << 20)

static const char usage[] =
    "usage: ecrcourier fetch -s URL -t TOKENFILE [-l LOG.vkey] [-q] [--json]\n"
    "                        [--tries N] [--cacert FILE]\n"
    "                        [--proxy socks5h://...] MIRROR\n"
    "       ecrcourier post  -s URL -t TOKENFILE [-q] [--json] [--tries N]\n"
    "                        [--cacert FILE] [--proxy socks5h://...] OUTBOX\n"
    "\n"
    "  fetch  bring the folder MIRROR up to date with the server at URL;\n"
    "         cut short, it goes on where it stopped\n"
    "  post   hand over OUTBOX, the file that a desk exported; cut short, or\n"
    "         unsure, post it again\n"
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
		    "\"bytes\":%llu,\"gone\":%llu,\"missing\":%llu,"
		    "\"statements\":%llu}\n",
		    (unsigned long long)res->size,
		    (unsigned long long)res->new_entries,
		    (unsigned long long)res->parcels,
		    (unsigned long long)res->bytes,
		    (unsigned long long)res->gone,
		    (unsigned long long)res->missing,
		    (unsigned long long)res->statements);
	else if (res->new_entries == 0 && res->parcels == 0)
		printf("up to date: %llu entries\n",
		    (unsigned long long)res->size);
	else
		printf("%llu entries, %llu of them new; %llu parcels "
		    "fetched\n", (unsigned long long)res->size,
		    (unsigned long long)res->new_entries,
		    (unsigned long long)res->parcels);
}

static void
print_posted(const struct post_result *res, bool json)
{
	if (json)
		printf("{\"statements\":%zu,\"taken\":%zu,\"held\":%zu,"
		    "\"posts\":%zu,\"bytes\":%llu}\n", res->statements,
		    res->taken, res->held, res->posts,
		    (unsigned long long)res->bytes);
	else if (res->taken == 0)
		printf("the server had %s already\n", res->statements == 1 ?
		    "the statement" : "all of the statements");
	else
		printf("%zu statement%s delivered; the server publishes what "
		    "is new at its next close\n", res->statements,
		    res->statements == 1 ? "" : "s");
}

/* What every command takes from its options. */
struct errand {
	const struct opts *o;
	unsigned tries;
	char *token;			/* secret */
	struct net *net;
};

static int
connect_server(struct errand *e)
{
	const char *cacert = opts_get(e->o, "cacert"), *why;
	int r;

	if ((r = secretin_read(&e->token, opts_get(e->o, "token"), NULL,
	    false)) != 0)
		return fail(exit_for(r), "%s: %s", opts_get(e->o, "token"),
		    err_str(r));
	if (cacert != NULL && access(cacert, R_OK) != 0)
		return fail(EXIT_NOINPUT, "%s: %s", cacert, strerror(errno));
	if ((r = net_new(&e->net, opts_get(e->o, "server"), cacert,
	    opts_get(e->o, "proxy"), &why)) != 0)
		return fail(r == ERR_FORMAT ? EXIT_USAGE : EXIT_SYSTEM, "%s",
		    why);
	return 0;
}

static int
errand_open(struct errand *e, const struct opts *o, const char *operand)
{
	uint64_t tries = ASK_TRIES;

	memset(e, 0, sizeof(*e));
	e->o = o;
	if (o->argc != 1 || opts_get(o, "server") == NULL ||
	    opts_get(o, "token") == NULL)
		return opts_wrong(o, "%s needs -s URL, -t TOKENFILE and "
		    "one %s", o->command, operand);
	if (opts_get(o, "tries") != NULL &&
	    (!rd_dec(rd_str(opts_get(o, "tries")), ASK_TRIES_MAX, &tries) ||
	    tries == 0))
		return opts_wrong(o, "--tries takes a number from 1 to %d",
		    ASK_TRIES_MAX);
	e->tries = (unsigned)tries;
	return 0;
}

static void
errand_close(struct errand *e)
{
	net_free(e->net);
	secret_free(e->token);
}

static int
fetch_into(struct errand *e)
{
	struct fetch f = { NULL, NULL, NULL, NULL, e->tries };
	const struct opts *o = e->o;
	struct fetch_result res;
	struct vkey log;
	int code;

	if (opts_get(o, "log") != NULL) {
		if ((code = vkeyfile_load(&log, opts_get(o, "log"),
		    NOTE_ED25519)) != 0)
			return code;
		f.log = &log;
	}
	if ((code = connect_server(e)) != 0)
		return code;
	f.token = e->token;
	f.net = e->net;
	if (mirror_open(&f.mirror, o->argv[0], true) != 0)
		return fail(EXIT_CANTCREATE, "%s: cannot be opened as a "
		    "folder", o->argv[0]);
	code = fetch_run(&f, &res);
	if (code == 0 || res.missing > 0)
		print_result(&res, opts_on(o, "json"));
	mirror_close(f.mirror);
	return code;
}

static int
fetch(const struct opts *o)
{
	struct errand e;
	int code;

	if ((code = errand_open(&e, o, "MIRROR")) == 0)
		code = fetch_into(&e);
	errand_close(&e);
	return code;
}

static int
post_from(struct errand *e)
{
	struct post p = { NULL, NULL, e->tries };
	struct post_result res;
	unsigned char *bytes;
	size_t n;
	int r, code;

	if ((r = file_read(&bytes, &n, e->o->argv[0], OUTBOX_FILE_MAX)) != 0)
		return fail(r == ERR_LIMIT ? EXIT_DATA : EXIT_NOINPUT,
		    "%s: %s", e->o->argv[0], err_str(r));
	if ((code = connect_server(e)) == 0) {
		p.net = e->net;
		p.token = e->token;
		code = post_run(&p, rd_from(bytes, n), &res);
	}
	if (code == 0)
		print_posted(&res, opts_on(e->o, "json"));
	file_free(bytes, n);
	return code;
}

static int
post(const struct opts *o)
{
	struct errand e;
	int code;

	if ((code = errand_open(&e, o, "OUTBOX")) == 0)
		code = post_from(&e);
	errand_close(&e);
	return code;
}

static const struct program_command commands[] = {
	{ "fetch", fetch },
	{ "post", post },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecrcourier", usage, options, commands };

	return program_run(&p, argc, argv);
}
