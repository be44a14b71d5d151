// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/plane.h"

#include <drm_fourcc.h>
#include <string.h>
#include <xf86drm.h>

#include "sink/property.h"

/* V4L2 names RGB by its bytes, DRM by words.  No plane shows one channel as grey. */
static const struct {
	uint32_t v4l2, drm;
} pixels[] = {
	{ V4L2_PIX_FMT_NV12, DRM_FORMAT_NV12 },
	{ V4L2_PIX_FMT_NV21, DRM_FORMAT_NV21 },
	{ V4L2_PIX_FMT_YUV420, DRM_FORMAT_YUV420 },
	{ V4L2_PIX_FMT_YVU420, DRM_FORMAT_YVU420 },
	{ V4L2_PIX_FMT_YUYV, DRM_FORMAT_YUYV },
	{ V4L2_PIX_FMT_UYVY, DRM_FORMAT_UYVY },
	{ V4L2_PIX_FMT_RGB24, DRM_FORMAT_BGR888 },
	{ V4L2_PIX_FMT_BGR24, DRM_FORMAT_RGB888 },
	{ V4L2_PIX_FMT_ABGR32, DRM_FORMAT_XRGB8888 },
};

static uint32_t drm_format(uint32_t fourcc)
{
	for (unsigned i = 0; i < sizeof(pixels) / sizeof(pixels[0]); i++)
		if (pixels[i].v4l2 == fourcc)
			return pixels[i].drm;
	return 0;
}

/* False: a matrix that no plane knows. */
static bool find_encoding(enum plane_encoding *encoding, const struct v4l2_pix_format *pix)
{
	switch (v4l2_encoding(pix)) {
	case V4L2_YCBCR_ENC_601:
		*encoding = PLANE_BT601;
		return true;
	case V4L2_YCBCR_ENC_709:
		*encoding = PLANE_BT709;
		return true;
	case V4L2_YCBCR_ENC_BT2020:
		*encoding = PLANE_BT2020;
		return true;
	default:
		return false;
	}
}

bool plane_describe(struct plane_picture *picture, const struct v4l2_pix_format *pix)
{
	const struct format *format = format_find(pix->pixelformat);
	struct v4l2_layout layout;

	*picture = (struct plane_picture){
		.format = drm_format(pix->pixelformat), .yuv = format && !format->rgb,
		.range = v4l2_full_range(pix) ? PLANE_FULL : PLANE_LIMITED,
		.width = pix->width, .height = pix->height, .bytes = v4l2_layout(&layout, pix),
	};
	/* The range of RGB cannot be told to a plane. */
	if (!picture->format || !picture->bytes || (!picture->yuv && picture->range != PLANE_FULL))
		return false;
	for (unsigned i = 0; i < format->planes; i++) {
		picture->offset[i] = layout.at[i];
		picture->pitch[i] = layout.stride[i];
	}
	return !picture->yuv || find_encoding(&picture->encoding, pix);
}

bool plane_takes(const struct plane *plane, const struct plane_picture *picture)
{
	if (picture->yuv && !plane->told[picture->encoding][picture->range])
		return false;
	for (unsigned i = 0; i < plane->formats; i++)
		if (plane->format[i] == picture->format)
			return true;
	return false;
}

static void find_colours(struct plane *plane, int card)
{
	static const char *const encodings[PLANE_ENCODINGS] = {
		[PLANE_BT601] = "ITU-R BT.601 YCbCr",
		[PLANE_BT709] = "ITU-R BT.709 YCbCr",
		[PLANE_BT2020] = "ITU-R BT.2020 YCbCr",
	};
	static const char *const ranges[PLANE_RANGES] = {
		[PLANE_LIMITED] = "YCbCr limited range",
		[PLANE_FULL] = "YCbCr full range",
	};
	struct property encoding, range;

	property_find(&encoding, card, plane->id, DRM_MODE_OBJECT_PLANE, "COLOR_ENCODING");
	property_find(&range, card, plane->id, DRM_MODE_OBJECT_PLANE, "COLOR_RANGE");
	plane->property[PLANE_ENCODING] = encoding.id;
	plane->property[PLANE_RANGE] = range.id;
	for (unsigned i = 0; i < PLANE_ENCODINGS; i++)
		for (unsigned j = 0; j < PLANE_RANGES; j++)
			plane->told[i][j] =
				property_word(&plane->encoding[i], card, &encoding, encodings[i]) >= 0 &&
				property_word(&plane->range[j], card, &range, ranges[j]) >= 0;
}

