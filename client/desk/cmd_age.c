/* SPDX-License-Identifier: ISC */
/*
 * cmd_age.c - `ecrdesk age-encrypt` and `age-decrypt`: our age code as a
 * plain tool, so that others can test it.  No desk is needed.
 *
 * Files of any size are streamed; a file of output appears only when all of
 * the input held.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/common/outfile.h"
#include "crypto/age.h"

#define KEYS_MAX	4096
#define KEYFILE_MAX	(16u << 20)
#define PIECE		(128 * 1024)

/* Either direction: a pusher and what it works on. */
struct job {
	struct age_enc *enc;
	struct age_dec *dec;
};

static int
job_push(struct job *j, const void *p, size_t n)
{
	return j->enc != NULL ? age_enc_push(j->enc, p, n) :
	    age_dec_push(j->dec, p, n);
}

static int
job_finish(struct job *j)
{
	return j->enc != NULL ? age_enc_finish(j->enc) :
	    age_dec_finish(j->dec);
}

/* The words and the code for what age found. */
static int
age_failed(const char *in, int r)
{
	switch (r) {
	case ERR_NOMATCH:
		return fail(EXIT_NOPERM, "%s: none of these identities opens "
		    "it", in);
	case ERR_FORMAT:
		return fail(EXIT_DATA, "%s: not an age file", in);
	case ERR_AUTH:
		return fail(EXIT_DATA, "%s: the header was altered", in);
	case ERR_PAYLOAD:
		return fail(EXIT_DATA, "%s: the payload was altered or cut "
		    "short", in);
	case ERR_IO:
		return fail(EXIT_SYSTEM, "%s: %s", in, strerror(errno));
	default:
		return fail(exit_for(r), "%s: %s", in, err_str(r));
	}
}

/* All of the input through the job. */
static int
pump(struct job *j, int fd)
{
	unsigned char *buf;
	ssize_t n;
	int r = 0;

	if ((buf = malloc(PIECE)) == NULL)
		return ERR_NOMEM;
	while (r == 0) {
		n = read(fd, buf, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = ERR_IO;
		else if (n == 0)
			break;
		else
			r = job_push(j, buf, (size_t)n);
	}
	sodium_memzero(buf, PIECE);
	free(buf);
	return r == 0 ? job_finish(j) : r;
}

static int
output_failed(const char *path, int error)
{
	return fail(EXIT_CANTCREATE, "%s: %s", strcmp(path, "-") == 0 ?
	    "standard output" : path, strerror(error));
}

/* A header is written before anything is read. */
static int
not_begun(struct outfile *out, const struct opts *o, int r)
{
	const int e = out->error;

	outfile_drop(out);
	if (e != 0)
		return output_failed(opts_get(o, "output"), e);
	return fail(exit_for(r), "%s", err_str(r));
}

static int
run(struct job *j, struct outfile *out, const struct opts *o)
{
	const char *in = o->argv[0], *to = opts_get(o, "output");
	int fd, r, e;

	if (strcmp(in, "-") == 0)
		fd = dup(STDIN_FILENO);
	else
		fd = open(in, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		e = errno;
		outfile_drop(out);
		return fail(EXIT_NOINPUT, "%s: %s", in, strerror(e));
	}
	r = pump(j, fd);
	e = errno;
	close(fd);
	if (r == 0)
		return outfile_keep(out) == 0 ? 0 : output_failed(to, errno);
	if (out->error != 0) {
		e = out->error;
		outfile_drop(out);
		return output_failed(to, e);
	}
	outfile_drop(out);
	errno = e;
	return age_failed(in, r);
}

/* A key file's bytes, with words for what is wrong. */
static int
read_keys(const char *path, unsigned char **p, size_t *n)
{
	int r;

	if ((r = file_read(p, n, path, KEYFILE_MAX)) != 0)
		return fail(exit_for(r), "%s: %s", path, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	return 0;
}

static int
bad_keys(const char *path, int r, size_t line)
{
	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "%s: more than %d keys", path,
		    KEYS_MAX);
	return fail(EXIT_DATA, "%s: line %zu is no key of a kind known here",
	    path, line);
}

/* Appends the keys of every -i; *n counts them. */
static int
load_identities(const struct opts *o, struct age_identity *ids, size_t *n)
{
	unsigned char *p;
	size_t len, got, line, i;
	const char *path;
	int code, r;

	for (i = 0; (path = opts_nth(o, "identity", i)) != NULL; i++) {
		if ((code = read_keys(path, &p, &len)) != 0)
			return code;
		r = age_identities_parse(ids + *n, KEYS_MAX - *n, &got,
		    rd_from(p, len), &line);
		file_free(p, len);
		if (r != 0)
			return bad_keys(path, r, line);
		*n += got;
	}
	return *n > 0 ? 0 : fail(EXIT_DATA, "there is no identity in the "
	    "file");
}

static int
load_recipients(const struct opts *o, struct age_recipient *rcs, size_t *n)
{
	unsigned char *p;
	size_t len, got, line, i;
	const char *path;
	int code, r;

	for (i = 0; (path = opts_nth(o, "recipients", i)) != NULL; i++) {
		if ((code = read_keys(path, &p, &len)) != 0)
			return code;
		r = age_recipients_parse(rcs + *n, KEYS_MAX - *n, &got,
		    rd_from(p, len), &line);
		file_free(p, len);
		if (r != 0)
			return bad_keys(path, r, line);
		*n += got;
	}
	return *n > 0 ? 0 : fail(EXIT_DATA, "there is no recipient in the "
	    "file");
}

static int
open_output(struct outfile *out, const struct opts *o)
{
	const char *path = opts_get(o, "output");
	int r;

	if ((r = outfile_open(out, path)) != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	return 0;
}

/* see cmd.h */
int
cmd_age_encrypt(const struct opts *o)
{
	struct age_recipient *rcs = NULL;
	struct job j = { NULL, NULL };
	struct outfile out;
	size_t n = 0;
	int code, r;

	if (opts_get(o, "recipients") == NULL || opts_get(o, "output") == NULL)
		return opts_wrong(o, "age-encrypt needs -R RECIPIENTSFILE "
		    "and -o OUT");
	if ((rcs = calloc(KEYS_MAX, sizeof(*rcs))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	if ((code = load_recipients(o, rcs, &n)) != 0 ||
	    (code = open_output(&out, o)) != 0)
		goto out;
	if ((r = age_enc_new(&j.enc, rcs, n, NULL, outfile_write, &out)) != 0) {
		code = not_begun(&out, o, r);
		goto out;
	}
	code = run(&j, &out, o);
out:
	age_enc_free(j.enc);
	free(rcs);
	return code;
}

/* see cmd.h */
int
cmd_age_decrypt(const struct opts *o)
{
	struct age_identity *ids = NULL;
	struct job j = { NULL, NULL };
	struct outfile out;
	size_t n = 0;
	int code, r;

	if (opts_get(o, "identity") == NULL || opts_get(o, "output") == NULL)
		return opts_wrong(o, "age-decrypt needs -i IDENTITYFILE and "
		    "-o OUT");
	if ((ids = calloc(KEYS_MAX, sizeof(*ids))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	if ((code = load_identities(o, ids, &n)) != 0 ||
	    (code = open_output(&out, o)) != 0)
		goto out;
	if ((r = age_dec_new(&j.dec, ids, n, outfile_write, &out)) != 0) {
		code = not_begun(&out, o, r);
		goto out;
	}
	code = run(&j, &out, o);
out:
	age_dec_free(j.dec);
	sodium_memzero(ids, KEYS_MAX * sizeof(*ids));
	free(ids);
	return code;
}
