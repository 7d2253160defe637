/* SPDX-License-Identifier: ISC */
/*
 * tell.c - what the reporter is told.
 *
 * The codename is printed once and nowhere kept; the buffers it passed
 * through are wiped.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "client/common/say.h"
#include "client/report/metadata_file.h"
#include "client/report/tell.h"
#include "crypto/base.h"
#include "crypto/codename.h"

#define ROWS	3
#define COLS	(CODENAME_WORDS / ROWS)

/* see tell.h */
void
tell_metadata(const struct attach_list *l)
{
	const char *risk;
	size_t i;

	for (i = 0; i < l->n; i++) {
		risk = metadata_file_risk(l->item[i].fd);
		if (risk != NULL)
			warn("%s may carry %s; --strip sends a copy without "
			    "it", l->item[i].path, risk);
	}
}

/* see tell.h */
bool
tell_ask(const char *question)
{
	FILE *tty = fopen("/dev/tty", "r+");
	char line[16] = "";
	bool yes;

	if (tty == NULL)
		return false;
	fprintf(tty, "%s [y/N] ", question);
	fflush(tty);
	if (fgets(line, sizeof(line), tty) == NULL)
		line[0] = '\0';
	yes = line[0] == 'y' || line[0] == 'Y';
	fclose(tty);
	return yes;
}

/* Three rows of four words in a frame, wide enough to copy by hand. */
static void
print_framed(FILE *f, char *words)
{
	static const char edge[] =
	    "    +--------------------------------------------------+";
	char *word = words, *end;
	unsigned i;

	fprintf(f, "\n%s\n", edge);
	for (i = 0; i < CODENAME_WORDS; i++) {
		if ((end = strchr(word, ' ')) != NULL)
			*end = '\0';
		fprintf(f, i % COLS == 0 ? "    |  %-12s" : "%-12s", word);
		if (i % COLS == COLS - 1)
			fputs("|\n", f);
		word = end == NULL ? word + strlen(word) : end + 1;
	}
	fprintf(f, "%s\n\n", edge);
}

/* words: NULL where the codename is known already */
static void
print_json(FILE *f, const char *words, const struct send_result *res)
{
	char hex[2 * HASH_BYTES + 1];
	size_t i;

	putc('{', f);
	if (words != NULL)
		fprintf(f, "\"codename\":\"%s\",", words);
	fputs("\"parcels\":[", f);
	for (i = 0; i < res->parts; i++) {
		hex_encode(hex, res->digest[i], HASH_BYTES);
		hex[2 * HASH_BYTES] = '\0';
		fprintf(f, "%s\"%s\"", i == 0 ? "" : ",", hex);
	}
	fprintf(f, "],\"epoch_close\":%llu}\n",
	    (unsigned long long)res->epoch_close);
}

static void
print_plain(FILE *f, char *words, const struct office *o)
{
	fprintf(f, "Your report is sealed and in the drop of %s.\n\n"
	    "This is your codename.  It is shown only now, and it is kept "
	    "nowhere:\n", o->name);
	print_framed(f, words);
	fputs("Write the twelve words on paper, in this order, and keep the "
	    "paper where only\nyou will find it; not on this device.  They, "
	    "and nothing else, open the\noffice's answers (ecrdrop check) and "
	    "let you add to your report (ecrdrop\nfollow-up).  Nobody can "
	    "give the words to you again, and whoever has them can\nanswer "
	    "in your name.\n\n"
	    "The office means to acknowledge every report within 7 days.  "
	    "Close this window\nnow, so that the words do not stay on the "
	    "screen.\n", f);
}

/*
 * Output goes through a buffer of ours, so that the codename does not stay
 * in one of the library's.  False: it did not get out.
 */
static bool
print_done(FILE *f, const unsigned char entropy[static CODENAME_BYTES],
    const struct send_result *res, const struct office *o, bool json)
{
	static char screen[4096];
	char words[CODENAME_CHARS];
	bool ok;

	(void)setvbuf(f, screen, _IOFBF, sizeof(screen));
	codename_write(words, entropy);
	if (json)
		print_json(f, words, res);
	else
		print_plain(f, words, o);
	ok = fflush(f) == 0 && ferror(f) == 0;
	sodium_memzero(screen, sizeof(screen));
	sodium_memzero(words, sizeof(words));
	return ok;
}

/* see tell.h */
int
tell_done(const unsigned char entropy[static CODENAME_BYTES],
    const struct send_result *res, const struct office *o, bool json)
{
	FILE *tty;
	bool ok;

	if (print_done(stdout, entropy, res, o, json))
		return 0;
	/* Delivered, and the words would be lost: the terminal, if any. */
	if ((tty = fopen("/dev/tty", "w")) != NULL) {
		ok = print_done(tty, entropy, res, o, false);
		fclose(tty);
		if (ok)
			return 0;
	}
	return fail(EXIT_CANTCREATE, "the report was delivered, but the "
	    "codename could not be written anywhere and is lost");
}

/* see tell.h */
int
tell_added(const struct send_result *res, const struct office *o, bool json)
{
	if (json)
		print_json(stdout, NULL, res);
	else
		printf("Your message is sealed and in the drop of %s; it "
		    "joins your earlier report.\nThe codename stays the "
		    "same.  Look for answers with ecrdrop check.\n", o->name);
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	return fail(EXIT_CANTCREATE, "the message was delivered, but this "
	    "could not be written to standard output");
}

/* see tell.h */
void
tell_unfinished(const struct send_result *res)
{
	if (res->parts == 1 && res->unsure) {
		warn("no receipt came; what went out may be there all the "
		    "same, and then the office can read it.  If you send it "
		    "again, say that it may come twice");
		return;
	}
	if (res->done == 0) {
		warn("nothing was delivered");
		return;
	}
	warn("%zu of %zu parts were delivered; the office cannot read a "
	    "report that is not whole, so please send it again from the "
	    "start", res->done, res->parts);
}
