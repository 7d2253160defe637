/* SPDX-License-Identifier: ISC */
/*
 * mklog - a mirror with a log of so many entries, and nothing but the log.
 *
 * usage: mklog MIRROR ENTRIES     prints the log's verifier key
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/wr.h"
#include "tests/bench/logmade.h"

int
main(int argc, char **argv)
{
	char text[NAME_MAX_BYTES + 128];
	struct wr w = wr_from(text, sizeof(text));
	struct vkey log;

	if (argc != 3) {
		fputs("usage: mklog MIRROR ENTRIES\n", stderr);
		return 64;
	}
	logmade_write(argv[1], strtoull(argv[2], NULL, 10), &log);
	vkey_write(&w, &log);
	if (!wr_cstr(&w))
		return 1;
	puts(text);
	return 0;
}
