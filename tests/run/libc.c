// SPDX-License-Identifier: GPL-2.0
/*
 * For libc.sh, to be compiled with any C library: behind the filter of commands that report,
 * what they use of it works, and each call that is not in the list kills.
 *
 *	libc FILTER [CALL...]	a file with the filter, and the numbers that it lets through;
 *				without these, only the first
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_END	470
#define ROOM		4096

static struct sock_filter filter[ROOM];
static struct sock_fprog program = { .filter = filter };

static void enter(void)
{
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(99);
}

static int by_value(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int opened[2];		/* from before: a pipe */

/* Some thousand small things, of which every other one goes. */
static int use_heap(void)
{
	static char *at[4096];

	for (int i = 0; i < 4096; i++)
		if (!(at[i] = calloc(1, 200 + i)))
			return 1;
	for (int i = 0; i < 4096; i += 2)
		free(at[i]);
	return 0;
}

/* What a command does between the lock and its end. */
static int work(void)
{
	time_t now = time(NULL);
	struct timespec clock;
	struct winsize window;
	char text[64], *large = malloc(4 << 20), *stream = NULL;
	size_t size;
	FILE *to = open_memstream(&stream, &size);
	int list[] = { 3, 1, 2 };

	if (!large || !to || !(large = realloc(large, 16 << 20)))
		return 1;
	memset(large, 1, 16 << 20);
	free(large);
	qsort(list, 3, sizeof(list[0]), by_value);
	strftime(text, sizeof(text), "%F %T", gmtime(&now));
	fprintf(to, "%s %.3f %s", text, 1.5, strerror(ENOENT));
	strftime(text, sizeof(text), "%F %T", localtime(&now));
	fclose(to);
	clock_gettime(CLOCK_MONOTONIC, &clock);
	ioctl(1, TIOCGWINSZ, &window);
	if (use_heap() || write(opened[1], "", 1) != 1 || read(opened[0], text + 63, 1) != 1 ||
	    close(opened[0]))
		return 1;
	rewind(stdin);
	printf("%s %s %d\n", text, stream, list[0]);
	fprintf(stderr, "%s", "");
	free(stream);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int in_child(int (*what)(void))
{
	int status, pid = fork();

	if (!pid) {
		enter();
		exit(what());
	}
	waitpid(pid, &status, 0);
	return status;
}

static long number;

static int call(void)
{
	syscall(number, -1, 0, 0, 0, 0, 0);
	return 0;
}

static bool listed(char **calls)
{
	for (; *calls; calls++)
		if (atol(*calls) == number)
			return true;
	/* uretprobe and uprobe: the kernel lets its own trampolines through every filter. */
	return number == 335 || number == 336;
}

static int sweep(char **calls)
{
	int wrong = 0, killed = 0, status;

	for (number = 0; number < CALLS_END; number++) {
		if (listed(calls))
			continue;
		status = in_child(call);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
			killed++;
			continue;
		}
		printf("call %ld came back\n", number);
		wrong++;
	}
	printf("%d calls killed\n", killed);
	return wrong || !killed;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1, status;
	ssize_t size = fd < 0 ? -1 : read(fd, filter, sizeof(filter));

	if (size <= 0 || pipe(opened) < 0)
		return 2;
	close(fd);
	program.len = size / sizeof(filter[0]);
	status = in_child(work);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		printf("the work ends with wait status %#x\n", status);
		return 1;
	}
	fflush(stdout);
	return argc > 2 ? sweep(argv + 2) : 0;
}
