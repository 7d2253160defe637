/* SPDX-License-Identifier: ISC */
/*
 * onecover.c - one parcel that nobody can open, to standard output.
 *
 * Its payload is noise to everybody, so whoever changes bytes near its end
 * has another parcel: that is how tests make thousands in no time.
 */
#include <stdio.h>

#include "crypto/parcel.h"
#include "crypto/secret.h"

int
main(void)
{
	static unsigned char parcel[PARCEL_BYTES];

	if (secret_init() == ERR_ORDER || parcel_cover(parcel) != 0)
		return 71;
	return fwrite(parcel, sizeof(parcel), 1, stdout) == 1 &&
	    fflush(stdout) == 0 ? 0 : 74;
}
