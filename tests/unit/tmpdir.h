/* SPDX-License-Identifier: ISC */
/*
 * tmpdir.h - a folder of a test's own, removed with all that is in it.
 */
#ifndef ECR_TEST_TMPDIR_H
#define ECR_TEST_TMPDIR_H

const char *tmpdir_new(void);		/* static; one a test process */
const char *tmpdir_path(const char *name);	/* static, four at a time */
void tmpdir_remove(void);

#endif
