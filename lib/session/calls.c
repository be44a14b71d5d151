// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * FUSE on one side, struct device on the other.  The file has one inode, no
 * directory, and pages only where pictures were stored.
 */
#include "session/calls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/flags.h"

#define FOR_EVER	86400.0		/* seconds that the kernel may believe in a stat() */

static struct opened *opened_of(struct session *s, const struct handle *handle)
{
	struct opened *at = s->opened;

	while (at && at->handle != handle)
		at = at->next;
	return at;
}

void calls_wake(void *ctx, struct handle *handle)
{
	struct session *s = ctx;
	struct opened *opened = opened_of(s, handle);

	s->woken = true;
	if (!opened || !opened->poll)
		return;
	fuse_lowlevel_notify_poll(opened->poll);
	fuse_pollhandle_destroy(opened->poll);
	opened->poll = NULL;
}

/* What applications do */

static struct opened *opened_by(const struct fuse_file_info *fi)
{
	return (struct opened *)(uintptr_t)fi->fh;
}

static void init(void *ctx, struct fuse_conn_info *conn)
{
	conn->max_readahead = 0;	/* there is nothing to read ahead */
	/* As truncate() is: set_attributes() refuses. */
	conn->want &= ~FUSE_CAP_ATOMIC_O_TRUNC;
}

static void get_attributes(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	/*
	 * Longer than all buffers: what is beyond the end of a file cannot be mapped.  It belongs
	 * to user 0 of the mount, who is the one that made it.
	 */
	const struct stat st = {
		.st_ino = FUSE_ROOT_ID, .st_mode = S_IFREG | 0600, .st_nlink = 1,
		.st_size = DEVICE_HEAD + DEVICE_MEMORY_MAX,
	};

	fuse_reply_attr(req, &st, FOR_EVER);
}

/* The lowest that nobody has. */
static uint32_t free_number(const struct session *s)
{
	for (uint32_t number = 1;; number++) {
		const struct opened *at = s->opened;

		while (at && at->number != number)
			at = at->next;
		if (!at)
			return number;
	}
}

static void open_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct session *s = fuse_req_userdata(req);
	struct opened *opened = calloc(1, sizeof(*opened));
	int ret = opened ? device_open(s->device, false, &opened->handle) : -ENOMEM;

	if (ret < 0) {
		free(opened);
		fuse_reply_err(req, -ret);
		return;
	}
	opened->nonblocking = fi->flags & O_NONBLOCK;
	opened->number = free_number(s);
	opened->fd = -1;
	opened->next = s->opened;
	s->opened = opened;
	fi->fh = (uintptr_t)opened;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

static void release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct session *s = fuse_req_userdata(req);
	struct opened *opened = opened_by(fi), **at;

	device_close(&opened->handle);
	for (at = &s->opened; *at != opened; at = &(*at)->next)
		;
	*at = opened->next;
	if (opened->poll)
		fuse_pollhandle_destroy(opened->poll);
	free(opened);
	fuse_reply_err(req, 0);
}

static void interrupted(fuse_req_t req, void *data)
{
	struct waiting *waiting = data;

	if (waiting->req != req)
		return;
	waiting->req = NULL;
	fuse_reply_err(req, EINTR);
}

static void wait_on(struct session *s, const struct waiting *call)
{
	for (unsigned i = 0; i < WAITING_MAX; i++) {
		struct waiting *place = &s->waiting[i];

		if (place->req)
			continue;
		*place = *call;
		fuse_req_interrupt_func(call->req, interrupted, place);
		return;
	}
	fuse_reply_err(call->req, EAGAIN);
}

/* As it is now; as it was opened, where nobody may look. */
static bool is_nonblocking(const struct session *s, const struct waiting *call)
{
	const struct flags_of of = { s->mount_id, call->by->number };
	int flags;

	if (!flags_now(fuse_req_ctx(call->req)->pid, &of, &call->by->fd, &flags))
		return call->by->nonblocking;
	return flags & O_NONBLOCK;
}

