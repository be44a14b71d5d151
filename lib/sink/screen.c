// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Atomic modesetting on a primary plane, and dumb buffers of XRGB8888, which is what every
 * driver has.
 */
#include "sink/screen.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "sink/property.h"

enum object { CONNECTOR, CRTC, PRIMARY, OBJECTS };

enum setting_of {
	CONNECTOR_CRTC, CRTC_MODE, CRTC_ACTIVE, PRIMARY_FB, PRIMARY_CRTC,
	PRIMARY_SRC_X, PRIMARY_SRC_Y, PRIMARY_SRC_W, PRIMARY_SRC_H,
	PRIMARY_X, PRIMARY_Y, PRIMARY_W, PRIMARY_H,
	PROPERTIES
};

static const struct {
	enum object of;
	const char *name;
} names[PROPERTIES] = {
	[CONNECTOR_CRTC] = { CONNECTOR, "CRTC_ID" },
	[CRTC_MODE] = { CRTC, "MODE_ID" },
	[CRTC_ACTIVE] = { CRTC, "ACTIVE" },
	[PRIMARY_FB] = { PRIMARY, "FB_ID" },
	[PRIMARY_CRTC] = { PRIMARY, "CRTC_ID" },
	[PRIMARY_SRC_X] = { PRIMARY, "SRC_X" },
	[PRIMARY_SRC_Y] = { PRIMARY, "SRC_Y" },
	[PRIMARY_SRC_W] = { PRIMARY, "SRC_W" },
	[PRIMARY_SRC_H] = { PRIMARY, "SRC_H" },
	[PRIMARY_X] = { PRIMARY, "CRTC_X" },
	[PRIMARY_Y] = { PRIMARY, "CRTC_Y" },
	[PRIMARY_W] = { PRIMARY, "CRTC_W" },
	[PRIMARY_H] = { PRIMARY, "CRTC_H" },
};

struct buffer {
	struct canvas canvas;		/* bytes NULL: there is none */
	size_t size;
	uint32_t handle, fb;		/* 0: none */
};

struct screen {
	int fd;
	uint32_t object[OBJECTS];
	uint32_t property[PROPERTIES];
	drmModeCrtc *before;		/* owned: what was shown; NULL: nothing of this monitor's */
	uint32_t mode;			/* blob; 0: none */
	struct buffer buffer[2];
	unsigned back;
	struct planes planes;		/* above */
	bool lit;
	bool pending;			/* what was shown is not seen yet */
};

static int refused(struct scrim_error *err, const char *what)
{
	int code = errno;

	if (code == EACCES)
		return fail(err, -EBUSY, "another program took the screen");
	return fail(err, -code, "cannot %s: %s", what, strerror(code));
}

