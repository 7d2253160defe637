/* SPDX-License-Identifier: ISC */
/*
 * mkmirror - append one epoch to a mirror, as a script says.
 *
 * usage: mkmirror MIRROR DESK CLOSE COSIGNED <script
 *        mkmirror keys DIR DESK
 *        mkmirror parcel DIR
 *        mkmirror twin VKEYFILE
 *        mkmirror receipt DESK HEX CLOSE
 *        mkmirror mailbox DESK WHO DIR
 *
 * The script's lines:
 *   report|follow-up WHO SALT SPOIL JSONFILE [ATTACHMENT]...
 *   cover N
 *   garbage
 *   litter N
 *   outbox FILE             as a server takes it in
 *   statement FILE          any bytes as a statement's
 * SPOIL is "good" or what is wrong (tests/unit/box.c).  The second form
 * writes log.vkey, w1.vkey and w2.vkey; the third a parcel, what is in it
 * (plain), who can open it (id.txt) and to whom it is (to.txt); twin prints
 * the same key under another name; receipt, what the log promises; mailbox
 * writes DIR/id.txt and to.txt of that reporter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "client/common/file.h"
#include "crypto/base.h"
#include "crypto/parcel.h"
#include "crypto/receipt.h"
#include "crypto/secret.h"
#include "tests/unit/box.h"

#define WORDS_A_LINE	64

static void
die(const char *what)
{
	fprintf(stderr, "mkmirror: %s\n", what);
	exit(1);
}

static void
slurp(const char *path, unsigned char **p, size_t *n)
{
	if (file_read(p, n, path, (size_t)300 << 20) != 0)
		die(path);
}

static void
do_message(struct box *b, char **w, size_t n)
{
	struct box_file file[WORDS_A_LINE];
	unsigned char *json, *data[WORDS_A_LINE];
	size_t i, len;
	char *slash;

	if (n < 5)
		die("too few words");
	slurp(w[4], &json, &len);
	for (i = 5; i < n; i++) {
		slurp(w[i], &data[i - 5], &file[i - 5].n);
		file[i - 5].p = data[i - 5];
		slash = strrchr(w[i], '/');
		file[i - 5].name = slash == NULL ? w[i] : slash + 1;
		file[i - 5].type = "application/octet-stream";
	}
	box_message(b, (unsigned)atoi(w[1]), (unsigned)atoi(w[2]),
	    strcmp(w[0], "follow-up") == 0, (const char *)json, file, n - 5,
	    box_spoil_named(w[3]));
	file_free(json, len);
	for (i = 5; i < n; i++)
		file_free(data[i - 5], file[i - 5].n);
}

static void
do_office(struct box *b, const char *what, const char *path)
{
	unsigned char *p;
	size_t n;

	slurp(path, &p, &n);
	if (strcmp(what, "outbox") == 0)
		box_outbox(b, rd_from(p, n));
	else
		box_body(b, ENTRY_STATEMENT, rd_from(p, n));
	file_free(p, n);
}

static void
do_line(struct box *b, char *line)
{
	char *w[WORDS_A_LINE];
	size_t n = 0;
	char *s;

	for (s = strtok(line, " \n"); s != NULL && n < WORDS_A_LINE;
	    s = strtok(NULL, " \n"))
		w[n++] = s;
	if (n == 0)
		return;
	if (strcmp(w[0], "cover") == 0 && n == 2)
		box_cover(b, (size_t)atoi(w[1]));
	else if (strcmp(w[0], "litter") == 0 && n == 2)
		box_litter(b, (size_t)atoi(w[1]));
	else if ((strcmp(w[0], "outbox") == 0 ||
	    strcmp(w[0], "statement") == 0) && n == 2)
		do_office(b, w[0], w[1]);
	else if (strcmp(w[0], "garbage") == 0)
		box_garbage(b);
	else
		do_message(b, w, n);
}

static void
put_key(const char *dir, const char *name, const struct vkey *k)
{
	char path[4096], line[1024];
	struct wr w = wr_from(line, sizeof(line));

	vkey_write(&w, k);
	wr_u8(&w, '\n');
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!wr_ok(&w) || file_write(path, wr_rd(&w), 0644, true) != 0)
		die(path);
}

static void
put_file(const char *dir, const char *name, struct rd bytes)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (file_write(path, bytes, 0600, true) != 0)
		die(path);
}

static void
make_parcel(const char *dir)
{
	unsigned char plain[PARCEL_PLAIN_BYTES], parcel[PARCEL_BYTES];
	struct age_identity id;
	struct age_recipient rc;
	char text[AGE_IDENTITY_CHARS + 1], to[AGE_RECIPIENT_CHARS + 1];
	struct wr w = wr_from(text, sizeof(text));
	struct wr v = wr_from(to, sizeof(to));

	id.kind = AGE_HYBRID;
	randombytes_buf(id.seed, sizeof(id.seed));
	randombytes_buf(plain, sizeof(plain));
	if (hpke_public(rc.pk, id.seed) != 0 ||
	    parcel_seal(parcel, plain, &rc, 1, NULL) != 0)
		die("parcel");
	age_identity_write(&w, &id);
	wr_u8(&w, '\n');
	put_file(dir, "id.txt", wr_rd(&w));
	age_recipient_write(&v, &rc);
	wr_u8(&v, '\n');
	put_file(dir, "to.txt", wr_rd(&v));
	put_file(dir, "plain", rd_from(plain, sizeof(plain)));
	put_file(dir, "parcel", rd_from(parcel, sizeof(parcel)));
}

static void
print_twin(const char *path)
{
	unsigned char *p, line[1024];
	struct wr w = wr_from(line, sizeof(line));
	struct vkey k, twin;
	size_t n;

	slurp(path, &p, &n);
	if (vkey_parse(&k, rd_from(p, n - 1)) != 0 ||
	    vkey_make(&twin, rd_str("twin.example"), k.type, k.pk) != 0)
		die(path);
	vkey_write(&w, &twin);
	printf("%.*s\n", (int)w.n, (const char *)line);
	file_free(p, n);
}

static void
open_box(struct box *b, const char *mirror, const char *desk)
{
	char keyset[4096], vkey[4096];

	snprintf(keyset, sizeof(keyset), "%s/public/keyset", desk);
	snprintf(vkey, sizeof(vkey), "%s/public/office.vkey", desk);
	box_open(b, mirror, keyset, vkey);
}

/* For its keys alone; the mirror that a box must have lies beside the desk. */
static void
open_keys(struct box *b, const char *desk)
{
	char beside[4096];

	snprintf(beside, sizeof(beside), "%s.unused", desk);
	open_box(b, beside, desk);
}

