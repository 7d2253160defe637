/* SPDX-License-Identifier: ISC */
/*
 * compose.h - from what a reporter said to the message's JSON.
 */
#ifndef ECR_COMPOSE_H
#define ECR_COMPOSE_H

#include <stddef.h>

#include <jansson.h>

#include "client/common/msgjson.h"
#include "client/report/attach.h"
#include "crypto/codename.h"
#include "crypto/err.h"

/* A -f file ("-": stdin), checked.  Says what is wrong with it. */
MUST_USE int compose_read(json_t **said, const char *path,
    enum msgjson_form form);

/*
 * compose_json - add what the program fills in (v, kind, mailbox, author,
 * attachments with their hashes) and write it compactly.
 * kind    "report" or "follow-up"
 * Owns:   *out is freed with compose_free(), which wipes.
 * Errors: ERR_LIMIT (too long), ERR_NOMEM.
 */
MUST_USE int compose_json(char **out, size_t *n, json_t *said,
    const char *kind, const struct codename_keys *keys,
    const struct attach_list *l);
void compose_free(char *p, size_t n);

#endif
