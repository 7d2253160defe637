/* SPDX-License-Identifier: ISC */
/*
 * test_prove.c - ecrdrop prove, with a double in the network's place that
 * serves a log rightly or not.  Whatever happens, the file is the old one or
 * the whole new one.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/net.h"
#include "client/common/say.h"
#include "client/report/cmd.h"
#include "crypto/bundle.h"
#include "tests/unit/proofbox.h"
#include "tests/unit/tmpdir.h"

static struct {
	uint64_t size;			/* of the log that is shown */
	bool witnessed, away, altered;
	char asked[4096];		/* paths, a line each */
	unsigned char body[65536];
	size_t n;
} served;

/* --- the double of the network -------------------------------------------- */

int
net_new(struct net **out, const char *url, const char *cacert,
    const char *proxy, const char **why)
{
	(void)url, (void)cacert, (void)proxy, (void)why;
	*out = NULL;
	return 0;
}

void
net_free(struct net *n)
{
	(void)n;
}

void
net_hang_up(struct net *n)
{
	(void)n;
}

void
net_watch(struct net *n, const volatile sig_atomic_t *stop)
{
	(void)n, (void)stop;
}

bool
net_stopped(const struct net *n)
{
	(void)n;
	return !served.away;		/* no second try, no pause */
}

const char *
net_why(const struct net *n)
{
	(void)n;
	return "it is a double";
}

unsigned char *
net_take(struct net *n)
{
	unsigned char *p = malloc(served.n + 1);

	(void)n;
	cr_assert(p != NULL);
	memcpy(p, served.body, served.n);
	return p;
}

int
net_post(struct net *n, const char *path, const char *const *headers,
    struct rd body, size_t max, struct net_answer *a)
{
	(void)n, (void)path, (void)headers, (void)body, (void)max, (void)a;
	cr_assert_fail("nothing is posted");
	return ERR_IO;
}

static void
serve(const char *path, struct wr *w)
{
	struct tile t;
	struct rd rest = rd_str(path);
	unsigned i;

	if (strcmp(path, "/policy") == 0) {
		wr_str(w, "{\"v\":1,\"parcel_bytes\":65520,"
		    "\"parcel_slots\":4,\"work_bits\":1,"
		    "\"epoch_close\":5,\"epoch_seconds\":6}");
	} else if (strcmp(path, "/keyset") == 0) {
		wr_str(w, "whatever\n");
	} else if (strcmp(path, "/log/checkpoint") == 0) {
		proofbox_checkpoint(w, served.size, served.witnessed);
	} else if (rd_lit(&rest, "/log/") && tile_parse(&t, rest) == 0) {
		for (i = 0; i < t.width; i++)
			bundle_write(w, proofbox_entry[i]);
	}
}

int
net_get(struct net *n, const char *path, const char *token, size_t max,
    struct net_answer *a)
{
	struct wr w = wr_from(served.body, sizeof(served.body));

	(void)n;
	cr_assert(token == NULL);
	memset(a, 0, sizeof(*a));
	(void)strcat(strcat(served.asked, path), "\n");
	if (served.away)
		return ERR_IO;
	serve(path, &w);
	if (served.altered && strstr(path, "entries") != NULL)
		served.body[50] ^= 1;
	cr_assert(wr_ok(&w) && w.n <= max);
	served.n = w.n;
	a->status = 200;
	a->body = served.body;
	a->n = w.n;
	return 0;
}

/* --- tests ---------------------------------------------------------------- */

static void
setup(void)
{
	char text[1024];
	struct wr w = wr_from(text, sizeof(text));
	int i;

	proofbox_init();
	for (i = 0; i < 2; i++) {
		vkey_write(&w, &proofbox_office.key[i]);
		wr_u8(&w, '\n');
	}
	cr_assert_eq(file_write(tmpdir_path("office"), wr_rd(&w), 0600,
	    true), 0);
	cr_assert(freopen("/dev/null", "w", stdout) != NULL);
	served.witnessed = true;
}

TestSuite(prove, .init = setup, .fini = tmpdir_remove);

