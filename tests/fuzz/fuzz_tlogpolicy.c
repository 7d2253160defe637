/* SPDX-License-Identifier: ISC */
/*
 * fuzz_tlogpolicy.c - any bytes as a policy.
 *
 * What parses keeps its limits; more cosigners never make it hold less, and
 * all of them make every quorum hold, none of them only the quorum "none".
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/tlogpolicy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
groups(const struct tlogpolicy *p)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < p->ngroups; i++) {
		if (p->group[i].need == 0 || p->group[i].members == 0 ||
		    (all & p->group[i].members) != 0)
			abort();
		all |= p->group[i].members;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tlogpolicy p;
	uint32_t all, set = 0;
	bool held, holds;
	unsigned line;
	size_t i;
	int r;

	if ((r = tlogpolicy_parse(&p, rd_from(data, size), &line)) != 0) {
		if (r != ERR_FORMAT && r != ERR_LIMIT)
			abort();
		return 0;
	}
	if (line != 0 || p.nlogs > TLOGPOLICY_LOGS ||
	    p.nwitnesses > TLOGPOLICY_WITNESSES ||
	    p.ngroups > TLOGPOLICY_GROUPS)
		abort();
	groups(&p);
	all = p.nwitnesses == 32 ? UINT32_MAX :
	    (UINT32_C(1) << p.nwitnesses) - 1;
	if (!tlogpolicy_holds(&p, all) ||
	    tlogpolicy_holds(&p, 0) != (p.quorum == 0))
		abort();
	held = tlogpolicy_holds(&p, 0);
	for (i = 0; i < p.nwitnesses; i++) {
		set |= UINT32_C(1) << i;
		holds = tlogpolicy_holds(&p, set);
		if (held && !holds)
			abort();
		held = holds;
	}
	return 0;
}
