/* SPDX-License-Identifier: ISC */
/*
 * confirm.c - a word from the officer before something that cannot be undone.
 *
 * It is asked on the terminal itself: what is piped into the program cannot
 * say yes by accident.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/desk/confirm.h"

#define LINE_CHARS	64

/* see confirm.h */
int
confirm_word(bool yes, const char *word)
{
	char line[LINE_CHARS];
	ssize_t n;
	int fd;

	if (yes)
		return 0;
	if ((fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) < 0)
		return fail(EXIT_USAGE, "there is no terminal to ask on, and "
		    "nothing was changed; --yes goes on without asking");
	dprintf(fd, "Type %s to go on: ", word);
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strcmp(line, word) != 0)
		return fail(EXIT_NOPERM, "nothing was changed");
	return 0;
}
