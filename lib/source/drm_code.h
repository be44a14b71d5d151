/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libcamera calls the formats that scrim takes from cameras: the codes of drm_fourcc.h.
 * Every one has its line, and one that has no code says why.
 */
#ifndef SOURCE_DRM_CODE_H
#define SOURCE_DRM_CODE_H

#include <stdint.h>

struct drm_code {
	uint32_t v4l2, drm;		/* drm 0: none */
	const char *why;		/* it is not of drm_fourcc.h; NULL: it is */
};

/* In the order in which cameras are asked for them. */
extern const struct drm_code drm_codes[];
extern const unsigned drm_codes_count;

/* 0: not one of ours. */
uint32_t drm_to_v4l2(uint32_t drm);

#endif
