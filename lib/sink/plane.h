/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Planes of a card above the one that is drawn on.  Each shows a picture where a camera left it,
 * scaled by the card: no pixel is copied.  A plane is used only for what can be told to it: the
 * pixel format, and of YUV the matrix and the range as well.
 */
#ifndef SINK_PLANE_H
#define SINK_PLANE_H

#include <xf86drmMode.h>

#include "node.h"
#include "sink/grid.h"

#define PLANES_MAX		GRID_MAX
#define PLANE_FORMATS_MAX	128u

enum plane_encoding { PLANE_BT601, PLANE_BT709, PLANE_BT2020, PLANE_ENCODINGS };
enum plane_range { PLANE_LIMITED, PLANE_FULL, PLANE_RANGES };

/* What a camera sends, in the card's words. */
struct plane_picture {
	uint32_t format;		/* DRM_FORMAT_... */
	bool yuv;
	enum plane_encoding encoding;	/* of YUV */
	enum plane_range range;
	unsigned width, height;
	uint32_t offset[4], pitch[4];	/* bytes */
	size_t bytes;			/* of the whole */
};

/* False: no card is told of such pictures. */
bool plane_describe(struct plane_picture *picture, const struct v4l2_pix_format *pix);

enum plane_property {
	PLANE_FB, PLANE_CRTC, PLANE_SRC_X, PLANE_SRC_Y, PLANE_SRC_W, PLANE_SRC_H,
	PLANE_X, PLANE_Y, PLANE_W, PLANE_H, PLANE_ENCODING, PLANE_RANGE,
	PLANE_PROPERTIES
};

/* A camera's pictures, for one plane or for none. */
struct plane;
struct scanout {
	struct plane_picture picture;
	unsigned count;			/* 0: the card has none of its buffers */
	uint32_t fb[V4L2_BUFFERS_MAX];
	struct place place;
	struct plane *plane;		/* the card's; NULL: it is drawn */
	const char *why;		/* it is drawn */
};

struct plane {
	uint32_t id;
	uint32_t property[PLANE_PROPERTIES];
	unsigned formats;
	uint32_t format[PLANE_FORMATS_MAX];
	bool told[PLANE_ENCODINGS][PLANE_RANGES];	/* what can be told to it */
	uint64_t encoding[PLANE_ENCODINGS], range[PLANE_RANGES];
	const struct scanout *of;	/* NULL: it is free */
	uint32_t fb;			/* what is to be shown; 0: nothing */
	bool on;			/* it shows something, since the last commit */
};
struct planes {
	unsigned count;
	struct plane at[PLANES_MAX];
};

/* Those of one CRTC that lie above its primary plane.  A card that has none is no error. */
void planes_find(struct planes *planes, int card, unsigned crtc_index, uint32_t crtc,
		 uint32_t primary);
bool plane_takes(const struct plane *plane, const struct plane_picture *picture);

/*
 * Gives the card the memory behind a dma-buf, which is the caller's; the framebuffer lives until
 * the card is closed.
 */
int plane_import(uint32_t *fb, int card, const struct plane_picture *picture, int dmabuf);

/*
 * Tries planes for cameras, in their order: each gets the first with which try() says that the
 * card can show all that have one by now.
 */
typedef int planes_try(void *ctx);
void planes_assign(struct planes *planes, struct scanout *const of[], unsigned count,
		   planes_try *try, void *ctx);
/* None shows anything any more, from the next commit on. */
void planes_free(struct planes *planes);

/*
 * What each of them shows; -ENOMEM.  A plane that is off is not named: the kernel might call it
 * busy, which it is not.
 */
int planes_request(const struct planes *planes, drmModeAtomicReq *request, uint32_t crtc);
/* That was committed. */
void planes_committed(struct planes *planes);

/*
 * Cards read memory, and not all of them what the processor keeps in its caches; the kernel
 * writes a camera's buffers through those.  False: not known how, so that pictures are copied.
 */
bool plane_can_flush(void);
void plane_flush(const uint8_t *bytes, size_t count);

#endif
