/* SPDX-License-Identifier: ISC */
/*
 * role.h - what one binary becomes: parent, store, front.
 *
 * The parent execs itself as "ecrdropd" with the role in argv[0] or a hidden
 * first argument and descriptors at fixed numbers; each role closes all
 * others, shrinks its rights, and tells the parent IPC_READY.
 */
#ifndef ECR_ROLE_H
#define ECR_ROLE_H

#include "server/conf.h"

/* Fixed descriptors of a role. */
#define ROLE_FD_PARENT	3	/* control, to the parent */
#define ROLE_FD_FIRST	4
/*
 * front:  4 ipc to the store, 5 its slots, 6 certificate file, 7 key file,
 *         then one a listening socket, in the configuration's order
 * store:  4 the data directory, 5 the office-vkey file (or /dev/null), then
 *         conf.nkeyset keyset files, then for each front: ipc, slots
 *
 * The configuration travels as the bytes of a sealed memfd that is the
 * descriptor after those; argv says how many descriptors there are.
 */

/* Each returns the process's exit code. */
int parent_main(const struct conf *c, const char *self);
int store_main(const struct conf *c, int nfds);
int front_main(const struct conf *c, int nfds);

#endif
