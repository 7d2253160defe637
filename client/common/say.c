/* SPDX-License-Identifier: ISC */
/*
 * say.c - words for the person at the terminal.
 *
 * The only state is the program's name and whether it was told to be quiet.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/common/say.h"
#include "crypto/utf8.h"

static const char *say_name = "ecrdrop";
static bool say_is_quiet;
static bool say_line_open;	/* a progress line stands on the screen */

/* see say.h */
void
say_program(const char *name)
{
	say_name = name;
}

/* see say.h */
void
say_quiet(bool quiet)
{
	say_is_quiet = quiet;
}

static void __attribute__((format(printf, 1, 0)))
say_va(const char *fmt, va_list ap)
{
	char words[2048];

	say_progress_end();
	vsnprintf(words, sizeof(words), fmt, ap);
	fprintf(stderr, "%s: ", say_name);
	/* Names of files are in it, and anybody may have named them. */
	say_clean(stderr, rd_str(words), false);
	fputc('\n', stderr);
}

/* see say.h */
void
say(const char *fmt, ...)
{
	va_list ap;

	if (say_is_quiet)
		return;
	va_start(ap, fmt);
	say_va(fmt, ap);
	va_end(ap);
}

/* see say.h */
void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_va(fmt, ap);
	va_end(ap);
}

/* see say.h */
int
fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_va(fmt, ap);
	va_end(ap);
	return code;
}

/* see say.h */
int
exit_for(int err)
{
	switch (err) {
	case ERR_OK:
		return EXIT_DONE;
	case ERR_NOTFOUND:
		return EXIT_NOINPUT;
	case ERR_NOMEM:
	case ERR_IO:
		return EXIT_SYSTEM;
	case ERR_EXISTS:
		return EXIT_CANTCREATE;
	case ERR_NOMATCH:
		return EXIT_NOPERM;
	default:
		return EXIT_DATA;
	}
}

/* May this code point be shown as it is? */
static bool
shows(uint32_t c, bool lines)
{
	if (c == '\n')
		return lines;
	if (c == '\t')
		return lines;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0x2028 || c == 0x2029)
		return false;	/* invisible, or turns the line around */
	if (c == 0x061c || c == 0x00ad || c == 0xfeff || c == 0x180e)
		return false;
	if ((c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000)
		return false;	/* interlinear, tags, private planes */
	return true;
}

/* see say.h */
void
say_clean(FILE *f, struct rd text, bool lines)
{
	struct rd was;
	uint32_t c;

	while (text.n > 0) {
		was = text;
		if (!utf8_next(&text, &c)) {
			fprintf(f, "<%02X>", was.p[0]);
			text = rd_from(was.p + 1, was.n - 1);
		} else if (!shows(c, lines)) {
			fprintf(f, "<U+%04X>", (unsigned)c);
		} else {
			fwrite(was.p, 1, was.n - text.n, f);
		}
	}
}

/* "1.5 MB": three figures are enough for a person */
static void
amount(char *buf, size_t cap, unsigned long long n)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)n;
	size_t u = 0;

	while (v >= 1000 && u + 1 < sizeof(unit) / sizeof(unit[0])) {
		v /= 1000;
		u++;
	}
	snprintf(buf, cap, u == 0 || v >= 100 ? "%.0f %s" : "%.1f %s", v,
	    unit[u]);
}

/* see say.h */
void
say_progress(const char *what, unsigned long long done,
    unsigned long long total)
{
	char a[32], b[32], bar[21];
	unsigned long long filled;

	if (say_is_quiet || !isatty(STDERR_FILENO))
		return;
	amount(a, sizeof(a), done);
	amount(b, sizeof(b), total);
	say_line_open = true;
	if (total == 0) {
		fprintf(stderr, "\r\033[K%s: %s", what, a);
		return;
	}
	if (done > total)
		done = total;
	filled = done / (total / 20 + 1);
	if (done == total)
		filled = 20;
	memset(bar, '.', 20);
	memset(bar, '#', (size_t)(filled > 20 ? 20 : filled));
	bar[20] = '\0';
	fprintf(stderr, "\r\033[K%s [%s] %3u %%  %s of %s", what, bar,
	    (unsigned)((double)done * 100 / (double)total), a, b);
}

/* see say.h */
void
say_progress_end(void)
{
	if (!say_line_open)
		return;
	fputs("\r\033[K", stderr);
	say_line_open = false;
}
