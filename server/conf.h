/* SPDX-License-Identifier: ISC */
/*
 * conf.h - the configuration: one flat file of "key value" lines.
 *
 * '#' begins a comment line.  Unknown and repeated keys are errors with
 * their line; names carry units.  After parsing it is const.
 *
 * Lines that may be repeated: listen, keyset, witness.  See
 * ecrdropd.conf(5).
 */
#ifndef ECR_CONF_H
#define ECR_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/err.h"
#include "crypto/note.h"
#include "crypto/rd.h"

#define CONF_LISTEN_MAX	8
#define CONF_WITNESS_MAX 16
#define CONF_URL_MAX	512
#define CONF_KEYSET_MAX	4
#define CONF_PATH_MAX	1024
#define CONF_TEXT_MAX	65536	/* the whole file */
/* Less only where epochs are shorter than a minute: in tests. */
#define CONF_ERASE_DELAY	1209600	/* 14 days */
#define CONF_EPOCH_LONG		60

/*
 * listen tls ADDRESS:PORT            anyone; port 0 lets the system choose
 * listen plain ADDRESS:PORT|unix:PATH [local]
 *     plain HTTP: only a loopback address or a Unix socket; local: /health
 *     answers here, too.  "local" may follow a tls loopback address as well.
 */
struct conf_listen {
	bool tls, local, is_unix;
	char address[CONF_PATH_MAX];	/* numeric address, or the path */
	uint16_t port;
};

/*
 * witness URL VKEY
 *     URL is the submission prefix: https, or http to a loopback address;
 *     without a final slash.  VKEY is a cosigner's; neither its key nor its
 *     name stands in another line.
 */
struct conf_witness {
	char url[CONF_URL_MAX];
	struct vkey key;
};

struct conf {
	char data[CONF_PATH_MAX];		/* data DIR */
	char guard[CONF_PATH_MAX];		/* guard DIR; DATADIR.guard */
	char certificate[CONF_PATH_MAX];	/* certificate FILE (PEM) */
	char key[CONF_PATH_MAX];		/* key FILE (PEM) */
	char user[64];				/* user NAME; empty: stay */
	size_t nlisten;
	struct conf_listen listen[CONF_LISTEN_MAX];
	size_t nkeyset;
	char keyset[CONF_KEYSET_MAX][CONF_PATH_MAX];	/* keyset FILE */
	size_t nvkey;
	char office_vkey[CONF_PATH_MAX];	/* office-vkey FILE */
	size_t nwitness;
	struct conf_witness witness[CONF_WITNESS_MAX];
	char witness_socket[CONF_PATH_MAX];	/* witness-socket PATH */
	char witness_cacert[CONF_PATH_MAX];	/* witness-cacert FILE */
	uint64_t quorum;		/* quorum 0, to nwitness */
	uint64_t witness_seconds;	/* witness-seconds 30, 1 to 600 */

	uint64_t epoch_seconds;		/* epoch-seconds 21600, 1 to 604800 */
	uint64_t batch;			/* batch 16, 1 to 4096 */
	uint64_t work_bits;		/* work-bits 8, 0 to 18 */
	uint64_t epoch_parcels;		/* epoch-parcels 8192, 64 to 1048576 */
	uint64_t drop_bytes;		/* drop-bytes 64 GiB */
	uint64_t erase_delay;		/* erase-delay 1209600; seconds */

	uint64_t fronts;		/* fronts 0: one a core */
	uint64_t slots;			/* slots 256, a front */
	uint64_t connections;		/* connections 5000, a front */
	uint64_t handshake_seconds;	/* 10 */
	uint64_t head_seconds;		/* 15 */
	uint64_t body_seconds;		/* 90 */
	uint64_t idle_seconds;		/* 30 */
	uint64_t connection_seconds;	/* 120 */
};

/*
 * conf_address - a numeric address and port as the configuration takes them:
 * 192.0.2.1:443, [2001:db8::1]:443.  Pure.
 */
MUST_USE bool conf_address(struct rd text, struct conf_listen *l,
    bool *loopback);
/* conf_witness.c: the words of a witness line.  NULL, or what is wrong. */
const char *conf_witness_add(struct conf *c, struct rd url, struct rd vkey);

/*
 * conf_parse - pure.  On ERR_FORMAT *line (from 1; 0: the file as a whole)
 * and *why (a static string) say what is wrong.
 */
MUST_USE int conf_parse(struct conf *c, struct rd text, size_t *line,
    const char **why);
/*
 * conf_load - read the file and say with diag() what is wrong, with its line.
 * text receives the file's bytes (cap CONF_TEXT_MAX, *n of them), so that the
 * roles parse what the parent parsed.  Errors: ERR_IO, ERR_LIMIT, ERR_FORMAT.
 */
MUST_USE int conf_load(struct conf *c, const char *path,
    unsigned char text[static CONF_TEXT_MAX], size_t *n);

#endif
