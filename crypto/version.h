/* SPDX-License-Identifier: ISC */
/*
 * version.h - the release, as every program's --version prints it.
 */
#ifndef ECR_VERSION_H
#define ECR_VERSION_H

#define ECR_VERSION	"0.1.0"

#endif
