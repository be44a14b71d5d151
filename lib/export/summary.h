/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sentences about all clips of a bundle, for people: each is true of the manifest, and there is
 * none where the manifest says nothing.
 */
#ifndef EXPORT_SUMMARY_H
#define EXPORT_SUMMARY_H

#include <jansson.h>

#include "export/told.h"

/* "faces=true, method=fill, ...: 3; ...", with how many clips; to be freed.  NULL: no clip says. */
char *summary_redaction(const json_t *manifest);
/* What was taken away: "audio, gps". */
char *summary_stripped(const json_t *manifest);
/* "package-theft: 2 real and 1 staged". */
char *summary_classes(const json_t *manifest);
/* Of a key of items whose value is text or a number: "outdoor: 2, doorbell: 1". */
char *summary_words(const json_t *manifest, const char *key);

/* The first and the last day that a clip was captured; false: no clip has one. */
bool summary_days(char first[DAY_MAX], char last[DAY_MAX], const json_t *manifest);
/* Sums of a number over all clips: "frames", "bytes". */
int64_t summary_sum(const json_t *manifest, const char *key);
/* Seconds. */
double summary_duration(const json_t *manifest);
/* Records of consent, one for each person of each clip. */
size_t summary_consents(const json_t *manifest);

#endif
