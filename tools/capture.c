// SPDX-License-Identifier: GPL-2.0
#include "capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "node.h"
#include "nodes.h"
#include "peek.h"
#include "policy/configfs.h"

/* How many have that label, or with NULL any; the first of them in camera[]. */
static unsigned by_label(struct capture camera[], unsigned max, const char *label)
{
	static struct nodes nodes;
	char path[PEEK_PATH_MAX], name[CAPTURE_NAME_MAX];
	unsigned count = 0;

	nodes_find(&nodes, "");
	for (unsigned i = 0; i < nodes.count; i++) {
		const char *node = nodes.at[i].path;

		if (nodes.at[i].kind != NODE_CAPTURE)
			continue;
		peek_text(name, sizeof(name), "",
			  peek_path(path, "/sys/class/video4linux", "%s/name", strrchr(node, '/')));
		if (label && strcmp(name, label))
			continue;
		if (count < max) {
			snprintf(camera[count].name, sizeof(camera->name), "%s", name);
			snprintf(camera[count].node, sizeof(camera->node), "%s", node);
		}
		count++;
	}
	return count;
}

unsigned capture_all(struct capture camera[], unsigned max)
{
	unsigned count = by_label(camera, max, NULL);

	return count < max ? count : max;
}

int capture_find(struct capture *camera, const char *name, struct scrim_error *err)
{
	unsigned count;

	*camera = (struct capture){ 0 };
	if (name && configfs_name_ok(name) &&
	    configfs_capture(name, camera->node, sizeof(camera->node), NULL) >= 0) {
		snprintf(camera->name, sizeof(camera->name), "%s", name);
		return 0;
	}
	count = by_label(camera, 1, name);
	if (name && !count)
		return fail(err, -ENOENT, "there is no live scrim camera %s: systemctl status scrim@%s",
			    name, name);
	if (!count)
		return fail(err, -ENOENT, "there is no live scrim camera: scrim doctor says why");
	if (count > 1)
		return fail(err, -EINVAL, "there are %u scrim cameras%s%s: say which", count,
			    name ? " called " : "", name ? name : "");
	return 0;
}

static int attribute(char *text, size_t size, const struct capture *camera, const char *which)
{
	char path[PEEK_PATH_MAX];

	return peek_text(text, size, "", peek_path(path, CONFIGFS_CAMERAS, "/%s/%s", camera->name,
						   which));
}

uint64_t capture_fed(const struct capture *camera)
{
	uint64_t frames = 0;
	char text[512];

	if (*camera->name && attribute(text, sizeof(text), camera, "stats") > 0)
		peek_number(text, "frames", &frames);
	return frames;
}

static bool is_shut(const char *node)
{
	struct v4l2_control control = { .id = V4L2_CID_PRIVACY };
	int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	bool shut = fd >= 0 && v4l2_call(fd, VIDIOC_G_CTRL, &control) >= 0 && control.value;

	if (fd >= 0)
		close(fd);
	return shut;
}

void capture_why_black(char why[SCRIM_TEXT_MAX], const struct capture *camera, uint64_t fed)
{
	const char *name = *camera->name ? camera->name : "NAME";
	bool known = *camera->name;
	char text[512];

	if (is_shut(camera->node))
		snprintf(why, SCRIM_TEXT_MAX, "its shutter is closed: "
			 "v4l2-ctl -d %s --set-ctrl privacy=0 opens it", camera->node);
	else if (known && attribute(text, sizeof(text), camera, "privacy") > 0 &&
		 !strcmp(text, "1"))
		snprintf(why, SCRIM_TEXT_MAX, "the administrator's shutter is closed: "
			 "echo 0 >%s/%s/privacy opens it", CONFIGFS_CAMERAS, name);
	else if (known && attribute(text, sizeof(text), camera, "stats") > 0 &&
		 capture_fed(camera) == fed)
		snprintf(why, SCRIM_TEXT_MAX, "nothing feeds it: systemctl status scrim@%s", name);
	else
		snprintf(why, SCRIM_TEXT_MAX, "all of it is covered, or the feeder's shutter is "
			 "closed, or it is dark: journalctl -u scrim@%s", name);
}
