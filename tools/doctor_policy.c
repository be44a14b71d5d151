// SPDX-License-Identifier: GPL-2.0
/*
 * The policy, and what of it is in force: devices, models, daemons, clock.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"
#include "policy/configfs.h"
#include "policy/load.h"
#include "policy/open.h"
#include "source/keeper.h"

#define SOCKETS		"/run/scrim"
#define BUILT		1735689600	/* 2025: no clock that is right is behind that */

/* Cameras of libcamera are those that it finds now, on this machine. */
static void check_libcamera(struct doctor *d, const struct policy *policy, const char *id)
{
	static struct shim_name names[KEEPER_NAMES];
	struct scrim_error err;
	int count;

	if (!doctor_is_this_machine(d))
		return;
	count = keeper_list(names, &err);
	if (count < 0) {
		doctor_problem(d, "device", "%s: %s", policy->camera, err.text);
		doctor_todo(d, "apt install scrim-libcamera, or libcamera-tools where scrim was built; then scrim cameras");
		return;
	}
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i].id, id)) {
			doctor_ok(d, "device", "%s: libcamera has %s", policy->camera, id);
			return;
		}
	doctor_problem(d, "device", "%s: libcamera has no camera %s", policy->camera, id);
	doctor_todo(d, "scrim cameras, and write device = libcamera:... as it stands there");
}

static void check_device(struct doctor *d, const struct policy *policy)
{
	static const char libcamera[] = "libcamera:";
	const char *device = policy->device;

	if (!strncmp(device, libcamera, strlen(libcamera))) {
		check_libcamera(d, policy, device + strlen(libcamera));
		return;
	}
	if (!strncmp(device, "file:", strlen("file:")))
		device += strlen("file:");
	if (!*device) {
		doctor_problem(d, "device", "[camera %s] says no device", policy->camera);
		doctor_todo(d, "ls -l /dev/v4l/by-id; then write device = ... into the policy");
	} else if (*device == '/' && !doctor_there(d, "%s", device)) {
		doctor_problem(d, "device", "%s: %s is not there", policy->camera, device);
		doctor_todo(d, "ls -l /dev/v4l/by-id, and plug it in");
	} else if (*device == '/') {
		doctor_ok(d, "device", "%s: %s is there", policy->camera, device);
	}
}

static void check_credentials(struct doctor *d, const struct policy *policy)
{
	const char *path = policy->credentials;
	struct stat st;

	if (!*path || !doctor_is_this_machine(d))
		return;
	if (stat(path, &st) < 0) {
		doctor_problem(d, "credentials", "%s: %s: %s", policy->camera, path, strerror(errno));
		doctor_todo(d, "write user:password into it; then chmod 600 %s; chown scrim %s", path, path);
	} else if (st.st_mode & 077) {
		doctor_problem(d, "credentials", "%s: %s can be read by others", policy->camera, path);
		doctor_todo(d, "chmod 600 %s", path);
	} else if (d->scrim != NO_USER && st.st_uid != d->scrim) {
		doctor_problem(d, "credentials", "%s: %s does not belong to user scrim, who reads it",
			       policy->camera, path);
		doctor_todo(d, "chown scrim %s", path);
	} else {
		doctor_ok(d, "credentials", "%s: %s is there", policy->camera, path);
	}
}

/* The installed one is looked for as scrimd does it. */
static bool has_model(const struct doctor *d, const struct policy *policy)
{
	int model = -1, boxes = -1;

	if (*policy->model)
		return doctor_there(d, "%s", policy->model);
	if (!doctor_is_this_machine(d))
		return doctor_there(d, "%s/face.onnx", SCRIM_DATADIR);
	policy_open(policy, &model, &boxes, NULL);
	if (model >= 0)
		close(model);
	return model >= 0;
}

static void check_model(struct doctor *d, const struct policy *policy)
{
	if (policy->detector != DETECTOR_FACE)
		return;
	if (has_model(d, policy)) {
		doctor_ok(d, "model", "%s: the face model is there", policy->camera);
		return;
	}
	doctor_problem(d, "model", "%s: there is no face model%s%s: all of the picture is covered",
		       policy->camera, *policy->model ? " " : "", policy->model);
	doctor_todo(d, *policy->model ? "scrim policy show --camera %s, and correct model = ..." :
		    "make setup install, or write model = ... for %s", policy->camera);
}

static void check_daemon(struct doctor *d, const struct policy *policy)
{
	char path[PEEK_PATH_MAX], live[8];
	pid_t pid = doctor_runs(d, "scrimd", policy->camera);

	peek_text(live, sizeof(live), d->root,
		  peek_path(path, "", CONFIGFS_CAMERAS "/%s/live", policy->camera));
	if (pid && !strcmp(live, "1")) {
		doctor_ok(d, "scrimd", "%s: process %d feeds it", policy->camera, (int)pid);
		return;
	}
	doctor_problem(d, "scrimd", pid ? "%s: scrimd runs and the kernel has no such camera" :
		       "%s: no scrimd runs: it is black", policy->camera);
	doctor_todo(d, "systemctl enable --now scrim@%s", policy->camera);
}

