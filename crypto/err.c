/* SPDX-License-Identifier: ISC */
/*
 * err.c - plain words for each error code.
 */
#include "crypto/err.h"

/* see err.h */
const char *
err_str(int err)
{
	switch (err) {
	case ERR_OK:
		return "no error";
	case ERR_FORMAT:
		return "malformed";
	case ERR_AUTH:
		return "a signature or authenticity check does not hold";
	case ERR_NOMATCH:
		return "not for any of the keys at hand";
	case ERR_PAYLOAD:
		return "the payload is damaged or cut short";
	case ERR_LIMIT:
		return "larger than allowed";
	case ERR_NOMEM:
		return "out of memory";
	case ERR_IO:
		return "input or output failed";
	case ERR_NOTFOUND:
		return "not found";
	case ERR_EXISTS:
		return "exists already";
	case ERR_ORDER:
		return "not possible in this state";
	case ERR_FULL:
		return "no room left";
	case ERR_CHANGED:
		return "changed since it was first seen";
	default:
		return "unknown error";
	}
}
