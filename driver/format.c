// SPDX-License-Identifier: GPL-2.0
/*
 * One table of pixel formats; sizes, strides and blackness all come from it.  Rows have
 * no padding, on neither node, so a picture is the same bytes on both.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "format.h"
#include "uapi/linux/scrim.h"

#define LUMA	16		/* black in limited range; 0 in full range */
#define CHROMA	128

#define PLANE(x, y, n, ...) { .xdiv = x, .ydiv = y, .bytes = n, .black = { __VA_ARGS__ } }
#define FULL_LUMA	PLANE(1, 1, 1, LUMA)
#define QUARTER_CHROMA	PLANE(2, 2, 1, CHROMA)
#define QUARTER_PAIRS	PLANE(2, 2, 2, CHROMA, CHROMA)

static const struct scrim_pixels table[] = {
	{ V4L2_PIX_FMT_YUYV, .planes = 1, .plane = { PLANE(2, 1, 4, LUMA, CHROMA, LUMA, CHROMA) } },
	{ V4L2_PIX_FMT_UYVY, .planes = 1, .plane = { PLANE(2, 1, 4, CHROMA, LUMA, CHROMA, LUMA) } },
	{ V4L2_PIX_FMT_NV12, .planes = 2, .plane = { FULL_LUMA, QUARTER_PAIRS } },
	{ V4L2_PIX_FMT_NV21, .planes = 2, .plane = { FULL_LUMA, QUARTER_PAIRS } },
	{ V4L2_PIX_FMT_YUV420, .planes = 3,
	  .plane = { FULL_LUMA, QUARTER_CHROMA, QUARTER_CHROMA } },
	{ V4L2_PIX_FMT_YVU420, .planes = 3,
	  .plane = { FULL_LUMA, QUARTER_CHROMA, QUARTER_CHROMA } },
	{ V4L2_PIX_FMT_GREY, .planes = 1, .plane = { FULL_LUMA } },
	{ V4L2_PIX_FMT_RGB24, .rgb = true, .planes = 1, .plane = { PLANE(1, 1, 3, 0) } },
	{ V4L2_PIX_FMT_BGR24, .rgb = true, .planes = 1, .plane = { PLANE(1, 1, 3, 0) } },
	{ V4L2_PIX_FMT_MJPEG, .compressed = true },
};

const struct scrim_pixels *scrim_pixels_at(unsigned int n, bool masked)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (masked && table[i].compressed)
			continue;
		if (!n--)
			return &table[i];
	}
	return NULL;
}

const struct scrim_pixels *scrim_pixels_find(u32 fourcc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].fourcc == fourcc)
			return &table[i];
	return NULL;
}

/* At most 8192 * 8192 * 3 bytes, so nothing here overflows. */
static u32 image_bytes(const struct scrim_pixels *pixels, u32 width, u32 height)
{
	u32 bytes = 0;
	unsigned int i;

	/* As cameras do: two bytes a pixel hold any sensible JPEG, and always the black one. */
	if (pixels->compressed)
		return width * height * 2 + 1024;
	for (i = 0; i < pixels->planes; i++)
		bytes += scrim_row_bytes(&pixels->plane[i], width) *
			 (height / pixels->plane[i].ydiv);
	return bytes;
}

static u32 even_size(u32 pixels)
{
	return clamp_t(u32, pixels, SCRIM_SIZE_MIN, SCRIM_SIZE_MAX) & ~1u;
}

static u32 known(u32 value, u32 last)
{
	return value <= last ? value : 0;
}

void scrim_format_try(struct scrim_format *format, struct v4l2_pix_format *pix, bool masked)
{
	const struct scrim_pixels *pixels = scrim_pixels_find(pix->pixelformat);

	if (!pixels || (masked && pixels->compressed))
		pixels = &table[0];
	memset(format, 0, sizeof(*format));
	format->pixels = pixels;
	format->width = even_size(pix->width);
	format->height = even_size(pix->height);
	format->sizeimage = image_bytes(pixels, format->width, format->height);
	format->colorspace = known(pix->colorspace, V4L2_COLORSPACE_DCI_P3);
	if (format->colorspace == V4L2_COLORSPACE_DEFAULT)
		format->colorspace = pixels->compressed ? V4L2_COLORSPACE_JPEG :
							  V4L2_COLORSPACE_SRGB;
	format->xfer_func = known(pix->xfer_func, V4L2_XFER_FUNC_SMPTE2084);
	format->ycbcr_enc = known(pix->ycbcr_enc, V4L2_YCBCR_ENC_SMPTE240M);
	format->quantization = known(pix->quantization, V4L2_QUANTIZATION_LIM_RANGE);
	scrim_format_show(format, pix);
}

