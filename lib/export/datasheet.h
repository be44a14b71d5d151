/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The questions that Datasheets for Datasets (Gebru and others) asks, answered by the manifest or
 * not at all.
 */
#ifndef EXPORT_DATASHEET_H
#define EXPORT_DATASHEET_H

#include <jansson.h>

/* Markdown, of a manifest that was checked; to be freed.  NULL: out of memory. */
char *datasheet_text(const json_t *manifest);

#endif
