/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/base.h"
#include "crypto/note.h"
#include "crypto/tree.h"
#include "tests/unit/own.h"
#include "tests/unit/vec.h"

/* The test key of tlog.md: seed 32 x 0x01. */
static const char log_vkey[] =
    "drop.example/log1+75a7ca5b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";

static struct vkey log_key;
static unsigned char log_sk[64];

static void
keypair(unsigned char fill, unsigned char *pk, unsigned char *sk)
{
	unsigned char seed[32];

	memset(seed, fill, sizeof(seed));
	crypto_sign_seed_keypair(pk, sk, seed);
}

static void
setup(void)
{
	unsigned char pk[32];

	cr_assert_geq(sodium_init(), 0);
	keypair(1, pk, log_sk);
	cr_assert_eq(vkey_make(&log_key, rd_str("drop.example/log1"),
	    NOTE_ED25519, pk), 0);
}

TestSuite(note, .init = setup);
TestSuite(vkey, .init = setup);

/* --- keys ------------------------------------------------------------------ */

static bool
writes_as(const struct vkey *k, struct rd text)
{
	unsigned char buf[512];
	struct wr w = wr_from(buf, sizeof(buf));

	vkey_write(&w, k);
	return wr_ok(&w) && rd_eq(wr_rd(&w), text);
}

Test(vkey, made_from_a_seed_is_the_known_one)
{
	cr_assert_eq(log_key.id, 0x75a7ca5b);
	cr_assert(writes_as(&log_key, rd_str(log_vkey)));
}

Test(vkey, every_cut_is_refused)
{
	struct vkey k;
	size_t cut;

	for (cut = 0; cut < strlen(log_vkey); cut++)
		cr_assert_eq(vkey_parse(&k, rd_from(log_vkey, cut)),
		    ERR_FORMAT);
}

static void
own_vkey(const struct own *v)
{
	struct rd text = v->body;
	struct vkey k;

	text.n--;				/* the LF */
	cr_assert_eq(vkey_parse(&k, text), own_expect(v), "%s", v->name);
	if (own_expect(v) == 0)
		cr_assert(writes_as(&k, text), "%s", v->name);
}

Test(vkey, own_vectors)
{
	own_each("vkey", 12, own_vkey);
}

Test(vkey, equal_means_name_id_type_and_key)
{
	struct vkey k = log_key;

	cr_assert(vkey_eq(&k, &log_key));
	k.pk[31] ^= 1;
	cr_assert_not(vkey_eq(&k, &log_key));
	k = log_key;
	k.name[0] = 'x';
	cr_assert_not(vkey_eq(&k, &log_key));
	k = log_key;
	k.type = NOTE_COSIG;
	cr_assert_not(vkey_eq(&k, &log_key));
}

/* --- notes ------------------------------------------------------------------ */

static void
own_note(const struct own *v)
{
	struct vkey k;
	struct note n;
	int r;

	cr_assert_eq(vkey_parse(&k, own_get(v, "vkey")), 0, "%s", v->name);
	if (rd_eq_str(own_get(v, "check"), "open"))
		r = note_open(&n, v->body, &k);
	else if ((r = note_parse(&n, v->body)) == 0)
		r = note_verify(&n, &k);
	cr_assert_eq(r, own_expect(v), "%s: %d", v->name, r);
	if (r == 0)		/* text, LF, signatures: nothing is lost */
		cr_assert_eq(n.text.n + 1 + n.sigs.n, v->body.n);
}

Test(note, own_vectors)
{
	own_each("note", 40, own_note);
}

static size_t
sign(unsigned char *buf, size_t cap, const char *text)
{
	struct wr w = wr_from(buf, cap);

	cr_assert_eq(note_sign(&w, rd_str(text), &log_key, log_sk), 0);
	return w.n;
}

Test(note, a_signed_note_cut_anywhere_is_refused)
{
	unsigned char buf[300];
	size_t cut, n = sign(buf, sizeof(buf), "one\n\ntwo\n");
	struct note note;

	cr_assert_eq(note_open(&note, rd_from(buf, n), &log_key), 0);
	cr_assert(rd_eq_str(note.text, "one\n\ntwo\n"));
	cr_assert_eq(note_sigs(&note), 1);
	for (cut = 0; cut < n; cut++)
		cr_assert_eq(note_open(&note, rd_from(buf, cut), &log_key),
		    ERR_FORMAT, "cut at %zu", cut);
}

