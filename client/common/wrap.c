/* SPDX-License-Identifier: ISC */
/*
 * wrap.c - text of others on a screen, broken between words.
 *
 * A character counts as one column, which is wrong for some scripts: their
 * lines come out longer or shorter than asked, and nothing is lost.
 */
#include <stdbool.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/common/wrap.h"
#include "crypto/utf8.h"

#define NARROWEST	20
#define LEAD_MAX	16	/* of a line's own spaces, kept behind breaks */

/* see wrap.h */
unsigned
wrap_columns(FILE *f)
{
	struct winsize ws;

	if (!isatty(fileno(f)) || ioctl(fileno(f), TIOCGWINSZ, &ws) != 0 ||
	    ws.ws_col == 0 || ws.ws_col > WRAP_COLUMNS)
		return WRAP_COLUMNS;
	return ws.ws_col <= NARROWEST ? NARROWEST : ws.ws_col - 1u;
}

/* Characters; a byte that is none counts as one. */
static unsigned
columns(struct rd s)
{
	unsigned n = 0;
	uint32_t c;

	for (; s.n > 0; n++)
		if (!utf8_next(&s, &c) && !rd_skip(&s, 1))
			break;
	return n;
}

static bool
take_spaces(struct rd *s)
{
	return s->n > 0 && s->p[0] == ' ' && rd_skip(s, 1);
}

static struct rd
take_word(struct rd *s)
{
	struct rd word, rest = *s;

	if (rd_until(&rest, ' ', &word)) {
		/* The space stays for whoever looks whether there is one. */
		*s = rd_from(s->p + word.n, s->n - word.n);
		return word;
	}
	word = *s;
	*s = rd_from(s->p + s->n, 0);
	return word;
}

/* One line of the text; returns nothing, leaves the cursor behind it. */
static void
put_line(FILE *f, struct rd line, unsigned col, unsigned indent,
    unsigned width)
{
	unsigned lead = 0, n;
	struct rd word;
	bool first = true;

	while (take_spaces(&line))
		lead++;
	fprintf(f, "%*s", (int)lead, "");
	col += lead;
	indent += lead < LEAD_MAX ? lead : LEAD_MAX;
	while (line.n > 0) {
		while (take_spaces(&line))
			continue;
		word = take_word(&line);
		if (word.n == 0)
			break;
		n = columns(word);
		if (!first && col + 1 + n > width) {
			fprintf(f, "\n%*s", (int)indent, "");
			col = indent;
			first = true;
		}
		if (!first)
			putc(' ', f);
		say_clean(f, word, true);
		col += n + (first ? 0 : 1);
		first = false;
	}
}

/* see wrap.h */
void
wrap_text(FILE *f, struct rd text, unsigned col, unsigned indent,
    unsigned width)
{
	struct rd line;

	while (rd_until(&text, '\n', &line)) {
		put_line(f, line, col, indent, width);
		fprintf(f, "\n%*s", text.n > 0 && text.p[0] != '\n' ?
		    (int)indent : 0, "");
		col = indent;
	}
	put_line(f, text, col, indent, width);
}
