// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A region's directory is named after what is in it: one that is there and has all
 * its spans is right, and one of another name is of another policy.
 */
#include "sink/configfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITE_MAX	4000		/* of an attribute at once; a page is the driver's limit */
#define NAME_BYTES_MAX	31		/* of a label */
#define PATH_BYTES	512

/* A locked region as it goes into the kernel. */
struct lock {
	char name[POLICY_NAME_MAX + 24];	/* "street-0123456789abcdef" */
	char *text;
	unsigned spans;
};

struct locks {
	unsigned count;
	struct lock at[POLICY_REGIONS_MAX];
};

bool configfs_name_ok(const char *name)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t length = strlen(name);

	return length && length <= NAME_BYTES_MAX && *name != '.' &&
	       strspn(name, may) == length;
}

/* The rows from y on that have the same spans as row y. */
static unsigned same_rows(const struct shape *shape, unsigned y)
{
	uint32_t count = shape->row[y + 1] - shape->row[y];
	unsigned end = y + 1;

	while (end < shape->height && shape->row[end + 1] - shape->row[end] == count &&
	       (!count || !memcmp(shape->span + shape->row[end], shape->span + shape->row[y],
				  count * sizeof(*shape->span))))
		end++;
	return end;
}

static unsigned print_spans(FILE *file, const struct shape *shape)
{
	unsigned spans = 0;

	for (unsigned y = 0, end; y < shape->height; y = end) {
		end = same_rows(shape, y);
		for (uint32_t i = shape->row[y]; i < shape->row[y + 1]; i++, spans++)
			fprintf(file, "%u %u %u %u\n", y, end, shape->span[i].from,
				shape->span[i].to);
	}
	return spans;
}

int configfs_spans(const struct polygon *polygon, char **text, unsigned *spans,
		   struct scrim_error *err)
{
	struct shape *shape = NULL;
	FILE *file = NULL;
	size_t size;
	int ret;

	*text = NULL;
	ret = shape_draw(&shape, polygon, 1, false, CONFIGFS_WIDTH, CONFIGFS_HEIGHT, err);
	if (ret < 0)
		return ret;
	file = open_memstream(text, &size);
	if (file) {
		*spans = print_spans(file, shape);
		ret = fclose(file);
	}
	shape_free(&shape);
	return file && !ret ? 0 : fail(err, -ENOMEM, "no memory for a locked region");
}

/* FNV-1a, 64 bits: tells regions apart, keeps no secret. */
static uint64_t sum_of(const char *text)
{
	uint64_t sum = 0xcbf29ce484222325;

	for (; *text; text++)
		sum = (sum ^ (uint8_t)*text) * 0x100000001b3;
	return sum;
}

static void locks_free(struct locks *locks)
{
	for (unsigned i = 0; i < locks->count; i++)
		free(locks->at[i].text);
	locks->count = 0;
}

