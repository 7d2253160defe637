/* SPDX-License-Identifier: ISC */
/*
 * strip.c - copies of attachments without their metadata.
 *
 * No copy ever has a name on this machine: mat2_strip() makes it in memory
 * that only the sandbox sees, and gives it back as a descriptor.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/common/say.h"
#include "client/report/mat2.h"
#include "client/report/metadata_file.h"
#include "client/report/stop.h"
#include "client/report/strip.h"

#define OOXML	"application/vnd.openxmlformats-officedocument."
#define ODF	"application/vnd.oasis.opendocument."

/* mat2 goes by the ending, so a copy gets the one of its content. */
static const struct {
	const char *type, *ending;
} kinds[] = {
	{ "image/jpeg", "jpg" },
	{ "image/png", "png" },
	{ "image/gif", "gif" },
	{ "image/tiff", "tiff" },
	{ "image/heic", "heic" },
	{ "image/webp", "webp" },
	{ "image/bmp", "bmp" },
	{ "image/svg+xml", "svg" },
	{ "application/pdf", "pdf" },
	{ ODF "text", "odt" },
	{ ODF "spreadsheet", "ods" },
	{ ODF "presentation", "odp" },
	{ ODF "graphics", "odg" },
	{ OOXML "wordprocessingml.document", "docx" },
	{ OOXML "spreadsheetml.sheet", "xlsx" },
	{ OOXML "presentationml.presentation", "pptx" },
	{ "application/epub+zip", "epub" },
	{ "application/zip", "zip" },
	{ "application/x-tar", "tar" },
	{ "audio/mpeg", "mp3" },
	{ "audio/flac", "flac" },
	{ "audio/ogg", "ogg" },
	{ "audio/wav", "wav" },
	{ "video/mp4", "mp4" },
	{ "video/x-msvideo", "avi" },
	{ "video/x-ms-asf", "wmv" },
	{ "text/html", "html" },
};

static const char *
ending_of(const char *type)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].type, type) == 0)
			return kinds[i].ending;
	return NULL;
}

static int
strip_one(struct attach *a, bool *ok)
{
	const char *ending = ending_of(a->type);
	int fd, r;

	*ok = false;
	if (ending == NULL)
		return 0;
	r = mat2_strip(&fd, a->fd, ending);
	if (r == ERR_FORMAT)
		return 0;
	if (r != 0)
		return r;
	/* By our own eyes, too; and an empty copy is none. */
	if (metadata_file_found(fd) || lseek(fd, 0, SEEK_END) <= 0 ||
	    attach_replace(a, fd) != 0) {
		close(fd);
		return 0;
	}
	*ok = true;
	return 0;
}

static int
strip_each(struct attach_list *l, bool *ok)
{
	size_t i;
	int r = 0;

	for (i = 0; i < l->n && r == 0; i++) {
		if (report_stop != 0)
			return ERR_ORDER;
		say("stripping %zu of %zu", i + 1, l->n);
		ok[i] = metadata_file_risk(l->item[i].fd) == NULL;
		if (!ok[i])
			r = strip_one(&l->item[i], &ok[i]);
	}
	return r;
}

/* see strip.h */
int
strip_all(struct attach_list *l, bool ok[static ATTACH_MAX])
{
	int r;

	memset(ok, 0, ATTACH_MAX * sizeof(ok[0]));
	if ((r = mat2_ready()) != 0)
		return r;
	return strip_each(l, ok);
}
