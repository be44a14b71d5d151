/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libscrim: frames in, faces gone.
 *
 * A frame comes from a source, goes through a filter, and what comes out is a
 * clean frame: faces are covered and regions are redacted.  A sink takes clean
 * frames only; handing it a raw frame does not compile (build with
 * -Werror=incompatible-pointer-types).
 *
 *	scrim_source_open()	a file: photo or video
 *	scrim_source_next()	its next raw frame
 *	scrim_filter_frame()	raw frame in, clean frame out
 *	scrim_sink_put()	clean frame into a file
 *
 * scrim_redact_file() does all of it for a whole file, in a sandboxed process
 * of its own, looking at the file twice so that a face first found at frame 90
 * is covered in the frames before as well.  Prefer it where it fits.
 *
 * Ownership: a call that is given the address of an owned pointer fills it or
 * takes it, and leaves NULL when it takes.  The free functions do the same and
 * accept NULL.  Everything else borrows for the length of the call.
 *
 * Errors: functions return 0 (or a count) or a negative errno, and describe the
 * failure in *err, which may be NULL and is valid only after a negative return,
 * and where a function says so after a positive one.
 * The numbers that may leave the library:
 *
 *	-EINVAL		an argument, option or policy is wrong
 *	-ENOENT		a file, model or policy section is not there
 *	-EACCES		not permitted
 *	-EEXIST		the output is there already
 *	-EBADMSG	the input is not what its name says, or is damaged
 *	-ENOTSUP	a format, codec or operation that this build does not have
 *	-EFBIG		a picture or a file beyond the limits below
 *	-ENOSPC		the disk is full
 *	-ENOMEM		memory is exhausted
 *	-EIO		everything else that went wrong outside
 *	-ECANCELED	asked to stop
 *
 * Threads: an object belongs to one thread at a time.  The library starts none.
 */
#ifndef SCRIM_H
#define SCRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Largest picture taken, in pixels (8192 x 8192) and along one side. */
#define SCRIM_PIXELS_MAX	(1u << 26)
#define SCRIM_SIDE_MAX		32768u

#define SCRIM_TEXT_MAX		252

struct scrim_error {
	int code;		/* the negative errno that the call returned */
	char text[SCRIM_TEXT_MAX];		/* one line, no newline, NUL-terminated */
};

struct scrim_policy;		/* what to hide, where and how */
struct scrim_source;		/* where raw frames come from */
struct scrim_frame;		/* a raw picture */
struct scrim_filter;		/* detector, tracker and redactor under one policy */
struct scrim_clean_frame;	/* a picture whose faces and regions are gone */
struct scrim_sink;		/* where clean frames go */

/* "0.1.0": the library that runs, which may be newer than this header. */
const char *scrim_version(void);

/*
 * A policy.  A new one covers all faces with a constant colour.
 *
 * scrim_policy_set() takes the keys and values of a [camera] section of
 * scrim.conf(5): "faces", "moving", "detect-size", "model", "detector" ...;
 * "region" and "reveal" take a polygon, "x,y x,y x,y ...", in fractions of the
 * picture, and may be set several times.
 *
 * scrim_policy_load() replaces the policy by the section [camera NAME] of a
 * file; camera may be NULL when the file has only one.
 */
int scrim_policy_new(struct scrim_policy **policy, struct scrim_error *err);
int scrim_policy_set(struct scrim_policy *policy, const char *key,
		     const char *value, struct scrim_error *err);
int scrim_policy_load(struct scrim_policy *policy, const char *path,
		      const char *camera, struct scrim_error *err);
void scrim_policy_free(struct scrim_policy **policy);

/*
 * Frames of a file, in the calling process.  Whoever opens files of strangers
 * this way should be sandboxed; scrim_redact_file() is.
 *
 * scrim_source_next() returns 1 and a frame, 0 at the end, or an error.
 */
int scrim_source_open(struct scrim_source **source, const char *path,
		      struct scrim_error *err);
int scrim_source_next(struct scrim_source *source, struct scrim_frame **frame,
		      struct scrim_error *err);
void scrim_source_free(struct scrim_source **source);

/*
 * A raw frame over the caller's memory, which is copied.
 *
 * fourcc	a V4L2_PIX_FMT_ of <linux/videodev2.h>: YUYV, UYVY, NV12, NV21,
 *		YUV420 (YU12), YVU420 (YV12), GREY, RGB24, BGR24, ABGR32 (which
 *		is B, G, R, A in memory)
 * width, height	pixels, 1 or more; odd sizes are fine
 * plane, stride	start and bytes per row of each plane, in the order of the
 *		format (YV12: Y, V, U); the stride is positive
 * time_ns	when the picture was taken, nanoseconds of any one clock
 */
int scrim_frame_new(struct scrim_frame **frame, uint32_t fourcc,
		    unsigned width, unsigned height,
		    const void *const plane[], const size_t stride[],
		    int64_t time_ns, struct scrim_error *err);
void scrim_frame_free(struct scrim_frame **frame);

/*
 * The filter.  Detection that fails covers the whole picture and is no error:
 * scrim_filter_frame() then returns 1, and err says why; 0 is the ordinary case.
 * On an error no clean frame is made.  The raw frame is taken in every case.
 */
int scrim_filter_open(struct scrim_filter **filter,
		      const struct scrim_policy *policy,
		      struct scrim_error *err);
int scrim_filter_frame(struct scrim_filter *filter, struct scrim_frame **raw,
		       struct scrim_clean_frame **clean,
		       struct scrim_error *err);
void scrim_filter_free(struct scrim_filter **filter);

/* A look at the pixels of a clean frame; valid until the frame is freed. */
struct scrim_view {
	uint32_t fourcc;
	unsigned width, height;		/* pixels */
	const uint8_t *plane[4];
	size_t stride[4];		/* bytes per row */
	int64_t time_ns;
};
void scrim_clean_frame_view(const struct scrim_clean_frame *frame,
			    struct scrim_view *view);
void scrim_clean_frame_free(struct scrim_clean_frame **frame);

/*
 * A file for clean frames.  The name's ending says which container or picture
 * format.  The source tells size, frame rate and colour; its frames must be
 * what is put in.  scrim_sink_close() completes the file and gives it its name:
 * before, and when it is never called, there is no file of that name.  -EINVAL: the
 * path is the source's own.
 */
int scrim_sink_open(struct scrim_sink **sink, const char *path,
		    const struct scrim_source *source, struct scrim_error *err);
int scrim_sink_put(struct scrim_sink *sink, struct scrim_clean_frame *clean,
		   struct scrim_error *err);
int scrim_sink_close(struct scrim_sink **sink, struct scrim_error *err);
void scrim_sink_free(struct scrim_sink **sink);

/*
 * A whole file, in a sandboxed process of its own; out is replaced when it is
 * complete.  Sound and metadata are left out.  Returns 1 when frames were covered
 * whole because of doubt, and err says why; 0 is the ordinary case.
 */
int scrim_redact_file(const char *in, const char *out,
		      const struct scrim_policy *policy,
		      struct scrim_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
