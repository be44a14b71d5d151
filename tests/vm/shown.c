// SPDX-License-Identifier: GPL-2.0
/*
 * shown FILE.ppm...: whether pictures of a screen are whole pictures of feed(1), each of them
 * not older than the one before.  Prints kind, epoch and number of each.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cam.h"
#include "picture.h"

static struct picture judge(const char *name)
{
	struct v4l2_pix_format pix = { .pixelformat = V4L2_PIX_FMT_RGB24 };
	FILE *file = fopen(name, "r");
	struct picture picture;
	uint8_t *data;
	size_t size;

	if (!file || fscanf(file, "P6 %u %u 255", &pix.width, &pix.height) != 2 || fgetc(file) != '\n')
		stop(-EINVAL, name);
	pix.bytesperline = pix.width * 3;
	size = (size_t)pix.bytesperline * pix.height;
	data = malloc(size);
	if (!data || fread(data, 1, size, file) != size)
		stop(-EINVAL, name);
	picture = picture_judge(data, size, &pix);
	free(data);
	fclose(file);
	return picture;
}

int main(int argc, char **argv)
{
	uint32_t last = 0;
	int wrong = argc < 2;

	for (int i = 1; i < argc; i++) {
		struct picture picture = judge(argv[i]);

		printf("%s %u %u\n", picture_word(picture.kind), picture.epoch, picture.number);
		if (picture.kind == PICTURE_BLACK)
			continue;
		wrong |= picture.kind != PICTURE_WHOLE || picture.number < last;
		last = picture.number;
	}
	return wrong;
}
