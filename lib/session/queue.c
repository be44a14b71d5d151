// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Buffers and whose turn it is: the rules of vb2 for a capture queue of one owner.
 */
#include "session/state.h"

#include <string.h>

#define PAGE		4096u
#define SLOWEST_NS	INT64_C(1000000000)	/* a picture a second, as slow as a feed goes */
#define MEAN_OF		4			/* pictures */
#define OLDEST_NS	(4 * SLOWEST_NS)	/* no picture takes so long from its camera to here */
#define FILLED_FLAGS	(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | V4L2_BUF_FLAG_TSTAMP_SRC_EOF)
#define CAN		(V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS)

static const uint32_t state_flags[] = {
	[DEQUEUED] = 0, [PREPARED] = V4L2_BUF_FLAG_PREPARED,
	[QUEUED] = V4L2_BUF_FLAG_QUEUED, [DONE] = V4L2_BUF_FLAG_DONE,
};

/*
 * The first of that state, in the order in which they came to it.  One that waits
 * for its bytes holds up those behind it.
 */
static struct buffer *first(struct device *device, enum buffer_state state)
{
	struct buffer *found = NULL;

	for (unsigned i = 0; i < device->buffers; i++) {
		struct buffer *at = &device->buffer[i];

		if (at->state == state && (!found || at->order < found->order))
			found = at;
	}
	return found;
}

static struct buffer *first_to_take(struct device *device)
{
	struct buffer *done = first(device, DONE);

	return done && !done->waits ? done : NULL;
}

bool queue_ready(const struct device *device)
{
	return first_to_take((struct device *)device);
}

static void move(struct device *device, struct buffer *buffer, enum buffer_state state)
{
	buffer->state = state;
	buffer->order = device->order++;
}

static void tell_owner(struct device *device)
{
	device->base.wake(device->base.ctx, device->owner);
}

static int store(struct device *device, struct buffer *buffer, const void *bytes)
{
	int ret = device->base.store(device->base.ctx, buffer - device->buffer, buffer->offset,
				     bytes, device->pix.sizeimage);

	if (ret < 0)
		return ret;
	buffer->shows = bytes != device->blank;
	if (ret == DEVICE_WAIT)
		buffer->waits++;
	return 0;
}

static int blacken(struct device *device, struct buffer *buffer)
{
	return buffer->shows ? store(device, buffer, device->blank) : 0;
}

static void stop(struct device *device)
{
	device->streams = false;
	for (unsigned i = 0; i < device->buffers; i++)
		device->buffer[i].state = DEQUEUED;
	tell_owner(device);
}

/* What is given back shows nothing to who still has it mapped, or maps it next. */
void queue_release(struct device *device)
{
	if (!device->owner)
		return;
	stop(device);
	for (unsigned i = 0; i < device->buffers; i++)
		blacken(device, &device->buffer[i]);
	device->buffers = 0;
	device->owner = NULL;
}

static bool is_blackening(const struct device *device)
{
	for (unsigned i = device->buffers; i < DEVICE_BUFFERS_MAX; i++)
		if (device->buffer[i].waits)
			return true;
	return false;
}

static bool is_others(const struct handle *handle)
{
	return handle->device->owner && handle->device->owner != handle;
}

static uint64_t memory_end(const struct device *device)
{
	const struct buffer *last;

	if (!device->buffers)
		return DEVICE_HEAD;
	last = &device->buffer[device->buffers - 1];
	return (last->offset + last->length + PAGE - 1) / PAGE * PAGE;
}

/* As many as fit. */
static unsigned add(struct handle *handle, unsigned count, uint32_t length)
{
	struct device *device = handle->device;
	unsigned added = 0;

	while (added < count && device->buffers < DEVICE_BUFFERS_MAX &&
	       memory_end(device) + length <= DEVICE_HEAD + DEVICE_MEMORY_MAX) {
		device->buffer[device->buffers] = (struct buffer){
			.offset = memory_end(device), .length = length,
		};
		device->buffers++;
		added++;
	}
	if (added)
		device->owner = handle;
	return added;
}

