// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/camera.h"

#include <stdio.h>
#include <string.h>

#include "node.h"
#include "source/other.h"

/* The first whose prefix fits. */
static const struct camera_kind *const kinds[] = {
	&camera_file, &camera_rtsp, &camera_rtsps, &camera_http, &camera_https, &camera_libcamera,
	&camera_v4l2,
};

/* "rtsp://host" is of a kind; "/dev/v4l/by-path/pci-0000:00" is not. */
static bool names_a_kind(const char *device)
{
	size_t letters = strspn(device, "abcdefghijklmnopqrstuvwxyz0123456789+");

	return letters && device[letters] == ':';
}

static const struct camera_kind *kind_of(const char *device)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(device, kinds[i]->prefix, strlen(kinds[i]->prefix)) &&
		    (*kinds[i]->prefix || !names_a_kind(device)))
			return kinds[i];
	return NULL;
}

bool camera_is_node(const char *device)
{
	return kind_of(device) == &camera_v4l2;
}

bool camera_is_kept(const char *device)
{
	return kind_of(device) == &camera_libcamera;
}

/* Everything but its descriptor. */
static int name_camera(struct camera *camera, const struct camera_name *name,
		       struct scrim_error *err)
{
	const struct camera_kind *kind = kind_of(name->device);

	*camera = (struct camera){ .fd = -1 };
	if (!kind)
		return fail(err, -ENOTSUP, "%.16s...: cameras of this kind are not known; a path, "
			    "file:PATH, libcamera:ID, rtsp://, rtsps://, http:// and https:// are",
			    name->device);
	camera->kind = kind;
	camera->where = name->device + strlen(kind->prefix);
	camera->credentials = name->credentials ? name->credentials : "";
	camera->tls_ca = name->tls_ca ? name->tls_ca : "";
	return 0;
}

int camera_open(struct camera *camera, const struct camera_name *name, const struct wish *wish,
		struct scrim_error *err)
{
	int ret = name_camera(camera, name, err);

	if (ret >= 0)
		ret = camera->kind->open(camera, camera->where, wish, err);
	if (ret < 0)
		camera_close(camera);
	return ret;
}

int camera_look_for(struct camera *camera, struct finder *finder, const struct camera_name *name,
		const struct wish *wish, struct scrim_error *err)
{
	const struct camera_kind *kind = kind_of(name->device);
	int ret;

	if (!kind || !kind->find)
		return camera_open(camera, name, wish, err);
	if (strcmp(finder->device, name->device)) {
		finder_stop(finder);
		finder_forget(finder);
		snprintf(finder->device, sizeof(finder->device), "%s", name->device);
	}
	finder->wish = wish;
	ret = name_camera(camera, name, err);
	if (ret >= 0)
		ret = camera->kind->find(camera, finder, err);
	if (ret < 0)
		camera_close(camera);
	return ret;
}

void camera_close(struct camera *camera)
{
	if (camera->kind && camera->kind->close)
		camera->kind->close(camera);
	if (camera->fd >= 0)
		v4l2_close(camera->fd);
	camera->fd = -1;
}

/*
 * JPEG pictures are of full range and of BT.601 colours, whatever the camera is; what is
 * made of RGB is of limited range.
 */
struct v4l2_pix_format camera_frames(const struct camera *camera)
{
	struct v4l2_pix_format pix = camera->pix;

	if (pix.pixelformat == V4L2_PIX_FMT_MJPEG) {
		pix.pixelformat = V4L2_PIX_FMT_YUV420;
		pix.ycbcr_enc = V4L2_YCBCR_ENC_601;
		pix.quantization = V4L2_QUANTIZATION_FULL_RANGE;
	}
	if (other_takes(pix.pixelformat)) {
		if (other_is_rgb(pix.pixelformat)) {
			pix.ycbcr_enc = V4L2_YCBCR_ENC_601;
			pix.quantization = V4L2_QUANTIZATION_LIM_RANGE;
		}
		pix.pixelformat = V4L2_PIX_FMT_YUV420;
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
