/* SPDX-License-Identifier: ISC */
/*
 * metadata.c - what a file is, by its first bytes, and what it may tell.
 *
 * One table, the first rule that fits decides.  A name's ending is never
 * asked.  What is not known is warned about: nobody can say what is in it.
 */
#include <string.h>
#include <strings.h>

#include "client/report/metadata.h"
#include "client/report/metadata_int.h"

#define SPACE_MAX	1024	/* white space or noise before a mark-up */

typedef bool match_fn(struct rd head);
typedef enum walk walk_fn(struct rd head);

struct rule {
	const char *type;
	const char *risk;	/* NULL: nothing is known to be in it */
	const char *magic;	/* n bytes at this offset, or match */
	size_t n, at;
	match_fn *match;
	walk_fn *walk;		/* NULL: every such file may */
};

static const char risk_picture[] = "the place and time where the picture was "
    "taken, the camera or phone and its number, a small copy of the picture "
    "before it was cut, the name of the program or person that changed it";
static const char risk_notes[] = "notes, dates and the names of programs or "
    "people beside the picture";
static const char risk_pdf[] = "the author's name, the program and machine "
    "that made it, dates, earlier versions, comments, and marks that tell "
    "your copy from others'";
static const char risk_office[] = "the names of author and organisation, of "
    "everyone who changed it, dates, comments, tracked changes, earlier "
    "versions, the printer and the folder where it lay";
static const char risk_media[] = "the place and time of the recording, the "
    "device and its number, the names of programs and people, a cover "
    "picture; and voices and faces can be recognised";
static const char risk_mail[] = "the addresses of sender and receiver, the "
    "machines on the way, times, and marks that tell your copy from others'";
static const char risk_markup[] = "the names of authors and programs, hidden "
    "comments, and addresses that are asked for something when it is shown";
static const char risk_archive[] = "the names, dates and owners of the files "
    "inside, and whatever these files carry themselves";
static const char risk_text[] = "characters that nobody sees, by which one "
    "copy can be told from another";
static const char risk_data[] = "everything that the program that made it "
    "keeps: users, dates, deleted entries";
static const char risk_unknown[] = "more than can be said: this program does "
    "not know this kind of file";

/* --- who fits ------------------------------------------------------------- */

/* The brand of an ISO media file is one of these, four letters each. */
static bool
brand_in(struct rd head, const char *brands)
{
	struct rd b;

	return metadata_at(head, 4, "ftyp", 4) && rd_skip(&head, 8) &&
	    rd_take(&head, &b, 4) &&
	    memmem(brands, strlen(brands), b.p, 4) != NULL;
}

static bool
is_heic(struct rd head)
{
	return brand_in(head, "heic heix heim heis hevc hevx mif1 msf1");
}

static bool
is_avif(struct rd head)
{
	return brand_in(head, "avif avis");
}

static bool
is_quicktime(struct rd head)
{
	return brand_in(head, "qt  ") || metadata_at(head, 4, "moov", 4) ||
	    metadata_at(head, 4, "wide", 4) || metadata_at(head, 4, "mdat", 4);
}

static bool
is_m4a(struct rd head)
{
	return brand_in(head, "M4A  M4B  M4P ");
}

static bool
is_iso_media(struct rd head)
{
	return metadata_at(head, 4, "ftyp", 4);
}

static bool
riff_is(struct rd head, const char *form)
{
	return metadata_at(head, 0, "RIFF", 4) &&
	    metadata_at(head, 8, form, 4);
}

static bool
is_webp(struct rd head)
{
	return riff_is(head, "WEBP");
}

static bool
is_wav(struct rd head)
{
	return riff_is(head, "WAVE");
}

static bool
is_avi(struct rd head)
{
	return riff_is(head, "AVI ");
}

/* Two letters are too few to go by: the zeros behind the size, too. */
static bool
is_bmp(struct rd head)
{
	return metadata_at(head, 0, "BM", 2) &&
	    metadata_at(head, 6, "\0\0\0\0", 4);
}