/* Runs prove on what the plan makes; says is what it must say. */
static int
run(const struct plan *p, const char *says)
{
	static const struct opts_option options[] = {
		{ "server", 's', "URL", false },
		{ "office", 'k', "FILE", false },
		{ "cacert", 0, "FILE", false }, { "proxy", 0, "URL", false },
		{ "json", 0, NULL, false }, { NULL, 0, NULL, false }
	};
	static struct opts o;
	char prove[] = "prove", s[] = "-s", url[] = "https://x", k[] = "-k";
	char office[4096], path[4096], name[] = "ecrdrop";
	char *argv[] = { name, prove, s, url, k, office, path, NULL };
	unsigned char *err;
	size_t n;
	int code;

	(void)snprintf(path, sizeof(path), "%s", proofbox_make(p));
	(void)snprintf(office, sizeof(office), "%s", tmpdir_path("office"));
	if (served.size == 0)
		served.size = SEVEN + proofbox_parts();
	memset(&o, 0, sizeof(o));
	o.usage = "";
	o.option = options;
	cr_assert_eq(opts_parse(&o, 7, argv), -1);
	cr_assert(freopen(tmpdir_path("err"), "w+", stderr) != NULL);
	served.asked[0] = '\0';
	code = cmd_prove(&o);
	fflush(stderr);
	cr_assert_eq(file_read(&err, &n, tmpdir_path("err"), 65536), 0);
	cr_assert(says == NULL || strstr((char *)err, says) != NULL,
	    "it says: %s", err);
	file_free(err, n);
	return code;
}

/* Is the file whole now? */
static bool
whole(void)
{
	struct disclosed_how how = { .office = &proofbox_office };
	struct disclosed d;
	int code = disclosed_open(&d, tmpdir_path("p"), &how);

	disclosed_close(&d);
	cr_assert(code == 0 || code == EXIT_DATA, "%d", code);
	return code == 0;
}

Test(prove, makes_it_whole_and_asks_for_everything)
{
	struct plan p = { .attached = 200000, .unproved = true };

	cr_assert_eq(run(&p, NULL), 0);
	cr_assert(whole());
	cr_assert_str_eq(served.asked, "/policy\n/keyset\n/replies\n"
	    "/log/checkpoint\n/log/tile/entries/000.p/11\n");
}

Test(prove, whole_already_asks_for_nothing)
{
	struct plan p = { .attached = 10 };

	cr_assert_eq(run(&p, NULL), 0);
	cr_assert_str_empty(served.asked);
	cr_assert(whole());
}

Test(prove, before_the_close_is_not_yet)
{
	struct plan p = { .attached = 10, .unproved = true };

	served.size = SEVEN;
	/* That epoch was to close long ago: patience has an end. */
	cr_assert_eq(run(&p, "over a day ago"), EXIT_NOTYET);
	cr_assert_not(whole());
}

Test(prove, log_that_went_on_without_it_has_broken_its_promise)
{
	struct plan p = { .attached = 10, .unproved = true };

	proofbox_lose(3600);
	cr_assert_eq(run(&p, "its receipt is broken"), EXIT_CLAIM);
	cr_assert_not(whole());
}

Test(prove, close_of_its_epoch_alone_convicts_nobody)
{
	struct plan p = { .attached = 10, .unproved = true };

	proofbox_lose(0);
	cr_assert_eq(run(&p, "the next close decides"), EXIT_NOTYET);
	cr_assert_not(whole());
}

Test(prove, without_a_quorum_is_not_yet)
{
	struct plan p = { .attached = 10, .unproved = true };

	served.witnessed = false;
	cr_assert_eq(run(&p, "too few witnesses"), EXIT_NOTYET);
	cr_assert_not(whole());
}

Test(prove, entries_that_do_not_lead_to_the_root_do_not_hold)
{
	struct plan p = { .attached = 10, .unproved = true };

	served.altered = true;
	cr_assert_eq(run(&p, "not those of the log"), EXIT_CLAIM);
	cr_assert_not(whole());
}

Test(prove, server_out_of_reach_changes_nothing)
{
	struct plan p = { .attached = 10, .unproved = true };

	served.away = true;
	cr_assert_eq(run(&p, "out of reach"), EXIT_UNAVAILABLE);
	cr_assert_not(whole());
}

Test(prove, spoilt_file_is_not_sent_for)
{
	struct plan p = { .attached = 10, .unproved = true,
	    .wrong_author = true };

	cr_assert_eq(run(&p, "not signed by the author"), EXIT_CLAIM);
	cr_assert_str_empty(served.asked);
}
