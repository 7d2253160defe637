/* SPDX-License-Identifier: ISC */
/*
 * main.c - ecraudit: checks that the log keeps every promise.
 *
 * It holds no secret but, where it was given one, a bearer token; it believes
 * only keys that the auditor got from people.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/audit/keys.h"
#include "client/audit/source.h"
#include "client/audit/verify.h"
#include "client/common/ask.h"
#include "client/common/opts.h"
#include "client/common/program.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "crypto/secret.h"

#define EVERY_SECS	300
#define EVERY_MAX_SECS	86400

static const char usage[] =
    "usage: ecraudit verify [-l LOG.vkey] [-k OFFICE.vkey] [-w WITNESS.vkey]...\n"
    "                       [--quorum N] [--state FILE] [--evidence FILE]\n"
    "                       [-t TOKENFILE] [--parcels] [--all]\n"
    "                       [--watch] [--every SECONDS] [--tries N]\n"
    "                       [--cacert FILE] [--proxy socks5h://...]\n"
    "                       [-q] [--json] URL|MIRROR\n"
    "\n"
    "  verify  does the whole log hold, and does it extend what was seen at\n"
    "          the last visit?  Exits 0: it holds; 1: it does not\n"
    "\n"
    "  -l, --log FILE        the log's verifier key\n"
    "  -k, --office FILE     the office's keys; its keyset names the log\n"
    "  -w, --witness FILE    a witness that must have cosigned\n"
    "      --quorum N        so many of the witnesses (all)\n"
    "      --state FILE      what was seen at the last visit; made, kept up\n"
    "      --evidence FILE   where to write what does not hold\n"
    "  -t, --token FILE      a bearer token: check every parcel, too\n"
    "      --parcels         check every parcel of a mirror\n"
    "      --all             begin with the first entry again\n"
    "      --watch           stay, and speak only when something is wrong\n"
    "      --every SECONDS   how often to look (300)\n"
    "      --tries N         ask N times before giving up (6)\n"
    "      --cacert FILE     trust the certificates in FILE (PEM) alone\n"
    "      --proxy URL       socks5h:// on this machine, such as Tor's\n"
    "      --json            print the result as JSON\n"
    "  -q, --quiet           no progress, no talk\n"
    "  -h, --help            this text;  --version\n";

static const struct opts_option options[] = {
	{ "log", 'l', "FILE", false },
	{ "office", 'k', "FILE", false },
	{ "witness", 'w', "FILE", true },
	{ "quorum", 0, "N", false },
	{ "state", 0, "FILE", false },
	{ "evidence", 0, "FILE", false },
	{ "token", 't', "FILE", false },
	{ "parcels", 0, NULL, false },
	{ "all", 0, NULL, false },
	{ "watch", 0, NULL, false },
	{ "every", 0, "SECONDS", false },
	{ "tries", 0, "N", false },
	{ "cacert", 0, "FILE", false },
	{ "proxy", 0, "URL", false },
	{ "json", 0, NULL, false },
	{ "quiet", 'q', NULL, false },
	{ NULL, 0, NULL, false }
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	stopped = sig;
}

/* --- results ------------------------------------------------------------- */

