/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The daemon's end of the control socket, for a loop around poll().  It never waits for a client:
 * one that connects and says nothing, or does not fetch its reply, costs a place for a while.
 */
#ifndef LIB_CONTROL_SERVER_H
#define LIB_CONTROL_SERVER_H

#include <poll.h>

#include "control.h"

#define CONTROL_CLIENTS_MAX	8
#define CONTROL_PATIENCE_MS	2000	/* for a client to say what it wants */

struct control_client {
	int fd;				/* -1: none */
	int64_t since;			/* ms */
};

struct control_server {
	int fd;				/* -1: there is no socket */
	char path[128];
	uid_t owner;			/* of this process: who may ask, beside root */
	gid_t members;			/* and who else; -1: nobody */
	struct control_client client[CONTROL_CLIENTS_MAX];
};

#define CONTROL_POLLS		(1 + CONTROL_CLIENTS_MAX)

/* What goes with a reply; it is closed here when that is sent. */
struct control_gift {
	int fd[CONTROL_FDS];
	unsigned count;
};

/* Fills *reply, but for its head: result, text, and what was asked for. */
typedef void control_answer(void *ctx, const struct control_peer *peer,
			    const struct control_request *request, struct control_reply *reply,
			    struct control_gift *gift);

void control_server_none(struct control_server *server);
/*
 * Makes the socket, which its owner and the members of a group may use; -1: there is no
 * such group.  One that a dead daemon left is replaced; -EADDRINUSE: another runs.
 */
int control_listen(struct control_server *server, const char *path, gid_t members,
		   struct scrim_error *err);
/* Closes everything, and takes the socket away. */
void control_end(struct control_server *server);

/* CONTROL_POLLS entries, to wait on. */
void control_polls(const struct control_server *server, struct pollfd *polls);
/* Milliseconds until control_serve() has to be called without being told; -1: never. */
int control_patience(const struct control_server *server, int64_t now);
/* After poll() in any case: answers those that have asked, drops those that do not ask. */
void control_serve(struct control_server *server, const struct pollfd *polls, int64_t now,
		   control_answer *answer, void *ctx);

#endif
