/* SPDX-License-Identifier: ISC */
/*
 * cmd_proof.c - "proof": what does a proof of disclosure show?
 *
 * No network: the file, the office's keys, and what the auditor pins.  With a
 * server or mirror besides, its log must go on from the tree of the proof.
 */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/audit/cmd.h"
#include "client/audit/verify.h"
#include "client/common/disclosed.h"
#include "client/common/file.h"
#include "client/common/msgjson.h"
#include "client/common/say.h"
#include "client/common/wrap.h"
#include "crypto/base.h"

static const char *const roles[] = {
	[ROLE_OFFICE] = "office", [ROLE_ALTERNATE] = "alternate"
};

static const char shows[] =
    "\nThis shows that exactly this text, with exactly these attachments, "
    "was lodged\nby the time above, sealed so that the role above could open "
    "it, by whoever\nholds the codename that it was signed with.\n"
    "It does not show who that is, that what they say is true, or that "
    "anybody has\nread it.  Whoever has the file can read all of it: show it "
    "only to those who\nmay know the report itself.\n";

static void
hex_of(char out[static 2 * HASH_BYTES + 1], const unsigned char *p)
{
	hex_encode(out, p, HASH_BYTES);
	out[2 * HASH_BYTES] = '\0';
}

static void
day_of(char out[static 16], int32_t day)
{
	struct wr w = wr_from(out, 16);

	day_write(&w, day);
	if (!wr_cstr(&w))
		out[0] = '\0';
}

/* The latest entry: by then all of it was lodged. */
static uint64_t
lodged_by(const struct disclosed *d)
{
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < d->parts; i++)
		if (d->leaf[i].close > last)
			last = d->leaf[i].close;
	return last;
}

/* --- JSON -------------------------------------------------------------- */

