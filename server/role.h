/* SPDX-License-Identifier: ISC */
/*
 * role.h - what one binary becomes: parent, store, front, witness.
 *
 * The parent execs itself as "ecrdropd" with the role in argv[0] or a hidden
 * first argument and descriptors at fixed numbers; each role closes all
 * others, shrinks its rights, and tells the parent IPC_READY.
 */
#ifndef ECR_ROLE_H
#define ECR_ROLE_H

#include <stdbool.h>

#include "crypto/rd.h"
#include "server/conf.h"

/* Fixed descriptors of a role. */
#define ROLE_FD_PARENT	3	/* control, to the parent */
#define ROLE_FD_FIRST	4

#define ROLE_BEAT_SECS	5	/* how often a front says that it is alive */
#define ROLE_BEATS_MAX	6	/* so many may be missing */

/*
 * front:  4 ipc to the store, 5 its slots, 6 certificate file, 7 key file,
 *         then one a listening socket, in the configuration's order
 * store:  4 the data directory, 5 the guard's folder, 6 the office-vkey file
 *         (or /dev/null), then conf.nkeyset keyset files, then where there
 *         are witness lines the socket to the witness role, then for each
 *         front: ipc, slots
 * witness: 4 its end of that socket.  It is started once, before the parent's
 *         sandbox, and starts a process for each round of calls (witness.h);
 *         it says nothing to the parent and is not missed when it ends:
 *         closes go on without a quorum
 *
 * The configuration travels as the bytes of a sealed memfd that is the
 * descriptor after those; argv says how many descriptors there are.  main()
 * has read and closed it, has given up every right (privs.h) and closed all
 * else before it calls store_main() or front_main(); these set up what they
 * must and then call sandbox_enter() (sandbox.h), then send IPC_READY.
 * A front goes on to say IPC_ALIVE; one that is silent is ended, and all are
 * started anew.
 *
 * nfds counts from ROLE_FD_PARENT on, the configuration not included: a
 * front has 5 + conf.nlisten, a store 4 + conf.nkeyset + 2 * fronts, and
 * one more where there are witnesses.
 *
 * Certificate, key, vkey and keysets are each a sealed memfd of the file's
 * bytes, made for this process alone, at offset 0; empty where the
 * configuration names none.  Listening sockets are bound, listening and
 * non-blocking.  Sockets to parent and peers are SOCK_SEQPACKET pairs,
 * non-blocking.  EOF on ROLE_FD_PARENT means: end at once.
 */

/* Each returns the process's exit code. */

/* text: the configuration's bytes, which the roles parse again. */
int parent_main(const struct conf *c, struct rd text);
/* -n: whether all that c names is there; says what is not. */
int parent_check(const struct conf *c);
int store_main(const struct conf *c, int nfds);
int front_main(const struct conf *c, int nfds);
int witness_main(const struct conf *c, int nfds);
/* One round, in a process of its own; owns end. */
int witness_call(const struct conf *c, int end);

/* argv[0] of a role begins with this; then comes its name. */
#define ROLE_TITLE	"ecrdropd: "
/* Whether argv is that of a role, and its whole life. */
bool role_is(int argc, char **argv);
int role_main(char **argv);

#endif
