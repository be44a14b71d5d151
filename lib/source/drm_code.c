// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/drm_code.h"

#include <drm_fourcc.h>
#include <linux/videodev2.h>
#include <stddef.h>

#define NO_PROGRAM	"of webcams of gspca, which libcamera does not drive"
#define BAYER		"of libcamera's own: screens show no raw sensor"

/* DRM names the bytes of a word from its highest, V4L2 mostly as they lie in memory. */
const struct drm_code drm_codes[] = {
	{ V4L2_PIX_FMT_YUYV,		DRM_FORMAT_YUYV, NULL },
	{ V4L2_PIX_FMT_NV12,		DRM_FORMAT_NV12, NULL },
	{ V4L2_PIX_FMT_YUV420,		DRM_FORMAT_YUV420, NULL },
	{ V4L2_PIX_FMT_MJPEG,		V4L2_PIX_FMT_MJPEG, "of libcamera's own: screens show no JPEG" },
	{ V4L2_PIX_FMT_UYVY,		DRM_FORMAT_UYVY, NULL },
	{ V4L2_PIX_FMT_YVYU,		DRM_FORMAT_YVYU, NULL },
	{ V4L2_PIX_FMT_YVU420,		DRM_FORMAT_YVU420, NULL },
	{ V4L2_PIX_FMT_RGB24,		DRM_FORMAT_BGR888, NULL },
	{ V4L2_PIX_FMT_BGR24,		DRM_FORMAT_RGB888, NULL },
	{ V4L2_PIX_FMT_XRGB32,		DRM_FORMAT_BGRX8888, NULL },
	{ V4L2_PIX_FMT_XBGR32,		DRM_FORMAT_XRGB8888, NULL },
	{ V4L2_PIX_FMT_SBGGR8,		V4L2_PIX_FMT_SBGGR8, BAYER },
	{ V4L2_PIX_FMT_SGBRG8,		V4L2_PIX_FMT_SGBRG8, BAYER },
	{ V4L2_PIX_FMT_SGRBG8,		V4L2_PIX_FMT_SGRBG8, BAYER },
	{ V4L2_PIX_FMT_SRGGB8,		V4L2_PIX_FMT_SRGGB8, BAYER },
	{ V4L2_PIX_FMT_SBGGR16,		V4L2_PIX_FMT_SBGGR16, BAYER },
	{ V4L2_PIX_FMT_SGBRG16,		V4L2_PIX_FMT_SGBRG16, BAYER },
	{ V4L2_PIX_FMT_SGRBG16,		V4L2_PIX_FMT_SGRBG16, BAYER },
	{ V4L2_PIX_FMT_SRGGB16,		fourcc_code('R', 'G', 'B', '6'), BAYER },
	{ V4L2_PIX_FMT_SPCA501,		0, NO_PROGRAM },
	{ V4L2_PIX_FMT_SPCA505,		0, NO_PROGRAM },
	{ V4L2_PIX_FMT_SPCA508,		0, NO_PROGRAM },
	{ V4L2_PIX_FMT_KONICA420,	0, NO_PROGRAM },
	{ V4L2_PIX_FMT_SN9C20X_I420,	0, NO_PROGRAM },
	{ V4L2_PIX_FMT_M420,		0, NO_PROGRAM },
	{ V4L2_PIX_FMT_STV0680,		0, NO_PROGRAM },
	{ V4L2_PIX_FMT_GREY,		DRM_FORMAT_R8, NULL },
	{ V4L2_PIX_FMT_Y16,		DRM_FORMAT_R16, NULL },
};
const unsigned drm_codes_count = sizeof(drm_codes) / sizeof(drm_codes[0]);

uint32_t drm_to_v4l2(uint32_t drm)
{
	for (unsigned i = 0; drm && i < drm_codes_count; i++)
		if (drm_codes[i].drm == drm)
			return drm_codes[i].v4l2;
	return 0;
}
