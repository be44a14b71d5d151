/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A clip that somebody wants to give away, and what is known of it: CLIP and CLIP.json, a
 * scrim.item/1 whose hash is the clip's.
 */
#ifndef EXPORT_CLIP_H
#define EXPORT_CLIP_H

#include "consent/item.h"
#include "consent/notice.h"
#include "policy/policy.h"

#define CLIP_ITEM_SUFFIX	".json"

/* What the exporter does to faces, so that consents can ask for it; raised when it gets better. */
#define EXPORT_REDACTION_VERSION	1

struct clip {
	const char *path;		/* the caller's */
	int fd;				/* -1: not open */
	struct item item;
};

#define CLIP_NONE	{ .fd = -1 }

/* The item is read in a cage.  -EBADMSG: the item is another clip's. */
int clip_open(struct clip *clip, const char *path, struct scrim_error *err);
void clip_close(struct clip *clip);

/* The item alone, in a cage. */
int clip_item(struct item *item, const char *path, struct scrim_error *err);
/* Whether who is in it was told, where that has to be. */
int clip_notice(enum notice_state *state, const struct item *item,
		const struct notice_place *cameras, struct scrim_error *err);

/* -EBADMSG: it is no longer what the item is about. */
int clip_check(const struct clip *clip, struct scrim_error *err);

/*
 * Puts a copy in its place that nobody else can write to, and checks that: a clip can be written to
 * while it is read, and be as it was whenever somebody compares it.  The copy is in the folder's
 * file system, without a name there.
 */
int clip_own(struct clip *clip, int folder, struct scrim_error *err);

/*
 * What is done to a clip: the default, and of somebody's policy what covers more, which is its
 * regions at any hour and what moves.  -EINVAL: the policy would show, blur or miss something, or
 * is of a camera of which nothing may leave.
 */
int clip_policy(struct policy *policy, const struct policy *from, struct scrim_error *err);

/*
 * What leaves is what the exporter makes of the clip, whatever the item says: pictures without
 * sound and metadata, faces covered.  Plates and what else is shown stay as the item has them.
 */
void clip_covered(struct item *item);

/* -ESTALE: what is known of it is no longer this, which clip_covered() made. */
int clip_still(const struct item *covered, const char *path, struct scrim_error *err);

/* Whose camera it is; "": nobody is named. */
const char *clip_donor(const struct item *item);

#endif
