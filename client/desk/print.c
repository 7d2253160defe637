/* SPDX-License-Identifier: ISC */
/*
 * print.c - small pieces of output.
 */
#include <stdio.h>

#include "client/common/say.h"
#include "client/desk/desk.h"
#include "client/desk/print.h"

/* see print.h */
void
print_day(char out[static DATE_CHARS], int32_t day)
{
	struct wr w = wr_from(out, DATE_CHARS);

	day_write(&w, day);
	if (!wr_cstr(&w))
		out[0] = '\0';
}

/* see print.h */
void
print_date(char out[static DATE_CHARS], uint64_t seconds)
{
	print_day(out, desk_day(seconds));
}

/* see print.h */
int
print_json(json_t *o)
{
	int r;

	if (o == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	r = json_dumpf(o, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII |
	    JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
	json_decref(o);
	if (r != 0 || putchar('\n') == EOF)
		return fail(EXIT_CANTCREATE, "standard output failed");
	return 0;
}
