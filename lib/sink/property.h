/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of KMS objects (planes, CRTCs, connectors), by the names that the kernel documents.
 */
#ifndef SINK_PROPERTY_H
#define SINK_PROPERTY_H

#include <stdint.h>
#include <xf86drmMode.h>

#include "error.h"

struct property {
	uint32_t id;			/* 0: the object has none of this name */
	uint64_t value;
};

/* type: DRM_MODE_OBJECT_...; -ENOENT: there is none. */
int property_find(struct property *property, int card, uint32_t object, uint32_t type,
		  const char *name);

/* Of a property of an object that takes one of several words: the value for one; -ENOENT. */
int property_word(uint64_t *value, int card, const struct property *property, const char *word);

#endif
