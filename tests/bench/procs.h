/* SPDX-License-Identifier: ISC */
/*
 * procs.h - processor time that other processes have used.
 */
#ifndef ECR_BENCH_PROCS_H
#define ECR_BENCH_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCS_MAX	32

struct procs {
	size_t n;
	pid_t pid[PROCS_MAX];
};

/* "12,34,56"; false: not a list of numbers. */
bool procs_parse(struct procs *p, const char *list);
/* Nanoseconds of all their threads together; one that is gone counts 0. */
uint64_t procs_cpu(const struct procs *p);

#endif
