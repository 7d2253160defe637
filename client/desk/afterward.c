/* SPDX-License-Identifier: ISC */
/*
 * afterward.c - an import is written down, and whoever wrote hears of it.
 */
#include <stdlib.h>
#include <string.h>

#include "client/common/say.h"
#include "client/desk/ack.h"
#include "client/desk/afterward.h"
#include "client/desk/desklog.h"
#include "client/desk/outstore.h"

static int
add_act(const struct afterward *a, enum deskact act, const struct wr *w)
{
	int r;

	if (!wr_ok(w))
		return ERR_LIMIT;
	if ((r = deskdb_begin(a->db, true)) != 0 ||
	    (r = desklog_add(a->db, act, wr_rd(w))) != 0)
		return r;
	return deskdb_commit(a->db);
}

/* see afterward.h */
int
afterward_unwitnessed(const struct afterward *a)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	if (a->cosigned >= a->trust->quorum)
		return 0;
	deskact_put_number(&w, a->log->tree.size);
	wr_bytes(&w, a->log->root, sizeof(a->log->root));
	deskact_put_number(&w, a->cosigned);
	deskact_put_number(&w, a->trust->quorum);
	return add_act(a, DESKACT_UNWITNESSED, &w);
}

/* Bodies that this desk never had, and takes others' word for. */
static int
add_before(const struct afterward *a)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));
	struct outstate os;
	int r;

	if ((r = deskdb_begin(a->db, false)) != 0 ||
	    (r = outstore_get_state(a->db, &os)) != 0)
		return r;
	deskdb_abort(a->db);
	if (os.since.before == 0)
		return 0;
	deskact_put_number(&w, a->log->tree.size);
	wr_bytes(&w, a->log->root, sizeof(a->log->root));
	deskact_put_number(&w, os.since.before);
	return add_act(a, DESKACT_BEFORE, &w);
}

/* see afterward.h */
int
afterward_imported(const struct afterward *a, const struct state *st)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	int r;

	if ((r = add_before(a)) != 0)
		return r;
	deskact_put_number(&w, a->log->tree.size);
	wr_bytes(&w, a->log->root, sizeof(a->log->root));
	deskact_put_number(&w, st->last_close);
	deskact_put_number(&w, st->since.opened);
	deskact_put_number(&w, st->since.cases);
	deskact_put_number(&w, st->since.followups);
	return add_act(a, DESKACT_IMPORT, &w);
}

/* see afterward.h */
int
afterward_acknowledge(const struct afterward *a)
{
	struct logproof_source from = { a->m, a->log, NULL, 1 };
	uint64_t waiting = 0;
	struct vkey *key;
	char wrong[80];
	int r;

	if ((key = calloc(a->trust->nwitnesses + 1, sizeof(*key))) == NULL)
		return ERR_NOMEM;
	key[0] = a->trust->log;
	if (a->trust->quorum > 0) {	/* else nobody checked their lines */
		memcpy(key + 1, a->witness,
		    a->trust->nwitnesses * sizeof(*key));
		from.nkeys += a->trust->nwitnesses;
	}
	from.key = key;
	r = ack_run(a->db, &from, a->voice, desk_today(), &waiting, wrong);
	free(key);
	if (waiting > 0)
		warn("%llu acknowledgements wait for a mirror whose %s is as "
		    "the log has it", (unsigned long long)waiting, wrong);
	return r;
}
