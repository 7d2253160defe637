/* SPDX-License-Identifier: ISC */
/*
 * state.c - what an auditor remembers from one visit to the next.
 */
#include "client/audit/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "crypto/params.h"

/* see state.h */
int
signed_tree_open(struct signed_tree *t, unsigned char *bytes, size_t n,
    const struct vkey *log)
{
	int r;

	memset(t, 0, sizeof(*t));
	if ((r = note_parse(&t->note, rd_from(bytes, n))) != 0 ||
	    (r = note_verify(&t->note, log)) != 0 ||
	    (r = checkpoint_parse(&t->c, t->note.text)) != 0)
		return r;
	if (!rd_eq_str(t->c.origin, log->name))
		return ERR_AUTH;
	t->bytes = bytes;
	t->n = n;
	return 0;
}

/* see state.h */
void
signed_tree_wipe(struct signed_tree *t)
{
	file_free(t->bytes, t->n);
	memset(t, 0, sizeof(*t));
}

/* see state.h */
int
state_load(struct signed_tree *t, bool *any, const char *path,
    const struct vkey *log)
{
	unsigned char *p;
	size_t n;
	int r;

	*any = false;
	memset(t, 0, sizeof(*t));
	if ((r = file_read(&p, &n, path, NOTE_MAX_BYTES)) == ERR_NOTFOUND)
		return EXIT_DONE;
	if (r != 0)
		return fail(exit_for(r), "%s: %s", path, err_str(r));
	if ((r = signed_tree_open(t, p, n, log)) != 0) {
		file_free(p, n);
		return fail(EXIT_DATA, "%s: no checkpoint of this log: %s",
		    path, err_str(r));
	}
	*any = true;
	return EXIT_DONE;
}

/* PATH.said; false: too long. */
static bool
said_path(char *out, size_t cap, const char *path)
{
	int n = snprintf(out, cap, "%s.said", path);

	return n > 0 && (size_t)n < cap;
}

static int
cannot_write(const char *path)
{
	return fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
}

static int
save_said(const struct said *said, const char *path)
{
	unsigned char *text = malloc(SAID_FILE_MAX);
	int code = EXIT_DONE;
	struct wr w;

	if (text == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	w = wr_from(text, SAID_FILE_MAX);
	said_write(&w, said);
	if (!wr_ok(&w))
		abort();		/* SAID_FILE_MAX fits */
	if (file_write(path, wr_rd(&w), 0600, true) != 0)
		code = cannot_write(path);
	free(text);
	return code;
}

/* see state.h */
int
state_save(const struct signed_tree *t, const struct said *said,
    const char *path)
{
	char beside[4096];
	int code;

	if (said != NULL) {
		if (!said_path(beside, sizeof(beside), path))
			return fail(EXIT_CANTCREATE, "%s: too long", path);
		if ((code = save_said(said, beside)) != EXIT_DONE)
			return code;
	}
	if (file_write(path, rd_from(t->bytes, t->n), 0600, true) != 0)
		return cannot_write(path);
	return EXIT_DONE;
}

/* see state.h */
int
state_load_said(struct said *said, bool *any, const char *path, uint64_t size)
{
	unsigned char *p;
	char beside[4096];
	size_t n;
	int r;

	*any = false;
	memset(said, 0, sizeof(*said));
	if (!said_path(beside, sizeof(beside), path))
		return fail(EXIT_USAGE, "%s: too long", path);
	r = file_read(&p, &n, beside, SAID_FILE_MAX);
	if (r == ERR_NOTFOUND)
		return EXIT_DONE;
	if (r != 0)
		return fail(exit_for(r), "%s: %s", beside, err_str(r));
	r = said_parse(said, rd_from(p, n));
	file_free(p, n);
	if (r != 0)
		return fail(EXIT_DATA, "%s: no file of mine; move it away",
		    beside);
	*any = said->size == size;
	if (!*any)
		memset(said, 0, sizeof(*said));
	return EXIT_DONE;
}
