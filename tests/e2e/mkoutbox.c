/* SPDX-License-Identifier: ISC */
/*
 * mkoutbox.c - a desk's double: signs what it is told, right or wrong.
 *
 *   mkoutbox key NAME SEEDFILE               makes the seed; prints the vkey
 *   mkoutbox keyset NAME SEEDFILE LOGVKEY N  keyset number N, a fresh one
 *   mkoutbox record NAME SEEDFILE ORIGIN KEYSETFILE [WORD=VALUE]...
 *       seq= size= root= (base64) erase= drop= replies= (how many new ones)
 *       old= (file of replies to name and send, before the new ones)
 *       keyset=yes|no (comes along; yes)
 *
 * Records and notes go to standard output.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "tests/unit/said_help.h"

static unsigned char replies[STATEMENT_REPLIES_MAX * REPLY_BYTES];
static unsigned char out[OUTBOX_BYTES_MAX + NOTE_MAX_BYTES];
static struct said_role role;
static struct statement s;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "mkoutbox: %s\n", what);
	exit(64);
}

static size_t
slurp(const char *path, void *buf, size_t cap)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	must(f != NULL, path);
	n = fread(buf, 1, cap, f);
	must(ferror(f) == 0 && fclose(f) == 0, path);
	return n;
}

static void
put(const void *p, size_t n)
{
	must(fwrite(p, 1, n, stdout) == n && fflush(stdout) == 0, "output");
}

static void
load_role(const char *name, const char *path)
{
	unsigned char seed[32];

	must(slurp(path, seed, sizeof(seed)) == sizeof(seed), "seed");
	said_role_seed(&role, name, seed);
}

static int
key(const char *name, const char *path)
{
	unsigned char seed[32];
	struct wr w = wr_from(out, sizeof(out));
	FILE *f = fopen(path, "wb");

	randombytes_buf(seed, sizeof(seed));
	must(f != NULL && fwrite(seed, 1, sizeof(seed), f) == sizeof(seed) &&
	    fclose(f) == 0, path);
	load_role(name, path);
	vkey_write(&w, &role.k);
	wr_u8(&w, '\n');
	put(w.p, w.n);
	return 0;
}

static int
keyset(const char *path, const char *number)
{
	char line[1024];
	struct vkey log;
	size_t n = slurp(path, line, sizeof(line));

	while (n > 0 && line[n - 1] == '\n')
		n--;
	must(vkey_parse(&log, rd_from(line, n)) == 0, path);
	said_keyset(&role, &log, strtoull(number, NULL, 10));
	put(role.keyset, role.nkeyset);
	return 0;
}

/* WORD=VALUE; how many new replies and whether the keyset comes along. */
static void
take_word(char *word, size_t *fresh, bool *along, size_t *nold)
{
	char *value = strchr(word, '=');
	size_t n, i;

	must(value != NULL, word);
	*value++ = '\0';
	if (strcmp(word, "seq") == 0)
		s.sequence = strtoull(value, NULL, 10);
	else if (strcmp(word, "size") == 0)
		s.size = strtoull(value, NULL, 10);
	else if (strcmp(word, "erase") == 0)
		s.erase = strtoull(value, NULL, 10);
	else if (strcmp(word, "drop") == 0)
		s.drop = strtoull(value, NULL, 10);
	else if (strcmp(word, "replies") == 0)
		*fresh = strtoull(value, NULL, 10);
	else if (strcmp(word, "keyset") == 0)
		*along = strcmp(value, "yes") == 0;
	else if (strcmp(word, "root") == 0)
		must(b64_decode(s.root, sizeof(s.root), rd_str(value), true),
		    "root");
	else if (strcmp(word, "old") == 0) {
		n = slurp(value, replies, sizeof(replies)) / REPLY_BYTES;
		for (i = 0; i < n; i++)
			sha256(s.reply[i], replies + i * REPLY_BYTES,
			    REPLY_BYTES);
		s.nreplies = *nold = n;
	} else
		must(false, word);
}

static int
record(const char *origin, const char *path, char **words)
{
	struct wr w = wr_from(out, sizeof(out));
	size_t fresh = 4, nold = 0;
	bool along = true;

	role.nkeyset = slurp(path, role.keyset, sizeof(role.keyset));
	said_init(&s, &role, origin, 1);
	while (*words != NULL)
		take_word(*words++, &fresh, &along, &nold);
	must(fresh + nold <= STATEMENT_REPLIES_MAX, "replies");
	said_replies(&s, replies + nold * REPLY_BYTES, fresh);
	said_record(&w, &role, &s, replies, along);
	put(w.p, w.n);
	return 0;
}

int
main(int argc, char **argv)
{
	must(secret_init() != ERR_ORDER && argc >= 4, "usage");
	if (strcmp(argv[1], "key") == 0)
		return key(argv[2], argv[3]);
	load_role(argv[2], argv[3]);
	must(argc >= 6, "usage");
	if (strcmp(argv[1], "keyset") == 0)
		return keyset(argv[4], argv[5]);
	must(strcmp(argv[1], "record") == 0, "usage");
	return record(argv[4], argv[5], argv + 6);
}
