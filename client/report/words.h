/* SPDX-License-Identifier: ISC */
/*
 * words.h - the codename of an earlier report: from the terminal, a file or
 * standard input; never from argv or the environment.
 */
#ifndef ECR_REPORT_WORDS_H
#define ECR_REPORT_WORDS_H

#include <stdbool.h>

#include "crypto/codename.h"

/*
 * words_read - path: a file, "-" for standard input; NULL: standard input
 * where it is free and something other than a terminal or /dev/null, else
 * the terminal, where it asks until the words fit or the person leaves.
 * Typed words are shown: they were shown when they were given out, and twelve
 * words cannot be typed blindly.
 * Says what is wrong, never what was typed.  Returns an exit code, 0 for
 * entropy.
 */
int words_read(unsigned char entropy[static CODENAME_BYTES], const char *path,
    bool stdin_free);

#endif
