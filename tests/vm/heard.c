// SPDX-License-Identifier: GPL-2.0
/*
 * heard PATH: is the service manager of a daemon: prints what is sent to the socket PATH, each
 * line with a "|" before it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cam.h"

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char text[4096], *line, *rest;
	ssize_t n;
	int fd;

	if (argc != 2)
		stop(-EINVAL, "usage: heard PATH");
	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[1]);
	unlink(argv[1]);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)))
		stop(-errno, argv[1]);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[n] = '\0';
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			printf("|%s\n", line);
	}
	stop(-errno, argv[1]);
}