int queue_request(struct handle *handle, void *argument)
{
	struct v4l2_requestbuffers *request = argument;
	struct device *device = handle->device;
	uint32_t count = request->count;

	if (request->type != CAPTURE)
		return -EINVAL;
	*request = (struct v4l2_requestbuffers){
		.count = count, .type = CAPTURE, .memory = request->memory, .capabilities = CAN,
	};
	if (request->memory != V4L2_MEMORY_MMAP)
		return -EINVAL;
	if (is_others(handle) || device->streams)
		return -EBUSY;
	queue_release(device);
	if (!count)
		return 0;
	if (is_blackening(device))
		return DEVICE_WAIT;
	request->count = add(handle, count, device->pix.sizeimage);
	return request->count ? 0 : -ENOMEM;
}

int queue_create(struct handle *handle, void *argument)
{
	struct v4l2_create_buffers *create = argument;
	struct device *device = handle->device;
	uint32_t length;

	create->capabilities = CAN;
	create->flags = 0;
	memset(create->reserved, 0, sizeof(create->reserved));
	create->index = device->buffers;
	if (create->format.type != CAPTURE || create->memory != V4L2_MEMORY_MMAP)
		return -EINVAL;
	if (!create->count)
		return 0;
	length = create->format.fmt.pix.sizeimage;
	if (length < device->pix.sizeimage || length > DEVICE_MEMORY_MAX)
		return -EINVAL;
	if (is_others(handle))
		return -EBUSY;
	if (is_blackening(device))
		return DEVICE_WAIT;
	create->count = add(handle, create->count, length);
	return create->count ? 0 : -ENOMEM;
}

static void describe(const struct device *device, const struct buffer *buffer,
		     struct v4l2_buffer *buf)
{
	*buf = (struct v4l2_buffer){
		.index = buffer - device->buffer, .type = CAPTURE,
		.flags = FILLED_FLAGS | state_flags[buffer->state],
		.memory = V4L2_MEMORY_MMAP, .m.offset = buffer->offset, .length = buffer->length,
	};
	if (!buffer->filled)
		return;
	buf->bytesused = device->pix.sizeimage;
	buf->field = V4L2_FIELD_NONE;
	buf->sequence = buffer->sequence;
	buf->timestamp.tv_sec = buffer->time_ns / 1000000000;
	buf->timestamp.tv_usec = buffer->time_ns / 1000 % 1000000;
}

static struct buffer *named(struct device *device, const struct v4l2_buffer *buf)
{
	return buf->type == CAPTURE && buf->index < device->buffers ?
		&device->buffer[buf->index] : NULL;
}

int queue_query(struct handle *handle, void *argument)
{
	struct v4l2_buffer *buf = argument;
	const struct buffer *buffer = named(handle->device, buf);

	if (!buffer)
		return -EINVAL;
	describe(handle->device, buffer, buf);
	return 0;
}

/* What an application gives back must be one that it has. */
static int given(struct handle *handle, const struct v4l2_buffer *buf, struct buffer **buffer)
{
	if (is_others(handle))
		return -EBUSY;
	*buffer = named(handle->device, buf);
	if (!*buffer || buf->memory != V4L2_MEMORY_MMAP)
		return -EINVAL;
	if (buf->flags & V4L2_BUF_FLAG_REQUEST_FD)
		return -EBADR;
	return 0;
}

int queue_prepare(struct handle *handle, void *argument)
{
	struct v4l2_buffer *buf = argument;
	struct buffer *buffer;
	int ret = given(handle, buf, &buffer);

	if (ret < 0)
		return ret;
	if (buffer->state != DEQUEUED)
		return -EINVAL;
	move(handle->device, buffer, PREPARED);
	describe(handle->device, buffer, buf);
	return 0;
}

int queue_put(struct handle *handle, void *argument)
{
	struct v4l2_buffer *buf = argument;
	struct buffer *buffer;
	int ret = given(handle, buf, &buffer);

	if (ret < 0)
		return ret;
	if (buffer->state != DEQUEUED && buffer->state != PREPARED)
		return -EINVAL;
	move(handle->device, buffer, QUEUED);
	describe(handle->device, buffer, buf);
	return 0;
}

int queue_take(struct handle *handle, void *argument)
{
	struct v4l2_buffer *buf = argument;
	struct device *device = handle->device;
	struct buffer *buffer;

	if (is_others(handle))
		return -EBUSY;
	if (buf->type != CAPTURE || !device->streams)
		return -EINVAL;
	buffer = first_to_take(device);
	if (!buffer)
		return handle->nonblocking ? -EAGAIN : DEVICE_WAIT;
	move(device, buffer, DEQUEUED);
	describe(device, buffer, buf);
	return 0;
}

