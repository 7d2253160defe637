/* SPDX-License-Identifier: ISC */
/*
 * heap.h - memory that OpenSSL gives back holds nothing of a connection.
 */
#ifndef ECR_HEAP_H
#define ECR_HEAP_H

#include "crypto/err.h"

/*
 * heap_wipe_openssl - from now on whatever OpenSSL frees is overwritten.
 * Before OpenSSL's first allocation, or it is ERR_ORDER.
 */
MUST_USE int heap_wipe_openssl(void);

#endif
