/* SPDX-License-Identifier: ISC */
/*
 * secretin.c - passphrases and codenames from a terminal, a file or stdin.
 *
 * What was typed is never echoed, printed or repeated in a message, and the
 * terminal is put right again whatever happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/secretin.h"
#include "crypto/err.h"
#include "crypto/secret.h"

/*
 * A closed standard descriptor would be given to the next file or socket that
 * is opened, and our words would go there.  A missing stdout takes nothing,
 * so that whoever prints a result learns that it is lost.
 */
static int
fill_standard(void)
{
	static const struct { const char *path; int flags; } with[] = {
		{ "/dev/null", O_RDONLY }, { "/dev/full", O_WRONLY },
		{ "/dev/null", O_WRONLY }
	};
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open(with[fd].path, with[fd].flags) != fd)
			return ERR_ORDER;
	return 0;
}

/* see secretin.h */
int
secretin_harden(void)
{
	const struct rlimit none = { 0, 0 };

	umask(077);
	if (fill_standard() != 0)
		return ERR_ORDER;
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ERR_ORDER;
	return secret_init();
}

/* One line, byte by byte: what follows it belongs to somebody else. */
static int
read_line(int fd, char *out)
{
	size_t n = 0;
	ssize_t got;
	char c;

	for (;;) {
		got = read(fd, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		if (got == 0 && n == 0)
			return ERR_NOTFOUND;
		if (got == 0 || c == '\n')
			break;
		if (c == '\0')
			return ERR_FORMAT;	/* it would end the string */
		if (n + 1 == SECRETIN_MAX)
			return ERR_LIMIT;
		out[n++] = c;
	}
	c = '\0';
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return 0;
}

static void
put(int fd, const char *s)
{
	ssize_t r = write(fd, s, strlen(s));

	(void)r;	/* a prompt that cannot be shown is no failure */
}

/* Asks once, echo off; signals wait until the terminal is right again. */
static int
ask(int tty, const char *prompt, char *out)
{
	struct termios was, quiet;
	sigset_t block, old;
	int r;

	if (tcgetattr(tty, &was) != 0)
		return ERR_NOTFOUND;
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ISIG);
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGTSTP);
	sigprocmask(SIG_BLOCK, &block, &old);
	if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0) {
		r = ERR_IO;
	} else {
		put(tty, prompt);	/* what comes before is thrown away */
		r = read_line(tty, out);
		(void)tcsetattr(tty, TCSAFLUSH, &was);
	}
	put(tty, "\n");
	/* Ctrl-C was an ordinary byte meanwhile; honour it now. */
	if (r == 0 && strchr(out, 3) != NULL)
		raise(SIGINT);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

static int
ask_terminal(char *out, const char *prompt, bool confirm)
{
	char *again = NULL;
	int tty, r;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return ERR_NOTFOUND;
	if ((r = ask(tty, prompt, out)) != 0 || !confirm)
		goto out;
	if ((again = secret_new(SECRETIN_MAX)) == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	if ((r = ask(tty, "The same once more: ", again)) != 0)
		goto out;
	if (strlen(out) != strlen(again) ||
	    sodium_memcmp(out, again, strlen(out)) != 0)
		r = ERR_CHANGED;
out:
	secret_free(again);
	close(tty);
	return r;
}

/* see secretin.h */
int
secretin_read(char **out, const char *path, const char *prompt, bool confirm)
{
	char *p;
	int fd = -1, r;

	*out = NULL;
	if ((p = secret_new(SECRETIN_MAX)) == NULL)
		return ERR_NOMEM;
	if (path == NULL) {
		r = ask_terminal(p, prompt, confirm);
	} else if (strcmp(path, "-") == 0) {
		r = read_line(STDIN_FILENO, p);
	} else if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		r = errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	} else {
		r = read_line(fd, p);
		close(fd);
	}
	if (r == 0)
		*out = p;
	else
		secret_free(p);
	return r;
}