static void
print_receipt(const char *desk, const char *hex, const char *close)
{
	unsigned char note[RECEIPT_MAX_BYTES];
	struct wr w = wr_from(note, sizeof(note));
	struct receipt rc = { .close = strtoull(close, NULL, 10) };
	struct box b;

	open_keys(&b, desk);
	if (!hex_decode(rc.digest, sizeof(rc.digest), rd_str(hex)) ||
	    receipt_sign(&w, &rc, &b.log, b.log_sk) != 0)
		die("receipt");
	printf("%.*s", (int)w.n, (const char *)note);
	box_close(&b);
}

static void
put_mailbox(const char *desk, const char *who, const char *dir)
{
	char text[AGE_IDENTITY_CHARS + 1], to[AGE_RECIPIENT_CHARS + 1];
	struct wr w = wr_from(text, sizeof(text));
	struct wr v = wr_from(to, sizeof(to));
	struct codename_keys k;
	struct box b;

	open_keys(&b, desk);
	box_reporter(&k, &b, (unsigned)atoi(who));
	age_identity_write(&w, &k.mailbox_id);
	wr_u8(&w, '\n');
	put_file(dir, "id.txt", wr_rd(&w));
	age_recipient_write(&v, &k.mailbox);
	wr_u8(&v, '\n');
	put_file(dir, "to.txt", wr_rd(&v));
	codename_keys_wipe(&k);
	box_close(&b);
}

int
main(int argc, char **argv)
{
	char line[8192];
	struct box b;

	if (secret_init() != 0)
		die("secret_init");
	if (argc == 4 && strcmp(argv[1], "keys") == 0) {
		open_box(&b, argv[2], argv[3]);
		put_key(argv[2], "log.vkey", &b.log);
		put_key(argv[2], "w1.vkey", &b.witness[0]);
		put_key(argv[2], "w2.vkey", &b.witness[1]);
		box_close(&b);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "parcel") == 0) {
		make_parcel(argv[2]);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "twin") == 0) {
		print_twin(argv[2]);
		return 0;
	}
	if (argc == 5 && strcmp(argv[1], "receipt") == 0) {
		print_receipt(argv[2], argv[3], argv[4]);
		return 0;
	}
	if (argc == 5 && strcmp(argv[1], "mailbox") == 0) {
		put_mailbox(argv[2], argv[3], argv[4]);
		return 0;
	}
	if (argc != 5)
		die("usage: mkmirror MIRROR DESK CLOSE COSIGNED");
	open_box(&b, argv[1], argv[2]);
	while (fgets(line, sizeof(line), stdin) != NULL)
		do_line(&b, line);
	box_epoch(&b, strtoull(argv[3], NULL, 10), (size_t)atoi(argv[4]));
	box_close(&b);
	return 0;
}
