/* SPDX-License-Identifier: ISC */
/*
 * metadata_walk.c - files that may be clean: does this one carry more than it
 * shows?
 *
 * Each walk steps over the parts of a format by their lengths and looks at
 * their names.  It says no only when it came to the point behind which
 * nothing of the kind can stand, or to the end of the file.
 */
#include <string.h>

#include "client/report/metadata.h"
#include "client/report/metadata_int.h"
#include "crypto/utf8.h"

/* see metadata_int.h */
bool
metadata_at(struct rd head, size_t at, const char *magic, size_t n)
{
	struct rd sub;

	return rd_skip(&head, at) && rd_take(&head, &sub, n) &&
	    memcmp(sub.p, magic, n) == 0;
}

/* see metadata_int.h */
bool
metadata_has(struct rd head, const char *magic, size_t n)
{
	return head.n >= n && memmem(head.p, head.n, magic, n) != NULL;
}

/*
 * Segments up to the first scan: application data but for JFIF's header and
 * colour, and comments.  What stands behind the picture is not looked at, but
 * for the mark of several pictures in one file, which is application data.
 */
enum walk
metadata_walk_jpeg(struct rd head)
{
	uint8_t ff, marker;
	uint16_t n;
	struct rd seg;

	if (!rd_skip(&head, 2))
		return WALK_CUT;
	for (;;) {
		if (!rd_u8(&head, &ff) || ff != 0xff || !rd_u8(&head, &marker))
			return WALK_CUT;
		if (marker == 0xda || marker == 0xd9)
			return WALK_CLEAN;
		if (marker == 0xfe)
			return WALK_FOUND;
		/* Long ones go on behind the head: the name is enough. */
		if (!rd_u16(&head, &n) || n < 2)
			return WALK_CUT;
		seg = head;
		if (!rd_skip(&head, n - 2u))
			head = rd_from(head.p, 0);
		if (marker < 0xe0 || marker > 0xef)
			continue;
		if (!(marker == 0xe0 && metadata_at(seg, 0, "JFIF", 5)) &&
		    !(marker == 0xe2 && metadata_at(seg, 0, "ICC_PROFILE",
		    12)) && !(marker == 0xee && metadata_at(seg, 0, "Adobe",
		    5)))
			return WALK_FOUND;
	}
}

/* see metadata_int.h */
bool
metadata_png_plain(struct rd name)
{
	static const char plain[] = "IHDR PLTE IDAT tRNS gAMA cHRM sRGB iCCP "
	    "sBIT bKGD hIST pHYs sPLT cICP mDCV cLLI acTL fcTL fdAT";

	/* A blank within a name would match across two of these. */
	return memchr(name.p, ' ', name.n) == NULL &&
	    memmem(plain, sizeof(plain) - 1, name.p, name.n) != NULL;
}

/* Chunks up to IEND: texts, times, Exif, unknown names, bytes after it. */
enum walk
metadata_walk_png(struct rd head)
{
	uint32_t n;
	struct rd name;

	if (!rd_skip(&head, 8))
		return WALK_CUT;
	while (rd_u32(&head, &n) && rd_take(&head, &name, 4)) {
		if (rd_eq_str(name, "IEND"))
			return head.n > 4 ? WALK_FOUND : WALK_CLEAN;
		if (!metadata_png_plain(name))
			return WALK_FOUND;
		if (!rd_skip(&head, n) || !rd_skip(&head, 4))
			return WALK_CUT;
	}
	return WALK_CUT;
}

/* A chain of blocks, each with its length in front, up to an empty one. */
static bool
gif_skip_blocks(struct rd *r)
{
	uint8_t n;

	do {
		if (!rd_u8(r, &n) || !rd_skip(r, n))
			return false;
	} while (n > 0);
	return true;
}

/* The colours of a screen or picture whose flags these are. */
static bool
gif_skip_colours(struct rd *r, uint8_t flags)
{
	if ((flags & 0x80) == 0)
		return true;
	return rd_skip(r, (size_t)3 << ((flags & 7) + 1));
}

/* Blocks up to the trailer: comments, texts, all but the loop counter. */
enum walk
metadata_walk_gif(struct rd head)
{
	uint8_t flags, kind;

	if (!rd_skip(&head, 10) || !rd_u8(&head, &flags) ||
	    !rd_skip(&head, 2) || !gif_skip_colours(&head, flags))
		return WALK_CUT;
	while (rd_u8(&head, &kind)) {
		if (kind == 0x3b)
			return rd_done(&head) ? WALK_CLEAN : WALK_FOUND;
		if (kind == 0x2c) {
			if (!rd_skip(&head, 8) || !rd_u8(&head, &flags) ||
			    !gif_skip_colours(&head, flags) ||
			    !rd_skip(&head, 1))
				return WALK_CUT;
		} else if (kind == 0x21) {
			if (!rd_u8(&head, &kind))
				return WALK_CUT;
			if (kind != 0xf9 && !(kind == 0xff &&
			    metadata_at(head, 1, "NETSCAPE2.0", 11)))
				return WALK_FOUND;
		} else {
			return WALK_CUT;
		}
		if (!gif_skip_blocks(&head))
			return WALK_CUT;
	}
	return WALK_CUT;
}

/* An extended file says in its flags (Exif 8, XMP 4) what it holds. */
enum walk
metadata_walk_webp(struct rd head)
{
	uint8_t flags;

	if (metadata_at(head, 12, "VP8 ", 4) ||
	    metadata_at(head, 12, "VP8L", 4))
		return WALK_CLEAN;
	if (!metadata_at(head, 12, "VP8X", 4) || !rd_skip(&head, 20) ||
	    !rd_u8(&head, &flags))
		return WALK_CUT;
	return (flags & 0x0c) != 0 ? WALK_FOUND : WALK_CLEAN;
}

/* Shown by no editor, and kept by copy and paste. */
static bool
invisible(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2060 && c <= 0x206f) ||
	    (c >= 0xfe00 && c <= 0xfe0e) || c == 0xfeff || c == 0x00ad ||
	    c >= 0xe0000;
}

/* see metadata_int.h */
enum walk
metadata_walk_text(struct rd head)
{
	bool first = true;
	uint32_t c;

	while (utf8_next(&head, &c)) {
		/* a byte order mark in front says nothing */
		if (invisible(c) && !(first && c == 0xfeff))
			return WALK_FOUND;
		first = false;
	}
	return WALK_CLEAN;
}

/* see metadata_int.h */
bool
metadata_is_text(struct rd head)
{
	bool cut = head.n == METADATA_HEAD_BYTES;
	uint32_t c;

	if (head.n == 0)
		return false;
	while (utf8_next(&head, &c))
		if (utf8_is_control(c) && c != '\n' && c != '\r' &&
		    c != '\t' && c != '\f')
			return false;
	return head.n == 0 || (cut && head.n < 4);
}
