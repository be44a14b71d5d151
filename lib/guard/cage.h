/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cage: a process that reads bytes of strangers keeps the descriptors that it
 * was given and can do nothing else.  The table says what it may still ask of the
 * kernel, with a reason a line.
 */
#ifndef GUARD_CAGE_H
#define GUARD_CAGE_H

#include "error.h"

/* Built with AddressSanitizer, which needs a few calls more and a lot of address space. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

struct permission {
	int call;			/* __NR_... */
	const char *name;
	const char *reason;
};

extern const struct permission cage_permissions[];
extern const unsigned cage_permissions_count;

/*
 * The cages of live pictures have tables of their own: for a camera, for a video that is
 * played, and for a connection to a camera.  Where they say ioctl, it means one request on one
 * descriptor, as listed here.
 */
#define DEVICE_WRITE	0ul		/* write() */
#define DEVICE_MAP	1ul		/* mmap() of memory that is shared with it, not executable */
struct device_request {
	unsigned long request;		/* VIDIOC_..., or one of these that are no ioctl */
	const char *reason;
};
struct device_permission {
	int fd;
	struct device_request may;
};
struct cage_table {
	const struct permission *at;
	unsigned count;
	bool reaches;			/* into other processes: Landlock would not let it */
};
struct cage_devices {
	const struct device_permission *at;
	unsigned count;
	const struct cage_table *calls;
};
/*
 * And for who only passes clean pictures on, to a file or a screen, for who only moves bytes of a
 * program, and for who asks a scrimd.
 */
extern const struct cage_table cage_live, cage_video, cage_network, cage_store, cage_reach;
extern const struct cage_table cage_wall, cage_ask;

/* Bytes of memory that a caged process may add to what it has: RLIMIT_DATA. */
#define CAGE_MEMORY_MAX		(1536ull << 20)
/* Length of a file that it may write: RLIMIT_FSIZE. */
#define CAGE_FILE_MAX		(1ull << 40)

/*
 * No way to gain privileges, to be looked at by other programs of this user, or to leave a core
 * behind: what every cage begins with, and all that an exporter can do who still opens files.  Its
 * children have it as well, until they run another program.
 */
int cage_drop_privileges(struct scrim_error *err);

/* What the C library opens when it is first asked, and would be asked in there. */
void cage_look_around(void);

/*
 * No way back.  Landlock denies the file system (where the kernel has it, and the table does
 * not say otherwise), seccomp kills on every call that is not in the table, memory is bounded.
 * devices NULL: the cage for files.
 */
int cage_enter(const struct cage_devices *devices, struct scrim_error *err);

/*
 * The cage of a command that reports: it has opened all that it reads and has asked whom it
 * asks; from here on it reads, computes, answers and ends.  It may not open, connect, fork
 * or write a new file.  A call that has been known to Linux and is not in the table kills; one that
 * is newer than CAGE_NEWEST_CALL does not exist, so that a later C library falls back.
 */
extern const struct cage_table cage_tool;
#define CAGE_NEWEST_CALL	469	/* file_setattr, Linux 6.17 */

int cage_enter_tool(struct scrim_error *err);

/*
 * For the tests, which show that each line is needed: leave one line of the table
 * out from now on, -1 for none; those of devices count on from its end.  It can
 * only make a cage tighter.
 */
void cage_leave_out(int line);

/*
 * Runs work() in a caged child and waits for it.  The child keeps the given
 * descriptors, under the same numbers, and no others; before() runs just before
 * the cage closes, for libraries that must look around once.  result, of size
 * bytes, is what work() left there; on an error it is zero.
 *
 * A child that dies is an error that says how: -EIO, or -EAGAIN where somebody else killed it.
 */
struct caged_call {
	int (*before)(void *ctx, struct scrim_error *err);	/* may be NULL */
	int (*work)(void *ctx, void *result, struct scrim_error *err);
	void *ctx;
	const int *keep;		/* ascending, above 2 */
	unsigned kept;
	size_t size;			/* of result */
	const struct cage_devices *devices;	/* NULL: the cage for files */
};
int caged(const struct caged_call *call, void *result, struct scrim_error *err);

/*
 * The same without waiting: the child's process number, and with caged_finish()
 * its result.  Several may run side by side.
 */
struct caged_child {
	int pid;			/* 0: none */
	void *shared;			/* its error, then its result */
	size_t size;
};
int caged_start(const struct caged_call *call, struct caged_child *child,
		struct scrim_error *err);
int caged_finish(struct caged_child *child, void *result, struct scrim_error *err);
/* The result as it is by now, while the child writes to it. */
const volatile void *caged_peek(const struct caged_child *child);
/* Kills it, if it still runs, and forgets it. */
void caged_stop(struct caged_child *child);
/* The same for one that may be waiting in the kernel for us.  False: it has not ended yet. */
bool caged_try_stop(struct caged_child *child);

#endif
