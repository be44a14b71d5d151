// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The locked regions of a policy are one of the kernel's, whose directory is named
 * after what is in it: one that is there and has all its spans is right, and one of
 * another such name is of another policy.
 */
#include "policy/configfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/locked.h"

#define WRITE_MAX	4000		/* of an attribute at once; a page is the driver's limit */
#define NAME_BYTES_MAX	31		/* of a label */
#define PATH_BYTES	512

/*
 * Spans are measured in a picture of this size; the driver scales them, outward.
 * Half of what it takes, so that there is room for the next policy's beside them.
 */
#define WIDTH		1920u
#define HEIGHT		1080u
#define SPANS_MAX	16384u

#define PREFIX		"policy-"

struct lock {
	char name[32];			/* "policy-0123456789abcdef" */
	struct locked spans;
};

bool configfs_name_ok(const char *name)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t length = strlen(name);

	return length && length <= NAME_BYTES_MAX && *name != '.' &&
	       strspn(name, may) == length;
}

/* FNV-1a, 64 bits: tells regions apart, keeps no secret. */
static uint64_t sum_of(const char *text)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (; *text; text++)
		sum = (sum ^ (uint8_t)*text) * 0x100000001b3;
	return sum;
}

static int lock_of(struct lock *lock, const struct policy *policy, struct scrim_error *err)
{
	int ret = policy_locked(&lock->spans, policy, WIDTH, HEIGHT, SPANS_MAX, err);

	if (ret < 0)
		return ret;
	snprintf(lock->name, sizeof(lock->name), PREFIX "%016llx", (unsigned long long)
		 (lock->spans.count ? sum_of(lock->spans.text) : 0));
	return 0;
}

/* A folder or an attribute of a camera; part "" is the camera. */
static const char *path_of(char path[PATH_BYTES], const char *camera, const char *part)
{
	snprintf(path, PATH_BYTES, "%s/%s/%s", CONFIGFS_CAMERAS, camera, part);
	return path;
}

/* Whole lines, as many in each write as an attribute takes. */
static int put_bytes(int fd, const char *bytes)
{
	size_t left = strlen(bytes), n;
	ssize_t taken;

	while (left) {
		n = left;
		if (n > WRITE_MAX)
			for (n = WRITE_MAX; n > 1 && bytes[n - 1] != '\n'; n--)
				;
		taken = write(fd, bytes, n);
		if (taken != (ssize_t)n)
			return taken < 0 ? -errno : -EIO;
		bytes += n;
		left -= n;
	}
	return 0;
}

