/* SPDX-License-Identifier: ISC */
/*
 * import.c - a mirror into the desk.
 *
 * Refuses, and then takes nothing: a checkpoint that the pinned key did not
 * sign, one without its quorum, a log that does not extend what was seen, a
 * body that is missing or altered.  All those are named.
 *
 * Invariant: the tree in the store has exactly the entries whose bodies were
 * opened, or tried, with every live key, and it is committed with them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/afterward.h"
#include "client/desk/bodies.h"
#include "client/desk/erase.h"
#include "client/desk/filing.h"
#include "client/desk/import.h"
#include "client/desk/intake.h"
#include "client/desk/keylife.h"
#include "client/desk/ownstmt.h"
#include "client/desk/peers.h"
#include "client/desk/quorum.h"
#include "client/desk/shown.h"
#include "client/desk/whole.h"
#include "crypto/entry.h"

#define PROGRESS_EVERY	16
#define SLICE_ENTRIES	4096		/* committed at least so often */
#define POLICY_MAX	(256 * 1024)
#define EPOCH_DEFAULT	21600		/* the first epoch of a log */
#define EPOCH_MAX	(7 * 86400)

struct import {
	struct desk *d;
	struct mirror *m;
	struct mirror_log log;
	struct tree tree;		/* imported through */
	struct trust trust;
	struct vkey *witness;		/* trust.nwitnesses */
	struct answer_voice voice;	/* this role's key */
	struct state *st;
	struct intake *in;
	struct sha256 *h;
	struct bodies bodies;
	bool anyhow;			/* too few witnesses will do */
	size_t cosigned;		/* by ours */
};

static int
store_failed(int r)
{
	if (r == ERR_FULL)
		return fail(EXIT_CANTCREATE, "the disk is full; make room "
		    "and import again");
	if (r == ERR_IO)
		return fail(EXIT_SYSTEM, "the case store: %s",
		    strerror(errno));
	return fail(exit_for(r), "the case store: %s", err_str(r));
}

/* --- before anything is believed --------------------------------------- */

static int
load_witnesses(struct import *im)
{
	size_t i;
	int r = 0;

	im->witness = calloc(im->trust.nwitnesses + 1, sizeof(*im->witness));
	if (im->witness == NULL)
		return ERR_NOMEM;
	for (i = 0; r == 0 && i < im->trust.nwitnesses; i++)
		r = store_get_witness(im->d->db, i, &im->witness[i]);
	return r;
}

static int
load_own(struct import *im)
{
	int r;

	if ((r = deskdb_begin(im->d->db, false)) != 0 ||
	    (r = store_get_state(im->d->db, im->st)) != 0 ||
	    (r = store_get_tree(im->d->db, &im->tree)) != 0 ||
	    (r = store_get_trust(im->d->db, &im->trust)) != 0 ||
	    (r = load_witnesses(im)) != 0)
		return store_failed(r);
	deskdb_abort(im->d->db);
	if (!im->trust.has_log)
		return fail(EXIT_CONFIG, "this desk trusts no log yet: "
		    "ecrdesk trust -l LOG.vkey");
	return answer_speak(&im->voice, im->d);
}

/* The size that the checkpoint claims; 0 where it cannot be read. */
static uint64_t
signed_size(const struct import *im)
{
	struct checkpoint c;
	struct note n;

	if (note_parse(&n, rd_from(im->log.note, im->log.note_bytes)) != 0 ||
	    checkpoint_parse(&c, n.text) != 0)
		return 0;
	return c.size;
}

static int
check_whole(struct import *im, const char *path)
{
	return whole_log(im->m, rd_from(im->log.note, im->log.note_bytes),
	    path);
}

/*
 * The signed tree is not ours with these entries.  Bundles carry no
 * signature: a bad stick must not be taken for a log that lies.
 */
static int
say_changed(struct import *im, const char *path)
{
	const unsigned long long size = signed_size(im);
	const unsigned long long have = im->tree.size;
	int code;

	if ((code = check_whole(im, path)) != 0)
		return code;
	if (size < have)
		return fail(EXIT_CLAIM, "%s: a log of %llu entries, and this "
		    "desk has imported %llu. An old mirror? If the server "
		    "shows this as its newest, the log was cut back: keep "
		    "this mirror, it is evidence", path, size, have);
	return fail(EXIT_CLAIM, "%s: the log has signed another past than the "
	    "one that this desk has imported. Keep this mirror; it is "
	    "evidence", path);
}

