/* SPDX-License-Identifier: ISC */
/*
 * cmd.h - the subcommands of ecrdesk; each returns an exit code.
 *
 * o holds the options; operands were counted by main().
 */
#ifndef ECR_DESK_CMD_H
#define ECR_DESK_CMD_H

#include "client/common/opts.h"

int cmd_init(const struct opts *o);
int cmd_trust(const struct opts *o);
int cmd_import(const struct opts *o);
int cmd_list(const struct opts *o);
int cmd_show(const struct opts *o);
int cmd_reply(const struct opts *o);
int cmd_outgoing(const struct opts *o);
int cmd_export(const struct opts *o);
int cmd_attachments(const struct opts *o);
int cmd_log(const struct opts *o);
int cmd_rotate(const struct opts *o);
int cmd_recover(const struct opts *o);
int cmd_erase(const struct opts *o);
int cmd_identities(const struct opts *o);
int cmd_age_encrypt(const struct opts *o);
int cmd_age_decrypt(const struct opts *o);

#endif
