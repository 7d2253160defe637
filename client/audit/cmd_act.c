/* SPDX-License-Identifier: ISC */
/*
 * cmd_act.c - "act": one act of a desk, shown by its officer: was it written
 * down before some statement of that desk was in the log?
 *
 * No network: the file, a mirror, and what the auditor pins.  What the act
 * says is the desk's word; that it said so by then, and has not changed it
 * since, is what is checked.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/audit/cmd.h"
#include "client/common/file.h"
#include "client/common/mirror.h"
#include "client/common/say.h"
#include "crypto/base.h"
#include "crypto/deskact.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"

#define FILE_MAX	(64 * 1024)
#define WORDS_CHARS	2048

struct act {
	struct keys keys;
	struct mirror *m;
	struct mirror_log log;
	struct deskact_shown shown;
	uint64_t generation;
	const struct vkey *role;	/* whose act it is */
	struct statement st;		/* that commits to it */
	uint64_t leaf, close;		/* of that statement */
	size_t missing;			/* statements not in the mirror */
};

/* --- the file ------------------------------------------------------------- */

/* By the role of the office that has signed its checkpoint. */
static int
check_file(struct act *a, const char *path)
{
	unsigned char *p = NULL;
	size_t n, i;
	int r;

	if ((r = file_read(&p, &n, path, FILE_MAX)) != 0)
		return fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_NOINPUT,
		    "%s: %s", path, err_str(r));
	r = ERR_NOMATCH;
	for (i = 0; r == ERR_NOMATCH && i < OFFICE_ROLES; i++) {
		if (!a->keys.office.has[i])
			continue;
		a->role = &a->keys.office.key[i];
		r = deskact_check(&a->shown, &a->generation, rd_from(p, n),
		    a->role);
	}
	file_free(p, n);
	if (r == 0)
		return 0;
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	if (r == ERR_NOMATCH)
		return fail(EXIT_CLAIM, "%s: no role of this office has "
		    "signed its checkpoint", path);
	if (r == ERR_AUTH)
		return fail(EXIT_CLAIM, "%s: the act is not in the log that "
		    "its checkpoint has signed", path);
	return fail(EXIT_DATA, "%s is no act of a desk: %s", path,
	    err_str(r));
}

/* --- the statement that commits to it ------------------------------------- */

static int
read_log(struct act *a, const char *path)
{
	int r;

	if ((r = mirror_open(&a->m, path, false)) != 0)
		return fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_NOINPUT,
		    "%s: %s", path, err_str(r));
	r = mirror_log_read(&a->log, a->m, &a->keys.log, NULL);
	if (r == 0)
		return 0;
	if (r == ERR_NOTFOUND || r == ERR_IO)
		return fail(EXIT_NOINPUT, "%s: %s: %s", path, a->log.missing,
		    err_str(r));
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	return fail(r == ERR_FORMAT ? EXIT_DATA : EXIT_CLAIM, "%s: the log "
	    "does not hold (%s); see ecraudit verify", path, err_str(r));
}

/* Is this entry a statement of the role with our commitment? */
static bool
commits(struct act *a, const struct entry *e)
{
	unsigned char *p = NULL, digest[HASH_BYTES];
	char name[80];
	bool found = false;
	size_t n;

	mirror_name(name, "statements", e->digest);
	if (mirror_read(a->m, name, STATEMENT_MAX_BYTES, &p, &n) != 0) {
		a->missing++;
		return false;
	}
	sha256(digest, p, n);
	if (memcmp(digest, e->digest, sizeof(digest)) != 0)
		a->missing++;
	else
		found = statement_open(&a->st, rd_from(p, n), a->role) == 0 &&
		    memcmp(a->st.desklog, a->shown.commitment,
		    HASH_BYTES) == 0;
	file_free(p, n);
	return found;
}

