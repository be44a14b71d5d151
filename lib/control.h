/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may be asked of a running scrimd, over a socket: one request of a fixed size, one reply
 * of a fixed size, and the connection is over.  There is nothing to parse; what is out of its
 * range makes the message none.
 */
#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

#include <sys/types.h>

#include "error.h"

#define CONTROL_FOLDER		"/run/scrim"	/* a socket for each camera, of its name */
#define CONTROL_GROUP		"scrim"		/* whose members may ask */
#define CONTROL_VERSION		1

#define CONTROL_NAME_MAX	64
#define CONTROL_TEXT_MAX	256
#define CONTROL_CHANGES_MAX	24

enum control_what {
	CONTROL_STATUS = 1,
	CONTROL_SHUTTER,		/* open the feed's shutter, or close it */
	CONTROL_COMPARE,		/* say what the policy on disk would change */
	/* Take it: when the reply comes, the cut has happened.  -EPERM: it loosens. */
	CONTROL_APPLY,
	/* Pictures for one application: two descriptors come with the reply, see session_join(). */
	CONTROL_SESSION,
};

/* Of a request. */
#define CONTROL_SHUT		1u	/* CONTROL_SHUTTER: close it, every picture is black */
#define CONTROL_ACCEPT		2u	/* CONTROL_APPLY: also when it loosens */

struct control_request {
	uint32_t version;
	uint32_t what;			/* enum control_what */
	uint32_t flags;
	uint32_t reserved[13];		/* zero */
};
_Static_assert(sizeof(struct control_request) == 64, "the same in every process");

enum control_state {
	CONTROL_OFF,			/* nobody watches */
	CONTROL_BLACK,			/* somebody watches, and why says what is wrong */
	CONTROL_SHOWS,			/* the worker runs */
};

/* Bits of control_status.has. */
#define CONTROL_SHUTTER_SHUT	1u	/* that of the feed */
#define CONTROL_NEEDS_MODEL	2u	/* the policy's detector is a network */
#define CONTROL_HAS_MODEL	4u	/* and its file is there */
#define CONTROL_LOCKS		8u	/* the policy has locked regions */
#define CONTROL_ALWAYS_ON	16u	/* the camera is on though nobody watches */
#define CONTROL_TO_NOBODY	32u	/* and nobody can watch: --feed null */
#define CONTROL_NOTICE		64u	/* the policy says that who is seen is told */
#define CONTROL_NOTICE_SHOWN	128u	/* pictures have the badge now, and the log says so */
#define CONTROL_ZERO_COPY	256u	/* the feed reads pictures where the camera wrote them */
#define CONTROL_HAS_ALL		511u

struct control_status {
	uint64_t frames, whole, dropped, damaged;
	uint64_t uptime_ms;		/* of scrimd */
	uint64_t doubt_ms;		/* since a picture was last covered whole, to seconds */
	uint32_t state;			/* enum control_state */
	uint32_t has;
	uint32_t readers, restarts;
	uint32_t pid, worker;		/* 0: there is no worker */
	uint32_t width, height, fourcc;	/* of what is shown; 0: not known yet */
	uint32_t seconds, per;		/* seconds / per of one from picture to picture */
	uint32_t faces, moving;		/* enum method */
	uint32_t detector;		/* enum detector_kind */
	uint32_t regions, locked;	/* how many the policy has, and of these, locked */
	uint32_t undone;		/* how many are covered so that it can be undone */
	uint32_t places;		/* taken by applications that have a session */
	uint32_t reserved[12];		/* zero */
	char why[CONTROL_TEXT_MAX];	/* the reason for being black; may be empty */
	char doubt[CONTROL_TEXT_MAX];	/* why a picture was last covered whole; the same */
	char device[CONTROL_TEXT_MAX];
	char policy[CONTROL_TEXT_MAX];	/* path, as scrimd was given it */
	char purpose[CONTROL_TEXT_MAX];
	char class[CONTROL_NAME_MAX];
	char copied[CONTROL_TEXT_MAX];	/* why pictures are copied; empty: see CONTROL_ZERO_COPY */
};
_Static_assert(sizeof(struct control_status) == 48 + 30 * 4 + 6 * 256 + 64, "no holes");