Test(note, a_signed_note_with_any_bit_flipped_is_refused)
{
	unsigned char buf[300];
	size_t i, n = sign(buf, sizeof(buf), "a\n");
	struct note note;

	for (i = 0; i < n * 8; i++) {
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
		cr_assert_neq(note_open(&note, rd_from(buf, n), &log_key), 0,
		    "bit %zu", i);
		buf[i / 8] ^= (unsigned char)(1u << i % 8);
	}
}

Test(note, parse_refuses_what_is_over_the_limit)
{
	unsigned char *big = malloc(NOTE_MAX_BYTES + 1);
	unsigned char sig[200];
	size_t n = sign(sig, sizeof(sig), "a\n") - 2;	/* LF, signature */
	struct note note;

	memset(big, 'x', NOTE_MAX_BYTES + 1);
	memcpy(big + NOTE_MAX_BYTES - n, sig + 2, n);
	big[NOTE_MAX_BYTES - n - 1] = '\n';
	cr_assert_eq(note_parse(&note, rd_from(big, NOTE_MAX_BYTES)), 0);
	memmove(big + 1, big, NOTE_MAX_BYTES);
	cr_assert_eq(note_parse(&note, rd_from(big, NOTE_MAX_BYTES + 1)),
	    ERR_LIMIT);
	free(big);
}

Test(note, sign_refuses_a_text_that_is_no_note_text)
{
	static const char *const bad[] = { "", "no end", "a\rb\n", "\xff\n" };
	unsigned char buf[300];
	struct wr w;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = wr_from(buf, sizeof(buf));
		cr_assert_eq(note_sign(&w, rd_str(bad[i]), &log_key, log_sk),
		    ERR_FORMAT);
		cr_assert_eq(w.n, 0);
	}
}

Test(note, sign_refuses_a_secret_key_that_is_not_the_public_ones)
{
	unsigned char pk[32], sk[64], buf[300];
	struct wr w = wr_from(buf, sizeof(buf));

	keypair(2, pk, sk);
	cr_assert_eq(note_sign(&w, rd_str("a\n"), &log_key, sk), ERR_AUTH);
	cr_assert_eq(w.n, 0);
}

Test(note, sign_unchecked_writes_the_same_for_the_same_key)
{
	unsigned char buf[300], same[300];
	size_t n = sign(buf, sizeof(buf), "a\n"), cap;
	struct wr w = wr_from(same, sizeof(same));

	cr_assert_eq(note_sign_unchecked(&w, rd_str("a\n"), &log_key,
	    log_sk), 0);
	cr_assert(rd_eq(wr_rd(&w), rd_from(buf, n)));
	cr_assert_eq(note_sign_unchecked(&w, rd_str("a"), &log_key, log_sk),
	    ERR_FORMAT);
	for (cap = 0; cap < n; cap++) {
		w = wr_from(same, cap);
		cr_assert_eq(note_sign_unchecked(&w, rd_str("a\n"), &log_key,
		    log_sk), ERR_LIMIT);
	}
}

Test(note, sign_says_when_there_is_no_room)
{
	unsigned char buf[300];
	size_t cap, n = sign(buf, sizeof(buf), "a\n");
	struct wr w;

	for (cap = 0; cap < n; cap++) {
		w = wr_from(buf, cap);
		cr_assert_eq(note_sign(&w, rd_str("a\n"), &log_key, log_sk),
		    ERR_LIMIT);
	}
}

Test(note, verify_refuses_a_cosignature_key)
{
	unsigned char buf[300];
	size_t n = sign(buf, sizeof(buf), "a\n");
	struct vkey k = log_key;
	struct note note;

	k.type = NOTE_COSIG;
	cr_assert_eq(note_open(&note, rd_from(buf, n), &k), ERR_FORMAT);
}

Test(note, a_name_has_no_space_no_plus_no_control)
{
	char name[NAME_MAX_BYTES + 1];

	memset(name, 'n', sizeof(name));
	cr_assert(note_name_ok(rd_from(name, NAME_MAX_BYTES)));
	cr_assert_not(note_name_ok(rd_from(name, NAME_MAX_BYTES + 1)));
	cr_assert(note_name_ok(rd_str("example.com/\xc3\xa9")));
	cr_assert_not(note_name_ok(rd_str("")));
	cr_assert_not(note_name_ok(rd_str("a b")));
	cr_assert_not(note_name_ok(rd_str("a+b")));
	cr_assert_not(note_name_ok(rd_str("a\nb")));
	cr_assert_not(note_name_ok(rd_str("a\x7f" "b")));
	cr_assert_not(note_name_ok(rd_str("a\xe2\x80\x89" "b")));
	cr_assert_not(note_name_ok(rd_str("a\xc2\x85" "b")));
	cr_assert_not(note_name_ok(rd_str("a\xff")));
	cr_assert_not(note_name_ok(rd_from("a\0b", 3)));
}

