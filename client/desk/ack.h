/* SPDX-License-Identifier: ISC */
/*
 * ack.h - the automatic acknowledgement of each message that was filed: its
 * case, what happens next and by when, where the log has it, and the proof.
 */
#ifndef ECR_ACK_H
#define ECR_ACK_H

#include <stdint.h>

#include "client/desk/answer.h"
#include "client/desk/logproof.h"
#include "client/desk/store.h"

/*
 * ack_run - write every acknowledgement that is due, out of a mirror whose
 * log mirror_log_read() has verified.  Several transactions; killed at any
 * point and begun again, each message has exactly one.
 * *waiting: those that stay due, because the mirror's hash tiles are not
 * what they should be; wrong names the tile.  The next import tries again.
 * Errors: the store's and ERR_NOMEM.
 */
MUST_USE int ack_run(struct deskdb *db, const struct logproof_source *from,
    const struct answer_voice *voice, int32_t today, uint64_t *waiting,
    char wrong[static 80]);

#endif
