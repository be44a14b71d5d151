// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/camera.h"

#include <string.h>
#include <unistd.h>

/* The first whose prefix fits. */
static const struct camera_kind *const kinds[] = { &camera_file, &camera_v4l2 };

/* "rtsp://host" is of a kind; "/dev/v4l/by-path/pci-0000:00" is not. */
static bool names_a_kind(const char *device)
{
	size_t letters = strspn(device, "abcdefghijklmnopqrstuvwxyz0123456789+");

	return letters && device[letters] == ':';
}

int camera_open(struct camera *camera, const char *device, const struct wish *wish,
		struct scrim_error *err)
{
	const struct camera_kind *kind = NULL;
	int ret;

	*camera = (struct camera){ .fd = -1 };
	for (size_t i = 0; !kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(device, kinds[i]->prefix, strlen(kinds[i]->prefix)))
			kind = kinds[i];
	if (!*kind->prefix && names_a_kind(device))
		return fail(err, -ENOTSUP, "%s: cameras of this kind are not known; a path "
			    "or file:PATH is", device);
	camera->kind = kind;
	camera->where = device + strlen(kind->prefix);
	ret = kind->open(camera, camera->where, wish, err);
	if (ret < 0)
		camera_close(camera);
	return ret;
}

void camera_close(struct camera *camera)
{
	if (camera->fd >= 0)
		close(camera->fd);
	camera->fd = -1;
}

/* JPEG pictures are of full range and of BT.601 colours, whatever the camera is. */
struct v4l2_pix_format camera_frames(const struct camera *camera)
{
	struct v4l2_pix_format pix = camera->pix;

	if (pix.pixelformat == V4L2_PIX_FMT_MJPEG) {
		pix.pixelformat = V4L2_PIX_FMT_YUV420;
		pix.ycbcr_enc = V4L2_YCBCR_ENC_601;
		pix.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	}
	pix.bytesperline = plane_row_bytes(&format_find(pix.pixelformat)->plane[0], pix.width);
	pix.field = V4L2_FIELD_NONE;
	pix.flags = 0;
	return pix;
}

int camera_source(struct source **source, const struct camera *camera, struct scrim_error *err)
{
	*source = NULL;
	return camera->kind->source(source, camera, err);
}
