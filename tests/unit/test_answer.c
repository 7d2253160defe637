/* SPDX-License-Identifier: ISC */
/*
 * test_answer.c - the heads of our answers, to the byte.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "server/answer.h"

static char text[ANSWER_HEAD_MAX + 1];

static const char *
head(struct answer a)
{
	struct wr w = wr_from(text, ANSWER_HEAD_MAX);

	answer_head(&w, &a);
	cr_assert(wr_ok(&w));
	text[w.n] = '\0';
	return text;
}

Test(answer, is_small_and_says_nothing_of_us)
{
	cr_assert_str_eq(head((struct answer){ .status = 404, .length = 10 }),
	    "HTTP/1.1 404 Not Found\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Length: 10\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "\r\n");
}

Test(answer, has_all_its_fields_for_a_tile)
{
	cr_assert_str_eq(head((struct answer){ .status = 200,
	    .type = ANSWER_BYTES, .length = 8192, .cors = true,
	    .immutable = true, .close = true }),
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/octet-stream\r\n"
	    "Content-Length: 8192\r\n"
	    "Cache-Control: public, max-age=604800, immutable\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Connection: close\r\n"
	    "\r\n");
}

Test(answer, lists_methods_with_405)
{
	cr_assert(strstr(head((struct answer){ .status = 405,
	    .allow = "GET, HEAD" }), "\r\nAllow: GET, HEAD\r\n"));
}

Test(answer, names_the_scheme_with_401)
{
	cr_assert(strstr(head((struct answer){ .status = 401 }),
	    "\r\nWWW-Authenticate: Bearer\r\n"));
}

Test(answer, says_when_to_come_back_with_503)
{
	cr_assert(strstr(head((struct answer){ .status = 503 }),
	    "\r\nRetry-After: 5\r\n"));
}

Test(answer, tells_a_browser_what_it_may_send)
{
	cr_assert_str_eq(head((struct answer){ .status = 204, .cors = true,
	    .allow = "POST, OPTIONS" }),
	    "HTTP/1.1 204 No Content\r\n"
	    "Cache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Access-Control-Allow-Origin: *\r\n"
	    "Access-Control-Allow-Methods: POST, OPTIONS\r\n"
	    "Access-Control-Allow-Headers: "
	    "ECRDrop-Digest, ECRDrop-Work, Content-Type\r\n"
	    "Access-Control-Max-Age: 86400\r\n"
	    "\r\n");
}

Test(answer, is_equally_long_for_a_new_parcel_and_one_held)
{
	size_t created, held;

	created = strlen(head((struct answer){ .status = 201,
	    .length = 400, .cors = true }));
	held = strlen(head((struct answer){ .status = 200,
	    .length = 400, .cors = true }));
	cr_assert_eq(created, held);
}

Test(answer, fits_with_everything_in_it)
{
	static const unsigned all[] = { 200, 201, 204, 400, 401, 404, 405,
		408, 411, 413, 414, 417, 429, 431, 501, 503, 505 };
	unsigned char body[ANSWER_BODY_MAX];
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		(void)head((struct answer){ .status = all[i],
		    .type = ANSWER_BYTES, .length = UINT64_MAX, .cors = true,
		    .immutable = true, .close = true,
		    .allow = "GET, HEAD, OPTIONS" });
		w = wr_from(body, sizeof(body));
		answer_refusal(&w, all[i]);
		cr_assert(wr_ok(&w));
	}
}

Test(answer, asks_for_work_in_json)
{
	unsigned char body[ANSWER_BODY_MAX];
	struct wr w = wr_from(body, sizeof(body));

	answer_bits(&w, 18);
	cr_assert(rd_eq_str(wr_rd(&w), "{\"bits\":18}\n"));
}
