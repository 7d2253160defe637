/* SPDX-License-Identifier: ISC */
/*
 * leftover.c - is anything of these bodies left in any file below a folder?
 *
 *   leftover FOLDER BYTES FILE...
 *
 * Each FILE is bodies of BYTES each, one behind the other.  Prints how many
 * windows of them were found (trace.h); exit code 0 where there are none.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/trace.h"

int
main(int argc, char **argv)
{
	struct trace *t = trace_new();
	unsigned char *body;
	size_t bytes, n, found;
	FILE *f;
	int i;

	if (argc < 4 || (bytes = strtoull(argv[2], NULL, 10)) == 0 ||
	    (body = malloc(bytes)) == NULL)
		return 64;
	for (i = 3; i < argc; i++) {
		if ((f = fopen(argv[i], "rb")) == NULL)
			return 66;
		while ((n = fread(body, 1, bytes, f)) > 0)
			trace_add(t, body, n);
		if (fclose(f) != 0)
			return 74;
	}
	found = trace_count_tree(t, argv[1]);
	printf("%zu\n", found);
	free(body);
	trace_free(t);
	return found > 0;
}
