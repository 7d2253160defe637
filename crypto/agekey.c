/* SPDX-License-Identifier: ISC */
/*
 * agekey.c - age identities and recipients as strings and files.
 *
 * One spelling a key: identities in upper case, recipients in lower case, as
 * age writes them.  Nothing around a key is forgiven, no space and no CR.
 */
#include <sodium.h>
#include <string.h>

#include "crypto/agekey.h"
#include "crypto/bech32.h"

static const char hrp_hybrid[] = "age-secret-key-pq-";
static const char hrp_x25519[] = "age-secret-key-";
static const char hrp_recipient[] = "age1pq";

/* see agekey.h */
int
age_identity_parse(struct age_identity *id, struct rd text)
{
	int r;

	id->kind = AGE_HYBRID;
	r = bech32_decode(id->seed, SEED_BYTES, hrp_hybrid, text, true);
	if (r != 0) {
		id->kind = AGE_X25519;
		r = bech32_decode(id->seed, SEED_BYTES, hrp_x25519, text,
		    true);
	}
	return r;
}

/* see agekey.h */
int
age_recipient_parse(struct age_recipient *rc, struct rd text)
{
	int r;

	r = bech32_decode(rc->pk, sizeof(rc->pk), hrp_recipient, text, false);
	return r != 0 ? r : hpke_check_public(rc->pk);
}

/* see agekey.h */
void
age_identity_write(struct wr *w, const struct age_identity *id)
{
	bech32_encode(w, id->kind == AGE_HYBRID ? hrp_hybrid : hrp_x25519,
	    id->seed, sizeof(id->seed), true);
}

/* see agekey.h */
void
age_recipient_write(struct wr *w, const struct age_recipient *rc)
{
	bech32_encode(w, hrp_recipient, rc->pk, sizeof(rc->pk), false);
}

/*
 * The next line of a key file that holds a key: 1, 0 at the end, or an
 * error.  Only the last line may lack its LF.
 */
static int
next_key(struct rd *file, struct rd *key, size_t *line)
{
	struct rd cr, r;

	while (!rd_done(file)) {
		++*line;
		if (!rd_line(file, key) && !rd_take(file, key, file->n))
			return ERR_FORMAT;
		r = *key;
		if (rd_until(&r, '\r', &cr))
			return ERR_FORMAT;
		if (!rd_done(key) && !rd_lit(&r, "#"))
			return 1;
	}
	return 0;
}

/* see agekey.h */
int
age_identities_parse(struct age_identity *ids, size_t cap, size_t *n,
    struct rd file, size_t *line)
{
	struct rd key;
	int r;

	*n = 0;
	*line = 0;
	while ((r = next_key(&file, &key, line)) > 0) {
		r = *n == cap ? ERR_LIMIT : age_identity_parse(&ids[*n], key);
		if (r != 0)
			break;
		++*n;
	}
	if (r != 0) {
		*n = 0;
		if (cap > 0)
			sodium_memzero(ids, cap * sizeof(*ids));
	}
	return r;
}

/* see agekey.h */
int
age_recipients_parse(struct age_recipient *rcs, size_t cap, size_t *n,
    struct rd file, size_t *line)
{
	struct rd key;
	int r;

	*n = 0;
	*line = 0;
	while ((r = next_key(&file, &key, line)) > 0) {
		r = *n == cap ? ERR_LIMIT : age_recipient_parse(&rcs[*n], key);
		if (r != 0)
			break;
		++*n;
	}
	if (r != 0)
		*n = 0;
	return r;
}
