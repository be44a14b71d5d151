// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/png.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "sink/bytes.h"

/* Half the time of libpng's default for photos, and hardly larger. */
#define COMPRESSION	4

/* libpng leaves by longjmp: whatever is needed afterwards is kept here. */
struct writing {
	int fd;
	int ret;
	struct scrim_error *err;
	png_structp png;
	png_infop info;
};

static void failed(png_structp png, const char *text)
{
	struct writing *w = png_get_error_ptr(png);

	if (w->ret >= 0)
		w->ret = fail(w->err, -EIO, "cannot write a PNG: %s", text);
	longjmp(png_jmpbuf(png), 1);
}

static void warned(png_structp png, const char *text)
{
}

static void put(png_structp png, png_bytep bytes, size_t size)
{
	struct writing *w = png_get_io_ptr(png);

	w->ret = bytes_write(w->fd, bytes, size, w->err);
	if (w->ret < 0)
		png_error(png, "write");
}

static void flush(png_structp png)
{
}

static void put_header(struct writing *w, const struct png_picture *picture)
{
	int type = PNG_COLOR_TYPE_RGB;

	if (picture->fourcc == V4L2_PIX_FMT_GREY)
		type = PNG_COLOR_TYPE_GRAY;
	if (picture->fourcc == V4L2_PIX_FMT_ABGR32)
		type = PNG_COLOR_TYPE_RGB_ALPHA;
	png_set_write_fn(w->png, w, put, flush);
	png_set_compression_level(w->png, COMPRESSION);
	png_set_user_limits(w->png, SCRIM_SIDE_MAX, SCRIM_SIDE_MAX);
	png_set_IHDR(w->png, w->info, picture->width, picture->height, 8, type,
		     PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		     PNG_FILTER_TYPE_DEFAULT);
	png_write_info(w->png, w->info);
	if (picture->fourcc == V4L2_PIX_FMT_ABGR32)
		png_set_bgr(w->png);
}

static void put_all(struct writing *w, const struct png_picture *picture)
{
	if (setjmp(png_jmpbuf(w->png)))
		return;			/* failed() has said why */
	put_header(w, picture);
	for (unsigned y = 0; y < picture->height; y++)
		png_write_row(w->png, picture->pixels + y * picture->stride);
	png_write_end(w->png, NULL);
}

int png_save(const struct png_picture *picture, int fd, struct scrim_error *err)
{
	struct writing w = { .fd = fd, .err = err };

	w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, failed, warned);
	if (w.png)
		w.info = png_create_info_struct(w.png);
	if (w.info)
		put_all(&w, picture);
	else
		w.ret = fail(err, -ENOMEM, "no memory to write a PNG");
	png_destroy_write_struct(&w.png, &w.info);
	return w.ret;
}