/* The first program that opens a card is its master; else it has to be asked for. */
static int open_card(struct screen *s, const char *card, struct scrim_error *err)
{
	uint64_t dumb = 0;

	s->fd = open(card, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (s->fd < 0)
		return fail(err, -errno, "cannot open %s: %s", card, strerror(errno));
	if (drmGetCap(s->fd, DRM_CAP_DUMB_BUFFER, &dumb) < 0 || !dumb)
		return fail(err, -ENOTSUP, "%s has no screen to draw on", card);
	if (!drmIsMaster(s->fd) && drmSetMaster(s->fd) < 0)
		return fail(err, -EBUSY, "another program has %s: a desktop, or another wall", card);
	if (drmSetClientCap(s->fd, DRM_CLIENT_CAP_UNIVERSAL_PLANES, 1) < 0 ||
	    drmSetClientCap(s->fd, DRM_CLIENT_CAP_ATOMIC, 1) < 0)
		return fail(err, -ENOTSUP, "the driver of %s has no atomic modesetting", card);
	return 0;
}

static bool is_called(const drmModeConnector *connector, const char *name)
{
	const char *type = drmModeGetConnectorTypeName(connector->connector_type);
	char text[64];

	snprintf(text, sizeof(text), "%s-%u", type ? type : "Unknown",
		 connector->connector_type_id);
	return !strcmp(text, name);
}

static drmModeConnector *find_connector(const struct screen *s, const drmModeRes *all,
					const char *name)
{
	for (int i = 0; i < all->count_connectors; i++) {
		drmModeConnector *connector = drmModeGetConnectorCurrent(s->fd, all->connectors[i]);

		if (connector && is_called(connector, name))
			return connector;
		drmModeFreeConnector(connector);
	}
	return NULL;
}

/* Bits of CRTCs that can drive it; *now: the one that does, 0 for none. */
static uint32_t crtcs_of(const struct screen *s, const drmModeConnector *connector, uint32_t *now)
{
	uint32_t possible = 0;

	*now = 0;
	for (int i = 0; i < connector->count_encoders; i++) {
		drmModeEncoder *encoder = drmModeGetEncoder(s->fd, connector->encoders[i]);

		if (!encoder)
			continue;
		possible |= encoder->possible_crtcs;
		if (encoder->encoder_id == connector->encoder_id)
			*now = encoder->crtc_id;
		drmModeFreeEncoder(encoder);
	}
	return possible;
}

/* The one that drives the monitor now, else one that drives none: its index, or -1. */
static int choose_crtc(struct screen *s, const drmModeRes *all, const drmModeConnector *connector)
{
	uint32_t now, possible = crtcs_of(s, connector, &now);
	int found = -1;

	for (int i = 0; i < all->count_crtcs && i < 32; i++) {
		drmModeCrtc *crtc;

		if (!(possible & 1u << i) || (now && all->crtcs[i] != now))
			continue;
		crtc = drmModeGetCrtc(s->fd, all->crtcs[i]);
		if (crtc && found < 0 && (now || !crtc->mode_valid)) {
			found = i;
			s->object[CRTC] = crtc->crtc_id;
			s->before = now && crtc->mode_valid && crtc->buffer_id ? crtc : NULL;
		}
		if (crtc != s->before)
			drmModeFreeCrtc(crtc);
	}
	return found;
}

static int find_property(const struct screen *s, enum object of, const char *name,
			 struct property *property)
{
	static const uint32_t types[OBJECTS] = {
		[CONNECTOR] = DRM_MODE_OBJECT_CONNECTOR,
		[CRTC] = DRM_MODE_OBJECT_CRTC,
		[PRIMARY] = DRM_MODE_OBJECT_PLANE,
	};

	return property_find(property, s->fd, s->object[of], types[of], name);
}

static bool has_format(const drmModePlane *plane, uint32_t format)
{
	for (unsigned i = 0; i < plane->count_formats; i++)
		if (plane->formats[i] == format)
			return true;
	return false;
}

static bool is_primary(struct screen *s, uint32_t id, int crtc)
{
	drmModePlane *plane = drmModeGetPlane(s->fd, id);
	struct property type;
	bool is;

	s->object[PRIMARY] = id;
	is = plane && plane->possible_crtcs & 1u << crtc && has_format(plane, DRM_FORMAT_XRGB8888) &&
	     find_property(s, PRIMARY, "type", &type) >= 0 &&
	     type.value == DRM_PLANE_TYPE_PRIMARY;
	drmModeFreePlane(plane);
	return is;
}

static int find_plane(struct screen *s, int crtc)
{
	drmModePlaneRes *all = drmModeGetPlaneResources(s->fd);
	bool found = false;

	for (unsigned i = 0; all && !found && i < all->count_planes; i++)
		found = is_primary(s, all->planes[i], crtc);
	drmModeFreePlaneResources(all);
	return found ? 0 : -ENOENT;
}

static int find_objects(struct screen *s, const drmModeRes *all, const char *name,
			struct scrim_error *err)
{
	drmModeConnector *connector = find_connector(s, all, name);
	int crtc;

	if (!connector)
		return fail(err, -ENOENT, "there is no screen %s", name);
	s->object[CONNECTOR] = connector->connector_id;
	crtc = choose_crtc(s, all, connector);
	drmModeFreeConnector(connector);
	if (crtc < 0)
		return fail(err, -EBUSY, "the card drives as many screens as it can, without %s",
			    name);
	if (find_plane(s, crtc) < 0)
		return fail(err, -ENOTSUP, "screen %s takes no XRGB8888 pictures", name);
	planes_find(&s->planes, s->fd, crtc, s->object[CRTC], s->object[PRIMARY]);
	return 0;
}

static int find_properties(struct screen *s, struct scrim_error *err)
{
	struct property property;

	for (unsigned i = 0; i < PROPERTIES; i++) {
		if (find_property(s, names[i].of, names[i].name, &property) < 0)
			return fail(err, -ENOTSUP, "the screen's driver has no %s", names[i].name);
		s->property[i] = property.id;
	}
	return 0;
}

int screen_open(struct screen **screen, const char *card, const char *connector,
		struct scrim_error *err)
{
	struct screen *s = calloc(1, sizeof(*s));
	drmModeRes *all = NULL;
	int ret;

	*screen = NULL;
	if (!s)
		return fail(err, -ENOMEM, "no memory for a screen");
	ret = open_card(s, card, err);
	if (ret < 0)
		goto out;
	all = drmModeGetResources(s->fd);
	ret = all ? find_objects(s, all, connector, err) : refused(err, "ask for screens");
	if (ret >= 0)
		ret = find_properties(s, err);
	if (ret < 0)
		goto out;
	*screen = s;
	s = NULL;
out:
	drmModeFreeResources(all);
	screen_close(&s);
	return ret;
}

int screen_fd(const struct screen *screen)
{
	return screen->fd;
}

static void buffer_free(struct screen *s, struct buffer *buffer)
{
	if (buffer->fb)
		drmModeRmFB(s->fd, buffer->fb);
	if (buffer->canvas.bytes)
		munmap(buffer->canvas.bytes, buffer->size);
	if (buffer->handle)
		drmModeDestroyDumbBuffer(s->fd, buffer->handle);
	*buffer = (struct buffer){ 0 };
}

static int buffer_map(struct screen *s, struct buffer *buffer, struct scrim_error *err)
{
	uint64_t offset;
	void *bytes;

	if (drmModeMapDumbBuffer(s->fd, buffer->handle, &offset) < 0)
		return refused(err, "map a picture of the screen");
	bytes = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, offset);
	if (bytes == MAP_FAILED)
		return refused(err, "map a picture of the screen");
	buffer->canvas.bytes = bytes;
	return 0;
}

