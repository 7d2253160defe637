/* SPDX-License-Identifier: ISC */
/*
 * role.c - the first steps of a role, right after exec.
 *
 * Invariant: what front_main() and store_main() are given is the parsed
 * configuration and their own descriptors; there is nothing else left.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "crypto/secret.h"
#include "server/heap.h"
#include "server/log.h"
#include "server/privs.h"
#include "server/role.h"
#include "server/spawn.h"

static const struct role {
	const char *name, *task;	/* task: at most 15 characters */
	bool lock;
	int (*run)(const struct conf *c, int nfds);
} roles[] = {
	/* The store maps its database, which must not be pinned; its keys are
	 * locked each for itself. */
	{ "store", "ecrdrop-store", false, store_main },
	{ "front", "ecrdrop-front", true, front_main },
	{ "witness", "ecrdrop-keeper", false, witness_main },
};

static const struct role *
find_role(const char *title)
{
	struct rd r = rd_str(title);
	size_t i;

	if (!rd_lit(&r, ROLE_TITLE))
		return NULL;
	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (rd_eq_str(r, roles[i].name))
			return &roles[i];
	return NULL;
}

/* see role.h */
bool
role_is(int argc, char **argv)
{
	return argc == 2 && find_role(argv[0]) != NULL;
}

/* The parent has parsed the same bytes; they are read once, from the start. */
static int
read_conf(struct conf *c, int fd)
{
	static unsigned char text[CONF_TEXT_MAX];
	const char *why;
	size_t n = 0, line;
	ssize_t got;

	while (n < sizeof(text)) {
		got = pread(fd, text + n, sizeof(text) - n, (off_t)n);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return ERR_IO;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	(void)close(fd);
	return conf_parse(c, rd_from(text, n), &line, &why);
}

/* A terminal or a manager may signal us all; the parent alone decides. */
static int
leave_signals_to_parent(void)
{
	return signal(SIGTERM, SIG_IGN) == SIG_ERR ||
	    signal(SIGINT, SIG_IGN) == SIG_ERR ||
	    signal(SIGHUP, SIG_IGN) == SIG_ERR ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR ? ERR_IO : 0;
}

/*
 * OpenSSL keeps the TLS key where it likes, so a front locks whatever it
 * touches.  Only without a limit: else a later allocation would fail.
 */
static int
lock_memory(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_MEMLOCK, &l) != 0)
		return ERR_IO;
	if (l.rlim_cur != RLIM_INFINITY)
		return 0;
	return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? 0 :
	    ERR_IO;
}

/* see role.h */
int
role_main(char **argv)
{
	static struct conf c;
	const struct role *role = find_role(argv[0]);
	uint64_t n;
	int r;

	if (role == NULL || !rd_dec(rd_str(argv[1]), SPAWN_FDS_MAX, &n))
		return EX_USAGE;
	(void)prctl(PR_SET_NAME, role->task, 0, 0, 0);	/* for ps(1) */
	if (leave_signals_to_parent() != 0 ||
	    privs_role(ROLE_FD_PARENT + (unsigned)n + 1) != 0) {
		diag("%s: cannot give up rights: %s", role->name,
		    strerror(errno));
		return EX_OSERR;
	}
	if ((r = heap_wipe_openssl()) != 0 || (r = secret_init()) != 0 ||
	    (role->lock && (r = lock_memory()) != 0) ||
	    (r = read_conf(&c, ROLE_FD_PARENT + (int)n)) != 0) {
		diag("%s: cannot start: %s", role->name, err_str(r));
		return EX_OSERR;
	}
	return role->run(&c, (int)n);
}
