/* SPDX-License-Identifier: ISC */
/*
 * privs.c - giving up rights.
 *
 * Invariant: after privs_drop() nothing this process does or starts has a
 * capability, a supplementary group or a way back to another user.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "server/privs.h"

#define CAPS_MAX	64

/* see privs.h */
int
privs_user(struct privs_user *u, const char *name)
{
	const struct passwd *pw;

	memset(u, 0, sizeof(*u));
	if (name[0] == '\0')
		return 0;
	if ((pw = getpwnam(name)) == NULL)
		return ERR_NOTFOUND;
	u->set = true;
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	return 0;
}

/* see privs.h */
int
privs_std_open(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		/* The lowest number that is free is this one. */
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
			return ERR_IO;
	return 0;
}

/* see privs.h */
int
privs_quiet(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);		/* cannot fail */
	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ERR_IO;
	return 0;
}

static int
become(const struct privs_user *u)
{
	if (!u->set)
		return 0;
	/* Already that user, as after an exec: only root may ask again. */
	if (getuid() == u->uid && geteuid() == u->uid &&
	    getgid() == u->gid && getegid() == u->gid && u->uid != 0)
		return 0;
	if (setgroups(0, NULL) != 0 ||
	    setresgid(u->gid, u->gid, u->gid) != 0 ||
	    setresuid(u->uid, u->uid, u->uid) != 0)
		return ERR_IO;
	if (u->uid != 0 && setuid(0) == 0)
		return ERR_ORDER;	/* there was a way back */
	return 0;
}

/* No capability for what we exec, as root either; ends where the list does. */
static void
empty_bounding_set(void)
{
	unsigned long c;

	/* Refused without CAP_SETPCAP, and then there is little to take. */
	(void)prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
	    0, 0, 0);
	for (c = 0; c < CAPS_MAX; c++)
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0)
			return;
}

static int
empty_caps(void)
{
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	memset(&head, 0, sizeof(head));
	memset(data, 0, sizeof(data));
	head.version = _LINUX_CAPABILITY_VERSION_3;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
	    syscall(SYS_capset, &head, data) != 0)
		return ERR_IO;
	memset(data, 0xff, sizeof(data));
	if (syscall(SYS_capget, &head, data) != 0)
		return ERR_IO;
	if ((data[0].permitted | data[1].permitted | data[0].effective |
	    data[1].effective | data[0].inheritable | data[1].inheritable) != 0)
		return ERR_ORDER;
	return 0;
}

/* see privs.h */
int
privs_drop(const struct privs_user *u)
{
	int r;

	empty_bounding_set();
	if ((r = become(u)) != 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ERR_IO;
	if ((r = empty_caps()) != 0)
		return r;
	/* A change of user gave it back. */
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : ERR_IO;
}

/* see privs.h */
int
privs_role(unsigned first)
{
	const struct privs_user nobody_else = { false, 0, 0 };
	int r;

	if ((r = privs_quiet()) != 0 || (r = privs_drop(&nobody_else)) != 0)
		return r;
	/* After the last change of rights, which would clear it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    syscall(SYS_close_range, first, ~0u, 0) != 0)
		return ERR_IO;
	return 0;
}
