/* SPDX-License-Identifier: ISC */
/*
 * domain.h - the office's tables: kinds, categories, acts of retaliation,
 * relations, duty stations, languages.  Data, not code: another
 * organisation changes domain.c and nothing else.
 */
#ifndef ECR_DOMAIN_H
#define ECR_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/rd.h"

enum domain_lang { LANG_EN, LANG_FR, LANG_ES, LANG_AR, LANG_ZH, LANGS };

struct domain_row {
	const char *code;
	const char *label[LANGS];	/* NULL: use English */
};

struct domain_table {
	const char *name;		/* as in the message's JSON */
	size_t n;
	const struct domain_row *row;
};

extern const struct domain_table domain_submission;	/* 4 kinds */
extern const struct domain_table domain_category;	/* 18 */
extern const struct domain_table domain_act;		/* a to o */
extern const struct domain_table domain_relation;
extern const struct domain_table domain_known_by;
extern const struct domain_table domain_tristate;
extern const struct domain_table domain_station;
extern const struct domain_table domain_language;
extern const struct domain_table domain_activity;	/* report, cooperation */

/* NULL where the code is unknown. */
const struct domain_row *domain_find(const struct domain_table *t,
    struct rd code);
const char *domain_label(const struct domain_row *r, enum domain_lang lang);

#endif
