/* SPDX-License-Identifier: ISC */
/*
 * drop.c - what is fetched, and checked, before anything is sent.
 *
 * Every reporter asks for the same things in the same order, whatever they
 * are about to say and to whom.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/common/letters.h"
#include "client/common/say.h"
#include "client/report/send.h"
#include "crypto/sha256.h"

#define POLICY_MAX	65536
#define KEYSETS_MAX	(4u << 20)
#define DAY_SECS	86400
#define REFETCH		2

/* The body of one object, the caller's to free. */
static int
fetch(struct net *net, const char *path, size_t max, unsigned char **out,
    size_t *n)
{
	struct net_answer a;
	int r;

	*out = NULL;
	*n = 0;
	r = net_get(net, path, NULL, max, &a);
	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "%s is larger than it may be", path);
	if (r != 0 && net_stopped(net))
		return fail(EXIT_UNAVAILABLE, "stopped");
	if (r != 0)
		return fail(EXIT_UNAVAILABLE, "the server is out of reach: %s",
		    net_why(net));
	if (a.status != 200)
		return fail(EXIT_UNAVAILABLE, "the server answers %ld to %s",
		    a.status, path);
	*n = a.n;
	*out = net_take(net);
	return 0;
}

/* Into d; what lay there before goes. */
static int
fetch_into(struct drop *d, const char *path, size_t max, unsigned char **out,
    size_t *n)
{
	free(*out);
	return fetch(d->net, path, max, out, n);
}

/* What a person who meant to send is told besides. */
static const char *
unsent(const struct drop *d)
{
	return d->sending ? "; nothing was sent" : "";
}

static int
read_policy(struct drop *d)
{
	unsigned char *p;
	size_t n;
	int r, code;

	if ((code = fetch(d->net, "/policy", POLICY_MAX, &p, &n)) != 0)
		return code;
	r = drop_policy_parse(&d->policy, rd_from(p, n));
	free(p);
	if (r == ERR_CHANGED)
		return fail(EXIT_DATA, "the server wants parcels of another "
		    "version than this program makes");
	if (r != 0)
		return fail(EXIT_DATA, "the server's policy is malformed; is "
		    "this the right address?");
	return 0;
}

static int
keyset_words(const struct drop *d, int r)
{
	switch (r) {
	case ERR_NOTFOUND:
		return fail(EXIT_CONFIG, "the server has no keys for this "
		    "role of the office");
	case ERR_CHANGED:
		return fail(EXIT_CLAIM, "the keys that the server shows are "
		    "not the ones that the office has stated%s", unsent(d));
	case ERR_ORDER:
		return fail(EXIT_CLAIM, "the office's statements do not "
		    "follow one another as the server shows them: one is "
		    "missing or shown twice%s", unsent(d));
	case ERR_AUTH:
	case ERR_NOMATCH:
		return fail(EXIT_CLAIM, "the keys or statements that the "
		    "server shows are not signed by the office%s", unsent(d));
	case ERR_NOMEM:
		return fail(EXIT_SYSTEM, "%s", err_str(r));
	default:
		return fail(EXIT_DATA, "the server's keys or statements are "
		    "malformed");
	}
}

static int
pick_key(struct drop *d)
{
	int32_t today = (int32_t)(time(NULL) / DAY_SECS);

	switch (keyset_pick(&d->keyset, today, &d->key)) {
	case KEYSET_WEEK:
		return 0;
	case KEYSET_STANDING:
		warn("the office's weekly keys have run out; its standing key "
		    "is used, which protects less well if the office is ever "
		    "searched");
		return 0;
	default:
		return fail(EXIT_CONFIG, "the office has no key that is valid "
		    "today; is this machine's date right?");
	}
}

static int
fetch_keys(struct drop *d)
{
	int code;

	if ((code = fetch_into(d, "/keyset", KEYSETS_MAX, &d->keysets,
	    &d->nkeysets)) != 0)
		return code;
	return fetch_into(d, "/replies", LETTERS_BYTES_MAX, &d->replies,
	    &d->nreplies);
}

/* see send.h */
int
drop_fetch(struct drop *d, struct net *net, const struct office *office)
{
	int code;

	memset(d, 0, sizeof(*d));
	d->net = net;
	d->office = office;
	if ((code = read_policy(d)) != 0)
		return code;
	return fetch_keys(d);
}

/* The note that was picked, for whoever wants to show it. */
static int
keep_note(struct drop *d)
{
	struct rd all = rd_from(d->keysets, d->nkeysets), note;
	unsigned char now[HASH_BYTES];

	while (!rd_done(&all) && keyset_next(&all, &note) == 0) {
		sha256(now, note.p, note.n);
		if (memcmp(now, d->keyset.sha256, sizeof(now)) != 0)
			continue;
		free(d->note);
		if ((d->note = malloc(note.n)) == NULL)
			break;
		memcpy(d->note, note.p, note.n);
		d->nnote = note.n;
		return 0;
	}
	return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
}

/*
 * Keys and statements that do not fit each other, of any role: who asks again
 * for one role's sake alone tells the server which one it is about.
 */
static bool
do_not_fit(const struct drop *d)
{
	struct keyset ks;
	bool apart = false;
	int i;

	for (i = 0; i < OFFICE_ROLES; i++) {
		if (office_keyset(&ks, d->office, (enum codename_role)i,
		    rd_from(d->keysets, d->nkeysets),
		    rd_from(d->replies, d->nreplies)) == ERR_CHANGED)
			apart = true;
		keyset_wipe(&ks);
	}
	return apart;
}

/* see send.h */
int
drop_keys(struct drop *d, enum codename_role role)
{
	int code, r, tries;

	d->role = role;
	/* An epoch may have closed between the two answers. */
	for (tries = 0; tries < REFETCH && do_not_fit(d); tries++)
		if ((code = fetch_keys(d)) != 0)
			return code;
	r = office_keyset(&d->keyset, d->office, role,
	    rd_from(d->keysets, d->nkeysets),
	    rd_from(d->replies, d->nreplies));
	if (r != 0)
		return keyset_words(d, r);
	if (!d->keyset.has_log)
		return fail(EXIT_CONFIG, "the office's keys do not name the "
		    "server's log yet%s", unsent(d));
	return keep_note(d);
}

/* see send.h */
int
drop_prepare(struct drop *d, struct net *net, const struct office *office,
    enum codename_role role)
{
	int code;

	code = drop_fetch(d, net, office);
	d->sending = true;
	if (code != 0 || (code = drop_keys(d, role)) != 0)
		return code;
	drop_forget(d);
	if (drop_policy_ahead(&d->policy, (uint64_t)time(NULL)))
		return fail(EXIT_CONFIG, "the server's epoch closes in a far "
		    "future, so that its receipts would promise nothing; is "
		    "this machine's date right?  Nothing was sent");
	return pick_key(d);
}

/* see send.h */
void
drop_forget(struct drop *d)
{
	free(d->keysets);
	free(d->replies);
	d->keysets = d->replies = NULL;
	d->nkeysets = d->nreplies = 0;
}

/* see send.h */
void
drop_wipe(struct drop *d)
{
	drop_forget(d);
	free(d->note);
	keyset_wipe(&d->keyset);
	memset(d, 0, sizeof(*d));
}