/* The kernel clears it. */
static int buffer_new(struct screen *s, unsigned number, unsigned width, unsigned height,
		      struct scrim_error *err)
{
	struct buffer *buffer = &s->buffer[number];
	uint32_t stride = 0, none[4] = { 0 };
	uint64_t size = 0;

	if (drmModeCreateDumbBuffer(s->fd, width, height, 32, 0, &buffer->handle, &stride, &size) < 0)
		return refused(err, "get memory for the screen");
	if (stride / 4 < width || size / stride < height)
		return fail(err, -EIO, "the screen's memory is too small");
	buffer->size = size;
	buffer->canvas = (struct canvas){
		.stride = stride, .width = width, .height = height, .number = number,
	};
	if (drmModeAddFB2(s->fd, width, height, DRM_FORMAT_XRGB8888,
			  (const uint32_t[4]){ buffer->handle }, (const uint32_t[4]){ stride }, none,
			  &buffer->fb, 0) < 0)
		return refused(err, "give the screen memory");
	return buffer_map(s, buffer, err);
}

static int put(const struct screen *s, drmModeAtomicReq *request, enum setting_of property,
	       uint64_t value)
{
	return drmModeAtomicAddProperty(request, s->object[names[property].of],
					s->property[property], value);
}

struct setting {
	enum setting_of property;
	uint64_t value;
};

/* All of them at once, and what the planes above show; or none. */
static int commit(struct screen *s, const struct setting *settings, unsigned count, uint32_t flags,
		  struct scrim_error *err)
{
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	int ret = request ? 0 : fail(err, -ENOMEM, "no memory for a screen");

	for (unsigned i = 0; ret >= 0 && i < count; i++)
		if (put(s, request, settings[i].property, settings[i].value) < 0)
			ret = fail(err, -ENOMEM, "no memory for a screen");
	if (ret >= 0 && planes_request(&s->planes, request, s->object[CRTC]) < 0)
		ret = fail(err, -ENOMEM, "no memory for a screen");
	if (ret >= 0 && drmModeAtomicCommit(s->fd, request, flags, s) < 0)
		ret = refused(err, "set the screen");
	if (ret >= 0 && !(flags & DRM_MODE_ATOMIC_TEST_ONLY))
		planes_committed(&s->planes);
	drmModeAtomicFree(request);
	return ret < 0 ? ret : 0;
}

