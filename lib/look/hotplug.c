// SPDX-License-Identifier: LGPL-2.1-or-later
#include "look/hotplug.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FROM_KERNEL	1		/* the group; udevd's is 2 */
#define MESSAGE_MAX	8192		/* UEVENT_BUFFER_SIZE of Linux is 2048 */

int hotplug_open(int *fd, struct scrim_error *err)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK, .nl_groups = FROM_KERNEL };

	*fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (*fd < 0 || bind(*fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return fail(err, -errno, "cannot hear of monitors: %s", strerror(errno));
	return 0;
}

enum hotplug hotplug_judge(const char *message, size_t bytes)
{
	bool card = false, change = false;
	const char *end = message + bytes, *nul;

	for (; message < end && (nul = memchr(message, '\0', end - message)); message = nul + 1) {
		card |= !strcmp(message, "SUBSYSTEM=drm");
		change |= !strcmp(message, "HOTPLUG=1");
	}
	return !card ? HOTPLUG_NONE : change ? HOTPLUG_CHANGE : HOTPLUG_MAYBE;
}

enum hotplug hotplug_hear(int fd)
{
	enum hotplug most = HOTPLUG_NONE, one;
	char message[MESSAGE_MAX];
	ssize_t n;

	/* ENOBUFS: something was said that did not fit. */
	while ((n = recv(fd, message, sizeof(message), 0)) >= 0 || errno == ENOBUFS) {
		one = n < 0 ? HOTPLUG_CHANGE : hotplug_judge(message, n);
		most = one > most ? one : most;
	}
	return most;
}
