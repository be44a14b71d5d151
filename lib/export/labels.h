/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of clips, in the files where programs that train or label look for it.
 */
#ifndef EXPORT_LABELS_H
#define EXPORT_LABELS_H

#include <jansson.h>

#include "export/known.h"

/*
 * One row of a table of clips: the same keys for each, null where nothing is told, so that every
 * column has one type.  file_name may be NULL.  To be released.
 */
json_t *labels_row(const json_t *item, const char *file_name);

/* Each of a manifest that was checked, whose clips are in items/. */
int labels_videofolder(int folder, const json_t *manifest, struct known_files *known,
		       struct scrim_error *err);
int labels_coco(int folder, const json_t *manifest, struct known_files *known,
		struct scrim_error *err);
int labels_labelstudio(int folder, const json_t *manifest, struct known_files *known,
		       struct scrim_error *err);

#endif
