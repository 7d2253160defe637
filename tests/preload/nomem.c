/* SPDX-License-Identifier: ISC */
/*
 * nomem.c - the nth allocation of one role of a server fails.
 *
 * A library for LD_PRELOAD.  The parent hands it on to its roles, whose
 * environment is otherwise empty.  A file that is mapped here from before the
 * sandbox on says which role, how many allocations still work and how many
 * fail then; and it is told how many failed, and how many are alive.
 * tests/e2e/nomem.py writes and reads it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "server/role.h"

#define CALLER	__builtin_return_address(0)
#define ENV_SWITCH	"ECR_NOMEM"

enum { ROLE_PARENT = 1, ROLE_STORE, ROLE_FRONT };

/* As nomem.py has it. */
struct control {
	int64_t role, left, count, failed;
	int64_t alive[4];		/* by role */
	int64_t libseccomp;		/* whose the last that failed was */
};

static struct control *control;
static int role;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

/* --- failing -------------------------------------------------------------- */

/* Of 2.5.4 not every allocation is checked: it is not for us to mend. */
static bool
is_of_libseccomp(const void *caller)
{
	Dl_info where;

	return dladdr(caller, &where) != 0 && where.dli_fname != NULL &&
	    strstr(where.dli_fname, "libseccomp") != NULL;
}

static bool
fails_now(const void *caller)
{
	if (control == NULL || control->role != role || control->left < 0)
		return false;
	if (control->left > 0) {
		control->left--;
		return false;
	}
	if (control->count == 0)
		return false;
	if (control->count > 0)
		control->count--;
	control->failed++;
	control->libseccomp = is_of_libseccomp(caller);
	errno = ENOMEM;
	return true;
}

static void *
counted(void *p)
{
	if (control != NULL && p != NULL)
		control->alive[role]++;
	return p;
}

void *
malloc(size_t n)
{
	return fails_now(CALLER) ? NULL : counted(__libc_malloc(n));
}

void *
calloc(size_t n, size_t m)
{
	return fails_now(CALLER) ? NULL : counted(__libc_calloc(n, m));
}

void *
realloc(void *p, size_t n)
{
	if (fails_now(CALLER))
		return NULL;
	return p == NULL ? counted(__libc_malloc(n)) : __libc_realloc(p, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	void *q = fails_now(CALLER) ? NULL : counted(__libc_memalign(align, n));

	if (q == NULL)
		return ENOMEM;
	*p = q;
	return 0;
}

void
free(void *p)
{
	if (control != NULL && p != NULL)
		control->alive[role]--;
	__libc_free(p);
}

/* --- getting there ---------------------------------------------------------- */

static int
role_of(const char *argv0)
{
	if (strcmp(argv0, ROLE_TITLE "store") == 0)
		return ROLE_STORE;
	return strcmp(argv0, ROLE_TITLE "front") == 0 ? ROLE_FRONT :
	    ROLE_PARENT;
}

__attribute__((constructor)) static void
start(int argc, char **argv)
{
	const char *path = getenv(ENV_SWITCH);
	void *p;
	int fd;

	/* The server alone, not the shell around it. */
	if (path == NULL || argc < 1 || strstr(argv[0], "ecrdropd") == NULL)
		return;
	role = role_of(argv[0]);
	if ((fd = open(path, O_RDWR | O_CLOEXEC)) == -1)
		abort();
	p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (p == MAP_FAILED)
		abort();
	(void)close(fd);
	control = p;
	control->alive[role] = 0;
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	char preload[4200], where[4200];
	char *env[] = { preload, where, NULL };
	const char *p = getenv("LD_PRELOAD"), *w = getenv(ENV_SWITCH);
	int (*real)(const char *, char *const *, char *const *);

	*(void **)&real = dlsym(RTLD_NEXT, "execve");
	if (p == NULL || w == NULL || role_of(argv[0]) == ROLE_PARENT)
		return real(path, argv, envp);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", p);
	(void)snprintf(where, sizeof(where), ENV_SWITCH "=%s", w);
	return real(path, argv, env);
}
