/* SPDX-License-Identifier: ISC */
/*
 * words.c - the codename of an earlier report.
 *
 * Lines are read by read(2) into memory that is locked and wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/report/stop.h"
#include "client/report/words.h"
#include "crypto/secret.h"

#define TYPED_MAX	4096		/* codename_parse() takes no more */
#define FIRST		"Your codename, twelve words: "
#define MORE		"and the others: "

/* What was typed so far, perhaps in several lines. */
struct typed {
	char text[TYPED_MAX];		/* secret */
	size_t n;
	int tty;
};

/* Why these are no codename. */
static void
complain(int r, unsigned word)
{
	if (r == ERR_NOTFOUND)
		warn("word %u is not in the list of words; look at it once "
		    "more", word);
	else if (r == ERR_LIMIT && word > 0)
		warn("a codename has twelve words, these are %u", word);
	else if (r == ERR_LIMIT)
		warn("that is no codename: it is too long, or there is "
		    "nothing");
	else
		warn("all words are known, but they do not belong together: "
		    "one was taken for another, or two have changed places");
}

/* --- from a file ---------------------------------------------------------- */

static int
from_file(unsigned char *entropy, const char *path)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	unsigned char *p;
	unsigned word;
	size_t n;
	int r;

	if ((r = file_read(&p, &n, path, TYPED_MAX)) != 0)
		return fail(r == ERR_LIMIT ? EXIT_DATA : exit_for(r),
		    "%s: %s", name, err_str(r));
	r = codename_parse(entropy, rd_from(p, n), &word);
	file_free(p, n);
	if (r == 0)
		return 0;
	complain(r, word);
	return EXIT_DATA;
}

/* --- from the terminal ------------------------------------------------------ */

/* One line more, behind what is there. */
static int
read_line(struct typed *t)
{
	ssize_t got;

	do {
		if (report_stop != 0)
			return ERR_ORDER;
		got = read(t->tty, t->text + t->n, TYPED_MAX - t->n);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got == 0 ? ERR_ORDER : ERR_IO;
	t->n += (size_t)got;
	return 0;
}

static void
prompt(int tty, const char *words)
{
	ssize_t r = write(tty, words, strlen(words));

	(void)r;	/* a prompt that cannot be shown is no failure */
}

static int
ask(unsigned char *entropy, struct typed *t)
{
	unsigned word = 0;
	int r;

	for (;;) {
		prompt(t->tty, t->n == 0 ? FIRST : MORE);
		r = read_line(t);
		if (r == ERR_ORDER) {
			prompt(t->tty, "\n");	/* ours stands there */
			return fail(EXIT_USAGE, "stopped");
		}
		if (r != 0)
			return fail(EXIT_SYSTEM, "the terminal: %s",
			    strerror(errno));
		r = codename_parse(entropy, rd_from(t->text, t->n), &word);
		if (r == 0)
			return 0;
		if (r == ERR_LIMIT && word > 0 && word < CODENAME_WORDS &&
		    t->n < TYPED_MAX)
			continue;	/* they come in several lines */
		if (r != ERR_LIMIT || word > 0)
			complain(r, word);
		t->n = 0;
	}
}

static int
from_terminal(unsigned char *entropy)
{
	struct typed *t;
	int code;

	if ((t = secret_new(sizeof(*t))) == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	t->n = 0;
	t->tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (t->tty < 0)
		code = fail(EXIT_USAGE, "there is no terminal to ask on; give "
		    "the codename on standard input or with --codename-file");
	else
		code = ask(entropy, t);
	if (t->tty >= 0)
		close(t->tty);
	secret_free(t);
	return code;
}

/* Has somebody put something there? */
static bool
is_given(int fd)
{
	struct stat st, null;

	if (isatty(fd) || fstat(fd, &st) != 0)
		return false;
	return !S_ISCHR(st.st_mode) || stat("/dev/null", &null) != 0 ||
	    st.st_rdev != null.st_rdev;
}

/* see words.h */
int
words_read(unsigned char entropy[static CODENAME_BYTES], const char *path,
    bool stdin_free)
{
	if (path != NULL)
		return from_file(entropy, path);
	if (stdin_free && is_given(STDIN_FILENO))
		return from_file(entropy, "-");
	return from_terminal(entropy);
}
