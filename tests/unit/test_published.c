/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/published.h"

static const unsigned char good[] = {
	0, 0, 0, 0, 1, 'c',
	1, 0, 0, 0, 0,
	2, 0, 0, 0, 2, '{', '}',
	3, 0, 0, 0, 3, 'a', 'b', 'c'
};

static int
memfd_of(const void *p, size_t n, int seals)
{
	int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	cr_assert_eq(write(fd, p, n), (ssize_t)n);
	cr_assert_eq(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

Test(published, what_is_created_is_mapped_again)
{
	struct rd in[PUB_KINDS] = { rd_str("checkpoint"), rd_str(""),
		rd_str("{\"v\":1}"), rd_str("r") };
	struct published p = { 0 };
	unsigned i;
	int fd = published_create(in);

	cr_assert_neq(fd, -1);
	cr_assert_eq(published_map(&p, fd), 0);
	close(fd);
	for (i = 0; i < PUB_KINDS; i++)
		cr_assert(rd_eq(p.object[i], in[i]));
	published_unmap(&p);
	cr_assert_null(p.map);
}

Test(published, nothing_in_it_can_change)
{
	struct rd in[PUB_KINDS] = { rd_str("a"), rd_str("b"), rd_str("c"),
		rd_str("d") };
	int fd = published_create(in);

	cr_assert_eq(pwrite(fd, "x", 1, 5), -1);
	cr_assert_neq(ftruncate(fd, 1), 0);
	close(fd);
}

Test(published, a_new_one_takes_the_place_of_the_old)
{
	struct rd in[PUB_KINDS] = { rd_str("one"), rd_str(""), rd_str(""),
		rd_str("") };
	struct published p = { 0 };
	int one = published_create(in), two;

	in[0] = rd_str("two");
	two = published_create(in);
	cr_assert_eq(published_map(&p, one), 0);
	cr_assert_eq(published_map(&p, two), 0);
	cr_assert(rd_eq_str(p.object[0], "two"));
	published_unmap(&p);
	close(one);
	close(two);
}

Test(published, a_bad_one_leaves_the_old_in_place)
{
	const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
	    F_SEAL_SEAL;
	struct published p = { 0 };
	int a = memfd_of(good, sizeof(good), all);
	int b = memfd_of(good, sizeof(good) - 1, all);

	cr_assert_eq(published_map(&p, a), 0);
	cr_assert_eq(published_map(&p, b), ERR_FORMAT);
	cr_assert(rd_eq_str(p.object[PUB_REPLIES], "abc"));
	published_unmap(&p);
	close(a);
	close(b);
}

Test(published, an_area_that_lacks_any_seal_is_refused)
{
	const int seal[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE,
		F_SEAL_SEAL };
	struct published p = { 0 };
	int all = 0, fd;
	size_t i;

	for (i = 0; i < 4; i++)
		all |= seal[i];
	for (i = 0; i < 4; i++) {
		fd = memfd_of(good, sizeof(good), all & ~seal[i]);
		cr_assert_eq(published_map(&p, fd), ERR_FORMAT);
		close(fd);
	}
	cr_assert_null(p.map);
}

Test(published, every_truncation_and_any_surplus_is_refused)
{
	struct rd out[PUB_KINDS];
	unsigned char more[sizeof(good) + 1] = { 0 };
	size_t n;

	cr_assert_eq(published_parse(out, rd_from(good, sizeof(good))), 0);
	for (n = 0; n < sizeof(good); n++)
		cr_assert_eq(published_parse(out, rd_from(good, n)),
		    ERR_FORMAT);
	memcpy(more, good, sizeof(good));
	cr_assert_eq(published_parse(out, rd_from(more, sizeof(more))),
	    ERR_FORMAT);
	memcpy(more, good, sizeof(good));
	more[6] = 2;
	cr_assert_eq(published_parse(out, rd_from(more, sizeof(good))),
	    ERR_FORMAT, "kinds stand in order");
}