static json_t *
parcels_json(const struct disclosed *d)
{
	json_t *all = json_array();
	char hex[2 * HASH_BYTES + 1];
	size_t i;

	for (i = 0; all != NULL && i < d->parts; i++) {
		hex_of(hex, d->leaf[i].digest);
		if (json_array_append_new(all, json_pack("{s:s, s:I, s:I}",
		    "parcel", hex, "index", (json_int_t)d->leaf[i].index,
		    "close", (json_int_t)d->leaf[i].close)) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

static int
print_json(const struct disclosed *d, const struct office *o)
{
	char hex[2 * HASH_BYTES + 1], from[16], to[16];

	hex_of(hex, d->sha256);
	day_of(from, d->from);
	day_of(to, d->to);
	return cmd_print_json(json_pack("{s:b, s:s, s:s, s:I, s:s, s:s, s:b, "
	    "s:i, s:s, s:I, s:i, s:i, s:I, s:s, s:o, s:O}", "holds", 1,
	    "office", o->name, "role", roles[d->role],
	    "keyset", (json_int_t)d->sequence, "key_from", from,
	    "key_to", to, "standing", d->standing,
	    "unknown_stanzas", (int)d->unknown, "origin", d->log.name,
	    "size", (json_int_t)d->size, "cosignatures", (int)d->cosigned,
	    "quorum", (int)d->quorum, "lodged_by", (json_int_t)lodged_by(d),
	    "message_sha256", hex, "parcels", parcels_json(d),
	    "message", d->message));
}

/* --- words ------------------------------------------------------------- */

static void
print_log(const struct disclosed *d)
{
	char when[48];
	uint64_t first = d->leaf[0].index, last = first;
	size_t i;

	for (i = 0; i < d->parts; i++) {
		first = d->leaf[i].index < first ? d->leaf[i].index : first;
		last = d->leaf[i].index > last ? d->leaf[i].index : last;
	}
	cmd_time(when, lodged_by(d));
	printf("  lodged by      the epoch that closed %s\n", when);
	printf("  log            %s, ", d->log.name);
	if (d->parts == 1)
		printf("entry %llu of %llu\n", (unsigned long long)first,
		    (unsigned long long)d->size);
	else
		printf("%zu entries from %llu to %llu of %llu\n", d->parts,
		    (unsigned long long)first, (unsigned long long)last,
		    (unsigned long long)d->size);
	printf("  cosignatures   %u, needed %u\n", d->cosigned, d->quorum);
	if (d->quorum == 0)
		puts("  no witness     vouches for the time: it rests on the "
		    "log's key alone");
	if (d->has_time) {
		cmd_time(when, d->time);
		printf("  witnesses      had seen it by %s\n", when);
	}
}

static void
print_sealed(const struct disclosed *d, const struct office *o)
{
	char from[16], to[16];

	day_of(from, d->from);
	day_of(to, d->to);
	printf("  could open it  role %s of %s, with its %s key of %s to %s "
	    "(keyset %llu)\n", roles[d->role], o->name, d->standing ?
	    "standing" : "weekly", from, to, (unsigned long long)d->sequence);
	if (d->unknown > 0)
		printf("  beside it      %u stanzas for keys that are not in "
		    "the keyset\n", d->unknown);
}

/* Text of others, behind a margin, so that no line of it passes for ours. */
static void
print_text(const char *text, unsigned col, unsigned indent)
{
	if (text != NULL)
		wrap_text(stdout, rd_str(text), col, indent,
		    wrap_columns(stdout));
	putchar('\n');
}

static void print_fields(json_t *o, unsigned indent, bool top);

static void
print_value(const char *key, json_t *v, unsigned indent)
{
	unsigned col = indent + (unsigned)strlen(key) + 2;
	size_t i;

	if (json_is_array(v)) {
		for (i = 0; i < json_array_size(v); i++)
			print_value(key, json_array_get(v, i), indent);
		return;
	}
	printf("%*s", (int)indent, "");
	say_clean(stdout, rd_str(key), false);
	if (json_is_object(v)) {
		puts(":");
		print_fields(v, indent + 2, false);
		return;
	}
	fputs(": ", stdout);
	if (json_is_string(v))
		print_text(json_string_value(v), col, indent + 2);
	else if (json_is_integer(v))
		printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
	else if (json_is_real(v))
		printf("%.17g\n", json_real_value(v));
	else
		puts(json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "-");
}

/* All that was said; what only the programs need is left out. */
static void
print_fields(json_t *o, unsigned indent, bool top)
{
	static const char *const passed[] = { "mailbox", "author",
	    "attachments", "text" };
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach(o, key, v) {
		for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
			if (top && strcmp(key, passed[i]) == 0)
				break;
		if (!top || i == sizeof(passed) / sizeof(passed[0]))
			print_value(key, v, indent);
	}
}

static void
print_message(json_t *m)
{
	char hex[2 * HASH_BYTES + 1];
	struct msgjson_attachment a;
	size_t i;

	puts("\nThe message:");
	print_fields(m, 2, true);
	for (i = 0; i < msgjson_attachments(m); i++) {
		msgjson_attachment(m, i, &a);
		hex_of(hex, a.sha256);
		fputs("  attached: ", stdout);
		say_clean(stdout, rd_str(a.name), false);
		printf(", %llu bytes, SHA-256 %s\n",
		    (unsigned long long)a.bytes, hex);
	}
	fputs("  text:\n    ", stdout);
	print_text(json_string_value(json_object_get(m, "text")), 4, 4);
	putchar('\n');
}

/*
 * Output goes through a buffer of ours, so that what was reported does not
 * stay in one of the library's.
 */
static int
print_words(const struct disclosed *d, const struct office *o)
{
	static char screen[4096];
	char hex[2 * HASH_BYTES + 1];
	bool ok;

	(void)setvbuf(stdout, screen, _IOFBF, sizeof(screen));
	puts("the proof holds");
	print_log(d);
	print_sealed(d, o);
	hex_of(hex, d->sha256);
	printf("  message        SHA-256 %s\n", hex);
	print_message(d->message);
	fputs(shows, stdout);
	ok = fflush(stdout) == 0 && ferror(stdout) == 0;
	sodium_memzero(screen, sizeof(screen));
	if (!ok)
		return fail(EXIT_CANTCREATE, "the result could not be "
		    "written");
	return EXIT_DONE;
}

/* --- a log beside it ------------------------------------------------------ */

static uint64_t
clock_now(void)
{
	return (uint64_t)time(NULL);
}

/* The proof's checkpoint as what was seen at a last visit. */
static int
seen(struct signed_tree *t, const struct disclosed *d)
{
	unsigned char *p = malloc(d->nnote);
	int r;

	if (p == NULL)
		return fail(EXIT_SYSTEM, "%s", err_str(ERR_NOMEM));
	memcpy(p, d->note, d->nnote);
	if ((r = signed_tree_open(t, p, d->nnote, &d->log)) == 0)
		return EXIT_DONE;
	file_free(p, d->nnote);
	return fail(EXIT_CLAIM, "%s", err_str(r));
}

/* The whole log that is shown there holds, and goes on from the proof's. */
static int
goes_on(const struct opts *o, const struct disclosed *d)
{
	static struct cmd c;
	struct verify_last last = { .tree = { .n = 0 } };
	struct verify v = { .keys = &c.keys, .last = &last,
	    .clock = clock_now, .delay = SAID_DELAY_SECS };
	struct verify_result res;
	int code;

	if ((code = cmd_open(&c, o, o->argv[0])) == EXIT_DONE &&
	    (code = seen(&last.tree, d)) == EXIT_DONE) {
		/* Trees of another key cannot go on from this one. */
		c.keys.log = d->log;
		c.keys.has_log = true;
		v.src = c.src;
		v.evidence = opts_get(o, "evidence");
		code = verify_run(&v, &res);
	}
	verify_forget(&last);
	cmd_close(&c);
	return code;
}

/* see cmd.h */
int
cmd_proof(const struct opts *o)
{
	static struct keys k;
	struct disclosed_how how = { .office = &k.office };
	struct disclosed d;
	int code;

	if (o->argc != 1 && o->argc != 2)
		return opts_wrong(o, "proof needs one FILE, after a URL or "
		    "MIRROR if its log is to be compared");
	if (opts_get(o, "office") == NULL)
		return opts_wrong(o, "proof needs the office's keys (-k)");
	if ((code = audit_keys_load(&k, o)) != EXIT_DONE)
		return code;
	how.log = k.has_log ? &k.log : NULL;
	how.witness = k.witness;
	how.nwitnesses = k.nwitnesses;
	how.quorum = k.quorum;
	code = disclosed_open(&d, o->argv[o->argc - 1], &how);
	if (code == EXIT_DONE && o->argc == 2)
		code = goes_on(o, &d);
	if (code == EXIT_DONE)
		code = opts_on(o, "json") ? print_json(&d, &k.office) :
		    print_words(&d, &k.office);
	disclosed_close(&d);
	return code;
}
