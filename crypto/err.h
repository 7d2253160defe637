/* SPDX-License-Identifier: ISC */
/*
 * err.h - the dozen ways in which something fails.
 *
 * A function that can fail returns 0 or one of these.  Codes say what was
 * wrong with the bytes or the machine, never what a secret was.
 */
#ifndef ECR_ERR_H
#define ECR_ERR_H

#if defined(__GNUC__)
#define MUST_USE __attribute__((warn_unused_result))
#else
#define MUST_USE
#endif

enum err {
	ERR_OK = 0,
	ERR_FORMAT = -1,	/* not what the format says, or non-canonical */
	ERR_AUTH = -2,		/* a signature, tag or MAC does not hold */
	ERR_NOMATCH = -3,	/* well formed, but for none of our keys */
	ERR_PAYLOAD = -4,	/* age: header good, payload not */
	ERR_LIMIT = -5,		/* over a limit of ours */
	ERR_NOMEM = -6,
	ERR_IO = -7,		/* disk or network; errno has more at the edge */
	ERR_NOTFOUND = -8,
	ERR_EXISTS = -9,
	ERR_ORDER = -10,	/* not possible now, or out of order */
	ERR_FULL = -11,		/* no room left */
	ERR_CHANGED = -12	/* differs from what was seen before */
};

/*
 * err_str - plain words for a code; a static string, never NULL.
 */
const char *err_str(int err);

#endif
