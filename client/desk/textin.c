/* SPDX-License-Identifier: ISC */
/*
 * textin.c - what an officer writes to a reporter.
 *
 * Refuses bytes that would not look on the reporter's screen as they do here:
 * broken UTF-8 and control characters other than line ends and tabs.
 */
#include <errno.h>
#include <string.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/editor.h"
#include "client/desk/textin.h"
#include "crypto/utf8.h"

/* CR LF and CR become LF. */
static size_t
fold_lines(unsigned char *p, size_t n)
{
	size_t i, to = 0;

	for (i = 0; i < n; i++) {
		if (p[i] != '\r')
			p[to++] = p[i];
		else if (i + 1 == n || p[i + 1] != '\n')
			p[to++] = '\n';
	}
	return to;
}

/* Where the text without white space at its ends begins, and how long. */
static void
trim(const unsigned char *p, size_t *from, size_t *n)
{
	struct rd r = rd_from(p, *n);
	size_t at, first = *n, last = 0;
	uint32_t c;

	while (!rd_done(&r)) {
		at = *n - r.n;
		if (!utf8_next(&r, &c))
			break;
		if (utf8_is_space(c))
			continue;
		if (first > at)
			first = at;
		last = *n - r.n;
	}
	*from = first;
	*n = last > first ? last - first : 0;
}

static int
check(const unsigned char *p, size_t n, size_t *line)
{
	struct rd r = rd_from(p, n);
	uint32_t c;

	for (*line = 1; !rd_done(&r);) {
		if (!utf8_next(&r, &c) ||
		    (utf8_is_control(c) && c != '\n' && c != '\t'))
			return ERR_FORMAT;
		if (c == '\n')
			++*line;
	}
	return 0;
}

/* see textin.h */
int
textin_clean(unsigned char *p, size_t *n, size_t *line)
{
	size_t from;
	int r;

	*n = fold_lines(p, *n);
	if ((r = check(p, *n, line)) != 0)
		return r;
	trim(p, &from, n);
	if (*n == 0)
		return ERR_NOTFOUND;
	memmove(p, p + from, *n);
	p[*n] = '\0';
	return 0;
}

/* see textin.h */
int
textin_line(const char *s)
{
	struct rd r = rd_str(s);
	bool empty = true;
	uint32_t c;

	if (r.n > TEXTIN_LINE_MAX)
		return ERR_LIMIT;
	while (!rd_done(&r)) {
		if (!utf8_next(&r, &c) || utf8_is_control(c))
			return ERR_FORMAT;
		if (!utf8_is_space(c))
			empty = false;
	}
	return empty ? ERR_NOTFOUND : 0;
}

static int
read_failed(const char *path, int r)
{
	if (r == ERR_LIMIT)
		return fail(EXIT_DATA, "%s: longer than %zu KiB; an "
		    "attachment cannot be sent this way", path,
		    TEXTIN_MAX / 1024);
	if (r == ERR_NOTFOUND)
		return fail(EXIT_NOINPUT, "%s: no such file", path);
	if (r == ERR_IO)
		return fail(EXIT_NOINPUT, "%s: %s", path, strerror(errno));
	return fail(exit_for(r), "%s: %s", path, err_str(r));
}

/* see textin.h */
int
textin_read(unsigned char **out, size_t *n, const char *path)
{
	const char *name = path == NULL ? "the text" : path;
	size_t line;
	int code = 0, r;

	*out = NULL;
	if (path == NULL)
		code = editor_run(out, n, TEXTIN_MAX);
	else if ((r = file_read(out, n, path, TEXTIN_MAX)) != 0)
		code = read_failed(name, r);
	if (code != 0)
		return code;
	r = textin_clean(*out, n, &line);
	if (r == 0)
		return 0;
	file_free(*out, *n);
	*out = NULL;
	if (r == ERR_NOTFOUND)
		return fail(EXIT_DATA, "%s is empty; nothing is queued", name);
	return fail(EXIT_DATA, "%s: line %zu is not UTF-8 text, or has "
	    "control characters", name, line);
}