/* --- notes of others --------------------------------------------------------- */

static struct rd
chomp(struct rd r)
{
	if (r.n > 0 && r.p[r.n - 1] == '\n')
		r.n--;
	return r;
}

/* A note by the key in another file; a checkpoint of this size. */
static void
holds(const char *file, struct rd vkey, uint64_t size)
{
	struct vec v = vec_load(file);
	struct checkpoint c;
	struct note n;
	struct vkey k;

	cr_assert_eq(vkey_parse(&k, chomp(vkey)), 0);
	cr_assert_eq(note_open(&n, vec_rd(&v), &k), 0, "%s", file);
	if (size != UINT64_MAX) {
		cr_assert_eq(checkpoint_parse(&c, n.text), 0, "%s", file);
		cr_assert_eq(c.size, size, "%s", file);
		cr_assert(rd_eq_str(c.origin, k.name));
	}
	vec_free(&v);
}

Test(note, the_signed_note_specifications_example_holds)
{
	struct vec vkey;

	if (!vec_need("tlog/c2sp-signed-note-example.txt"))
		return;
	vkey = vec_load("tlog/c2sp-signed-note-example.vkey.txt");
	holds("tlog/c2sp-signed-note-example.txt", vec_rd(&vkey), UINT64_MAX);
	vec_free(&vkey);
	vec_ran("signed-note example", 1);
}

/*
 * The root over the first `size` entries of an entry bundle, whose leaf
 * hashes are the log's tile.
 */
static void
bundle_root(struct rd bundle, uint64_t size, struct rd tile,
    unsigned char *root)
{
	struct sha256 *h = sha256_new();
	unsigned char leaf[HASH_BYTES];
	struct rd e, hash;
	struct tree t;

	cr_assert_not_null(h);
	tree_init(&t);
	while (t.size < size) {
		cr_assert(rd_take16(&bundle, &e));
		cr_assert(rd_take(&tile, &hash, HASH_BYTES));
		tree_leaf(h, leaf, e);
		cr_assert_arr_eq(leaf, hash.p, HASH_BYTES);
		cr_assert_eq(tree_append(&t, h, leaf), 0);
	}
	tree_root(&t, h, root);
	sha256_free(h);
}

Test(note, a_tessera_log_has_the_roots_its_checkpoints_sign)
{
	struct vec vkey, note, bundle, tile;
	unsigned char root[HASH_BYTES];
	struct checkpoint c;
	char path[64];
	struct note n;
	uint64_t size;

	if (!vec_need("tlog/tessera-log"))
		return;
	vkey = vec_load("tlog/tessera-log/vkey");
	bundle = vec_load("tlog/tessera-log/tile/entries/000.p/15");
	tile = vec_load("tlog/tessera-log/tile/0/000.p/15");
	for (size = 0; size <= 15; size++) {
		(void)snprintf(path, sizeof(path),
		    "tlog/tessera-log/checkpoint.%d", (int)size);
		holds(path, vec_rd(&vkey), size);
		note = vec_load(path);
		cr_assert_eq(note_parse(&n, vec_rd(&note)), 0);
		cr_assert_eq(checkpoint_parse(&c, n.text), 0);
		bundle_root(vec_rd(&bundle), size, vec_rd(&tile), root);
		cr_assert_arr_eq(root, c.root, HASH_BYTES, "size %d",
		    (int)size);
		vec_free(&note);
	}
	vec_free(&tile);
	vec_free(&bundle);
	vec_free(&vkey);
	vec_ran("tessera-log", 16);
}

Test(note, checkpoints_with_lines_of_other_kinds_parse)
{
	static const char *const files[] = {
		"tlog/cosigned/mirror-checkpoint.txt",
		"tlog/cosigned/witness-checkpoint.txt",
		"tlog/cosigned/witness2-checkpoint.txt",
	};
	struct checkpoint c;
	struct note n;
	struct vec v;
	size_t i;

	if (!vec_need("tlog/cosigned"))
		return;
	for (i = 0; i < 3; i++) {
		v = vec_load(files[i]);
		cr_assert_eq(note_parse(&n, vec_rd(&v)), 0, "%s", files[i]);
		cr_assert_eq(checkpoint_parse(&c, n.text), 0);
		cr_assert_eq(c.size, 300);
		cr_assert_eq(note_verify(&n, &log_key), ERR_NOMATCH);
		vec_free(&v);
	}
	vec_ran("cosigned", i);
}

