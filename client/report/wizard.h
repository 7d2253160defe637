/* SPDX-License-Identifier: ISC */
/*
 * wizard.h - a report asked for in plain words, one idea a question.
 */
#ifndef ECR_WIZARD_H
#define ECR_WIZARD_H

#include <stdbool.h>

#include <jansson.h>

#include "client/report/attach.h"
#include "crypto/err.h"

struct wizard_how {
	const char *language;	/* "en", "fr"; NULL: as the environment says */
	bool alternate;		/* somebody can read reports on the office */
	bool followup;		/* less is asked, into a case that is there */
};

bool wizard_can_ask(void);	/* there is a terminal */
/* The wizard has words in this language. */
bool wizard_speaks(const char *language);

/*
 * wizard_run - ask on the terminal; *said is a MSGJSON_REPORT_FILE (or
 * MSGJSON_FOLLOWUP_FILE) object,
 * attachments named on the way are added to l, *strip says whether copies
 * without metadata are wanted.
 * Errors: ERR_ORDER (the person left), ERR_NOTFOUND (no terminal),
 *         ERR_NOMEM.
 * Owns: the caller json_decref()s *said.
 */
MUST_USE int wizard_run(json_t **said, struct attach_list *l, bool *strip,
    const struct wizard_how *how);

#endif
