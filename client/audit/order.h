/* SPDX-License-Identifier: ISC */
/*
 * order.h - in which order entries stand: closes never fall; within a close
 * parcels, replies, statements; within these the digests rise, none twice.
 */
#ifndef ECR_AUDIT_ORDER_H
#define ECR_AUDIT_ORDER_H

#include <stdbool.h>

#include "crypto/entry.h"

/* May next stand right behind last? */
bool order_ok(const struct entry *last, const struct entry *next);

#endif
