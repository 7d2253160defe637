/* SPDX-License-Identifier: ISC */
/*
 * office.c - OFFICE.vkey, and the office's keysets checked against it.
 *
 * Nothing that a server says of keys is believed before a key of OFFICE.vkey
 * has signed it.
 */
#include <stdio.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/letters.h"
#include "client/common/office.h"
#include "client/common/say.h"
#include "crypto/note.h"

#define OFFICE_FILE_MAX	65536

/* "<office>/<role>" taken apart; false where the role is unknown */
static bool
split_name(const char *name, struct rd *office, enum codename_role *role)
{
	const char *slash = strrchr(name, '/');
	int i;

	if (slash == NULL || slash == name)
		return false;
	*office = rd_from(name, (size_t)(slash - name));
	for (i = 0; i < OFFICE_ROLES; i++)
		if (strcmp(slash + 1, role_name((enum codename_role)i)) == 0) {
			*role = (enum codename_role)i;
			return true;
		}
	return false;
}

static int
take_key(struct office *o, struct rd line)
{
	enum codename_role role;
	struct vkey k;
	struct rd name;

	if (vkey_parse(&k, line) != 0 || k.type != NOTE_ED25519 ||
	    !split_name(k.name, &name, &role) || o->has[role])
		return ERR_FORMAT;
	if (o->name[0] == '\0') {
		memcpy(o->name, name.p, name.n);
		o->name[name.n] = '\0';
	} else if (!rd_eq_str(name, o->name)) {
		return ERR_FORMAT;
	}
	o->has[role] = true;
	o->key[role] = k;
	return 0;
}

/* see office.h */
int
office_parse(struct office *o, struct rd text)
{
	struct rd line;
	int r;

	memset(o, 0, sizeof(*o));
	while (text.n > 0) {
		if (!rd_line(&text, &line)) {
			line = text;	/* the last one may lack its LF */
			text.n = 0;
		}
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if ((r = take_key(o, line)) != 0)
			return r;
	}
	return o->has[ROLE_OFFICE] ? 0 : ERR_FORMAT;
}

/* see office.h */
int
office_load(struct office *o, const char *path)
{
	unsigned char *p;
	size_t n;
	int r;

	if ((r = file_read(&p, &n, path, OFFICE_FILE_MAX)) != 0) {
		warn("%s: %s", path, err_str(r));
		return r;
	}
	r = office_parse(o, rd_from(p, n));
	file_free(p, n);
	if (r != 0)
		warn("%s: not a file of office keys (one verifier key a line, "
		    "\"OFFICE/office\" first)", path);
	return r;
}

/*
 * The newest statement of its role names the keyset that counts.  Where the
 * role has made none yet, a keyset of sequence 1 stands for itself.
 */
static int
named_by_statement(const struct keyset *ks, const struct office *o,
    enum codename_role role, struct rd replies)
{
	const struct letters_statement *s;
	struct letters l;
	int r;

	if ((r = letters_open(&l, o, replies)) != 0)
		goto out;
	s = letters_newest(&l, role);
	r = ERR_CHANGED;
	if (s == NULL ? ks->sequence == 1 :
	    memcmp(s->keyset, ks->sha256, HASH_BYTES) == 0)
		r = 0;
out:
	letters_wipe(&l);
	return r;
}

/* Does a note claim to be this role's keyset, whoever signed it? */
static bool
claims(struct rd bytes, const struct office *o, enum codename_role role)
{
	char want[2 * NAME_MAX_BYTES];
	struct note n;
	struct rd first;

	snprintf(want, sizeof(want), "%s/keyset/%s", o->name,
	    role_name(role));
	return note_parse(&n, bytes) == 0 && rd_line(&n.text, &first) &&
	    rd_eq_str(first, want);
}

/* see office.h */
int
office_keyset(struct keyset *ks, const struct office *o,
    enum codename_role role, struct rd keysets, struct rd replies)
{
	struct rd note;
	bool forged = false;
	int r;

	memset(ks, 0, sizeof(*ks));
	if (!o->has[role])
		return ERR_NOTFOUND;
	while (keysets.n > 0) {
		if ((r = keyset_next(&keysets, &note)) != 0)
			return r;
		r = keyset_open(ks, note, &o->key[role]);
		if (r == ERR_NOMATCH) {		/* another role's, perhaps */
			forged = forged || claims(note, o, role);
			continue;
		}
		if (r != 0)
			return r;
		if ((r = named_by_statement(ks, o, role, replies)) != 0)
			keyset_wipe(ks);
		return r;
	}
	return forged ? ERR_NOMATCH : ERR_NOTFOUND;
}
