/* SPDX-License-Identifier: ISC */
/*
 * keys.c - read, check and join what is served of the office's keys.
 *
 * Refuses to serve a keyset that no reporter would accept: better not to
 * start than to turn every report away.
 */
#include "server/keys.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/keyset.h"
#include "server/conf.h"
#include "server/file.h"
#include "server/log.h"

#define ROLES_FILE_MAX	16384
#define DIVIDER		"\n====\n"

/* see keys.h */
int
keys_parse_roles(struct keys *k, struct rd file)
{
	struct rd line;
	size_t i;

	k->nrole = 0;
	while (!rd_done(&file)) {
		struct vkey *v = &k->role[k->nrole];

		if (k->nrole == KEYS_ROLES_MAX)
			return ERR_LIMIT;
		if (!rd_line(&file, &line) || vkey_parse(v, line) != 0 ||
		    v->type != NOTE_ED25519)
			return ERR_FORMAT;
		for (i = 0; i < k->nrole; i++)
			if (strcmp(k->role[i].name, v->name) == 0)
				return ERR_FORMAT;
		k->nrole++;
	}
	return 0;
}

/* The role whose keyset this is: its number, or an error. */
static int
check_signed(const struct keys *k, struct rd note, size_t *which)
{
	struct keyset ks;
	size_t i;
	int r = ERR_NOMATCH;

	for (i = 0; i < k->nrole; i++) {
		r = keyset_open(&ks, note, &k->role[i]);
		if (r == ERR_NOMATCH)
			continue;
		if (r == 0)
			keyset_wipe(&ks);
		*which = i;
		return r;
	}
	return r;
}

/* see keys.h */
bool
keys_note_of(const struct keys *k, size_t role, struct rd *note)
{
	struct rd all = keys_notes(k);
	size_t other;

	while (!rd_done(&all) && keyset_next(&all, note) == 0)
		if (check_signed(k, *note, &other) == 0 && other == role)
			return true;
	return false;
}

/* see keys.h */
int
keys_add_note(struct keys *k, struct rd note)
{
	size_t divider = k->nnotes > 0 ? strlen(DIVIDER) : 0, which;
	unsigned char *more;
	struct note parsed;
	struct rd other;
	struct wr w;
	int r;

	if ((r = note_parse(&parsed, note)) != 0)
		return r;
	if (k->nrole > 0) {
		if ((r = check_signed(k, note, &which)) != 0)
			return r;
		if (keys_note_of(k, which, &other))
			return ERR_EXISTS;
	}
	more = realloc(k->notes, k->nnotes + divider + note.n);
	if (more == NULL)
		return ERR_NOMEM;
	k->notes = more;
	w = wr_from(more + k->nnotes, divider + note.n);
	if (divider > 0)
		wr_str(&w, DIVIDER);
	wr_rdr(&w, note);
	if (!wr_ok(&w))
		abort();
	k->nnotes += w.n;
	return 0;
}

/* see keys.h */
int
keys_load(struct keys *k, int vkey_fd, int first_note_fd, size_t nnotes)
{
	int fd[CONF_KEYSET_MAX];
	size_t i;

	for (i = 0; i < nnotes && i < CONF_KEYSET_MAX; i++)
		fd[i] = first_note_fd + (int)i;
	return keys_load_from(k, vkey_fd, fd, i);
}

/* see keys.h */
int
keys_load_from(struct keys *k, int vkey_fd, const int *note_fd,
    size_t nnotes)
{
	unsigned char *buf;
	size_t i, n;
	int r;

	memset(k, 0, sizeof(*k));
	if ((buf = malloc(NOTE_MAX_BYTES)) == NULL)
		return ERR_NOMEM;
	n = 0;
	r = vkey_fd == -1 ? 0 : file_read_fd(vkey_fd, buf, ROLES_FILE_MAX, &n);
	if (r != 0 || (r = keys_parse_roles(k, rd_from(buf, n))) != 0)
		diag("office-vkey: %s", err_str(r));
	for (i = 0; r == 0 && i < nnotes; i++)
		if ((r = file_read_fd(note_fd[i], buf,
		    NOTE_MAX_BYTES, &n)) != 0 ||
		    (r = keys_add_note(k, rd_from(buf, n))) != 0)
			diag("keyset %zu: %s", i + 1, err_str(r));
	free(buf);
	if (r != 0)
		keys_wipe(k);
	return r;
}

/* see keys.h */
struct rd
keys_notes(const struct keys *k)
{
	return rd_from(k->notes, k->nnotes);
}

/* see keys.h */
void
keys_wipe(struct keys *k)
{
	free(k->notes);
	memset(k, 0, sizeof(*k));
}
