// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody outside who has the raw node open as descriptor 9, and passes it on to whoever asks.
 *
 *	outsider RAW SOCKET
 */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX }, abstract = at;
	socklen_t size = sizeof(at);
	int s = socket(AF_UNIX, SOCK_STREAM, 0), fd = argc == 3 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0 || dup2(fd, 9) < 0)
		return 1;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[2]);
	unlink(at.sun_path);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	printf("%d\n", getpid());
	fflush(stdout);
	/* A child listens at the same name after a NUL: unix(7). */
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(abstract.sun_path + 1, sizeof(at.sun_path) - 1, "%s", argv[2]);
		at = abstract;
		size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[2]);
	}
	if (bind(s, (void *)&at, size) < 0 || listen(s, 4) < 0)
		return 1;
	for (;;) {
		union {
			struct cmsghdr head;
			char bytes[CMSG_SPACE(sizeof(int))];
		} rights = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
		struct iovec part = { "", 1 };
		struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights,
				      .msg_controllen = sizeof(rights) };
		int who = accept(s, NULL, NULL);

		memcpy(CMSG_DATA(&rights.head), &fd, sizeof(fd));
		if (who >= 0) {
			sendmsg(who, &msg, MSG_NOSIGNAL);
			close(who);
		}
	}
}
