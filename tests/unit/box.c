/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/file.h"
#include "crypto/base.h"
#include "crypto/message.h"
#include "crypto/parcel.h"
#include "crypto/part.h"
#include "crypto/sha256.h"
#include "crypto/statement.h"
#include "crypto/tilehash.h"
#include "tests/unit/box.h"

#define BUNDLE_BYTES	(TILE_WIDTH * (2 + ENTRY_BYTES))

static const char *const spoil_names[BOX_SPOILS] = {
	"good", "hash", "frame", "json", "author", "attachment", "trailing",
	"incomplete", "twice", "disagree", "also", "payload", "notpart"
};

static void
need_at(bool ok, int line)
{
	if (ok)
		return;
	fprintf(stderr, "box.c:%d: failed\n", line);
	abort();
}
#define need(ok)	need_at((ok), __LINE__)

enum box_spoil
box_spoil_named(const char *name)
{
	int i;

	for (i = 0; i < BOX_SPOILS; i++)
		if (strcmp(spoil_names[i], name) == 0)
			break;
	return (enum box_spoil)i;
}

static void
make_key(struct vkey *k, unsigned char sk[static 64], const char *name,
    uint8_t type, unsigned char byte)
{
	unsigned char seed[32], pk[32];

	memset(seed, byte, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
	need(vkey_make(k, rd_str(name), type, pk) == 0);
}

void
box_open(struct box *b, const char *mirror, const char *keyset,
    const char *office_vkey)
{
	unsigned char *p, *q;
	struct keyset ks;
	struct vkey office;
	size_t n, m;

	memset(b, 0, sizeof(*b));
	make_key(&b->log, b->log_sk, BOX_ORIGIN, NOTE_ED25519, 11);
	make_key(&b->witness[0], b->witness_sk[0], "w1.example", NOTE_COSIG,
	    12);
	make_key(&b->witness[1], b->witness_sk[1], "w2.example", NOTE_COSIG,
	    13);
	need(mirror_open(&b->m, mirror, true) == 0);
	need(file_read(&p, &n, office_vkey, 4096) == 0);
	need(vkey_parse(&office, rd_from(p, n - 1)) == 0);
	need(file_read(&q, &m, keyset, NOTE_MAX_BYTES) == 0);
	need(keyset_open(&ks, rd_from(q, m), &office) == 0);
	need(ks.nkeys > 0);
	b->to = ks.key[0].rc;
	snprintf(b->office, sizeof(b->office), "%s", ks.office);
	keyset_wipe(&ks);
	file_free(p, n);
	file_free(q, m);
}

void
box_close(struct box *b)
{
	mirror_close(b->m);
	free(b->leaf);
}

void
box_reporter(struct codename_keys *k, const struct box *b, unsigned who)
{
	unsigned char entropy[CODENAME_BYTES];
	unsigned try;

	for (try = 0;; try++) {
		memset(entropy, 0, sizeof(entropy));
		entropy[0] = (unsigned char)who;
		entropy[1] = (unsigned char)try;
		need(codename_derive(k, entropy, rd_str(b->office)) == 0);
		if (k->role == ROLE_OFFICE)
			return;
	}
}

/* --- parcels ------------------------------------------------------------ */

static void
add_leaf(struct box *b, enum entry_kind kind, struct rd bytes)
{
	if (b->n == b->cap) {
		b->cap = b->cap * 2 + 64;
		b->leaf = realloc(b->leaf, b->cap * sizeof(*b->leaf));
		need(b->leaf != NULL);
	}
	b->leaf[b->n].kind = (unsigned char)kind;
	sha256(b->leaf[b->n++].digest, bytes.p, bytes.n);
}

static void
add_body(struct box *b, const unsigned char *p, size_t n)
{
	char name[80];

	add_leaf(b, ENTRY_PARCEL, rd_from(p, n));
	mirror_name(name, "parcels", b->leaf[b->n - 1].digest);
	need(mirror_write_lazy(b->m, name, rd_from(p, n)) == 0);
}

/* Nobody who reads a mirror here wants the replies themselves. */
void
box_body(struct box *b, enum entry_kind kind, struct rd bytes)
{
	char name[80];

	add_leaf(b, kind, bytes);
	if (kind != ENTRY_STATEMENT)
		return;
	mirror_name(name, "statements", b->leaf[b->n - 1].digest);
	need(mirror_write_lazy(b->m, name, bytes) == 0);
}

void
box_outbox(struct box *b, struct rd outbox)
{
	struct outbox_record r;
	struct rd one;

	while (!rd_done(&outbox)) {
		need(outbox_next(&outbox, &r) == 0);
		box_body(b, ENTRY_STATEMENT, r.statement);
		while (rd_take(&r.replies, &one, REPLY_BYTES))
			box_body(b, ENTRY_REPLY, one);
	}
}

void
box_cover(struct box *b, size_t n)
{
	unsigned char parcel[PARCEL_BYTES];

	while (n-- > 0) {
		need(parcel_cover(parcel) == 0);
		add_body(b, parcel, sizeof(parcel));
	}
}

void
box_garbage(struct box *b)
{
	unsigned char parcel[PARCEL_BYTES];

	randombytes_buf(parcel, sizeof(parcel));
	add_body(b, parcel, sizeof(parcel));
}

void
box_litter(struct box *b, size_t n)
{
	unsigned char bytes[16];

	while (n-- > 0) {
		randombytes_buf(bytes, sizeof(bytes));
		add_body(b, bytes, sizeof(bytes));
	}
}

static void
seal_plain(struct box *b, const unsigned char *plain, enum box_spoil spoil)
{
	unsigned char parcel[PARCEL_BYTES];
	struct age_recipient rc[2];
	unsigned char seed[SEED_BYTES];

	rc[0] = b->to;
	randombytes_buf(seed, sizeof(seed));
	need(hpke_public(rc[1].pk, seed) == 0);
	need(parcel_seal(parcel, plain, rc, spoil == BOX_ALSO ? 2 : 1,
	    NULL) == 0);
	if (spoil == BOX_PAYLOAD)
		parcel[PARCEL_BYTES - 1] ^= 1;
	add_body(b, parcel, sizeof(parcel));
}

/* One part; flip changes the data's last byte. */
static void
seal_part(struct box *b, const unsigned char *id, const unsigned char *hash,
    const unsigned char *msg, size_t n, uint16_t index, enum box_spoil spoil,
    bool flip)
{
	unsigned char plain[PARCEL_PLAIN_BYTES];
	struct part p;

	memset(&p, 0, sizeof(p));
	p.index = index;
	p.count = part_count(n);
	memcpy(p.id, id, sizeof(p.id));
	memcpy(p.sha256, hash, sizeof(p.sha256));
	p.bytes = n;
	randombytes_buf(p.seed, sizeof(p.seed));
	p.data = rd_from(msg + (size_t)index * PART_DATA_BYTES,
	    part_bytes(n, index));
	need(part_write(plain, &p) == 0);
	if (flip)
		plain[PART_HEAD_BYTES + p.data.n - 1] ^= 1;
	if (spoil == BOX_NOTPART)
		plain[0] = 99;
	seal_plain(b, plain, spoil);
}

/* --- messages ----------------------------------------------------------- */

static json_t *
files_json(const struct box_file *file, size_t nfiles, enum box_spoil spoil)
{
	json_t *list = json_array();
	unsigned char d[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	size_t i;

	for (i = 0; i < nfiles; i++) {
		sha256(d, file[i].p, file[i].n);
		d[0] ^= spoil == BOX_ATTACHMENT;
		hex_encode(hex, d, sizeof(d));
		hex[2 * HASH_BYTES] = '\0';
		json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:s}",
		    "name", file[i].name, "type", file[i].type, "bytes",
		    (json_int_t)file[i].n, "sha256", hex));
	}
	return list;
}

