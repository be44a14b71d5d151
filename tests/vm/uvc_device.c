// SPDX-License-Identifier: GPL-2.0
#include "uvc_device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/usb/video.h>

/* Numbers of units, interfaces and descriptors as the standard has them. */
#define CAMERA		1
#define PROCESSING	2
#define OUTPUT		3
#define STREAM_INTERFACE	1
#define STREAM_ENDPOINT		0x81
#define CLASS_INTERFACE		0x24	/* CS_INTERFACE */

#define SIZES		5
#define INTERVALS	333333, 666666, 1000000, 2000000, 5000000, 10000000
#define INTERVAL	333333		/* of 100 ns */
#define INTERVAL_COUNT	6

static const struct {
	uint8_t unit, selector, bytes;
	uint16_t max, first;		/* the least is 0 */
	const char *name;
} controls[UVC_CONTROLS] = {
	{ CAMERA, UVC_CT_FOCUS_ABSOLUTE_CONTROL, 2, 250, 100, "focus" },
	{ CAMERA, UVC_CT_FOCUS_AUTO_CONTROL, 1, 1, 0, "autofocus" },
	{ PROCESSING, UVC_PU_BRIGHTNESS_CONTROL, 2, 255, 128, "brightness" },
	{ PROCESSING, UVC_PU_CONTRAST_CONTROL, 2, 255, 32, "contrast" },
	{ PROCESSING, UVC_PU_SATURATION_CONTROL, 2, 255, 64, "saturation" },
	{ PROCESSING, UVC_PU_SHARPNESS_CONTROL, 2, 255, 24, "sharpness" },
	{ PROCESSING, UVC_PU_POWER_LINE_FREQUENCY_CONTROL, 1, 2, 1, "mains" },
};
/* The same, as bits: focus and autofocus; brightness, contrast, saturation, sharpness, mains. */
#define CAMERA_BITS	{ 1 << 5, 0, 1 << 1 }
#define PROCESSING_BITS	{ 1 << 0 | 1 << 1 | 1 << 3 | 1 << 4, 1 << 2 }

static const struct usb_device_descriptor is = {
	.bLength = USB_DT_DEVICE_SIZE, .bDescriptorType = USB_DT_DEVICE,
	.bcdUSB = 0x0200, .bMaxPacketSize0 = 64,
	/* "Has an association of interfaces." */
	.bDeviceClass = USB_CLASS_MISC, .bDeviceSubClass = 2, .bDeviceProtocol = 1,
	/* pid.codes keeps this pair for tests. */
	.idVendor = 0x1209, .idProduct = 0x0001, .bcdDevice = 0x0100,
	.iManufacturer = 1, .iProduct = 2, .iSerialNumber = 3, .bNumConfigurations = 1,
};

DECLARE_UVC_HEADER_DESCRIPTOR(1);
DECLARE_UVC_INPUT_HEADER_DESCRIPTOR(1, 2);
DECLARE_UVC_FRAME_MJPEG(6);		/* uncompressed ones look the same */

struct configuration {
	struct usb_config_descriptor config;
	struct usb_interface_assoc_descriptor together;
	struct usb_interface_descriptor control;
	struct units {
		struct UVC_HEADER_DESCRIPTOR(1) header;
		struct uvc_camera_terminal_descriptor camera;
		struct uvc_processing_unit_descriptor processing;
		struct uvc_output_terminal_descriptor output;
	} __attribute__((packed)) units;
	struct usb_interface_descriptor streaming;
	struct stream {
		struct UVC_INPUT_HEADER_DESCRIPTOR(1, 2) header;
		struct uvc_format_uncompressed yuyv;
		struct UVC_FRAME_MJPEG(6) yuyv_frames[SIZES];
		struct uvc_color_matching_descriptor yuyv_colours;
		struct uvc_format_mjpeg mjpeg;
		struct UVC_FRAME_MJPEG(6) mjpeg_frames[SIZES];
		struct uvc_color_matching_descriptor mjpeg_colours;
	} __attribute__((packed)) stream;
	uint8_t endpoint[USB_DT_ENDPOINT_SIZE];
} __attribute__((packed));

#define HEAD(type, subtype) \
	.bLength = sizeof(type), .bDescriptorType = CLASS_INTERFACE, .bDescriptorSubType = subtype
