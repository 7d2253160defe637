/* SPDX-License-Identifier: ISC */
/*
 * Verifiers of Ed25519 differ on points of low order and on encodings that
 * are not canonical.  We count as valid what libsodium does; its choice is
 * pinned here (docs/formats/note.md says it in words), so that a change of
 * libsodium's does not pass unnoticed.
 */
#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

#include "tests/unit/vec.h"

#define EDGE	"tlog/ed25519-edge/ed25519vectors.json"

static bool
has_flag(const json_t *e, const char *flag)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(e, "flags"), i, f)
		if (strcmp(json_string_value(f), flag) == 0)
			return true;
	return false;
}

static bool
verifies(const json_t *e)
{
	struct vec key = vec_hex_of(e, "key"), sig = vec_hex_of(e, "sig");
	const char *msg = vec_str(e, "msg");
	bool ok;

	cr_assert(key.n == 32 && sig.n == 64);
	ok = crypto_sign_verify_detached(sig.p, (const unsigned char *)msg,
	    strlen(msg), key.p) == 0;
	vec_free(&key);
	vec_free(&sig);
	return ok;
}

Test(ed25519, no_low_order_point_and_no_cofactor_is_valid)
{
	size_t i, taken = 0;
	json_t *o, *e;
	bool want;

	cr_assert_geq(sodium_init(), 0);
	if (!vec_need(EDGE))
		return;
	o = vec_json(EDGE);
	json_array_foreach(o, i, e) {
		want = !has_flag(e, "low_order_A") &&
		    !has_flag(e, "low_order_R") &&
		    !has_flag(e, "low_order_residue");
		cr_assert_eq(verifies(e), want, "number %zu",
		    vec_int(e, "number"));
		taken += want;
	}
	cr_assert_eq(taken, 43);
	vec_ran("ed25519-edge", i);
	json_decref(o);
}
