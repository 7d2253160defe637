/* SPDX-License-Identifier: ISC */
/*
 * report.h - a message's JSON in words, for a person at a terminal.
 *
 * All text of others is indented and printed through say_clean(): nothing in
 * it can look like a line of ours.  Keys that this program does not know are
 * shown, never dropped.
 */
#ifndef ECR_DESK_REPORT_H
#define ECR_DESK_REPORT_H

#include <stdio.h>

#include <jansson.h>

void report_print(FILE *f, const json_t *message);

#endif