static int
read_log(struct import *im, const char *path)
{
	int code = 0, r;

	if ((r = mirror_open(&im->m, path, false)) == ERR_NOMEM)
		return fail(EXIT_SYSTEM, "out of memory");
	if (r != 0)
		return fail(EXIT_NOINPUT, "%s: %s", path, r == ERR_NOTFOUND ?
		    "no such folder" : strerror(errno));
	r = mirror_log_read(&im->log, im->m, &im->trust.log, &im->tree);
	/* What is wrong below a checkpoint that holds is looked for. */
	if (r == 0 || ((r == ERR_NOTFOUND || r == ERR_FORMAT ||
	    r == ERR_LIMIT) && strcmp(im->log.missing, "log/checkpoint") != 0))
		code = check_whole(im, path);
	if (r == 0 || code != 0)
		return code;
	switch (r) {
	case ERR_NOTFOUND:
		return fail(EXIT_NOINPUT, "%s: %s is missing", path,
		    im->log.missing);
	case ERR_AUTH:
	case ERR_NOMATCH:
		return fail(EXIT_CLAIM, "%s: the checkpoint is not signed by "
		    "the log that this desk trusts, %s", path,
		    im->trust.log.name);
	case ERR_CHANGED:
		return say_changed(im, path);
	case ERR_IO:
		return fail(EXIT_NOINPUT, "%s: %s: %s", path, im->log.missing,
		    strerror(errno));
	case ERR_NOMEM:
		return fail(EXIT_SYSTEM, "out of memory");
	default:
		return fail(EXIT_DATA, "%s: %s: %s", path, im->log.missing,
		    err_str(r));
	}
}

/* Enough of our witnesses have seen this checkpoint. */
static int
check_quorum(struct import *im, const char *path)
{
	int r;

	if (im->trust.quorum == 0)
		return 0;
	r = quorum_count(&im->cosigned, rd_from(im->log.note, im->log.note_bytes),
	    im->witness, im->trust.nwitnesses);
	if (r == ERR_AUTH)
		return fail(EXIT_CLAIM, "%s: a witness's line on this "
		    "checkpoint does not hold", path);
	if (r != 0)
		return store_failed(r);
	if (im->cosigned >= im->trust.quorum)
		return 0;
	if (!im->anyhow)
		return fail(EXIT_CLAIM, "%s: %zu of %u witnesses have "
		    "cosigned this checkpoint; fetch again when the others "
		    "have (--unwitnessed does without, and is written down)",
		    path, im->cosigned, im->trust.quorum);
	warn("%s: %zu of %u witnesses have cosigned this checkpoint; imported "
	    "all the same, and written down", path, im->cosigned,
	    im->trust.quorum);
	return 0;
}

/* Every body below the checkpoint, before one of them is used. */
static int
check_bodies(struct import *im, const char *path)
{
	struct outstate os;
	struct office others;
	int r;

	if ((r = deskdb_begin(im->d->db, false)) != 0 ||
	    (r = outstore_get_state(im->d->db, &os)) != 0 ||
	    (r = peers_get(im->d->db, &others)) != 0)
		return store_failed(r);
	deskdb_abort(im->d->db);
	if (bodies_init(&im->bodies, im->m, &im->log, &im->voice.key,
	    &others, os.logged == 0 && os.foreign == 0) != 0)
		return fail(EXIT_SYSTEM, "out of memory");
	return bodies_check(&im->bodies, path);
}

/* What reporters are shown in our name, by the log's newest word of ours. */
static int
check_shown(struct import *im, const char *path)
{
	uint64_t newest = im->bodies.newest;
	struct outstate os;
	int r;

	if ((r = deskdb_begin(im->d->db, false)) != 0 ||
	    (r = outstore_get_state(im->d->db, &os)) != 0)
		return store_failed(r);
	deskdb_abort(im->d->db);
	if (os.logged > newest)
		newest = os.logged;
	return shown_check(im->m, &im->voice.key, newest, path);
}

