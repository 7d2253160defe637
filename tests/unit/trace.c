/* SPDX-License-Identifier: ISC */
/* trace.c - looks for what must be gone; see trace.h. */
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/trace.h"

#define BUCKETS	(1u << 18)

struct window {
	struct window *next;
	unsigned char b[TRACE_BYTES];
};

struct trace {
	struct window *bucket[BUCKETS];
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static uint32_t
bucket_of(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (uint32_t)((v * UINT64_C(0x9e3779b97f4a7c15)) >> 46);
}

/* see trace.h */
struct trace *
trace_new(void)
{
	struct trace *t = calloc(1, sizeof(*t));

	must(t != NULL);
	return t;
}

/* see trace.h */
void
trace_free(struct trace *t)
{
	struct window *w, *next;
	size_t i;

	for (i = 0; t != NULL && i < BUCKETS; i++)
		for (w = t->bucket[i]; w != NULL; w = next) {
			next = w->next;
			free(w);
		}
	free(t);
}

/* see trace.h */
void
trace_add(struct trace *t, const unsigned char *body, size_t n)
{
	struct window *w;
	size_t at;
	uint32_t b;

	for (at = TRACE_SKIP; at + TRACE_BYTES <= n; at += TRACE_BYTES) {
		must((w = malloc(sizeof(*w))) != NULL);
		memcpy(w->b, body + at, TRACE_BYTES);
		b = bucket_of(w->b);
		w->next = t->bucket[b];
		t->bucket[b] = w;
	}
}

/* see trace.h */
size_t
trace_count(const struct trace *t, const unsigned char *p, size_t n)
{
	const struct window *w;
	size_t at, found = 0;

	for (at = 0; at + TRACE_BYTES <= n; at++)
		for (w = t->bucket[bucket_of(p + at)]; w != NULL; w = w->next)
			found += memcmp(w->b, p + at, TRACE_BYTES) == 0;
	return found;
}

/* nftw() has no argument of its own. */
static const struct trace *looked;
static size_t sum;

static int
look(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	unsigned char *p;
	int fd;

	(void)ftw;
	if (type != FTW_F || st->st_size == 0)
		return 0;
	must((fd = open(path, O_RDONLY | O_CLOEXEC)) != -1);
	p = mmap(NULL, (size_t)st->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	must(p != MAP_FAILED && close(fd) == 0);
	sum += trace_count(looked, p, (size_t)st->st_size);
	must(munmap(p, (size_t)st->st_size) == 0);
	return 0;
}

/* see trace.h */
size_t
trace_count_tree(const struct trace *t, const char *path)
{
	looked = t;
	sum = 0;
	must(nftw(path, look, 16, FTW_PHYS) == 0);
	return sum;
}
