// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/known.h"

#include <stdio.h>
#include <stdlib.h>

int known_add(struct known_files *known, const char *path, const char *sha256,
	      struct scrim_error *err)
{
	struct known_file *at = reallocarray(known->at, known->count + 1, sizeof(*at));

	if (!at)
		return fail(err, -ENOMEM, "no memory for a bundle");
	known->at = at;
	at += known->count++;
	snprintf(at->path, sizeof(at->path), "%s", path);
	snprintf(at->sha256, sizeof(at->sha256), "%s", sha256);
	return 0;
}

void known_free(struct known_files *known)
{
	free(known->at);
	*known = (struct known_files){ 0 };
}