/* Who may ask a daemon: root, and group scrim. */
static void check_socket(struct doctor *d, const struct policy *policy)
{
	char path[PEEK_PATH_MAX];
	struct stat st;

	if (stat(peek_path(path, d->root, SOCKETS "/%s", policy->camera), &st) < 0)
		return;
	if (S_ISSOCK(st.st_mode) && !(st.st_mode & 0007) &&
	    (st.st_gid == 0 || st.st_gid == d->group)) {
		doctor_ok(d, "socket", "%s: it is for root and group scrim", policy->camera);
		return;
	}
	doctor_problem(d, "socket", "%s: " SOCKETS "/%s is of group %u with mode %04o",
		       policy->camera, policy->camera, (unsigned)st.st_gid, st.st_mode & 07777);
	doctor_todo(d, "systemctl restart scrim@%s", policy->camera);
}

/* What the kernel holds can be compared on the machine itself only. */
static void check_locked(struct doctor *d, const struct policy *policy)
{
	struct scrim_error err;
	bool any = false;

	for (unsigned i = 0; i < policy->regions; i++)
		any |= policy->region[i].locked;
	if (!any || !doctor_is_this_machine(d))
		return;
	if (configfs_check(policy, &err) >= 0) {
		doctor_ok(d, "locked", "%s: the kernel holds its locked regions", policy->camera);
		return;
	}
	doctor_problem(d, "locked", "%s", err.text);
	doctor_todo(d, "systemctl reload-or-restart scrim@%s", policy->camera);
}

static void check_clock(struct doctor *d, const struct policies *all)
{
	struct timex state = { 0 };
	bool any = false;

	for (unsigned i = 0; i < all->count; i++)
		for (unsigned j = 0; j < all->at[i].regions; j++)
			any |= all->at[i].region[j].between.from != all->at[i].region[j].between.to;
	if (!any)
		return;
	if (!doctor_there(d, "/etc/localtime")) {
		doctor_problem(d, "clock", "regions cover between hours, and there is no time zone");
		doctor_todo(d, "timedatectl set-timezone Region/City");
	} else if (doctor_is_this_machine(d) && time(NULL) < BUILT) {
		doctor_problem(d, "clock", "regions cover between hours, and the clock is wrong");
		doctor_todo(d, "timedatectl set-ntp true");
	} else if (doctor_is_this_machine(d) && adjtimex(&state) == TIME_ERROR) {
		doctor_unknown(d, "clock", "regions cover between hours, and nothing sets the clock");
	} else {
		doctor_ok(d, "clock", "regions cover between hours, by the time zone in /etc/localtime");
	}
}

/* Who can write a policy, or what its detector reads, decides what is seen. */
static void check_writers(struct doctor *d, const char *check, const char *name)
{
	char path[PEEK_PATH_MAX];
	struct stat st;

	if (stat(peek_path(path, d->root, "%s", name), &st) < 0 ||
	    (st.st_uid == 0 && !(st.st_mode & 0022)))
		return;
	doctor_problem(d, check, "others than root can change %s: user %u, mode %04o", name,
		       (unsigned)st.st_uid, st.st_mode & 07777);
	doctor_todo(d, "chown root:root %s && chmod go-w %s", name, name);
}

static void check_policy_writers(struct doctor *d)
{
	char path[PEEK_PATH_MAX];
	glob_t found = { 0 };

	check_writers(d, "policy", d->policy);
	if (glob(peek_path(path, d->root, "%s/*.conf", d->policy), 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			check_writers(d, "policy", found.gl_pathv[i] + strlen(d->root));
	globfree(&found);
}

static void check_detector_writers(struct doctor *d, const struct policy *policy)
{
	if (policy->detector == DETECTOR_REPLAY && *policy->replay)
		check_writers(d, "model", policy->replay);
	if (policy->detector == DETECTOR_FACE)
		check_writers(d, "model", *policy->model ? policy->model :
			      SCRIM_DATADIR "/face.onnx");
}

/* Whoever changes it can pass for the camera. */
static void check_certificates(struct doctor *d, const struct policy *policy)
{
	const char *path = policy->tls_ca;
	struct stat st;

	if (!*path || !doctor_is_this_machine(d))
		return;
	if (stat(path, &st) < 0) {
		doctor_problem(d, "certificates", "%s: %s: %s", policy->camera, path, strerror(errno));
		doctor_todo(d, "get the camera's certificate, as scrimd(8) says");
		return;
	}
	doctor_ok(d, "certificates", "%s: %s is there", policy->camera, path);
	check_writers(d, "certificates", path);
}

static void check_policies(struct doctor *d, const struct policies *all)
{
	if (all->errors) {
		doctor_problem(d, "policy", "%s", all->error[0]);
		doctor_todo(d, "scrim policy check %s", d->policy);
		return;
	}
	doctor_ok(d, "policy", "%s is right; cameras: %u", d->policy, all->count);
	for (unsigned i = 0; i < all->count; i++) {
		check_device(d, &all->at[i]);
		check_credentials(d, &all->at[i]);
		check_certificates(d, &all->at[i]);
		check_model(d, &all->at[i]);
		check_detector_writers(d, &all->at[i]);
		check_daemon(d, &all->at[i]);
		check_socket(d, &all->at[i]);
		check_locked(d, &all->at[i]);
	}
	check_clock(d, all);
}

void doctor_policy(struct doctor *d)
{
	char path[PEEK_PATH_MAX];
	struct policies *all = NULL;
	struct scrim_error err;

	check_policy_writers(d);
	if (policies_load(&all, peek_path(path, d->root, "%s", d->policy), &err) < 0) {
		doctor_problem(d, "policy", "%s", err.text);
		doctor_todo(d, "write [camera NAME], purpose = ... and device = ... into %s/NAME.conf",
			    d->policy);
		return;
	}
	check_policies(d, all);
	free(all);
}
