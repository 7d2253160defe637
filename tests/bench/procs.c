/* SPDX-License-Identifier: ISC */
/*
 * procs.c - see procs.h.
 *
 * schedstat counts nanoseconds; where the kernel has none, stat's ticks of
 * a hundredth of a second must do.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/procs.h"

/* see procs.h */
bool
procs_parse(struct procs *p, const char *list)
{
	char *end;
	long n;

	for (p->n = 0; *list != '\0'; list = *end == ',' ? end + 1 : end) {
		n = strtol(list, &end, 10);
		if (end == list || n <= 0 || p->n == PROCS_MAX ||
		    (*end != ',' && *end != '\0'))
			return false;
		p->pid[p->n++] = (pid_t)n;
	}
	return true;
}

static bool
read_line(char *buf, size_t cap, const char *path)
{
	FILE *f = fopen(path, "re");
	bool got = f != NULL && fgets(buf, (int)cap, f) != NULL;

	if (f != NULL)
		(void)fclose(f);
	return got;
}

static uint64_t
thread_cpu(int pid, const char *tid)
{
	unsigned long user = 0, sys = 0;
	char path[96], line[1024];
	const char *p;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat",
	    pid, tid);
	if (read_line(line, sizeof(line), path))
		return strtoull(line, NULL, 10);
	(void)snprintf(path, sizeof(path), "/proc/%d/task/%.20s/stat", pid,
	    tid);
	if (!read_line(line, sizeof(line), path) ||
	    (p = strrchr(line, ')')) == NULL ||
	    sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%lu %lu", &user, &sys) != 2)
		return 0;
	return (uint64_t)(user + sys) * UINT64_C(1000000000) /
	    (uint64_t)sysconf(_SC_CLK_TCK);
}

static uint64_t
process_cpu(int pid)
{
	const struct dirent *d;
	uint64_t sum = 0;
	char path[64];
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if ((dir = opendir(path)) == NULL)
		return 0;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			sum += thread_cpu(pid, d->d_name);
	(void)closedir(dir);
	return sum;
}

/* see procs.h */
uint64_t
procs_cpu(const struct procs *p)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		sum += process_cpu(p->pid[i]);
	return sum;
}
