// SPDX-License-Identifier: GPL-2.0
/*
 * writeback PID FILE.ppm: what the card shows for the program PID, which has it open and is its
 * master, planes and all: by the card's own writeback connector.  Its descriptor is borrowed
 * (pidfd_getfd(2)), since nobody but the master may ask for that; the program is stopped
 * meanwhile.
 *
 * writeback PID forget: takes one framebuffer from it that a plane shows, so that the card refuses
 * the program's next commits.
 */
#include <dirent.h>
#include <drm_fourcc.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

static int stopped;			/* the program that is */

static void stop(const char *what)
{
	fprintf(stderr, "writeback: %s: %s\n", what, strerror(errno));
	if (stopped)
		kill(stopped, SIGCONT);
	exit(1);
}

/* The first descriptor of the program that is a card. */
static int borrow(const char *pid)
{
	char path[64], link[64];
	int pidfd = syscall(SYS_pidfd_open, atoi(pid), 0), fd = -1;
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	folder = opendir(path);
	if (pidfd < 0 || !folder)
		stop("no such program");
	while (fd < 0 && (entry = readdir(folder))) {
		ssize_t n = readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);

		if (n > 0 && !strncmp(link, "/dev/dri/card", 13))
			fd = syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0);
	}
	closedir(folder);
	close(pidfd);
	if (fd < 0)
		stop("it has no card");
	return fd;
}

/* It may be in the middle of a commit. */
static void hold(int pid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	kill(pid, SIGSTOP);
	stopped = pid;
	for (int i = 0; i < 1000 && state != 'T'; i++) {
		FILE *file = fopen(path, "r");

		if (!file || fscanf(file, "%*d %*s %c", &state) != 1)
			stop(path);
		fclose(file);
		if (state != 'T')
			usleep(10000);
	}
}

static uint32_t property(int card, uint32_t object, uint32_t type, const char *name)
{
	drmModeObjectProperties *all = drmModeObjectGetProperties(card, object, type);
	uint32_t id = 0;

	for (unsigned i = 0; all && i < all->count_props; i++) {
		drmModePropertyRes *one = drmModeGetProperty(card, all->props[i]);

		if (one && !strcmp(one->name, name))
			id = one->prop_id;
		drmModeFreeProperty(one);
	}
	drmModeFreeObjectProperties(all);
	if (!id)
		stop(name);
	return id;
}

static uint32_t find_connector(int card, const drmModeRes *all)
{
	uint32_t id = 0;

	for (int i = 0; i < all->count_connectors; i++) {
		drmModeConnector *one = drmModeGetConnectorCurrent(card, all->connectors[i]);

		if (one && one->connector_type == DRM_MODE_CONNECTOR_WRITEBACK)
			id = one->connector_id;
		drmModeFreeConnector(one);
	}
	if (!id)
		stop("the card has no writeback connector");
	return id;
}

static drmModeCrtc *find_crtc(int card, const drmModeRes *all)
{
	for (int i = 0; i < all->count_crtcs; i++) {
		drmModeCrtc *crtc = drmModeGetCrtc(card, all->crtcs[i]);

		if (crtc && crtc->mode_valid)
			return crtc;
		drmModeFreeCrtc(crtc);
	}
	errno = ENODEV;
	stop("nothing is lit");
	return NULL;
}

/* Until the card has written it. */
static void ask(int card, uint32_t connector, uint32_t crtc, uint32_t fb)
{
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	const uint32_t type = DRM_MODE_OBJECT_CONNECTOR;
	int fence = -1;

	drmModeAtomicAddProperty(request, connector, property(card, connector, type, "CRTC_ID"), crtc);
	drmModeAtomicAddProperty(request, connector,
				 property(card, connector, type, "WRITEBACK_FB_ID"), fb);
	drmModeAtomicAddProperty(request, connector,
				 property(card, connector, type, "WRITEBACK_OUT_FENCE_PTR"),
				 (uintptr_t)&fence);
	if (drmModeAtomicCommit(card, request, DRM_MODE_ATOMIC_ALLOW_MODESET, NULL) < 0)
		stop("commit");
	if (fence < 0 || poll(&(struct pollfd){ .fd = fence, .events = POLLIN }, 1, 20000) != 1)
		stop("fence");
	close(fence);
	drmModeAtomicFree(request);
	request = drmModeAtomicAlloc();
	drmModeAtomicAddProperty(request, connector, property(card, connector, type, "CRTC_ID"), 0);
	if (drmModeAtomicCommit(card, request, DRM_MODE_ATOMIC_ALLOW_MODESET, NULL) < 0)
		stop("commit of its end");
	drmModeAtomicFree(request);
}

static void save(const char *name, const uint8_t *bytes, unsigned width, unsigned height,
		 unsigned stride)
{
	FILE *file = fopen(name, "w");

	if (!file)
		stop(name);
	fprintf(file, "P6\n%u %u\n255\n", width, height);
	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++) {
			const uint8_t *bgr = bytes + (size_t)y * stride + x * 4;

			fputc(bgr[2], file);
			fputc(bgr[1], file);
			fputc(bgr[0], file);
		}
	if (fclose(file))
		stop(name);
}

static void forget(int card)
{
	drmModePlaneRes *all;
	uint32_t fb = 0;

	drmSetClientCap(card, DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1);
	all = drmModeGetPlaneResources(card);
	/* The last that is on: the primary plane is the first. */
	for (unsigned i = 1; all && i < all->count_planes; i++) {
		drmModePlane *plane = drmModeGetPlane(card, all->planes[i]);

		if (plane && plane->fb_id)
			fb = plane->fb_id;
		drmModeFreePlane(plane);
	}
	drmModeFreePlaneResources(all);
	if (!fb || drmModeRmFB(card, fb) < 0)
		stop("no plane to take a framebuffer from");
}

int main(int argc, char **argv)
{
	uint32_t handle, stride, fb;
	uint64_t size, offset;
	drmModeCrtc *crtc;
	drmModeRes *all;
	uint8_t *bytes;
	int card;

	if (argc != 3)
		return 2;
	card = borrow(argv[1]);
	if (!strcmp(argv[2], "forget")) {
		forget(card);
		return 0;
	}
	if (drmSetClientCap(card, DRM_CLIENT_CAP_WRITEBACK_CONNECTORS, 1) < 0)
		stop("the card does not write back");
	all = drmModeGetResources(card);
	crtc = find_crtc(card, all);
	if (drmModeCreateDumbBuffer(card, crtc->width, crtc->height, 32, 0, &handle, &stride, &size) < 0 ||
	    drmModeAddFB2(card, crtc->width, crtc->height, DRM_FORMAT_XRGB8888,
			  (uint32_t[4]){ handle }, (uint32_t[4]){ stride }, (uint32_t[4]){ 0 }, &fb, 0) < 0 ||
	    drmModeMapDumbBuffer(card, handle, &offset) < 0)
		stop("no memory for it");
	bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, card, offset);
	if (bytes == MAP_FAILED)
		stop("map");
	hold(atoi(argv[1]));
	ask(card, find_connector(card, all), crtc->crtc_id, fb);
	kill(stopped, SIGCONT);
	save(argv[2], bytes, crtc->width, crtc->height, stride);
	munmap(bytes, size);
	drmModeRmFB(card, fb);
	drmModeDestroyDumbBuffer(card, handle);
	drmModeFreeCrtc(crtc);
	drmModeFreeResources(all);
	return 0;
}
