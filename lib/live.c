// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side of a live camera that may open names and never looks at a picture.
 */
#include "live.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "controls.h"
#include "policy/configfs.h"
#include "text.h"
#include "live_worker.h"

/* The two nodes, what the detector reads, and each plane of each buffer. */
#define KEEP_MAX	(4 + CAMERA_BUFFERS * FORMAT_PLANES_MAX)

/* Ascending, each once. */
static unsigned keep_one(int keep[KEEP_MAX], unsigned kept, int fd)
{
	unsigned at = kept;

	for (unsigned i = 0; i < kept; i++)
		if (keep[i] == fd)
			return kept;
	for (; at > 0 && keep[at - 1] > fd; at--)
		keep[at] = keep[at - 1];
	keep[at] = fd;
	return kept + 1;
}

/* Those that are there. */
static unsigned sort_descriptors(int keep[KEEP_MAX], const struct live_worker *w)
{
	const int fds[4] = { w->camera->fd, w->feed->fd, w->model, w->boxes };
	unsigned kept = 0;

	for (unsigned i = 0; i < 4; i++)
		if (fds[i] >= 0)
			kept = keep_one(keep, kept, fds[i]);
	for (unsigned i = 0; i < w->camera->buffers; i++)
		for (unsigned p = 0; p < w->camera->buffer[i].planes; p++)
			kept = keep_one(keep, kept, w->camera->buffer[i].plane[p].fd);
	return kept;
}

static int start_worker(struct live *live, struct live_worker *w, struct scrim_error *err)
{
	struct device_permission may[LIVE_DEVICES_MAX];
	const struct cage_devices devices = {
		may, live_devices(may, w->camera, w->feed), w->camera->kind->calls,
	};
	struct caged_call call = {
		.before = live_before, .work = live_work, .ctx = w,
		.size = sizeof(struct live_counts), .devices = &devices,
	};
	int keep[KEEP_MAX];

	call.keep = keep;
	call.kept = sort_descriptors(keep, w);
	return caged_start(&call, &live->child, err);
}

static int find_camera(struct camera *camera, struct finder *finder, const struct policy *policy,
		       struct scrim_error *err)
{
	const struct camera_name name = { policy->device, policy->credentials, policy->tls_ca };

	return camera_look_for(camera, finder, &name, &policy->wish, err);
}

int live_start(struct live *live, const struct policy *policy, const struct sealed *sealed,
	       struct feed *feed, struct finder *finder, const struct live_gate *gate,
	       struct scrim_error *err)
{
	struct live_worker w = {
		.policy = policy, .camera = &live->camera, .feed = feed,
		.model = sealed->model, .boxes = sealed->boxes,
	};
	struct v4l2_pix_format frames;
	int ret;

	*live = (struct live)LIVE_NONE;
	ret = find_camera(&live->camera, finder, policy, err);
	if (ret < 0)
		goto out;
	live->camera.lends = policy->zero_copy;
	frames = camera_frames(&live->camera);
	ret = feed_set(feed, &frames, &live->camera.interval, err);
	if (ret >= 0 && gate)
		ret = gate->open(gate->ctx, err);
	if (ret < 0)
		goto out;
	ret = start_worker(live, &w, err);
out:
	live->feed = feed;
	if (ret < 0)
		camera_close(&live->camera);
	return ret;
}

_Static_assert(POLICY_REGIONS_MAX <= 64, "a bit each");

uint64_t live_regions_at(const struct policy *policy, int minute)
{
	int next = minute < 0 ? minute : (minute + 1) % MINUTES_A_DAY;
	uint64_t regions = 0;

	for (unsigned i = 0; i < policy->regions; i++)
		if (policy_region_holds(&policy->region[i], minute) ||
		    policy_region_holds(&policy->region[i], next))
			regions |= UINT64_C(1) << i;
	return regions;
}

void live_policy_of(struct policy *now, const struct policy *policy, uint64_t regions)
{
	*now = *policy;
	now->regions = 0;
	for (unsigned i = 0; i < policy->regions; i++)
		if (regions >> i & 1)
			now->region[now->regions++] = policy->region[i];
}

int live_probe(const struct policy *policy, struct feed *feed, struct finder *finder,
	       struct scrim_error *err)
{
	struct camera camera;
	struct v4l2_pix_format frames;
	int ret = find_camera(&camera, finder, policy, err);

	if (ret < 0)
		return ret;
	frames = camera_frames(&camera);
	ret = feed_set(feed, &frames, &camera.interval, err);
	camera_close(&camera);
	return ret;
}

int live_controls(const struct live *live, const struct policy *policy, struct scrim_error *err)
{
	if (live->camera.kind == &camera_libcamera)
		return controls_pass_kept(&live->camera, live->feed->fd, policy, err);
	return live->camera.kind == &camera_v4l2 ?
		controls_pass(live->camera.fd, live->feed->fd, policy, err) : 0;
}

int live_hold(const struct policy *policy, struct scrim_error *err)
{
	char controls[CONTROLS_TEXT_MAX] = "";

	if (!configfs_is_live(policy->camera) && controls_list(controls, policy, NULL) < 0)
		*controls = '\0';
	return configfs_hold(policy, controls, err);
}

bool live_runs(const struct live *live)
{
	return live->child.pid > 0;
}

int live_watch(const struct live *live, struct scrim_error *err)
{
	int fd = syscall(__NR_pidfd_open, live->child.pid, 0);

	return fd < 0 ? fail(err, -errno, "cannot watch a worker: %s", strerror(errno)) : fd;
}

void live_peek(const struct live *live, struct live_counts *counts)
{
	memcpy(counts, (const void *)caged_peek(&live->child), sizeof(*counts));
	counts->why[sizeof(counts->why) - 1] = '\0';
	counts->copied[sizeof(counts->copied) - 1] = '\0';
	/* They go into lines of a log, and to a service manager. */
	text_clean(counts->why);
	text_clean(counts->copied);
}

static bool ended(const struct live *live)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, live->child.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid;
}

int live_stop(struct live *live, struct live_counts *counts, struct scrim_error *err)
{
	struct live_counts nothing;
	struct scrim_error cut;
	int ret = 0;

	*counts = (struct live_counts){ 0 };
	if (!live_runs(live))
		return 0;
	live_peek(live, counts);
	if (ended(live))
		ret = caged_finish(&live->child, &nothing, err);
	else
		caged_stop(&live->child);
	/* No hand is left that could feed: what is cut now stays cut. */
	if (feed_cut(live->feed, &cut) < 0 && ret >= 0)
		ret = fail(err, cut.code, "%s", cut.text);
	camera_close(&live->camera);
	return ret;
}
