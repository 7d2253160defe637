/* SPDX-License-Identifier: ISC */
/*
 * tell.h - what the reporter is told.
 */
#ifndef ECR_TELL_H
#define ECR_TELL_H

#include <stdbool.h>

#include "client/common/office.h"
#include "client/report/attach.h"
#include "client/report/send.h"
#include "crypto/params.h"

/* Which attachments may tell more than they should. */
void tell_metadata(const struct attach_list *l);
/*
 * All is delivered: the codename, once, and what it is for.  Where stdout
 * takes nothing the terminal gets it; an exit code where there is none.
 */
int tell_done(const unsigned char entropy[static CODENAME_BYTES],
    const struct send_result *res, const struct office *o, bool json);
/* The same for a follow-up, whose codename is known. */
int tell_added(const struct send_result *res, const struct office *o,
    bool json);
/* How far it came, and what that means. */
void tell_unfinished(const struct send_result *res);
/* A yes or no on the terminal; no where there is none, or anything else. */
bool tell_ask(const char *question);

#endif