static bool
is_pdf(struct rd head)
{
	struct rd front;

	/* Readers take noise before it, so must we. */
	if (!rd_take(&head, &front, head.n < SPACE_MAX ? head.n : SPACE_MAX))
		return false;
	return metadata_has(front, "%PDF-", 5);
}

/* MPEG audio, layer 3: eleven bits of synchronisation and sane fields. */
static bool
is_mp3_frame(struct rd head)
{
	uint8_t a, b, c;

	return rd_u8(&head, &a) && rd_u8(&head, &b) && rd_u8(&head, &c) &&
	    a == 0xff && (b & 0xe6) == 0xe2 && (b & 0x18) != 0x08 &&
	    (c & 0xf0) != 0xf0 && (c & 0x0c) != 0x0c;
}

/* A name that starts an entry of a zip, wherever it stands in the head. */
static bool
zip_has(struct rd head, const char *name)
{
	return metadata_at(head, 0, "PK\3\4", 4) &&
	    metadata_has(head, name, strlen(name));
}

static bool
is_docx(struct rd head)
{
	return zip_has(head, "[Content_Types].xml") &&
	    zip_has(head, "word/");
}

static bool
is_xlsx(struct rd head)
{
	return zip_has(head, "[Content_Types].xml") && zip_has(head, "xl/");
}

static bool
is_pptx(struct rd head)
{
	return zip_has(head, "[Content_Types].xml") && zip_has(head, "ppt/");
}

/* The first entry is "mimetype", stored, and says this. */
static bool
zip_says(struct rd head, const char *type)
{
	return metadata_at(head, 0, "PK\3\4", 4) &&
	    metadata_at(head, 30, "mimetype", 8) &&
	    metadata_at(head, 38, type, strlen(type));
}

static bool
is_odt(struct rd head)
{
	return zip_says(head, "application/vnd.oasis.opendocument.text");
}

static bool
is_ods(struct rd head)
{
	return zip_says(head, "application/vnd.oasis.opendocument.spreadsheet");
}

static bool
is_odp(struct rd head)
{
	return zip_says(head,
	    "application/vnd.oasis.opendocument.presentation");
}

static bool
is_odg(struct rd head)
{
	return zip_says(head, "application/vnd.oasis.opendocument.graphics");
}

static bool
is_epub(struct rd head)
{
	return zip_says(head, "application/epub+zip");
}

/* A stream of an old Office file, by its name in UTF-16. */
static bool
ole_has(struct rd head, const char *name)
{
	char wide[64];
	size_t i, n = strlen(name);

	for (i = 0; i < n && 2 * i + 1 < sizeof(wide); i++) {
		wide[2 * i] = name[i];
		wide[2 * i + 1] = '\0';
	}
	return metadata_at(head, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) &&
	    metadata_has(head, wide, 2 * i);
}

static bool
is_doc(struct rd head)
{
	return ole_has(head, "WordDocument");
}

static bool
is_xls(struct rd head)
{
	return ole_has(head, "Workbook");
}

static bool
is_ppt(struct rd head)
{
	return ole_has(head, "PowerPoint Document");
}

static bool
is_outlook(struct rd head)
{
	return ole_has(head, "__nameid_version1.0");
}

/* Text that begins, after white space, with one of these; case is nothing. */
static bool
begins(struct rd head, const char *const *words)
{
	size_t i, n;
	uint8_t c;
	struct rd at = head;

	if (metadata_at(at, 0, "\xef\xbb\xbf", 3) && !rd_skip(&at, 3))
		return false;
	for (head = at; rd_u8(&at, &c) && (c == ' ' || (c >= 9 && c <= 13));)
		head = at;
	for (i = 0; words[i] != NULL; i++) {
		n = strlen(words[i]);
		if (head.n >= n && strncasecmp((const char *)head.p, words[i],
		    n) == 0)
			return true;
	}
	return false;
}

static bool
is_svg(struct rd head)
{
	static const char *const direct[] = { "<svg", NULL };
	static const char *const xml[] = { "<?xml", "<!--", "<!doctype svg",
	    NULL };

	return begins(head, direct) || (begins(head, xml) &&
	    metadata_has(head, "<svg", 4));
}

