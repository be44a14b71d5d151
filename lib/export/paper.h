/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of a bundle that are texts.
 */
#ifndef EXPORT_PAPER_H
#define EXPORT_PAPER_H

#include <jansson.h>

#include "export/known.h"

/*
 * Numbers with a point have six digits, as in the file of the manifest, so that papers made from
 * that are the same.
 */
#define PAPER_JSON	(JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6))

/* In the one way to write it, in ASCII; releases json.  To be freed; NULL: out of memory. */
char *paper_json(json_t *json);

/*
 * A new file of the folder, mode 0600, which is known from then on; path: in the bundle, the folder
 * being where it ends.  Frees text.  A NULL text is -ENOMEM.
 */
int paper_put(int folder, const char *path, char *text, struct known_files *known,
	      struct scrim_error *err);

/* A descriptor of a new folder in it. */
int paper_folder(int folder, const char *name, struct scrim_error *err);

#endif