/* --- the work ---------------------------------------------------------- */

/* What the server says of its epochs; information only, and bounded. */
static uint64_t
policy_epoch(struct import *im)
{
	unsigned char *p = NULL;
	json_int_t v = 0;
	json_t *o = NULL;
	size_t n = 0;

	if (mirror_read(im->m, "policy", POLICY_MAX, &p, &n) == 0 &&
	    (o = json_loadb((const char *)p, n, 0, NULL)) != NULL)
		v = json_integer_value(json_object_get(o, "epoch_seconds"));
	json_decref(o);
	file_free(p, n);
	return v < 1 || v > EPOCH_MAX ? EPOCH_DEFAULT : (uint64_t)v;
}

/*
 * When the epoch began.  Its length is in no signed place, but no parcel of
 * it was accepted before the close that the log has before this one: so that
 * is the start, and a clock counted from it never runs late.
 */
static void
enter_epoch(struct import *im, uint64_t close)
{
	uint64_t before = im->st->last_close, length;

	if (close == before)
		return;
	if (before > 0 && before < close) {
		im->st->last_from = before;
	} else {
		length = policy_epoch(im);
		im->st->last_from = close > length ? close - length : 0;
	}
	im->st->last_close = close;
}

/* What only counts: replies, and parcels that were erased. */
static int
count_only(struct import *im, const struct entry *e, enum bodies_gone gone)
{
	struct outstate os;
	int r;

	if ((r = outstore_get_state(im->d->db, &os)) != 0)
		return r;
	if (e->kind == ENTRY_REPLY)
		os.since.replies++;
	else if (gone == BODIES_BEFORE)
		os.since.before++;
	else
		os.since.erased++;
	return outstore_put_state(im->d->db, &os);
}

static int
take_body(struct import *im, const struct entry *e)
{
	const uint64_t leaf = im->tree.size;
	const enum bodies_gone gone = bodies_gone(&im->bodies, leaf, e);
	unsigned char *body = NULL;
	const char *what;
	size_t n;
	int r;

	if (e->kind == ENTRY_REPLY)
		return count_only(im, e, gone);
	r = bodies_read(&im->bodies, e, &body, &n, &what);
	if (r == ERR_NOTFOUND && gone != BODIES_HELD)
		return count_only(im, e, gone);
	if (r != 0)
		return r == ERR_NOMEM ? r : ERR_CHANGED; /* it was there */
	if (e->kind == ENTRY_PARCEL)
		r = intake_parcel(im->in, leaf, e, im->st->last_from,
		    rd_from(body, n));
	else
		r = ownstmt_take(im->d->db, im->st, &im->bodies, leaf, e,
		    rd_from(body, n), &im->voice.key);
	file_free(body, n);
	return r;
}

static int
commit(struct import *im)
{
	int r;

	if ((r = store_put_tree(im->d->db, &im->tree)) != 0 ||
	    (r = store_put_state(im->d->db, im->st)) != 0)
		return r;
	return deskdb_commit(im->d->db);
}

/* One entry, inside the transaction. */
static int
take_entry(struct import *im, size_t i)
{
	const unsigned char *bytes = im->log.entries + i * ENTRY_BYTES;
	unsigned char leaf[HASH_BYTES];
	struct entry e;
	int r;

	if ((r = bodies_entry(&im->bodies, i, &e)) != 0)
		return r;
	if (e.close != im->st->last_close && (r = erase_epoch(im->d->db,
	    e.close, im->tree.size)) != 0)
		return r;
	enter_epoch(im, e.close);
	if ((r = take_body(im, &e)) != 0)
		return r;
	im->st->since.entries++;
	tree_leaf(im->h, leaf, rd_from(bytes, ENTRY_BYTES));
	return tree_append(&im->tree, im->h, leaf);
}

