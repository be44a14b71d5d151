/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a source is: raw frames, one after the other.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "frame/lent.h"

struct source;

struct source_ops {
	/* 1 and a frame, 0 at the end, or an error. */
	int (*next)(struct source *source, struct frame **frame,
		    struct scrim_error *err);
	/* Back to the first frame; NULL: cannot. */
	int (*rewind)(struct source *source, struct scrim_error *err);
	/* The buffers that frames could lie in; NULL: there are none. */
	int (*lend)(struct source *source, struct lending **lending, struct scrim_error *err);
	void (*free)(struct source *source);
};

/* Embedded as the first member of each source. */
struct source {
	const struct source_ops *ops;
	/* What every frame will have; a picture that changes size is scaled. */
	uint32_t fourcc;
	unsigned width, height;
	struct colour colour;
	struct { int num, den; } rate;	/* frames a second, 0/1: unknown */
	uint64_t frames;		/* expected, 0: unknown */
	bool still;			/* a photo: one frame */
	unsigned quality;		/* of a JPEG photo, 1 to 100; 0: unknown */
	uint64_t damaged;		/* packets skipped, since they cannot be decoded */
	uint64_t dropped;		/* pictures of a camera, for want of time */
	uint64_t next_number;
	uint64_t *dropped_too, *damaged_too;	/* somebody else's; NULL: nobody's */
	struct lending *into;		/* a feed's buffers, for its frames; NULL: none, or had */
};

int source_next(struct source *source, struct frame **frame,
		struct scrim_error *err);
int source_rewind(struct source *source, struct scrim_error *err);
void source_free(struct source **source);

/*
 * What the camera would lend, which stays the source's; ->on makes it so, before the first frame.
 * An error says why its frames are copied, and is no harm.
 */
int source_lend(struct source *source, struct lending **lending, struct scrim_error *err);

/*
 * The other way round: frames are written to a feed's buffers, where that is possible, and
 * need not be copied there.  The source is freed before the feed.
 */
void source_fill(struct source *source, struct lending *lending);
/* For sources: the next frame that they fill, in one of these where there is one. */
int source_frame(struct source *source, struct frame_pool *pool, struct frame **frame,
		 struct scrim_error *err);

/*
 * Has ->dropped and ->damaged written there as well, whenever they grow: a camera that
 * sends nothing but damage gives no frame by which to tell.
 */
void source_count_in(struct source *source, uint64_t *dropped, uint64_t *damaged);
/* For sources: they have grown. */
void source_tell(const struct source *source);

/*
 * av.c: photos and videos, through libavformat.  Reads only from fd, which stays
 * the caller's and must be seekable; name is for messages and for guessing the
 * format.  Pictures come turned upright (EXIF orientation, display matrix), and
 * laid on white where they have alpha: none is in the frames.
 * Photos: YU12 from 4:2:0 JPEG, RGB24 or GREY; video: YU12.
 */
int source_av(struct source **source, int fd, const char *name,
	      struct scrim_error *err);

/* For copying audio as it is, sink/av.c reads it again from this descriptor. */
int source_av_fd(const struct source *source);

#endif
