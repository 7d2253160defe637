/* SPDX-License-Identifier: ISC */
/*
 * send.c - seal a message part by part and hand each parcel in.
 *
 * Invariant: a part is sealed once and its bytes are sent until a receipt
 * for exactly them is here; only a key that has long passed makes it be
 * sealed anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/report/send.h"
#include "client/report/stop.h"
#include "crypto/base.h"
#include "crypto/part.h"
#include "crypto/parcel.h"
#include "crypto/secret.h"
#include "crypto/sha256.h"
#include "crypto/work.h"

#define ANSWER_MAX	4096
#define PAUSE_MAX	60		/* seconds between two tries */
#define STALE_DAYS	14		/* after its week: seal anew */
#define DAY_SECS	86400

/* One run over all parts. */
struct run {
	struct drop *d;
	struct source *s;
	struct send_result *res;
	struct prooffile *proof;	/* or NULL */
	struct sha256 *body;		/* of what is being sealed */
	uint16_t index;			/* of the part at hand */
	unsigned char plain[PARCEL_PLAIN_BYTES];	/* secret */
	unsigned char data[PART_DATA_BYTES];		/* secret */
	unsigned char file_key[AGE_FILE_KEY_BYTES];	/* secret */
	unsigned char parcel[PARCEL_BYTES];
	unsigned char digest[HASH_BYTES];
	unsigned char receipt[RECEIPT_MAX_BYTES];
	size_t nreceipt;
	size_t receipts_cap;
};

/* What one try came to. */
enum outcome { SENT, AGAIN, FAILED };

/* The bytes before the signature are hashed again while they are sealed. */
static int
hash_again(struct run *u, uint64_t at, size_t n)
{
	unsigned char now[HASH_BYTES];
	uint64_t end = u->s->bytes - SIG_BYTES;
	bool last = at + n == u->s->bytes;

	if (at < end)
		sha256_update(u->body, u->data,
		    end - at < n ? (size_t)(end - at) : n);
	if (!last)
		return 0;
	sha256_final(u->body, now);
	return memcmp(now, u->s->body, HASH_BYTES) == 0 ? 0 : ERR_CHANGED;
}

/* The part's bytes; hashed again on their way. */
static int
read_part(struct run *u, uint16_t index)
{
	uint64_t at = (uint64_t)index * PART_DATA_BYTES;
	size_t n = part_bytes(u->s->bytes, index);
	int r;

	if ((r = source_read(u->s, at, u->data, n)) != 0)
		return r;
	u->index = index;
	return hash_again(u, at, n);
}

/*
 * Every sealing draws a seed of its own: two parcels made from one seed would
 * share stanzas, and everybody could see that they belong together.
 */
static int
seal(struct run *u)
{
	struct parcel_random chance = { .file_key = u->file_key };
	struct part p;
	int r;

	memset(&p, 0, sizeof(p));
	randombytes_buf(u->file_key, sizeof(u->file_key));
	p.index = u->index;
	p.count = (uint16_t)u->res->parts;
	memcpy(p.id, u->s->id, MSG_ID_BYTES);
	memcpy(p.sha256, u->s->whole, HASH_BYTES);
	p.bytes = u->s->bytes;
	randombytes_buf(p.seed, sizeof(p.seed));
	p.data = rd_from(u->data, part_bytes(u->s->bytes, u->index));
	if ((r = part_write(u->plain, &p)) == 0)
		r = parcel_seal(u->parcel, u->plain, &u->d->key->rc, 1,
		    &chance);
	sodium_memzero(p.seed, sizeof(p.seed));
	if (r == 0)
		sha256(u->digest, u->parcel, PARCEL_BYTES);
	return r;
}

/* The epoch and the work asked may have changed: look again. */
static void
refresh(struct run *u)
{
	struct net_answer a;
	struct drop_policy p;

	if (net_get(u->d->net, "/policy", NULL, 65536, &a) == 0 &&
	    a.status == 200 &&
	    drop_policy_parse(&p, rd_from(a.body, a.n)) == 0 &&
	    !drop_policy_ahead(&p, (uint64_t)time(NULL)))
		u->d->policy = p;
}

/* Fetch the keys anew where ours has passed by more than so many days. */
static int
renew_key(struct run *u, int32_t days)
{
	int32_t today = (int32_t)(time(NULL) / DAY_SECS);
	struct drop *d = u->d;
	const struct drop was = *d;	/* net, office and role go on */

	if (today <= d->key->to + days)
		return 0;
	drop_wipe(d);
	/* In place: the key that is picked may stand inside the keyset. */
	return drop_prepare(d, was.net, was.office, was.role);
}

