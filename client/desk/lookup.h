/* SPDX-License-Identifier: ISC */
/*
 * lookup.h - a case by what an officer types, and the messages in it.
 */
#ifndef ECR_LOOKUP_H
#define ECR_LOOKUP_H

#include "client/desk/desk.h"
#include "client/desk/joined.h"
#include "client/desk/store.h"

/*
 * lookup_case - "ECR-2026-K7QF", in either case, or its end ("2026-K7QF",
 * "K7QF": this year's, else the newest).  Says what is wrong; exit code.
 * Works inside a transaction of the desk's store.
 */
MUST_USE int lookup_case(struct desk *d, const char *typed, uint64_t *no,
    struct caserec *c);

/* One message of a case; everything that showing it needs. */
struct lookup_message {
	uint64_t group_no;
	struct caseentry entry;
	struct group group;
	struct joined joined;
};
/*
 * lookup_message - the n-th (from 1) message of a case.
 * Owns: the caller ends m with joined_wipe(&m->joined) in every case.
 */
MUST_USE int lookup_message(struct desk *d, uint64_t case_no, uint32_t n,
    struct lookup_message *m);

#endif
