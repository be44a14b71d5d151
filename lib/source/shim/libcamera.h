/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcamera, which speaks C++ only, as C would have it.  One shared object has all of it, whose
 * single name is the table below; a keeper loads that, and nobody else.  No exception leaves it.
 *
 * Functions return 0 or more, or a negative errno; `why` is then said in a line.
 */
#ifndef SHIM_LIBCAMERA_H
#define SHIM_LIBCAMERA_H

#include <stdint.h>

#define SHIM_BUFFERS		4	/* that a camera gets */
#define SHIM_PLANES		3
#define SHIM_TEXT		256	/* bytes of an ID, and of an error */
#define SHIM_CONTROLS		8
#define SHIM_SIZES		64	/* of a format, that are looked at */

struct shim;

struct shim_name {
	char id[SHIM_TEXT], model[64];
};

struct shim_size {
	uint32_t width, height;
};

/* 0: not said. */
enum shim_range { SHIM_RANGE_FULL = 1, SHIM_RANGE_LIMITED };
enum shim_matrix { SHIM_MATRIX_601 = 1, SHIM_MATRIX_709, SHIM_MATRIX_2020 };

struct shim_frames {
	uint32_t drm;			/* fourcc of drm_fourcc.h */
	uint32_t width, height;
	uint32_t stride;		/* bytes, of the first plane */
	uint32_t bytes;			/* of a picture; 0: they differ */
	uint32_t range, matrix;
	uint32_t frame_us;		/* a wish: from picture to picture; 0: none */
};

/* Descriptors stay the camera's. */
struct shim_buffer {
	uint32_t planes;
	struct {
		int fd;
		uint32_t offset, length;
	} plane[SHIM_PLANES];
};

/* In hundredths of libcamera's numbers; id is V4L2's. */
struct shim_control {
	uint32_t id;
	int32_t least, most, preset;
};

#define SHIM_GONE	UINT32_C(0xffffffff)	/* in place of an index: it will fill none any more */

/* What comes out of the descriptor of events, each in one piece. */
struct shim_filled {
	uint32_t index, sequence;
	uint32_t broken;		/* the camera says so */
	uint32_t planes;
	uint64_t time_ns;
	uint32_t used[SHIM_PLANES];
};

struct shim_calls {
	/* Looks for cameras.  There is one for each process, until that ends. */
	int (*begin)(struct shim **shim, char why[SHIM_TEXT]);
	int (*list)(struct shim *shim, struct shim_name *names, unsigned most, char why[SHIM_TEXT]);
	/* -ENODEV: there is none of that name; -EBUSY: somebody else has it. */
	int (*open)(struct shim *shim, const char *id, char why[SHIM_TEXT]);
	/* Sizes that it has in a format; 0: it has not that format. */
	int (*sizes)(struct shim *shim, uint32_t drm, struct shim_size sizes[SHIM_SIZES],
		     char why[SHIM_TEXT]);
	int (*controls)(struct shim *shim, struct shim_control controls[SHIM_CONTROLS],
			char why[SHIM_TEXT]);
	/* frames: as wished for, and then as it is.  Returns how many buffers there are. */
	int (*set_up)(struct shim *shim, struct shim_frames *frames,
		      struct shim_buffer buffers[SHIM_BUFFERS], char why[SHIM_TEXT]);
	/* Returns the descriptor of events. */
	int (*start)(struct shim *shim, char why[SHIM_TEXT]);
	int (*give_back)(struct shim *shim, uint32_t index, char why[SHIM_TEXT]);
	/* Takes effect with a buffer that is given back later. */
	int (*turn)(struct shim *shim, uint32_t id, int32_t value, char why[SHIM_TEXT]);
};

#define SHIM_NAME	"scrim_libcamera"

#endif
