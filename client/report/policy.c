/* SPDX-License-Identifier: ISC */
/*
 * policy.c - what a client needs of a server's /policy.
 */
#include <jansson.h>

#include "client/report/policy.h"
#include "crypto/params.h"

#define POLICY_MAX	65536
#define BITS_MAX	24	/* more would be a trap, not a policy */
#define EPOCH_MAX	604800	/* the longest that a server can be told */
#define SLACK		172800	/* clocks may differ by two days */

static json_t *
load(struct rd json)
{
	if (json.n > POLICY_MAX)
		return NULL;
	return json_loadb((const char *)json.p, json.n,
	    JSON_REJECT_DUPLICATES, NULL);
}

/* A whole number from 0 to max under this key. */
static bool
number(const json_t *o, const char *key, uint64_t max, uint64_t *v)
{
	const json_t *n = json_object_get(o, key);

	if (!json_is_integer(n) || json_integer_value(n) < 0 ||
	    (uint64_t)json_integer_value(n) > max)
		return false;
	*v = (uint64_t)json_integer_value(n);
	return true;
}

/* see policy.h */
int
drop_policy_parse(struct drop_policy *p, struct rd json)
{
	json_t *o = load(json);
	uint64_t v, bits, bytes, slots;
	int r = ERR_FORMAT;

	if (!number(o, "v", UINT32_MAX, &v) ||
	    !number(o, "parcel_bytes", UINT32_MAX, &bytes) ||
	    !number(o, "parcel_slots", UINT32_MAX, &slots) ||
	    !number(o, "work_bits", BITS_MAX, &bits) ||
	    !number(o, "epoch_close", INT64_MAX, &p->epoch_close) ||
	    !number(o, "epoch_seconds", INT32_MAX, &p->epoch_seconds))
		goto out;
	p->work_bits = (unsigned)bits;
	r = v == 1 && bytes == PARCEL_BYTES && slots == PARCEL_SLOTS ? 0 :
	    ERR_CHANGED;
out:
	json_decref(o);
	return r;
}

/* see policy.h */
bool
drop_policy_ahead(const struct drop_policy *p, uint64_t now)
{
	return p->epoch_seconds > EPOCH_MAX ||
	    p->epoch_close > now + p->epoch_seconds + SLACK;
}

/* see policy.h */
int
drop_policy_bits(unsigned *bits, struct rd json)
{
	json_t *o = load(json);
	uint64_t v;
	int r = ERR_FORMAT;

	if (number(o, "bits", BITS_MAX, &v)) {
		*bits = (unsigned)v;
		r = 0;
	}
	json_decref(o);
	return r;
}
