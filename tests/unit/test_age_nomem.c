/* SPDX-License-Identifier: ISC */
/*
 * test_age_nomem.c - the nth allocation fails, for each n.
 *
 * Whatever fails says ERR_NOMEM, hands out nothing and leaks nothing.  This
 * program has a malloc() of its own, so under ASan it has nothing to do: that
 * one cannot be replaced.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/age.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"

#define PLAIN	70000
#define OPENSSL_LOSES	4

#ifdef __SANITIZE_ADDRESS__
#define HAVE_NTH 0
#elif defined(__has_feature)
#define HAVE_NTH (!__has_feature(address_sanitizer))
#else
#define HAVE_NTH 1
#endif

static long left = -1;		/* allocations until one fails; -1: never */
static long alive;		/* allocations less frees */
static bool failed;

#if HAVE_NTH
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static bool
fail_now(void)
{
	if (left < 0 || left-- > 0)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t n)
{
	if (fail_now())
		return NULL;
	alive++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t m)
{
	if (fail_now())
		return NULL;
	alive++;
	return __libc_calloc(n, m);
}

void *
realloc(void *p, size_t n)
{
	if (fail_now())
		return NULL;
	if (p == NULL)
		alive++;
	return __libc_realloc(p, n);
}

void
free(void *p)
{
	if (p != NULL)
		alive--;
	__libc_free(p);
}
#endif

static struct age_identity id;
static struct age_recipient rc;
static unsigned char *plain, *file, *out;
static size_t file_n;

static int
on_bytes(void *arg, const unsigned char *p, size_t n)
{
	struct wr *w = arg;

	wr_bytes(w, p, n);
	return wr_ok(w) ? 0 : ERR_LIMIT;
}

static int
do_seal(void)
{
	struct wr w = wr_from(out, PLAIN + 4000);
	int r = age_seal(&w, &rc, 1, rd_from(plain, PLAIN), NULL);

	cr_assert(r == 0 || w.n == 0);
	return r;
}

static int
do_open(void)
{
	unsigned char key[AGE_FILE_KEY_BYTES];
	size_t n;
	int r;

	memset(out, 0, PLAIN);
	r = age_open(out, PLAIN, &n, &id, 1, rd_from(file, file_n), key, NULL);
	cr_assert(r == 0 || (n == 0 && sodium_is_zero(out, PLAIN) &&
	    sodium_is_zero(key, sizeof(key))));
	cr_assert(r != 0 || memcmp(out, plain, PLAIN) == 0);
	return r;
}

static int
do_stream(void)
{
	struct wr w = wr_from(out, PLAIN);
	struct age_dec *d;
	int r;

	if ((r = age_dec_new(&d, &id, 1, on_bytes, &w)) != 0) {
		cr_assert(d == NULL);
		return r;
	}
	if ((r = age_dec_push(d, file, file_n)) == 0)
		r = age_dec_finish(d);
	age_dec_free(d);
	return r;
}

/* A hash goes on without OpenSSL's help, or says that it cannot. */
static int
do_hash(void)
{
	unsigned char a[HASH_BYTES], b[HASH_BYTES];
	struct sha256 *h = sha256_new();

	(void)crypto_hash_sha256(a, plain, PLAIN);
	sha256(b, plain, PLAIN);
	cr_assert(memcmp(a, b, sizeof(a)) == 0);
	if (h == NULL)
		return ERR_NOMEM;
	sha256_update(h, plain, PLAIN);
	sha256_final(h, b);
	sha256_free(h);
	cr_assert(memcmp(a, b, sizeof(a)) == 0);
	return 0;
}

/*
 * Each n several times: what a library keeps for itself, it keeps once.
 * OpenSSL does without some allocations, so that work may also succeed; where
 * its provider finds no memory for a context, 3.0 loses two blocks of its own, 3.5 four.
 */
static void
every_nth(int (*work)(void))
{
	long n, before = 0;
	int again, r = 0;

	for (n = 0; n < 1000; n++) {
		for (again = 0; again < 3; again++) {
			before = alive;
			failed = false;
			left = n;
			r = work();
			left = -1;
		}
		cr_assert(r == ERR_NOMEM || r == 0, "%ld: %d", n, r);
		cr_assert_leq(alive - before, r == 0 && !failed ? 0 :
		    OPENSSL_LOSES, "%ld leaks %ld", n, alive - before);
		if (!failed)
			break;
	}
	cr_assert(n > 0 && n < 1000);
}

static void
setup(void)
{
	struct wr w;

	cr_assert(secret_init() == 0);
	plain = malloc(PLAIN);
	file = malloc(PLAIN + 4000);
	out = malloc(PLAIN + 4000);
	cr_assert(plain != NULL && file != NULL && out != NULL);
	randombytes_buf(plain, PLAIN);
	id.kind = AGE_HYBRID;
	memset(id.seed, 3, sizeof(id.seed));
	cr_assert(hpke_public(rc.pk, id.seed) == 0);
	w = wr_from(file, PLAIN + 4000);
	cr_assert(age_seal(&w, &rc, 1, rd_from(plain, PLAIN), NULL) == 0);
	file_n = w.n;
	cr_assert(do_open() == 0 && do_stream() == 0 && do_hash() == 0);
}

TestSuite(age_nomem, .init = setup, .disabled = !HAVE_NTH);

Test(age_nomem, sealing)
{
	every_nth(do_seal);
}

Test(age_nomem, opening)
{
	every_nth(do_open);
}

Test(age_nomem, opening_by_stream)
{
	every_nth(do_stream);
}

Test(age_nomem, hashing)
{
	every_nth(do_hash);
}

/* Without this the other four would prove nothing. */
Test(age_nomem_itself, an_allocation_fails_when_it_is_told_to)
{
#if HAVE_NTH
	/* Called by a name that the compiler does not know. */
	void *(*volatile get)(size_t) = malloc;
	void *p;

	left = 0;
	p = get(8);
	left = -1;
	cr_assert_null(p);
#else
	fputs("ASan owns malloc(): the nth allocation is not failed\n",
	    stderr);
#endif
}
