/* SPDX-License-Identifier: ISC */
/*
 * keys.c - whom an auditor believes.
 */
#include "client/audit/keys.h"

#include <stdlib.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/letters.h"
#include "client/common/say.h"
#include "client/common/vkeyfile.h"
#include "crypto/cosign.h"
#include "crypto/tlogpolicy.h"

#define KEYSETS_MAX	(4u << 20)

/* All -w, each key once, however it is named. */
static int
load_witnesses(struct keys *k, const struct opts *o)
{
	const char *path;
	struct vkey *w;
	size_t i;
	int code;

	for (; (path = opts_nth(o, "witness", k->nwitnesses)) != NULL;
	    k->nwitnesses++) {
		if (k->nwitnesses == KEYSET_WITNESSES_MAX)
			return opts_wrong(o, "at most %d witnesses",
			    KEYSET_WITNESSES_MAX);
		w = &k->witness[k->nwitnesses];
		if ((code = vkeyfile_load(w, path, NOTE_COSIG)) != 0)
			return code;
		for (i = 0; i < k->nwitnesses; i++)
			if (memcmp(k->witness[i].pk, w->pk,
			    sizeof(w->pk)) == 0)
				return fail(EXIT_USAGE, "%s: this witness was "
				    "named already", path);
	}
	k->pinned = k->nwitnesses > 0;
	return EXIT_DONE;
}

/* --quorum; without it all of the witnesses that were named. */
static int
load_quorum(struct keys *k, const struct opts *o)
{
	const char *text = opts_get(o, "quorum");
	uint64_t n = k->nwitnesses;

	if (text != NULL && (!rd_dec(rd_str(text), k->nwitnesses, &n) ||
	    n == 0))
		return opts_wrong(o, "--quorum takes a number from 1 to that "
		    "of the witnesses (-w)");
	k->quorum = (unsigned)n;
	return EXIT_DONE;
}

/* see keys.h */
int
audit_keys_load(struct keys *k, const struct opts *o)
{
	if (opts_get(o, "log") == NULL && opts_get(o, "office") == NULL)
		return opts_wrong(o, "whose log is it? Give its key (-l) or "
		    "the office's (-k)");
	return audit_keys_given(k, o);
}

/* see keys.h */
int
audit_keys_given(struct keys *k, const struct opts *o)
{
	const char *log = opts_get(o, "log"), *office = opts_get(o, "office");
	int code, r;

	memset(k, 0, sizeof(*k));
	if (log != NULL &&
	    (code = vkeyfile_load(&k->log, log, NOTE_ED25519)) != 0)
		return code;
	k->has_log = log != NULL;
	if (office != NULL && (r = office_load(&k->office, office)) != 0)
		return exit_for(r);
	k->has_office = office != NULL;
	if ((code = load_witnesses(k, o)) != 0)
		return code;
	return load_quorum(k, o);
}

/* What the office signed about its log. */
static int
take_keyset(struct keys *k, const struct keyset *ks)
{
	size_t i;

	if (!ks->has_log)
		return fail(EXIT_CLAIM, "the office's keyset names no log");
	if (k->has_log && !vkey_eq(&k->log, &ks->log))
		return fail(EXIT_CLAIM, "the office's keyset names another log "
		    "key than the one that counts here");
	k->log = ks->log;
	k->has_log = true;
	if (k->pinned)
		return EXIT_DONE;
	for (i = 0; i < ks->nwitnesses; i++)
		k->witness[i] = ks->witness[i];
	k->nwitnesses = ks->nwitnesses;
	k->quorum = ks->quorum;
	return EXIT_DONE;
}

static int
unreadable(struct source *src, const char *name, int r)
{
	return fail(r == ERR_IO ? EXIT_UNAVAILABLE : r == ERR_NOMEM ?
	    EXIT_SYSTEM : EXIT_DATA, "%s: %s", name, source_why(src));
}

/* One role's keyset; an alternate may have none yet. */
static int
ask_role(struct keys *k, enum codename_role role, struct rd notes, int *r)
{
	struct keyset ks;
	int code;

	*r = office_keyset(&ks, &k->office, role, notes,
	    rd_from(k->replies, k->nreplies));
	if (*r == ERR_NOTFOUND && role != ROLE_OFFICE)
		return EXIT_DONE;
	if (*r != 0)
		return *r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_CLAIM;
	code = role == ROLE_OFFICE ? take_keyset(k, &ks) : EXIT_DONE;
	keyset_wipe(&ks);
	return code;
}

/* Keysets, and the statements that name them. */
static int
ask_once(struct keys *k, struct source *src, enum codename_role *role, int *r)
{
	unsigned char *notes = NULL;
	int i, code = EXIT_DONE;
	size_t n = 0;

	audit_keys_wipe(k);
	*r = 0;
	if ((i = source_get(src, "keyset", KEYSETS_MAX, &notes, &n)) != 0)
		return unreadable(src, "keyset", i);
	if ((i = source_get(src, "replies", LETTERS_BYTES_MAX, &k->replies,
	    &k->nreplies)) != 0)
		code = unreadable(src, "replies", i);
	for (i = 0; code == EXIT_DONE && i < OFFICE_ROLES; i++) {
		*role = (enum codename_role)i;
		if (k->office.has[i])
			code = ask_role(k, *role, rd_from(notes, n), r);
	}
	file_free(notes, n);
	return code;
}

/* see keys.h */
int
audit_keys_ask(struct keys *k, struct source *src)
{
	enum codename_role role = ROLE_OFFICE;
	int r, code;

	if (!k->has_office)
		return EXIT_DONE;
	code = ask_once(k, src, &role, &r);
	/* An epoch may have closed between the two. */
	if (r == ERR_CHANGED)
		code = ask_once(k, src, &role, &r);
	if (r == 0 || code == EXIT_DONE)
		return code;		/* if wrong, it was said */
	return fail(code, "keyset and replies, role %s: %s", role_name(role),
	    r == ERR_CHANGED ? "not the keyset that its newest statement names" :
	    r == ERR_ORDER ? "its statements in replies have a gap" :
	    err_str(r));
}

/* see keys.h */
void
audit_keys_wipe(struct keys *k)
{
	file_free(k->replies, k->nreplies);
	k->replies = NULL;
	k->nreplies = 0;
}

/* see keys.h */
uint64_t
audit_keys_time(const struct keys *k, const struct note *note)
{
	struct tlogpolicy *p;
	struct cosigners by;
	uint64_t time = 0;
	size_t i;

	if (k->quorum == 0 || cosign_check(note, k->witness, k->nwitnesses,
	    &by) != 0 || (p = calloc(1, sizeof(*p))) == NULL)
		return 0;
	p->nwitnesses = k->nwitnesses;
	for (i = 0; i < k->nwitnesses; i++)
		p->witness[i] = k->witness[i];
	p->ngroups = 1;			/* so many of all of them */
	p->group[0].need = k->quorum;
	p->group[0].members = (UINT64_C(1) << k->nwitnesses) - 1;
	p->quorum = UINT64_C(1) << TLOGPOLICY_WITNESSES;
	if (!tlogpolicy_time(p, &by, &time))
		time = 0;
	free(p);
	return time;
}
