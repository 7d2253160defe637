/* SPDX-License-Identifier: ISC */
/*
 * wizard.c - the wizard's terminal.
 *
 * Lines are read by read(2) into memory that is wiped, and written through
 * a buffer that is wiped; no editor is started and no line is kept for later,
 * since both leave traces.  What a person sees, the terminal may keep: that
 * is not in our hands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/jsonwipe.h"
#include "client/report/stop.h"
#include "client/report/wizard.h"
#include "client/report/wizard_int.h"

/*
 * A terminal hands over a line at once, at most WIZ_LINE_MAX bytes with its
 * end; of a longer one it has thrown the rest away.
 */
static int
read_line(void *arg, char line[static WIZ_LINE_MAX], size_t *n)
{
	const int *fd = arg;
	ssize_t got;

	do {
		if (report_stop != 0)
			return ERR_ORDER;
		got = read(*fd, line, WIZ_LINE_MAX);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got == 0 ? ERR_ORDER : ERR_IO;
	if (got == WIZ_LINE_MAX) {
		line[0] = '\0';
		return ERR_LIMIT;
	}
	*n = (size_t)got;
	if (line[*n - 1] == '\n')
		--*n;
	line[*n] = '\0';
	return 0;
}

static enum domain_lang
choose_language(const char *language)
{
	if (language != NULL)
		return wiz_language(language, NULL, NULL);
	return wiz_language(getenv("LC_ALL"), getenv("LC_MESSAGES"),
	    getenv("LANG"));
}

/* see wizard.h */
bool
wizard_can_ask(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* see wizard.h */
bool
wizard_speaks(const char *language)
{
	return strcmp(language, "en") == 0 || strcmp(language, "fr") == 0;
}

/* see wizard.h */
int
wizard_run(json_t **said, struct attach_list *l, bool *strip,
    const struct wizard_how *how)
{
	static char screen[4096];	/* of stdio, wiped below */
	struct wiz *w = NULL;
	int fd, r = ERR_NOMEM;

	*said = NULL;
	json_wipe_memory();
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ERR_NOTFOUND;
	if ((w = calloc(1, sizeof(*w))) == NULL ||
	    (w->said = json_object()) == NULL ||
	    (w->out = fdopen(fd, "w")) == NULL)
		goto out;
	(void)setvbuf(w->out, screen, _IOFBF, sizeof(screen));
	w->read = read_line;
	w->arg = &fd;
	w->list = l;
	w->strip = *strip;
	w->lang = choose_language(how->language);
	w->alternate = how->alternate;
	w->followup = how->followup;
	if ((r = wiz_talk(w)) == 0) {
		*said = w->said;
		*strip = w->strip;
		w->said = NULL;
	}
	fputc('\n', w->out);
out:
	if (w != NULL && w->out != NULL)
		fclose(w->out);		/* and fd */
	else
		close(fd);
	sodium_memzero(screen, sizeof(screen));
	if (w != NULL) {
		json_decref(w->said);
		sodium_memzero(w, sizeof(*w));
		free(w);
	}
	return r;
}
