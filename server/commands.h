/* SPDX-License-Identifier: ISC */
/*
 * commands.h - init, token, confirm-clock: what an operator types beside the
 * running server.  Each says on stderr what is wrong and returns the exit
 * code.  secret_init() came first.
 */
#ifndef ECR_COMMANDS_H
#define ECR_COMMANDS_H

/* Makes the data directory; prints the log's vkey. */
int command_init(const char *datadir, const char *origin);
/* Prints a new token of this role, once. */
int command_token(const char *datadir, const char *role);
int command_confirm_clock(const char *datadir);

#endif
