/* SPDX-License-Identifier: ISC */
/*
 * drop.h - drop/: the public log and the parcels that it names.
 *
 * One LMDB environment (format 0.9, full sync, never a writable map), with
 * these named databases:
 *
 *   entry      leaf index 8          -> entry, ENTRY_BYTES
 *   tile       level 1 | index 8     -> 1 to 256 hashes
 *   parcel     digest                -> the parcel
 *   reply      digest                -> the reply
 *   statement  digest                -> the note
 *   where      digest                -> leaf index 8; kept after erasure
 *   keyset     digest                -> the note; those now in force
 *   held       close 8 | sequence 8 | digest
 *                                    -> a statement that is served
 *   meta       a word                -> format, origin, tree, close,
 *                                       checkpoint, bodies, replies,
 *                                       statements, erased, zero, and
 *                                       "role NAME" (drop_said.c)
 *
 * It is written only at a close, in order of digest, by one transaction at a
 * time; the caller has the directory's lock (datadir.h), so LMDB makes no
 * lock file of its own.  Entries, tiles, frontier and the checkpoint signed
 * over them appear in one transaction or not at all.
 */
#ifndef ECR_DROP_H
#define ECR_DROP_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/entry.h"
#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/statement.h"
#include "crypto/tree.h"
#include "server/logkey.h"

#define DROP_DIR		"drop"
#define DROP_CHECKPOINT_MAX	4096
#define DROP_PAGE		4096u
/* What a parcel costs in pages: 16, and its part of the trees above it. */
#define DROP_PARCEL_PAGES	17u

struct drop;

/* A new one with the empty tree and its signed checkpoint. */
MUST_USE int drop_create(const char *path, const struct logkey *k);
/*
 * drop_open - bytes is the map's size, rounded down to pages.  Reads and
 * hashes all of the log but the bodies; then sweeps bodies that no entry
 * names.  Errors: ERR_FORMAT (not ours), ERR_NOMATCH (another origin),
 * ERR_AUTH (entries, tiles, frontier and signed checkpoint do not agree),
 * ERR_CHANGED (bodies are missing), ERR_IO, ERR_NOMEM.
 */
MUST_USE int drop_open(struct drop **out, const char *path, uint64_t bytes,
    const struct vkey *vk);
void drop_close(struct drop *d);

uint64_t drop_last_close(const struct drop *d);	/* 0: none yet */
uint64_t drop_size(const struct drop *d);	/* entries, all signed */
struct rd drop_checkpoint(const struct drop *d);	/* until next append */
/* Is there room for so many more parcels, and so many pages besides? */
bool drop_has_room(const struct drop *d, uint64_t parcels, uint64_t pages);
/*
 * The same for what the office sends, which may take half of what is kept
 * free of parcels: else a full drop would never hear what may be erased.
 */
bool drop_has_pages(const struct drop *d, uint64_t pages);

/* --- what the office said (drop_said.c) ---------------------------------- */

/* A statement that a close logs, after all its checks. */
struct drop_said {
	const char *role;		/* the name of the role's key */
	uint64_t sequence, size, erase, drop;
	unsigned char digest[HASH_BYTES], keyset[HASH_BYTES];
	size_t n;			/* replies */
	const unsigned char (*reply)[HASH_BYTES];
};

/* From when on what may be erased; one that a later one forbids is less. */
struct drop_term {
	uint64_t logged;		/* the close */
	uint64_t erase, drop;		/* least of this and all later ones */
};

#define DROP_TERMS_MAX	1024

/* What a role has said so far, as it is logged. */
struct drop_role {
	uint64_t sequence;		/* of the newest statement; 0: none */
	uint64_t close, size;		/* its own; what it had imported */
	unsigned char digest[HASH_BYTES], keyset[HASH_BYTES];
	size_t nterm;
	struct drop_term term[DROP_TERMS_MAX];	/* ascending */
};

/* r->sequence is 0 where the role has said nothing. */
MUST_USE int drop_role_get(struct drop *d, const char *role,
    struct drop_role *r);
/*
 * drop_role_term - what is in force at a close: of the newest statement that
 * was logged at least delay seconds before.  False: there is none.
 */
bool drop_role_term(const struct drop_role *r, uint64_t close, uint64_t delay,
    uint64_t *erase, uint64_t *drop);
/* A keyset in force; its bytes are the caller's to free().  ERR_NOTFOUND. */
MUST_USE int drop_keyset(struct drop *d,
    const unsigned char digest[static HASH_BYTES], unsigned char **note,
    size_t *n);
