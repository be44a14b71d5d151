// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A client has one turn: when its request is there it is answered and gone.  The reply fits into
 * the empty buffer of a fresh connection, so nothing is ever kept for one that is slow.
 */
#include "control_server.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "guard/rights.h"

#define WAITING_MAX	16		/* for a place */

void control_server_none(struct control_server *server)
{
	*server = (struct control_server){ .fd = -1 };
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		server->client[i].fd = -1;
}

static int address(struct sockaddr_un *to, const char *path, struct scrim_error *err)
{
	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(to->sun_path))
		return fail(err, -ENAMETOOLONG, "%s is too long for a socket", path);
	memcpy(to->sun_path, path, strlen(path));
	return 0;
}

/* Whether somebody listens there; a socket by itself only says that somebody did. */
static bool is_served(const struct sockaddr_un *to)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd >= 0 && (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 ||
				  errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return served;
}

/* Made with its mode: no chmod() of a name behind which something else may be by then. */
static int bind_to(int fd, const struct sockaddr_un *to)
{
	mode_t before = umask(0117);
	int ret = bind(fd, (const struct sockaddr *)to, sizeof(*to));

	umask(before);
	return ret;
}

/* Nobody can connect until it listens, and by then it is of its group. */
static int open_to(int fd, const struct sockaddr_un *to, gid_t members, struct scrim_error *err)
{
	struct stat st;

	if (is_served(to))
		return fail(err, -EADDRINUSE, "another scrimd runs (%s)", to->sun_path);
	if (lstat(to->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(to->sun_path);
	if (bind_to(fd, to) < 0)
		return fail(err, -errno, "cannot make the socket %s: %s", to->sun_path,
			    strerror(errno));
	/*
	 * Who is of the group need not change it, and a service may not.  Who is neither root nor
	 * in it keeps the group it has.
	 */
	if (members != (gid_t)-1 && getegid() != members &&
	    lchown(to->sun_path, -1, members) < 0 && errno != EPERM)
		return fail(err, -errno, "cannot give %s to its group: %s", to->sun_path,
			    strerror(errno));
	if (listen(fd, WAITING_MAX) < 0)
		return fail(err, -errno, "cannot open the socket %s: %s", to->sun_path,
			    strerror(errno));
	return 0;
}

int control_listen(struct control_server *server, const char *path, gid_t members,
		   struct scrim_error *err)
{
	struct sockaddr_un to;
	int ret = address(&to, path, err), fd;

	control_server_none(server);
	if (ret < 0)
		return ret;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(err, -errno, "no control socket: %s", strerror(errno));
	ret = open_to(fd, &to, members, err);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	server->fd = fd;
	server->owner = geteuid();
	server->members = members;
	snprintf(server->path, sizeof(server->path), "%s", path);
	return 0;
}

static void drop(struct control_client *client)
{
	close(client->fd);
	client->fd = -1;
}

void control_end(struct control_server *server)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (server->client[i].fd >= 0)
			drop(&server->client[i]);
	if (server->fd < 0)
		return;
	unlink(server->path);
	close(server->fd);
	server->fd = -1;
}

void control_polls(const struct control_server *server, struct pollfd *polls)
{
	polls[0] = (struct pollfd){ .fd = server->fd, .events = POLLIN };
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++)
		polls[1 + i] = (struct pollfd){ .fd = server->client[i].fd, .events = POLLIN };
}

int control_patience(const struct control_server *server, int64_t now)
{
	int64_t least = -1;

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		int64_t left = server->client[i].since + CONTROL_PATIENCE_MS - now;

		if (server->client[i].fd < 0)
			continue;
		if (left < 0)
			left = 0;
		if (least < 0 || left < least)
			least = left;
	}
	return least;
}

static void reply_to(const struct control_server *server, int fd,
		     const struct control_request *request, control_answer *answer, void *ctx)
{
	struct control_reply reply = { .version = CONTROL_VERSION, .what = request->what };
	struct control_gift gift = { .count = 0 };
	struct control_peer peer;
	struct scrim_error err = { 0 };
	int ret = control_peer_of(&peer, fd, &err);

	if (ret >= 0)
		ret = control_may(&peer, server->owner, server->members, &err);
	if (ret >= 0 && !control_request_is_sound(request))
		ret = fail(&err, -EINVAL, "the request is none; scrim and scrimd may be of different "
			   "versions: restart scrimd");
	if (ret >= 0) {
		answer(ctx, &peer, request, &reply, &gift);
	} else {
		reply.result = ret;
		control_text(reply.text, sizeof(reply.text), err.text);
	}
	rights_send(fd, &reply, sizeof(reply), gift.fd, gift.count);
	while (gift.count)
		close(gift.fd[--gift.count]);
}

static void hear(const struct control_server *server, struct control_client *client,
		 control_answer *answer, void *ctx)
{
	struct control_request request = { 0 };
	ssize_t n = recv(client->fd, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		if (n != sizeof(request))
			request = (struct control_request){ 0 };
		reply_to(server, client->fd, &request, answer, ctx);
	}
	drop(client);
}

/* A free place, or that of the one who has waited longest without a word. */
static struct control_client *place(struct control_server *server)
{
	struct control_client *oldest = &server->client[0];

	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &server->client[i];

		if (client->fd < 0)
			return client;
		if (client->since < oldest->since)
			oldest = client;
	}
	drop(oldest);
	return oldest;
}

/* One in each turn of the loop, so that whoever connects without end is not all that happens. */
static void accept_one(struct control_server *server, int64_t now)
{
	int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct control_client *client;

	if (fd < 0)
		return;
	client = place(server);
	client->fd = fd;
	client->since = now;
}

void control_serve(struct control_server *server, const struct pollfd *polls, int64_t now,
		   control_answer *answer, void *ctx)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		struct control_client *client = &server->client[i];

		if (client->fd < 0)
			continue;
		if (polls[1 + i].revents)
			hear(server, client, answer, ctx);
		else if (now - client->since >= CONTROL_PATIENCE_MS)
			drop(client);
	}
	if (polls[0].revents)
		accept_one(server, now);
}
