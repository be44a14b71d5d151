// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Preloaded into programs that scrim run starts, as a comfort: those that look at a node
 * before they open it, or list /dev, see a camera where they will get one.  Nothing rests on
 * it, and a program without it can do no more than one with it.
 *
 * It is for whatever C library the program has, so it is linked to none, and calls only what
 * all of them have.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "session/device.h"
#include "session/mount.h"
#include "wrap/comfort.h"

#define API	__attribute__((visibility("default")))
/* struct stat is the kernel's, and so there is one of it. */
_Static_assert(sizeof(void *) == 8, "made for 64 bits");

/* The camera */

/* A word of the variable, at most `size` long; what follows it, or NULL at the end. */
static const char *word(const char *from, char *to, size_t size)
{
	size_t length = strcspn(from, COMFORT_BETWEEN);

	if (length >= size)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
	from += strcspn(from, COMFORT_BETWEEN);
	return *from ? from + 1 : NULL;
}

/* The first name, behind the two numbers; NULL: scrim run did not say. */
static const char *names(unsigned *major_number, unsigned *minor_number)
{
	const char *at = getenv(COMFORT_CAMERA);
	char number[2][16];

	for (unsigned i = 0; at && i < 2; i++)
		at = word(at, number[i], sizeof(number[i]));
	if (!at)
		return NULL;
	*major_number = strtoul(number[0], NULL, 10);
	*minor_number = strtoul(number[1], NULL, 10);
	return at;
}

static bool is_name(const char *path)
{
	unsigned ignored;
	char name[256];

	for (const char *at = names(&ignored, &ignored); at; ) {
		at = word(at, name, sizeof(name));
		if (!strcmp(path, name))
			return true;
	}
	return false;
}

/* Of a path that begins at an open directory, too; from a working directory, not. */
static bool is_camera(int dir, const char *path)
{
	char link[32] = "/proc/self/fd/", whole[256];
	char digits[12], *digit = digits + sizeof(digits);
	long length;

	if (!path)
		return false;
	if (path[0] == '/')
		return is_name(path);
	if (dir < 0 || !path[0] || strlen(path) > 128)
		return false;
	*--digit = '\0';
	do
		*--digit = '0' + dir % 10;
	while (dir /= 10);
	strcat(link, digit);
	length = syscall(SYS_readlinkat, AT_FDCWD, link, whole, 64);
	if (length <= 0 || length == 64)
		return false;
	whole[length] = '/';
	strcpy(whole + length + 1, path);
	return is_name(whole);
}

/* The descriptor itself is meant. */
static bool is_descriptor(const char *path, int flags)
{
	return flags & AT_EMPTY_PATH && (!path || !path[0]);
}

/* One that the program got in place of a camera. */
static bool is_session(int fd, mode_t mode, ino_t ino, off_t size)
{
	uint32_t number;

	return S_ISREG(mode) && ino == 1 && size == DEVICE_HEAD + DEVICE_MEMORY_MAX &&
	       syscall(SYS_ioctl, fd, MOUNT_NUMBER, &number) == 0;
}

/* Looking */

#define NODE_MODE	(S_IFCHR | 0600)

static void fill(struct stat *st)
{
	unsigned major_number = 0, minor_number = 0;

	names(&major_number, &minor_number);
	*st = (struct stat){
		.st_ino = 1, .st_mode = NODE_MODE, .st_nlink = 1, .st_uid = getuid(),
		.st_gid = getgid(), .st_rdev = makedev(major_number, minor_number),
		.st_blksize = 4096,
	};
}

static int look(int dir, const char *path, struct stat *st, int flags)
{
	int ret;

	if (is_camera(dir, path)) {
		fill(st);
		return 0;
	}
	ret = syscall(SYS_newfstatat, dir, path, st, flags);
	if (ret == 0 && is_descriptor(path, flags) &&
	    is_session(dir, st->st_mode, st->st_ino, st->st_size))
		fill(st);
	return ret;
}

API int fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return look(dir, path, st, flags);
}

API int stat(const char *path, struct stat *st)
{
	return look(AT_FDCWD, path, st, 0);
}