static bool find_properties(struct plane *plane, int card)
{
	static const char *const names[PLANE_ENCODING] = {
		"FB_ID", "CRTC_ID", "SRC_X", "SRC_Y", "SRC_W", "SRC_H",
		"CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H",
	};
	struct property property;

	for (unsigned i = 0; i < PLANE_ENCODING; i++) {
		if (property_find(&property, card, plane->id, DRM_MODE_OBJECT_PLANE, names[i]) < 0)
			return false;
		plane->property[i] = property.id;
	}
	find_colours(plane, card);
	return true;
}

/* Where a card does not say, overlay planes lie above: so the kernel's documentation has it. */
static bool is_above(int card, uint32_t id, uint32_t primary)
{
	struct property type, own, other;

	if (property_find(&type, card, id, DRM_MODE_OBJECT_PLANE, "type") < 0 ||
	    type.value != DRM_PLANE_TYPE_OVERLAY)
		return false;
	if (property_find(&own, card, id, DRM_MODE_OBJECT_PLANE, "zpos") < 0 ||
	    property_find(&other, card, primary, DRM_MODE_OBJECT_PLANE, "zpos") < 0)
		return true;
	return own.value > other.value;
}

void planes_find(struct planes *planes, int card, unsigned crtc_index, uint32_t crtc,
		 uint32_t primary)
{
	drmModePlaneRes *all = drmModeGetPlaneResources(card);

	for (unsigned i = 0; all && i < all->count_planes && planes->count < PLANES_MAX; i++) {
		drmModePlane *one = drmModeGetPlane(card, all->planes[i]);
		struct plane *plane = &planes->at[planes->count];

		*plane = (struct plane){ .id = all->planes[i] };
		if (one && one->possible_crtcs & 1u << crtc_index &&
		    (!one->crtc_id || one->crtc_id == crtc) && is_above(card, plane->id, primary) &&
		    find_properties(plane, card)) {
			plane->on = one->crtc_id;
			while (plane->formats < one->count_formats && plane->formats < PLANE_FORMATS_MAX) {
				plane->format[plane->formats] = one->formats[plane->formats];
				plane->formats++;
			}
			planes->count++;
		}
		drmModeFreePlane(one);
	}
	drmModeFreePlaneResources(all);
}

int plane_import(uint32_t *fb, int card, const struct plane_picture *picture, int dmabuf)
{
	uint32_t handle, handles[4] = { 0 };
	int ret = 0;

	*fb = 0;
	if (drmPrimeFDToHandle(card, dmabuf, &handle) < 0)
		return -errno;
	for (unsigned i = 0; i < 4 && picture->pitch[i]; i++)
		handles[i] = handle;
	if (drmModeAddFB2(card, picture->width, picture->height, picture->format, handles,
			  picture->pitch, picture->offset, fb, 0) < 0)
		ret = -errno;
	/* The framebuffer keeps the memory. */
	drmCloseBufferHandle(card, handle);
	return ret;
}

static void assign(struct planes *planes, struct scanout *one, planes_try *try, void *ctx)
{
	one->why = "no plane that is free takes its format and colours";
	for (unsigned i = 0; !one->plane && i < planes->count; i++) {
		struct plane *plane = &planes->at[i];

		if (plane->of || !plane_takes(plane, &one->picture))
			continue;
		plane->of = one;
		plane->fb = one->fb[0];
		one->why = "the card cannot show it there";
		if (try(ctx) >= 0) {
			one->plane = plane;
		} else {
			plane->of = NULL;
			plane->fb = 0;
		}
	}
}

