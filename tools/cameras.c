// SPDX-License-Identifier: GPL-2.0
#include "cameras.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "policy/load.h"
#include "source/camera.h"
#include "url.h"

/* Milliseconds.  A policy is read in a cage, and its regions are drawn. */
#define WAIT_STATUS	2000
#define WAIT_POLICY	30000

static struct camera_status *add(struct cameras *cameras, const char *name, const char *wanted)
{
	struct camera_status *camera;

	if ((wanted && strcmp(name, wanted)) || cameras->count == CAMERAS_MAX ||
	    !configfs_name_ok(name))
		return NULL;
	for (unsigned i = 0; i < cameras->count; i++)
		if (!strcmp(cameras->at[i].name, name))
			return NULL;
	camera = &cameras->at[cameras->count++];
	snprintf(camera->name, sizeof(camera->name), "%s", name);
	return camera;
}

static void find_in_policies(struct cameras *cameras, const struct where *where)
{
	const struct policies *all;

	if (policies_load(&cameras->policies, where->policy, &cameras->err) < 0)
		return;
	all = cameras->policies;
	if (all->errors)
		fail(&cameras->err, -EINVAL, "%s", all->error[0]);
	for (unsigned i = 0; i < all->count; i++) {
		struct camera_status *camera = add(cameras, all->at[i].camera, where->camera);

		if (!camera)
			continue;
		camera->policy = &all->at[i];
		url_show(camera->device, sizeof(camera->device), camera->policy->device);
	}
}

/* Names of sockets that a daemon has made, whether it lives or not. */
static void find_in_folder(struct cameras *cameras, const struct where *where)
{
	DIR *folder = opendir(where->run);
	struct dirent *entry;
	struct stat st;

	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISSOCK(st.st_mode))
			add(cameras, entry->d_name, where->camera);
	closedir(folder);
}

int cameras_find(struct cameras **cameras, const struct where *where, struct scrim_error *err)
{
	*cameras = calloc(1, sizeof(**cameras));
	if (!*cameras)
		return fail(err, -ENOMEM, "no memory for cameras");
	find_in_policies(*cameras, where);
	find_in_folder(*cameras, where);
	if (where->camera && !(*cameras)->count) {
		fail(err, -ENOENT, "there is no [camera %s] in %s%s%s", where->camera, where->policy,
		     (*cameras)->err.code ? ": " : "", (*cameras)->err.text);
		cameras_free(cameras);
		return -ENOENT;
	}
	return 0;
}

static bool has_policy(const struct cameras *cameras, const char *id)
{
	static const char prefix[] = "libcamera:";

	for (unsigned i = 0; i < cameras->count; i++) {
		const struct policy *policy = cameras->at[i].policy;

		if (policy && !strncmp(policy->device, prefix, strlen(prefix)) &&
		    !strcmp(policy->device + strlen(prefix), id))
			return true;
	}
	return false;
}

void cameras_look_for_libcamera(struct cameras *cameras)
{
	static char nodes[KEEPER_NODES][KEEPER_NODE];
	struct shim_name *names = cameras->libcamera;
	int found;

	if (!keeper_nodes(nodes, "/sys", NULL))
		return;
	/* Without libcamera there are none; what to do about that is the doctor's. */
	found = keeper_list(names, NULL);
	for (int i = 0; i < found; i++)
		if (!has_policy(cameras, names[i].id))
			names[cameras->libcameras++] = names[i];
}

void cameras_free(struct cameras **cameras)
{
	if (!*cameras)
		return;
	free((*cameras)->policies);
	free(*cameras);
	*cameras = NULL;
}

/* Whoever answers is there, whatever it does not find. */
static int said(int result)
{
	return result == -ENOENT || result == -ECONNREFUSED ? -EIO : result;
}

int camera_ask(struct camera_status *camera, const struct where *where, uint32_t what,
	       uint32_t flags)
{
	const struct control_request request = { CONTROL_VERSION, what, flags, { 0 } };
	bool slow = what == CONTROL_APPLY || what == CONTROL_COMPARE;
	char path[128];
	int ret;

	ret = control_path(path, sizeof(path), where->run, camera->name, &camera->why);
	if (ret >= 0)
		ret = control_ask(path, &request, &camera->reply,
				  slow ? WAIT_POLICY : WAIT_STATUS, &camera->why);
	if (ret >= 0 && camera->reply.result < 0)
		ret = fail(&camera->why, said(camera->reply.result), "%s", camera->reply.text);
	camera->asked = ret;
	return ret;
}

bool camera_is_down(const struct camera_status *camera)
{
	return camera->asked == -ENOENT || camera->asked == -ECONNREFUSED;
}

const char *camera_state(const struct camera_status *camera)
{
	if (camera_is_down(camera))
		return "not running";
	if (camera->asked < 0)
		return "unknown";
	switch ((enum control_state)camera->reply.status.state) {
	case CONTROL_OFF:	return "off";
	case CONTROL_BLACK:	return "black";
	case CONTROL_SHOWS:	return "shows";
	}
	return "unknown";
}

const char *camera_device(const struct camera_status *camera)
{
	if (!camera->asked)
		return camera->reply.status.device;
	return camera->device;
}

/* Of a scrim camera, whose light is not turned on by opening it. */
static int look_at_shutter(const char *capture)
{
	struct v4l2_control control = { V4L2_CID_PRIVACY, 0 };
	int fd = *capture ? open(capture, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1, ret;

	if (fd < 0)
		return -1;
	ret = v4l2_call(fd, VIDIOC_G_CTRL, &control);
	close(fd);
	return ret < 0 ? -1 : !!control.value;
}

static void name_owners(struct camera_status *camera)
{
	const struct passwd *user = getpwuid(camera->raw.uid);
	const struct group *group = getgrgid(camera->raw.gid);

	snprintf(camera->raw_user, sizeof(camera->raw_user), "%s", user ? user->pw_name : "?");
	snprintf(camera->raw_group, sizeof(camera->raw_group), "%s", group ? group->gr_name : "?");
}

/* Of a camera of libcamera, the first of its nodes: a USB camera has one for metadata behind it. */
static const char *raw_node_of(const struct camera_status *camera)
{
	static char nodes[KEEPER_NODES][KEEPER_NODE];
	static const char video[] = "/dev/video";
	const char *device = camera_device(camera), *first = NULL;
	unsigned count;

	if (!camera_is_kept(device))
		return device;
	count = keeper_nodes(nodes, "/sys", device + strlen("libcamera:"));
	for (unsigned i = 0; i < count; i++)
		if (!strncmp(nodes[i], video, strlen(video)) &&
		    (!first || atoi(nodes[i] + strlen(video)) < atoi(first + strlen(video))))
			first = nodes[i];
	return first ? first : device;
}

void cameras_look(struct cameras *cameras, const struct where *where)
{
	machine_look(&cameras->machine, "");
	for (unsigned i = 0; i < cameras->count; i++) {
		struct camera_status *camera = &cameras->at[i];

		camera_ask(camera, where, CONTROL_STATUS, 0);
		configfs_look(&camera->kernel, camera->name);
		if (camera->policy)
			camera->held = configfs_check(camera->policy, &camera->held_why);
		camera->capture_shut = look_at_shutter(camera->kernel.capture);
		raw_look(&camera->raw, raw_node_of(camera), "/proc");
		name_owners(camera);
	}
}
