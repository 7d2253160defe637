/* SPDX-License-Identifier: ISC */
/*
 * scribble.c - a front whose slots somebody writes into all the time.
 *
 * A library for LD_PRELOAD.  The first front that is started has, from before
 * its sandbox on, a second process beside it that shares its slots with the
 * store and changes bytes of them without a pause, wherever a parcel may be
 * under way; first it tries to cut them off, which must fail, and says so on
 * standard error.  It ends with its front.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/params.h"
#include "server/role.h"
#include "server/slots.h"

#define FD_SLOTS	(ROLE_FD_FIRST + 1)
#define ENV_BE		"ECR_SCRIBBLE=now"

/* Bytes of payload, so that it may still be a parcel; at times others. */
static void
scribble(unsigned char *slots, size_t n, pid_t front)
{
	uint64_t x = 88172645463325252u, rounds = 0;
	size_t slot, at;

	/* A front in its sandbox cannot even send the signal of its death. */
	while (rounds++ % 65536 != 0 || getppid() == front) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		slot = (size_t)(x >> 8) % (n / SLOT_BYTES);
		at = (size_t)(x >> 24) % PARCEL_BYTES;
		if (at < 8192 && x % (1u << 20) != 0)
			at += 8192;
		slots[slot * SLOT_BYTES + at] = (unsigned char)x;
	}
}

static void
be_beside(pid_t front)
{
	unsigned char *slots;
	struct stat st;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
	    getppid() != front || fstat(FD_SLOTS, &st) != 0 ||
	    (slots = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, FD_SLOTS, 0)) == MAP_FAILED)
		_exit(1);
	if (ftruncate(FD_SLOTS, 0) == 0 ||
	    ftruncate(FD_SLOTS, st.st_size / 2) == 0 ||
	    ftruncate(FD_SLOTS, 2 * st.st_size) == 0 ||
	    fallocate(FD_SLOTS, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0,
	    0) == 0)
		dprintf(2, "scribble: slots can be cut off\n");
	else
		dprintf(2, "scribble: slots cannot be cut off\n");
	/* Nobody's sockets are kept open by this. */
	for (int fd = 3; fd < 256; fd++)
		(void)close(fd);
	scribble(slots, (size_t)st.st_size, front);
	_exit(0);
}

__attribute__((constructor)) static void
start(int argc, char **argv, char **envp)
{
	pid_t front = getpid();

	if (argc < 1 || strcmp(argv[0], ROLE_TITLE "front") != 0)
		return;
	for (; *envp != NULL; envp++)
		if (strcmp(*envp, ENV_BE) == 0 && fork() == 0)
			be_beside(front);
}

/* Each front is a child of the parent's, so the count lies in shared memory. */
static unsigned *count;

__attribute__((constructor)) static void
share(void)
{
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (count == MAP_FAILED)
		abort();
}

int
execve(const char *path, char *const argv[], char *const envp[])
{
	char preload[4200], be[] = ENV_BE;
	char asan[] = "ASAN_OPTIONS=verify_asan_link_order=0";
	char *env[] = { preload, be, asan, NULL };
	const char *p = getenv("LD_PRELOAD");
	int (*real)(const char *, char *const *, char *const *);

	*(void **)&real = dlsym(RTLD_NEXT, "execve");
	if (p == NULL || strcmp(argv[0], ROLE_TITLE "front") != 0 ||
	    __atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST) != 0)
		return real(path, argv, envp);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", p);
	return real(path, argv, env);
}
