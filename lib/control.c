// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Both ends check what the other sends: the daemon since anybody of the group may
 * connect, the caller since it prints what it gets.
 */
#include "control.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "guard/cage.h"
#include "guard/rights.h"
#include "policy/compare.h"
#include "text.h"

void control_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memset(to, 0, size);
	memcpy(to, from, length);
	text_clean(to);
}

/* It ends, and has no character by which a line could pass for something else. */
static bool is_text(const char *text, size_t size)
{
	const char *end = memchr(text, '\0', size);

	for (; end && text < end; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return end;
}

#define IS_TEXT(field)	is_text(field, sizeof(field))

static bool all_zero(const uint32_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (words[i])
			return false;
	return true;
}

#define ALL_ZERO(field)	all_zero(field, sizeof(field) / sizeof((field)[0]))

static uint32_t flags_of(uint32_t what)
{
	return what == CONTROL_SHUTTER ? CONTROL_SHUT : what == CONTROL_APPLY ? CONTROL_ACCEPT : 0;
}

bool control_request_is_sound(const struct control_request *request)
{
	return request->version == CONTROL_VERSION && ALL_ZERO(request->reserved) &&
	       request->what >= CONTROL_STATUS && request->what <= CONTROL_SESSION &&
	       !(request->flags & ~flags_of(request->what));
}

static bool status_is_sound(const struct control_status *s)
{
	return s->state <= CONTROL_SHOWS && !(s->has & ~CONTROL_HAS_ALL) && s->per &&
	       s->width <= SCRIM_SIDE_MAX && s->height <= SCRIM_SIDE_MAX &&
	       s->faces <= METHOD_SHOW && s->moving <= METHOD_SHOW && s->detector <= DETECTOR_NONE &&
	       s->regions <= POLICY_REGIONS_MAX && s->locked <= s->regions &&
	       s->undone <= s->regions && ALL_ZERO(s->reserved) && IS_TEXT(s->why) &&
	       IS_TEXT(s->doubt) && IS_TEXT(s->device) && IS_TEXT(s->policy) &&
	       IS_TEXT(s->purpose) && IS_TEXT(s->class) && IS_TEXT(s->copied);
}

static bool changes_are_sound(const struct control_changes *changes)
{
	if (changes->verdict > VERDICT_LOOSENS || !ALL_ZERO(changes->reserved))
		return false;
	for (unsigned i = 0; i < CONTROL_CHANGES_MAX; i++) {
		const struct control_change *change = &changes->at[i];

		if (change->verdict > VERDICT_LOOSENS || change->reserved ||
		    !IS_TEXT(change->what) || !IS_TEXT(change->why))
			return false;
	}
	return true;
}

static bool session_is_sound(const struct control_session *s)
{
	return s->width && s->width <= SCRIM_SIDE_MAX && s->height && s->height <= SCRIM_SIDE_MAX &&
	       s->seconds && s->per && s->full_range <= 1 && ALL_ZERO(s->reserved);
}

bool control_reply_is_sound(const struct control_reply *reply,
			    const struct control_request *request)
{
	if (reply->version != CONTROL_VERSION || reply->what != request->what ||
	    reply->result > 0 || reply->result < -4095 || !ALL_ZERO(reply->reserved) ||
	    !IS_TEXT(reply->camera) || !IS_TEXT(reply->text))
		return false;
	switch ((enum control_what)reply->what) {
	case CONTROL_STATUS:
	case CONTROL_SHUTTER:
		/* Who is refused is told no more than that. */
		return reply->result < 0 || status_is_sound(&reply->status);
	case CONTROL_COMPARE:
	case CONTROL_APPLY:
		return changes_are_sound(&reply->changes);
	case CONTROL_SESSION:
		return reply->result < 0 || session_is_sound(&reply->session);
	}
	return false;
}

int control_peer_of(struct control_peer *peer, int fd, struct scrim_error *err)
{
	struct ucred cred;
	socklen_t size = sizeof(cred), groups = sizeof(peer->group);

	*peer = (struct control_peer){ .fd = fd, .uid = -1, .gid = -1 };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) < 0)
		return fail(err, -errno, "cannot know who asks: %s", strerror(errno));
	/* With more groups than that it is a member of none: ERANGE. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->group, &groups) < 0)
		groups = 0;
	peer->pid = cred.pid;
	peer->uid = cred.uid;
	peer->gid = cred.gid;
	peer->groups = groups / sizeof(peer->group[0]);
	return 0;
}

static bool is_member(const struct control_peer *peer, gid_t members)
{
	if (members == (gid_t)-1)
		return false;
	for (unsigned i = 0; i < peer->groups; i++)
		if (peer->group[i] == members)
			return true;
	return peer->gid == members;
}

int control_may(const struct control_peer *peer, uid_t daemon, gid_t members,
		struct scrim_error *err)
{
	if (peer->uid == 0 || peer->uid == daemon || is_member(peer, members))
		return 0;
	return fail(err, -EACCES, "user %u is not in group " CONTROL_GROUP
		    "; as root: adduser NAME " CONTROL_GROUP ", then log in again", peer->uid);
}

gid_t control_members(void)
{
	const struct group *group = getgrnam(CONTROL_GROUP);

	return group ? group->gr_gid : (gid_t)-1;
}

int control_path(char *path, size_t size, const char *folder, const char *camera,
		 struct scrim_error *err)
{
	int length = snprintf(path, size, "%s/%s", folder, camera);

	/* That of a socket is shorter than those of files. */
	if (length < 0 || (size_t)length >= size ||
	    (size_t)length >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return fail(err, -ENAMETOOLONG, "%s/%s is too long for a socket", folder, camera);
	return 0;
}

