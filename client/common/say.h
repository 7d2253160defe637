/* SPDX-License-Identifier: ISC */
/*
 * say.h - exit codes, and words for the person at the terminal.
 *
 * Results go to stdout, talk goes to stderr.  Whatever comes from outside is
 * printed through say_clean(), so that no hostile text moves a cursor.
 */
#ifndef ECR_SAY_H
#define ECR_SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "crypto/err.h"
#include "crypto/rd.h"

enum exit_code {
	EXIT_DONE = 0,		/* done, or the claim holds */
	EXIT_CLAIM = 1,		/* checked, and it does not hold */
	EXIT_USAGE = 64,
	EXIT_DATA = 65,		/* malformed input */
	EXIT_NOINPUT = 66,
	EXIT_UNAVAILABLE = 69,	/* server out of reach */
	EXIT_SYSTEM = 71,
	EXIT_CANTCREATE = 73,
	EXIT_NOTYET = 75,	/* nothing is wrong; come back later */
	EXIT_NOPERM = 77,	/* wrong passphrase, permission */
	EXIT_CONFIG = 78
};

void say_program(const char *name);	/* once, in main() */
void say_quiet(bool quiet);		/* -q: say() is silent, warn() not */
/* "PROGRAM: ..." LF on stderr. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* warn(), then the code: `return fail(EXIT_DATA, "...")`. */
int fail(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The exit code that fits an ERR_* code. */
int exit_for(int err);

/*
 * say_clean - write text of others so that a terminal only shows it: control
 * characters, bidirectional overrides and broken UTF-8 become visible
 * stand-ins.  LF is kept where lines is true.
 */
void say_clean(FILE *f, struct rd text, bool lines);

/*
 * A progress line on stderr, only where stderr is a terminal and not quiet.
 * done and total in bytes; total 0: unknown.  say_progress_end() clears it.
 */
void say_progress(const char *what, unsigned long long done,
    unsigned long long total);
void say_progress_end(void);

#endif
