/* SPDX-License-Identifier: ISC */
/*
 * fuzz_agekey.c - any bytes as a file of age identities or recipients.
 *
 * Keys that are taken must be written back as they stood.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/agekey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Does this line stand in the file? */
static void
stands_in(struct rd file, struct rd key)
{
	struct rd line;

	while (!rd_done(&file)) {
		if (!rd_line(&file, &line) &&
		    !rd_take(&file, &line, file.n))
			abort();
		if (rd_eq(line, key))
			return;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct age_recipient rcs[3];
	struct age_identity ids[3];
	struct rd file = rd_from(data, size);
	char text[AGE_RECIPIENT_CHARS];
	size_t i, n, line;
	struct wr w;

	if (age_identities_parse(ids, 3, &n, file, &line) != 0 && n != 0)
		abort();
	for (i = 0; i < n; i++) {
		w = wr_from(text, sizeof(text));
		age_identity_write(&w, &ids[i]);
		stands_in(file, wr_rd(&w));
	}
	if (age_recipients_parse(rcs, 3, &n, file, &line) != 0 && n != 0)
		abort();
	for (i = 0; i < n; i++) {
		w = wr_from(text, sizeof(text));
		age_recipient_write(&w, &rcs[i]);
		stands_in(file, wr_rd(&w));
	}
	return 0;
}
