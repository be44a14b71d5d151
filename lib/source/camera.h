/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A camera, divided by privilege: who may open names opens it and says what its
 * pictures are to be; who sees the pictures has only the descriptor.
 */
#ifndef SOURCE_CAMERA_H
#define SOURCE_CAMERA_H

#include "frame/format.h"
#include "guard/cage.h"
#include "source/source.h"

struct camera;
struct finder;

/* What differs from one kind of camera to the next. */
struct camera_kind {
	const char *prefix;		/* of a policy's device; "": the path of a node */
	/* where is the device without the prefix.  The camera has no descriptor yet. */
	int (*open)(struct camera *camera, const char *where, const struct wish *wish,
		    struct scrim_error *err);
	/* The same where that takes time, or has to be found out but once; NULL: it does not. */
	int (*find)(struct camera *camera, struct finder *finder, struct scrim_error *err);
	/* Ends what the camera has besides its descriptor; NULL: nothing. */
	void (*close)(struct camera *camera);
	/* In the worker, before its cage closes. */
	int (*source)(struct source **source, const struct camera *camera,
		      struct scrim_error *err);
	/* What the worker may ask of the kernel, and of the descriptor. */
	const struct cage_table *calls;
	const struct device_request *may;
	unsigned mays;
};

/*
 * A buffer that a keeper handed out (keeper.h): its planes lie in the camera's ->buffer, and their
 * bytes were looked at, so that offset + length is within.
 */
#define CAMERA_BUFFERS	4
struct camera_buffer {
	unsigned planes;
	struct {
		int fd;			/* dma-buf; those of a buffer's planes may be the same */
		uint32_t offset, length;
	} plane[FORMAT_PLANES_MAX];
};

/* A control that the keeper's camera has, by V4L2's number; values are the keeper's own. */
#define CAMERA_CONTROLS	8
struct camera_control {
	uint32_t id;
	int32_t least, most, preset;
};

/* Plain data, but for the descriptors and the process. */
struct camera {
	const struct camera_kind *kind;
	const char *where;		/* the policy's; for messages */
	const char *credentials;	/* path of a file; empty: none */
	const char *tls_ca;		/* the same of certificates; empty: the system's */
	bool basic;			/* how an HTTP camera takes them, which it said */
	int fd;				/* -1: none */
	bool lends;			/* its buffers to the feed, where both can (lent.h) */
	struct v4l2_pix_format pix;	/* as the camera sends them */
	struct v4l2_fract interval;	/* from picture to picture, in seconds; 0/0: unknown */
	int keeper;			/* the process at the other end of fd; 0: none */
	unsigned buffers;
	struct camera_buffer buffer[CAMERA_BUFFERS];
	unsigned controls;
	struct camera_control control[CAMERA_CONTROLS];
};

extern const struct camera_kind camera_v4l2, camera_file, camera_rtsp, camera_rtsps, camera_http,
	camera_https, camera_libcamera;

/* Which camera: texts of a policy, that have to outlive it. */
struct camera_name {
	const char *device, *credentials, *tls_ca;
};

/*
 * Opens a policy's device and sets it up as wished; for cameras in the network this may take
 * half a minute.  -ENOENT, -ENODEV: it is not there; -EKEYREJECTED: it wants another
 * password; -ENOTSUP: it has no pictures that we could take.
 */
int camera_open(struct camera *camera, const struct camera_name *name, const struct wish *wish,
		struct scrim_error *err);

/*
 * The same without waiting: what takes time is done by a child.  -EINPROGRESS: call again when
 * finder->from is readable.  It remembers what a camera's pictures are, so that the next time
 * is shorter.
 */
struct finder {
	int pid, from;			/* the child, and what it says; pid 0: none */
	struct finder_file {		/* of a video: which file it was */
		uint64_t device, number, bytes;
		int64_t changed_ns;
	} file;
	char device[256];		/* of which the rest is known */
	struct v4l2_pix_format pix;	/* width 0: not known */
	struct v4l2_fract interval;
	bool basic;
	const struct wish *wish;	/* the caller's, while it is looked for */
	int said;			/* what a keeper says of itself, to read; 0: nothing */
};
int camera_look_for(struct camera *camera, struct finder *finder, const struct camera_name *name,
		const struct wish *wish, struct scrim_error *err);
/* Looks no longer. */
void finder_stop(struct finder *finder);
/* Forgets what is known: it is not so any more. */
void finder_forget(struct finder *finder);
/* The next line of what a keeper says of itself; false: none.  It waits for nothing. */
bool finder_said(const struct finder *finder, char *line, size_t size);
void camera_close(struct camera *camera);

/* It is the path of a V4L2 node, there or not. */
bool camera_is_node(const char *device);

/* It is libcamera:ID. */
bool camera_is_kept(const char *device);

/* What frames of this camera will be: YU12, where it is not YUYV or NV12.  Rows have no padding. */
struct v4l2_pix_format camera_frames(const struct camera *camera);

/*
 * The camera's frames.  It is copied; its descriptor stays the caller's.  The first
 * source_next() starts it.
 */
int camera_source(struct source **source, const struct camera *camera, struct scrim_error *err);

#endif
