/* SPDX-License-Identifier: ISC */
/*
 * message.c - the frame of a message, written at once or read in pieces.
 *
 * The reader holds the JSON and the signature and passes the attachments by,
 * so its memory does not grow with them.
 *
 * Invariant: seen never exceeds bytes, and json is allocated only after its
 * length was found to fit.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/message.h"
#include "crypto/wr.h"

#define MAGIC		"ecrdrop/message/v1\n"
#define MAGIC_BYTES	(sizeof(MAGIC) - 1)
#define HEAD_BYTES	4

struct message_reader {
	uint64_t bytes, seen;
	struct sha256 *body, *whole;
	unsigned char head[HEAD_BYTES];
	unsigned char *json;			/* owned */
	size_t json_n;
	unsigned char sig[SIG_BYTES];
	int err;				/* sticky */
};

/* see message.h */
uint64_t
message_bytes(uint64_t json, uint64_t attachments)
{
	if (json == 0 || json > MESSAGE_JSON_MAX ||
	    attachments > MESSAGE_BYTES_MAX - HEAD_BYTES - json - SIG_BYTES)
		return 0;
	return HEAD_BYTES + json + attachments + SIG_BYTES;
}

/* What the author signs. */
static struct rd
signed_text(unsigned char buf[static MAGIC_BYTES + MSG_ID_BYTES + HASH_BYTES],
    const unsigned char *id, const unsigned char *body)
{
	struct wr w = wr_from(buf, MAGIC_BYTES + MSG_ID_BYTES + HASH_BYTES);

	wr_str(&w, MAGIC);
	wr_bytes(&w, id, MSG_ID_BYTES);
	wr_bytes(&w, body, HASH_BYTES);
	return wr_rd(&w);
}

/* see message.h */
void
message_sign(unsigned char sig[static SIG_BYTES],
    const unsigned char id[static MSG_ID_BYTES],
    const unsigned char body[static HASH_BYTES],
    const unsigned char author_sk[static 64])
{
	unsigned char buf[MAGIC_BYTES + MSG_ID_BYTES + HASH_BYTES];
	unsigned char pk[32];
	struct rd text = signed_text(buf, id, body);

	if (crypto_sign_detached(sig, NULL, text.p, text.n, author_sk) != 0 ||
	    crypto_sign_ed25519_sk_to_pk(pk, author_sk) != 0 ||
	    message_verify(sig, id, body, pk) != 0)
		abort();		/* not a key of ours, or a fault */
}

/* see message.h */
int
message_verify(const unsigned char sig[static SIG_BYTES],
    const unsigned char id[static MSG_ID_BYTES],
    const unsigned char body[static HASH_BYTES],
    const unsigned char author_pk[static 32])
{
	unsigned char buf[MAGIC_BYTES + MSG_ID_BYTES + HASH_BYTES];
	struct rd text = signed_text(buf, id, body);

	return crypto_sign_verify_detached(sig, text.p, text.n,
	    author_pk) == 0 ? 0 : ERR_AUTH;
}

/* --- the reader ---------------------------------------------------------- */

/* see message.h */
int
message_reader_new(struct message_reader **out, uint64_t bytes)
{
	struct message_reader *m;

	*out = NULL;
	if (bytes > MESSAGE_BYTES_MAX)
		return ERR_LIMIT;
	if (bytes < HEAD_BYTES + 1 + SIG_BYTES)
		return ERR_FORMAT;
	if ((m = malloc(sizeof(*m))) == NULL)
		return ERR_NOMEM;
	memset(m, 0, sizeof(*m));
	m->bytes = bytes;
	m->body = sha256_new();
	m->whole = sha256_new();
	if (m->body == NULL || m->whole == NULL) {
		message_reader_free(m);
		return ERR_NOMEM;
	}
	*out = m;
	return 0;
}

/* The length of the JSON is known: believe it only if it fits. */
static int
begin_json(struct message_reader *m)
{
	struct rd r = rd_from(m->head, sizeof(m->head));
	uint32_t n;

	if (!rd_u32(&r, &n) || n == 0 || n > MESSAGE_JSON_MAX ||
	    n > m->bytes - HEAD_BYTES - SIG_BYTES)
		return ERR_FORMAT;
	if ((m->json = malloc(n)) == NULL)
		return ERR_NOMEM;
	m->json_n = n;
	return 0;
}

/* Copies the piece's bytes that fall into [at, at + n) of the message. */
static void
catch(const struct message_reader *m, struct rd piece, uint64_t at,
    unsigned char *to, size_t n)
{
	uint64_t from = m->seen > at ? m->seen : at;
	uint64_t end = m->seen + piece.n < at + n ? m->seen + piece.n : at + n;
	struct rd sub;

	if (from < end && rd_skip(&piece, (size_t)(from - m->seen)) &&
	    rd_take(&piece, &sub, (size_t)(end - from)))
		memcpy(to + (from - at), sub.p, sub.n);
}

/* One piece that does not cross the end of the head. */
static int
push_some(struct message_reader *m, struct rd piece)
{
	uint64_t sig_at = m->bytes - SIG_BYTES;
	uint64_t before = m->seen < sig_at ? sig_at - m->seen : 0;

	catch(m, piece, 0, m->head, HEAD_BYTES);
	if (m->json != NULL)
		catch(m, piece, HEAD_BYTES, m->json, m->json_n);
	catch(m, piece, sig_at, m->sig, SIG_BYTES);
	sha256_update(m->whole, piece.p, piece.n);
	sha256_update(m->body, piece.p,
	    before < piece.n ? (size_t)before : piece.n);
	m->seen += piece.n;
	return m->seen == HEAD_BYTES ? begin_json(m) : 0;
}

/* see message.h */
int
message_reader_push(struct message_reader *m, struct rd piece)
{
	struct rd head;
	size_t n = piece.n;

	if (m->err == 0 && piece.n > m->bytes - m->seen)
		m->err = ERR_FORMAT;
	if (m->err == 0 && m->seen < HEAD_BYTES) {
		if (n > HEAD_BYTES - m->seen)
			n = (size_t)(HEAD_BYTES - m->seen);
		if (rd_take(&piece, &head, n) && head.n > 0)
			m->err = push_some(m, head);
	}
	if (m->err == 0 && !rd_done(&piece))
		m->err = push_some(m, piece);
	return m->err;
}

/* see message.h */
int
message_reader_finish(struct message_reader *m, struct message_view *v)
{
	if (m->err == 0 && m->seen != m->bytes)
		m->err = ERR_FORMAT;
	if (m->err != 0)
		return m->err;
	m->err = ERR_ORDER;			/* the hashes are spent */
	v->json = rd_from(m->json, m->json_n);
	v->attachments_at = HEAD_BYTES + m->json_n;
	v->attachments_bytes = m->bytes - SIG_BYTES - v->attachments_at;
	sha256_final(m->body, v->body);
	sha256_final(m->whole, v->whole);
	memcpy(v->sig, m->sig, sizeof(v->sig));
	return 0;
}

/* see message.h */
void
message_reader_free(struct message_reader *m)
{
	if (m == NULL)
		return;
	sha256_free(m->body);
	sha256_free(m->whole);
	if (m->json != NULL)
		sodium_memzero(m->json, m->json_n);
	free(m->json);
	sodium_memzero(m, sizeof(*m));
	free(m);
}
