// SPDX-License-Identifier: GPL-2.0
#include "usbip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define ATTACH		"/sys/devices/platform/vhci_hcd.0/attach"
#define PATIENCE	200		/* times 100 ms for the port */

/* Documentation/usb/usbip_protocol.rst has these; all numbers are big-endian. */
enum { SUBMIT = 1, UNLINK = 2, SUBMITTED = 3, UNLINKED = 4 };
enum { TO_DEVICE = 0, FROM_DEVICE = 1 };

struct message {
	uint32_t command, seq, device, direction, endpoint;
	union {
		struct {
			uint32_t flags, length, start, packets, interval;
			struct usb_ctrlrequest setup;
		} submit;
		struct {
			uint32_t status, length, start, packets, errors;
			uint8_t zero[8];
		} submitted;
		struct {
			uint32_t seq;
		} unlink;
		struct {
			uint32_t status;
		} unlinked;
	};
};
_Static_assert(sizeof(struct message) == 48, "as on the wire");

static int attach(int fd)
{
	char text[64];
	int file, ret = 0;

	/* Port, socket, number of the device, speed. */
	snprintf(text, sizeof(text), "0 %d 65537 %d", fd, USB_SPEED_HIGH);
	file = open(ATTACH, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return -errno;
	if (write(file, text, strlen(text)) < 0)
		ret = -errno;
	close(file);
	return ret;
}

int usbip_plug(struct usbip *usb)
{
	int pair[2], ret, tries;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	for (tries = 0; (ret = attach(pair[1])) && ret != -ENOENT && tries < PATIENCE; tries++)
		usleep(100000);
	close(pair[1]);
	if (ret) {
		close(pair[0]);
		return ret;
	}
	*usb = (struct usbip){ .fd = pair[0] };
	return 0;
}

void usbip_unplug(struct usbip *usb)
{
	if (usb->fd >= 0)
		close(usb->fd);
	usb->fd = -1;
	usb->waiting = 0;
}

static int take_all(int fd, void *to, size_t size)
{
	ssize_t n = recv(fd, to, size, MSG_WAITALL);

	return n == (ssize_t)size ? 0 : n < 0 ? -errno : -ENOTCONN;
}

static int send_message(struct usbip *usb, struct message *message, const void *data, size_t size)
{
	struct iovec parts[] = {
		{ message, sizeof(*message) }, { (void *)data, size },
	};
	ssize_t n = writev(usb->fd, parts, 2);

	return n == (ssize_t)(sizeof(*message) + size) ? 0 : n < 0 ? -errno : -EIO;
}

static int submitted(struct usbip *usb, uint32_t seq, int status, const void *data, size_t size,
		     size_t length)
{
	struct message message = {
		.command = htonl(SUBMITTED), .seq = htonl(seq),
		.submitted = { .status = htonl(status), .length = htonl(length) },
	};

	return send_message(usb, &message, data, size);
}

/* Forgets the request if it still waits; the host wants to hear which. */
static int unlink_request(struct usbip *usb, uint32_t seq, uint32_t which)
{
	struct message message = { .command = htonl(UNLINKED), .seq = htonl(seq) };
	unsigned int i, kept = 0;

	for (i = 0; i < usb->waiting; i++)
		if (usb->at[i].seq != which)
			usb->at[kept++] = usb->at[i];
	message.unlinked.status = htonl(kept < usb->waiting ? -ECONNRESET : 0);
	usb->waiting = kept;
	return send_message(usb, &message, NULL, 0);
}

static int take_control(struct usbip *usb, const struct message *message,
			struct usbip_control *control)
{
	size_t length = ntohl(message->submit.length);
	int ret;

	*control = (struct usbip_control){ .seq = ntohl(message->seq), .setup = message->submit.setup };
	if (ntohl(message->direction) == FROM_DEVICE)
		return 1;
	if (length > sizeof(control->data))
		return -EMSGSIZE;
	control->size = length;
	ret = length ? take_all(usb->fd, control->data, length) : 0;
	return ret ?: 1;
}

int usbip_take(struct usbip *usb, struct usbip_control *control)
{
	struct message message;
	int ret = take_all(usb->fd, &message, sizeof(message));

	if (ret)
		return ret;
	if (ntohl(message.command) == UNLINK)
		return unlink_request(usb, ntohl(message.seq), ntohl(message.unlink.seq));
	if (ntohl(message.command) != SUBMIT)
		return -EPROTO;
	if (!message.endpoint)
		return take_control(usb, &message, control);
	if (ntohl(message.direction) != FROM_DEVICE || usb->waiting == USBIP_WAITING)
		return -EPROTO;
	usb->at[usb->waiting].seq = ntohl(message.seq);
	usb->at[usb->waiting++].room = ntohl(message.submit.length);
	return 0;
}

int usbip_answer(struct usbip *usb, const struct usbip_control *control, int status,
		 const void *data, size_t size)
{
	size_t wanted = control->setup.wLength;

	if (control->setup.bRequestType & USB_DIR_IN)
		size = size < wanted ? size : wanted;
	else
		return submitted(usb, control->seq, status, NULL, 0, status ? 0 : control->size);
	return submitted(usb, control->seq, status, data, status ? 0 : size, status ? 0 : size);
}

int usbip_give(struct usbip *usb, const void *data, size_t size)
{
	uint32_t seq = usb->at[0].seq;

	usb->waiting--;
	memmove(usb->at, usb->at + 1, usb->waiting * sizeof(usb->at[0]));
	return submitted(usb, seq, 0, data, size, size);
}
