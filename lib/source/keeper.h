/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keeper of a libcamera camera: a program of its own, inside a fence, since libcamera opens
 * nodes, starts threads and parses what devices say.  It hands out the buffers that the camera
 * fills, once, and then says which is filled.  All that it says is a stranger's word.
 *
 * Over one SOCK_SEQPACKET pair: a struct keeper_ask to it; from it a struct keeper_told, and
 * then as many struct keeper_name, or struct keeper_buffer with its descriptors, as that says.
 * From then on it gets struct keeper_order; a start, and a buffer that is given back, ask for one
 * picture more, which is a struct shim_filled.  That is the latest when it is young, or else the
 * next: who has little time never sees an old one.  It ends when nobody has the other end any more.
 */
#ifndef SOURCE_KEEPER_H
#define SOURCE_KEEPER_H

#include <stdbool.h>

#include "error.h"
#include "source/shim/libcamera.h"

#define KEEPER_PROGRAM	"scrim/keeper-" SCRIM_VERSION
#define KEEPER_SHIM	"libcamera-" SCRIM_VERSION ".so"	/* beside it */
#define KEEPER_SECONDS	20u		/* until it has told */
#define KEEPER_FORMATS	32
#define KEEPER_NAMES	32

struct keeper_ask {
	char id[SHIM_TEXT];		/* empty: which cameras are there? */
	uint32_t width, height;		/* 0: as the camera likes */
	uint32_t frame_us;		/* from picture to picture; the same */
	uint32_t drm[KEEPER_FORMATS];	/* those that may be, best first; 0 at the end */
};

struct keeper_told {
	int32_t ret;			/* negative: there is nothing; why says it */
	uint32_t follow;		/* so many messages */
	struct shim_frames frames;
	uint32_t controls;
	struct shim_control control[SHIM_CONTROLS];
	char why[SHIM_TEXT];
};

/* at: which of the descriptors that came with it. */
struct keeper_buffer {
	uint32_t planes;
	struct {
		uint32_t at, offset, length;
	} plane[SHIM_PLANES];
};

struct keeper_order {
	enum { KEEPER_START = 1, KEEPER_GIVE_BACK, KEEPER_TURN } what;
	uint32_t id;			/* index of a buffer, or a control */
	int32_t value;
};

/* A child, and what is seen of it. */
struct keeper {
	int pid;			/* 0: none */
	int fd;				/* the socket */
	int said;			/* what it says of itself, to read; -1: none */
};

/* Runs the program, which has been asked nothing yet. */
int keeper_launch(struct keeper *keeper, const char *program, struct scrim_error *err);
/* -ENOTSUP: scrim was installed without it.  It gets no environment and no other descriptor. */
int keeper_start(struct keeper *keeper, const struct keeper_ask *ask, struct scrim_error *err);
/* Ends it, and closes what it had. */
void keeper_stop(struct keeper *keeper);

/* The next line of what it says; false: none.  Waits for nothing. */
bool keeper_said(int said, char *line, size_t size);

/* Which cameras libcamera has; returns how many.  Takes KEEPER_SECONDS at most. */
int keeper_list(struct shim_name names[KEEPER_NAMES], struct scrim_error *err);

/*
 * Nodes that a camera of this ID may be made of, or of any camera when it is NULL: paths in
 * /dev, but for those of scrim itself; none where nothing has a media node.  The ID of a USB
 * camera names its port, and then it is that one's.  sys is /sys.
 */
#define KEEPER_NODES	128
#define KEEPER_NODE	32
unsigned keeper_nodes(char nodes[KEEPER_NODES][KEEPER_NODE], const char *sys, const char *id);

#endif
