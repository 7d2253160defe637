/* SPDX-License-Identifier: ISC */
/*
 * job.h - what one message to the office takes, whoever asks for it: server
 * and keys, what is said, attachments, codename, sealing, receipts.
 *
 * A report and a follow-up go through the same steps, and make the same
 * requests in the same order.
 */
#ifndef ECR_JOB_H
#define ECR_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "client/common/net.h"
#include "client/common/office.h"
#include "client/common/opts.h"
#include "client/report/attach.h"
#include "client/report/compose.h"
#include "client/report/send.h"
#include "client/report/source.h"
#include "crypto/codename.h"

/* All that one run holds; wiped at its end. */
struct job {
	const struct opts *o;
	const char *kind;		/* "report", "follow-up"; the command */
	struct office office;
	struct net *net;
	struct attach_list list;
	json_t *said;
	bool strip;
	unsigned char entropy[CODENAME_BYTES];	/* secret */
	struct codename_keys keys;		/* secret */
	char *json;				/* secret */
	size_t njson;
	struct drop drop;
	struct source source;
	struct send_result res;
	bool proving;			/* --proof, and it was agreed to */
	struct prooffile proof;
};

/*
 * job_run - steps() between a job that is all zero and its wiping; the exit
 * code.
 */
int job_run(const struct opts *o, const char *kind,
    int (*steps)(struct job *j));

/*
 * The steps.  Each says what is wrong and returns an exit code, 0 to go on.
 */
/* -s, -k, --cacert, --proxy. */
int job_connect(struct job *j);
/*
 * The codename of an earlier report: j->entropy, j->keys.  stdin_free: it may
 * stand on standard input.
 */
int job_codename(struct job *j, bool stdin_free);
/* An output file that cannot be made is found out now.  path may be NULL. */
int job_check_path(const char *path);
/* -f, -a, or question by question: j->said, j->list. */
int job_hear(struct job *j);
/* --strip. */
int job_strip(struct job *j);
/* Policy and keys; who has typed all that is asked before it is lost. */
int job_open_drop(struct job *j, enum codename_role role);
/* JSON, hashes and signature; j->entropy and j->keys are there. */
int job_prepare(struct job *j);
/* --proof: what holding one means, said before anything is sent. */
int job_ask_proof(struct job *j);
/* Sends all parts. */
int job_send(struct job *j);
/* --receipt. */
int job_save_receipts(const struct job *j);
int job_save_proof(struct job *j);
int job_stopped(void);

#endif
