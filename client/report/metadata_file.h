/* SPDX-License-Identifier: ISC */
/*
 * metadata_file.h - the verdicts of metadata.h on an open file.
 *
 * The head decides; only a PNG, whose notes may stand behind the picture, is
 * walked to its end.
 */
#ifndef ECR_METADATA_FILE_H
#define ECR_METADATA_FILE_H

#include <stdbool.h>

#include "client/report/metadata.h"

/* See metadata_risk() and metadata_found(); the offset of fd stays. */
const char *metadata_file_risk(int fd);
bool metadata_file_found(int fd);

#endif