static int
find_statement(struct act *a, const char *path)
{
	struct entry e;
	size_t i;

	for (i = 0; i < a->log.count; i++) {
		if (entry_parse(&e, rd_from(a->log.entries + i * ENTRY_BYTES,
		    ENTRY_BYTES)) != 0)
			return fail(EXIT_CLAIM, "%s: leaf %zu of the log is "
			    "not an entry", path, i);
		if (e.kind != ENTRY_STATEMENT || !commits(a, &e))
			continue;
		a->leaf = i;
		a->close = e.close;
		return 0;
	}
	if (a->missing > 0)
		return fail(EXIT_NOINPUT, "%s: %zu statements of the log are "
		    "not here, and none of the others commits to this act: "
		    "fetch again", path, a->missing);
	return fail(EXIT_CLAIM, "no statement of %s in this log commits to "
	    "this act", a->role->name);
}

/* --- what it shows ---------------------------------------------------------- */

static void
words_of(char out[static WORDS_CHARS], const struct deskact_leaf *l)
{
	struct wr w = wr_from(out, WORDS_CHARS - 1);

	deskact_words(&w, l);
	out[w.n] = '\0';
}

static int
tell_json(const struct act *a)
{
	char words[WORDS_CHARS], hex[2 * HASH_BYTES + 1];

	words_of(words, &a->shown.leaf);
	hex_encode(hex, a->st.sha256, HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	return cmd_print_json(json_pack("{s:b,s:s,s:s,s:I,s:s,s:I,s:I,s:I,s:I,"
	    "s:s,s:I,s:I}", "holds", 1, "role", a->role->name,
	    "act", deskact_name(a->shown.leaf.act),
	    "day", (json_int_t)a->shown.leaf.day, "details", words,
	    "generation", (json_int_t)a->generation,
	    "number", (json_int_t)a->shown.index,
	    "acts", (json_int_t)a->shown.checkpoint.size,
	    "statement", (json_int_t)a->st.sequence, "sha256", hex,
	    "leaf", (json_int_t)a->leaf, "close", (json_int_t)a->close));
}

static int
tell(const struct act *a)
{
	char words[WORDS_CHARS], when[48], day[16];
	struct wr w = wr_from(day, sizeof(day));

	words_of(words, &a->shown.leaf);
	cmd_time(when, a->close);
	day_write(&w, a->shown.leaf.day);
	if (!wr_cstr(&w))
		day[0] = '\0';
	printf("the act holds\n  whose          %s\n  act            %s, %s "
	    "(by the desk's clock)\n  details        ", a->role->name,
	    deskact_name(a->shown.leaf.act), day);
	say_clean(stdout, rd_str(words), false);
	printf("\n  number         %llu of %llu, generation %llu\n"
	    "  written down   before statement %llu, in the epoch that closed "
	    "%s\n\nThis shows that the desk wrote this down by then and has "
	    "not changed it. It does\nnot show that it is true, nor anything "
	    "of the other acts.\n",
	    (unsigned long long)a->shown.index,
	    (unsigned long long)a->shown.checkpoint.size,
	    (unsigned long long)a->generation,
	    (unsigned long long)a->st.sequence, when);
	return 0;
}

/* see cmd.h */
int
cmd_act(const struct opts *o)
{
	struct act *a;
	int code;

	if (o->argc != 2)
		return opts_wrong(o, "act needs a MIRROR and a FILE");
	if (opts_get(o, "office") == NULL || opts_get(o, "log") == NULL)
		return opts_wrong(o, "act needs the office's keys (-k) and the "
		    "log's (-l)");
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	if ((code = audit_keys_load(&a->keys, o)) == EXIT_DONE &&
	    (code = check_file(a, o->argv[1])) == EXIT_DONE &&
	    (code = read_log(a, o->argv[0])) == EXIT_DONE &&
	    (code = find_statement(a, o->argv[0])) == EXIT_DONE)
		code = opts_on(o, "json") ? tell_json(a) : tell(a);
	mirror_log_wipe(&a->log);
	mirror_close(a->m);
	free(a);
	return code;
}
