/* SPDX-License-Identifier: ISC */
/*
 * wrap.c - break text of others into lines.
 *
 * Breaks stand at spaces; a word that is wider than a line is cut, as is
 * text that knows no spaces.  Widths are those of a terminal: two columns for
 * East Asian characters, none for combining marks.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/desk/wrap.h"
#include "crypto/utf8.h"

#define WIDTH_LEAST	40
#define WIDTH_MOST	200
#define STAND_IN	8	/* "<U+202E>" */

/* see wrap.h */
unsigned
wrap_width(FILE *f)
{
	struct winsize ws;

	if (!isatty(fileno(f)) || ioctl(fileno(f), TIOCGWINSZ, &ws) != 0 ||
	    ws.ws_col == 0)
		return WRAP_PLAIN;
	if (ws.ws_col < WIDTH_LEAST)
		return WIDTH_LEAST;
	return ws.ws_col > WIDTH_MOST ? WIDTH_MOST : ws.ws_col;
}

/* Ranges that a terminal shows in two columns. */
static bool
is_wide(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) ||
	    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
	    (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
	    (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

static bool
is_mark(uint32_t c)
{
	return (c >= 0x0300 && c <= 0x036f) || (c >= 0x0610 && c <= 0x061a) ||
	    (c >= 0x064b && c <= 0x065f) || c == 0xfe0f;
}

/* Takes one character off; how many columns it needs at most. */
static unsigned
take_char(struct rd *r)
{
	uint32_t c;

	if (!utf8_next(r, &c)) {
		*r = rd_from(r->p + 1, r->n - 1);
		return STAND_IN;
	}
	if (is_mark(c))
		return 0;
	if (is_wide(c))
		return 2;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad ||
	    (c >= 0x600 && c <= 0x61c) || (c >= 0x2000 && c <= 0x206f) ||
	    c == 0xfeff || c >= 0xfff0)
		return STAND_IN;	/* say_clean() may write it out */
	return 1;
}

/* As much of line as fits, and no word cut that need not be. */
static struct rd
take_row(struct rd *line, unsigned room)
{
	struct rd rest = *line, before, at_space = *line;
	unsigned used = 0, w;
	bool space = false;

	while (!rd_done(&rest)) {
		before = rest;
		if (rest.p[0] == ' ') {
			at_space = rest;
			space = true;
		}
		w = take_char(&rest);
		if (used + w > room && used > 0) {
			rest = space ? at_space : before;
			break;
		}
		used += w;
	}
	before = rd_from(line->p, line->n - rest.n);
	*line = rest;
	while (!rd_done(line) && line->p[0] == ' ')
		*line = rd_from(line->p + 1, line->n - 1);
	return before;
}

static void
print_line(FILE *f, struct rd line, const char *indent, unsigned room)
{
	do {
		fputs(indent, f);
		say_clean(f, take_row(&line, room), false);
		fputc('\n', f);
	} while (!rd_done(&line));
}

/* see wrap.h */
void
wrap_print(FILE *f, struct rd text, const char *indent, unsigned width)
{
	const unsigned in = (unsigned)strlen(indent);
	const unsigned room = width > in + STAND_IN ? width - in : STAND_IN;
	struct rd line;

	while (!rd_done(&text)) {
		if (!rd_line(&text, &line)) {
			line = text;
			text = rd_from(text.p + text.n, 0);
		}
		print_line(f, line, indent, room);
	}
}