static char *
message_text(const struct codename_keys *k, bool followup,
    const char *fields, json_t *files, enum box_spoil spoil)
{
	char mailbox[AGE_RECIPIENT_CHARS + 1], author[64], *text;
	struct wr w = wr_from(mailbox, sizeof(mailbox));
	struct wr a = wr_from(author, sizeof(author));
	json_t *o = json_loads(fields, 0, NULL);

	age_recipient_write(&w, &k->mailbox);
	wr_b64(&a, k->author_pk, sizeof(k->author_pk), true);
	need(o != NULL && wr_cstr(&w) && wr_cstr(&a));
	need(json_object_update_new(o, json_pack("{s:i,s:s,s:s,s:s,s:o}",
	    "v", 1, "kind", followup ? "follow-up" : "report", "mailbox",
	    mailbox, "author", author, "attachments", files)) == 0);
	text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	need(text != NULL);
	if (spoil == BOX_JSON)
		text[0] = '[';
	return text;
}

/* The message's bytes; the caller frees them. */
static unsigned char *
compose(const char *text, const struct box_file *file, size_t nfiles,
    const unsigned char *id, const struct codename_keys *k,
    enum box_spoil spoil, size_t *n)
{
	unsigned char body[HASH_BYTES], *p;
	struct wr w;
	size_t i;

