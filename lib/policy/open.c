// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/open.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guard/cage.h"
#include "text.h"

/*
 * Where the face model is when nobody names one: beside the program that runs,
 * installed or in its build folder, or where this library was installed.
 */
static int open_installed_model(void)
{
	char exe[4096], path[4200];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;
	int fd = -1;

	if (n > 0) {
		exe[n] = '\0';
		slash = strrchr(exe, '/');
		*slash = '\0';
		snprintf(path, sizeof(path), "%s/../share/scrim/face.onnx", exe);
		fd = open_regular(path, NULL);
	}
	return fd >= 0 ? fd : open_regular(SCRIM_DATADIR "/face.onnx", NULL);
}

/* A model that the user names must be there; without any, the filter is blind. */
static int open_model(const struct policy *policy, int *model, struct scrim_error *err)
{
	*model = policy->model[0] ? open_regular(policy->model, err) : open_installed_model();
	return policy->model[0] && *model < 0 ? *model : 0;
}

int policy_open(const struct policy *policy, int *model, int *boxes,
		struct scrim_error *err)
{
	*model = *boxes = -1;
	switch (policy->detector) {
	case DETECTOR_FACE:
		return open_model(policy, model, err);
	case DETECTOR_REPLAY:
		*boxes = open_regular(policy->replay, err);
		return *boxes < 0 ? *boxes : 0;
	case DETECTOR_MOTION:
	case DETECTOR_NONE:
		return 0;
	}
	return 0;
}

struct policy_reading {
	int fd;
	const char *name, *camera;
};

static int read_policy(void *ctx, void *result, struct scrim_error *err)
{
	struct policy_reading *reading = ctx;

	return policy_read(result, reading->fd, reading->name, reading->camera, err);
}

int policy_load(struct policy *policy, const char *path, const char *camera,
		struct scrim_error *err)
{
	struct policy_reading reading = { open_regular(path, err), path, camera };
	const struct caged_call call = { NULL, read_policy, &reading,
					 &reading.fd, 1, sizeof(*policy), NULL };
	int ret;

	*policy = (struct policy){ 0 };
	if (reading.fd < 0)
		return reading.fd;
	ret = caged(&call, policy, err);
	close(reading.fd);
	if (ret >= 0 && !policy_is_sound(policy)) {
		*policy = (struct policy){ 0 };
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is no policy", path);
	}
	return ret;
}