/* A parcel for a key that may be gone at the desk is of no use: seal anew. */
static int
reseal_if_stale(struct run *u)
{
	struct age_recipient was = u->d->key->rc;
	int code;

	if ((code = renew_key(u, STALE_DAYS)) != 0)
		return code;
	if (memcmp(&u->d->key->rc, &was, sizeof(was)) == 0)
		return 0;
	return seal(u) == 0 ? 0 : fail(EXIT_SYSTEM, "sealing failed");
}

static int
post(struct run *u, struct net_answer *a)
{
	char digest[64 + 32], work[16 + 32], hex[2 * HASH_BYTES + 1];
	const char *headers[] = { digest, work, NULL };
	uint64_t nonce;

	hex_encode(hex, u->digest, HASH_BYTES);
	hex[2 * HASH_BYTES] = '\0';
	nonce = work_find(rd_str(u->d->keyset.log.name),
	    u->d->policy.epoch_close, u->digest, u->d->policy.work_bits);
	snprintf(digest, sizeof(digest), "ECRDrop-Digest: %s", hex);
	snprintf(work, sizeof(work), "ECRDrop-Work: %016llx",
	    (unsigned long long)nonce);
	return net_post(u->d->net, "/parcels", headers,
	    rd_from(u->parcel, PARCEL_BYTES), ANSWER_MAX, a);
}

static int
keep_receipt(struct run *u, struct rd note)
{
	struct send_result *res = u->res;
	unsigned char *bigger;
	size_t need = res->receipts_bytes + note.n + 1;

	if (need > u->receipts_cap) {
		if ((bigger = realloc(res->receipts, need * 2)) == NULL)
			return ERR_NOMEM;
		res->receipts = bigger;
		u->receipts_cap = need * 2;
	}
	if (res->receipts_bytes > 0)
		res->receipts[res->receipts_bytes++] = '\n';
	memcpy(res->receipts + res->receipts_bytes, note.p, note.n);
	res->receipts_bytes += note.n;
	return 0;
}

/*
 * A close far ahead would be a promise that never falls due.  Epochs pass
 * while a long message is sent, so the policy is asked again before we say so.
 */
static bool
close_is_near(struct run *u, uint64_t close, bool taken_now)
{
	int again;

	/* What is taken now goes into no epoch that was over before. */
	if (taken_now && close + u->d->policy.epoch_seconds <
	    u->d->policy.epoch_close)
		return false;
	for (again = 0; again < 2; again++) {
		if (close <= u->d->policy.epoch_close +
		    2 * u->d->policy.epoch_seconds)
			return true;
		refresh(u);
	}
	return false;
}

/* 201 or 200: is it a receipt of the office's log, for this very parcel? */
static enum outcome
accept_receipt(struct run *u, const struct net_answer *a)
{
	struct receipt rc;
	struct rd note = rd_from(u->receipt, a->n);

	/* A copy: the answer's memory goes with the next request. */
	if (a->n > sizeof(u->receipt)) {
		warn("the server's receipt is malformed");
		return FAILED;
	}
	if (a->n > 0)
		memcpy(u->receipt, a->body, a->n);
	u->nreceipt = a->n;
	if (receipt_open(&rc, note, &u->d->keyset.log) != 0 ||
	    memcmp(rc.digest, u->digest, HASH_BYTES) != 0 ||
	    !close_is_near(u, rc.close, a->status == 201)) {
		(void)fail(EXIT_CLAIM, "the server's receipt does not hold: "
		    "it is not signed by the office's log for what was sent, "
		    "or promises nothing in good time");
		return FAILED;
	}
	if (keep_receipt(u, note) != 0)
		return FAILED;
	u->res->epoch_close = rc.close;
	return SENT;
}

/* How long until the next try; grows when there is no answer at all. */
static unsigned
pause_for(const struct net_answer *a, unsigned tries)
{
	unsigned s = tries < 6 ? 1u << tries : PAUSE_MAX;

	if (a->status == 503 && a->retry_after > 0)
		s = a->retry_after;
	return s > PAUSE_MAX ? PAUSE_MAX : s;
}

