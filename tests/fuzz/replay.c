/* SPDX-License-Identifier: ISC */
/*
 * replay.c - a main() for fuzz targets where libFuzzer is not at hand.
 *
 * Feeds the target every file named, and every file of every folder named,
 * so that each seed and each old find is a test of `make check`.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long fed;

/* A file into the target; the buffer is exact, so that ASan sees its end. */
static int
feed(const char *path, size_t n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(n > 0 ? n : 1);
	int r = -1;

	if (f != NULL && p != NULL && fread(p, 1, n, f) == n) {
		(void)LLVMFuzzerTestOneInput(p, n);	/* 0, or it dies */
		fed++;
		r = 0;
	}
	if (f != NULL)
		(void)fclose(f);
	free(p);
	return r;
}

static int
replay(const char *path, int depth)
{
	struct dirent *e;
	char sub[4096];
	struct stat st;
	int r = 0;
	DIR *d;

	if (stat(path, &st) != 0)
		r = -1;
	else if (S_ISREG(st.st_mode))
		r = feed(path, (size_t)st.st_size);
	if (r != 0)
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
	if (r != 0 || !S_ISDIR(st.st_mode) || depth > 2)
		return r;
	if ((d = opendir(path)) == NULL)
		return -1;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		r = snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name) <
		    (int)sizeof(sub) ? replay(sub, depth + 1) : -1;
	}
	(void)closedir(d);
	return r;
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (replay(argv[i], 0) != 0)
			return 1;
	printf("%s: %lu inputs\n", argv[0], fed);
	return 0;
}
