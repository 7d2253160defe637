/* SPDX-License-Identifier: ISC */
/*
 * fuzz_answer.c - any bytes as the JSON of an answer.
 *
 * What is taken keeps its limits, and what is lodged is there as a whole.
 */
#include <stdint.h>
#include <stdlib.h>

#include "client/common/jsonwipe.h"
#include "client/report/answer.h"
#include "crypto/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DAY_LAST	2932896		/* 9999-12-31 */

static void
must(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct answer a;
	size_t i;

	if (!ready) {
		json_wipe_memory();
		ready = true;
	}
	if (answer_parse(&a, rd_from(data, size)) != 0) {
		must(a.json == NULL);
		return 0;
	}
	must(a.kind == ANSWER_ACKNOWLEDGEMENT || a.kind == ANSWER_WORDS);
	must(a.ref.n <= ANSWER_CASE_MAX && utf8_ok(a.ref));
	must(a.text.n <= size && utf8_ok(a.text) && utf8_ok(a.status));
	must(a.date >= -1 && a.date <= DAY_LAST);
	must(a.next >= -1 && a.next <= DAY_LAST);
	must(a.nquestions <= ANSWER_QUESTIONS_MAX);
	for (i = 0; i < a.nquestions; i++)
		must(utf8_ok(a.question[i]));
	if (a.has_lodged)
		must(a.nleaves > 0 && a.nleaves <= PARCEL_PARTS_MAX &&
		    a.proof.n > 0 && a.proof.n <= size);
	else
		must(a.nleaves == 0 && a.proof.n == 0);
	answer_wipe(&a);
	return 0;
}
