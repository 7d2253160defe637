/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/report/source.h"
#include "crypto/message.h"
#include "crypto/sha256.h"

static const unsigned char id[MSG_ID_BYTES] = { 5 };
static unsigned char pk[32], sk[64];
static struct attach_list list;
static struct source s;
static const char json[] = "{\"text\":\"x\"}";

static void
add(const char *content)
{
	char path[] = "/tmp/ecr-source-XXXXXX";
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, content, strlen(content)),
	    (ssize_t)strlen(content));
	close(fd);
	cr_assert_eq(attach_add(&list, path, NULL), 0);
	unlink(path);
}

static void
setup(void)
{
	static const unsigned char seed[32] = { 3 };

	cr_assert_geq(sodium_init(), 0);
	crypto_sign_seed_keypair(pk, sk, seed);
	attach_init(&list);
	add("first");
	add("");
	add("third file");
}

static void
teardown(void)
{
	attach_wipe(&list);
}

TestSuite(source, .init = setup, .fini = teardown);

#define BODY	"\0\0\0\x0c{\"text\":\"x\"}firstthird file"
#define NBODY	(sizeof(BODY) - 1)

Test(source, is_the_message_whole_and_in_any_piece)
{
	unsigned char want[NBODY + SIG_BYTES], got[sizeof(want)];
	unsigned char hash[HASH_BYTES];
	size_t at, n;

	cr_assert_eq(source_init(&s, rd_str(json), &list, id, sk), 0);
	cr_assert_eq(s.bytes, sizeof(want));
	memcpy(want, BODY, NBODY);
	memcpy(want + NBODY, s.sig, SIG_BYTES);
	for (at = 0; at <= sizeof(want); at++)
		for (n = 0; at + n <= sizeof(want); n++) {
			memset(got, 0xaa, sizeof(got));
			cr_assert_eq(source_read(&s, at, got, n), 0);
			cr_assert_eq(memcmp(got, want + at, n), 0,
			    "%zu bytes at %zu", n, at);
		}
	sha256(hash, want, NBODY);
	cr_assert_arr_eq(s.body, hash, HASH_BYTES);
	sha256(hash, want, sizeof(want));
	cr_assert_arr_eq(s.whole, hash, HASH_BYTES);
	cr_assert_eq(message_verify(s.sig, id, s.body, pk), 0);
}

Test(source, nothing_stands_behind_its_end)
{
	unsigned char b[2];

	cr_assert_eq(source_init(&s, rd_str(json), &list, id, sk), 0);
	cr_assert_eq(source_read(&s, s.bytes - 1, b, 2), ERR_LIMIT);
	cr_assert_eq(source_read(&s, s.bytes, b, 1), ERR_LIMIT);
	cr_assert_eq(source_read(&s, UINT64_MAX, b, 1), ERR_LIMIT);
}

Test(source, the_format_reads_it_back)
{
	struct message_reader *m;
	struct message_view v;
	unsigned char b[16];
	uint64_t at;
	size_t n;

	cr_assert_eq(source_init(&s, rd_str(json), &list, id, sk), 0);
	cr_assert_eq(message_reader_new(&m, s.bytes), 0);
	for (at = 0; at < s.bytes; at += n) {
		n = s.bytes - at < 16 ? (size_t)(s.bytes - at) : 16;
		cr_assert_eq(source_read(&s, at, b, n), 0);
		cr_assert_eq(message_reader_push(m, rd_from(b, n)), 0);
	}
	cr_assert_eq(message_reader_finish(m, &v), 0);
	cr_assert(rd_eq_str(v.json, json));
	cr_assert_eq(v.attachments_bytes, 15);
	cr_assert_arr_eq(v.whole, s.whole, HASH_BYTES);
	message_reader_free(m);
}

Test(source, too_much_is_refused_before_it_is_read)
{
	list.item[1].bytes = MESSAGE_BYTES_MAX;
	cr_assert_eq(source_init(&s, rd_str(json), &list, id, sk), ERR_LIMIT);
}

Test(source, a_file_that_has_changed_is_an_error)
{
	list.item[0].st.st_mtim.tv_nsec ^= 1;
	cr_assert_eq(source_init(&s, rd_str(json), &list, id, sk),
	    ERR_CHANGED);
}
