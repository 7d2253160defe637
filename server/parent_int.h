/* SPDX-License-Identifier: ISC */
/*
 * parent_int.h - what parent.c opens and supervise.c keeps alive.
 */
#ifndef ECR_PARENT_INT_H
#define ECR_PARENT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "crypto/err.h"
#include "server/conf.h"
#include "server/ipc.h"
#include "server/listeners.h"

#define ROLES_MAX	(1 + LISTENERS_FRONTS_MAX)
#define ROLE_STORE	0		/* role[0]; the fronts follow */

struct parent {
	/* open for good; -1 where the configuration names none */
	int data, guard, certificate, key, vkey;
	size_t nkeyset;
	int keyset[CONF_KEYSET_MAX];
	int config;			/* its bytes, a memfd */
	int quiet;			/* /dev/null */
	int signals;			/* signalfd */
	int witness;			/* the store's way to the role, or -1 */
	pid_t keeper;			/* of the role; 0: none of ours */
	int leash;			/* it ends when this closes, or -1 */
	uint32_t slots;
	struct listeners listeners;

	/* one generation */
	size_t nrole;
	struct parent_role {
		pid_t pid;		/* 0: none, or it has ended */
		struct ipc_end *control;
		bool ready;
		unsigned beats;		/* without a word of it */
		int peer, slots;	/* a front's, until it is started */
	} role[ROLES_MAX];
	int64_t beat_at;		/* when the next beat is counted */
	bool stop;			/* somebody asked us to end */
	bool lost;			/* a role ended or lied */
	int code;			/* how the first one ended */
};

/* A signalfd for what parent_supervise() waits for.  -1: errno. */
int parent_signals(void);

/*
 * parent_witness - where there are witnesses: start their role, or find the
 * service that has it.  After the rights are given up, before the sandbox,
 * which is not for what must call.  The role ends when we do.  An exit code.
 */
int parent_witness(struct parent *p, const struct conf *c);

/* The exit code. */
int parent_supervise(struct parent *p);

/*
 * generation_start - all roles, the store first; 0 when all are ready, else
 * ERR_IO and p->code.  After either, generation_stop() ends what there is:
 * fronts finish what they have accepted, then the store.  Where a role was
 * lost, its generation ends at once but for the store's last commit.
 */
MUST_USE int generation_start(struct parent *p);
void generation_stop(struct parent *p);

/*
 * parent_wait - until done(p) holds (true) or the deadline has passed
 * (false; CLOCK_MONOTONIC milliseconds, 0: none).  Meanwhile signals, ends
 * and messages of roles are noted in p.
 */
bool parent_wait(struct parent *p, bool (*done)(const struct parent *),
    int64_t deadline);
int64_t parent_now(void);

#endif
