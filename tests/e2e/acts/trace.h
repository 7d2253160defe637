/* SPDX-License-Identifier: ISC */
/*
 * trace.h - make a process do a system call that is not its own.
 *
 * A traced process is halted at the entry of a call that it makes by itself;
 * another call goes to the kernel in its place, through all filters, and then
 * its own once more.  Only registers are written from outside: what pointers
 * point at was laid out at its exec, before it became undumpable.
 */
#ifndef ECR_TEST_TRACE_H
#define ECR_TEST_TRACE_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/user.h>

#include "tests/e2e/acts/act.h"

/* What became of an act: its result, or one of these. */
enum { R_EVENT = 1 << 20,	/* it forked, or became another program */
    R_HANG };
#define R_KILLED	(-100000L)	/* less the signal */

extern struct scratch paper;	/* as it is laid out in each process */
extern pid_t victim;		/* DYN_OTHER */

_Noreturn void die(const char *what);
void trace_begin(void);		/* once */

long pt(long request, pid_t pid, unsigned long addr, unsigned long data);
bool is_dead(int status);
/* Goes on until it stops or ends; false: it hangs. */
bool step_on(pid_t pid, int request, int *status);
/* A process that has stopped itself; then it is ours, and goes on. */
void begin_trace(pid_t pid);
void reap(pid_t pid);
/* After R_EVENT: the child that it made is ended. */
void end_child(pid_t pid);
/* It stands in the event of its exec: our paper goes into its memory. */
void lay_out(pid_t pid);

/*
 * To the entry of the next call that it makes by itself: 0; else R_*.  A
 * killing filter lets the call return before the signal ends the process.
 */
long to_entry(pid_t pid, struct user_regs_struct *regs);
/* It stands there with these registers: another call instead, and back. */
long exchange(pid_t pid, struct user_regs_struct *home, long nr,
    const uint64_t *arg);
long do_act(pid_t pid, struct user_regs_struct *home, const struct act *a);

/* --- uncaged.c: what this machine lets a process without a cage do ---------- */
extern long control[ACTS_MAX];
/* Somebody to be attacked; traced: it waits for begin_trace(). */
pid_t new_victim(bool traced);
/* SECRET's log.key and the files in FOLDER are what acts point at. */
void write_paper(const char *secret, const char *folder);
/* All acts, into control[]; how many this machine lets happen. */
unsigned control_all(void);

#endif
