/* SPDX-License-Identifier: ISC */
/*
 * whole.c - is the log in a mirror, every file of it, what was signed?
 *
 * Refuses a mirror with one hash tile wrong, though the desk itself has no
 * use for it: auditors and a server that is rebuilt will.
 */
#include "client/desk/whole.h"

#include <errno.h>
#include <string.h>

#include "client/common/logfault.h"
#include "client/common/say.h"
#include "crypto/note.h"

#define NAMED_MAX	32	/* by name; of more only the number */

struct whole {
	struct mirror *m;
	uint64_t named;
	bool by_log;		/* the log itself has signed what is wrong */
};

static int
on_fetch(void *arg, const struct tile *t, unsigned char **out)
{
	const struct whole *w = arg;

	return logfault_mirror(w->m, t, out);
}

static void
on_fault(void *arg, const struct logfault *f)
{
	struct whole *w = arg;

	w->by_log = w->by_log || logfault_is_signed(f->what);
	if (w->named++ >= NAMED_MAX)
		return;
	if (logfault_is_signed(f->what))
		warn("entry %llu %s: %s", (unsigned long long)f->index,
		    logfault_words(f->what), f->name);
	else if (f->what == LOGFAULT_BUNDLE)
		warn("altered: %s, from entry %llu on", f->name,
		    (unsigned long long)f->index);
	else
		warn("%s: %s", logfault_words(f->what), f->name);
}

/* see whole.h */
int
whole_log(struct mirror *m, struct rd checkpoint, const char *path)
{
	struct whole w = { .m = m };
	struct logfault_search s = { .fetch = on_fetch, .say = on_fault,
	    .arg = &w };
	struct checkpoint c;
	struct note n;
	uint64_t found;
	int r;

	if ((r = note_parse(&n, checkpoint)) != 0 ||
	    (r = checkpoint_parse(&c, n.text)) != 0)
		return fail(EXIT_DATA, "%s: log/checkpoint: %s", path,
		    err_str(r));
	s.size = c.size;
	s.root = c.root;
	if ((r = logfault_find(&s, &found)) != 0)
		return fail(r == ERR_NOMEM ? EXIT_SYSTEM : EXIT_NOINPUT,
		    "%s: log/tile: %s", path, r == ERR_IO ? strerror(errno) :
		    err_str(r));
	if (found == 0)
		return EXIT_DONE;
	if (w.by_log)
		return fail(EXIT_CLAIM, "%s: refused, and nothing of it was "
		    "imported: the log has signed entries that must not stand "
		    "there. Keep this mirror; it is evidence", path);
	return fail(EXIT_CLAIM, "%s: refused, and nothing of it was "
	    "imported: %llu of the files under log/tile are not what the log "
	    "has signed: altered or damaged on the way. Fetch again", path,
	    (unsigned long long)found);
}