#define FRAME(subtype, i, w, h) { \
	HEAD(struct UVC_FRAME_MJPEG(6), subtype), .bFrameIndex = i, .wWidth = w, .wHeight = h, \
	.dwMinBitRate = w * h * 16, .dwMaxBitRate = w * h * 16 * 30u, \
	.dwMaxVideoFrameBufferSize = w * h * 2, .dwDefaultFrameInterval = INTERVAL, \
	.bFrameIntervalType = INTERVAL_COUNT, .dwFrameInterval = { INTERVALS } }
/* The first is the default. */
#define FRAMES(subtype) { \
	FRAME(subtype, 1, 640, 480), FRAME(subtype, 2, 320, 240), FRAME(subtype, 3, 160, 120), \
	FRAME(subtype, 4, 1280, 720), FRAME(subtype, 5, 1920, 1080) }
/* BT.709 primaries and curve, matrix of BT.601. */
#define COLOURS	{ HEAD(struct uvc_color_matching_descriptor, UVC_VS_COLORFORMAT), 1, 1, 4 }

static const struct configuration has = {
	.config = {
		.bLength = USB_DT_CONFIG_SIZE, .bDescriptorType = USB_DT_CONFIG,
		.wTotalLength = sizeof(has), .bNumInterfaces = 2, .bConfigurationValue = 1,
		.bmAttributes = USB_CONFIG_ATT_ONE, .bMaxPower = 50,
	},
	.together = {
		.bLength = USB_DT_INTERFACE_ASSOCIATION_SIZE,
		.bDescriptorType = USB_DT_INTERFACE_ASSOCIATION, .bInterfaceCount = 2,
		.bFunctionClass = USB_CLASS_VIDEO, .bFunctionSubClass = UVC_SC_VIDEO_INTERFACE_COLLECTION,
	},
	.control = {
		.bLength = USB_DT_INTERFACE_SIZE, .bDescriptorType = USB_DT_INTERFACE,
		.bInterfaceClass = USB_CLASS_VIDEO, .bInterfaceSubClass = UVC_SC_VIDEOCONTROL,
	},
	.units = {
		.header = {
			HEAD(struct UVC_HEADER_DESCRIPTOR(1), UVC_VC_HEADER), .bcdUVC = 0x0110,
			.wTotalLength = sizeof(struct units), .dwClockFrequency = 1000000,
			.bInCollection = 1, .baInterfaceNr = { STREAM_INTERFACE },
		},
		.camera = {
			HEAD(struct uvc_camera_terminal_descriptor, UVC_VC_INPUT_TERMINAL),
			.bTerminalID = CAMERA, .wTerminalType = UVC_ITT_CAMERA,
			.bControlSize = 3, .bmControls = CAMERA_BITS,
		},
		.processing = {
			HEAD(struct uvc_processing_unit_descriptor, UVC_VC_PROCESSING_UNIT),
			.bUnitID = PROCESSING, .bSourceID = CAMERA,
			.bControlSize = 2, .bmControls = PROCESSING_BITS,
		},
		.output = {
			HEAD(struct uvc_output_terminal_descriptor, UVC_VC_OUTPUT_TERMINAL),
			.bTerminalID = OUTPUT, .wTerminalType = UVC_TT_STREAMING, .bSourceID = PROCESSING,
		},
	},
	.streaming = {
		.bLength = USB_DT_INTERFACE_SIZE, .bDescriptorType = USB_DT_INTERFACE,
		.bInterfaceNumber = STREAM_INTERFACE, .bNumEndpoints = 1,
		.bInterfaceClass = USB_CLASS_VIDEO, .bInterfaceSubClass = UVC_SC_VIDEOSTREAMING,
	},
	.stream = {
		.header = {
			HEAD(struct UVC_INPUT_HEADER_DESCRIPTOR(1, 2), UVC_VS_INPUT_HEADER),
			.bNumFormats = 2, .wTotalLength = sizeof(struct stream),
			.bEndpointAddress = STREAM_ENDPOINT, .bTerminalLink = OUTPUT, .bControlSize = 1,
		},
		.yuyv = {
			HEAD(struct uvc_format_uncompressed, UVC_VS_FORMAT_UNCOMPRESSED),
			.bFormatIndex = UVC_YUYV, .bNumFrameDescriptors = SIZES,
			.guidFormat = { 'Y', 'U', 'Y', '2', 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113 },
			.bBitsPerPixel = 16, .bDefaultFrameIndex = 1,
		},
		.yuyv_frames = FRAMES(UVC_VS_FRAME_UNCOMPRESSED),
		.yuyv_colours = COLOURS,
		.mjpeg = {
			HEAD(struct uvc_format_mjpeg, UVC_VS_FORMAT_MJPEG),
			.bFormatIndex = UVC_MJPEG, .bNumFrameDescriptors = SIZES,
			.bmFlags = 1, .bDefaultFrameIndex = 1,
		},
		.mjpeg_frames = FRAMES(UVC_VS_FRAME_MJPEG),
		.mjpeg_colours = COLOURS,
	},
	.endpoint = { USB_DT_ENDPOINT_SIZE, USB_DT_ENDPOINT, STREAM_ENDPOINT, USB_ENDPOINT_XFER_BULK, 0, 2 },
};

