// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/clip.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "guard/cage.h"
#include "text.h"

/* The item */

struct reading {
	int fd;
	const char *name;
};

static int read_caged(void *ctx, void *result, struct scrim_error *err)
{
	const struct reading *r = ctx;
	char *text = NULL;
	size_t size;
	int ret = text_read(&text, &size, ITEM_FILE_MAX, r->fd, r->name, err);

	if (ret >= 0)
		ret = item_read(result, text, size, r->name, err);
	free(text);
	return ret;
}

/* Left by a process that read a stranger's bytes: texts end, what is counted is there. */
#define ENDS(text)	(memchr(text, '\0', sizeof(text)) != NULL)

static bool is_sound(const struct item *item)
{
	bool sound = item->people <= PEOPLE_MAX && ENDS(item->sha256) && ENDS(item->camera) &&
		     ENDS(item->region) && ENDS(item->description);

	for (unsigned i = 0; sound && i < item->people; i++)
		sound = ENDS(item->person[i].id);
	return sound;
}

int clip_item(struct item *item, const char *path, struct scrim_error *err)
{
	struct reading r = { open_regular(path, err), path };
	const struct caged_call call = { .before = documents_before, .work = read_caged, .ctx = &r,
					 .keep = &r.fd, .kept = 1, .size = sizeof(*item) };
	int ret;

	if (r.fd < 0)
		return r.fd;
	ret = caged(&call, item, err);
	close(r.fd);
	if (ret >= 0 && !is_sound(item))
		ret = fail(err, -EIO, "cannot read %s: the worker's answer is no item", path);
	return ret;
}

int clip_notice(enum notice_state *state, const struct item *item,
		const struct notice_place *cameras, struct scrim_error *err)
{
	*state = NOTICE_UNKNOWN;
	return item_needs_notice(item) ? notice_look(state, cameras, item->camera, item->from,
						     item->until, err) : 0;
}

/* The clip */

int clip_check(const struct clip *clip, struct scrim_error *err)
{
	char sha256[SHA256_TEXT_MAX];
	int ret = digest_fd(sha256, NULL, clip->fd, clip->path, err);

	if (ret < 0)
		return ret;
	return strcmp(sha256, clip->item.sha256) ?
	       fail(err, -EBADMSG, "%s" CLIP_ITEM_SUFFIX ": sha256: it is about another clip; "
		    "that of this one is %s", clip->path, sha256) : 0;
}

/* The item of a clip. */
static int read_beside(struct item *item, const char *path, struct scrim_error *err)
{
	char name[4096];

	if (snprintf(name, sizeof(name), "%s" CLIP_ITEM_SUFFIX, path) >= (int)sizeof(name))
		return fail(err, -ENAMETOOLONG, "the name of a clip is too long");
	return clip_item(item, name, err);
}

int clip_open(struct clip *clip, const char *path, struct scrim_error *err)
{
	int ret;

	*clip = (struct clip)CLIP_NONE;
	clip->path = path;
	clip->fd = ret = open_regular(path, err);
	if (ret >= 0)
		ret = read_beside(&clip->item, path, err);
	if (ret >= 0)
		ret = clip_check(clip, err);
	if (ret < 0)
		clip_close(clip);
	return ret < 0 ? ret : 0;
}

void clip_close(struct clip *clip)
{
	if (clip->fd >= 0)
		close(clip->fd);
	clip->fd = -1;
}

