/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that can be known of the cameras here: what policies say, what the kernel shows, and what
 * scrimd answers, where it runs.  First it is all gathered, then something is said about it.
 */
#ifndef TOOLS_CAMERAS_H
#define TOOLS_CAMERAS_H

#include <jansson.h>

#include "control.h"
#include "guard/measure.h"
#include "policy/configfs.h"
#include "source/keeper.h"

struct where {
	const char *policy;		/* file or folder */
	const char *run;		/* folder of the sockets */
	const char *camera;		/* NULL: all */
};

struct camera_status {
	char name[CONTROL_NAME_MAX];
	const struct policy *policy;	/* on disk; NULL: there is none, or it is wrong */
	int asked;			/* 0: scrimd answered; or a negative errno, and why */
	struct scrim_error why;
	struct control_reply reply;
	struct configfs_camera kernel;
	int held;			/* 0: the kernel has every region that it locks */
	struct scrim_error held_why;
	int capture_shut;		/* the shutter of applications; -1: not permitted to look */
	struct raw_node raw;
	char device[POLICY_TEXT_MAX + 16];	/* the policy's, as it may be shown */
	char raw_user[32], raw_group[32];	/* whose it is, by name; "?": they have none */
};

#define CAMERAS_MAX	64

struct cameras {
	struct policies *policies;	/* owned; NULL: err says why */
	struct scrim_error err;
	unsigned count;
	struct camera_status at[CAMERAS_MAX];	/* those of policies, then others that run */
	struct machine machine;
	unsigned libcameras;		/* of libcamera, and of no policy */
	struct shim_name libcamera[KEEPER_NAMES];
};

/* What is the matter, in words. */
enum concern_kind {
	CONCERN_DOUBT,			/* not as it should be */
	CONCERN_LEAK,			/* as it should be, and what gets through all the same */
};
struct concern {
	enum concern_kind kind;
	char camera[CONTROL_NAME_MAX];	/* empty: of this machine */
	char text[CONTROL_TEXT_MAX + 64];
};
#define CONCERNS_MAX	512
struct concerns {
	unsigned count, doubts;
	struct concern at[CONCERNS_MAX];
};

/*
 * Names only: those of policies, and those of sockets.  A camera that is asked for and is
 * nowhere is -ENOENT.  Policies that cannot be read are no error here.
 */
int cameras_find(struct cameras **cameras, const struct where *where, struct scrim_error *err);
/* All the rest. */
void cameras_look(struct cameras *cameras, const struct where *where);
/* Asks libcamera, where this machine has anything that it could use; takes seconds at most. */
void cameras_look_for_libcamera(struct cameras *cameras);
void cameras_free(struct cameras **cameras);

/* Asks the scrimd of a camera; the result is that of control_ask(), or what scrimd said. */
int camera_ask(struct camera_status *camera, const struct where *where, uint32_t what,
	       uint32_t flags);
/* scrimd is not there to be asked, as opposed to one that fails. */
bool camera_is_down(const struct camera_status *camera);

void concerns_make(struct concerns *concerns, const struct cameras *cameras);
/* One more doubt, of this machine; the text is cleaned. */
void concerns_doubt(struct concerns *concerns, const char *text);

/* "shows", "black", "off", "not running", "unknown". */
const char *camera_state(const struct camera_status *camera);
/* The device of the policy in force, or of the one on disk, as it may be shown; never NULL. */
const char *camera_device(const struct camera_status *camera);

struct exports_status;

/* path: of the policies on disk. */
void status_print(const struct cameras *cameras, const char *path,
		  const struct exports_status *exports, const struct concerns *concerns);
json_t *status_json(const struct cameras *cameras, const struct exports_status *exports,
		    const struct concerns *concerns);

#endif
