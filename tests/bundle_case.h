/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bundle of three clips: its manifest, and a scratch folder to write into.  Tests spoil one thing
 * and see what is refused, or what is written.
 */
#ifndef TESTS_BUNDLE_CASE_H
#define TESTS_BUNDLE_CASE_H

#include <jansson.h>

#include "export/layout.h"

#define BUNDLE_CLIPS		3
#define BUNDLE_CLIP_BYTES	700
#define BUNDLE_FIRST		"car-door-staged-000001"	/* of its clips */

/* A new one, open, and its path; and away with it. */
void bundle_setup(void);
void bundle_teardown(void);
extern int bundle_fd;
extern char bundle_folder[64];

/* A command of the shell, with the folder's path for %s; it has to succeed. */
void bundle_run(const char *form);

/* All of these are to be released or freed. */
json_t *bundle_manifest(enum layout layout);
char *bundle_text(const char *name);
json_t *bundle_json(const char *name);

/* Whether the file has this text; how often a text has it. */
bool bundle_has(const char *name, const char *what);
unsigned bundle_count(const char *text, const char *what);

/* Parts of a manifest, which stay its own. */
json_t *bundle_of(json_t *manifest);
json_t *item_of(json_t *manifest, size_t i);

/* Into items/; a clip has one letter all over, the first an "a". */
void bundle_put_clips(json_t *manifest);
bool bundle_is_empty(void);

#endif