/* False: it has to wait. */
static bool answer(struct session *s, struct waiting *call)
{
	int ret = device_ioctl(call->by->handle, call->cmd, call->argument.bytes, session_now_ns());

	if (ret == DEVICE_WAIT && call->cmd == VIDIOC_DQEVENT && is_nonblocking(s, call))
		ret = -ENOENT;
	if (ret == DEVICE_WAIT && call->cmd == VIDIOC_DQBUF && is_nonblocking(s, call))
		ret = -EAGAIN;
	if (ret == DEVICE_WAIT)
		return false;
	fuse_req_interrupt_func(call->req, NULL, NULL);
	fuse_reply_ioctl(call->req, ret, call->argument.bytes, call->out);
	return true;
}

/* The kernel has copied what the number of the request says that there is. */
static void control(fuse_req_t req, fuse_ino_t ino, unsigned cmd, void *arg,
		    struct fuse_file_info *fi, unsigned flags, const void *in, size_t in_size,
		    size_t out_size)
{
	struct session *s = fuse_req_userdata(req);
	struct waiting call = { .req = req, .by = opened_by(fi), .cmd = cmd, .out = out_size };

	if (cmd == MOUNT_NUMBER && !(flags & FUSE_IOCTL_COMPAT)) {
		fuse_reply_ioctl(req, 0, &call.by->number, sizeof(call.by->number));
		return;
	}
	if (flags & FUSE_IOCTL_COMPAT || in_size > ARGUMENT_MAX || out_size > ARGUMENT_MAX ||
	    in_size > _IOC_SIZE(cmd) || out_size > _IOC_SIZE(cmd)) {
		fuse_reply_err(req, ENOTTY);
		return;
	}
	if (in_size)
		memcpy(call.argument.bytes, in, in_size);
	if (arrays_has(&call))
		arrays_begin(s, &call);
	else if (!answer(s, &call))
		wait_on(s, &call);
}

static void poll_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
		      struct fuse_pollhandle *ph)
{
	struct opened *opened = opened_by(fi);

	if (ph) {
		if (opened->poll)
			fuse_pollhandle_destroy(opened->poll);
		opened->poll = ph;
	}
	fuse_reply_poll(req, (unsigned short)device_poll(opened->handle));
}

/*
 * A page of a buffer that nothing was stored in yet.  read() begins at the head, where no
 * buffer is, and is refused there, as by all cameras without V4L2_CAP_READWRITE.
 */
static void read_page(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		      struct fuse_file_info *fi)
{
	static const char zeros[128 << 10];

	if (offset < DEVICE_HEAD)
		fuse_reply_err(req, EINVAL);
	else
		fuse_reply_buf(req, zeros, size < sizeof(zeros) ? size : sizeof(zeros));
}

/* What an application scribbles into its buffers is nobody's business. */
static void write_page(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size,
		       off_t offset, struct fuse_file_info *fi)
{
	if (fi->writepage)
		fuse_reply_write(req, size);
	else
		fuse_reply_err(req, EINVAL);
}

static void set_attributes(fuse_req_t req, fuse_ino_t ino, struct stat *st, int which,
			   struct fuse_file_info *fi)
{
	fuse_reply_err(req, EPERM);
}

const struct fuse_lowlevel_ops session_calls = {
	.init = init, .getattr = get_attributes, .setattr = set_attributes, .open = open_file,
	.release = release, .ioctl = control, .poll = poll_file, .read = read_page,
	.write = write_page,
};

void calls_retry(struct session *s)
{
	while (s->woken) {
		s->woken = false;
		for (unsigned i = 0; i < WAITING_MAX; i++)
			if (s->waiting[i].req && answer(s, &s->waiting[i]))
				s->waiting[i].req = NULL;
	}
}

void calls_end(struct session *s)
{
	arrays_end(s);
	for (unsigned i = 0; i < WAITING_MAX; i++)
		if (s->waiting[i].req)
			fuse_reply_err(s->waiting[i].req, ENODEV);
	while (s->opened) {
		struct opened *opened = s->opened;

		s->opened = opened->next;
		if (opened->poll)
			fuse_pollhandle_destroy(opened->poll);
		free(opened);
	}
}