/* The size that was agreed on; both formats have the same. */
static const struct UVC_FRAME_MJPEG(6) *frame_of(const struct uvc_streaming_control *p)
{
	return &has.stream.yuyv_frames[p->bFrameIndex - 1];
}

/* The negotiation (4.3.1.1): whatever the host proposes becomes something that there is. */
static void settle(uint8_t bytes[34])
{
	struct uvc_streaming_control *p = (void *)bytes;

	if (p->bFormatIndex != UVC_YUYV && p->bFormatIndex != UVC_MJPEG)
		p->bFormatIndex = UVC_YUYV;
	if (!p->bFrameIndex || p->bFrameIndex > SIZES)
		p->bFrameIndex = 1;
	if (!p->dwFrameInterval)
		p->dwFrameInterval = INTERVAL;
	p->dwMaxVideoFrameSize = frame_of(p)->dwMaxVideoFrameBufferSize;
	/* A picture is one payload, which has one header. */
	p->dwMaxPayloadTransferSize = p->dwMaxVideoFrameSize + 64;
	p->dwClockFrequency = 1000000;
	p->bmFramingInfo = 3;
}

void uvc_reset(struct uvc_device *device)
{
	unsigned int i;

	memset(device->probe, 0, sizeof(device->probe));
	settle(device->probe);
	for (i = 0; i < UVC_CONTROLS; i++)
		device->value[i] = controls[i].first;
}

struct uvc_choice uvc_chosen(const struct uvc_device *device)
{
	const struct uvc_streaming_control *p = (const void *)device->probe;

	return (struct uvc_choice){
		p->bFormatIndex, frame_of(p)->wWidth, frame_of(p)->wHeight, p->dwFrameInterval / 10,
	};
}

static int refuse(struct uvc_device *d, const struct usbip_control *c)
{
	return usbip_answer(&d->usb, c, -EPIPE, NULL, 0);
}

static int say(struct uvc_device *d, const struct usbip_control *c, const void *data, size_t size)
{
	return usbip_answer(&d->usb, c, 0, data, size);
}

static int say_number(struct uvc_device *d, const struct usbip_control *c, uint16_t value, size_t bytes)
{
	return say(d, c, &value, bytes);
}

static int say_string(struct uvc_device *d, const struct usbip_control *c)
{
	const char *const texts[] = { NULL, "scrim", "Emulated camera", d->serial };
	unsigned int which = c->setup.wValue & 0xff, n = 0;
	uint16_t wide[64] = { 0x0409 };		/* number 0 is the list of languages */

	if (which > 3)
		return refuse(d, c);
	if (which)
		for (; texts[which][n] && n < 62; n++)
			wide[n] = texts[which][n];
	else
		n = 1;
	memmove(wide + 1, wide, n * 2);
	wide[0] = USB_DT_STRING << 8 | (2 + 2 * n);
	return say(d, c, wide, 2 + 2 * n);
}

