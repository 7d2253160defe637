/* SPDX-License-Identifier: ISC */
/*
 * pages.c - see pages.h.
 *
 * Written from LMDB's page layout (version 0.9, 64-bit, little-endian), so
 * that it does not share LMDB's idea of what there is to see.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/pages.h"

#define HEAD	16u
#define BRANCH	1u
#define LEAF	2u
#define RUN	4u
#define META	8u
#define BIG	1u			/* node: the value is a run */
#define SUBTREE	2u			/* node: the value is a tree */
#define MAGIC	0xBEEFC0DEu
#define NO_PAGE	UINT64_MAX
#define TREE_BYTES	48u

static uint64_t
number(const unsigned char *at, unsigned bytes)
{
	uint64_t v = 0;

	while (bytes-- > 0)
		v = v << 8 | at[bytes];
	return v;
}

static const unsigned char *
page_at(const struct pages *p, uint64_t page)
{
	cr_assert_lt(page, p->count, "page %llu", (unsigned long long)page);
	return p->file + page * PAGES_BYTES;
}

static unsigned
page_flags(const unsigned char *at)
{
	return (unsigned)number(at + 10, 2) & 0xf;
}

/* Nodes of a branch or leaf page; 0: it cannot be one. */
static unsigned
node_count(const unsigned char *at)
{
	unsigned lower = (unsigned)number(at + 12, 2);
	unsigned upper = (unsigned)number(at + 14, 2);

	if (lower < HEAD || lower > upper || upper > PAGES_BYTES)
		return 0;
	return (lower - HEAD) / 2;
}

/* False: it does not lie within its page. */
static bool
take_node(struct pages_node *n, const unsigned char *at, unsigned i,
    unsigned *flags, uint64_t *child)
{
	unsigned offset = (unsigned)number(at + HEAD + 2 * i, 2);
	const unsigned char *node = at + offset;
	size_t nkey, nvalue;

	if (offset < HEAD || offset > PAGES_BYTES - 8)
		return false;
	*flags = (unsigned)number(node + 4, 2);
	nkey = number(node + 6, 2);
	*child = number(node, 4) | (uint64_t)*flags << 32;
	nvalue = (*flags & BIG) != 0 ? 8 : number(node, 4);
	if (page_flags(at) == BRANCH)
		nvalue = 0;
	if (nkey + nvalue > PAGES_BYTES - 8 - offset)
		return false;
	n->offset = offset;
	n->key = rd_from(node + 8, nkey);
	n->value = rd_from(node + 8 + nkey, nvalue);
	n->run = 0;
	return true;
}

static void
mark_run(struct pages *p, uint64_t first)
{
	uint64_t i, n = number(page_at(p, first) + 12, 4);

	cr_assert_eq(page_flags(page_at(p, first)), RUN);
	for (i = 0; i < n; i++) {
		(void)page_at(p, first + i);
		p->live[first + i] = true;
		p->body[first + i] = i > 0;
	}
}

static void
walk(struct pages *p, uint64_t page, unsigned depth)
{
	const unsigned char *at;
	struct pages_node n;
	unsigned i, flags;
	uint64_t child;

	if (page == NO_PAGE)
		return;
	at = page_at(p, page);
	cr_assert_lt(depth, 32);
	cr_assert_not(p->live[page], "two ways lead to one page");
	cr_assert(page_flags(at) == BRANCH || page_flags(at) == LEAF);
	p->live[page] = true;
	for (i = 0; i < node_count(at); i++) {
		cr_assert(take_node(&n, at, i, &flags, &child));
		if (page_flags(at) == BRANCH)
			walk(p, child & 0xffffffffffff, depth + 1);
		else if ((flags & BIG) != 0)
			mark_run(p, number(n.value.p, 8));
		else if ((flags & SUBTREE) != 0)
			walk(p, number(n.value.p + 40, 8), depth + 1);
	}
}

/* Runs that no tree reaches any more: only their first page has a head. */
static void
mark_old_runs(struct pages *p)
{
	const unsigned char *at;
	uint64_t i, k, n;

	for (i = 2; i < p->count; i++) {
		at = page_at(p, i);
		if (p->live[i] || page_flags(at) != RUN ||
		    number(at, 8) != i)
			continue;
		n = number(at + 12, 4);
		for (k = 1; k < n && i + k < p->count && !p->live[i + k]; k++)
			p->body[i + k] = true;
	}
}

/* see pages.h */
void
pages_open(struct pages *p, const unsigned char *file, size_t n)
{
	const unsigned char *meta = NULL, *at;
	unsigned i;

	p->file = file;
	p->count = n / PAGES_BYTES;
	p->live = calloc(p->count, sizeof(*p->live));
	p->body = calloc(p->count, sizeof(*p->body));
	cr_assert(p->live != NULL && p->body != NULL && p->count > 2);
	for (i = 0; i < 2; i++) {
		at = page_at(p, i);
		cr_assert_eq(page_flags(at), META);
		cr_assert_eq(number(at + HEAD, 4), MAGIC);
		p->live[i] = true;
		if (meta == NULL || number(at + HEAD + 128, 8) >
		    number(meta + HEAD + 128, 8))
			meta = at;
	}
	/* The free list, then the tree of names or the only one. */
	walk(p, number(meta + HEAD + 24 + 40, 8), 0);
	walk(p, number(meta + HEAD + 24 + TREE_BYTES + 40, 8), 0);
	mark_old_runs(p);
}

/* see pages.h */
void
pages_wipe(struct pages *p)
{
	free(p->live);
	free(p->body);
	memset(p, 0, sizeof(*p));
}

/* see pages.h */
void
pages_each(const struct pages *p,
    void (*fn)(void *arg, const struct pages_node *node), void *arg)
{
	struct pages_node n;
	const unsigned char *at;
	unsigned i, flags;
	uint64_t child;
	size_t page;

	for (page = 2; page < p->count; page++) {
		at = page_at(p, page);
		if (p->body[page] || page_flags(at) != LEAF ||
		    number(at, 8) != page)
			continue;
		for (i = 0; i < node_count(at); i++) {
			if (!take_node(&n, at, i, &flags, &child)) {
				cr_assert_not(p->live[page]);
				continue;
			}
			n.page = page;
			n.live = p->live[page];
			if ((flags & BIG) != 0) {
				n.run = number(n.value.p, 8);
				n.value.n = 0;
			}
			fn(arg, &n);
		}
	}
}
