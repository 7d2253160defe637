/* SPDX-License-Identifier: ISC */
/*
 * cmd.h - what ecraudit's commands share: keys, source, token, signals.
 */
#ifndef ECR_AUDIT_CMD_H
#define ECR_AUDIT_CMD_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/audit/keys.h"
#include "client/audit/source.h"
#include "client/common/opts.h"

struct cmd {
	struct keys keys;
	struct source *src;
	char *token;			/* secret, or NULL */
};

/* Set by an interrupt: calls under way end. */
extern volatile sig_atomic_t cmd_stopped;

/* Says what is wrong; an exit code.  cmd_close() in any case. */
MUST_USE int cmd_open(struct cmd *c, const struct opts *o, const char *where);
void cmd_close(struct cmd *c);

/* A number option; false: it was no such number, and that was said. */
MUST_USE bool cmd_number(const struct opts *o, const char *name,
    uint64_t least, uint64_t most, unsigned *v);

/* One line on standard output; Owns j.  NULL: there was no memory for it. */
MUST_USE int cmd_print_json(json_t *j);
/* A time of the log in words. */
void cmd_time(char out[static 48], uint64_t unix_seconds);

/* The commands; exit codes. */
int cmd_verify(const struct opts *o);
int cmd_receipt(const struct opts *o);
int cmd_evidence(const struct opts *o);
int cmd_proof(const struct opts *o);
int cmd_act(const struct opts *o);

#endif
