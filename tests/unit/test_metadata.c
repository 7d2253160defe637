/* SPDX-License-Identifier: ISC */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "client/report/metadata.h"
#include "crypto/wr.h"

static unsigned char buf[METADATA_HEAD_BYTES];

#define LIT(s)	rd_from(s, sizeof(s) - 1)

static void
is(struct rd head, const char *type, bool risky)
{
	const char *risk = metadata_risk(head);

	cr_assert_str_eq(metadata_type(head), type);
	cr_assert_eq(risk != NULL, risky, "%s: %s", type,
	    risk == NULL ? "no warning" : risk);
}

Test(metadata, every_kind_is_known_by_its_first_bytes)
{
	is(LIT("%PDF-1.7\n..."), "application/pdf", true);
	is(LIT("\n\n junk %PDF-1.7"), "application/pdf", true);
	is(LIT("II*\0\10\0\0\0"), "image/tiff", true);
	is(LIT("MM\0*\0\0\0\10"), "image/tiff", true);
	is(LIT("\0\0\0\x18" "ftypheic\0\0\0\0"), "image/heic", true);
	is(LIT("\0\0\0\x18" "ftypmif1\0\0\0\0"), "image/heic", true);
	is(LIT("\0\0\0\x18" "ftypavif\0\0\0\0"), "image/avif", true);
	is(LIT("\0\0\0\x18" "ftypisom\0\0\0\0"), "video/mp4", true);
	is(LIT("\0\0\0\x14" "ftypqt  \0\0\0\0"), "video/quicktime", true);
	is(LIT("\0\0\0\x14" "ftypM4A \0\0\0\0"), "audio/mp4", true);
	is(LIT("\0\0\0\x14" "moov\0\0\0\0"), "video/quicktime", true);
	is(LIT("ID3\4\0\0\0\0\0\0"), "audio/mpeg", true);
	is(LIT("\xff\xfb\x90\x64\0\0"), "audio/mpeg", true);
	is(LIT("fLaC\0\0\0\x22"), "audio/flac", true);
	is(LIT("OggS\0\2"), "audio/ogg", true);
	is(LIT("RIFF\4\0\0\0WAVEfmt "), "audio/wav", true);
	is(LIT("RIFF\4\0\0\0AVI LIST"), "video/x-msvideo", true);
	is(LIT("\x1a\x45\xdf\xa3\1"), "video/x-matroska", true);
	is(LIT("{\\rtf1\\ansi"), "application/rtf", true);
	is(LIT("%!PS-Adobe-3.0"), "application/postscript", true);
	is(LIT("\x1f\x8b\x08\0"), "application/gzip", true);
	is(LIT("7z\xbc\xaf\x27\x1c"), "application/x-7z-compressed", true);
	is(LIT("Rar!\x1a\7\1\0"), "application/vnd.rar", true);
	is(LIT("SQLite format 3\0..."), "application/vnd.sqlite3", true);
	is(LIT("BM\x46\0\0\0\0\0\0\0\x36\0"), "image/bmp", false);
	is(LIT("8BPS\0\1"), "image/vnd.adobe.photoshop", true);
}

Test(metadata, office_files_are_told_apart_from_other_archives)
{
	is(LIT("PK\3\4..........................[Content_Types].xml..word/x"),
	    "application/vnd.openxmlformats-officedocument."
	    "wordprocessingml.document", true);
	is(LIT("PK\3\4..........................[Content_Types].xml....xl/x"),
	    "application/vnd.openxmlformats-officedocument."
	    "spreadsheetml.sheet", true);
	is(LIT("PK\3\4..........................[Content_Types].xml...ppt/x"),
	    "application/vnd.openxmlformats-officedocument."
	    "presentationml.presentation", true);
	is(LIT("PK\3\4..........................mimetype"
	    "application/vnd.oasis.opendocument.textPK"),
	    "application/vnd.oasis.opendocument.text", true);
	is(LIT("PK\3\4..........................mimetype"
	    "application/vnd.oasis.opendocument.spreadsheetPK"),
	    "application/vnd.oasis.opendocument.spreadsheet", true);
	is(LIT("PK\3\4..........................mimetype"
	    "application/epub+zipPK"), "application/epub+zip", true);
	is(LIT("PK\3\4..........................holiday.jpg"),
	    "application/zip", true);
	is(LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...W\0o\0r\0d\0D\0o\0c\0u\0"
	    "m\0e\0n\0t\0"), "application/msword", true);
	is(LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...W\0o\0r\0k\0b\0o\0o\0k\0"),
	    "application/vnd.ms-excel", true);
	is(LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..."),
	    "application/x-ole-storage", true);
}

