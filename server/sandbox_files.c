/* SPDX-License-Identifier: ISC */
/*
 * sandbox_files.c - Landlock: which files are left.
 *
 * The kernel says which ABI it speaks; we handle all that this ABI knows and
 * grant little.  Debian 12's header stops at ABI 2, so the numbers stand
 * here; they are kernel ABI and do not change.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "server/log.h"
#include "server/sandbox_int.h"

/* As Documentation/userspace-api/landlock.rst numbers them. */
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_REFER = 1 << 13,		/* ABI 2 */
	FS_TRUNCATE = 1 << 14		/* ABI 3 */
};

#define FS_DATADIR \
	(FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_REMOVE_DIR | \
	 FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER | FS_TRUNCATE)
/* One file, replaced. */
#define FS_GUARD \
	(FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_REMOVE_FILE | \
	 FS_MAKE_REG)
#define FS_LOOK		(FS_EXECUTE | FS_READ_FILE | FS_READ_DIR)
#define NET_CONNECT	UINT64_C(2)

#define CREATE_VERSION	1u
#define RULE_PATH	1

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_attr {
	uint64_t allowed;
	int32_t parent_fd;
} __attribute__((packed));

/* What each ABI can handle: file rights, TCP rights, scopes; 0 is unused. */
static const struct ruleset_attr handled[] = {
	[1] = { (1 << 13) - 1, 0, 0 },
	[2] = { (1 << 14) - 1, 0, 0 },
	[3] = { (1 << 15) - 1, 0, 0 },
	[4] = { (1 << 15) - 1, 3, 0 },
	[5] = { (1 << 16) - 1, 3, 0 },
	[6] = { (1 << 16) - 1, 3, 3 },
};
#define ABI_KNOWN	((int)(sizeof(handled) / sizeof(handled[0])) - 1)

/* see sandbox.h */
int
sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    CREATE_VERSION);

	return abi > 0 ? (int)abi : 0;
}

/* Beneath dir, these rights, as far as this ABI knows them. */
static int
grant(int ruleset, const struct ruleset_attr *attr, int dir, uint64_t rights)
{
	struct path_attr p;

	p.allowed = rights & attr->fs;
	p.parent_fd = dir;
	if (syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &p, 0) != 0)
		return ERR_IO;
	return 0;
}

static int
grant_path(int ruleset, const struct ruleset_attr *attr, const char *path,
    uint64_t rights)
{
	int fd, r;

	if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return errno == ENOENT ? ERR_NOTFOUND : ERR_IO;
	r = grant(ruleset, attr, fd, rights);
	(void)close(fd);		/* only a path */
	return r;
}

/*
 * What a resolver reads; some of it is not on every machine.  Nothing else
 * of /etc: the keys of others may lie there.
 */
static int
grant_resolver(int ruleset, const struct ruleset_attr *attr)
{
	static const char *const file[] = { "/etc/resolv.conf", "/etc/hosts",
	    "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
	    "/etc/services" };
	size_t i;
	int r;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		r = grant_path(ruleset, attr, file[i], FS_READ_FILE);
		if (r != 0 && r != ERR_NOTFOUND)
			return r;
	}
	return 0;
}

/* Each role's files. */
static int
grant_role(enum sandbox_role role, int ruleset,
    const struct ruleset_attr *attr, int datadir_fd, int guard_fd)
{
	int r;

	switch (role) {
	case SANDBOX_FRONT:
		return 0;
	case SANDBOX_WITNESS:
		return grant_resolver(ruleset, attr);
	case SANDBOX_KEEPER:
		return grant_path(ruleset, attr, "/", FS_LOOK & ~FS_EXECUTE);
	/*
	 * It starts the roles from their file, with the libraries that they
	 * need, so it may look everywhere; it writes in the data directory
	 * and the guard's folder alone, for what it may not do its store may
	 * not either.
	 */
	case SANDBOX_PARENT:
		r = grant_path(ruleset, attr, "/", FS_LOOK);
		if (r != 0)
			return r;
		break;
	case SANDBOX_STORE:
		break;
	}
	if ((r = grant(ruleset, attr, datadir_fd, FS_DATADIR)) != 0)
		return r;
	return grant(ruleset, attr, guard_fd, FS_GUARD);
}

/* Connecting is what a round of calls is for; nothing else may. */
static void
keep_connect(enum sandbox_role role, struct ruleset_attr *attr)
{
	if (role == SANDBOX_WITNESS || role == SANDBOX_KEEPER)
		attr->net &= ~NET_CONNECT;
}

/* see sandbox_int.h */
int
sandbox_files(enum sandbox_role role, int datadir_fd, int guard_fd)
{
	int abi = sandbox_landlock_abi(), ruleset = -1, r = ERR_IO;
	struct ruleset_attr attr;

	if (abi < SANDBOX_LANDLOCK_LEAST) {
		diag("this kernel has Landlock ABI %d, and %d is needed: "
		    "Linux 5.19 or newer, with landlock among its lsm", abi,
		    SANDBOX_LANDLOCK_LEAST);
		return ERR_ORDER;
	}
	attr = handled[abi < ABI_KNOWN ? abi : ABI_KNOWN];
	keep_connect(role, &attr);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);
	if (ruleset == -1)
		goto out;
	if (grant_role(role, ruleset, &attr, datadir_fd, guard_fd) != 0)
		goto out;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		goto out;
	r = 0;
out:
	if (r != 0)
		diag("Landlock: %s", strerror(errno));
	if (ruleset != -1)
		(void)close(ruleset);	/* it has taken effect or not */
	return r;
}
