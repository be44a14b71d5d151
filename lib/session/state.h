/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a device keeps, for the files that make it up.
 */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include "session/device.h"

#define CAPTURE		V4L2_BUF_TYPE_VIDEO_CAPTURE
#define EVENTS_MAX	16		/* of a handle; the oldest goes first */

enum buffer_state { DEQUEUED, PREPARED, QUEUED, DONE };

struct buffer {
	enum buffer_state state;
	uint64_t offset;		/* in the device's memory */
	uint32_t length;
	uint64_t order;			/* among those of its state: the lowest is first */
	uint32_t sequence;
	int64_t time_ns;
	bool filled;			/* has been DONE since it was made */
	int64_t filled_ns;		/* when, by the device's clock */
	bool shows;			/* a picture is there, or on its way: not black */
	unsigned waits;			/* stores that are under way: not to be taken before */
};

struct handle {
	struct device *device;
	struct handle *next;
	enum v4l2_priority priority;
	/* Events that it has subscribed to, and those that wait. */
	bool nonblocking;
	bool wants_privacy, wants_own;
	struct v4l2_event event[EVENTS_MAX];
	unsigned events;
	uint32_t event_sequence;
};

struct device {
	struct device_pictures pictures;
	struct device_base base;
	struct v4l2_pix_format pix;
	uint8_t *blank;			/* a black picture of that format */
	bool privacy;			/* the application's own shutter */

	struct handle *handles;
	unsigned opened;
	struct handle *owner;		/* of the buffers; NULL: there are none */
	unsigned buffers;
	struct buffer buffer[DEVICE_BUFFERS_MAX];
	uint64_t order;			/* given out next */
	bool streams;
	uint32_t sequence;
	int64_t picture_ns;		/* when the last one came that was not made up */
	int64_t pace_ns;		/* from one of these to the next, on the mean */
	bool silent;			/* the last picture was for want of one */
	int64_t last_ns;		/* when the last picture came, or STREAMON */
	int64_t stamp_ns;		/* what was last told as the time of a picture */
	int64_t now_ns;			/* of the request under way */
};

/*
 * What requests mean: argument is what the request points to.  0 or a negative errno.
 */
int queue_request(struct handle *handle, void *argument);	/* queue.c */
int queue_create(struct handle *handle, void *argument);
int queue_query(struct handle *handle, void *argument);
int queue_prepare(struct handle *handle, void *argument);
int queue_put(struct handle *handle, void *argument);
int queue_take(struct handle *handle, void *argument);
int queue_start(struct handle *handle, void *argument);
int queue_stop(struct handle *handle, void *argument);
int control_query(struct handle *handle, void *argument);	/* control.c */
int control_query_ext(struct handle *handle, void *argument);
int control_get(struct handle *handle, void *argument);
int control_set(struct handle *handle, void *argument);
int control_get_ext(struct handle *handle, void *argument);
int control_try_ext(struct handle *handle, void *argument);
int control_set_ext(struct handle *handle, void *argument);
int event_subscribe(struct handle *handle, void *argument);	/* event.c */
int event_unsubscribe(struct handle *handle, void *argument);
int event_take(struct handle *handle, void *argument);

/* The owner of the buffers goes. */
void queue_release(struct device *device);
bool queue_ready(const struct device *device);	/* DQBUF would give a picture */
/* The shutter moved; by is the handle that did it. */
void event_privacy(struct device *device, const struct handle *by);

#endif
