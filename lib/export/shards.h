/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clips and what is known of them in tar files, NAME.mp4 and NAME.json after each other, as
 * WebDataset reads them.
 */
#ifndef EXPORT_SHARDS_H
#define EXPORT_SHARDS_H

#include <jansson.h>
#include <stdint.h>

#include "export/known.h"

/*
 * Of a manifest that was checked; the clips of items/ are gone when it succeeds.  -EBADMSG: a clip
 * is not as long as the manifest says.
 */
int shards_write(int folder, const json_t *manifest, int64_t shard_bytes,
		 struct known_files *known, struct scrim_error *err);

#endif