static int locks_of(struct locks *locks, const struct policy *policy, struct scrim_error *err)
{
	int ret;

	locks->count = 0;
	for (unsigned i = 0; i < policy->regions; i++) {
		const struct policy_region *region = &policy->region[i];
		struct lock *lock = &locks->at[locks->count];

		if (!region->locked)
			continue;
		ret = configfs_spans(&region->polygon, &lock->text, &lock->spans, err);
		if (ret < 0) {
			locks_free(locks);
			return ret;
		}
		snprintf(lock->name, sizeof(lock->name), "%s-%016llx", region->name,
			 (unsigned long long)sum_of(lock->text));
		locks->count++;
	}
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

	while (left) {
		n = left;
		if (n > WRITE_MAX)
			for (n = WRITE_MAX; n > 1 && bytes[n - 1] != '\n'; n--)
				;
		if (write(fd, bytes, n) != (ssize_t)n)
			return -errno;
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

	return get(camera, region_part(part, lock->name, "spans"), value, sizeof(value), NULL) == 0 &&
	       strtoul(value, NULL, 10) == lock->spans;
}

static void lift(const char *camera, const char *region)
{
	char path[PATH_BYTES], part[PATH_BYTES / 2];

	rmdir(path_of(path, camera, region_part(part, region, "")));
}

/* One that is half written, by somebody who was killed over it, is made anew. */
static int lock_one(const char *camera, const struct lock *lock, struct scrim_error *err)
{
	char part[PATH_BYTES / 2], size[32];
	int ret;

	if (in_force(camera, lock))
		return 0;
	lift(camera, lock->name);
	ret = make_folder(camera, region_part(part, lock->name, ""), err);
	if (ret < 0)
		return ret;
	snprintf(size, sizeof(size), "%ux%u\n", CONFIGFS_WIDTH, CONFIGFS_HEIGHT);
	ret = put(camera, region_part(part, lock->name, "size"), size, err);
	if (ret >= 0)
		ret = put(camera, region_part(part, lock->name, "spans"), lock->text, err);
	return ret;
}

static bool is_wanted(const struct locks *locks, const char *name)
{
	for (unsigned i = 0; i < locks->count; i++)
		if (!strcmp(locks->at[i].name, name))
			return true;
	return false;
}

/* "...-0123456789abcdef" */
static bool is_ours(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && strlen(dash + 1) == 16 && strspn(dash + 1, "0123456789abcdef") == 16;
}

static void lift_others(const char *camera, const struct locks *locks)
{
	char path[PATH_BYTES];
	DIR *folder = opendir(path_of(path, camera, "regions"));
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (is_ours(entry->d_name) && !is_wanted(locks, entry->d_name))
			lift(camera, entry->d_name);
	closedir(folder);
}

static bool is_live(const char *camera)
{
	char value[8];

	return get(camera, "live", value, sizeof(value), NULL) == 0 && !strcmp(value, "1");
}

static int be_named(const struct policy *policy, struct scrim_error *err)
{
	return configfs_name_ok(policy->camera) ? 0 :
		fail(err, -EINVAL, "'%.40s' cannot be the name of a camera in the kernel",
		     policy->camera);
}

int configfs_make(const struct policy *policy, uid_t feeder, struct scrim_error *err)
{
	struct locks locks;
	char value[32];
	int ret = be_named(policy, err);

	if (ret >= 0)
		ret = locks_of(&locks, policy, err);
	if (ret < 0)
		return ret;
	ret = make_folder(policy->camera, "", err);
	for (unsigned i = 0; ret >= 0 && i < locks.count; i++)
		ret = lock_one(policy->camera, &locks.at[i], err);
	if (ret >= 0)
		lift_others(policy->camera, &locks);
	if (ret >= 0 && !is_live(policy->camera)) {
		snprintf(value, sizeof(value), "%u\n", (unsigned)feeder);
		ret = put(policy->camera, "feeder", value, err);
		if (ret >= 0)
			ret = put(policy->camera, "live", "1\n", err);
	}
	locks_free(&locks);
	return ret;
}

int configfs_check(const struct policy *policy, struct scrim_error *err)
{
	struct locks locks;
	int ret = be_named(policy, err);

	if (ret >= 0)
		ret = locks_of(&locks, policy, err);
	if (ret < 0)
		return ret;
	if (!is_live(policy->camera))
		ret = fail(err, -EACCES, "the kernel has no camera %s: scrimd --prepare, as root",
			   policy->camera);
	for (unsigned i = 0; ret >= 0 && i < locks.count; i++)
		if (!in_force(policy->camera, &locks.at[i]))
			ret = fail(err, -EACCES, "the kernel does not hold region %s: "
				   "scrimd --prepare, as root", locks.at[i].name);
	locks_free(&locks);
	return ret;
}

int configfs_feed(const char *name, char *path, size_t size, struct scrim_error *err)
{
	char node[32];
	int ret = get(name, "feed", node, sizeof(node), err);

	if (ret < 0)
		return ret;
	if (!*node || strchr(node, '/'))
		return fail(err, -ENODEV, "the kernel's camera %s is not live", name);
	snprintf(path, size, "/dev/%s", node);
	return 0;
}
