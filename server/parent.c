/* SPDX-License-Identifier: ISC */
/*
 * parent.c - open what the roles need, give up every right, start them, and
 * end or restart all when one ends.
 *
 * The parent never reads a stranger's byte.  Invariant: no role outlives it
 * (they die with it), and no role of one generation meets one of the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "server/keys.h"
#include "server/listeners.h"
#include "server/log.h"
#include "server/parent_int.h"
#include "server/privs.h"
#include "server/role.h"
#include "server/sandbox.h"
#include "server/spawn.h"
#include "server/tls.h"

#define FDS_SPARE	64	/* a front's besides its connections */

/* Where to, and why not. */
static int
open_named(int *fd, const char *what, const char *path, int flags)
{
	if (path[0] == '\0')
		return 0;
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	if (*fd != -1)
		return 0;
	diag("%s %s: %s", what, path, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT;
}

/* Its folder; that the log may go on is for the store to say. */
static int
open_guard(struct parent *p, const struct conf *c)
{
	int r = open_named(&p->guard, "guard", c->guard, O_DIRECTORY);

	if (r != 0)
		diag("without its fork guard a log is not opened: see "
		    "make-guard and restore in ecrdropd(8)");
	return r;
}

static int
open_files(struct parent *p, const struct conf *c)
{
	size_t i;
	int r;

	p->nkeyset = c->nkeyset;
	if ((r = open_named(&p->data, "data", c->data, O_DIRECTORY)) != 0 ||
	    (r = open_guard(p, c)) != 0 ||
	    (r = open_named(&p->certificate, "certificate", c->certificate,
	    0)) != 0 ||
	    (r = open_named(&p->key, "key", c->key, 0)) != 0 ||
	    (r = open_named(&p->vkey, "office-vkey", c->office_vkey, 0)) != 0)
		return r;
	for (i = 0; i < c->nkeyset; i++)
		if ((r = open_named(&p->keyset[i], "keyset", c->keyset[i],
		    0)) != 0)
			return r;
	return 0;
}

static void
parent_start(struct parent *p)
{
	size_t i;

	memset(p, 0, sizeof(*p));
	p->data = p->guard = p->certificate = p->key = p->vkey = p->config = -1;
	p->quiet = p->signals = p->witness = p->leash = -1;
	for (i = 0; i < CONF_KEYSET_MAX; i++)
		p->keyset[i] = -1;
	for (i = 0; i < ROLES_MAX; i++)
		p->role[i].peer = p->role[i].slots = -1;
}

static int
find_user(struct privs_user *u, const struct conf *c)
{
	if (privs_user(u, c->user) == 0)
		return 0;
	diag("user %s: there is no such user", c->user);
	return EX_NOUSER;
}

/* Do certificate and key fit, and does the certificate hold today? */
static int
check_tls(const struct parent *p)
{
	struct tls *t = NULL;
	int r = EX_OK;

	if (p->certificate == -1)
		return EX_OK;
	if (tls_new(&t, p->certificate, p->key) != 0 ||
	    !tls_holds(t, time(NULL)))
		r = EX_CONFIG;
	tls_free(t);
	return r;
}

/* see role.h */
int
parent_check(const struct conf *c)
{
	static struct parent p;
	static struct keys keys;
	struct privs_user user;
	int r;

	parent_start(&p);
	if ((r = find_user(&user, c)) != 0 || (r = open_files(&p, c)) != 0)
		return r;
	/* What the store would refuse: keys that are none, another office's. */
	if (p.vkey != -1 || p.nkeyset > 0) {
		if (keys_load_from(&keys, p.vkey, p.keyset, p.nkeyset) != 0)
			return EX_CONFIG;
		keys_wipe(&keys);
	}
	return check_tls(&p);		/* the exit closes the files */
}

/* One a core that we may run on, where the configuration leaves it to us. */
static size_t
count_fronts(const struct conf *c)
{
	cpu_set_t set;
	int n = 1;

	if (c->fronts != 0)
		return (size_t)c->fronts;
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > LISTENERS_FRONTS_MAX ? LISTENERS_FRONTS_MAX :
	    (size_t)n;
}

/* Every connection of a front needs a descriptor. */
static int
raise_limit(const struct conf *c)
{
	const rlim_t need = c->connections + c->nlisten + FDS_SPARE;
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0)
		return EX_OSERR;
	if (l.rlim_cur >= need)
		return 0;
	l.rlim_cur = need;
	if (l.rlim_max < need)
		l.rlim_max = need;
	if (setrlimit(RLIMIT_NOFILE, &l) == 0)
		return 0;
	diag("connections %lu need %lu open files; the limit is lower",
	    (unsigned long)c->connections, (unsigned long)need);
	return EX_OSERR;
}

/* Everything that needs a right or a name. */
static int
take_all(struct parent *p, const struct conf *c, struct rd text,
    struct privs_user *user)
{
	int r;

	if ((r = find_user(user, c)) != 0 || (r = open_files(p, c)) != 0 ||
	    (r = raise_limit(c)) != 0)
		return r;
	p->nrole = 1 + count_fronts(c);
	p->slots = (uint32_t)c->slots;
	if (listeners_open(&p->listeners, c, p->nrole - 1,
	    user->set ? user->uid : (uid_t)-1,
	    user->set ? user->gid : (gid_t)-1) != 0)
		return EX_OSERR;
	p->config = spawn_memfd(text);
	p->quiet = open("/dev/null", O_RDWR | O_CLOEXEC);
	p->signals = parent_signals();
	if (p->config == -1 || p->quiet == -1 || p->signals == -1) {
		diag("cannot start: %s", strerror(errno));
		return EX_OSERR;
	}
	return 0;
}

static int
give_up_rights(struct parent *p, const struct conf *c,
    const struct privs_user *user)
{
	int r;

	if (!user->set && geteuid() == 0)
		diag("running as root; a user line is better");
	if (privs_drop(user) != 0) {
		diag("cannot give up rights: %s", strerror(errno));
		return EX_OSERR;
	}
	if ((r = parent_witness(p, c)) != 0)
		return r;
	return sandbox_enter(SANDBOX_PARENT, p->data, p->guard) == 0 ? 0 :
	    EX_OSERR;
}

/* see role.h */
int
parent_main(const struct conf *c, struct rd text)
{
	static struct parent p;
	struct privs_user user;
	int r;

	parent_start(&p);
	if ((r = take_all(&p, c, text, &user)) == 0 &&
	    (r = give_up_rights(&p, c, &user)) == 0)
		r = parent_supervise(&p);
	listeners_close(&p.listeners);
	return r;
}
