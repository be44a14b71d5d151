// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/other.h"

#include <stdlib.h>
#include <string.h>

#include <libv4lconvert.h>
#include <libv4l-plugin.h>

/* What a converter may read, or write, past the end: some do, by less than a row. */
#define SLACK(width)	(8 * (size_t)(width))

/* Bits of a pixel, and of one in the first plane, which is what a stride counts. */
static const struct format_other {
	uint32_t fourcc;
	uint8_t bits, row_bits;
	bool rgb;
} others[] = {
	{ V4L2_PIX_FMT_UYVY,		16, 16, false },
	{ V4L2_PIX_FMT_YVYU,		16, 16, false },
	{ V4L2_PIX_FMT_YVU420,		12,  8, false },
	{ V4L2_PIX_FMT_RGB24,		24, 24, true },
	{ V4L2_PIX_FMT_BGR24,		24, 24, true },
	{ V4L2_PIX_FMT_XRGB32,		32, 32, true },
	{ V4L2_PIX_FMT_XBGR32,		32, 32, true },
	{ V4L2_PIX_FMT_SBGGR8,		 8,  8, true },
	{ V4L2_PIX_FMT_SGBRG8,		 8,  8, true },
	{ V4L2_PIX_FMT_SGRBG8,		 8,  8, true },
	{ V4L2_PIX_FMT_SRGGB8,		 8,  8, true },
	{ V4L2_PIX_FMT_SBGGR16,		16, 16, true },
	{ V4L2_PIX_FMT_SGBRG16,		16, 16, true },
	{ V4L2_PIX_FMT_SGRBG16,		16, 16, true },
	{ V4L2_PIX_FMT_SRGGB16,		16, 16, true },
	{ V4L2_PIX_FMT_SPCA501,		12,  8, false },
	{ V4L2_PIX_FMT_SPCA505,		12,  8, false },
	{ V4L2_PIX_FMT_SPCA508,		12,  8, false },
	{ V4L2_PIX_FMT_KONICA420,	12,  8, false },
	{ V4L2_PIX_FMT_SN9C20X_I420,	12,  8, false },
	{ V4L2_PIX_FMT_M420,		12,  8, false },
	{ V4L2_PIX_FMT_STV0680,		 8,  8, true },
	{ V4L2_PIX_FMT_GREY,		 8,  8, false },
	{ V4L2_PIX_FMT_Y16,		16, 16, false },
};

#define OTHERS	(sizeof(others) / sizeof(others[0]))

struct other {
	struct v4lconvert_data *converter;
	struct v4l2_format from, to;
	size_t in, out;			/* bytes of a picture */
	uint8_t *bytes, *made;
};

static const struct format_other *find(uint32_t fourcc)
{
	for (size_t i = 0; i < OTHERS; i++)
		if (others[i].fourcc == fourcc)
			return &others[i];
	return NULL;
}

uint32_t other_at(unsigned n)
{
	return n < OTHERS ? others[n].fourcc : 0;
}

bool other_takes(uint32_t fourcc)
{
	return find(fourcc);
}

bool other_is_rgb(uint32_t fourcc)
{
	return find(fourcc) && find(fourcc)->rgb;
}

/* The converter asks what it runs on: on nothing that it could regulate. */
static int no_device(void *context, int fd, unsigned long request, void *argument)
{
	if (request != VIDIOC_QUERYCAP) {
		errno = ENOTTY;
		return -1;
	}
	*(struct v4l2_capability *)argument = (struct v4l2_capability){
		.capabilities = V4L2_CAP_VIDEO_OUTPUT,
	};
	return 0;
}

static size_t row_of(const struct v4l2_pix_format *pix, const struct format_other *format)
{
	size_t least = ((size_t)pix->width * format->row_bits + 7) / 8;

	return pix->bytesperline > least ? pix->bytesperline : least;
}

size_t other_bytes(const struct v4l2_pix_format *pix)
{
	const struct format_other *format = find(pix->pixelformat);

	if (!format || !pix->width || !pix->height || pix->width > SCRIM_SIDE_MAX ||
	    pix->height > SCRIM_SIDE_MAX || pix->bytesperline > 4 * SCRIM_SIDE_MAX)
		return 0;
	/* Planes after the first have rows in proportion. */
	return row_of(pix, format) * pix->height * format->bits / format->row_bits;
}

static int prepare(struct other *o, const struct v4l2_pix_format *pix, struct scrim_error *err)
{
	static const struct libv4l_dev_ops nothing = { .ioctl = no_device };
	const struct format_other *format = find(pix->pixelformat);

	o->in = other_bytes(pix);
	if (!o->in)
		return fail(err, -ENOTSUP, "the camera's pictures cannot be converted");
	o->from = o->to = (struct v4l2_format){
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .fmt.pix = *pix,
	};
	o->from.fmt.pix.bytesperline = row_of(pix, format);
	o->from.fmt.pix.sizeimage = o->in;
	o->to.fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
	o->to.fmt.pix.bytesperline = pix->width;
	o->out = (size_t)pix->width * pix->height * 3 / 2;
	o->to.fmt.pix.sizeimage = o->out;
	o->bytes = calloc(1, o->in + SLACK(pix->width));
	o->made = calloc(1, o->out + SLACK(pix->width));
	o->converter = v4lconvert_create_with_dev_ops(-1, NULL, &nothing);
	return o->bytes && o->made && o->converter ? 0 :
		fail(err, -ENOMEM, "no memory to convert pictures");
}

int other_new(struct other **other, const struct v4l2_pix_format *pix, struct scrim_error *err)
{
	struct other *o = calloc(1, sizeof(*o));
	int ret;

	*other = NULL;
	if (!o)
		return fail(err, -ENOMEM, "no memory to convert pictures");
	ret = prepare(o, pix, err);
	if (ret < 0)
		other_free(&o);
	*other = o;
	return ret;
}

void other_free(struct other **other)
{
	struct other *dead = *other;

	*other = NULL;
	if (!dead)
		return;
	v4lconvert_destroy(dead->converter);
	free(dead->bytes);
	free(dead->made);
	free(dead);
}

static void put_plane(struct frame *frame, unsigned plane, const uint8_t *from)
{
	const struct plane_format *format = &frame->format->plane[plane];
	size_t row = plane_row_bytes(format, frame->width);

	for (unsigned y = 0; y < plane_rows(format, frame->height); y++)
		memcpy(frame->plane[plane] + y * frame->stride[plane], from + y * row, row);
}

/* From a copy: what the camera writes meanwhile changes nothing. */
int other_picture(struct other *o, struct frame *frame, const uint8_t *bytes,
		  size_t used, struct scrim_error *err)
{
	size_t luma = (size_t)frame->width * frame->height;

	if (used < o->in)
		return fail(err, -EBADMSG, "a picture of %zu bytes in place of %zu", used, o->in);
	memcpy(o->bytes, bytes, o->in);
	if (v4lconvert_convert(o->converter, &o->from, &o->to, o->bytes, o->in, o->made,
			       o->out) != (int)o->out)
		return fail(err, -EBADMSG, "a picture that cannot be converted");
	put_plane(frame, 0, o->made);
	put_plane(frame, 1, o->made + luma);
	put_plane(frame, 2, o->made + luma + luma / 4);
	return 0;
}
