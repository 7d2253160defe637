/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "client/common/net.h"

static int
try_new(const char *url, const char *proxy)
{
	const char *why = "";
	struct net *n;
	int r = net_new(&n, url, NULL, proxy, &why);

	cr_assert_eq(n == NULL, r != 0);
	if (r != 0)
		cr_assert_neq(why[0], '\0', "a refusal has words");
	net_free(n);
	return r;
}

Test(net, takes_https_anywhere_and_http_only_on_loopback_or_onion)
{
	static const char *const good[] = { "https://drop.example",
	    "https://drop.example/", "https://drop.example:8443",
	    "https://[::1]:1", "http://127.0.0.1:8080", "http://127.9.8.7",
	    "http://localhost", "http://[::1]:80", "https://[2001:db8::1]" };
	static const char *const bad[] = { "", "drop.example",
	    "http://drop.example", "http://128.0.0.1", "http://127.0.0.1.evil",
	    "ftp://localhost", "https://", "https:///", "https://a/b",
	    "https://a?b", "https://u@a", "https://a:0", "https://a:65536",
	    "https://a:1x", "https://a b", "https://a%20b", "HTTPS://a",
	    "https://a#b", "https://a\\b", "file:///etc/passwd",
	    "http://localhost.example", "https://a.onion" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_assert_eq(try_new(good[i], NULL), 0, "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(try_new(bad[i], NULL), ERR_FORMAT, "%s", bad[i]);
}

Test(net, a_proxy_is_socks5h_on_this_machine_or_nothing)
{
	static const char *const good[] = { "socks5h://127.0.0.1:9050",
	    "socks5h://localhost:9150", "socks5h://[::1]:9050" };
	static const char *const bad[] = { "", "socks5://127.0.0.1:9050",
	    "socks4a://127.0.0.1:9050", "http://127.0.0.1:8080",
	    "socks5h://127.0.0.1", "socks5h://10.0.0.1:9050",
	    "socks5h://proxy.example:9050", "socks5h://u:p@127.0.0.1:9050",
	    "127.0.0.1:9050", "socks5h://127.0.0.1:0" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		cr_assert_eq(try_new("https://a.example", good[i]), 0);
		cr_assert_eq(try_new("http://abc.onion", good[i]), 0);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(try_new("https://a.example", bad[i]), ERR_FORMAT,
		    "%s", bad[i]);
}

Test(net, no_answer_is_an_io_error_with_words)
{
	struct net_answer a;
	const char *why;
	struct net *n;

	/* Port 1 of loopback: nobody listens there. */
	cr_assert_eq(net_new(&n, "http://127.0.0.1:1", NULL, NULL, &why), 0);
	cr_assert_eq(net_get(n, "/policy", NULL, 100, &a), ERR_IO);
	cr_assert_eq(a.status, 0);
	cr_assert_str_eq(net_why(n), "no connection");
	cr_assert_eq(net_get(n, "policy", NULL, 100, &a), ERR_FORMAT);
	net_free(n);
}
