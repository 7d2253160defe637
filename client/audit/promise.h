/* SPDX-License-Identifier: ISC */
/*
 * promise.h - does the log honour a receipt?
 */
#ifndef ECR_AUDIT_PROMISE_H
#define ECR_AUDIT_PROMISE_H

#include <stdint.h>

#include "client/audit/keys.h"
#include "client/audit/source.h"
#include "crypto/judge.h"
#include "crypto/receipt.h"

struct promise {
	struct source *src;
	struct keys *keys;		/* audit_keys_ask() fills in the rest */
	const char *receipt;		/* file, "-" for standard input */
	const char *state;		/* an older checkpoint, or NULL */
	const char *evidence, *proof;	/* files to write, or NULL */
};

/* One receipt, and what became of it. */
struct promise_one {
	struct rd note;			/* in the file's bytes */
	struct receipt receipt;
	struct judge_place place;
	struct judgement judgement;
	bool judged;			/* the judgement is there */
};

struct promise_result {
	uint64_t size;			/* of the log */
	size_t n;
	struct promise_one *one;	/* owned: promise_wipe() */
	unsigned char *file;		/* owned */
	size_t file_bytes;
};

/*
 * promise_run - reads and checks the whole log, for all receipts of the file
 * at once.  Says on stderr what does not hold or cannot be had; an exit code:
 * EXIT_CLAIM for a promise that is broken, with evidence of the first one if
 * asked for, and for a log that does not hold.  Several receipts have their
 * proofs in PROOF.1, PROOF.2 and so on.
 */
int promise_run(const struct promise *p, struct promise_result *res);
void promise_wipe(struct promise_result *res);

#endif
