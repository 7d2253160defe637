/* SPDX-License-Identifier: ISC */
/*
 * cmd.c - what ecraudit's commands share.
 */
#include "client/audit/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/common/ask.h"
#include "client/common/say.h"
#include "client/common/secretin.h"
#include "crypto/secret.h"

volatile sig_atomic_t cmd_stopped;

static void
on_signal(int sig)
{
	cmd_stopped = sig;
}

/* see cmd.h */
int
cmd_print_json(json_t *j)
{
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

	json_decref(j);
	if (text == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	puts(text);
	free(text);
	return EXIT_DONE;
}

/* see cmd.h */
bool
cmd_number(const struct opts *o, const char *name, uint64_t least,
    uint64_t most, unsigned *v)
{
	const char *text = opts_get(o, name);
	uint64_t n;

	if (text == NULL)
		return true;
	if (!rd_dec(rd_str(text), most, &n) || n < least) {
		(void)opts_wrong(o, "--%s takes a number from %llu to %llu",
		    name, (unsigned long long)least,
		    (unsigned long long)most);
		return false;
	}
	*v = (unsigned)n;
	return true;
}

/* see cmd.h */
void
cmd_time(char out[static 48], uint64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 48, "%Y-%m-%d %H:%M:%S UTC", &tm) == 0)
		snprintf(out, 48, "%llu s after 1970",
		    (unsigned long long)unix_seconds);
}

static int
load_token(struct cmd *c, const struct opts *o)
{
	const char *path = opts_get(o, "token");
	int r;

	if (path == NULL)
		return EXIT_DONE;
	if ((r = secretin_read(&c->token, path, NULL, false)) != 0)
		return fail(exit_for(r), "%s: %s", path, err_str(r));
	return EXIT_DONE;
}

/* see cmd.h */
int
cmd_open(struct cmd *c, const struct opts *o, const char *where)
{
	struct source_how how = { opts_get(o, "cacert"), opts_get(o, "proxy"),
	    NULL, ASK_TRIES, &cmd_stopped };
	struct sigaction act = { .sa_handler = on_signal };
	int code;

	memset(c, 0, sizeof(*c));
	if (!cmd_number(o, "tries", 1, ASK_TRIES_MAX, &how.tries))
		return EXIT_USAGE;
	if ((code = audit_keys_load(&c->keys, o)) != EXIT_DONE ||
	    (code = load_token(c, o)) != EXIT_DONE)
		return code;
	how.token = c->token;
	if (sigaction(SIGINT, &act, NULL) != 0 ||
	    sigaction(SIGTERM, &act, NULL) != 0)
		return fail(EXIT_SYSTEM, "%s", strerror(errno));
	return source_open(&c->src, where, &how);
}

/* see cmd.h */
void
cmd_close(struct cmd *c)
{
	source_close(c->src);
	audit_keys_wipe(&c->keys);
	secret_free(c->token);
}