static int put(const char *camera, const char *part, const char *value, struct scrim_error *err)
{
	char path[PATH_BYTES];
	int fd = open(path_of(path, camera, part), O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	ret = put_bytes(fd, value);
	close(fd);
	return ret < 0 ? fail(err, ret, "cannot write %s: %s", path, strerror(-ret)) : 0;
}

/* The first line. */
static int get(const char *camera, const char *part, char *value, size_t size,
	       struct scrim_error *err)
{
	char path[PATH_BYTES];
	int fd = open(path_of(path, camera, part), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	n = read(fd, value, size - 1);
	close(fd);
	if (n < 0)
		return fail(err, -EIO, "cannot read %s", path);
	value[n] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

static int make_folder(const char *camera, const char *part, struct scrim_error *err)
{
	char path[PATH_BYTES];

	if (mkdir(path_of(path, camera, part), 0755) < 0 && errno != EEXIST)
		return fail(err, -errno, "cannot make %s: %s", path,
			    errno == ENOENT ? "the scrim driver is not loaded" : strerror(errno));
	return 0;
}

static const char *region_part(char part[PATH_BYTES / 2], const char *region, const char *attribute)
{
	snprintf(part, PATH_BYTES / 2, "regions/%s/%s", region, attribute);
	return part;
}

static bool in_force(const char *camera, const struct lock *lock)
{
	char part[PATH_BYTES / 2], value[32];

	return !lock->spans.count ||
	       (get(camera, region_part(part, lock->name, "spans"), value, sizeof(value), NULL) == 0 &&
		strtoul(value, NULL, 10) == lock->spans.count);
}

static void lift(const char *camera, const char *region)
{
	char path[PATH_BYTES], part[PATH_BYTES / 2];

	rmdir(path_of(path, camera, region_part(part, region, "")));
}

/* One that is half written, by somebody who was killed over it, is made anew. */
static int put_lock(const char *camera, const struct lock *lock, struct scrim_error *err)
{
	char part[PATH_BYTES / 2], size[32];
	int ret;

	if (in_force(camera, lock))
		return 0;
	lift(camera, lock->name);
	ret = make_folder(camera, region_part(part, lock->name, ""), err);
	if (ret < 0)
		return ret;
	snprintf(size, sizeof(size), "%ux%u\n", lock->spans.width,
		 lock->spans.height);
	ret = put(camera, region_part(part, lock->name, "size"), size, err);
	if (ret >= 0)
		ret = put(camera, region_part(part, lock->name, "spans"), lock->spans.text, err);
	if (ret >= 0 && !in_force(camera, lock))
		ret = fail(err, -EIO, "the kernel did not take the locked regions of %s", camera);
	return ret;
}

static bool is_of_a_policy(const char *name)
{
	return !strncmp(name, PREFIX, strlen(PREFIX));
}

static void lift_others(const char *camera, const struct lock *lock)
{
	char path[PATH_BYTES];
	DIR *folder = opendir(path_of(path, camera, "regions"));
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (is_of_a_policy(entry->d_name) && strcmp(entry->d_name, lock->name))
			lift(camera, entry->d_name);
	closedir(folder);
}

bool configfs_is_live(const char *camera)
{
	char value[8];

	return configfs_name_ok(camera) &&
	       get(camera, "live", value, sizeof(value), NULL) == 0 && !strcmp(value, "1");
}

static int be_named(const struct policy *policy, struct scrim_error *err)
{
	return configfs_name_ok(policy->camera) ? 0 :
		fail(err, -EINVAL, "'%.40s' cannot be the name of a camera in the kernel",
		     policy->camera);
}

/* The driver knows what a control is: one that it refuses, having no name for it, is left out. */
static int put_controls(const char *camera, const char *controls, struct scrim_error *err)
{
	char *taken = calloc(1, strlen(controls) + 2), line[128];
	int ret = taken ? 0 : fail(err, -ENOMEM, "no memory for controls");

	for (const char *at = controls; *at && (ret >= 0 || ret == -EINVAL);
	     at = strchr(at, '\n') + 1) {
		snprintf(line, sizeof(line), "%.*s\n", (int)strcspn(at, "\n"), at);
		ret = put(camera, "controls", line, err);
		if (ret >= 0)
			strcat(taken, line);
	}
	if (ret >= 0 || ret == -EINVAL)
		ret = put(camera, "controls", *taken ? taken : "\n", err);
	free(taken);
	return ret;
}

static int go_live(const char *camera, const char *controls, struct scrim_error *err)
{
	const struct passwd *feeder = getpwnam(CONFIGFS_FEEDER);
	char value[32];
	int ret;

	if (configfs_is_live(camera))
		return 0;
	snprintf(value, sizeof(value), "%u\n", feeder ? (unsigned)feeder->pw_uid : 0);
	ret = put(camera, "feeder", value, err);
	if (ret >= 0 && *controls)
		ret = put_controls(camera, controls, err);
	return ret < 0 ? ret : put(camera, "live", "1\n", err);
}

int configfs_hold(const struct policy *policy, const char *controls, struct scrim_error *err)
{
	struct lock lock;
	int ret = be_named(policy, err);

	if (ret >= 0)
		ret = lock_of(&lock, policy, err);
	if (ret < 0)
		return ret;
	ret = make_folder(policy->camera, "", err);
	if (ret >= 0)
		ret = put_lock(policy->camera, &lock, err);
	if (ret >= 0)
		ret = go_live(policy->camera, controls, err);
	locked_free(&lock.spans);
	return ret;
}

/* Only what can be told apart from the policy's own. */
void configfs_lift(const struct policy *policy)
{
	struct lock lock;

	if (be_named(policy, NULL) < 0 || lock_of(&lock, policy, NULL) < 0)
		return;
	if (in_force(policy->camera, &lock))
		lift_others(policy->camera, &lock);
	locked_free(&lock.spans);
}

int configfs_check(const struct policy *policy, struct scrim_error *err)
{
	struct lock lock;
	int ret = be_named(policy, err);

	if (ret >= 0)
		ret = lock_of(&lock, policy, err);
	if (ret < 0)
		return ret;
	if (!configfs_is_live(policy->camera))
		ret = fail(err, -EACCES, "the kernel has no camera %s; as root: "
			   "scrimd --prepare --camera %s", policy->camera, policy->camera);
	else if (!in_force(policy->camera, &lock))
		ret = fail(err, -EACCES, "the kernel does not hold the locked regions of %s; as "
			   "root: scrimd --prepare --camera %s, or scrim policy apply %s",
			   policy->camera, policy->camera, policy->camera);
	locked_free(&lock.spans);
	return ret;
}

static int node_of(const char *name, const char *which, char *path, size_t size,
		   struct scrim_error *err)
{
	char node[32];
	int ret = get(name, which, node, sizeof(node), err);

	if (ret < 0)
		return ret;
	if (!*node || strchr(node, '/'))
		return fail(err, -ENODEV, "the kernel's camera %s is not live", name);
	snprintf(path, size, "/dev/%s", node);
	return 0;
}

int configfs_feed(const char *name, char *path, size_t size, struct scrim_error *err)
{
	return node_of(name, "feed", path, size, err);
}

int configfs_capture(const char *name, char *path, size_t size, struct scrim_error *err)
{
	return node_of(name, "capture", path, size, err);
}

static void look_node(char *path, size_t size, const char *camera, const char *attribute)
{
	char node[24];

	*path = '\0';
	if (get(camera, attribute, node, sizeof(node), NULL) == 0 && *node && !strchr(node, '/'))
		snprintf(path, size, "/dev/%s", node);
}

static void look_stats(struct configfs_camera *camera, const char *name)
{
	char path[PATH_BYTES], word[32];
	unsigned long long number;
	FILE *file = fopen(path_of(path, name, "stats"), "re");

	if (!file)
		return;
	while (fscanf(file, "%31s %llu", word, &number) == 2) {
		if (!strcmp(word, "readers"))
			camera->readers = number;
		else if (!strcmp(word, "delivered"))
			camera->delivered = number;
		else if (!strcmp(word, "black"))
			camera->black = number;
		else if (!strcmp(word, "dropped"))
			camera->dropped = number;
	}
	fclose(file);
}

static void look_regions(struct configfs_camera *camera, const char *name)
{
	char path[PATH_BYTES], part[PATH_BYTES / 2], spans[32];
	DIR *folder = opendir(path_of(path, name, "regions"));
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < 64 &&
		    get(name, region_part(part, entry->d_name, "spans"), spans, sizeof(spans),
			NULL) == 0 && strtoul(spans, NULL, 10))
			camera->regions++;
	closedir(folder);
}

void configfs_look(struct configfs_camera *camera, const char *name)
{
	char path[PATH_BYTES], value[8];

	*camera = (struct configfs_camera){ 0 };
	if (!configfs_name_ok(name))
		return;
	camera->there = access(path_of(path, name, ""), F_OK) == 0;
	camera->live = configfs_is_live(name);
	camera->shut = get(name, "privacy", value, sizeof(value), NULL) == 0 && *value == '1';
	look_node(camera->feed, sizeof(camera->feed), name, "feed");
	look_node(camera->capture, sizeof(camera->capture), name, "capture");
	look_stats(camera, name);
	look_regions(camera, name);
}
