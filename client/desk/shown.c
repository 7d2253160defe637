/* SPDX-License-Identifier: ISC */
/*
 * shown.c - what a mirror shows reporters in this role's name.
 *
 * Refuses what reporters would refuse, and what they cannot see: that the
 * newest statement of the log is not among those that are shown.
 */
#include "client/desk/shown.h"

#include <string.h>

#include "client/common/file.h"
#include "client/common/letters.h"
#include "client/common/office.h"
#include "client/common/say.h"

#define KEYSETS_MAX	(4u << 20)

struct shown {
	struct office office;		/* of this role alone */
	enum codename_role role;
	unsigned char *keysets, *replies;
	size_t nkeysets, nreplies;
};

static int
pin(struct shown *s, const struct vkey *k)
{
	struct rd office, role;
	int i;

	if (!vkey_role(k, &office, &role) || office.n > NAME_MAX_BYTES)
		return ERR_FORMAT;
	memcpy(s->office.name, office.p, office.n);
	for (i = 0; i < OFFICE_ROLES; i++)
		if (rd_eq_str(role, role_name((enum codename_role)i))) {
			s->role = (enum codename_role)i;
			s->office.has[i] = true;
			s->office.key[i] = *k;
			return 0;
		}
	return ERR_FORMAT;
}

/* Where it is not there, *p is NULL. */
static int
load(struct mirror *m, const char *name, size_t max, unsigned char **p,
    size_t *n, const char *path)
{
	int r = mirror_read(m, name, max, p, n);

	if (r == 0 || r == ERR_NOTFOUND)
		return EXIT_DONE;
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	return fail(EXIT_CLAIM, "%s: altered: %s: %s", path, name,
	    err_str(r));
}

/* What is shown of our statements, and their replies. */
static int
check_replies(const struct shown *s, uint64_t newest, const char *path)
{
	const struct letters_statement *last;
	uint64_t sequence = 0;
	struct letters l;
	size_t withheld;
	int r;

	r = letters_open(&l, &s->office, rd_from(s->replies, s->nreplies));
	if (r == 0)
		r = letters_match(&l);
	if (r == 0 && (last = letters_newest(&l, s->role)) != NULL)
		sequence = last->sequence;
	withheld = l.withheld;
	letters_wipe(&l);
	if (r == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	if (r != 0)
		return fail(EXIT_CLAIM, "%s: altered: replies: not what this "
		    "desk and others have said: %s", path, err_str(r));
	if (withheld > 0)
		return fail(EXIT_CLAIM, "%s: altered: replies: %zu of the "
		    "replies that this desk sent are kept from reporters",
		    path, withheld);
	if (sequence < newest)
		return fail(EXIT_CLAIM, "%s: altered: replies: reporters are "
		    "shown statements of this desk up to number %llu, and "
		    "the log has %llu", path, (unsigned long long)sequence,
		    (unsigned long long)newest);
	return EXIT_DONE;
}

static int
check_keyset(const struct shown *s, const char *path)
{
	struct keyset ks;
	int r = office_keyset(&ks, &s->office, s->role,
	    rd_from(s->keysets, s->nkeysets),
	    rd_from(s->replies, s->nreplies));

	keyset_wipe(&ks);
	switch (r) {
	case 0:
	case ERR_NOTFOUND:	/* a server that does not serve this role */
		return EXIT_DONE;
	case ERR_NOMEM:
		return fail(EXIT_SYSTEM, "out of memory");
	case ERR_CHANGED:
		warn("%s: reporters are shown a keyset of this desk that its "
		    "newest statement does not name", path);
		return EXIT_DONE;
	default:
		return fail(EXIT_CLAIM, "%s: altered: keyset: what reporters "
		    "are shown as this desk's keys was not signed by it: %s",
		    path, err_str(r));
	}
}

/* see shown.h */
int
shown_check(struct mirror *m, const struct vkey *k, uint64_t newest,
    const char *path)
{
	struct shown s;
	int code;

	memset(&s, 0, sizeof(s));
	if (pin(&s, k) != 0)
		return EXIT_DONE;	/* no role that reporters know */
	if ((code = load(m, "replies", LETTERS_BYTES_MAX, &s.replies,
	    &s.nreplies, path)) != EXIT_DONE ||
	    (code = load(m, "keyset", KEYSETS_MAX, &s.keysets, &s.nkeysets,
	    path)) != EXIT_DONE)
		goto out;
	if (s.replies != NULL)
		code = check_replies(&s, newest, path);
	if (code == EXIT_DONE && s.keysets != NULL)
		code = check_keyset(&s, path);
out:
	file_free(s.replies, s.nreplies);
	file_free(s.keysets, s.nkeysets);
	return code;
}
