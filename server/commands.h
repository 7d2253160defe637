/* SPDX-License-Identifier: ISC */
/*
 * commands.h - init, make-guard, restore, token, confirm-clock, confirm-loss,
 * witness: what an operator types beside the server.  Each says on stderr what is wrong and
 * returns the exit code.  secret_init() came first.
 */
#ifndef ECR_COMMANDS_H
#define ECR_COMMANDS_H

#include <stdint.h>

#include "server/conf.h"

/* Makes data directory and guard (NULL: beside it); prints the log's vkey. */
int command_init(const char *datadir, const char *guard, const char *origin);
/*
 * Makes the guard of a log that has none: that this is its newest state is
 * the operator's word.  No server runs.
 */
int command_make_guard(const char *datadir, const char *guard,
    uint64_t drop_bytes);
/*
 * Rebuilds a lost drop/ from a mirror that has all that the guard has seen.
 * No server runs.
 */
int command_restore(const char *datadir, const char *guard,
    uint64_t drop_bytes, const char *office_vkey, const char *mirror);
/* Prints a new token of this role, once. */
int command_token(const char *datadir, const char *role);
int command_confirm_clock(const char *datadir);
int command_confirm_loss(const char *datadir);

/*
 * witness: the witness role as a service of its own, at the configuration's
 * witness-socket or at one that was passed to it.
 */
int command_witness(const struct conf *c);

#endif
