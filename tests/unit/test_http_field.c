/* SPDX-License-Identifier: ISC */
/*
 * test_http_field.c - what the fields of a request head say.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/sha256.h"
#include "server/http.h"

#define H	"Host: drop.example\r\n"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"

static struct http_head
good(const char *text)
{
	struct http_head h;
	size_t used;

	cr_assert_eq(http_parse(&h, rd_str(text), &used), 0, "%s", text);
	return h;
}

Test(http_field, keeps_what_a_post_says_of_itself)
{
	struct http_head h = good("POST /parcels HTTP/1.1\r\n" H
	    "Content-Length: 65520\r\nExpect: 100-continue\r\n"
	    "ECRDrop-Digest: " HEX32 "\r\n"
	    "ECRDrop-Work: 00000000000000ff\r\n\r\n");
	size_t i;

	cr_assert_eq(h.method, HTTP_POST);
	cr_assert(rd_eq_str(h.target, "/parcels"));
	cr_assert(h.has_length && h.length == 65520 && h.expect_continue);
	cr_assert(h.has_digest && h.has_work && h.work == 0xff);
	for (i = 0; i < HASH_BYTES; i++)
		cr_assert_eq(h.digest[i], i);
	cr_assert_not(h.close);
	cr_assert_not(h.has_token);
}

Test(http_field, hashes_a_token_and_forgets_it)
{
	static const char *const heads[] = {
		"GET / HTTP/1.1\r\n" H "Authorization: Bearer abc.-_~+/=\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "authorization: bEARER  abc.-_~+/= \r\n\r\n",
	};
	unsigned char want[HASH_BYTES];
	struct http_head h;
	size_t i;

	sha256(want, "abc.-_~+/=", 10);
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		h = good(heads[i]);
		cr_assert(h.has_token);
		cr_assert_arr_eq(h.token, want, HASH_BYTES);
	}
}

Test(http_field, finds_no_token_where_there_is_none)
{
	static const char *const heads[] = {
		"GET / HTTP/1.1\r\n" H "\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Basic abc\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Bearer\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Bearer \r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Bearer a b\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Bearer \"a\"\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Authorization: Bearerabc\r\n\r\n",
		"GET / HTTP/1.1\r\n" H "Proxy-Authorization: Bearer a\r\n\r\n",
	};
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		cr_assert_not(good(heads[i]).has_token, "%s", heads[i]);
}

Test(http_field, takes_a_token_of_the_greatest_size_and_no_more)
{
	static const char start[] =
	    "GET / HTTP/1.1\r\n" H "Authorization: Bearer ";
	unsigned char buf[HTTP_HEAD_MAX];
	struct http_head h;
	size_t n, at, used;

	for (n = HTTP_TOKEN_MAX; n <= HTTP_TOKEN_MAX + 1; n++) {
		at = sizeof(start) - 1;
		memcpy(buf, start, at);
		memset(buf + at, 'a', n);
		memcpy(buf + at + n, "\r\n\r\n", 4);
		cr_assert_eq(http_parse(&h, rd_from(buf, at + n + 4),
		    &used), 0);
		cr_assert_eq(h.has_token, n == HTTP_TOKEN_MAX);
	}
}

Test(http_field, understands_connection)
{
	cr_assert(good("GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n")
	    .close);
	cr_assert(good("GET / HTTP/1.1\r\n" H
	    "Connection: keep-alive , CLOSE\r\n\r\n").close);
	cr_assert_not(good("GET / HTTP/1.1\r\n" H
	    "Connection: Upgrade, HTTP2-Settings\r\n\r\n").close);
	cr_assert_not(good("GET / HTTP/1.1\r\n" H
	    "Connection: closed\r\n\r\n").close);
}

Test(http_field, knows_four_methods_by_their_exact_names)
{
	cr_assert_eq(good("GET / HTTP/1.1\r\n" H "\r\n").method, HTTP_GET);
	cr_assert_eq(good("HEAD / HTTP/1.1\r\n" H "\r\n").method, HTTP_HEAD);
	cr_assert_eq(good("POST / HTTP/1.1\r\n" H "\r\n").method, HTTP_POST);
	cr_assert_eq(good("OPTIONS / HTTP/1.1\r\n" H "\r\n").method,
	    HTTP_OPTIONS);
	cr_assert_eq(good("get / HTTP/1.1\r\n" H "\r\n").method, HTTP_OTHER);
	cr_assert_eq(good("PUT / HTTP/1.1\r\n" H "\r\n").method, HTTP_OTHER);
	cr_assert_eq(good("GETT / HTTP/1.1\r\n" H "\r\n").method,
	    HTTP_OTHER);
}
