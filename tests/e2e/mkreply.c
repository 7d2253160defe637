/* SPDX-License-Identifier: ISC */
/*
 * mkreply.c - one reply for the stock age program to open, in DIR: id.txt (a
 * mailbox's identity), plain, reply; cover, which nobody opens; and made, the
 * verdict on DIR/theirs, a reply's worth of bytes that age sealed, if it is
 * there: "opens" or "no".
 *
 * usage: mkreply DIR
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/reply.h"
#include "crypto/secret.h"

static int
put(const char *dir, const char *name, const void *p, size_t n)
{
	char path[4096];
	FILE *f;
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "wb")) == NULL)
		return -1;
	r = fwrite(p, 1, n, f) == n ? 0 : -1;
	return fclose(f) == 0 ? r : -1;
}

static size_t
get(const char *dir, const char *name, void *p, size_t cap)
{
	char path[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((f = fopen(path, "rb")) == NULL)
		return 0;
	n = fread(p, 1, cap, f);
	(void)fclose(f);
	return n;
}

/* The mailbox: of a fixed seed, so that it is the same in the second run. */
static int
keys(const char *dir, struct age_identity *id, struct age_recipient *to)
{
	unsigned char text[AGE_IDENTITY_CHARS + 1];
	unsigned char line[AGE_RECIPIENT_CHARS + 1];
	struct wr w = wr_from(text, sizeof(text));
	struct wr v = wr_from(line, sizeof(line));

	id->kind = AGE_HYBRID;
	memset(id->seed, 0x51, sizeof(id->seed));
	if (hpke_public(to->pk, id->seed) != 0)
		return -1;
	age_identity_write(&w, id);
	wr_u8(&w, '\n');
	age_recipient_write(&v, to);
	wr_u8(&v, '\n');
	return put(dir, "id.txt", text, w.n) == 0 &&
	    put(dir, "to.txt", line, v.n) == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	static unsigned char plain[REPLY_PLAIN_BYTES], reply[REPLY_BYTES];
	static unsigned char theirs[REPLY_BYTES + 1];
	struct reply_part p = { .kind = REPLY_MESSAGE, .count = 1, .bytes = 8 };
	struct age_recipient to;
	struct age_identity id;
	size_t n;

	if (argc != 2 || secret_init() == ERR_ORDER ||
	    keys(argv[1], &id, &to) != 0)
		return 71;
	p.data = rd_str("A reply.");
	if (reply_part_write(plain, &p) != 0 ||
	    reply_seal(reply, plain, &to) != 0 ||
	    put(argv[1], "plain", plain, sizeof(plain)) != 0 ||
	    put(argv[1], "reply", reply, sizeof(reply)) != 0 ||
	    reply_cover(reply) != 0 ||
	    put(argv[1], "cover", reply, sizeof(reply)) != 0)
		return 71;
	if ((n = get(argv[1], "theirs", theirs, sizeof(theirs))) > 0)
		puts(reply_open(plain, &id, rd_from(theirs, n)) == 0 ?
		    "opens" : "no");
	return 0;
}