void scrim_format_show(const struct scrim_format *format, struct v4l2_pix_format *pix)
{
	pix->width = format->width;
	pix->height = format->height;
	pix->pixelformat = format->pixels->fourcc;
	pix->field = V4L2_FIELD_NONE;
	pix->bytesperline = format->pixels->compressed ? 0 :
			    scrim_row_bytes(&format->pixels->plane[0], format->width);
	pix->sizeimage = format->sizeimage;
	pix->colorspace = format->colorspace;
	pix->flags = 0;
	pix->ycbcr_enc = format->ycbcr_enc;
	pix->quantization = format->quantization;
	pix->xfer_func = format->xfer_func;
}

bool scrim_format_same(const struct scrim_format *a, const struct scrim_format *b)
{
	return a->pixels == b->pixels && a->width == b->width && a->height == b->height &&
	       a->colorspace == b->colorspace && a->xfer_func == b->xfer_func &&
	       a->ycbcr_enc == b->ycbcr_enc && a->quantization == b->quantization;
}

static bool full_range(const struct scrim_format *format)
{
	if (format->quantization == V4L2_QUANTIZATION_DEFAULT)
		return V4L2_MAP_QUANTIZATION_DEFAULT(format->pixels->rgb, format->colorspace,
						     format->ycbcr_enc) ==
		       V4L2_QUANTIZATION_FULL_RANGE;
	return format->quantization == V4L2_QUANTIZATION_FULL_RANGE;
}

/* Every cell is four bytes, or all its bytes are the same. */
u32 scrim_black(const struct scrim_format *format, unsigned int plane)
{
	const struct scrim_plane *p = &format->pixels->plane[plane];
	bool full = full_range(format);
	u8 cell[4];
	u32 word;
	unsigned int i;

	for (i = 0; i < sizeof(cell); i++) {
		cell[i] = p->black[i % p->bytes];
		if (full && cell[i] == LUMA)
			cell[i] = 0;
	}
	memcpy(&word, cell, sizeof(word));
	return word;
}

void scrim_blacken(u8 *to, u32 black, u32 bytes)
{
	if (black == (u8)black * 0x01010101u) {
		memset(to, (u8)black, bytes);
		return;
	}
	/* Cells of four bytes, and aligned to them. */
	if (bytes && !IS_ALIGNED((unsigned long)to, 8)) {
		*(u32 *)to = black;
		to += 4;
		bytes -= 4;
	}
	memset64((u64 *)to, (u64)black << 32 | black, bytes / 8);
	if (bytes % 8)
		*(u32 *)(to + bytes - 4) = black;
}

/*
 * A black baseline JPEG, 4:2:2: Huffman codes of our own make a flat block two bits, so that
 * a unit of four blocks is one zero byte.  Only the first block says how dark it is: a
 * difference of -8 (category 4, bits 0111) times the quantizer of 128, which is -1024.
 */
static u32 black_jpeg(const struct scrim_format *format, u8 *to)
{
	static const u8 dqt[] = { 0xff, 0xd8, 0xff, 0xdb, 0, 67, 0 };
	static const u8 dht[] = {	/* codes of 1, 2, ... 16 bits, then what they mean */
		0xff, 0xc4, 0, 21, 0x00,
		1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4,
		0xff, 0xc4, 0, 20, 0x10,
		1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	const u8 sof[] = {
		0xff, 0xc0, 0, 17, 8,
		format->height >> 8, format->height & 0xff,
		format->width >> 8, format->width & 0xff,
		3, 1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0,
	};
	static const u8 sos[] = { 0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0 };
	u32 units = DIV_ROUND_UP(format->width, 16) * DIV_ROUND_UP(format->height, 8);
	u8 *at = to;

	memcpy(at, dqt, sizeof(dqt));
	at += sizeof(dqt);
	memset(at, 128, 64);
	at += 64;
	memcpy(at, dht, sizeof(dht));
	at += sizeof(dht);
	memcpy(at, sof, sizeof(sof));
	at += sizeof(sof);
	memcpy(at, sos, sizeof(sos));
	at += sizeof(sos);
	*at++ = 0x9c;			/* 10 0111 0 and the first bit of what is all zero */
	memset(at, 0, units - 1);
	at += units - 1;
	*at++ = 0x07;			/* the last five zero bits, and three to fill up */
	*at++ = 0xff;
	*at++ = 0xd9;
	return at - to;
}

u32 scrim_black_picture(const struct scrim_format *format, void *to)
{
	const struct scrim_pixels *pixels = format->pixels;
	unsigned int i;

	if (pixels->compressed)
		return black_jpeg(format, to);
	for (i = 0; i < pixels->planes; i++) {
		const struct scrim_plane *plane = &pixels->plane[i];
		u32 bytes = scrim_row_bytes(plane, format->width) * (format->height / plane->ydiv);

		scrim_blacken(to, scrim_black(format, i), bytes);
		to += bytes;
	}
	return format->sizeimage;
}
