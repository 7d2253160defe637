/* SPDX-License-Identifier: ISC */
/*
 * token.h - bearer tokens: made, kept as hashes, looked up.
 *
 * A token is "ecrdrop-" || role || "-" || 32 random bytes in hexadecimal.
 * DATADIR/tokens has a line for each, "role hex-of-SHA-256(token)" LF, in no
 * order that matters; a line is taken out with any editor.
 */
#ifndef ECR_TOKEN_H
#define ECR_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/err.h"
#include "crypto/params.h"
#include "crypto/rd.h"
#include "crypto/wr.h"

#define TOKEN_FILE	"tokens"
#define TOKEN_MAX	256			/* lines */
#define TOKEN_BYTES_MAX	96			/* of one token */

enum token_role { TOKEN_NONE = 0, TOKEN_COURIER = 1, TOKEN_AUDITOR = 2 };

struct tokens {
	size_t n;
	struct {
		enum token_role role;
		unsigned char hash[HASH_BYTES];
	} token[TOKEN_MAX];
};

enum token_role token_role_of(struct rd name);	/* NONE: no such role */
/* Pure.  ERR_FORMAT, ERR_LIMIT; t is empty then. */
MUST_USE int tokens_parse(struct tokens *t, struct rd file);
/* No file: none.  *stamp changes when the file does. */
struct token_stamp {
	unsigned long long ino, size;
	long long sec, nsec;
};
MUST_USE int tokens_load(struct tokens *t, struct token_stamp *stamp, int dir);
/* Has the file changed since? */
bool tokens_changed(const struct token_stamp *stamp, int dir);
/* Every token is compared, whatever fits: TOKEN_NONE if none does. */
enum token_role tokens_find(const struct tokens *t,
    const unsigned char hash[static HASH_BYTES]);
/*
 * token_make - draws one, adds its hash to the file and writes it, without
 * LF, to out.  ERR_NOTFOUND (no such role), ERR_LIMIT (too many).
 */
MUST_USE int token_make(struct wr *out, int dir, const char *role);

#endif
