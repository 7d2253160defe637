/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/slots.h"

Test(slots, what_one_side_writes_the_other_reads)
{
	struct slots a, b;
	int fd = slots_create(3);

	cr_assert_neq(fd, -1);
	cr_assert_eq(slots_map(&a, fd), 0);
	cr_assert_eq(slots_map(&b, fd), 0);
	cr_assert_eq(a.count, 3);
	slots_at(&a, 2)[SLOT_BYTES - 1] = 0x5a;
	cr_assert_eq(slots_at(&b, 2)[SLOT_BYTES - 1], 0x5a);
	slots_unmap(&a);
	slots_unmap(&b);
	close(fd);
}

Test(slots, a_slot_past_the_end_is_none)
{
	struct slots s;
	int fd = slots_create(2);

	cr_assert_eq(slots_map(&s, fd), 0);
	cr_assert_not_null(slots_at(&s, 1));
	cr_assert_null(slots_at(&s, 2));
	cr_assert_null(slots_at(&s, UINT32_MAX));
	slots_unmap(&s);
	cr_assert_null(slots_at(&s, 0));
	close(fd);
}

Test(slots, the_size_cannot_change_any_more)
{
	int fd = slots_create(2);

	cr_assert_neq(ftruncate(fd, 0), 0);
	cr_assert_neq(ftruncate(fd, 3 * (off_t)SLOT_BYTES), 0);
	cr_assert_neq(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	close(fd);
}

Test(slots, an_area_without_its_seals_is_refused)
{
	struct slots s;
	int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	cr_assert_eq(ftruncate(fd, SLOT_BYTES), 0);
	cr_assert_eq(slots_map(&s, fd), ERR_FORMAT);
	cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL), 0);
	cr_assert_eq(slots_map(&s, fd), ERR_FORMAT, "it could still shrink");
	close(fd);
}

Test(slots, an_area_of_an_odd_size_is_refused)
{
	const off_t odd[] = { 0, 1, SLOT_BYTES - 1, SLOT_BYTES + 1,
		((off_t)SLOTS_MAX + 1) * SLOT_BYTES };
	struct slots s;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		cr_assert_eq(ftruncate(fd, odd[i]), 0);
		cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK |
		    F_SEAL_GROW | F_SEAL_SEAL), 0);
		cr_assert_eq(slots_map(&s, fd), ERR_FORMAT);
		close(fd);
	}
	cr_assert_eq(slots_map(&s, -1), ERR_FORMAT);
}

Test(slots, none_and_too_many_are_not_made)
{
	cr_assert_eq(slots_create(0), -1);
	cr_assert_eq(slots_create(SLOTS_MAX + 1), -1);
}
