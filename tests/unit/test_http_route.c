/* SPDX-License-Identifier: ISC */
/*
 * test_http_route.c - what a target and a method mean.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "server/http.h"

#define H	"Host: drop.example\r\n"
#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"101112131415161718191a1b1c1d1e1f"

static enum route
route(enum http_method m, const char *target, unsigned char *key,
    size_t *nkey, bool *allowed, bool *cors)
{
	struct http_head h;

	memset(&h, 0, sizeof(h));
	h.method = m;
	h.target = rd_str(target);
	return http_route(&h, key, nkey, allowed, cors);
}

Test(http_route, routes_exact_paths)
{
	static const struct {
		const char *target;
		enum route route;
		bool post, cors;
	} t[] = {
		{ "/parcels", ROUTE_PARCELS, true, true },
		{ "/outbox", ROUTE_OUTBOX, true, false },
		{ "/policy", ROUTE_POLICY, false, true },
		{ "/keyset", ROUTE_KEYSET, false, true },
		{ "/replies", ROUTE_REPLIES, false, true },
		{ "/log/checkpoint", ROUTE_CHECKPOINT, false, true },
		{ "/log/tile/0/000", ROUTE_TILE, false, true },
		{ "/log/tile/entries/x001/234.p/7", ROUTE_TILE, false, true },
		{ "/statements/" HEX32, ROUTE_STATEMENT, false, true },
		{ "/parcels/" HEX32, ROUTE_PARCEL, false, false },
		{ "/health", ROUTE_HEALTH, false, false },
	};
	unsigned char key[HTTP_KEY_MAX];
	bool allowed, cors;
	size_t i, nkey;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cr_assert_eq(route(HTTP_GET, t[i].target, key, &nkey,
		    &allowed, &cors), t[i].route, "%s", t[i].target);
		cr_assert_eq(allowed, !t[i].post);
		cr_assert_eq(cors, t[i].cors);
		(void)route(HTTP_HEAD, t[i].target, key, &nkey, &allowed,
		    &cors);
		cr_assert_eq(allowed, !t[i].post);
		(void)route(HTTP_POST, t[i].target, key, &nkey, &allowed,
		    &cors);
		cr_assert_eq(allowed, t[i].post);
		(void)route(HTTP_OPTIONS, t[i].target, key, &nkey, &allowed,
		    &cors);
		cr_assert_eq(allowed, t[i].cors);
		(void)route(HTTP_OTHER, t[i].target, key, &nkey, &allowed,
		    &cors);
		cr_assert_not(allowed);
	}
}

Test(http_route, has_nothing_else)
{
	static const char *const t[] = {
		"/", "//policy", "/policy/", "/policy?", "/policy?a=b",
		"/Policy", "/policy%20", "/%70olicy", "/./policy",
		"/a/../policy", "/policy;a", "/parcels/", "/parcel",
		"/log", "/log/", "/log/checkpoint/", "/log/tile/",
		"/log/tile/0", "/log/tile/0/", "/log/tile/0/0",
		"/log/tile/0/00", "/log/tile/0/0000", "/log/tile/00/000",
		"/log/tile/64/000", "/log/tile/-1/000", "/log/tile/+1/000",
		"/log/tile/255/000", "/log/tile//000", "/log/tile/0/x000",
		"/log/tile/0/x000/000", "/log/tile/0/x000/x001/000",
		"/log/tile/0/001/000", "/log/tile/0/x001/00",
		"/log/tile/0/x01/000", "/log/tile/0/000.p",
		"/log/tile/0/000.p/", "/log/tile/0/000.p/0",
		"/log/tile/0/000.p/256", "/log/tile/0/000.p/01",
		"/log/tile/0/000.p/+1", "/log/tile/0/000.p/1/",
		"/log/tile/0/000/", "/log/tile/0/000.q/1",
		"/log/tile/0/x001/000/", "/log/tile/8/0/000",
		"/log/tile/entries", "/log/tile/entries/",
		"/log/tile/Entries/000", "/log/tile/data/000",
		"/log/tile/0/x999/x999/x999/x999/x999/x999/x999/999",
		"/log/tile/0/x018/x446/x744/x073/x709/x551/616",
		"/statements", "/statements/", "/statements/00",
		"/statements/" HEX32 "0", "/statements/" HEX32 "/",
		"/parcels/00", "/parcels/" HEX32 "00", "/parcels/" HEX32 "/",
		"/parcels/0001020304050607" "08090A0B0C0D0E0F"
		    "101112131415161718191A1B1C1D1E1F",
		"/health/", "/healthz", "/keysets", "/outbox/", "/favicon.ico",
		"/.well-known/security.txt", "/replies/0",
	};
	unsigned char key[HTTP_KEY_MAX];
	bool allowed, cors;
	size_t i, nkey;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		cr_assert_eq(route(HTTP_GET, t[i], key, &nkey, &allowed,
		    &cors), ROUTE_NONE, "%s", t[i]);
}

Test(http_route, makes_a_tiles_key)
{
	static const struct {
		const char *target;
		unsigned char key[11];
	} t[] = {
		{ "/log/tile/0/000", { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 } },
		{ "/log/tile/63/273.p/112",
		    { 63, 0, 0, 0, 0, 0, 0, 1, 0x11, 0, 112 } },
		{ "/log/tile/entries/x001/x234/067",
		    { 0xff, 0, 0, 0, 0, 0, 0x12, 0xd4, 0x93, 1, 0 } },
		{ "/log/tile/1/x001/000.p/255",
		    { 1, 0, 0, 0, 0, 0, 0, 3, 0xe8, 0, 255 } },
	};
	unsigned char key[HTTP_KEY_MAX];
	bool allowed, cors;
	size_t i, nkey;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		cr_assert_eq(route(HTTP_GET, t[i].target, key, &nkey,
		    &allowed, &cors), ROUTE_TILE);
		cr_assert_eq(nkey, 11);
		cr_assert_arr_eq(key, t[i].key, 11, "%s", t[i].target);
	}
}

Test(http_route, says_which_methods_a_path_has)
{
	cr_assert_str_eq(http_allow(ROUTE_PARCELS), "POST, OPTIONS");
	cr_assert_str_eq(http_allow(ROUTE_POLICY), "GET, HEAD, OPTIONS");
	cr_assert_str_eq(http_allow(ROUTE_TILE), "GET, HEAD, OPTIONS");
	cr_assert_str_eq(http_allow(ROUTE_PARCEL), "GET, HEAD");
	cr_assert_str_eq(http_allow(ROUTE_HEALTH), "GET, HEAD");
}
