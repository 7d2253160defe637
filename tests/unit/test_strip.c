/* SPDX-License-Identifier: ISC */
/* Real files through the real mat2, where there is one. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "client/report/mat2.h"
#include "client/report/metadata_file.h"
#include "client/report/stop.h"
#include "client/report/strip.h"
#include "crypto/wr.h"

static struct attach_list list;
static bool ok[ATTACH_MAX];
static char dir[] = "/tmp/ecr-strip-XXXXXX";
static char ram[] = "/dev/shm/ecr-strip-XXXXXX";	/* this test's alone */

/* mat2 or bubblewrap may be missing here; the machine that counts has both. */
static bool
can_strip(void)
{
	if (mat2_ready() == 0)
		return true;
	fprintf(stderr, "NOT RUN: mat2 in bubblewrap does not work here\n");
	cr_assert_null(getenv("CI"), "mat2 and bubblewrap are needed");
	return false;
}

static void
chunk(struct wr *w, const char *name, const void *data, size_t n)
{
	unsigned char b[512];
	struct wr body = wr_from(b, sizeof(b));

	wr_str(&body, name);
	wr_bytes(&body, data, n);
	cr_assert(wr_ok(&body));
	wr_u32(w, (uint32_t)n);
	wr_rdr(w, wr_rd(&body));
	wr_u32(w, (uint32_t)crc32(0, b, (uInt)body.n));
}

/* One grey pixel and two secrets. */
static size_t
make_png(unsigned char *p, size_t cap)
{
	const unsigned char pixel[2] = { 0, 128 };
	const unsigned char head[13] = { 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0,
	    0 };
	unsigned char z[64];
	uLongf nz = sizeof(z);
	struct wr w = wr_from(p, cap);

	cr_assert_eq(compress(z, &nz, pixel, sizeof(pixel)), Z_OK);
	wr_bytes(&w, "\x89PNG\r\n\x1a\n", 8);
	chunk(&w, "IHDR", head, sizeof(head));
	chunk(&w, "tEXt", "Author\0Jane Secret", 18);
	chunk(&w, "eXIf", "MM\0*\0\0\0\10\0\0GPS-SECRET", 20);
	chunk(&w, "IDAT", z, nz);
	chunk(&w, "IEND", NULL, 0);
	cr_assert(wr_ok(&w));
	return w.n;
}

static void
add(const char *name, const void *p, size_t n)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(p, 1, n, f), n);
	fclose(f);
	cr_assert_eq(attach_add(&list, path, NULL), 0);
	unlink(path);
}

static void
begin(void)
{
	cr_assert_not_null(mkdtemp(dir));
	attach_init(&list);
	cr_assert_not_null(mkdtemp(ram));
	setenv("XDG_RUNTIME_DIR", ram, 1);
}

static void
end(void)
{
	attach_wipe(&list);
	cr_assert_eq(rmdir(dir), 0);
	cr_assert_eq(rmdir(ram), 0, "something was left in %s", ram);
}

Test(strip, a_picture_loses_its_secrets_and_nothing_stays_behind)
{
	unsigned char png[2048], out[65536];
	size_t n;
	ssize_t got;

	if (!can_strip())
		return;
	begin();
	n = make_png(png, sizeof(png));
	cr_assert(metadata_found(rd_from(png, n)));
	add("-holiday --in $(spain).xyz", png, n);
	add("note.txt", "plain words\n", 12);
	add("program", "\x7f" "ELF\2\1\1\0", 8);
	cr_assert_eq(strip_all(&list, ok), 0);
	cr_assert(ok[0]);
	cr_assert(ok[1], "there was nothing to strip");
	cr_assert_not(ok[2], "mat2 does not know programs");
	got = pread(list.item[0].fd, out, sizeof(out), 0);
	cr_assert_gt(got, 0);
	cr_assert_eq(list.item[0].bytes, (uint64_t)got);
	cr_assert_null(memmem(out, (size_t)got, "SECRET", 6));
	cr_assert_null(memmem(out, (size_t)got, "Secret", 6));
	cr_assert_null(metadata_risk(rd_from(out, (size_t)got)));
	cr_assert_str_eq(list.item[0].type, "image/png");
	cr_assert_str_eq(list.item[0].name, "-holiday --in $(spain).xyz");
	cr_assert_eq(attach_hash(&list.item[0]), 0);
	cr_assert_eq(list.item[2].bytes, 8, "untouched");
	end();
}

Test(strip, what_only_claims_to_be_a_picture_is_not_stripped)
{
	if (!can_strip())
		return;
	begin();
	add("broken.jpg", "\xff\xd8\xff\xe1\x7f\xff" "Exif\0\0 no more", 20);
	cr_assert_eq(strip_all(&list, ok), 0);
	cr_assert_not(ok[0]);
	cr_assert_eq(list.item[0].bytes, 20);
	end();
}

Test(strip, a_large_picture_is_looked_through_to_its_end)
{
	static unsigned char big[300000];
	const unsigned char head[13] = { 0, 0, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0,
	    0 };
	struct wr w = wr_from(big, sizeof(big));
	size_t plain;

	begin();
	wr_bytes(&w, "\x89PNG\r\n\x1a\n", 8);
	chunk(&w, "IHDR", head, sizeof(head));
	wr_u32(&w, 200000);
	wr_str(&w, "IDAT");
	wr_zeros(&w, 200000 + 4);
	plain = w.n;
	chunk(&w, "IEND", NULL, 0);
	add("clean.png", big, w.n);
	add("trailer.png", big, w.n + 1);
	add("cut.png", big, plain);
	w.n = plain;
	chunk(&w, "tEXt", "Author\0Jane", 11);
	chunk(&w, "IEND", NULL, 0);
	add("late.png", big, w.n);
	cr_assert_null(metadata_file_risk(list.item[0].fd));
	cr_assert_not_null(metadata_file_risk(list.item[1].fd));
	cr_assert(metadata_file_found(list.item[1].fd));
	cr_assert_not_null(metadata_file_risk(list.item[2].fd));
	cr_assert_not(metadata_file_found(list.item[2].fd));
	cr_assert(metadata_file_found(list.item[3].fd));
	end();
}

Test(strip, a_stop_leaves_nothing_behind)
{
	unsigned char png[2048];
	size_t n;

	if (!can_strip())
		return;
	begin();
	n = make_png(png, sizeof(png));
	add("a", png, n);
	report_stop = 1;
	cr_assert_eq(strip_all(&list, ok), ERR_ORDER);
	report_stop = 0;
	end();
}
