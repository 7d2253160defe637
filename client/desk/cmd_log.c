/* SPDX-License-Identifier: ISC */
/*
 * cmd_log.c - `ecrdesk log`: the desk's own acts: list them, check that none
 * was altered, open one to an auditor.
 *
 * To open an act is an act.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "client/common/file.h"
#include "client/common/say.h"
#include "client/desk/cmd.h"
#include "client/desk/desk.h"
#include "client/desk/desklog.h"
#include "client/common/outfile.h"
#include "client/desk/print.h"
#include "crypto/keyset.h"

#define WORDS_CHARS	2048
#define SHOWN_MAX	(64 * 1024)
#define SECONDS_A_DAY	86400

static int
store_failed(int r)
{
	return fail(exit_for(r), "the case store: %s", err_str(r));
}

/* --- list ----------------------------------------------------------------- */

static json_t *
field_json(const struct deskact_field *f)
{
	char hex[2 * HASH_BYTES + 1], day[DATE_CHARS];

	switch (f->kind) {
	case 'n':
		return json_integer((json_int_t)f->number);
	case 'd':
		print_date(day, f->number * SECONDS_A_DAY);
		return json_string(day);
	case 'h':
		sodium_bin2hex(hex, sizeof(hex), f->bytes.p, f->bytes.n);
		return json_string(hex);
	default:
		return json_stringn((const char *)f->bytes.p, f->bytes.n);
	}
}

static json_t *
act_json(uint64_t generation, uint64_t index, const struct deskact_leaf *l,
    bool anchored)
{
	char day[DATE_CHARS];
	json_t *o, *fields = json_object();
	struct deskact_walk w;
	struct deskact_field f;

	print_date(day, (uint64_t)l->day * SECONDS_A_DAY);
	o = json_pack("{s:I,s:I,s:s,s:s,s:b,s:o}",
	    "generation", (json_int_t)generation, "number", (json_int_t)index,
	    "day", day, "act", deskact_name(l->act), "anchored", anchored,
	    "details", fields);
	deskact_begin(&w, l);
	while (o != NULL && deskact_next(&w, &f))
		if (json_object_setn_new(fields, (const char *)f.name.p,
		    f.name.n, field_json(&f)) != 0) {
			json_decref(o);
			return NULL;
		}
	return o;
}

static void
act_print(uint64_t generation, uint64_t index, const struct deskact_leaf *l,
    bool anchored)
{
	char words[WORDS_CHARS], day[DATE_CHARS];
	struct wr w = wr_from(words, sizeof(words));

	deskact_words(&w, l);
	print_date(day, (uint64_t)l->day * SECONDS_A_DAY);
	printf("%llu/%llu%s\t%s\t%s\t", (unsigned long long)generation,
	    (unsigned long long)index, anchored ? "" : "*", day,
	    deskact_name(l->act));
	say_clean(stdout, wr_rd(&w), false);
	printf("\n");
}

/* So many acts of a generation have a checkpoint. */
static int
anchored_size(struct deskdb *db, const struct desklog_head *h, uint64_t *size)
{
	struct desklog_anchor a;
	uint64_t n;
	int r;

	*size = 0;
	for (n = h->commits; n > 0; n--) {
		if ((r = desklog_anchor(db, n - 1, &a)) != 0)
			return r;
		if (a.generation != h->generation)
			continue;
		*size = a.size;
		return 0;
	}
	return 0;
}