static enum outcome
judge(struct run *u, const struct net_answer *a, int *code)
{
	unsigned bits;
	enum outcome o;

	*code = EXIT_DATA;
	switch (a->status) {
	case 200:
	case 201:
		o = accept_receipt(u, a);
		if (o == FAILED)
			*code = EXIT_CLAIM;
		return o;
	case 429:
		if (drop_policy_bits(&bits, rd_from(a->body, a->n)) != 0) {
			warn("the server asks for work in a way that this "
			    "program does not know");
			return FAILED;
		}
		refresh(u);
		if (bits > u->d->policy.work_bits)
			u->d->policy.work_bits = bits;
		return AGAIN;
	case 408:
	case 500:
	case 502:
	case 503:
	case 504:
		return AGAIN;
	default:
		warn("the server refuses the parcel (%ld)", a->status);
		return FAILED;
	}
}

/* The same bytes, until there is a receipt for them. */
static int
send_parcel(struct run *u)
{
	struct net_answer a;
	unsigned tries = 0, wait;
	int code, r;

	for (;; tries++) {
		if (report_stop != 0)
			return EXIT_UNAVAILABLE;
		if ((code = reseal_if_stale(u)) != 0)
			return code;
		r = post(u, &a);
		if (r == ERR_NOMEM)
			return fail(EXIT_SYSTEM, "%s", err_str(r));
		/* It may be there, whatever became of the answer. */
		u->res->unsure = u->res->unsure || a.sent;
		if (r == 0) {
			switch (judge(u, &a, &code)) {
			case SENT:
				u->res->unsure = false;
				return 0;
			case FAILED:
				u->res->unsure = u->res->unsure ||
				    code == EXIT_CLAIM;
				return code;
			case AGAIN:
				break;
			}
			if (a.status == 429 && tries < 3)
				continue;	/* no need to wait for that */
		}
		if (report_stop != 0)
			return EXIT_UNAVAILABLE;
		wait = pause_for(&a, tries);
		warn("%s; the same parcel is sent again in %u s (Ctrl-C "
		    "stops)", r == 0 ? "the server is busy" :
		    net_why(u->d->net), wait);
		if (stop_wait(wait))
			return EXIT_UNAVAILABLE;
		refresh(u);
	}
}

/* What was sent, for whoever asked to be able to show it. */
static void
prove(struct run *u)
{
	struct drop *d = u->d;

	if (u->proof == NULL || prooffile_add(u->proof,
	    rd_from(d->note, d->nnote), u->file_key,
	    rd_from(u->receipt, u->nreceipt),
	    rd_from(u->parcel, PARCEL_BYTES)) == 0)
		return;
	/* The message matters more. */
	prooffile_drop(u->proof);
	u->proof = NULL;
}

static int
send_part(struct run *u, uint16_t index)
{
	int r;

	if ((r = renew_key(u, 0)) != 0)
		return r;
	if ((r = read_part(u, index)) == 0)
		r = seal(u);
	if (r == ERR_CHANGED)
		return fail(EXIT_DATA, "an attachment changed while it was "
		    "being sent");
	if (r != 0)
		return fail(exit_for(r), "sealing: %s", err_str(r));
	if ((r = send_parcel(u)) != 0)
		return r;
	prove(u);
	memcpy(u->res->digest[index], u->digest, HASH_BYTES);
	u->res->done++;
	return 0;
}

/* see send.h */
int
send_message(struct drop *d, struct source *s, struct prooffile *proof,
    struct send_result *res)
{
	struct run *u = NULL;
	int code = EXIT_SYSTEM;

	memset(res, 0, sizeof(*res));
	res->parts = part_count(s->bytes);
	if ((u = secret_new(sizeof(*u))) == NULL) {
		warn("%s", err_str(ERR_NOMEM));
		return code;
	}
	memset(u, 0, sizeof(*u));
	if ((u->body = sha256_new()) == NULL ||
	    (res->digest = calloc(res->parts, HASH_BYTES)) == NULL) {
		warn("%s", err_str(ERR_NOMEM));
		goto out;
	}
	u->d = d;
	u->s = s;
	u->proof = proof;
	u->res = res;
	if (proof != NULL && (code = prooffile_begin(proof, res->parts)) != 0)
		goto out;
	for (code = 0; code == 0 && res->done < res->parts;) {
		say_progress("sending", (uint64_t)res->done * PARCEL_BYTES,
		    (uint64_t)res->parts * PARCEL_BYTES);
		code = send_part(u, (uint16_t)res->done);
	}
	say_progress_end();
out:
	sha256_free(u->body);
	secret_free(u);
	return code;
}

/* see send.h */
void
send_result_wipe(struct send_result *res)
{
	free(res->digest);
	free(res->receipts);
	memset(res, 0, sizeof(*res));
}