Test(metadata, text_is_plain_unless_it_is_something)
{
	is(LIT("Just words.\nTwo lines\xc3\xa9.\r\n\tand a tab"), "text/plain",
	    false);
	is(LIT("\xef\xbb\xbf" "A byte order mark"), "text/plain", false);
	is(LIT("seen\xe2\x80\x8bunseen"), "text/plain", true);
	is(LIT("late mark \xef\xbb\xbf"), "text/plain", true);
	is(LIT("  <!DOCTYPE HTML><p>"), "text/html", true);
	is(LIT("<html lang=en>"), "text/html", true);
	is(LIT("<?xml version='1.0'?><html>"), "text/html", true);
	is(LIT("<?xml version='1.0'?>\n<svg>"), "image/svg+xml", true);
	is(LIT("<svg xmlns="), "image/svg+xml", true);
	is(LIT("<?xml version='1.0'?><a/>"), "text/xml", true);
	is(LIT("Return-Path: <a@b.example>\n"), "message/rfc822", true);
	is(LIT("Subject: x\nMIME-Version: 1.0\n"), "message/rfc822", true);
	is(LIT("Subject: a memo\nwith two lines\n"), "text/plain", false);
	is(LIT("a\0b"), "application/octet-stream", true);
	is(LIT("\xff\xfe" "a\0"), "application/octet-stream", true);
	is(LIT("bell\a"), "application/octet-stream", true);
	is(LIT("caf\xe9 in Latin-1"), "application/octet-stream", true);
	is(LIT(""), "application/octet-stream", false);
}

Test(metadata, a_long_text_may_be_cut_within_a_character)
{
	memset(buf, 'a', sizeof(buf));
	buf[sizeof(buf) - 1] = 0xe2;
	is(rd_from(buf, sizeof(buf)), "text/plain", false);
	is(rd_from(buf + 1, sizeof(buf) - 1), "application/octet-stream",
	    true);
}

