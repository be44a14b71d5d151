/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bundle as Croissant 1.1 describes data for machine learning, with its vocabulary RAI 1.0.
 */
#ifndef EXPORT_CROISSANT_H
#define EXPORT_CROISSANT_H

#include <jansson.h>

/* Of a manifest that was checked; to be released.  NULL: out of memory. */
json_t *croissant_json(const json_t *manifest);

#endif
