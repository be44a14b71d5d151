// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/link.h"

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "source/tls.h"

#define MILLION		INT64_C(1000000)

int64_t link_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * MILLION + now.tv_nsec;
}

void link_begin(struct link *link, int fd)
{
	link->fd = fd;
	link->tls = NULL;
	link->at = link->end = 0;
	link->dry_ns = link_now_ns();
	link_expect(link, LINK_SILENCE_MS);
}

void link_expect(struct link *link, int ms)
{
	link->until_ns = link_now_ns() + ms * MILLION;
	link->taken = 0;
}

static int too_late(struct scrim_error *err)
{
	return fail(err, -ETIMEDOUT, "the camera does not answer in time");
}

static int too_much(struct scrim_error *err)
{
	return fail(err, -EFBIG, "the camera sends more than %u MB for one picture",
		    LINK_TAKEN_MAX >> 20);
}

int link_wait(struct link *link, struct scrim_error *err)
{
	struct pollfd ready = { .fd = link->fd, .events = POLLIN };
	int64_t left = (link->until_ns - link_now_ns()) / MILLION;
	int ret;

	if (left <= 0)
		return too_late(err);
	ret = poll(&ready, 1, 0);
	if (ret > 0)
		return 0;
	link->dry_ns = link_now_ns();
	do
		ret = poll(&ready, 1, left < LINK_SILENCE_MS ? left : LINK_SILENCE_MS);
	while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return fail(err, -errno, "cannot wait for the camera: %s", strerror(errno));
	return ret ? 0 : too_late(err);
}

ssize_t link_raw(struct link *link, void *bytes, size_t size, struct scrim_error *err)
{
	struct pollfd ready = { .fd = link->fd, .events = POLLIN };
	ssize_t got;

	if (link_now_ns() >= link->until_ns)
		return too_late(err);
	if (poll(&ready, 1, 0) <= 0)
		return -EAGAIN;
	do
		got = read(link->fd, bytes, size);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, -errno, "the connection to the camera broke: %s", strerror(errno));
	link->taken += got;
	return link->taken > LINK_TAKEN_MAX ? too_much(err) : got;
}

/* 0: the other side ended. */
static int fill(struct link *link, struct scrim_error *err)
{
	ssize_t got;
	int ret;

	do {
		got = link->tls ? tls_read(link->tls, link->bytes, sizeof(link->bytes), err) :
			link_raw(link, link->bytes, sizeof(link->bytes), err);
		ret = got == -EAGAIN ? link_wait(link, err) : 0;
	} while (got == -EAGAIN && ret >= 0);
	if (ret < 0 || got < 0)
		return ret < 0 ? ret : got;
	link->at = 0;
	link->end = got;
	return got > 0;
}

int link_some(struct link *link, void *bytes, int size, struct scrim_error *err)
{
	int ret = link->at < link->end ? 1 : fill(link, err);
	size_t there = link->end - link->at;

	if (ret <= 0)
		return ret;
	if (there > (size_t)size)
		there = size;
	if (bytes)
		memcpy(bytes, link->bytes + link->at, there);
	link->at += there;
	return there;
}

static int ended(struct scrim_error *err)
{
	return fail(err, -EPIPE, "the camera closed the connection");
}

int link_bytes(struct link *link, void *bytes, size_t size, struct scrim_error *err)
{
	uint8_t *to = bytes;
	int got;

	for (; size; size -= got) {
		got = link_some(link, to, size < LINK_BYTES ? size : LINK_BYTES, err);
		if (got <= 0)
			return got < 0 ? got : ended(err);
		if (to)
			to += got;
	}
	return 0;
}

int link_peek(struct link *link, struct scrim_error *err)
{
	int ret = link->at < link->end ? 1 : fill(link, err);

	return ret > 0 ? link->bytes[link->at] : ret < 0 ? ret : ended(err);
}

int link_line(struct link *link, char *line, size_t size, struct scrim_error *err)
{
	size_t length = 0;
	int c;

	while ((c = link_peek(link, err)) >= 0) {
		link->at++;
		if (c == '\n') {
			if (length && line[length - 1] == '\r')
				length--;
			line[length] = '\0';
			return 0;
		}
		if (length + 1 >= size || ((c < ' ' || c == 0x7f) && c != '\t' && c != '\r') ||
		    (length && line[length - 1] == '\r'))
			break;
		line[length++] = c;
	}
	return c < 0 ? c : fail(err, -EBADMSG, "the camera's answer is no text, or without end");
}

int link_write(struct link *link, const char *text, struct scrim_error *err)
{
	size_t left = strlen(text);
	ssize_t put;

	for (; left; left -= put, text += put) {
		if (link_now_ns() >= link->until_ns)
			return too_late(err);
		do
			put = link->tls ? tls_write(link->tls, text, left) : write(link->fd, text, left);
		while (put < 0 && errno == EINTR);
		if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return too_late(err);
		if (put < 0)
			return fail(err, -errno, "the connection to the camera broke: %s",
				    strerror(errno));
	}
	return 0;
}