static int64_t interval_ns(const struct device *device)
{
	const struct v4l2_fract *interval = &device->pictures.interval;

	return interval->numerator * INT64_C(1000000000) / interval->denominator;
}

int queue_start(struct handle *handle, void *argument)
{
	struct device *device = handle->device;

	if (*(int *)argument != CAPTURE)
		return -EINVAL;
	if (is_others(handle))
		return -EBUSY;
	if (!device->owner)
		return -EINVAL;
	if (device->streams)
		return 0;
	device->streams = true;
	device->silent = false;
	device->picture_ns = device->now_ns;
	device->pace_ns = interval_ns(device);
	device->sequence = 0;
	device->last_ns = device->now_ns;
	tell_owner(device);
	return 0;
}

int queue_stop(struct handle *handle, void *argument)
{
	if (*(int *)argument != CAPTURE)
		return -EINVAL;
	if (is_others(handle))
		return -EBUSY;
	stop(handle->device);
	return 0;
}

/* Pictures */

static int64_t patience(const struct device *device)
{
	int64_t interval = interval_ns(device);

	return 2 * (device->pace_ns > interval ? device->pace_ns : interval);
}

int device_stored(struct device *device, unsigned number, int64_t now_ns)
{
	struct buffer *buffer;
	int ret = 0;

	if (number >= DEVICE_BUFFERS_MAX || !device->buffer[number].waits)
		return 0;
	buffer = &device->buffer[number];
	buffer->waits--;
	if (number < device->buffers && buffer->state == DONE &&
	    now_ns - buffer->filled_ns > patience(device))
		ret = blacken(device, buffer);
	if (!buffer->waits)
		tell_owner(device);
	return ret;
}

/*
 * Time goes on, whatever a late picture says: it goes just behind what was before it, so that
 * the next one has its own time again.
 */
static int64_t stamp(struct device *device, int64_t time_ns, int64_t now_ns)
{
	int64_t next = device->stamp_ns + 1000;

	if (time_ns < 0 || time_ns > now_ns || now_ns - time_ns > OLDEST_NS)
		time_ns = now_ns;
	device->stamp_ns = time_ns > next ? time_ns : next;
	return device->stamp_ns;
}

static int fill(struct device *device, const void *bytes, int64_t time_ns, int64_t now_ns)
{
	struct buffer *buffer;
	int ret;

	if (!device->streams)
		return 0;
	device->last_ns = now_ns;
	time_ns = stamp(device, time_ns, now_ns);
	buffer = first(device, QUEUED);
	if (buffer && !buffer->waits) {
		ret = store(device, buffer, device->privacy ? device->blank : bytes);
		if (ret < 0)
			return ret;
		buffer->filled = true;
		buffer->filled_ns = now_ns;
		buffer->sequence = device->sequence;
		buffer->time_ns = time_ns;
		move(device, buffer, DONE);
		if (!buffer->waits)
			tell_owner(device);
	}
	device->sequence++;
	return 0;
}

/* How fast pictures really come: a machine that is too slow for its camera is not silent. */
static void take_pace(struct device *device, int64_t now_ns)
{
	int64_t since = now_ns - device->picture_ns;

	device->picture_ns = now_ns;
	if (since <= 0)
		return;
	if (since > SLOWEST_NS)
		since = SLOWEST_NS;
	device->pace_ns += (since - device->pace_ns) / MEAN_OF;
}

int device_picture(struct device *device, const void *bytes, int64_t time_ns, int64_t now_ns)
{
	take_pace(device, now_ns);
	device->silent = false;
	return fill(device, bytes, time_ns, now_ns);
}

/* Two frame times of patience, and then the nominal rate. */
int64_t device_next_tick(const struct device *device)
{
	int64_t interval = interval_ns(device);

	if (!device->streams)
		return -1;
	return device->last_ns + (device->silent ? interval : patience(device));
}

bool device_overslept(const struct device *device, int64_t now_ns)
{
	return device->streams && now_ns > device_next_tick(device) + interval_ns(device);
}

const void *device_black(const struct device *device)
{
	return device->blank;
}

int device_tick(struct device *device, int64_t now_ns)
{
	if (!device->streams || now_ns < device_next_tick(device))
		return 0;
	device->silent = true;
	return fill(device, device->blank, now_ns, now_ns);
}

int device_cut(struct device *device)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < device->buffers; i++)
		if (device->buffer[i].state == DONE)
			ret = blacken(device, &device->buffer[i]);
	return ret;
}
