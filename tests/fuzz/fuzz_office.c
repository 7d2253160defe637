/* SPDX-License-Identifier: ISC */
/*
 * fuzz_office.c - any bytes as OFFICE.vkey; and, behind a NUL, as what
 * /keyset serves to somebody who pinned it.
 *
 * An office that is taken has a name, and each key is "<name>/<role>".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/common/office.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct office o;
	struct rd rest = rd_from(data, size), file;
	struct keyset ks;
	char want[NAME_MAX_BYTES + 32];
	int i;

	if (!rd_until(&rest, 0, &file)) {
		file = rest;
		rest = rd_from(rest.p, 0);
	}
	if (office_parse(&o, file) != 0)
		return 0;
	if (o.name[0] == '\0' || !o.has[ROLE_OFFICE])
		abort();
	for (i = 0; i < OFFICE_ROLES; i++) {
		snprintf(want, sizeof(want), "%s/%s", o.name,
		    role_name((enum codename_role)i));
		if (o.has[i] && strcmp(o.key[i].name, want) != 0)
			abort();
	}
	if (office_keyset(&ks, &o, ROLE_OFFICE, rest, rd_str("")) == 0)
		keyset_wipe(&ks);
	return 0;
}