	*n = 4 + strlen(text) + SIG_BYTES + (spoil == BOX_TRAILING);
	for (i = 0; i < nfiles; i++)
		*n += file[i].n;
	need((p = malloc(*n)) != NULL);
	w = wr_from(p, *n);
	wr_u32(&w, spoil == BOX_FRAME ? 0xffffff : (uint32_t)strlen(text));
	wr_str(&w, text);
	for (i = 0; i < nfiles; i++)
		wr_bytes(&w, file[i].p, file[i].n);
	if (spoil == BOX_TRAILING)
		wr_u8(&w, 'x');
	sha256(body, p, w.n);
	message_sign(p + w.n, id, body, k->author_sk);
	if (spoil == BOX_AUTHOR)
		p[w.n] ^= 1;
	return p;
}

void
box_message(struct box *b, unsigned who, unsigned salt, bool followup,
    const char *fields, const struct box_file *file, size_t nfiles,
    enum box_spoil spoil)
{
	unsigned char id[MSG_ID_BYTES] = { 0 }, hash[HASH_BYTES], *msg;
	struct codename_keys k;
	uint16_t i, count;
	size_t n;
	char *text;

	id[0] = (unsigned char)who;
	id[1] = (unsigned char)salt;
	box_reporter(&k, b, who);
	text = message_text(&k, followup, fields, files_json(file, nfiles,
	    spoil), spoil);
	msg = compose(text, file, nfiles, id, &k, spoil, &n);
	sha256(hash, msg, n);
	hash[0] ^= spoil == BOX_HASH;
	count = part_count(n);
	for (i = 0; i < count; i++) {
		if (spoil == BOX_INCOMPLETE && i == count - 1)
			break;
		seal_part(b, id, hash, msg, n, i, spoil, false);
		if (spoil == BOX_TWICE)
			seal_part(b, id, hash, msg, n, i, spoil, false);
	}
	if (spoil == BOX_DISAGREE)
		seal_part(b, id, hash, msg, n, 0, spoil, true);
	codename_keys_wipe(&k);
	free(text);
	free(msg);
}

/* --- the log ------------------------------------------------------------ */

/* The kind comes first. */
static int
by_entry(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct box_leaf));
}

static void
write_bundles(struct box *b, const unsigned char *entries, size_t n)
{
	unsigned char buf[BUNDLE_BYTES];
	size_t at, i, width;
	struct tile t;
	char name[80];
	struct wr w;

	for (at = 0; at < n; at += TILE_WIDTH) {
		width = n - at < TILE_WIDTH ? n - at : TILE_WIDTH;
		w = wr_from(buf, sizeof(buf));
		for (i = 0; i < width; i++) {
			wr_u16(&w, ENTRY_BYTES);
			wr_bytes(&w, entries + (at + i) * ENTRY_BYTES,
			    ENTRY_BYTES);
		}
		t.level = TILE_ENTRIES;
		t.index = at / TILE_WIDTH;
		t.width = (unsigned)width;
		mirror_tile_name(name, &t);
		need(mirror_write_lazy(b->m, name, wr_rd(&w)) == 0);
	}
}

/* One level's tiles from its n hashes; the level above comes in their place. */
static size_t
write_level(struct box *b, int level, unsigned char (*hash)[HASH_BYTES],
    size_t n)
{
	struct sha256 *h = sha256_new();
	size_t at, width;
	struct tile t;
	char name[80];

	for (at = 0; at < n; at += TILE_WIDTH) {
		width = n - at < TILE_WIDTH ? n - at : TILE_WIDTH;
		t.level = level;
		t.index = at / TILE_WIDTH;
		t.width = (unsigned)width;
		mirror_tile_name(name, &t);
		need(mirror_write_lazy(b->m, name, rd_from(hash[at],
		    width * HASH_BYTES)) == 0);
		if (width == TILE_WIDTH)
			tile_fold(hash[at / TILE_WIDTH], h,
			    (const unsigned char (*)[HASH_BYTES])hash + at,
			    width);
	}
	sha256_free(h);
	return n / TILE_WIDTH;
}

