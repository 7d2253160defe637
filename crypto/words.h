/* SPDX-License-Identifier: ISC */
/*
 * words.h - the codename's words, made from crypto/words.txt when building.
 *
 * Sorted, and no two share their first four letters.
 */
#ifndef ECR_WORDS_H
#define ECR_WORDS_H

#define WORDS_COUNT	2048
#define WORDS_MAXLEN	8

extern const char words_list[WORDS_COUNT][WORDS_MAXLEN + 1];

#endif