static bool
is_html(struct rd head)
{
	static const char *const words[] = { "<!doctype html", "<html",
	    "<head", "<body", NULL };
	static const char *const late[] = { "<!--", "<?xml", NULL };

	return begins(head, words) || (begins(head, late) &&
	    (metadata_has(head, "<html", 5) || metadata_has(head, "<HTML", 5)));
}

static bool
is_xml(struct rd head)
{
	static const char *const words[] = { "<?xml", NULL };

	return begins(head, words);
}

static bool
is_mail(struct rd head)
{
	static const char *const words[] = { "From ", "Return-Path:",
	    "Received:", "Delivered-To:", "X-Received:", "MIME-Version:",
	    "Message-ID:", "Authentication-Results:", "ARC-Seal:",
	    "DKIM-Signature:", "X-Mozilla-Status:", "X-MS-Exchange-", NULL };
	static const char *const loose[] = { "From:", "To:", "Date:",
	    "Subject:", NULL };

	return begins(head, words) || (begins(head, loose) &&
	    (metadata_has(head, "\nMessage-ID:", 12) ||
	    metadata_has(head, "\nMessage-Id:", 12) ||
	    metadata_has(head, "\nMIME-Version:", 14)));
}

/* --- the table ------------------------------------------------------------ */

#define MAGIC(s, at)	s, sizeof(s) - 1, at, NULL
#define MATCH(f)	NULL, 0, 0, f
#define OOXML		"application/vnd.openxmlformats-officedocument."
#define ODF		"application/vnd.oasis.opendocument."

