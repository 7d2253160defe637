/* SPDX-License-Identifier: ISC */
/*
 * fuzz_ipc.c - any datagram between the roles; what is let through must be
 * written again byte for byte.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/wr.h"
#include "server/ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
again(const struct ipc_msg *m, struct wr *w)
{
	struct ipc_put put;
	struct ipc_get get;
	struct ipc_put_done put_done;
	struct ipc_get_done get_done;
	struct ipc_state state;
	struct ipc_box box;
	struct ipc_box_done box_done;
	uint32_t slot;

	switch (m->type) {
	case IPC_PUT:
		if (ipc_parse_put(&put, m->body) != 0)
			return 0;
		ipc_write_put(w, &put);
		return 1;
	case IPC_GET:
		if (ipc_parse_get(&get, m->body) != 0)
			return 0;
		ipc_write_get(w, &get);
		return 1;
	case IPC_PUT_DONE:
		if (ipc_parse_put_done(&put_done, m->body) != 0)
			return 0;
		ipc_write_put_done(w, &put_done);
		return 1;
	case IPC_GET_DONE:
		if (ipc_parse_get_done(&get_done, m->body) != 0)
			return 0;
		ipc_write_get_done(w, &get_done);
		return 1;
	case IPC_STATE:
		if (ipc_parse_state(&state, m->body) != 0)
			return 0;
		ipc_write_state(w, &state);
		return 1;
	case IPC_BOX:
		if (ipc_parse_box(&box, m->body) != 0)
			return 0;
		ipc_write_box(w, &box);
		return 1;
	case IPC_BOX_GONE:
		if (ipc_parse_box_gone(&slot, m->body) != 0)
			return 0;
		ipc_write_box_gone(w, slot);
		return 1;
	case IPC_BOX_DONE:
		if (ipc_parse_box_done(&box_done, m->body) != 0)
			return 0;
		ipc_write_box_done(w, &box_done);
		return 1;
	case IPC_PUBLISH:
	case IPC_READY:
	case IPC_STOP:
	case IPC_ALIVE:
		return 0;
	}
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char buf[IPC_BODY_MAX];
	struct wr w = wr_from(buf, sizeof(buf));
	struct ipc_msg m;

	if (ipc_parse(&m, rd_from(data, size)) != 0)
		return 0;
	if (m.body.n > IPC_BODY_MAX)
		abort();
	if (again(&m, &w) && (!wr_ok(&w) || !rd_eq(wr_rd(&w), m.body)))
		abort();
	return 0;
}
