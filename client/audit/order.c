/* SPDX-License-Identifier: ISC */
/*
 * order.c - in which order entries stand.
 */
#include "client/audit/order.h"

#include <string.h>

/* see order.h */
bool
order_ok(const struct entry *last, const struct entry *next)
{
	if (next->close != last->close)
		return next->close > last->close;
	if (next->kind != last->kind)
		return next->kind > last->kind;
	return memcmp(next->digest, last->digest, HASH_BYTES) > 0;
}
