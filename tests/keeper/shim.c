// SPDX-License-Identifier: GPL-2.0
/*
 * In place of the shim, for check_keeper.c: a camera that fills a buffer when its gain is set, and
 * is unplugged when that is negative.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source/shim/libcamera.h"

struct shim {
	int events[2];
	uint32_t sequence;
	bool queued[SHIM_BUFFERS];
	int fd[SHIM_BUFFERS];
};
static struct shim only = { .events = { -1, -1 } };

static int begin(struct shim **shim, char why[SHIM_TEXT])
{
	*shim = &only;
	return 0;
}

static int list(struct shim *shim, struct shim_name *names, unsigned most, char why[SHIM_TEXT])
{
	return 0;
}

static int open_camera(struct shim *shim, const char *id, char why[SHIM_TEXT])
{
	return 0;
}

static int sizes(struct shim *shim, uint32_t drm, struct shim_size found[SHIM_SIZES], char why[SHIM_TEXT])
{
	if (drm != V4L2_PIX_FMT_YUYV)
		return 0;
	found[0] = (struct shim_size){ 640, 480 };
	found[1] = (struct shim_size){ 301, 201 };
	found[2] = (struct shim_size){ 320, 240 };
	return 3;
}

static int controls(struct shim *shim, struct shim_control found[SHIM_CONTROLS], char why[SHIM_TEXT])
{
	found[0] = (struct shim_control){ V4L2_CID_GAIN, -100, 100, 0 };
	return 1;
}

static int set_up(struct shim *shim, struct shim_frames *frames, struct shim_buffer buffers[SHIM_BUFFERS],
		  char why[SHIM_TEXT])
{
	frames->stride = 2 * frames->width;
	for (unsigned i = 0; i < SHIM_BUFFERS; i++)
		buffers[i] = (struct shim_buffer){
			.planes = 2, .plane = { { shim->fd[i], 0, 4096 }, { shim->fd[i], 4096, 4096 } },
		};
	return SHIM_BUFFERS;
}

static int start(struct shim *shim, char why[SHIM_TEXT])
{
	memset(shim->queued, 1, sizeof(shim->queued));
	return pipe2(shim->events, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : shim->events[0];
}

static int give_back(struct shim *shim, uint32_t index, char why[SHIM_TEXT])
{
	if (index >= SHIM_BUFFERS || shim->queued[index]) {
		snprintf(why, SHIM_TEXT, "buffer %u is here", index);
		return -EINVAL;
	}
	shim->queued[index] = true;
	return 0;
}

static int turn(struct shim *shim, uint32_t id, int32_t value, char why[SHIM_TEXT])
{
	struct shim_filled filled = { .planes = 1, .sequence = shim->sequence++ };

	filled.index = SHIM_GONE;
	for (unsigned i = 0; value >= 0 && filled.index == SHIM_GONE && i < SHIM_BUFFERS; i++)
		if (shim->queued[i]) {
			shim->queued[i] = false;
			filled.index = i;
		}
	return write(shim->events[1], &filled, sizeof(filled)) < 0 ? -errno : 0;
}

static const struct shim_calls calls = {
	begin, list, open_camera, sizes, controls, set_up, start, give_back, turn,
};

extern const struct shim_calls *const scrim_libcamera;
__attribute__((visibility("default"))) const struct shim_calls *const scrim_libcamera = &calls;

/* When it is loaded there is no fence yet, inside which no memory can be made to hand out. */
__attribute__((constructor)) static void make_buffers(void)
{
	for (unsigned i = 0; i < SHIM_BUFFERS; i++) {
		only.fd[i] = memfd_create("buffer", MFD_CLOEXEC);
		if (ftruncate(only.fd[i], 8192 + i) < 0)
			only.fd[i] = -1;
	}
}