/* Sizes within the source are fixed-point numbers of 16.16 bits. */
static int set_mode(struct screen *s, struct scrim_error *err)
{
	const struct buffer *front = &s->buffer[0];
	unsigned width = front->canvas.width, height = front->canvas.height;
	const struct setting settings[] = {
		{ CONNECTOR_CRTC, s->object[CRTC] }, { CRTC_MODE, s->mode }, { CRTC_ACTIVE, 1 },
		{ PRIMARY_FB, front->fb }, { PRIMARY_CRTC, s->object[CRTC] },
		{ PRIMARY_SRC_X, 0 }, { PRIMARY_SRC_Y, 0 },
		{ PRIMARY_SRC_W, (uint64_t)width << 16 }, { PRIMARY_SRC_H, (uint64_t)height << 16 },
		{ PRIMARY_X, 0 }, { PRIMARY_Y, 0 }, { PRIMARY_W, width }, { PRIMARY_H, height },
	};

	planes_free(&s->planes);
	return commit(s, settings, PROPERTIES, DRM_MODE_ATOMIC_ALLOW_MODESET, err);
}

static void let_go(struct screen *s)
{
	buffer_free(s, &s->buffer[0]);
	buffer_free(s, &s->buffer[1]);
	if (s->mode)
		drmModeDestroyPropertyBlob(s->fd, s->mode);
	s->mode = 0;
	s->lit = false;
}

/* The monitor's own mode; else the first, which is its largest. */
static const drmModeModeInfo *best_mode(const drmModeConnector *connector)
{
	for (int i = 0; i < connector->count_modes; i++)
		if (connector->modes[i].type & DRM_MODE_TYPE_PREFERRED)
			return &connector->modes[i];
	return connector->count_modes ? &connector->modes[0] : NULL;
}

static int light(struct screen *s, const drmModeModeInfo *mode, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < 2; i++)
		ret = buffer_new(s, i, mode->hdisplay, mode->vdisplay, err);
	if (ret >= 0 && drmModeCreatePropertyBlob(s->fd, mode, sizeof(*mode), &s->mode) < 0)
		ret = refused(err, "set the screen's mode");
	if (ret >= 0)
		ret = set_mode(s, err);
	s->back = 1;
	s->lit = ret >= 0;
	if (ret < 0)
		let_go(s);
	return ret < 0 ? ret : 1;
}

bool screen_is_plugged(const struct screen *s)
{
	drmModeConnector *connector = drmModeGetConnectorCurrent(s->fd, s->object[CONNECTOR]);
	bool is = connector && connector->connection == DRM_MODE_CONNECTED;

	drmModeFreeConnector(connector);
	return is;
}

int screen_light(struct screen *s, struct scrim_error *err)
{
	drmModeConnector *connector = drmModeGetConnector(s->fd, s->object[CONNECTOR]);
	const drmModeModeInfo *mode = NULL;
	int ret;

	if (connector && connector->connection == DRM_MODE_CONNECTED)
		mode = best_mode(connector);
	ret = mode ? light(s, mode, err) : 0;
	drmModeFreeConnector(connector);
	return ret;
}

int screen_dark(struct screen *s, struct scrim_error *err)
{
	static const struct setting settings[] = {
		{ CONNECTOR_CRTC, 0 }, { CRTC_MODE, 0 }, { CRTC_ACTIVE, 0 },
		{ PRIMARY_FB, 0 }, { PRIMARY_CRTC, 0 },
	};
	int ret;

	if (!s->lit)
		return 0;
	planes_free(&s->planes);
	ret = commit(s, settings, sizeof(settings) / sizeof(settings[0]),
		     DRM_MODE_ATOMIC_ALLOW_MODESET, err);
	let_go(s);
	return ret;
}

void screen_size(const struct screen *s, unsigned *width, unsigned *height)
{
	*width = s->buffer[0].canvas.width;
	*height = s->buffer[0].canvas.height;
}

const struct canvas *screen_back(const struct screen *s)
{
	return s->lit && !s->pending ? &s->buffer[s->back].canvas : NULL;
}

