// SPDX-License-Identifier: GPL-2.0
/*
 * reach [-s SIGNAL -w command|worker|COMM] COMMAND...: runs COMMAND, and once that has a child tries
 * to get into it and into each of its children, as their user and as their ancestor, whom Yama lets
 * in where it is set to 1.  A line each: "command saw COMM", "command reached COMM by WAY", and how
 * it ended; the same of its children, with "child" in place of "command".
 *
 * With -s nobody is tried, but one gets that signal: the command or its worker, once that has
 * computed for a while, or the child called COMM.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEEN_MAX	64
#define FDS		64

static bool by_attach(int pid)
{
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return false;
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

static bool by_seize(int pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return false;
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

/* There is nothing at 16, which only those are told who may look. */
static bool by_vm(int pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { (void *)16, 1 };

	return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static bool opens(int pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool by_mem(int pid)
{
	return opens(pid, "mem");
}

static bool by_maps(int pid)
{
	return opens(pid, "maps");
}

static bool by_environ(int pid)
{
	return opens(pid, "environ");
}

static bool by_fd(int pid)
{
	char name[16];

	for (int fd = 0; fd < FDS; fd++) {
		snprintf(name, sizeof(name), "fd/%d", fd);
		if (opens(pid, name))
			return true;
	}
	return false;
}

static bool by_pidfd(int pid)
{
	int of = syscall(SYS_pidfd_open, pid, 0), got = -1;

	for (int fd = 0; of >= 0 && got < 0 && fd < FDS; fd++)
		got = syscall(SYS_pidfd_getfd, of, fd, 0);
	if (of >= 0)
		close(of);
	if (got >= 0)
		close(got);
	return got >= 0;
}

/* A core that it would leave, if it only died. */
static bool by_core(int pid)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY }, now = { 0, 0 };

	prlimit(pid, RLIMIT_CORE, &all, NULL);
	return prlimit(pid, RLIMIT_CORE, NULL, &now) == 0 && now.rlim_max;
}

static const struct {
	const char *name;
	bool (*gets_in)(int pid);
} ways[] = {
	{ "PTRACE_ATTACH", by_attach },
	{ "PTRACE_SEIZE", by_seize },
	{ "process_vm_readv", by_vm },
	{ "mem", by_mem },
	{ "maps", by_maps },
	{ "environ", by_environ },
	{ "fd", by_fd },
	{ "pidfd_getfd", by_pidfd },
	{ "RLIMIT_CORE", by_core },
};

static bool strikes;
static int wanted;			/* a signal; 0: it was sent */
static const char *victim = "";

static void name_of(char name[32], int pid)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(name, 32, file))
		strcpy(name, "?");
	name[strcspn(name, "\n")] = '\0';
	if (file)
		fclose(file);
}

/* False: it has ended, and there is nothing to get into. */
static bool stands_still(int pid)
{
	char path[64], state = 'Z';
	FILE *file;

	if (kill(pid, SIGSTOP) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		file = fopen(path, "re");
		if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 'Z';
		if (file)
			fclose(file);
	} while (!strchr("TZX", state));
	return state == 'T';
}

/* Ticks that it has computed: what only reads a paper needs none. */
#define WORKS	5

static bool works(int pid)
{
	unsigned long user = 0, kernel = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			   &user, &kernel) != 2)
		user = kernel = 0;
	if (file)
		fclose(file);
	return user + kernel >= WORKS;
}

/* Whether this is the moment is told by a child. */
static void strike(int command, int child)
{
	bool whole = !strcmp(victim, "command");
	char name[32];

	name_of(name, child);
	if (whole || !strcmp(victim, "worker") ? !works(child) : strcmp(victim, name))
		return;
	printf("%s gets the signal\n", victim);
	kill(whole ? command : child, wanted);
	wanted = 0;
}

static void attack(int pid, const char *who)
{
	char now[32];

	if (!stands_still(pid))
		return;
	name_of(now, pid);		/* it may have become another program until it stood */
	printf("%s saw %s\n", who, now);
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].gets_in(pid))
			printf("%s reached %s by %s\n", who, now, ways[i].name);
	kill(pid, SIGCONT);
}

static struct {
	int pid;
	char name[32];			/* which a child changes when it becomes another program */
} seen[SEEN_MAX];
static unsigned known;

static void look_at(int pid, const char *who)
{
	unsigned i = 0;
	char name[32];

	name_of(name, pid);
	while (i < known && seen[i].pid != pid)
		i++;
	if (i == SEEN_MAX || (i < known && !strcmp(seen[i].name, name)))
		return;
	known += i == known;
	seen[i].pid = pid;
	strcpy(seen[i].name, name);
	attack(pid, who);
}

static void look(int command)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", command, command);
	file = fopen(path, "re");
	while (file && fscanf(file, "%d", &pid) == 1)
		if (!strikes) {
			look_at(command, "command");
			look_at(pid, "child");
		} else if (wanted) {
			strike(command, pid);
		}
	if (file)
		fclose(file);
}

int main(int argc, char **argv)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int option, status, command;

	while ((option = getopt(argc, argv, "+s:w:")) != -1)
		if (option == 's')
			strikes = (wanted = atoi(optarg));
		else if (option == 'w')
			victim = optarg;
		else
			return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (setrlimit(RLIMIT_CORE, &all) < 0)
		puts("command may leave no core: its limit is hard");
	command = fork();
	if (!command) {
		execvp(argv[optind], argv + optind);
		_exit(127);
	}
	while (waitpid(command, &status, WNOHANG) == 0) {
		look(command);
		usleep(200);
	}
	printf("command ended: %s %d%s\n", WIFSIGNALED(status) ? "signal" : "status",
	       WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	       WIFSIGNALED(status) && WCOREDUMP(status) ? " with a core" : "");
	return 0;
}
