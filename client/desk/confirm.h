/* SPDX-License-Identifier: ISC */
/*
 * confirm.h - a word from the officer before something that cannot be undone.
 */
#ifndef ECR_CONFIRM_H
#define ECR_CONFIRM_H

#include <stdbool.h>

#include "crypto/err.h"

/*
 * confirm_word - go on only where yes is set (--yes) or the officer types
 * this word on the terminal.  Exit code: EXIT_USAGE where there is nobody to
 * ask, EXIT_NOPERM where the word was not typed.
 */
MUST_USE int confirm_word(bool yes, const char *word);

#endif