/* All new entries, a slice a transaction. */
static int
take_entries(struct import *im)
{
	size_t i = 0, slice;
	int r = 0;

	while (r == 0 && i < im->log.count) {
		if ((r = deskdb_begin(im->d->db, true)) != 0)
			break;
		for (slice = 0; r == 0 && i < im->log.count &&
		    slice < SLICE_ENTRIES &&
		    !deskdb_is_heavy(im->d->db); i++, slice++) {
			if (i % PROGRESS_EVERY == 0)
				say_progress("opening", i, im->log.count);
			r = take_entry(im, i);
		}
		if (r == 0)
			r = commit(im);
	}
	say_progress_end();
	return r;
}

static int
open_intake(struct import *im)
{
	struct deskkeys *keys = NULL;
	int code, r;

	if ((code = desk_keys(&keys, im->d)) != 0)
		return code;
	r = intake_new(&im->in, im->d->db, keys, im->st);
	deskkeys_free(keys);
	if (r == 0 && (im->h = sha256_new()) == NULL)
		r = ERR_NOMEM;
	return r == 0 ? 0 : fail(exit_for(r), "%s", err_str(r));
}

/* A mirror that ends long ago may be an old one shown again. */
static void
warn_if_old(const struct import *im)
{
	uint64_t now = (uint64_t)time(NULL), epoch, age;

	if (im->st->last_close == 0 || now <= im->st->last_close)
		return;
	epoch = im->st->last_close - im->st->last_from;
	if (epoch > EPOCH_MAX)
		epoch = EPOCH_MAX;
	age = now - im->st->last_close;
	if (age > 2 * epoch && age > 3600)
		warn("the newest epoch here closed %llu hours ago; is there "
		    "no newer mirror?", (unsigned long long)(age / 3600));
}

static struct afterward
afterward_of(const struct import *im)
{
	const struct afterward a = {
		im->d->db, im->m, &im->log, &im->trust, im->witness,
		&im->voice, im->cosigned
	};

	return a;
}

static int
run(struct desk *d, const char *path, bool anyhow, struct state *st)
{
	struct afterward after;
	struct import *im;
	int code, r;

	if ((im = calloc(1, sizeof(*im))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	im->d = d;
	im->st = st;
	im->anyhow = anyhow;
	if ((code = load_own(im)) != 0 || (code = read_log(im, path)) != 0 ||
	    (code = check_quorum(im, path)) != 0 ||
	    (code = check_bodies(im, path)) != 0 ||
	    (code = check_shown(im, path)) != 0 ||
	    (code = open_intake(im)) != 0)
		goto out;
	after = afterward_of(im);
	if ((r = afterward_unwitnessed(&after)) != 0 ||
	    (r = take_entries(im)) != 0 ||
	    (r = filing_run(d->db, &d->secret->rec, st)) != 0 ||
	    (r = afterward_acknowledge(&after)) != 0 ||
	    (r = afterward_imported(&after, st)) != 0)
		code = r == ERR_CHANGED ? fail(EXIT_CLAIM, "%s: changed while "
		    "it was read", path) : store_failed(r);
	else {
		warn_if_old(im);
		code = keylife_destroy(d);
	}
out:
	deskdb_abort(d->db);
	intake_free(im->in);
	sha256_free(im->h);
	answer_hush(&im->voice);
	free(im->witness);
	mirror_log_wipe(&im->log);
	mirror_close(im->m);
	free(im);
	return code;
}

/* see import.h */
int
import_mirror(struct desk *d, const char *path, struct state *st)
{
	return run(d, path, false, st);
}

/* see import.h */
int
import_unwitnessed(struct desk *d, const char *path, struct state *st)
{
	return run(d, path, true, st);
}

/* see import.h */
int
import_told(struct desk *d, struct state *st)
{
	struct outstate os;
	int r;

	memset(&st->since, 0, sizeof(st->since));
	st->cases_told = st->cases;
	st->problems = 0;
	if ((r = deskdb_begin(d->db, true)) != 0 ||
	    (r = store_put_state(d->db, st)) != 0 ||
	    (r = outstore_get_state(d->db, &os)) != 0)
		return store_failed(r);
	memset(&os.since, 0, sizeof(os.since));
	if ((r = outstore_put_state(d->db, &os)) != 0 ||
	    (r = deskdb_commit(d->db)) != 0)
		return store_failed(r);
	return 0;
}