/* A file without a name, that gets none. */
static int nameless(int folder)
{
	static const char name[] = "clip.taken";
	int fd = openat(folder, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	/* Of a run that was killed; the folder is ours alone. */
	unlinkat(folder, name, 0);
	fd = openat(folder, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	unlinkat(folder, name, 0);
	return fd;
}

/* The kernel copies, or shares blocks where the file system can. */
static int copy(int to, int from)
{
	struct stat st;
	off_t at = 0;
	ssize_t done;

	if (fstat(from, &st) < 0)
		return -errno;
	while (at < st.st_size) {
		done = copy_file_range(from, &at, to, NULL, st.st_size - at, 0);
		if (done < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP))
			done = sendfile(to, from, &at, st.st_size - at);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (!done)
			break;		/* it became shorter */
	}
	return 0;
}

int clip_own(struct clip *clip, int folder, struct scrim_error *err)
{
	int fd = nameless(folder), ret = fd;

	if (ret >= 0)
		ret = copy(fd, clip->fd);
	if (ret < 0) {
		if (fd >= 0)
			close(fd);
		return fail(err, ret, "cannot copy %s: %s", clip->path, strerror(-ret));
	}
	close(clip->fd);
	clip->fd = fd;
	return clip_check(clip, err);
}

/* What is done to it */

/* Which of its words would leave something uncovered; NULL: none. */
static const char *weakens(const struct policy *policy)
{
	if (*policy->model)
		return "model: only the installed one is used for what is exported";
	if (*policy->replay)
		return "replay: only faces that are looked for are covered in what is exported";
	if (policy->detect_w || policy->detect_h)
		return "detect-size: only the detector's own size is used for what is exported";
	return NULL;
}

static int check_methods(const struct policy *policy, struct scrim_error *err)
{
	if (policy->detector != DETECTOR_FACE)
		return fail(err, -EINVAL,
			    "detector: '%s' does not find every face; only 'face' is exported",
			    detector_name(policy->detector));
	if (policy->faces != METHOD_FILL)
		return fail(err, -EINVAL, "faces: '%s' can be undone; only fill is exported",
			    method_name(policy->faces));
	if (policy->moving != METHOD_UNSET && policy->moving != METHOD_SHOW &&
	    policy->moving != METHOD_FILL)
		return fail(err, -EINVAL, "moving: '%s' can be undone; only fill is exported",
			    method_name(policy->moving));
	for (unsigned i = 0; i < policy->regions; i++)
		if (policy->region[i].method != METHOD_FILL)
			return fail(err, -EINVAL,
				    "region %s: '%s' can be undone; only fill is exported",
				    policy->region[i].name, method_name(policy->region[i].method));
	return 0;
}

int clip_policy(struct policy *policy, const struct policy *from, struct scrim_error *err)
{
	const char *weak = weakens(from);
	int ret = check_methods(from, err);

	policy_default(policy);
	if (ret >= 0 && weak)
		ret = fail(err, -EINVAL, "%s", weak);
	if (ret >= 0 && *from->class && source_is_banned(term_find(&source_classes, from->class)))
		ret = fail(err, -EINVAL, "class: '%s': nothing of such a camera is exported",
			   from->class);
	if (ret < 0)
		return ret;
	if (from->moving == METHOD_FILL)
		policy->moving = METHOD_FILL;
	policy->regions = from->regions;
	for (unsigned i = 0; i < from->regions; i++) {
		policy->region[i] = from->region[i];
		policy->region[i].between = (struct hours){ 0 };	/* by day and by night */
	}
	return 0;
}

void clip_covered(struct item *item)
{
	item->data = term_bit(DATA_REDACTED);
	item->redaction.faces = true;
	item->redaction.method = STRENGTH_FILL;
	item->redaction.version = EXPORT_REDACTION_VERSION;
	item->shown &= ~term_bit(EXCLUDED_AUDIO);
}

int clip_still(const struct item *covered, const char *path, struct scrim_error *err)
{
	struct item now;
	int ret = read_beside(&now, path, err);

	if (ret < 0)
		return ret;
	clip_covered(&now);
	/* Both began as zeroes, so that what lies between the fields is the same. */
	return memcmp(&now, covered, sizeof(now)) ?
	       fail(err, -ESTALE, "%s" CLIP_ITEM_SUFFIX ": it was changed meanwhile", path) : 0;
}

const char *clip_donor(const struct item *item)
{
	for (unsigned i = 0; i < item->people; i++)
		if (item->person[i].role == ROLE_DONOR)
			return item->person[i].id;
	return "";
}
