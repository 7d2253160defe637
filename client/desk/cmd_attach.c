/* SPDX-License-Identifier: ISC */
/*
 * cmd_attach.c - `ecrdesk attachments CASE DIR`: write a case's attachments,
 * named by their digest, and say what they were called.
 *
 * They are never opened here, and what others called them never becomes a
 * file's name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/desklog.h"
#include "client/desk/lookup.h"
#include "client/common/outfile.h"
#include "client/desk/print.h"
#include "crypto/base.h"
#include "crypto/sha256.h"

struct export {
	struct desk *d;
	int dirfd;
	struct outfile out;
	struct sha256 *h;
	json_t *rows;			/* NULL: print for people */
};

static int
to_file(void *arg, const unsigned char *p, size_t n)
{
	struct export *x = arg;

	sha256_update(x->h, p, n);
	return outfile_write(&x->out, p, n);
}

static int
tell(struct export *x, uint32_t message, const char *file,
    const struct msgjson_attachment *a)
{
	json_t *row;

	if (x->rows != NULL) {
		row = json_pack("{s:s,s:s,s:s,s:I,s:s,s:i}", "file", file,
		    "name", a->name, "type", a->type, "bytes",
		    (json_int_t)a->bytes, "sha256", file, "message",
		    (int)message);
		return json_array_append_new(x->rows, row) == 0 ? 0 :
		    ERR_NOMEM;
	}
	printf("%s %10llu bytes  ", file, (unsigned long long)a->bytes);
	say_clean(stdout, rd_str(a->name), false);
	printf(" (");
	say_clean(stdout, rd_str(a->type), false);
	printf(")\n");
	return 0;
}

/* One attachment: streamed, checked, and only then given its name. */
static int
export_one(struct export *x, uint32_t message,
    const struct lookup_message *m, const struct msgjson_attachment *a,
    uint64_t at)
{
	unsigned char digest[HASH_BYTES];
	char file[2 * HASH_BYTES + 1];
	int r;

	hex_encode(file, a->sha256, HASH_BYTES);
	file[2 * HASH_BYTES] = '\0';
	if ((r = outfile_open_at(&x->out, x->dirfd, file)) != 0)
		return r;
	sha256_reset(x->h);
	r = joined_read(x->d->db, m->group_no, &m->group, at, a->bytes,
	    to_file, x);
	sha256_final(x->h, digest);
	if (r == 0 && memcmp(digest, a->sha256, HASH_BYTES) != 0)
		r = ERR_AUTH;
	if (r != 0) {
		outfile_drop(&x->out);
		return r;
	}
	if ((r = outfile_keep(&x->out)) != 0)
		return r;
	return tell(x, message, file, a);
}

static int
export_message(struct export *x, uint64_t case_no, uint32_t n)
{
	struct msgjson_attachment a;
	struct lookup_message m;
	uint64_t at;
	size_t i;
	int code, r;

	if ((code = lookup_message(x->d, case_no, n, &m)) != 0)
		goto out;
	at = m.joined.attachments_at;
	for (i = 0; i < msgjson_attachments(m.joined.json); i++) {
		msgjson_attachment(m.joined.json, i, &a);
		if ((r = export_one(x, n, &m, &a, at)) != 0) {
			code = fail(r == ERR_IO ? EXIT_CANTCREATE :
			    exit_for(r), "attachment %zu of message %u: %s",
			    i + 1, (unsigned)n, r == ERR_IO ?
			    strerror(errno) : err_str(r));
			break;
		}
		at += a.bytes;
	}
out:
	joined_wipe(&m.joined);
	return code;
}

static int
export_case(struct export *x, const char *typed)
{
	struct caserec c;
	uint64_t no;
	uint32_t n;
	int code, r;

	if (deskdb_begin(x->d->db, false) != 0)
		return fail(EXIT_SYSTEM, "the case store cannot be read");
	code = lookup_case(x->d, typed, &no, &c);
	deskdb_abort(x->d->db);
	if (code != 0)
		return code;
	if ((r = desklog_record_case(x->d->db, DESKACT_ATTACH, c.ref, true,
	    c.attachments)) != 0)
		return fail(exit_for(r), "the desk log cannot be written, and "
		    "without it nothing leaves the desk: %s", err_str(r));
	if (deskdb_begin(x->d->db, false) != 0)
		return fail(EXIT_SYSTEM, "the case store cannot be read");
	for (n = 1; code == 0 && n <= c.messages; n++)
		code = export_message(x, no, n);
	deskdb_abort(x->d->db);
	if (code == 0 && c.attachments == 0)
		say("this case has no attachments");
	return code;
}

/* see cmd.h */
int
cmd_attachments(const struct opts *o)
{
	struct export x;
	int code;

	memset(&x, 0, sizeof(x));
	x.dirfd = -1;
	if ((code = desk_open(&x.d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if (opts_on(o, "json"))
		x.rows = json_array();
	if ((x.h = sha256_new()) == NULL)
		code = fail(EXIT_SYSTEM, "out of memory");
	else if ((x.dirfd = dir_open(o->argv[1], true)) < 0)
		code = fail(EXIT_CANTCREATE, "%s: %s", o->argv[1],
		    strerror(errno));
	else if ((code = export_case(&x, o->argv[0])) == 0 && x.rows != NULL) {
		code = print_json(x.rows);
		x.rows = NULL;
	}
	json_decref(x.rows);
	sha256_free(x.h);
	if (x.dirfd >= 0)
		close(x.dirfd);
	desk_close(x.d);
	return code;
}
