/* SPDX-License-Identifier: ISC */
/*
 * cmd_evidence.c - "evidence": does a file show what it says?
 *
 * No network and no server: for whoever is shown the file.
 */
#include <stdio.h>

#include "client/audit/cmd.h"
#include "client/audit/recheck.h"
#include "client/common/file.h"
#include "client/common/say.h"

static const char *const verdicts[] = {
	[RECHECK_CONVICTS] = "convicts",
	[RECHECK_SHOWS] = "shows",
	[RECHECK_TELLS] = "tells",
	[RECHECK_FAILS] = "fails"
};

static int
print_json(const struct recheck *c)
{
	char key[NAME_MAX_BYTES + 128];
	struct wr w = wr_from(key, sizeof(key));

	vkey_write(&w, &c->log);
	if (!wr_cstr(&w))
		return EXIT_SYSTEM;
	return cmd_print_json(json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}",
	    "what", evidence_kind_name(c->kind), "verdict",
	    verdicts[c->verdict], "why", c->why, "log", key, "size",
	    (json_int_t)c->size, "earlier", (json_int_t)c->earlier));
}

static void
print_words(const struct recheck *c, bool own)
{
	char key[NAME_MAX_BYTES + 128];
	struct wr w = wr_from(key, sizeof(key));

	vkey_write(&w, &c->log);
	printf("%s: %s\n", verdicts[c->verdict], c->why);
	if (c->earlier > 0)
		printf("  two signed trees  %llu entries, and before that "
		    "%llu\n", (unsigned long long)c->size,
		    (unsigned long long)c->earlier);
	else if (c->size > 0)
		printf("  signed tree       %llu entries\n",
		    (unsigned long long)c->size);
	if (wr_cstr(&w))
		printf("  the log's key     %s\n", key);
	if (!own)
		printf("That key comes from the file itself: compare it with "
		    "the log's (or give it with -l).\n");
}

/* see cmd.h */
int
cmd_evidence(const struct opts *o)
{
	static struct keys keys;
	unsigned char *p = NULL;
	struct recheck c;
	size_t n = 0;
	int code, r;

	if (o->argc != 1)
		return opts_wrong(o, "evidence needs one FILE");
	if (opts_get(o, "office") != NULL)
		return opts_wrong(o, "evidence needs the log's key (-l), not "
		    "the office's");
	if ((code = audit_keys_given(&keys, o)) != EXIT_DONE)
		return code;
	if ((r = file_read(&p, &n, o->argv[0], 2 * EVIDENCE_MAX_BYTES)) != 0)
		return fail(exit_for(r), "%s: %s", o->argv[0], err_str(r));
	r = recheck_run(&c, rd_from(p, n), &keys);
	if (r == ERR_NOMATCH)
		code = fail(EXIT_CLAIM, "%s: it is about another log than that "
		    "of -l", o->argv[0]);
	else if (r != 0)
		code = fail(exit_for(r), "%s: no evidence as ecraudit writes "
		    "it: %s", o->argv[0], err_str(r));
	else if (opts_on(o, "json"))
		code = print_json(&c);
	else
		print_words(&c, keys.has_log);
	if (r == 0 && code == EXIT_DONE && c.verdict >= RECHECK_TELLS)
		code = EXIT_CLAIM;
	file_free(p, n);
	return code;
}
