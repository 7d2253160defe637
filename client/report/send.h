/* SPDX-License-Identifier: ISC */
/*
 * send.h - seal a message part by part and hand each parcel in until its
 * receipt is here.
 *
 * One part is in memory at a time.  A parcel that got no answer is sent
 * again byte for byte: the server knows it by its digest.
 */
#ifndef ECR_SEND_H
#define ECR_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/common/net.h"
#include "client/common/office.h"
#include "client/report/policy.h"
#include "client/report/prooffile.h"
#include "client/report/source.h"
#include "crypto/codename.h"
#include "crypto/err.h"
#include "crypto/keyset.h"
#include "crypto/receipt.h"

/* What is fetched before anything is sent; the same for every reporter. */
struct drop {
	struct net *net;
	const struct office *office;
	enum codename_role role;
	struct drop_policy policy;
	struct keyset keyset;
	const struct keyset_key *key;	/* sealed to, within keyset */
	unsigned char *note;		/* the keyset as signed; owned */
	size_t nnote;
	bool sending;			/* not only looking */
	/* as served; owned, until drop_forget() */
	unsigned char *keysets, *replies;
	size_t nkeysets, nreplies;
};

/*
 * drop_prepare - fetch policy, keyset and statements, and check them.  Says
 * what is wrong and returns an exit code, 0 when all is well.
 * Owns: the caller ends d with drop_wipe(); net and office stay his.
 */
int drop_prepare(struct drop *d, struct net *net, const struct office *office,
    enum codename_role role);
/*
 * The same in two steps, for whoever only reads: the same three requests in
 * the same order, then one role's keys among what came.  drop_keys() asks
 * again where keys and statements do not fit: an epoch may just have closed.
 */
int drop_fetch(struct drop *d, struct net *net, const struct office *office);
int drop_keys(struct drop *d, enum codename_role role);
void drop_forget(struct drop *d);
void drop_wipe(struct drop *d);

struct send_result {
	size_t parts, done;		/* in all; with a receipt */
	bool unsure;			/* one went out, and no answer came */
	unsigned char (*digest)[HASH_BYTES];	/* of each parcel, owned */
	unsigned char *receipts;	/* notes, one after the other, owned */
	size_t receipts_bytes;
	uint64_t epoch_close;		/* of the last one */
};

/*
 * send_message - proof, if not NULL, grows with each part that got its
 * receipt; the caller ends it.  Where that fails on the way the message goes
 * on without, and proof is dropped.
 * 0 when every parcel has its receipt; else an exit code, and
 * it has said how far it came.
 */
int send_message(struct drop *d, struct source *s, struct prooffile *proof,
    struct send_result *res);
void send_result_wipe(struct send_result *res);

#endif
