// SPDX-License-Identifier: GPL-2.0
/*
 * For papers.sh: papers_write MANIFEST LAYOUT FOLDER SHARD-BYTES writes what goes with a bundle,
 * as an export would.  Says why it could not, and exits with 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "export/layout.h"
#include "export/papers.h"

int main(int argc, char **argv)
{
	struct scrim_error err = { 0 };
	struct known_files known = { 0 };
	json_t *manifest;
	int folder, ret;

	if (argc != 5 || layout_find(argv[2]) < 0)
		return 2;
	manifest = json_load_file(argv[1], JSON_REJECT_DUPLICATES, NULL);
	folder = open(argv[3], O_RDONLY | O_DIRECTORY);
	if (!manifest || folder < 0)
		return 2;
	ret = layout_write_shards(folder, manifest, layout_find(argv[2]), atoll(argv[4]), &known,
				  &err);
	if (ret >= 0)
		ret = papers_write(folder, manifest, &known, &err);
	known_free(&known);
	json_decref(manifest);
	if (ret < 0)
		puts(err.text);
	return ret < 0;
}
