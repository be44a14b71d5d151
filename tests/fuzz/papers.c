// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever a manifest says: nothing is written beside the folder, nothing at all if it is refused,
 * and what is written has no control characters.
 */
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export/layout.h"
#include "export/papers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned files;

static int look_and_remove(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	FILE *file = flag == FTW_F ? fopen(path, "r") : NULL;

	for (int c; file && (c = fgetc(file)) != EOF;)
		assert(c >= ' ' || c == '\n');
	if (file)
		fclose(file);
	files += flag == FTW_F;
	return remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char above[] = "/dev/shm/scrim-fuzz-papers-XXXXXX", in[sizeof(above) + 8];
	json_t *manifest = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct known_files known = { 0 };
	int ret, folder;

	if (!manifest)
		return 0;
	assert(mkdtemp(above));
	snprintf(in, sizeof(in), "%s/in", above);
	assert(!mkdir(in, 0700));
	folder = open(in, O_RDONLY | O_DIRECTORY);
	assert(folder >= 0 && !mkdirat(folder, "items", 0700));
	ret = papers_write(folder, manifest, &known, NULL);
	for (enum layout i = 0; i < LAYOUT_COUNT; i++)
		layout_write(folder, manifest, i, NULL);
	files = 0;
	assert(!nftw(in, look_and_remove, 8, FTW_DEPTH | FTW_PHYS) && !rmdir(above));
	assert(ret == -EINVAL ? !files : files >= 5);
	known_free(&known);
	close(folder);
	json_decref(manifest);
	return 0;
}
