// SPDX-License-Identifier: GPL-2.0
#include "media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test.h"

int media_file(const void *bytes, size_t size)
{
	int fd = memfd_create("media", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

uint8_t *media_bytes(int fd, size_t *size)
{
	off_t n = lseek(fd, 0, SEEK_END);
	uint8_t *bytes = malloc(n + 1);

	ck_assert_int_eq(pread(fd, bytes, n, 0), n);
	bytes[n] = '\0';
	if (size)
		*size = n;
	return bytes;
}

int media_y4m(unsigned width, unsigned height, unsigned frames)
{
	size_t size = (size_t)width * height +
		      2 * (size_t)((width + 1) / 2) * ((height + 1) / 2);
	uint8_t *planes = malloc(size);
	char head[80];
	int fd;

	snprintf(head, sizeof(head), "YUV4MPEG2 W%u H%u F25:1 Ip A1:1 C420jpeg\n",
		 width, height);
	fd = media_file(head, strlen(head));
	for (unsigned n = 0; n < frames; n++) {
		for (size_t i = 0; i < size; i++)
			planes[i] = 16 + (i * 7 + n * 31) % 200;
		ck_assert_int_eq(write(fd, "FRAME\n", 6), 6);
		ck_assert_int_eq(write(fd, planes, size), (ssize_t)size);
	}
	free(planes);
	return fd;
}

static void paint(struct frame *frame, uint64_t number)
{
	for (unsigned i = 0; i < frame->format->planes; i++) {
		const struct plane_format *plane = &frame->format->plane[i];
		size_t bytes = plane_row_bytes(plane, frame->width);
		unsigned rows = plane_rows(plane, frame->height);

		for (unsigned y = 0; y < rows; y++)
			for (size_t x = 0; x < bytes; x++)
				frame->plane[i][y * frame->stride[i] + x] = 40 + 20 * i +
					(x / plane->cell_bytes + 2 * y + 9 * number) % 120 +
					5 * (x % plane->cell_bytes);
	}
}

struct clean_frame *media_clean(uint32_t fourcc, unsigned width, unsigned height,
				uint64_t number, bool full_range, int64_t time_ns)
{
	static struct regions none;
	struct clean_frame *clean = NULL;
	struct redactor *redactor = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_new(&frame, fourcc, width, height, NULL), 0);
	paint(frame, number);
	frame->colour.full_range = full_range;
	frame->number = number;
	frame->time_ns = time_ns;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(redact(redactor, &frame, &none, &clean, NULL), 0);
	redactor_free(&redactor);
	return clean;
}

double media_distance(const struct frame *a, const struct frame *b)
{
	uint64_t sum = 0, count = 0;

	ck_assert_uint_eq(a->format->fourcc, b->format->fourcc);
	ck_assert_uint_eq(a->width, b->width);
	ck_assert_uint_eq(a->height, b->height);
	for (unsigned i = 0; i < a->format->planes; i++) {
		const struct plane_format *plane = &a->format->plane[i];

		for (unsigned y = 0; y < plane_rows(plane, a->height); y++)
			for (size_t x = 0; x < plane_row_bytes(plane, a->width); x++, count++)
				sum += abs(a->plane[i][y * a->stride[i] + x] -
					   b->plane[i][y * b->stride[i] + x]);
	}
	return (double)sum / count;
}

struct source media_source(uint32_t fourcc, unsigned width, unsigned height)
{
	return (struct source){
		.fourcc = fourcc, .width = width, .height = height,
		.colour = { false, 2, 2, 2 }, .rate = { 25, 1 },
	};
}
