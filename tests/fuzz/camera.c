// SPDX-License-Identifier: GPL-2.0
/*
 * A picture of a camera that means harm, raw or MJPEG: it is refused, or it is taken
 * without a byte beyond what the camera gave, and none of what was there before shows
 * in a raw one.  The first byte says how the camera was set up.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "source/v4l2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WIDTH	32u
#define HEIGHT	24u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t fourccs[] = { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV,
					    V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_YUV420 };
	struct camera camera = { .fd = -1, .pix = { .width = WIDTH, .height = HEIGHT } };
	struct v4l2_pix_format pix;
	struct frame *frame = NULL;
	uint8_t *bytes;

	if (!size)
		return 0;
	camera.pix.pixelformat = fourccs[data[0] & 3];
	camera.pix.bytesperline = (data[0] & 3) == 1 ? 2 * WIDTH : WIDTH;
	camera.pix.bytesperline += data[0] >> 2;
	pix = camera_frames(&camera);
	assert(frame_new(&frame, pix.pixelformat, WIDTH, HEIGHT, NULL) == 0);
	bytes = malloc(size);		/* its own, so that a byte too far is seen */
	memcpy(bytes, data + 1, size - 1);
	if (v4l2_picture(frame, &camera.pix, bytes, size - 1, NULL) == 0 && data[0] & 3)
		assert(!memcmp(frame->plane[0], bytes, WIDTH));
	free(bytes);
	frame_free(&frame);
	return 0;
}