static const struct rule rules[] = {
	/* pictures */
	{ "image/jpeg", risk_picture, MAGIC("\xff\xd8\xff", 0),
	    metadata_walk_jpeg },
	{ "image/png", risk_notes, MAGIC("\x89PNG\r\n\x1a\n", 0),
	    metadata_walk_png },
	{ "image/gif", risk_notes, MAGIC("GIF87a", 0), metadata_walk_gif },
	{ "image/gif", risk_notes, MAGIC("GIF89a", 0), metadata_walk_gif },
	{ "image/webp", risk_picture, MATCH(is_webp), metadata_walk_webp },
	{ "image/tiff", risk_picture, MAGIC("II*\0", 0), NULL },
	{ "image/tiff", risk_picture, MAGIC("MM\0*", 0), NULL },
	{ "image/tiff", risk_picture, MAGIC("II+\0", 0), NULL },
	{ "image/tiff", risk_picture, MAGIC("MM\0+", 0), NULL },
	{ "image/heic", risk_picture, MATCH(is_heic), NULL },
	{ "image/avif", risk_picture, MATCH(is_avif), NULL },
	{ "image/jp2", risk_picture, MAGIC("\0\0\0\x0cjP  \r\n\x87\n", 0),
	    NULL },
	{ "image/jxl", risk_picture, MAGIC("\0\0\0\x0cJXL \r\n\x87\n", 0),
	    NULL },
	{ "image/vnd.adobe.photoshop", risk_picture, MAGIC("8BPS", 0), NULL },
	{ "image/bmp", NULL, MATCH(is_bmp), NULL },
	/* sound and film */
	{ "video/quicktime", risk_media, MATCH(is_quicktime), NULL },
	{ "audio/mp4", risk_media, MATCH(is_m4a), NULL },
	{ "video/mp4", risk_media, MATCH(is_iso_media), NULL },
	{ "video/x-matroska", risk_media, MAGIC("\x1a\x45\xdf\xa3", 0), NULL },
	{ "video/x-msvideo", risk_media, MATCH(is_avi), NULL },
	{ "video/x-ms-asf", risk_media, MAGIC("\x30\x26\xb2\x75\x8e\x66\xcf"
	    "\x11", 0), NULL },
	{ "audio/wav", risk_media, MATCH(is_wav), NULL },
	{ "audio/mpeg", risk_media, MAGIC("ID3", 0), NULL },
	{ "audio/flac", risk_media, MAGIC("fLaC", 0), NULL },
	{ "audio/ogg", risk_media, MAGIC("OggS", 0), NULL },
	{ "audio/amr", risk_media, MAGIC("#!AMR", 0), NULL },
	{ "audio/mpeg", risk_media, MATCH(is_mp3_frame), NULL },
	/* documents */
	{ "application/pdf", risk_pdf, MATCH(is_pdf), NULL },
	{ "application/postscript", risk_pdf, MAGIC("%!PS", 0), NULL },
	{ "application/rtf", risk_office, MAGIC("{\\rtf", 0), NULL },
	{ ODF "text", risk_office, MATCH(is_odt), NULL },
	{ ODF "spreadsheet", risk_office, MATCH(is_ods), NULL },
	{ ODF "presentation", risk_office, MATCH(is_odp), NULL },
	{ ODF "graphics", risk_office, MATCH(is_odg), NULL },
	{ "application/epub+zip", risk_office, MATCH(is_epub), NULL },
	{ OOXML "wordprocessingml.document", risk_office, MATCH(is_docx),
	    NULL },
	{ OOXML "spreadsheetml.sheet", risk_office, MATCH(is_xlsx), NULL },
	{ OOXML "presentationml.presentation", risk_office, MATCH(is_pptx),
	    NULL },
	{ "application/vnd.ms-outlook", risk_mail, MATCH(is_outlook), NULL },
	{ "application/msword", risk_office, MATCH(is_doc), NULL },
	{ "application/vnd.ms-excel", risk_office, MATCH(is_xls), NULL },
	{ "application/vnd.ms-powerpoint", risk_office, MATCH(is_ppt), NULL },
	{ "application/x-ole-storage", risk_office,
	    MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0), NULL },
	/* archives and data */
	{ "application/zip", risk_archive, MAGIC("PK\3\4", 0), NULL },
	{ "application/zip", risk_archive, MAGIC("PK\5\6", 0), NULL },
	{ "application/x-7z-compressed", risk_archive,
	    MAGIC("7z\xbc\xaf\x27\x1c", 0), NULL },
	{ "application/vnd.rar", risk_archive, MAGIC("Rar!\x1a\7", 0), NULL },
	{ "application/gzip", risk_archive, MAGIC("\x1f\x8b\x08", 0), NULL },
	{ "application/x-xz", risk_archive, MAGIC("\xfd" "7zXZ\0", 0), NULL },
	{ "application/x-bzip2", risk_archive, MAGIC("BZh", 0), NULL },
	{ "application/x-tar", risk_archive, MAGIC("ustar", 257), NULL },
	{ "application/vnd.sqlite3", risk_data, MAGIC("SQLite format 3\0", 0),
	    NULL },
	/* text */
	{ "image/svg+xml", risk_markup, MATCH(is_svg), NULL },
	{ "text/html", risk_markup, MATCH(is_html), NULL },
	{ "text/xml", risk_markup, MATCH(is_xml), NULL },
	{ "message/rfc822", risk_mail, MATCH(is_mail), NULL },
	{ "text/plain", risk_text, MATCH(metadata_is_text),
	    metadata_walk_text },
};

static bool
fits(const struct rule *r, struct rd head)
{
	return r->match != NULL ? r->match(head) :
	    metadata_at(head, r->at, r->magic, r->n);
}

static const struct rule *
find(struct rd head)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (fits(&rules[i], head))
			return &rules[i];
	return NULL;
}

/* see metadata.h */
const char *
metadata_type(struct rd head)
{
	const struct rule *r = find(head);

	return r != NULL ? r->type : "application/octet-stream";
}

/* see metadata.h */
const char *
metadata_risk(struct rd head)
{
	const struct rule *r;

	if (rd_done(&head))
		return NULL;		/* an empty file tells nothing */
	if ((r = find(head)) == NULL)
		return risk_unknown;
	return r->walk == NULL || r->walk(head) != WALK_CLEAN ? r->risk :
	    NULL;
}

/* see metadata.h */
bool
metadata_found(struct rd head)
{
	const struct rule *r = find(head);

	return r != NULL && r->walk != NULL && r->walk(head) == WALK_FOUND;
}
