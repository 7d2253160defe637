/* SPDX-License-Identifier: ISC */
/*
 * state.c - what an auditor remembers from one visit to the next.
 */
#include "client/audit/state.h"

#include <errno.h>
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

/* see state.h */
int
state_save(const struct signed_tree *t, const char *path)
{
	if (file_write(path, rd_from(t->bytes, t->n), 0600, true) != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, strerror(errno));
	return EXIT_DONE;
}
