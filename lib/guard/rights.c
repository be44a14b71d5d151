// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard/rights.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union rights {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(RIGHTS_MAX * sizeof(int))];
};

int rights_send(int to, const void *message, size_t size, const int *fds, unsigned count)
{
	union rights rights = { 0 };
	struct iovec bytes = { (void *)message, size };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (count > RIGHTS_MAX)
		return -EINVAL;
	if (count) {
		msg.msg_control = &rights;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights.header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(count * sizeof(int)),
			.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(&rights.header), fds, count * sizeof(int));
	}
	return sendmsg(to, &msg, MSG_NOSIGNAL) == (ssize_t)size ? 0 : -errno;
}

/* Every descriptor that came is ours to close, wanted or not. */
static int unpack(struct msghdr *msg, int *fds, unsigned count)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(msg);
	unsigned came;
	int got[RIGHTS_MAX];

	if (!header)
		return 0;
	if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return -EPROTO;
	came = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(got, CMSG_DATA(header), came * sizeof(int));
	if (came <= count && !(msg->msg_flags & MSG_CTRUNC)) {
		memcpy(fds, got, came * sizeof(int));
		return came;
	}
	while (came)
		close(got[--came]);
	return -EPROTO;
}

int rights_receive(int from, void *message, size_t size, int *fds, unsigned count)
{
	union rights rights = { 0 };
	struct iovec bytes = { message, size };
	struct msghdr msg = {
		.msg_iov = &bytes, .msg_iovlen = 1,
		.msg_control = &rights, .msg_controllen = sizeof(rights),
	};
	ssize_t got;
	int came;

	do
		got = recvmsg(from, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	came = unpack(&msg, fds, count);
	if (came >= 0 && ((size_t)got != size || msg.msg_flags & MSG_TRUNC)) {
		while (came)
			close(fds[--came]);
		return got ? -EPROTO : -EPIPE;
	}
	return came;
}
