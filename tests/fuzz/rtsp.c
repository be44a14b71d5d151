// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever a camera says after it was called, its words are read, or refused, and its packets
 * are never longer than there is room.  The first byte says by which protocol it is called.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "source/rtsp.h"

#define INPUT_MAX	(64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void call(struct rtsp *rtsp, bool http)
{
	struct reply reply;
	uint8_t bytes[100];
	int ret;

	if (http) {
		http_begin(&rtsp->caller, &reply, NULL);
		return;
	}
	ret = rtsp_begin(rtsp, NULL);
	while (ret >= 0) {
		ret = rtsp_packet(rtsp, bytes, sizeof(bytes), NULL);
		assert(ret && ret <= (int)sizeof(bytes));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct url url = { .host = "h", .port = "1", .path = "/" };
	static const struct secret secret = { "user", "password" };
	static const struct timeval limit = { .tv_usec = 10000 };
	static struct rtsp rtsp;
	int ends[2];

	if (!size || size > INPUT_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return 0;
	/* Nobody reads what it is told. */
	setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	assert(write(ends[1], data + 1, size - 1) == (ssize_t)size - 1);
	shutdown(ends[1], SHUT_WR);
	rtsp = (struct rtsp){ 0 };
	caller_begin(&rtsp.caller, ends[0], &url, &secret);
	call(&rtsp, data[0] & 1);
	close(ends[0]);
	close(ends[1]);
	return 0;
}
