// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <string.h>

#include "picture.h"

#define FIRST	0x7363000000000000ULL		/* the top two bytes of a first word */
#define STEP	0x9e3779b97f4a7c15ULL		/* 2^64 over the golden ratio: no two words alike */

static uint64_t word_at(uint64_t tag, size_t i)
{
	return i ? tag * STEP + i * 0xd1342543de82ef95ULL : FIRST | tag;
}

/* Epochs have 16 bits. */
void picture_make(uint8_t *data, size_t size, uint32_t epoch, uint32_t number)
{
	uint64_t tag = (uint64_t)(epoch & 0xffff) << 32 | number;
	uint64_t *to = (uint64_t *)data;
	size_t i;

	for (i = 0; i < size / 8; i++)
		to[i] = word_at(tag, i);
	for (i *= 8; i < size; i++)
		data[i] = number;
}

static bool whole(const uint8_t *data, size_t size, uint64_t tag)
{
	const uint64_t *from = (const uint64_t *)data;
	size_t i;

	for (i = 0; i < size / 8; i++)
		if (from[i] != word_at(tag, i))
			return false;
	for (i *= 8; i < size; i++)
		if (data[i] != (uint8_t)tag)
			return false;
	return true;
}

static bool all(const uint8_t *data, size_t size, uint8_t value)
{
	return size && data[0] == value && !memcmp(data, data + 1, size - 1);
}

/* Luma and chroma of planar formats follow each other. */
static size_t luma_bytes(const struct v4l2_pix_format *pix)
{
	return (size_t)pix->bytesperline * pix->height;
}

int picture_byte_black(const struct v4l2_pix_format *pix, size_t at, uint8_t value)
{
	bool chroma;

	switch (pix->pixelformat) {
	case V4L2_PIX_FMT_YUYV:
		chroma = at % pix->bytesperline & 1;
		break;
	case V4L2_PIX_FMT_UYVY:
		chroma = !(at % pix->bytesperline & 1);
		break;
	case V4L2_PIX_FMT_RGB24:
	case V4L2_PIX_FMT_BGR24:
		return value == 0;
	default:
		chroma = at >= luma_bytes(pix);
	}
	return chroma ? value == 0x80 : value == 0x10 || value == 0;
}

/* The first bytes tell which black it is; then they only have to repeat. */
static bool black(const uint8_t *data, size_t size, const struct v4l2_pix_format *pix)
{
	size_t luma = luma_bytes(pix);

	if (size < 2 || !picture_byte_black(pix, 0, data[0]) || !picture_byte_black(pix, 1, data[1]) ||
	    !picture_byte_black(pix, size - 1, data[size - 1]))
		return false;
	switch (pix->pixelformat) {
	case V4L2_PIX_FMT_YUYV:
	case V4L2_PIX_FMT_UYVY:
		return !memcmp(data, data + 2, size - 2);
	case V4L2_PIX_FMT_RGB24:
	case V4L2_PIX_FMT_BGR24:
	case V4L2_PIX_FMT_GREY:
		return all(data, size, data[0]);
	default:
		return luma < size && all(data, luma, data[0]) && all(data + luma, size - luma, 0x80);
	}
}

struct picture picture_judge(const uint8_t *data, size_t size, const struct v4l2_pix_format *pix)
{
	struct picture p = { .kind = PICTURE_OTHER };
	uint64_t first;

	if (size < 8)
		return p;
	memcpy(&first, data, 8);
	if ((first & 0xffff000000000000ULL) == FIRST) {
		p.epoch = first >> 32 & 0xffff;
		p.number = first;
		if (whole(data, size, first & ~FIRST))
			p.kind = PICTURE_WHOLE;
	} else if (black(data, size, pix)) {
		p.kind = PICTURE_BLACK;
	} else if (all(data, size, 0xff)) {
		p.kind = PICTURE_WHITE;
	} else if (all(data, size, 0)) {
		p.kind = PICTURE_ZERO;
	}
	return p;
}

const char *picture_word(enum picture_kind kind)
{
	static const char *const words[] = {
		[PICTURE_WHOLE] = "whole", [PICTURE_BLACK] = "black", [PICTURE_WHITE] = "white",
		[PICTURE_ZERO] = "zero", [PICTURE_OTHER] = "other",
	};

	return words[kind];
}