static void
write_tiles(struct box *b, const unsigned char *entries, size_t n)
{
	unsigned char (*hash)[HASH_BYTES] = malloc((n + 1) * HASH_BYTES);
	struct sha256 *h = sha256_new();
	size_t i;
	int level;

	need(hash != NULL && h != NULL);
	for (i = 0; i < n; i++)
		tree_leaf(h, hash[i], rd_from(entries + i * ENTRY_BYTES,
		    ENTRY_BYTES));
	for (level = 0; n > 0; level++)
		n = write_level(b, level, hash, n);
	sha256_free(h);
	free(hash);
}

static void
cosign(const struct box *b, struct wr *w, struct rd text, size_t i,
    uint64_t when)
{
	unsigned char msg[4096], line[4 + 8 + 64];
	struct wr m = wr_from(msg, sizeof(msg));
	struct wr l = wr_from(line, sizeof(line));

	wr_str(&m, "cosignature/v1\ntime ");
	wr_dec(&m, when);
	wr_str(&m, "\n");
	wr_rdr(&m, text);
	wr_u32(&l, b->witness[i].id);
	wr_u64(&l, when);
	crypto_sign_detached(line + 12, NULL, m.p, m.n, b->witness_sk[i]);
	wr_str(w, "\xe2\x80\x94 ");
	wr_str(w, b->witness[i].name);
	wr_str(w, " ");
	wr_b64(w, line, sizeof(line), true);
	wr_str(w, "\n");
}

static void
write_checkpoint(struct box *b, const unsigned char *entries, size_t n,
    uint64_t close, size_t cosigned)
{
	unsigned char text[1024], note[4096], root[HASH_BYTES];
	struct wr t = wr_from(text, sizeof(text));
	struct wr w = wr_from(note, sizeof(note));
	struct sha256 *h = sha256_new();
	unsigned char leaf[HASH_BYTES];
	struct tree tree;
	size_t i;

	tree_init(&tree);
	for (i = 0; i < n; i++) {
		tree_leaf(h, leaf, rd_from(entries + i * ENTRY_BYTES,
		    ENTRY_BYTES));
		need(tree_append(&tree, h, leaf) == 0);
	}
	tree_root(&tree, h, root);
	sha256_free(h);
	checkpoint_write(&t, rd_str(BOX_ORIGIN), n, root);
	need(note_sign(&w, wr_rd(&t), &b->log, b->log_sk) == 0);
	for (i = 0; i < cosigned; i++)
		cosign(b, &w, wr_rd(&t), i, close);
	need(wr_ok(&w));
	need(mirror_write(b->m, "log/checkpoint", wr_rd(&w)) == 0);
}

void
box_epoch(struct box *b, uint64_t close, size_t cosigned)
{
	unsigned char *entries;
	struct mirror_log log;
	struct entry e;
	size_t i, old = 0;
	int r;

	r = mirror_log_read(&log, b->m, &b->log, NULL);
	need(r == 0 || r == ERR_NOTFOUND);
	if (r == 0)
		old = log.count;
	need((entries = malloc((old + b->n + 1) * ENTRY_BYTES)) != NULL);
	if (old > 0)
		memcpy(entries, log.entries, old * ENTRY_BYTES);
	mirror_log_wipe(&log);
	if (b->n > 0)
		qsort(b->leaf, b->n, sizeof(*b->leaf), by_entry);
	for (i = 0; i < b->n; i++) {
		e.kind = (enum entry_kind)b->leaf[i].kind;
		e.close = close;
		memcpy(e.digest, b->leaf[i].digest, HASH_BYTES);
		entry_write(entries + (old + i) * ENTRY_BYTES, &e);
	}
	write_bundles(b, entries, old + b->n);
	write_tiles(b, entries, old + b->n);
	write_checkpoint(b, entries, old + b->n, close, cosigned);
	free(entries);
	b->n = 0;
}
