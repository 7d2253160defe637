/* SPDX-License-Identifier: ISC */
/*
 * load.h - what the ways of loading a server share; see bench_load.c.
 */
#ifndef ECR_BENCH_LOAD_H
#define ECR_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/note.h"
#include "tests/bench/hist.h"
#include "tests/bench/link.h"
#include "tests/bench/procs.h"

#define LOAD_SAMPLES	64	/* receipts kept to be verified */
#define LOAD_STATUSES	600
#define LOAD_DRAIN_SECS	5	/* for what is still under way at the end */

struct load {
	struct link_world w;
	struct link *link;
	uint32_t nlink, next;	/* next: item of the supply */
	bool fresh;		/* a connection for each request */
	double rate;		/* open loop; 0: closed */
	double warm, secs;
	struct procs procs;
	const char *name;	/* of a result, for the reader */

	/* What came out. */
	struct hist hist;
	uint64_t begin, end;	/* of the timed part */
	uint64_t answers, errors, late, reopened;
	uint64_t status[LOAD_STATUSES];
	uint64_t server_cpu, own_cpu;
	struct sample {
		uint32_t item;
		size_t n;
		char text[1024];
	} sample[LOAD_SAMPLES];
	uint32_t nsample;
	uint64_t bad_receipts;
};

uint64_t load_now(void);		/* CLOCK_MONOTONIC, ns */
uint64_t load_own_cpu(void);
/* Closed or open loop, as l->rate says. */
void load_run(struct load *l);
/* Connections that are only held; how: see bench_load.c. */
bool load_hold(struct load *l, const char *how, size_t stall_at);

#endif