/* What GET /replies serves (crypto/statement.h); free(). */
MUST_USE int drop_replies(struct drop *d, unsigned char **out, size_t *n);
/* Another number whenever drop_replies() says another thing. */
uint64_t drop_said_version(const struct drop *d);
/* How many replies are here; how many statements drop_replies() serves. */
uint64_t drop_count_replies(const struct drop *d);
MUST_USE int drop_count_held(struct drop *d, uint64_t *n);

/* --- erasure (drop_erase.c) ---------------------------------------------- */

/* One role's replies, of its statements below this sequence. */
struct drop_forget {
	const char *role;
	uint64_t below;
};
/*
 * drop_erase - one slice of: parcels below this leaf index, replies, then
 * zeros over every page that is not in use.  Entries, tiles and places stay.
 * *done: there is no more of it; *replies: some of them went (never false
 * again).  Killed anywhere, the same call goes on.
 */
MUST_USE int drop_erase(struct drop *d, uint64_t below,
    const struct drop_forget *f, size_t n, bool *replies, bool *done);

/* --- reading; ERR_NOTFOUND where it is not, or not yet signed ------------ */

MUST_USE int drop_where(struct drop *d, struct entry *e,
    const unsigned char digest[static HASH_BYTES]);
/* A piece of a body from offset, at most cap; *total is the whole. */
MUST_USE int drop_get_body(struct drop *d, enum entry_kind kind,
    const unsigned char digest[static HASH_BYTES], uint64_t offset,
    void *out, size_t cap, size_t *n, uint64_t *total);
/*
 * Hashes or an entry bundle: the first t->width of what stands there.  Any
 * width up to what the signed size has: each was once a checkpoint's, or
 * might have been.
 */
MUST_USE int drop_get_tile(struct drop *d, struct wr *w,
    const struct tile *t);

/* --- a close: bodies in slices ------------------------------------------- */

MUST_USE int drop_move_begin(struct drop *d);
/*
 * *room is where PARCEL_BYTES must be written before the next call; NULL
 * where the body is there already.
 */
MUST_USE int drop_move_put(struct drop *d,
    const unsigned char digest[static HASH_BYTES], unsigned char **room);
/* A reply or statement; or a keyset, in a database of its own. */
MUST_USE int drop_move_body(struct drop *d, enum entry_kind kind,
    const unsigned char digest[static HASH_BYTES], struct rd body);
MUST_USE int drop_move_keyset(struct drop *d,
    const unsigned char digest[static HASH_BYTES], struct rd note);
MUST_USE int drop_move_commit(struct drop *d);
void drop_move_abort(struct drop *d);

/* --- a close: the one transaction ---------------------------------------- */

/*
 * drop_append - e is sorted by (kind, digest), each of this close, each with
 * its body here.  Reads back what it wrote and recomputes the root from the
 * tiles before it signs.  Errors: ERR_ORDER (close not above the last, or e
 * not sorted), ERR_NOTFOUND (no body), ERR_EXISTS (logged before), ERR_AUTH
 * (what was read back is not what was written), ERR_IO.
 */
MUST_USE int drop_append(struct drop *d, uint64_t close, const struct entry *e,
    size_t n, const struct logkey *k);
/* With the statements that are among them, a role's in order of sequence. */
MUST_USE int drop_append_said(struct drop *d, uint64_t close,
    const struct entry *e, size_t n, const struct drop_said *said,
    size_t nsaid, const struct logkey *k);
/*
 * drop_append_again - the same for a close that was logged once before, as a
 * restore has checked: bodies may be missing.
 */
MUST_USE int drop_append_again(struct drop *d, uint64_t close,
    const struct entry *e, size_t n, const struct drop_said *said,
    size_t nsaid, const struct logkey *k);
/*
 * drop_verify - what is on disk: signature, size, frontier; the root from the
 * tiles of the right edge; its last bundle of entries against them.  Errors:
 * ERR_AUTH (one of them is not as it was signed), ERR_FORMAT, ERR_IO.
 */
MUST_USE int drop_verify(struct drop *d, const struct vkey *vk);
/*
 * drop_verify_from - the same, and all from leaf index `from` on: each entry
 * against its hash and its digest's place, each full tile against the hash
 * above it.  From 0 it is every bit of the log but the bodies.
 */
MUST_USE int drop_verify_from(struct drop *d, const struct vkey *vk,
    uint64_t from);
/*
 * drop_begins - is the tree of this size and root a beginning of ours, as it
 * is signed?  By a consistency proof out of the tiles.  ERR_AUTH: no.
 */
MUST_USE int drop_begins(struct drop *d, uint64_t size,
    const unsigned char root[static HASH_BYTES]);
/*
 * drop_prove - that our tree of `size` continues that of size `old`; an empty
 * proof where old is 0.  ERR_ORDER: old <= size <= ours does not hold.
 */
MUST_USE int drop_prove(struct drop *d, struct proof *p, uint64_t old,
    uint64_t size);

#endif
