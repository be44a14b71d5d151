/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a manifest, scrim.manifest/1, tells.  A value that is not there, or of another kind, is not
 * told; what names files, or must be true of every bundle, is checked.
 */
#ifndef EXPORT_TOLD_H
#define EXPORT_TOLD_H

#include <jansson.h>
#include <stdbool.h>

#include "error.h"
#include "export/layout.h"

/* path: keys with dots between them, "bundle.retention.until"; NULL: it is not told. */
const json_t *told(const json_t *json, const char *path);
/* NULL unless it is text, which may be any. */
const char *told_text(const json_t *json, const char *path);
/* What has a name: the text itself, or the "name" or the "id" of an object. */
const char *told_name(const json_t *json);
/* 0 unless it is a whole number. */
int64_t told_number(const json_t *json, const char *path);
/* "2026-11-22" of that day or of a time in it; false: it is none. */
#define DAY_MAX	11
bool told_day(char day[DAY_MAX], const json_t *json, const char *path);

/*
 * -EINVAL: says what is wrong.  After that bundle.id and bundle.campaign are words; there are
 * items; and each has a name, its own, that has its class and origin in it, these from their
 * lists, a path of one layout that ends in that name, a hash, a size, and days, not times.
 */
int told_check(const json_t *manifest, struct scrim_error *err);

/* Of a manifest that was checked. */
size_t told_items(const json_t *manifest);
const json_t *told_item(const json_t *manifest, size_t i);
/* The clip's name in its folder. */
const char *told_file(const json_t *item);
/* Whether the clips are in shards. */
bool told_shards(const json_t *manifest);

#endif
