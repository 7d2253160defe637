/* SPDX-License-Identifier: ISC */
/*
 * subkeys.c - one key a purpose out of the master key (libsodium's kdf,
 * BLAKE2b); the numbers are part of the desk's format.
 */
#include <sodium.h>

#include "client/desk/subkeys.h"

#define CONTEXT		"ecrdesk1"

enum purpose { FOR_RECORDS = 1, FOR_RECORD_KEYS = 2, FOR_KEY_FILES = 3 };

static void
derive(unsigned char out[static 32], enum purpose what,
    const unsigned char master[static DESK_MASTER_BYTES])
{
	crypto_kdf_derive_from_key(out, 32, (uint64_t)what, CONTEXT, master);
}

/* see subkeys.h */
void
subkeys_derive(struct desk_secret *s,
    const unsigned char master[static DESK_MASTER_BYTES])
{
	derive(s->rec.seal, FOR_RECORDS, master);
	derive(s->rec.index, FOR_RECORD_KEYS, master);
	derive(s->wrap, FOR_KEY_FILES, master);
}