void screen_import(struct screen *s, struct scanout *scanout, const int dmabuf[], unsigned count)
{
	bool imported = count && count <= V4L2_BUFFERS_MAX;

	scanout->why = "the card does not take its pictures";
	for (unsigned i = 0; imported && i < count; i++)
		imported = plane_import(&scanout->fb[i], s->fd, &scanout->picture, dmabuf[i]) >= 0;
	scanout->count = imported ? count : 0;
}

static int try(void *screen)
{
	struct screen *s = screen;
	const struct setting setting = { PRIMARY_FB, s->buffer[!s->back].fb };

	return commit(s, &setting, 1, DRM_MODE_ATOMIC_TEST_ONLY, NULL);
}

void screen_assign(struct screen *s, struct scanout *const of[], unsigned count)
{
	planes_assign(&s->planes, of, count, try, s);
}

void screen_put(struct screen *s, const struct scanout *scanout, int buffer)
{
	scanout->plane->fb = buffer < 0 ? 0 : scanout->fb[buffer];
}

void screen_draw_all(struct screen *s)
{
	planes_free(&s->planes);
}

int screen_show(struct screen *s, struct scrim_error *err)
{
	const struct setting setting = { PRIMARY_FB, s->buffer[s->back].fb };
	int ret = commit(s, &setting, 1, DRM_MODE_ATOMIC_NONBLOCK | DRM_MODE_PAGE_FLIP_EVENT, err);

	if (ret < 0)
		return ret;
	s->pending = true;
	s->back = !s->back;
	return 0;
}

static void seen(int fd, unsigned sequence, unsigned seconds, unsigned us, unsigned crtc, void *s)
{
	((struct screen *)s)->pending = false;
}

int screen_event(struct screen *s, struct scrim_error *err)
{
	drmEventContext context = { .version = 3, .page_flip_handler2 = seen };
	bool pending = s->pending;

	if (drmHandleEvent(s->fd, &context) < 0)
		return refused(err, "hear of the screen");
	return pending && !s->pending;
}

/*
 * The console's buffer is the kernel's own: whoever is master may name it.  What names it knows
 * of no planes above.
 */
static void put_back(struct screen *s)
{
	const struct setting setting = { PRIMARY_FB, s->buffer[!s->back].fb };
	const drmModeCrtc *before = s->before;

	planes_free(&s->planes);
	commit(s, &setting, 1, 0, NULL);
	if (!before || drmModeSetCrtc(s->fd, before->crtc_id, before->buffer_id, before->x, before->y,
				      &s->object[CONNECTOR], 1, &s->before->mode) < 0)
		screen_dark(s, NULL);
}

void screen_close(struct screen **screen)
{
	struct screen *s = *screen;

	if (!s)
		return;
	if (s->lit)
		put_back(s);
	let_go(s);
	drmModeFreeCrtc(s->before);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	*screen = NULL;
}

static const struct device_request requests[SCREEN_MAYS] = {
	{ DRM_IOCTL_MODE_GETCONNECTOR, "ask whether a monitor is there, and for its modes" },
	{ DRM_IOCTL_MODE_CREATE_DUMB, "get memory for pictures of its size" },
	{ DRM_IOCTL_MODE_MAP_DUMB, "ask where to map that" },
	{ DEVICE_MAP, "map it" },
	{ DRM_IOCTL_MODE_ADDFB2, "say what pixels are in it" },
	{ DRM_IOCTL_MODE_CREATEPROPBLOB, "say which mode" },
	{ DRM_IOCTL_MODE_ATOMIC, "set the mode, show a picture, or none" },
	{ DRM_IOCTL_MODE_SETCRTC, "give the console its picture back" },
	{ DRM_IOCTL_MODE_RMFB, "give the memory back" },
	{ DRM_IOCTL_MODE_DESTROY_DUMB, "the same" },
	{ DRM_IOCTL_MODE_DESTROYPROPBLOB, "forget the mode" },
};

unsigned screen_permit(struct device_permission may[SCREEN_MAYS], const struct screen *screen)
{
	for (unsigned i = 0; i < SCREEN_MAYS; i++)
		may[i] = (struct device_permission){ screen->fd, requests[i] };
	return SCREEN_MAYS;
}
