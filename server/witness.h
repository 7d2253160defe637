/* SPDX-License-Identifier: ISC */
/*
 * witness.h - witnesses: what is asked, what an answer means, what is shown.
 *
 * A witness cosigns a checkpoint that continues the last one it has seen
 * (C2SP tlog-witness).  Here is all of it that needs no network and no disk:
 * the state that the store keeps, the verdict on an answer, and the two
 * datagrams between the store and the witness role.  Neither the role nor a
 * witness is believed: a cosignature counts when it holds.
 *
 * The newest checkpoint that a quorum has cosigned is shown; after one
 * further close without a quorum, the newest without.
 *
 * Source: docs/formats/store.md ("What witnesses said"); C2SP tlog-witness.
 */
#ifndef ECR_WITNESS_H
#define ECR_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/params.h"
#include "crypto/proof.h"
#include "crypto/rd.h"
#include "crypto/wr.h"
#include "server/conf.h"
#include "server/drop.h"

#define WITNESS_MAX		CONF_WITNESS_MAX
#define WITNESS_FILE		"witnesses"	/* in the guard's folder */
#define WITNESS_NOTE_MAX	16384	/* a checkpoint and its cosignatures */
#define WITNESS_FILE_MAX	(2 * WITNESS_NOTE_MAX + 2048)
#define WITNESS_REQUEST_MAX	8192	/* of what a witness is sent */
#define WITNESS_ANSWER_MAX	16384	/* of what is read of its answer */
#define WITNESS_SKEW_SECS	3600	/* between its clock and ours */
#define WITNESS_TRIES_MAX	3	/* requests to one in one round */

/* --- the state ----------------------------------------------------------- */

/* A checkpoint with cosignatures. */
struct witness_note {
	uint64_t size;
	unsigned char root[HASH_BYTES];
	size_t n, own;			/* bytes; of them without cosigners */
	uint32_t cosigned;		/* bit i: witness i has */
	unsigned char bytes[WITNESS_NOTE_MAX];
};

struct witness_state {
	const struct vkey *log;
	const struct conf_witness *who;
	size_t n, quorum;
	struct witness_peer {
		uint64_t size;		/* of the last tree it has cosigned */
		uint64_t ahead;		/* it says that it has seen; or 0 */
	} peer[WITNESS_MAX];
	uint8_t missed;			/* closes since shown got its quorum */
	struct witness_note newest, shown;
};

/*
 * witness_init - no witness has seen anything; note is the newest and shown,
 * and nothing is expected of it.  log and who stay the caller's.
 * Errors: ERR_AUTH (note is not this log's).
 */
MUST_USE int witness_init(struct witness_state *s, const struct vkey *log,
    const struct conf_witness *who, size_t n, size_t quorum, struct rd note);
/*
 * witness_read - what witness_write() has left.  Witnesses that are not asked
 * any more are forgotten, and with them what they had said.
 * Errors: ERR_FORMAT, ERR_AUTH (a note that is not this log's, or altered).
 */
MUST_USE int witness_read(struct witness_state *s, struct rd file);
void witness_write(struct wr *w, const struct witness_state *s);

/*
 * witness_begin - a close was signed: this is the newest from now on.  The
 * same again changes nothing.  What is shown stays until witness_settle().
 */
MUST_USE int witness_begin(struct witness_state *s, struct rd note);
/*
 * witness_settle - decide what is shown.  last: no more answers are waited
 * for.  True: it has changed.
 */
bool witness_settle(struct witness_state *s, bool last);
/* Has the newest its quorum; has every one of them cosigned it? */
bool witness_has_quorum(const struct witness_state *s);
bool witness_has_all(const struct witness_state *s);
/* How many cosigned what is shown. */
size_t witness_count(const struct witness_note *n);
/* The most that a witness claims to have seen, where that is more than ours. */
uint64_t witness_ahead(const struct witness_state *s);
/* Just that, from the file, whoever the witnesses are (for a restore). */
MUST_USE int witness_file_ahead(struct rd file, uint64_t *ahead);

/* --- asking -------------------------------------------------------------- */

/* For witness i; p proves the newest from peer[i].size on. */
MUST_USE int witness_request(struct wr *w, const struct witness_state *s,
    size_t i, const struct proof *p);

enum witness_verdict {
	WITNESS_COSIGNED,	/* and it counts */
	WITNESS_AGAIN,		/* peer[i].size was wrong; ask once more */
	WITNESS_LATER,		/* not now: down, busy, out of order */
	WITNESS_REFUSED,	/* it will not, as things are */
	WITNESS_AHEAD		/* it has seen more than we have signed */
};

/* An answer of a witness, as the role passes it on. */
struct witness_answer {
	unsigned char pk[32];
	uint16_t status;		/* of HTTP; 0: no answer came */
	bool is_size;			/* its type is text/x.tlog.size */
	uint32_t retry_after;		/* seconds; 0: not said */
	struct rd body;
};

/*
 * witness_judge - what witness i answered to a request for the newest.
 * now: Unix seconds.  signed_size: of the largest tree that we have signed.
 */
enum witness_verdict witness_judge(struct witness_state *s, size_t i,
    const struct witness_answer *a, uint64_t now, uint64_t signed_size);

/* --- between the store and the role (witness_wire.c) --------------------- */

/*
 * For each round of questions the store makes a SOCK_SEQPACKET pair and
 * sends one end, with one byte, to the role's datagram socket.  Then
 *   store -> role   1 | key 32 | seconds 2 | the request
 *   role -> store   2 | key 32 | status 2 | is size 1 | retry after 4 | body
 * one for each witness at a time, and either closes when it has enough.
 */
#define WITNESS_WIRE_MAX	(WITNESS_ANSWER_MAX + 64)
#define WITNESS_HELLO		'W'

struct witness_ask {
	unsigned char pk[32];
	uint16_t seconds;		/* that it may take, at least 1 */
	struct rd body;
};

MUST_USE int witness_parse_ask(struct witness_ask *a, struct rd datagram);
void witness_write_ask(struct wr *w, const struct witness_ask *a);
MUST_USE int witness_parse_answer(struct witness_answer *a,
    struct rd datagram);
void witness_write_answer(struct wr *w, const struct witness_answer *a);

/* Hands an end over, with the hello.  ERR_IO: nobody is there. */
MUST_USE int witness_hand_over(int rendezvous, int end);
/* Waits for one.  ERR_FORMAT (no hello; try again), ERR_IO. */
MUST_USE int witness_take_over(int rendezvous, int *end);

#endif