API int lstat(const char *path, struct stat *st)
{
	return look(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

API int fstat(int fd, struct stat *st)
{
	int ret = syscall(SYS_fstat, fd, st);	/* a sandbox may have no other */

	if (ret == 0 && is_session(fd, st->st_mode, st->st_ino, st->st_size))
		fill(st);
	return ret;
}

API int statx(int dir, const char *path, int flags, unsigned mask, struct statx *stx)
{
	bool camera = is_camera(dir, path);
	struct stat st;
	int ret = camera ? 0 : syscall(SYS_statx, dir, path, flags, mask, stx);

	if (!camera && (ret < 0 || !is_descriptor(path, flags) ||
			!is_session(dir, stx->stx_mode, stx->stx_ino, stx->stx_size)))
		return ret;
	fill(&st);
	*stx = (struct statx){
		.stx_mask = STATX_BASIC_STATS, .stx_blksize = st.st_blksize, .stx_nlink = 1,
		.stx_uid = st.st_uid, .stx_gid = st.st_gid, .stx_mode = st.st_mode,
		.stx_ino = st.st_ino, .stx_rdev_major = major(st.st_rdev),
		.stx_rdev_minor = minor(st.st_rdev),
	};
	return 0;
}

/* As programs call it that were linked to a glibc before 2.33. */
int __fxstatat(int version, int dir, const char *path, struct stat *st, int flags);
int __xstat(int version, const char *path, struct stat *st);
int __lxstat(int version, const char *path, struct stat *st);
int __fxstat(int version, int fd, struct stat *st);

API int __fxstatat(int version, int dir, const char *path, struct stat *st, int flags)
{
	return look(dir, path, st, flags);
}

API int __xstat(int version, const char *path, struct stat *st)
{
	return look(AT_FDCWD, path, st, 0);
}

API int __lxstat(int version, const char *path, struct stat *st)
{
	return look(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

API int __fxstat(int version, int fd, struct stat *st)
{
	return fstat(fd, st);
}

/* A camera may be read and written, and not run. */
static int may(int dir, const char *path, int mode, int flags)
{
	if (is_camera(dir, path)) {
		errno = mode & X_OK ? EACCES : errno;
		return mode & X_OK ? -1 : 0;
	}
	if (!flags)
		return syscall(SYS_faccessat, dir, path, mode);
	return syscall(SYS_faccessat2, dir, path, mode, flags);
}

API int access(const char *path, int mode)
{
	return may(AT_FDCWD, path, mode, 0);
}

API int faccessat(int dir, const char *path, int mode, int flags)
{
	return may(dir, path, mode, flags);
}

API int euidaccess(const char *path, int mode)
{
	return may(AT_FDCWD, path, mode, AT_EACCESS);
}

/* Listing */

/* The camera's name in /dev, where it is not; empty: it is there, or belongs elsewhere. */
static void missing_node(char *node, size_t size)
{
	unsigned ignored;
	char name[256] = "";
	const char *at = names(&ignored, &ignored);
	struct stat st;

	node[0] = '\0';
	if (at)
		word(at, name, sizeof(name));
	if (strncmp(name, "/dev/", 5) || strchr(name + 5, '/') || strlen(name + 5) >= size ||
	    syscall(SYS_newfstatat, AT_FDCWD, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	strcpy(node, name + 5);
}

static bool is_dev(int fd)
{
	struct stat this, dev;

	return syscall(SYS_newfstatat, fd, "", &this, AT_EMPTY_PATH) == 0 &&
	       syscall(SYS_newfstatat, AT_FDCWD, "/dev", &dev, 0) == 0 &&
	       this.st_dev == dev.st_dev && this.st_ino == dev.st_ino;
}

/*
 * Every folder lists itself as ".", which nobody needs: in /dev the camera stands there.
 * So there is nothing to keep from one call to the next.
 */
API struct dirent *readdir(DIR *dir)
{
	static __thread struct dirent camera;
	static struct dirent *(*next)(DIR *dir);
	struct dirent *entry;
	int before = errno;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "readdir");
	entry = next ? next(dir) : NULL;
	if (!entry || strcmp(entry->d_name, "."))
		return entry;
	missing_node(camera.d_name, sizeof(camera.d_name));
	if (camera.d_name[0] && is_dev(dirfd(dir))) {
		camera.d_ino = 1;
		camera.d_off = entry->d_off;
		camera.d_reclen = sizeof(camera);
		camera.d_type = DT_CHR;
		entry = &camera;
	}
	errno = before;
	return entry;
}

/* With 64 bits these are the same, whatever headers say. */
#define SAME(name, as)	__asm__(".globl " #name "\n.set " #name ", " #as)
SAME(stat64, stat);
SAME(lstat64, lstat);
SAME(fstat64, fstat);
SAME(fstatat64, fstatat);
SAME(__xstat64, __xstat);
SAME(__lxstat64, __lxstat);
SAME(__fxstat64, __fxstat);
SAME(__fxstatat64, __fxstatat);
SAME(eaccess, euidaccess);
SAME(readdir64, readdir);
