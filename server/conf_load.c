/* SPDX-License-Identifier: ISC */
/*
 * conf_load.c - the configuration from its file, with words for what is
 * wrong.  Apart from the parser, which stays pure.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "server/conf.h"
#include "server/log.h"

static int
read_file(const char *path, unsigned char text[static CONF_TEXT_MAX],
    size_t *n)
{
	ssize_t got = 1;
	int fd, r = 0;

	*n = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd == -1)
		return ERR_IO;
	while (got != 0 && *n < CONF_TEXT_MAX) {
		got = read(fd, text + *n, CONF_TEXT_MAX - *n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			r = ERR_IO;
			break;
		}
		*n += (size_t)got;
	}
	if (r == 0 && *n == CONF_TEXT_MAX)
		r = ERR_LIMIT;
	(void)close(fd);		/* only read */
	return r;
}

/* see conf.h */
int
conf_load(struct conf *c, const char *path,
    unsigned char text[static CONF_TEXT_MAX], size_t *n)
{
	const char *why = NULL;
	size_t line = 0;
	int r;

	if ((r = read_file(path, text, n)) != 0) {
		diag("%s: %s", path,
		    r == ERR_IO ? strerror(errno) : err_str(r));
		return r;
	}
	if ((r = conf_parse(c, rd_from(text, *n), &line, &why)) == 0)
		return 0;
	if (line > 0)
		diag("%s:%zu: %s", path, line, why);
	else
		diag("%s: %s", path, why);
	return r;
}
