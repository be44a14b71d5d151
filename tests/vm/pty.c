// SPDX-License-Identifier: GPL-2.0
/*
 * pty COLUMNSxROWS COMMAND [WORD...]: runs a command in a terminal of that size and prints what
 * it wrote there.  Its status is the command's.
 */
#include <errno.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cam.h"

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int terminal, status;
	char text[4096];
	ssize_t n;
	pid_t pid;

	if (argc < 3 || sscanf(argv[1], "%hux%hu", &size.ws_col, &size.ws_row) != 2)
		stop(-EINVAL, "usage: pty COLUMNSxROWS COMMAND [WORD...]");
	pid = forkpty(&terminal, NULL, NULL, &size);
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0)
		stop(-errno, "no terminal");
	while ((n = read(terminal, text, sizeof(text))) > 0)
		fwrite(text, 1, n, stdout);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
