/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The emulated camera as far as it is the same for every picture: what it says of
 * itself in the words of USB Video Class 1.1, and its controls.
 */
#ifndef UVC_DEVICE_H
#define UVC_DEVICE_H

#include "usbip.h"

enum uvc_format { UVC_YUYV = 1, UVC_MJPEG };

/* What the host has chosen. */
struct uvc_choice {
	enum uvc_format format;
	unsigned int width, height;
	unsigned int interval;		/* us from picture to picture */
};

#define UVC_CONTROLS	7

struct uvc_device {
	struct usbip usb;
	const char *serial;
	uint8_t probe[34];		/* the state of the negotiation */
	uint16_t value[UVC_CONTROLS];
};

enum uvc_event { UVC_NOTHING, UVC_CHOSEN, UVC_STOPPED };

void uvc_reset(struct uvc_device *device);	/* as it comes out of the box */
/*
 * Answers a request; what came of it, or a negative errno.  "set NAME VALUE" is printed
 * when a control is set.
 */
int uvc_answer(struct uvc_device *device, const struct usbip_control *control);
struct uvc_choice uvc_chosen(const struct uvc_device *device);

#endif