/* What the file system says to those who may not. */
static int refused(const char *path, struct scrim_error *err)
{
	const struct passwd *user = getpwuid(geteuid());

	return fail(err, -EACCES, "not permitted to ask scrimd (%s): you are not in group "
		    CONTROL_GROUP "; as root: adduser %s " CONTROL_GROUP ", then log in again",
		    path, user ? user->pw_name : "NAME");
}

static int reach(int fd, const char *path, int wait_ms, struct scrim_error *err)
{
	const struct timeval wait = { wait_ms / 1000, wait_ms % 1000 * 1000 };
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(to.sun_path))
		return fail(err, -ENAMETOOLONG, "%s is too long for a socket", path);
	memcpy(to.sun_path, path, strlen(path));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return 0;
	if (errno == EACCES)
		return refused(path, err);
	if (errno == EAGAIN)
		return fail(err, -ETIMEDOUT, "scrimd does not answer (%s)", path);
	return fail(err, -errno, "scrimd does not run (%s: %s)", path, strerror(errno));
}

/* As many descriptors as came are in fds; they are to be closed whatever this returns. */
static int exchange(int fd, const char *path, const struct control_request *request,
		    struct control_reply *reply, int fds[CONTROL_FDS], struct scrim_error *err)
{
	int ret = send(fd, request, sizeof(*request), MSG_NOSIGNAL) == sizeof(*request) ? 0 : -errno;

	if (!ret)
		ret = rights_receive(fd, reply, sizeof(*reply), fds, CONTROL_FDS);
	if (ret < 0)
		fds[0] = fds[1] = -1;
	if (ret == -EAGAIN || ret == -EINTR)
		return fail(err, -ETIMEDOUT, "scrimd does not answer (%s)", path);
	if (ret == -EPIPE)
		return fail(err, -EIO, "scrimd has no time: too many ask (%s)", path);
	if (ret < 0 && ret != -EPROTO)
		return fail(err, -EIO, "scrimd broke off (%s: %s)", path, strerror(-ret));
	if (ret < 0 || !control_reply_is_sound(reply, request))
		return fail(err, -EIO, "scrimd does not speak as this program does (%s); "
			    "restart it, it may be of another version", path);
	return ret;
}

/* A socket that is connected. */
static int open_to(const char *path, int wait_ms, struct scrim_error *err)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), ret;

	if (fd < 0)
		return fail(err, -errno, "no socket: %s", strerror(errno));
	ret = reach(fd, path, wait_ms, err);
	if (ret >= 0)
		return fd;
	close(fd);
	return ret;
}

struct asking {
	int fd;
	const char *path;
	const struct control_request *request;
};

/* Descriptors that come end with this process. */
static int ask(void *ctx, void *reply, struct scrim_error *err)
{
	const struct asking *asking = ctx;
	int fds[CONTROL_FDS];
	int ret = exchange(asking->fd, asking->path, asking->request, reply, fds, err);

	return ret < 0 ? ret : 0;
}

int control_ask(const char *path, const struct control_request *request,
		struct control_reply *reply, int wait_ms, struct scrim_error *err)
{
	struct asking asking = { open_to(path, wait_ms, err), path, request };
	const struct cage_devices cage = { .calls = &cage_ask };
	const struct caged_call call = {
		.work = ask, .ctx = &asking, .keep = &asking.fd, .kept = 1,
		.size = sizeof(*reply), .devices = &cage,
	};
	int ret;

	if (asking.fd < 0)
		return asking.fd;
	ret = caged(&call, reply, err);
	close(asking.fd);
	/* Who read it may have become somebody else's by that. */
	if (ret >= 0 && !control_reply_is_sound(reply, request))
		ret = fail(err, -EIO, "the worker's answer is no reply (%s)", path);
	return ret < 0 ? ret : 0;
}

int control_join(const char *path, struct control_reply *reply, int fds[CONTROL_FDS],
		 int wait_ms, struct scrim_error *err)
{
	const struct control_request request = {
		.version = CONTROL_VERSION, .what = CONTROL_SESSION,
	};
	int fd = open_to(path, wait_ms, err), ret;

	if (fd < 0)
		return fd;
	ret = exchange(fd, path, &request, reply, fds, err);
	close(fd);
	for (int i = 0; i < ret; i++)
		if (ret < CONTROL_FDS || reply->result < 0)
			close(fds[i]);
	if (ret < 0 || ret == CONTROL_FDS)
		return ret < 0 ? ret : 0;
	return reply->result < 0 ? 0 : fail(err, -EIO, "scrimd gave no session (%s)", path);
}