void planes_assign(struct planes *planes, struct scanout *const of[], unsigned count,
		   planes_try *try, void *ctx)
{
	planes_free(planes);
	for (unsigned i = 0; i < count; i++) {
		of[i]->plane = NULL;
		if (of[i]->count)
			assign(planes, of[i], try, ctx);
	}
	for (unsigned i = 0; i < planes->count; i++)
		planes->at[i].fb = 0;
}

void planes_free(struct planes *planes)
{
	for (unsigned i = 0; i < planes->count; i++) {
		planes->at[i].of = NULL;
		planes->at[i].fb = 0;
	}
}

/* Sizes within the source are fixed-point numbers of 16.16 bits. */
static int show(const struct plane *plane, drmModeAtomicReq *request, uint32_t crtc)
{
	const struct plane_picture *picture = &plane->of->picture;
	const struct place *place = &plane->of->place;
	const uint64_t values[PLANE_PROPERTIES] = {
		[PLANE_FB] = plane->fb, [PLANE_CRTC] = crtc,
		[PLANE_SRC_W] = (uint64_t)picture->width << 16,
		[PLANE_SRC_H] = (uint64_t)picture->height << 16,
		[PLANE_X] = place->x, [PLANE_Y] = place->y,
		[PLANE_W] = place->size.width, [PLANE_H] = place->size.height,
		[PLANE_ENCODING] = plane->encoding[picture->encoding],
		[PLANE_RANGE] = plane->range[picture->range],
	};
	unsigned count = picture->yuv ? PLANE_PROPERTIES : PLANE_ENCODING;

	for (unsigned i = 0; i < count; i++)
		if (drmModeAtomicAddProperty(request, plane->id, plane->property[i], values[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int hide(const struct plane *plane, drmModeAtomicReq *request)
{
	if (drmModeAtomicAddProperty(request, plane->id, plane->property[PLANE_FB], 0) < 0 ||
	    drmModeAtomicAddProperty(request, plane->id, plane->property[PLANE_CRTC], 0) < 0)
		return -ENOMEM;
	return 0;
}

int planes_request(const struct planes *planes, drmModeAtomicReq *request, uint32_t crtc)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < planes->count; i++) {
		const struct plane *plane = &planes->at[i];

		if (plane->of && plane->fb)
			ret = show(plane, request, crtc);
		else if (plane->on)
			ret = hide(plane, request);
	}
	return ret;
}

void planes_committed(struct planes *planes)
{
	for (unsigned i = 0; i < planes->count; i++)
		planes->at[i].on = planes->at[i].of && planes->at[i].fb;
}

#if defined(__x86_64__)
static size_t cache_line(void)
{
	return 64;
}

static void flush_line(const uint8_t *line)
{
	__builtin_ia32_clflush(line);
}

static void flush_end(void)
{
	__builtin_ia32_mfence();
}
#elif defined(__aarch64__)
static size_t cache_line(void)
{
	uint64_t type;

	__asm__("mrs %0, ctr_el0" : "=r"(type));
	return 4u << (type >> 16 & 15);
}

static void flush_line(const uint8_t *line)
{
	__asm__ volatile("dc civac, %0" : : "r"(line) : "memory");
}

static void flush_end(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}
#else
static size_t cache_line(void)
{
	return 0;
}

static void flush_line(const uint8_t *line)
{
}

static void flush_end(void)
{
}
#endif

bool plane_can_flush(void)
{
	return cache_line();
}

void plane_flush(const uint8_t *bytes, size_t count)
{
	size_t line = cache_line();

	for (size_t i = 0; line && i < count; i += line)
		flush_line(bytes + i);
	flush_end();
}