struct control_change {
	uint32_t verdict;		/* enum open_verdict */
	uint32_t reserved;		/* zero */
	char what[80];			/* the key, or "region NAME" */
	char why[168];
};
_Static_assert(sizeof(struct control_change) == 256, "no holes");

struct control_changes {
	uint32_t verdict;		/* the worst of all */
	uint32_t count;			/* of changes; the first CONTROL_CHANGES_MAX are here */
	uint32_t reserved[2];		/* zero */
	struct control_change at[CONTROL_CHANGES_MAX];
};

/* Of the pictures of a session. */
struct control_session {
	uint32_t width, height;
	uint32_t seconds, per;		/* seconds / per of one from picture to picture */
	uint32_t full_range;		/* luma is 0 to 255: 0 or 1 */
	uint32_t reserved[3];		/* zero */
};
_Static_assert(sizeof(struct control_session) == 32, "no holes");

#define CONTROL_FDS		2	/* of a session: its memory, its socket */

struct control_reply {
	uint32_t version;
	uint32_t what;			/* of the request */
	int32_t result;			/* 0 or a negative errno, and text says why */
	uint32_t reserved[13];		/* zero */
	char camera[CONTROL_NAME_MAX];
	char text[CONTROL_TEXT_MAX];
	union {
		struct control_status status;		/* CONTROL_STATUS, CONTROL_SHUTTER */
		struct control_changes changes;		/* CONTROL_COMPARE, CONTROL_APPLY */
		struct control_session session;
	};
};
_Static_assert(sizeof(struct control_reply) == 384 + sizeof(struct control_changes), "no holes");

/* Copies a text, cut to fit; control characters become '?', and what follows it zero. */
void control_text(char *to, size_t size, const char *from);

/* Whether this is a request: every field in its range, what is reserved zero. */
bool control_request_is_sound(const struct control_request *request);
/* The same of a reply, which must be one to this; all its texts end, and are clean. */
bool control_reply_is_sound(const struct control_reply *reply,
			    const struct control_request *request);

/*
 * Who is at the other end, by the kernel's word.
 */
#define CONTROL_GROUPS_MAX	256
struct control_peer {
	int fd;				/* the connection; borrowed */
	pid_t pid;			/* for messages only: another may have it by now */
	uid_t uid;
	gid_t gid;
	unsigned groups;
	gid_t group[CONTROL_GROUPS_MAX];
};
int control_peer_of(struct control_peer *peer, int fd, struct scrim_error *err);
/*
 * Whether a peer may ask a daemon of this user.  members: the group whose members may;
 * -1: there is no such group.  -EACCES, and what the administrator has to type.
 */
int control_may(const struct control_peer *peer, uid_t daemon, gid_t members,
		struct scrim_error *err);
/* The group scrim, or -1. */
gid_t control_members(void);

/* "/run/scrim/porch"; -ENAMETOOLONG. */
int control_path(char *path, size_t size, const char *folder, const char *camera,
		 struct scrim_error *err);

/*
 * Asks, and waits for the reply at most so long.  The result is that of the connection; what
 * scrimd said is in reply->result.  -ENOENT, -ECONNREFUSED: it does not run.  -EACCES: not
 * permitted to ask.  -ETIMEDOUT: it does not answer.  The reply is read in a cage.
 */
int control_ask(const char *path, const struct control_request *request,
		struct control_reply *reply, int wait_ms, struct scrim_error *err);
/* The same for CONTROL_SESSION: fds are the caller's when this is 0 and reply->result as well. */
int control_join(const char *path, struct control_reply *reply, int fds[CONTROL_FDS],
		 int wait_ms, struct scrim_error *err);

#endif
