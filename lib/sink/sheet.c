// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A contact sheet: small pictures in columns on dark grey.  A tile is in RGB24
 * from the moment it is added; nothing of its full size is kept.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sink/bytes.h"
#include "sink/png.h"
#include "sink/sink.h"
#include "frame/convert.h"

#define GAP		12		/* pixels around each tile */
#define GROUND		0x20		/* of red, green and blue */
#define TILE_SIDE_MAX	4096u
#define TILES_MAX	4096u
#define MAGIC		0x74686373u	/* "scht" */

struct tile {
	struct tile *next;
	unsigned width, height;
	uint8_t rgb[];			/* rows without padding */
};

struct sheet {
	unsigned columns, tile_w;
	unsigned count;
	struct tile *first, **end;
	struct converter *converter;
};

int sheet_new(struct sheet **sheet, unsigned columns, unsigned tile_w,
	      struct scrim_error *err)
{
	struct sheet *made;

	*sheet = NULL;
	if (!columns || columns > TILES_MAX || !tile_w || tile_w > TILE_SIDE_MAX)
		return fail(err, -EINVAL, "no contact sheet of %u columns, %u pixels each",
			    columns, tile_w);
	made = calloc(1, sizeof(*made));
	if (!made)
		return fail(err, -ENOMEM, "no memory for a contact sheet");
	made->columns = columns;
	made->tile_w = tile_w;
	made->end = &made->first;
	*sheet = made;
	return 0;
}

void sheet_free(struct sheet **sheet)
{
	struct sheet *dead = *sheet;

	*sheet = NULL;
	if (!dead)
		return;
	while (dead->first) {
		struct tile *tile = dead->first;

		dead->first = tile->next;
		free(tile);
	}
	converter_free(&dead->converter);
	free(dead);
}

static size_t tile_bytes(unsigned width, unsigned height)
{
	return (size_t)width * height * 3;
}

/* A tile at the end of the list; its pixels are to be filled in. */
static int add_tile(struct sheet *sheet, unsigned width, unsigned height,
		    struct tile **tile, struct scrim_error *err)
{
	struct tile *made;

	if (sheet->count == TILES_MAX)
		return fail(err, -EFBIG, "a contact sheet has room for %u pictures",
			    TILES_MAX);
	made = calloc(1, sizeof(*made) + tile_bytes(width, height));
	if (!made)
		return fail(err, -ENOMEM, "no memory for a contact sheet");
	made->width = width;
	made->height = height;
	*sheet->end = made;
	sheet->end = &made->next;
	sheet->count++;
	*tile = made;
	return 0;
}

/* Into a square of tile_w, shape kept, never enlarged. */
static void fit(const struct sheet *sheet, const struct frame *frame,
		unsigned *width, unsigned *height)
{
	unsigned longer = frame->width > frame->height ? frame->width : frame->height;

	*width = frame->width;
	*height = frame->height;
	if (longer <= sheet->tile_w)
		return;
	*width = (uint64_t)frame->width * sheet->tile_w / longer;
	*height = (uint64_t)frame->height * sheet->tile_w / longer;
	*width += !*width;
	*height += !*height;
}

int sheet_add(struct sheet *sheet, const struct clean_frame *clean,
	      struct scrim_error *err)
{
	const struct frame *frame = clean_frame_view(clean);
	struct image from = image_of_frame(frame), to = { .format = AV_PIX_FMT_RGB24 };
	struct frame *small = NULL;
	unsigned width, height;
	struct tile *tile;
	int ret;

	fit(sheet, frame, &width, &height);
	ret = add_tile(sheet, width, height, &tile, err);
	if (ret < 0)
		return ret;
	/* By way of a frame, whose rows have the room that swscale wants. */
	ret = frame_new(&small, V4L2_PIX_FMT_RGB24, width, height, err);
	if (ret < 0)
		return ret;
	small->colour.full_range = true;
	to = image_of_frame(small);
	ret = convert(&sheet->converter, &to, &from, err);
	for (unsigned y = 0; ret >= 0 && y < height; y++)
		memcpy(tile->rgb + y * tile_bytes(width, 1),
		       small->plane[0] + y * small->stride[0], tile_bytes(width, 1));
	frame_free(&small);
	return ret;
}

/* Rows of tiles, each as high as its highest. */
static unsigned row_height(const struct sheet *sheet, const struct tile *tile)
{
	unsigned height = 0;

	for (unsigned i = 0; tile && i < sheet->columns; i++, tile = tile->next)
		if (tile->height > height)
			height = tile->height;
	return height;
}

static const struct tile *next_row(const struct sheet *sheet, const struct tile *tile)
{
	for (unsigned i = 0; tile && i < sheet->columns; i++)
		tile = tile->next;
	return tile;
}

