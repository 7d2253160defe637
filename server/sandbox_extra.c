/* SPDX-License-Identifier: ISC */
/*
 * sandbox_extra.c - what a build with sanitizers asks besides.
 *
 * Their run-time allocates with its own calls and, when it has found
 * something, reads its own maps and writes a report.  A plain build has
 * none of this; the test of the sandbox holds for both.
 */
#include <seccomp.h>

#include "server/sandbox_int.h"

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

#if defined(WITH_ASAN)
const int sandbox_extra[] = {
	SCMP_SYS(sigaltstack), SCMP_SYS(prlimit64), SCMP_SYS(getrlimit),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getrusage),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(uname), SCMP_SYS(dup),
	SCMP_SYS(dup2), SCMP_SYS(futex), SCMP_SYS(madvise),
	SCMP_SYS(sched_yield), SCMP_SYS(rt_sigreturn), SCMP_SYS(lseek),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(exit),
};
const size_t sandbox_nextra = sizeof(sandbox_extra) / sizeof(sandbox_extra[0]);
#else
const int sandbox_extra[] = { SCMP_SYS(exit_group) };	/* allowed anyway */
const size_t sandbox_nextra = 0;
#endif
