/* SPDX-License-Identifier: ISC */
/*
 * policy.c - the policy as JSON, written by hand.
 */
#include "server/policy.h"

#include "crypto/params.h"

/* Names are UTF-8 without controls (note_name_ok): two characters to mind. */
static void
write_string(struct wr *w, struct rd text)
{
	uint8_t c;

	wr_u8(w, '"');
	while (rd_u8(&text, &c)) {
		if (c == '"' || c == '\\')
			wr_u8(w, '\\');
		wr_u8(w, c);
	}
	wr_u8(w, '"');
}

static void
write_vkey(struct wr *w, const struct vkey *k)
{
	unsigned char buf[NAME_MAX_BYTES + 128];
	struct wr line = wr_from(buf, sizeof(buf));

	vkey_write(&line, k);
	write_string(w, wr_rd(&line));
}

static void
write_number(struct wr *w, const char *name, uint64_t v)
{
	wr_str(w, ",\"");
	wr_str(w, name);
	wr_str(w, "\":");
	wr_dec(w, v);
}

/* see policy.h */
void
policy_write(struct wr *w, const struct policy *p)
{
	size_t i;

	wr_str(w, "{\"v\":1,\"origin\":");
	write_string(w, rd_str(p->log->name));
	wr_str(w, ",\"log_vkey\":");
	write_vkey(w, p->log);
	wr_str(w, ",\"role_vkeys\":[");
	for (i = 0; i < p->nrole; i++) {
		if (i > 0)
			wr_u8(w, ',');
		write_vkey(w, &p->role[i]);
	}
	wr_u8(w, ']');
	write_number(w, "epoch_seconds", p->epoch_seconds);
	write_number(w, "epoch_close", p->epoch_close);
	write_number(w, "batch", p->batch);
	write_number(w, "parcel_bytes", PARCEL_BYTES);
	write_number(w, "parcel_slots", PARCEL_SLOTS);
	write_number(w, "parts_max", PARCEL_PARTS_MAX);
	write_number(w, "reply_bytes", REPLY_BYTES);
	write_number(w, "outbox_bytes_max", POLICY_OUTBOX_MAX);
	write_number(w, "work_bits", p->work_bits);
	write_number(w, "cosignatures", p->cosignatures);
	wr_str(w, "}\n");
}