static unsigned widest(const struct sheet *sheet)
{
	unsigned width = 1;

	for (const struct tile *tile = sheet->first; tile; tile = tile->next)
		if (tile->width > width)
			width = tile->width;
	return width;
}

static void place(const struct png_picture *picture, uint8_t *pixels,
		  const struct tile *tile, unsigned x, unsigned y)
{
	for (unsigned row = 0; row < tile->height; row++)
		memcpy(pixels + (y + row) * picture->stride + x * 3,
		       tile->rgb + row * tile_bytes(tile->width, 1),
		       tile_bytes(tile->width, 1));
}

static void place_all(const struct sheet *sheet, const struct png_picture *picture,
		      uint8_t *pixels)
{
	unsigned cell = widest(sheet), y = GAP;

	for (const struct tile *row = sheet->first; row; row = next_row(sheet, row)) {
		unsigned height = row_height(sheet, row), x = GAP;
		const struct tile *tile = row;

		for (unsigned i = 0; tile && i < sheet->columns; i++, tile = tile->next) {
			place(picture, pixels, tile, x + (cell - tile->width) / 2,
			      y + (height - tile->height) / 2);
			x += cell + GAP;
		}
		y += height + GAP;
	}
}

int sheet_write(struct sheet *sheet, int fd, struct scrim_error *err)
{
	uint64_t columns = sheet->count < sheet->columns ? sheet->count : sheet->columns;
	uint64_t width = GAP + columns * (widest(sheet) + GAP), height = GAP;
	struct png_picture picture;
	uint8_t *pixels;
	int ret;

	if (!sheet->count)
		return fail(err, -EINVAL, "no pictures for a contact sheet");
	for (const struct tile *row = sheet->first; row; row = next_row(sheet, row))
		height += row_height(sheet, row) + GAP;
	if (width > SCRIM_SIDE_MAX || height > SCRIM_SIDE_MAX ||
	    width * height > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "a contact sheet of %u pictures is too large",
			    sheet->count);
	pixels = malloc(width * height * 3);
	if (!pixels)
		return fail(err, -ENOMEM, "no memory for a contact sheet");
	memset(pixels, GROUND, width * height * 3);
	picture = (struct png_picture){
		V4L2_PIX_FMT_RGB24, width, height, pixels, width * 3,
	};
	place_all(sheet, &picture, pixels);
	ret = png_save(&picture, fd, err);
	free(pixels);
	return ret;
}

/*
 * From one process to the next: MAGIC and the number of tiles, then for each its
 * width, height and pixels.
 */
int sheet_save(const struct sheet *sheet, int fd, struct scrim_error *err)
{
	const uint32_t head[2] = { MAGIC, sheet->count };
	int ret = bytes_write(fd, head, sizeof(head), err);

	for (const struct tile *tile = sheet->first; ret >= 0 && tile; tile = tile->next) {
		const uint32_t size[2] = { tile->width, tile->height };

		ret = bytes_write(fd, size, sizeof(size), err);
		if (ret >= 0)
			ret = bytes_write(fd, tile->rgb, tile_bytes(tile->width, tile->height),
					  err);
	}
	return ret;
}

static int read_all(int fd, void *bytes, size_t size, struct scrim_error *err)
{
	uint8_t *at = bytes;

	while (size) {
		ssize_t n = read(fd, at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, -EIO, "cannot read tiles: %s", strerror(errno));
		if (!n)
			return fail(err, -EBADMSG, "tiles are missing");
		at += n;
		size -= n;
	}
	return 0;
}

static int load_tile(struct sheet *sheet, int fd, struct scrim_error *err)
{
	struct tile *tile;
	uint32_t size[2];
	int ret;

	ret = read_all(fd, size, sizeof(size), err);
	if (ret < 0)
		return ret;
	if (!size[0] || !size[1] || size[0] > sheet->tile_w || size[1] > sheet->tile_w)
		return fail(err, -EBADMSG, "a tile of %ux%u", size[0], size[1]);
	ret = add_tile(sheet, size[0], size[1], &tile, err);
	if (ret < 0)
		return ret;
	return read_all(fd, tile->rgb, tile_bytes(tile->width, tile->height), err);
}

int sheet_load(struct sheet *sheet, int fd, struct scrim_error *err)
{
	uint32_t head[2];
	int ret;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(err, -EIO, "cannot read tiles: %s", strerror(errno));
	ret = read_all(fd, head, sizeof(head), err);
	if (ret < 0)
		return ret;
	if (head[0] != MAGIC || head[1] > TILES_MAX)
		return fail(err, -EBADMSG, "not a file of tiles");
	for (uint32_t i = 0; ret >= 0 && i < head[1]; i++)
		ret = load_tile(sheet, fd, err);
	return ret;
}