static int
print_json(const struct keys *k, const struct verify_result *res)
{
	char root[64];
	struct wr w = wr_from(root, sizeof(root));
	json_t *j;
	char *text;

	wr_b64(&w, res->root, HASH_BYTES, true);
	if (!wr_cstr(&w))
		return EXIT_SYSTEM;
	j = json_pack("{s:b, s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:i, "
	    "s:i}", "holds", 1, "origin", k->log.name, "size",
	    (json_int_t)res->size, "root", root, "from",
	    (json_int_t)res->from, "parcels", (json_int_t)res->parcels,
	    "replies", (json_int_t)res->replies, "statements",
	    (json_int_t)res->statements, "bodies", (json_int_t)res->bodies,
	    "epoch_close", (json_int_t)res->close, "cosignatures",
	    (int)res->cosignatures, "quorum", (int)res->quorum);
	text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	json_decref(j);
	if (text == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	puts(text);
	free(text);
	return EXIT_DONE;
}

/* The newest close as a date: nobody needs the hour. */
static void
print_close(uint64_t close)
{
	time_t t = (time_t)close;
	struct tm tm;
	char day[32];

	if (close == 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%d %H:%M UTC", &tm) == 0)
		return;
	printf("  newest epoch   closed %s\n", day);
}

static void
print_words(const struct keys *k, const struct verify_result *res)
{
	printf("the log holds: %s\n  entries        %llu, %llu of them new "
	    "since the last visit\n", k->log.name,
	    (unsigned long long)res->size,
	    (unsigned long long)(res->size - res->from));
	print_close(res->close);
	printf("  cosignatures   %u, needed %u\n", res->cosignatures,
	    res->quorum);
	if (res->bodies > 0)
		printf("  parcels        %llu read, each what its entry says\n",
		    (unsigned long long)res->bodies);
}

/* --- verify -------------------------------------------------------------- */

static void
wait_secs(unsigned secs)
{
	struct timespec t = { (time_t)secs, 0 };

	(void)nanosleep(&t, NULL);	/* cut short by a signal: as it should */
}

/* Until something is wrong, or somebody says stop. */
static int
watch(const struct verify *v, unsigned every)
{
	struct verify_result res;
	bool away = false;
	int code;

	while (!stopped) {
		code = verify_run(v, &res);
		if (code != EXIT_DONE && code != EXIT_UNAVAILABLE)
			return stopped ? EXIT_DONE : code;
		if (code == EXIT_DONE && away)
			say("the server is back, and its log holds");
		away = code == EXIT_UNAVAILABLE;
		if (!stopped)
			wait_secs(every);
	}
	return EXIT_DONE;
}

/* A number option; false: it was no such number, and said so. */
static bool
number(const struct opts *o, const char *name, uint64_t max, unsigned *v)
{
	const char *text = opts_get(o, name);
	uint64_t n;

	if (text == NULL)
		return true;
	if (!rd_dec(rd_str(text), max, &n) || n == 0) {
		(void)opts_wrong(o, "--%s takes a number from 1 to %llu", name,
		    (unsigned long long)max);
		return false;
	}
	*v = (unsigned)n;
	return true;
}

static int
run(const struct opts *o, struct verify *v, unsigned every)
{
	struct verify_result res;
	int code;

	if (opts_on(o, "watch"))
		return watch(v, every);
	if ((code = verify_run(v, &res)) != EXIT_DONE)
		return code;
	if (opts_on(o, "json"))
		return print_json(v->keys, &res);
	print_words(v->keys, &res);
	return EXIT_DONE;
}

static int
verify(const struct opts *o)
{
	struct source_how how = { opts_get(o, "cacert"), opts_get(o, "proxy"),
	    NULL, ASK_TRIES, &stopped };
	struct sigaction act = { .sa_handler = on_signal };
	static struct keys k;
	struct verify v = { .keys = &k };
	unsigned every = EVERY_SECS;
	char *token = NULL;
	int r, code;

	if (o->argc != 1)
		return opts_wrong(o, "verify needs one URL or MIRROR");
	if (!number(o, "tries", ASK_TRIES_MAX, &how.tries) ||
	    !number(o, "every", EVERY_MAX_SECS, &every))
		return EXIT_USAGE;
	if ((code = keys_load(&k, o)) != EXIT_DONE)
		return code;
	if (opts_get(o, "token") != NULL && (r = secretin_read(&token,
	    opts_get(o, "token"), NULL, false)) != 0) {
		code = fail(exit_for(r), "%s: %s", opts_get(o, "token"),
		    err_str(r));
		goto out;
	}
	how.token = token;
	v.state = opts_get(o, "state");
	v.evidence = opts_get(o, "evidence");
	v.parcels = token != NULL || opts_on(o, "parcels");
	v.all = opts_on(o, "all");
	if (sigaction(SIGINT, &act, NULL) != 0 ||
	    sigaction(SIGTERM, &act, NULL) != 0) {
		code = fail(EXIT_SYSTEM, "%s", strerror(errno));
		goto out;
	}
	if ((code = source_open(&v.src, o->argv[0], &how)) == EXIT_DONE)
		code = run(o, &v, every);
out:
	source_close(v.src);
	secret_free(token);
	return code;
}

static const struct program_command commands[] = {
	{ "verify", verify },
	{ NULL, NULL }
};

int
main(int argc, char **argv)
{
	static const struct program p = { "ecraudit", usage, options, commands };

	return program_run(&p, argc, argv);
}
