/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A live camera: the feed, the capture node and what passes between them.
 *
 * Lifetime: plugged in by probe of the platform device, pulled out by its removal.  Memory
 * stays until the last open file of both nodes is closed; after the pulling `gone` is
 * set, and nothing is handed off any more.
 *
 * Lock order, outermost first:
 *
 *	feed_lock, or	the vb2 queue; may be held while user memory faults, so nobody else's
 *	reader->lock	progress may wait for it
 *	owner_lock	who owns the feed's buffers, against mmap()
 *	exports_lock	after reader->lock; takes none of these
 *	lock		a picture passes; never held while user memory faults
 *	ready_lock	of a reader: its list of empty buffers (spinlock)
 *
 * mmap() comes with mmap_lock held and takes only owner_lock.  Controls come with the lock of
 * their handler held and take only lock; the same goes for the subscription of events.
 */
#ifndef SCRIM_PAIR_H
#define SCRIM_PAIR_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/spinlock.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-dev.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fh.h>
#include <media/videobuf2-v4l2.h>

#include "budget.h"
#include "control.h"
#include "format.h"
#include "mask.h"

#define SCRIM_LABEL 32

/* What the administrator asked for before the camera went live. */
struct scrim_config {
	char label[SCRIM_LABEL];
	kuid_t feeder;
	struct scrim_format format;
	struct v4l2_fract interval;	/* seconds a frame */
	unsigned int readers;
	size_t bytes;			/* of buffers of one queue */
	struct scrim_controls controls;
};

/* Each can close the camera by itself. */
enum scrim_shutter {
	SCRIM_SHUTTER_FEED	= 1 << 0,
	SCRIM_SHUTTER_CAPTURE	= 1 << 1,
	SCRIM_SHUTTER_ADMIN	= 1 << 2,
};

struct scrim_stats {
	u64 frames;	/* taken from the feed */
	u64 delivered, black, dropped;	/* once for each reader */
};

struct scrim_pair {
	struct v4l2_device v4l2;
	char bus_info[32];
	struct video_device feed, capture;
	struct v4l2_prio_state feed_prio;	/* a reader's priority must not bind the feeder */
	struct v4l2_ctrl_handler camera_ctrls;	/* of the real camera, in both of these */
	struct v4l2_ctrl_handler feed_ctrls, capture_ctrls;
	struct scrim_config config;	/* constant */

	struct mutex feed_lock;		/* serialises the ioctls of the feed */
	struct mutex owner_lock;	/* feed_queue.owner */
	struct vb2_queue feed_queue;
	struct scrim_budget feed_budget;

	struct mutex exports_lock;	/* of exports */
	struct list_head exports;	/* memory that dma-bufs of readers hold */
	struct delayed_work sweep;	/* of those that nobody holds any more */

	/* Everything below. */
	struct mutex lock;
	bool gone;
	bool feeding;			/* the feed streams */
	u32 sequence;			/* of the next picture of the feed */
	bool silent;			/* the clock makes the pictures */
	unsigned int shut;		/* enum scrim_shutter */
	struct scrim_format format;
	struct v4l2_fract interval;
	struct scrim_spans *spans;
	struct scrim_mask *mask;	/* of spans, for format */
	u32 epoch;			/* written with lock held, read without; see scrim_cut() */
	struct list_head passed;	/* buffers of the feed that are to be given back */
	struct list_head readers;	/* every open of the capture node */
	struct list_head watching;	/* those that stream */
	unsigned int watchers;
	u64 stamp;			/* of the last picture, ns */
	u64 due;			/* when the clock must make the next, ns */
	struct delayed_work clock;
	struct scrim_stats stats;
};

/* An open of the capture node. */
struct scrim_reader {
	struct v4l2_fh fh;
	struct scrim_pair *pair;
	struct list_head entry;		/* in pair->readers */

	struct mutex lock;		/* serialises the calls on queue; budget, taken */
	struct vb2_queue queue;
	struct scrim_budget budget;
	struct vb2_buffer *taken;	/* last; read() may be in the middle of it */

	/* Under pair->lock; format is constant while there are buffers. */
	struct list_head watch;		/* in pair->watching */
	struct pid *owner;		/* process that holds buffers, or NULL */
	kuid_t uid;			/* its user */
	struct scrim_format format;
	u32 sequence;

	spinlock_t ready_lock;		/* of ready */
	struct list_head ready;		/* buffers to be filled */
};

/* A buffer of either queue. */
struct scrim_buffer {
	struct vb2_v4l2_buffer vb;	/* first: vb2 allocates the whole */
	struct list_head entry;		/* in passed, or ready */
	u32 epoch;			/* that its picture was delivered in */
};

static inline struct scrim_buffer *to_scrim_buffer(struct vb2_buffer *vb)
{
	return container_of(to_vb2_v4l2_buffer(vb), struct scrim_buffer, vb);
}

extern struct workqueue_struct *scrim_clocks;

/* pair.c */
struct scrim_pair *scrim_pair_plug(struct device *dev, const struct scrim_config *config,
				   struct scrim_spans **spans, bool shut);
void scrim_pair_end(struct scrim_pair *pair);
void scrim_pair_pull(struct scrim_pair *pair);
void scrim_pairs_wait(void);
int scrim_pair_mask(struct scrim_pair *pair, struct scrim_spans **spans);
int scrim_pair_format(struct scrim_pair *pair, const struct scrim_format *format);
void scrim_pair_shut(struct scrim_pair *pair, enum scrim_shutter which, bool shut);
void scrim_pair_announce(struct scrim_pair *pair, const struct scrim_reader *reader);
void scrim_readers_event(struct scrim_pair *pair, const struct scrim_reader *reader,
			 struct v4l2_event *event);

/* output.c */
int scrim_output_init(struct scrim_pair *pair);

/* capture.c */
void scrim_capture_init(struct scrim_pair *pair);

/* reader.c */
int scrim_reader_queue_init(struct scrim_reader *reader);
void scrim_reader_recheck(struct scrim_reader *reader);

/* export.c */
int scrim_export(struct scrim_reader *reader, struct v4l2_exportbuffer *request);
void scrim_exports_init(struct scrim_pair *pair);
void scrim_exports_sweep(struct scrim_pair *pair);
void scrim_exports_free(struct scrim_pair *pair);

/* handoff.c */
void scrim_handoff(struct scrim_pair *pair, struct vb2_buffer *picture);
void scrim_cut(struct scrim_pair *pair);
void scrim_clock(struct work_struct *work);
void scrim_clock_kick(struct scrim_pair *pair);

#endif
