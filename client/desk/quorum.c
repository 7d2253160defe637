/* SPDX-License-Identifier: ISC */
/*
 * quorum.c - cosignatures of witnesses.
 *
 * A signature line is "— name base64(key id 4 | time 8 | signature 64)"; what
 * is signed is "cosignature/v1", the time and the checkpoint's text.
 */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/desk/quorum.h"
#include "crypto/base.h"
#include "crypto/wr.h"

#define COSIG_BYTES	(4 + 8 + SIG_BYTES)

/* Does this line belong to the witness, and does it hold? */
static bool
line_holds(struct rd line, struct rd text, const struct vkey *k)
{
	unsigned char sig[COSIG_BYTES], *msg;
	struct rd in = rd_from(sig, sizeof(sig)), b;
	uint64_t when;
	uint32_t id;
	struct wr w;
	bool ok = false;

	if (!rd_lit(&line, "\xe2\x80\x94 ") || !rd_lit(&line, k->name) ||
	    !rd_lit(&line, " ") || !b64_decode(sig, sizeof(sig), line, true) ||
	    !rd_u32(&in, &id) || id != k->id || !rd_u64(&in, &when) ||
	    when > INT64_MAX || !rd_take(&in, &b, SIG_BYTES))
		return false;
	if ((msg = malloc(text.n + 64)) == NULL)
		return false;
	w = wr_from(msg, text.n + 64);
	wr_str(&w, "cosignature/v1\ntime ");
	wr_dec(&w, when);
	wr_str(&w, "\n");
	wr_rdr(&w, text);
	ok = wr_ok(&w) && crypto_sign_verify_detached(b.p, w.p, w.n,
	    k->pk) == 0;
	free(msg);
	return ok;
}

/* see quorum.h */
int
quorum_count(size_t *n, struct rd checkpoint, const struct vkey *witness,
    size_t nwitnesses)
{
	struct rd sigs, line;
	struct note note;
	size_t i;
	int r;

	*n = 0;
	if ((r = note_parse(&note, checkpoint)) != 0)
		return r;
	for (i = 0; i < nwitnesses; i++) {
		if (witness[i].type != NOTE_COSIG)
			continue;
		sigs = note.sigs;
		while (rd_line(&sigs, &line))
			if (line_holds(line, note.text, &witness[i])) {
				(*n)++;
				break;
			}
	}
	return 0;
}