static struct rd
png(const char *name, const void *data, size_t n, bool after, size_t trail)
{
	struct wr w = wr_from(buf, sizeof(buf));

	wr_bytes(&w, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
	wr_zeros(&w, 13 + 4);
	if (after)
		wr_bytes(&w, "\0\0\0\4IDATxxxxCRC.", 16);
	if (name != NULL) {
		wr_u32(&w, (uint32_t)n);
		wr_str(&w, name);
		wr_bytes(&w, data, n);
		wr_u32(&w, 0);
	}
	if (!after)
		wr_bytes(&w, "\0\0\0\4IDATxxxxCRC.", 16);
	wr_bytes(&w, "\0\0\0\0IENDCRC.", 12);
	wr_zeros(&w, trail);
	cr_assert(wr_ok(&w));
	return wr_rd(&w);
}

Test(metadata, a_png_is_walked_to_its_end)
{
	is(png(NULL, NULL, 0, false, 0), "image/png", false);
	is(png("gAMA", "\0\0\xb1\x8f", 4, false, 0), "image/png", false);
	is(png("tEXt", "Author\0me", 9, false, 0), "image/png", true);
	is(png("tEXt", "Author\0me", 9, true, 0), "image/png", true);
	is(png("iTXt", "x", 1, true, 0), "image/png", true);
	is(png("zTXt", "x", 1, true, 0), "image/png", true);
	is(png("eXIf", "MM", 2, true, 0), "image/png", true);
	is(png("tIME", "1234567", 7, true, 0), "image/png", true);
	is(png("caBX", "1", 1, true, 0), "image/png", true);
	is(png(NULL, NULL, 0, false, 1), "image/png", true);
	cr_assert(metadata_found(png("eXIf", "MM", 2, true, 0)));
	cr_assert_not(metadata_found(png(NULL, NULL, 0, false, 0)));
}

Test(metadata, what_is_cut_is_warned_about_but_not_said_to_be_found)
{
	struct rd whole = png(NULL, NULL, 0, false, 0);
	size_t n;

	for (n = 8; n < whole.n; n++) {
		struct rd cut = rd_from(whole.p, n);

		/* the checksum of IEND is not asked for */
		cr_assert(metadata_risk(cut) != NULL || n >= whole.n - 4);
		cr_assert_not(metadata_found(cut), "%zu", n);
	}
}

Test(metadata, a_jpeg_is_walked_to_its_scan)
{
	static const char plain[] = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1"
	    "\0\1\0\0\xff\xdb\0\4xx\xff\xda";

	is(LIT(plain), "image/jpeg", false);
	is(LIT("\xff\xd8\xff\xe1\0\x0a" "Exif\0\0MM\xff\xda"), "image/jpeg",
	    true);
	is(LIT("\xff\xd8\xff\xe1\x7f\xff" "http://ns.adobe.com/xap/1.0/"),
	    "image/jpeg", true);
	is(LIT("\xff\xd8\xff\xfe\0\5hey\xff\xda"), "image/jpeg", true);
	is(LIT("\xff\xd8\xff\xed\0\5hey\xff\xda"), "image/jpeg", true);
	is(LIT("\xff\xd8\xff\xe2\0\5MPF\xff\xda"), "image/jpeg", true);
	is(LIT("\xff\xd8\xff\xe2\0\x0fICC_PROFILE\0\1\xff\xda"), "image/jpeg",
	    false);
	is(LIT("\xff\xd8\xff\xdb\0\1"), "image/jpeg", true);
	cr_assert(metadata_found(LIT("\xff\xd8\xff\xe1\x7f\xff" "Exif")));
	cr_assert_not(metadata_found(LIT(plain)));
	cr_assert_not(metadata_found(LIT("\xff\xd8\xff\xdb\0\1")));
}

Test(metadata, a_gif_is_walked_to_its_trailer)
{
	is(LIT("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1xx\0;"),
	    "image/gif", true);	/* broken: blocks do not add up */
	is(LIT("GIF89a\1\0\1\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\1x\0;"),
	    "image/gif", false);
	is(LIT("GIF89a\1\0\1\0\x80\0\0abcdef,\0\0\0\0\1\0\1\0\0\2\1x\0;"),
	    "image/gif", false);
	is(LIT("GIF89a\1\0\1\0\0\0\0!\xfe\2hi\0;"), "image/gif", true);
	is(LIT("GIF89a\1\0\1\0\0\0\0!\xff\x0bXMP DataXMP\0;"), "image/gif",
	    true);
	is(LIT("GIF89a\1\0\1\0\0\0\0!\xff\x0bNETSCAPE2.0\3\1\0\0\0;"),
	    "image/gif", false);
	is(LIT("GIF89a\1\0\1\0\0\0\0;x"), "image/gif", true);
	is(LIT("GIF87a"), "image/gif", true);
}

Test(metadata, a_webp_says_what_it_holds)
{
	is(LIT("RIFF\4\0\0\0WEBPVP8 xxxx"), "image/webp", false);
	is(LIT("RIFF\4\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"), "image/webp", false);
	is(LIT("RIFF\4\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0"), "image/webp",
	    true);
	is(LIT("RIFF\4\0\0\0WEBPVP8X\x0a\0\0\0\x04\0\0\0"), "image/webp",
	    true);
	is(LIT("RIFF\4\0\0\0WEBPVP8X"), "image/webp", true);
}
