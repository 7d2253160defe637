/* SPDX-License-Identifier: ISC */
/*
 * fuzz_msgjson.c - any bytes as a message's JSON, in both forms.
 *
 * What is taken can be written and is taken again; no error repeats the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/msgjson.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
again(json_t *o, enum msgjson_form form)
{
	char *text = json_dumps(o, JSON_COMPACT), why[160];
	json_t *back = NULL;

	/* Numbers grow when they are written; no limit of ours counts that. */
	if (text == NULL || msgjson_parse(&back, rd_str(text), form, why,
	    sizeof(why)) != 0 || !json_equal(o, back))
		abort();
	json_decref(back);
	free(text);
}

static void
read_attachments(const json_t *o)
{
	struct msgjson_attachment a;
	size_t i;

	for (i = 0; i < msgjson_attachments(o); i++) {
		msgjson_attachment(o, i, &a);
		if (a.name == NULL || a.type == NULL ||
		    strlen(a.name) > MSGJSON_NAME_MAX)
			abort();
	}
}

static void
as(struct rd text, enum msgjson_form form)
{
	json_t *o = NULL;
	char why[160] = "";
	int r = msgjson_parse(&o, text, form, why, sizeof(why));

	if ((r == 0) != (o != NULL) || (r != 0 && why[0] == '\0') ||
	    strlen(why) >= sizeof(why))
		abort();
	if (r != 0)
		return;
	if (form == MSGJSON_MESSAGE)
		read_attachments(o);
	if (text.n < 65536)
		again(o, form);
	json_decref(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as(rd_from(data, size), MSGJSON_REPORT_FILE);
	as(rd_from(data, size), MSGJSON_MESSAGE);
	return 0;
}
