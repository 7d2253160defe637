/* SPDX-License-Identifier: ISC */
/*
 * fuzz_records.c - any bytes as each of the desk's records, as a sealed
 * value, as a typed case reference, and as a cosigned checkpoint.
 *
 * The first byte says which.  Records that parse are written again as the
 * same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/desk/desklog.h"
#include "client/desk/deskrec.h"
#include "client/desk/erase.h"
#include "client/desk/outrec.h"
#include "client/desk/quorum.h"
#include "client/desk/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORD(name, type) \
static void \
try_##name(struct rd in) \
{ \
	static unsigned char again[DESKREC_MAX_BYTES]; \
	struct wr w = wr_from(again, sizeof(again)); \
	struct type v; \
\
	if (name##_parse(&v, in) != 0) \
		return; \
	name##_write(&w, &v); \
	if (!wr_ok(&w) || !rd_eq(wr_rd(&w), in)) \
		abort(); \
}
RECORD(state, state)
RECORD(trust, trust)
RECORD(group, group)
RECORD(part_rec, part_rec)
RECORD(caserec, caserec)
RECORD(caseentry, caseentry)
RECORD(problem, problem)
RECORD(writer, writer)
RECORD(outstate, outstate)
RECORD(answer_rec, answer)
RECORD(stmt, stmt)
RECORD(desklog_head, desklog_head)
RECORD(desklog_anchor, desklog_anchor)
RECORD(erase_wish, erase_wish)
RECORD(erase_mark, erase_mark)

static void
try_value(struct rd in)
{
	static const struct deskrec_keys keys = { { 1 }, { 2 } };
	static const unsigned char key[DESKREC_KEY_BYTES];
	static unsigned char buf[DESKREC_MAX_BYTES];
	struct rd plain;

	if (deskrec_open(buf, &plain, &keys, REC_CASE, key, in) == 0)
		abort();		/* nobody sealed it */
}

static void
try_reference(struct rd in)
{
	char typed[64], out[CASE_REF_CHARS], again[CASE_REF_CHARS];

	if (in.n >= sizeof(typed))
		return;
	if (in.n > 0)
		memcpy(typed, in.p, in.n);
	typed[in.n] = '\0';
	if (case_ref_read(out, typed, 20000) &&
	    (!case_ref_read(again, out, 1) || strcmp(out, again) != 0))
		abort();
}

static void
try_quorum(struct rd in)
{
	static const unsigned char pk[32] = { 1 };
	struct vkey k[2];
	size_t n;

	if (vkey_make(&k[0], rd_str("w1.example"), NOTE_COSIG, pk) != 0 ||
	    vkey_make(&k[1], rd_str("w2.example"), NOTE_COSIG, pk) != 0)
		abort();
	if (quorum_count(&n, in, k, 2) == 0 && n != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const what[])(struct rd) = {
		try_state, try_trust, try_group, try_part_rec, try_caserec,
		try_caseentry, try_problem, try_value, try_reference,
		try_quorum, try_writer, try_outstate, try_answer_rec, try_stmt,
		try_desklog_head, try_desklog_anchor, try_erase_wish,
		try_erase_mark
	};

	if (size > 0)
		what[data[0] % (sizeof(what) / sizeof(what[0]))](
		    rd_from(data + 1, size - 1));
	return 0;
}
