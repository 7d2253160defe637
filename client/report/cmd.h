/* SPDX-License-Identifier: ISC */
/*
 * cmd.h - ecrdrop's commands: each returns the exit code.
 */
#ifndef ECR_REPORT_CMD_H
#define ECR_REPORT_CMD_H

#include "client/common/opts.h"

int cmd_report(const struct opts *o);
int cmd_check(const struct opts *o);
int cmd_followup(const struct opts *o);
int cmd_prove(const struct opts *o);

#endif
