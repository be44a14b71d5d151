/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A USB device that is a program: the kernel's vhci_hcd asks it over a socket, in the
 * words of USB/IP, and takes it for plugged in as long as the socket is open.
 */
#ifndef USBIP_H
#define USBIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/usb/ch9.h>

#define USBIP_WAITING	64

struct usbip {
	int fd;				/* -1: not plugged in */
	/* Requests for data of the one endpoint that has some, oldest first. */
	unsigned int waiting;
	struct {
		uint32_t seq, room;
	} at[USBIP_WAITING];
};

/* What the host wants of endpoint 0; data is what it sent along. */
struct usbip_control {
	uint32_t seq;
	struct usb_ctrlrequest setup;	/* little-endian, as on the wire */
	uint8_t data[256];
	size_t size;
};

/* Waits until the port is free: what was unplugged takes a while to go. */
int usbip_plug(struct usbip *usb);
void usbip_unplug(struct usbip *usb);

/*
 * Takes what the host says next: 1 for a request to endpoint 0, which has to be answered,
 * 0 for anything else.
 */
int usbip_take(struct usbip *usb, struct usbip_control *control);

/* An answer; status is 0 or a negative errno, -EPIPE for "not this one". */
int usbip_answer(struct usbip *usb, const struct usbip_control *control, int status,
		 const void *data, size_t size);
/* Data for the oldest waiting request: its first bytes, or a short packet if that is less. */
int usbip_give(struct usbip *usb, const void *data, size_t size);

#endif
