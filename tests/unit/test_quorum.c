/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/quorum.h"
#include "crypto/secret.h"

/* formats/tlog.md section 6 and the log's example of section 4. */
#define WITNESS "witness.example/w1+df1c0a35+" \
	"BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
#define CHECKPOINT \
	"drop.example/log1\n1000\n" \
	"yJ+vM5XQNKd8EsdtY225Y1jW0oOcPGj2MpoHIx6C/OI=\n\n" \
	"\xe2\x80\x94 drop.example/log1 dafKW691IAxzuXamfyet/jDfciK+1OdWTkpE" \
	"OAjcobOcaHDE071Dp2s4clgDBzSfH41+L24XqH2OIcyX4TIfK9dE+Ag=\n"
#define COSIGNATURE \
	"\xe2\x80\x94 witness.example/w1 3xwKNQAAAABlU/ToihlvvVGYhhwoiNGtlaB0" \
	"qf0JCsLiXUnN2LTFd8NuOCDVFuWCEKFKmT7yLSbu0kjwUyWXo19cqZwenDIMUeW4" \
	"Ag==\n"

static struct vkey w[2];

static void
setup(void)
{
	unsigned char pk[32] = { 3 };

	cr_assert_eq(secret_init(), 0);
	cr_assert_eq(vkey_parse(&w[0], rd_str(WITNESS)), 0);
	cr_assert_eq(vkey_make(&w[1], rd_str("w2.example"), NOTE_COSIG, pk),
	    0);
}

TestSuite(quorum, .init = setup);

static size_t
count(const char *note)
{
	size_t n = 99;

	cr_assert_eq(quorum_count(&n, rd_str(note), w, 2), 0);
	return n;
}

Test(quorum, counts_a_witness_that_signed)
{
	cr_assert_eq(count(CHECKPOINT COSIGNATURE), 1);
}

Test(quorum, counts_nobody_where_nobody_signed)
{
	cr_assert_eq(count(CHECKPOINT), 0);
}

Test(quorum, counts_a_witness_once)
{
	cr_assert_eq(count(CHECKPOINT COSIGNATURE COSIGNATURE), 1);
}

/* One key under two names is one witness. */
Test(quorum, counts_a_key_once)
{
	cr_assert_eq(vkey_make(&w[1], rd_str("w2.example"), NOTE_COSIG,
	    w[0].pk), 0);
	cr_assert_eq(count(CHECKPOINT COSIGNATURE), 1);
	w[1] = w[0];
	cr_assert_eq(count(CHECKPOINT COSIGNATURE), 1);
}

static void
refused(const char *note)
{
	size_t n = 99;

	cr_assert_eq(quorum_count(&n, rd_str(note), w, 2), ERR_AUTH);
	cr_assert_eq(n, 0);
}

Test(quorum, refuses_another_text_time_or_signature)
{
	char *s = strdup(CHECKPOINT COSIGNATURE);
	char *line = strstr(s, "witness.example/w1 ");

	*strstr(s, "1000") = '2';
	refused(s);
	*strstr(s, "2000") = '1';
	cr_assert_eq(count(s), 1);
	line[19 + 12] ^= 1;		/* in the time */
	refused(s);
	line[19 + 12] ^= 1;
	line[19 + 40] ^= 1;		/* in the signature */
	refused(s);
	free(s);
}

Test(quorum, refuses_what_is_no_note)
{
	size_t n;

	cr_assert_neq(quorum_count(&n, rd_str("hello"), w, 2), 0);
}
