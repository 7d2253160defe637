/* SPDX-License-Identifier: ISC */
/*
 * cmd_receipt.c - "receipt": was a promise kept?
 */
#include <jansson.h>
#include <stdio.h>

#include "client/audit/cmd.h"
#include "client/audit/promise.h"
#include "client/common/say.h"

static const char *const verdicts[] = {
	[JUDGE_IN_TIME] = "in time",
	[JUDGE_LATE] = "late",
	[JUDGE_NOT_DUE] = "not due",
	[JUDGE_BROKEN] = "broken"
};

static json_t *
one_json(const struct promise_one *one)
{
	json_t *j = json_pack("{s:s, s:I}", "verdict",
	    verdicts[one->judgement.verdict], "promised",
	    (json_int_t)one->receipt.close);

	if (j != NULL && one->place.found &&
	    (json_object_set_new(j, "index",
	    json_integer((json_int_t)one->place.index)) != 0 ||
	    json_object_set_new(j, "close",
	    json_integer((json_int_t)one->place.close)) != 0)) {
		json_decref(j);
		return NULL;
	}
	return j;
}

static int
print_json(const struct promise_result *res)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; all != NULL && i < res->n; i++)
		if (res->one[i].judged && json_array_append_new(all, one_json(&res->one[i])) != 0) {
			json_decref(all);
			all = NULL;
		}
	return cmd_print_json(all);
}

static void
print_words(const struct promise_one *one)
{
	unsigned long long index = one->place.index;
	char promised[48], logged[48];

	cmd_time(promised, one->receipt.close);
	cmd_time(logged, one->place.close);
	switch (one->judgement.verdict) {
	case JUDGE_NOT_DUE:
		printf("not yet due: the epoch closes %s, and nothing of a "
		    "later one is in the log\n", promised);
		break;
	case JUDGE_LATE:
		printf("kept, but late: entry %llu, of the epoch that closed "
		    "%s; promised for %s\n", index, logged, promised);
		break;
	case JUDGE_IN_TIME:
		printf("kept: entry %llu, of the epoch that closed %s; its "
		    "proof holds\n", index, logged);
		break;
	case JUDGE_BROKEN:
		if (one->place.found)
			printf("broken: promised for %s, and only then entry "
			    "%llu, of the epoch that closed %s\n", promised,
			    index, logged);
		else
			printf("broken: promised for %s, and not logged\n",
			    promised);
		break;
	}
}

static int
print_all(const struct promise_result *res)
{
	size_t i;

	for (i = 0; i < res->n; i++)
		if (res->one[i].judged)
			print_words(&res->one[i]);
	return EXIT_DONE;
}

/* see cmd.h */
int
cmd_receipt(const struct opts *o)
{
	static struct cmd c;
	struct promise p = { .keys = &c.keys };
	struct promise_result res = { 0 };
	int code, r;

	if (o->argc != 2)
		return opts_wrong(o, "receipt needs one URL or MIRROR, and "
		    "the receipt's FILE");
	if ((code = cmd_open(&c, o, o->argv[0])) == EXIT_DONE) {
		p.src = c.src;
		p.receipt = o->argv[1];
		p.state = opts_get(o, "state");
		p.evidence = opts_get(o, "evidence");
		p.proof = opts_get(o, "proof");
		code = promise_run(&p, &res);
	}
	/* A broken promise is a result like others; one not judged is none. */
	if (res.n > 0 && res.one[0].judged) {
		r = opts_on(o, "json") ? print_json(&res) : print_all(&res);
		if (code == EXIT_DONE)
			code = r;
	}
	promise_wipe(&res);
	cmd_close(&c);
	return code;
}