static int
list_one(struct deskdb *db, const struct desklog_head *h, json_t *rows)
{
	struct deskact_leaf l;
	uint64_t i, anchored;
	struct rd data;
	int r;

	if ((r = anchored_size(db, h, &anchored)) != 0)
		return r;
	for (i = 0; i < h->tree.size; i++) {
		if ((r = desklog_entry(db, h->generation, i, &data)) != 0 ||
		    (r = deskact_parse(&l, data)) != 0)
			return r;
		if (rows == NULL)
			act_print(h->generation, i, &l, i < anchored);
		else if (json_array_append_new(rows, act_json(h->generation, i,
		    &l, i < anchored)) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

static int
list_all(struct deskdb *db, json_t *rows)
{
	struct desklog_head now, h;
	uint64_t i;
	int r;

	if ((r = desklog_head(db, &now)) != 0)
		return r;
	for (i = 0; r == 0 && i < now.generations; i++)
		if ((r = desklog_past(db, i, &h)) == 0)
			r = list_one(db, &h, rows);
	return r == 0 ? list_one(db, &now, rows) : r;
}

static int
list(struct desk *d, bool json)
{
	json_t *rows = json ? json_array() : NULL;
	int r;

	if ((r = deskdb_begin(d->db, false)) == 0)
		r = list_all(d->db, rows);
	deskdb_abort(d->db);
	if (r != 0) {
		json_decref(rows);
		return store_failed(r);
	}
	if (json)
		return print_json(rows);
	say("an act behind whose number stands '*' is in no checkpoint yet: "
	    "the next export makes one");
	return 0;
}

/* --- check ---------------------------------------------------------------- */

static int
own_key(const struct desk *d, struct vkey *k)
{
	struct deskkeys *keys = NULL;
	unsigned char sk[64];
	int code, r;

	if ((code = desk_keys(&keys, d)) != 0)
		return code;
	r = desk_vkey(k, sk, &d->head, keys);
	sodium_memzero(sk, sizeof(sk));
	deskkeys_free(keys);
	return r == 0 ? 0 : fail(exit_for(r), "the role's key: %s",
	    err_str(r));
}

static int
check(struct desk *d, bool json)
{
	char bad[DESKLOG_BAD_CHARS];
	struct desklog_head h;
	struct vkey k;
	int code, r;

	if ((code = own_key(d, &k)) != 0)
		return code;
	if ((r = deskdb_begin(d->db, false)) == 0 &&
	    (r = desklog_check(d->db, &k, bad)) == 0)
		r = desklog_head(d->db, &h);
	deskdb_abort(d->db);
	if (r != 0)
		return store_failed(r);
	if (bad[0] != '\0')
		return fail(EXIT_CLAIM, "the desk's log was altered: %s does "
		    "not hold", bad);
	if (json)
		return print_json(json_pack("{s:b,s:I,s:I,s:I}", "holds", 1,
		    "generation", (json_int_t)h.generation, "acts",
		    (json_int_t)h.tree.size, "checkpoints",
		    (json_int_t)h.commits));
	say("all of the desk's log holds: %llu acts in generation %llu, %llu "
	    "checkpoints", (unsigned long long)h.tree.size,
	    (unsigned long long)h.generation, (unsigned long long)h.commits);
	return 0;
}

/* --- open one to an auditor ------------------------------------------------- */

static int
log_disclosure(struct desk *d, uint64_t generation, uint64_t index)
{
	unsigned char detail[DESKACT_DETAIL_MAX];
	struct wr w = wr_from(detail, sizeof(detail));

	deskact_put_number(&w, index);
	deskact_put_number(&w, generation);
	return desklog_record(d->db, DESKACT_DISCLOSE, wr_rd(&w));
}

static int
put_file(const char *path, struct rd text)
{
	struct outfile f;
	int r;

	if ((r = outfile_open(&f, path)) == 0) {
		if ((r = outfile_write(&f, text.p, text.n)) == 0)
			r = outfile_keep(&f);
		else
			outfile_drop(&f);
	}
	if (r != 0)
		return fail(EXIT_CANTCREATE, "%s: %s", path, r == ERR_IO ?
		    strerror(errno) : err_str(r));
	return 0;
}

static int
make_shown(struct desk *d, struct wr *w, uint64_t generation, uint64_t index)
{
	int r;

	if ((r = deskdb_begin(d->db, false)) == 0)
		r = desklog_show(d->db, w, generation, index);
	deskdb_abort(d->db);
	if (r == ERR_NOTFOUND)
		return fail(EXIT_NOINPUT, "there is no such act");
	if (r == ERR_ORDER)
		return fail(EXIT_NOINPUT, "no checkpoint has this act yet; "
		    "the next export makes one");
	return r == 0 ? 0 : store_failed(r);
}

/* "12", of the generation at hand, or "4/12". */
static bool
read_number(struct desk *d, const char *s, uint64_t *generation,
    uint64_t *index, int *r)
{
	struct rd in = rd_str(s), first;
	struct desklog_head h;

	*r = 0;
	if (rd_until(&in, '/', &first))
		return rd_dec(first, TREE_SIZE_MAX, generation) &&
		    rd_dec(in, TREE_SIZE_MAX, index);
	if ((*r = deskdb_begin(d->db, false)) == 0)
		*r = desklog_head(d->db, &h);
	deskdb_abort(d->db);
	*generation = *r == 0 ? h.generation : 0;
	return *r != 0 || rd_dec(in, TREE_SIZE_MAX, index);
}

static int
open_one(struct desk *d, const struct opts *o)
{
	const char *path = opts_get(o, "output");
	uint64_t generation, index = 0;
	unsigned char *text;
	struct wr w;
	int code, r;

	if (!read_number(d, opts_get(o, "open"), &generation, &index, &r))
		return opts_wrong(o, "--open takes the number of an act");
	if (r != 0)
		return store_failed(r);
	if ((text = malloc(SHOWN_MAX)) == NULL)
		return fail(EXIT_SYSTEM, "out of memory");
	w = wr_from(text, SHOWN_MAX);
	if ((code = make_shown(d, &w, generation, index)) == 0) {
		if ((r = log_disclosure(d, generation, index)) != 0)
			code = store_failed(r);
		else
			code = put_file(path, wr_rd(&w));
	}
	free(text);
	if (code == 0)
		say("%s opens this one act to whoever has it, and no other",
		    path);
	return code;
}

/* see cmd.h */
int
cmd_log(const struct opts *o)
{
	struct desk *d = NULL;
	int code;

	if (opts_on(o, "open") && opts_get(o, "output") == NULL)
		return opts_wrong(o, "log --open N needs -o FILE");
	if ((code = desk_open(&d, opts_get(o, "desk"),
	    opts_get(o, "passphrase-file"))) != 0)
		return code;
	if (opts_on(o, "open"))
		code = open_one(d, o);
	else if (opts_on(o, "check"))
		code = check(d, opts_on(o, "json"));
	else
		code = list(d, opts_on(o, "json"));
	desk_close(d);
	return code;
}
