/* SPDX-License-Identifier: ISC */
/*
 * source.c - where an auditor's bytes come from: a server, or a mirror.
 */
#include "client/audit/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/common/ask.h"
#include "client/common/file.h"
#include "client/common/mirror.h"
#include "client/common/net.h"
#include "client/common/say.h"

struct source {
	struct net *net;		/* or */
	struct mirror *mirror;
	struct source_how how;
	char why[256];
	unsigned char tile[SOURCE_TILE_BYTES];	/* a wider one */
};

static int
open_url(struct source *s, const char *url)
{
	const char *ca = s->how.cacert, *why;
	int r;

	if (ca != NULL && access(ca, R_OK) != 0)
		return fail(EXIT_NOINPUT, "%s: %s", ca, strerror(errno));
	if ((r = net_new(&s->net, url, ca, s->how.proxy, &why)) != 0)
		return fail(r == ERR_FORMAT ? EXIT_USAGE : EXIT_SYSTEM, "%s",
		    why);
	if (s->how.stop != NULL)
		net_watch(s->net, s->how.stop);
	return EXIT_DONE;
}

static int
open_mirror(struct source *s, const char *path)
{
	int r = mirror_open(&s->mirror, path, false);

	if (r != 0)
		return fail(EXIT_NOINPUT, "%s: %s", path,
		    r == ERR_NOMEM ? err_str(r) : strerror(errno));
	return EXIT_DONE;
}

/* see source.h */
int
source_open(struct source **out, const char *where,
    const struct source_how *how)
{
	struct source *s;
	int code;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	s->how = *how;
	if (strstr(where, "://") != NULL)
		code = open_url(s, where);
	else
		code = open_mirror(s, where);
	if (code != EXIT_DONE) {
		source_close(s);
		return code;
	}
	*out = s;
	return EXIT_DONE;
}

/* see source.h */
void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	net_free(s->net);
	mirror_close(s->mirror);
	free(s);
}

/* see source.h */
struct source *
source_twin(const struct source *s)
{
	struct source *twin;

	if (s->mirror == NULL || (twin = calloc(1, sizeof(*twin))) == NULL)
		return NULL;
	twin->how = s->how;
	if (mirror_twin(&twin->mirror, s->mirror) != 0) {
		free(twin);
		return NULL;
	}
	return twin;
}

/* An answer's status as one of our errors. */
static int
judge_status(struct source *s, long status)
{
	if (status == 200)
		return 0;
	snprintf(s->why, sizeof(s->why), "the server answers %ld", status);
	switch (status) {
	case 404:
	case 410:
		return ERR_NOTFOUND;
	case 401:
	case 403:
		return ERR_AUTH;
	default:
		/* Too many requests, go elsewhere: it shows no object. */
		return ERR_IO;
	}
}

static int
get_url(struct source *s, const char *name, size_t max, unsigned char **out,
    size_t *n)
{
	const char *token = NULL;
	struct net_answer a;
	char path[96];
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	/* What everybody may have is asked for without a word of who asks. */
	if (strncmp(name, "parcels/", 8) == 0)
		token = s->how.token;
	r = ask_get(s->net, path, token, max, s->how.tries, &a);
	if (r != 0) {
		snprintf(s->why, sizeof(s->why), "%s", r == ERR_LIMIT ?
		    "longer than it may be" : net_why(s->net));
		/* Nobody to be heard, whoever it is: no finding. */
		return r == ERR_AUTH ? ERR_IO : r;
	}
	if ((r = judge_status(s, a.status)) != 0)
		return r;
	*n = a.n;
	if ((*out = net_take(s->net)) == NULL &&
	    (*out = calloc(1, 1)) == NULL)
		return ERR_NOMEM;
	return 0;
}

/* Words for what mirror_read() and its like say. */
static int
mirror_why(struct source *s, int r)
{
	if (r != 0)
		snprintf(s->why, sizeof(s->why), "%s", r == ERR_IO &&
		    errno != 0 ? strerror(errno) : r == ERR_NOTFOUND ?
		    "not in the mirror" : err_str(r));
	return r;
}

static bool
is_stopped(struct source *s)
{
	if (s->how.stop == NULL || *s->how.stop == 0)
		return false;
	snprintf(s->why, sizeof(s->why), "interrupted");
	return true;
}

/* see source.h */
int
source_get(struct source *s, const char *name, size_t max,
    unsigned char **out, size_t *n)
{
	*out = NULL;
	*n = 0;
	if (s->net != NULL)
		return get_url(s, name, max, out, n);
	if (is_stopped(s))
		return ERR_IO;
	errno = 0;
	return mirror_why(s, mirror_read(s->mirror, name, max, out, n));
}

/* Into memory that is there already. */
static int
get_into(struct source *s, const char *name, unsigned char *p, size_t max,
    size_t *n)
{
	unsigned char *got;
	int r;

	if (s->net == NULL) {
		if (is_stopped(s))
			return ERR_IO;
		errno = 0;
		return mirror_why(s, mirror_read_into(s->mirror, name, p, max,
		    n));
	}
	if ((r = get_url(s, name, max, &got, n)) != 0)
		return r;
	memcpy(p, got, *n);
	file_free(got, *n);
	return 0;
}

/* see source.h */
int
source_tile(struct source *s, const struct tile *t, uint64_t size,
    unsigned char *out, char name[static 80])
{
	struct tile now = *t;
	size_t n = 0, want = mirror_tile_bytes(t);
	char other[80];
	int r;

	now.width = tile_width_at(t->level, t->index, size);
	mirror_tile_name(name, t);
	r = get_into(s, name, out, want, &n);
	if (r == ERR_NOTFOUND && now.width > t->width) {
		mirror_tile_name(other, &now);
		r = get_into(s, other, s->tile, mirror_tile_bytes(&now), &n);
		if (r == 0 && n == mirror_tile_bytes(&now)) {
			n = want;
			memcpy(out, s->tile, n);
		}
	}
	if (r != 0 || n == want)
		return r;
	snprintf(s->why, sizeof(s->why), "%zu bytes, should be %zu", n, want);
	return ERR_FORMAT;
}

/* see source.h */
const char *
source_why(const struct source *s)
{
	return s->why;
}