/* Appends the hashes of a tile. */
static void
append_tile(struct tree *t, struct sha256 *h, const char *path)
{
	struct vec v = vec_load(path);
	struct rd r = vec_rd(&v), hash;

	while (!rd_done(&r)) {
		cr_assert(rd_take(&r, &hash, HASH_BYTES));
		cr_assert_eq(tree_append(t, h, hash.p), 0);
	}
	vec_free(&v);
}

Test(note, a_mirrors_tiles_have_the_root_that_it_cosigned)
{
	struct sha256 *h = sha256_new();
	unsigned char root[HASH_BYTES];
	struct checkpoint c;
	struct note n;
	struct tree t;
	struct vec v;

	if (!vec_need("tlog/cosigned/mirror-tiles"))
		return;
	tree_init(&t);
	append_tile(&t, h, "tlog/cosigned/mirror-tiles/0/000");
	tree_root(&t, h, root);
	v = vec_load("tlog/cosigned/mirror-tiles/1/000.p1");
	cr_assert(vec_eq(&v, root, HASH_BYTES), "the tile above");
	vec_free(&v);
	append_tile(&t, h, "tlog/cosigned/mirror-tiles/0/001.p44");
	tree_root(&t, h, root);
	v = vec_load("tlog/cosigned/mirror-checkpoint.txt");
	cr_assert_eq(note_parse(&n, vec_rd(&v)), 0);
	cr_assert_eq(checkpoint_parse(&c, n.text), 0);
	cr_assert_eq(c.size, t.size);
	cr_assert_arr_eq(c.root, root, HASH_BYTES);
	vec_free(&v);
	sha256_free(h);
	vec_ran("mirror-tiles", 3);
}

Test(note, rekor_checkpoints_hold_or_not_as_they_should)
{
	struct checkpoint c;
	json_t *o, *e;
	struct note n;
	struct vkey k;
	size_t i;
	bool ok;

	if (!vec_need("tlog/rekor2/checkpoints.json"))
		return;
	o = vec_json("tlog/rekor2/checkpoints.json");
	json_array_foreach(json_object_get(o, "vectors"), i, e) {
		cr_assert_eq(vkey_parse(&k, rd_str(vec_str(e, "vkey"))), 0);
		ok = note_parse(&n, rd_str(vec_str(e, "checkpoint"))) == 0 &&
		    note_verify(&n, &k) == 0 &&
		    checkpoint_parse(&c, n.text) == 0 &&
		    rd_eq_str(c.origin, k.name);
		cr_assert_eq(ok, vec_bool(e, "valid"), "%s",
		    vec_str(e, "name"));
	}
	vec_ran("rekor2", i);
	json_decref(o);
}

/* vkey_make(), vkey_parse() and vkey_write() agree with a known key. */
static void
known_key(const json_t *o)
{
	struct vec pk = vec_hex_of(o, "public_hex");
	struct vec id = vec_hex_of(o, "key_id_hex");
	struct rd r = vec_rd(&id);
	struct vkey a, b;
	uint32_t v;

	cr_assert(rd_u32(&r, &v));
	cr_assert_eq(vkey_make(&a, rd_str(vec_str(o, "name")),
	    (uint8_t)vec_int(o, "type"), pk.p), 0);
	cr_assert_eq(a.id, v);
	cr_assert_eq(vkey_parse(&b, rd_str(vec_str(o, "vkey"))), 0);
	cr_assert(vkey_eq(&a, &b));
	cr_assert(writes_as(&a, rd_str(vec_str(o, "vkey"))));
	vec_free(&pk);
	vec_free(&id);
}

Test(note, the_known_keys_and_checkpoints_are_ours_byte_for_byte)
{
	unsigned char buf[400];
	json_t *o, *e;
	struct note n;
	struct wr w;
	size_t i;

	if (!vec_need("tlog/own/notes.json"))
		return;
	o = vec_json("tlog/own/notes.json");
	known_key(json_object_get(o, "log"));
	json_array_foreach(json_object_get(o, "witnesses"), i, e)
		known_key(e);
	json_array_foreach(json_object_get(o, "checkpoints"), i, e) {
		w = wr_from(buf, sizeof(buf));
		cr_assert_eq(note_sign(&w, rd_str(vec_str(e, "text")),
		    &log_key, log_sk), 0);
		cr_assert(rd_eq_str(wr_rd(&w), vec_str(e, "signed_by_log")));
		cr_assert_eq(note_parse(&n, rd_str(vec_str(e, "cosigned"))),
		    0);
		cr_assert_eq(note_verify(&n, &log_key), 0);
		cr_assert_eq(note_open(&n, rd_str(vec_str(e, "cosigned")),
		    &log_key), ERR_FORMAT, "several lines");
	}
	vec_ran("own/notes", i);
	json_decref(o);
}
