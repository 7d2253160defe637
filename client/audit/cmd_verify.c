/* SPDX-License-Identifier: ISC */
/*
 * cmd_verify.c - "verify", once or for as long as all is well.
 */
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "client/audit/cmd.h"
#include "client/audit/verify.h"
#include "client/common/say.h"

#define EVERY_SECS	300
#define EVERY_MAX_SECS	86400
#define DELAY_MAX_SECS	315360000

/* --- results ------------------------------------------------------------- */

static int
print_json(const struct keys *k, const struct verify_result *res)
{
	char root[64];
	struct wr w = wr_from(root, sizeof(root));

	wr_b64(&w, res->root, HASH_BYTES, true);
	if (!wr_cstr(&w))
		return EXIT_SYSTEM;
	return cmd_print_json(json_pack("{s:b, s:s, s:I, s:s, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:b, s:i, s:i}", "holds", 1, "origin", k->log.name,
	    "size", (json_int_t)res->size, "root", root, "from",
	    (json_int_t)res->from, "parcels", (json_int_t)res->parcels,
	    "replies", (json_int_t)res->replies, "statements",
	    (json_int_t)res->statements, "bodies", (json_int_t)res->bodies,
	    "erased", (json_int_t)res->gone, "epoch_close", (json_int_t)res->close, "age",
	    (json_int_t)res->age.secs, "stale", res->age.stale ? 1 : 0,
	    "cosignatures", (int)res->cosignatures, "quorum", (int)res->quorum));
}

static void
print_close(const struct verify_result *res)
{
	char when[48];

	if (res->close == 0)
		return;
	cmd_time(when, res->close);
	printf("  newest epoch   closed %s%s\n", when, res->age.stale ?
	    ": too long ago" : "");
}

static uint64_t
clock_now(void)
{
	time_t t = time(NULL);

	return t < 0 ? 0 : (uint64_t)t;
}

static void
print_words(const struct keys *k, const struct verify_result *res)
{
	printf("the log holds: %s\n  entries        %llu, %llu of them new "
	    "since the last visit\n", k->log.name,
	    (unsigned long long)res->size,
	    (unsigned long long)(res->size - res->from));
	print_close(res);
	printf("  cosignatures   %u, needed %u\n", res->cosignatures,
	    res->quorum);
	if (k->has_office)
		printf("  statements     %llu new ones, all of them signed "
		    "and in order\n", (unsigned long long)res->statements);
	if (res->gone > 0)
		printf("  parcels        %llu erased, which the office had let "
		    "go\n", (unsigned long long)res->gone);
	if (res->bodies > 0)
		printf("  parcels        %llu read, each what its entry says\n",
		    (unsigned long long)res->bodies);
}

/* --- verify -------------------------------------------------------------- */

static void
wait_secs(unsigned secs)
{
	struct timespec t = { 1, 0 };

	/* A signal cuts one second short, and is seen before the next. */
	for (; secs > 0 && !cmd_stopped; secs--)
		(void)nanosleep(&t, NULL);
}

/*
 * Until something is wrong, or somebody says stop.  What ends it at the first
 * look, a key that is none say, is a bad hour of somebody's later on.
 */
static int
watch(struct verify *v, unsigned every)
{
	static struct verify_last last;
	struct verify_result res;
	bool away = false, begun = false, still = false;
	int code = EXIT_DONE;

	v->last = &last;	/* also without a file of it */
	while (!cmd_stopped) {
		code = verify_run(v, &res);
		if (code == EXIT_CLAIM || code == EXIT_CANTCREATE ||
		    (code != EXIT_DONE && code != EXIT_UNAVAILABLE && !begun))
			break;
		begun = begun || code == EXIT_DONE;
		if (code == EXIT_DONE && away)
			say("the server is back, and its log holds");
		if (code == EXIT_DONE) {
			if (!still)
				age_warn(&res.age);	/* once a standstill */
			else if (!res.age.stale)
				say("the log goes on");
			still = res.age.stale;
		}
		away = code != EXIT_DONE;
		code = EXIT_DONE;
		wait_secs(every);
	}
	verify_forget(&last);
	/* A finding stays one, though somebody says stop just then. */
	return cmd_stopped && code != EXIT_CLAIM ? EXIT_DONE : code;
}

static int
run(const struct opts *o, struct verify *v, unsigned every)
{
	struct verify_result res;
	int code;

	if (opts_on(o, "watch"))
		return watch(v, every);
	if ((code = verify_run(v, &res)) != EXIT_DONE)
		return code;
	age_warn(&res.age);
	if (opts_on(o, "json"))
		return print_json(v->keys, &res);
	print_words(v->keys, &res);
	return EXIT_DONE;
}

/* see cmd.h */
int
cmd_verify(const struct opts *o)
{
	static struct cmd c;
	struct verify v = { .keys = &c.keys, .clock = clock_now };
	unsigned every = EVERY_SECS, delay = SAID_DELAY_SECS;
	int code;

	if (o->argc != 1)
		return opts_wrong(o, "verify needs one URL or MIRROR");
	if (!cmd_number(o, "every", 1, EVERY_MAX_SECS, &every) ||
	    !cmd_number(o, "erase-delay", 0, DELAY_MAX_SECS, &delay))
		return EXIT_USAGE;
	if ((code = cmd_open(&c, o, o->argv[0])) == EXIT_DONE) {
		v.src = c.src;
		v.state = opts_get(o, "state");
		v.evidence = opts_get(o, "evidence");
		v.parcels = c.token != NULL || opts_on(o, "parcels");
		v.all = opts_on(o, "all");
		v.delay = delay;
		code = run(o, &v, every);
	}
	cmd_close(&c);
	return code;
}