static int say_descriptor(struct uvc_device *d, const struct usbip_control *c)
{
	switch (c->setup.wValue >> 8) {
	case USB_DT_DEVICE:
		return say(d, c, &is, sizeof(is));
	case USB_DT_CONFIG:
		return say(d, c, &has, sizeof(has));
	case USB_DT_STRING:
		return say_string(d, c);
	default:
		return refuse(d, c);
	}
}

static int answer_standard(struct uvc_device *d, const struct usbip_control *c)
{
	int ret;

	switch (c->setup.bRequest) {
	case USB_REQ_GET_DESCRIPTOR:
		return say_descriptor(d, c);
	case USB_REQ_GET_STATUS:
		return say_number(d, c, 0, 2);
	case USB_REQ_GET_CONFIGURATION:
		return say_number(d, c, 1, 1);
	case USB_REQ_CLEAR_FEATURE:
		/* The host's way to stop a stream of this kind. */
		ret = say(d, c, NULL, 0);
		return ret ?: c->setup.wIndex == STREAM_ENDPOINT ? UVC_STOPPED : UVC_NOTHING;
	case USB_REQ_SET_CONFIGURATION:
	case USB_REQ_SET_INTERFACE:
		return say(d, c, NULL, 0);
	default:
		return refuse(d, c);
	}
}

static int negotiate(struct uvc_device *d, const struct usbip_control *c)
{
	unsigned int selector = c->setup.wValue >> 8;
	int ret;

	if (selector != UVC_VS_PROBE_CONTROL && selector != UVC_VS_COMMIT_CONTROL)
		return refuse(d, c);
	switch (c->setup.bRequest) {
	case UVC_SET_CUR:
		memcpy(d->probe, c->data, c->size < sizeof(d->probe) ? c->size : sizeof(d->probe));
		settle(d->probe);
		ret = say(d, c, NULL, 0);
		return ret ?: selector == UVC_VS_COMMIT_CONTROL ? UVC_CHOSEN : UVC_NOTHING;
	case UVC_GET_CUR:
	case UVC_GET_MIN:
	case UVC_GET_MAX:
	case UVC_GET_DEF:
		return say(d, c, d->probe, sizeof(d->probe));
	case UVC_GET_LEN:
		return say_number(d, c, sizeof(d->probe), 2);
	case UVC_GET_INFO:
		return say_number(d, c, 3, 1);	/* can be got and set */
	default:
		return refuse(d, c);
	}
}

static int set_control(struct uvc_device *d, const struct usbip_control *c, unsigned int i)
{
	uint16_t value = c->data[0];

	if (c->size != controls[i].bytes)
		return refuse(d, c);
	if (controls[i].bytes == 2)
		value |= c->data[1] << 8;
	if (value > controls[i].max)
		return refuse(d, c);
	d->value[i] = value;
	printf("set %s %u\n", controls[i].name, value);
	return say(d, c, NULL, 0);
}

static int answer_control(struct uvc_device *d, const struct usbip_control *c)
{
	unsigned int unit = c->setup.wIndex >> 8, selector = c->setup.wValue >> 8, i;

	for (i = 0; i < UVC_CONTROLS; i++)
		if (controls[i].unit == unit && controls[i].selector == selector)
			break;
	if (i == UVC_CONTROLS)
		return refuse(d, c);
	switch (c->setup.bRequest) {
	case UVC_SET_CUR:
		return set_control(d, c, i);
	case UVC_GET_CUR:
		return say_number(d, c, d->value[i], controls[i].bytes);
	case UVC_GET_MIN:
		return say_number(d, c, 0, controls[i].bytes);
	case UVC_GET_MAX:
		return say_number(d, c, controls[i].max, controls[i].bytes);
	case UVC_GET_RES:
		return say_number(d, c, 1, controls[i].bytes);
	case UVC_GET_DEF:
		return say_number(d, c, controls[i].first, controls[i].bytes);
	case UVC_GET_INFO:
		return say_number(d, c, 3, 1);
	default:
		return refuse(d, c);
	}
}

int uvc_answer(struct uvc_device *device, const struct usbip_control *control)
{
	if ((control->setup.bRequestType & USB_TYPE_MASK) == USB_TYPE_STANDARD)
		return answer_standard(device, control);
	if ((control->setup.wIndex & 0xff) == STREAM_INTERFACE)
		return negotiate(device, control);
	return answer_control(device, control);
}
