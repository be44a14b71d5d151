// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libcamera 0.0.3 (Debian 12) to 0.4 (Debian 13) behind a table of C functions.  Pictures are
 * completed in a thread of libcamera's: it writes what it knows of them to a pipe, and that is
 * all that threads have in common here.
 */
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

#include <libcamera/libcamera.h>
#include <linux/v4l2-controls.h>

extern "C" {
#include "source/shim/libcamera.h"
}

using namespace libcamera;

struct shim {
	CameraManager manager;
	std::shared_ptr<Camera> camera;
	std::unique_ptr<CameraConfiguration> configuration;
	std::unique_ptr<FrameBufferAllocator> allocator;
	std::vector<std::unique_ptr<Request>> requests;
	ControlList wanted{ controls::controls };
	int64_t frame_us = 0;
	int events[2] = { -1, -1 };	/* read end, write end */

	void filled(Request *request);
};

namespace {

int fail(char why[SHIM_TEXT], int code, const char *text)
{
	snprintf(why, SHIM_TEXT, "%s", text);
	return code;
}

/* Nothing that is thrown gets any further. */
template<typename Work>
int guarded(char why[SHIM_TEXT], Work work) noexcept
{
	try {
		return work();
	} catch (const std::bad_alloc &) {
		return fail(why, -ENOMEM, "libcamera has no memory");
	} catch (const std::exception &e) {
		return fail(why, -EIO, e.what());
	} catch (...) {
		return fail(why, -EIO, "libcamera threw something");
	}
}

int begin(struct shim **shim, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		/* Never freed: the process ends instead, and its threads with it. */
		auto made = std::make_unique<struct shim>();
		int ret = made->manager.start();

		if (ret < 0)
			return fail(why, ret, "libcamera does not start");
		*shim = made.release();
		return 0;
	});
}

int list(struct shim *shim, struct shim_name *names, unsigned most, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		unsigned count = 0;

		for (const auto &camera : shim->manager.cameras()) {
			if (count == most)
				break;
			auto model = camera->properties().get(properties::Model);

			snprintf(names[count].id, sizeof(names->id), "%s", camera->id().c_str());
			snprintf(names[count].model, sizeof(names->model), "%s",
				 model ? std::string(*model).c_str() : "");
			count++;
		}
		return count;
	});
}

int open_camera(struct shim *shim, const char *id, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		shim->camera = shim->manager.get(std::string(id));
		if (!shim->camera)
			return fail(why, -ENODEV, "libcamera has no camera of this name");
		int ret = shim->camera->acquire();

		if (ret == -EBUSY)
			return fail(why, ret, "another program has the camera");
		if (ret < 0)
			return fail(why, ret, "libcamera does not get the camera");
		shim->configuration = shim->camera->generateConfiguration({ StreamRole::Viewfinder });
		if (!shim->configuration || shim->configuration->empty())
			return fail(why, -ENOTSUP, "the camera has no pictures to look at");
		return 0;
	});
}

int sizes(struct shim *shim, uint32_t drm, struct shim_size found[SHIM_SIZES], char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		const StreamFormats &formats = shim->configuration->at(0).formats();
		const PixelFormat format{ drm };
		int count = 0;

		for (const PixelFormat &one : formats.pixelformats()) {
			if (one != format)
				continue;
			for (const Size &size : formats.sizes(one))
				if (count < SHIM_SIZES)
					found[count++] = { size.width, size.height };
		}
		return count;
	});
}

/* Those that are numbers in both, around 0 or 1. */
const struct {
	uint32_t id;
	const Control<float> *control;
} turnable[] = {
	{ V4L2_CID_BRIGHTNESS,	&controls::Brightness },
	{ V4L2_CID_CONTRAST,	&controls::Contrast },
	{ V4L2_CID_SATURATION,	&controls::Saturation },
	{ V4L2_CID_SHARPNESS,	&controls::Sharpness },
	{ V4L2_CID_GAIN,	&controls::AnalogueGain },
};

int32_t hundredths(const ControlValue &value)
{
	float number = value.type() == ControlTypeFloat ? value.get<float>() * 100 : 0;

	return std::isfinite(number) && std::fabs(number) < 1e6 ? std::lround(number) : 0;
}

int list_controls(struct shim *shim, struct shim_control found[SHIM_CONTROLS], char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		const ControlInfoMap &all = shim->camera->controls();
		int count = 0;

		for (const auto &one : turnable) {
			auto at = all.find(one.control->id());

			if (at == all.end() || count == SHIM_CONTROLS)
				continue;
			found[count++] = { one.id, hundredths(at->second.min()),
					   hundredths(at->second.max()), hundredths(at->second.def()) };
		}
		return count;
	});
}

void describe(struct shim_frames *frames, const StreamConfiguration &is)
{
	*frames = { is.pixelFormat.fourcc(), is.size.width, is.size.height, is.stride, is.frameSize,
		    0, 0, frames->frame_us };
	if (!is.colorSpace)
		return;
	frames->range = is.colorSpace->range == ColorSpace::Range::Full ? SHIM_RANGE_FULL :
			SHIM_RANGE_LIMITED;
	switch (is.colorSpace->ycbcrEncoding) {
	case ColorSpace::YcbcrEncoding::Rec601:
		frames->matrix = SHIM_MATRIX_601;
		break;
	case ColorSpace::YcbcrEncoding::Rec709:
		frames->matrix = SHIM_MATRIX_709;
		break;
	case ColorSpace::YcbcrEncoding::Rec2020:
		frames->matrix = SHIM_MATRIX_2020;
		break;
	default:
		break;
	}
}

int hand_out(struct shim *shim, Stream *stream, struct shim_buffer buffers[SHIM_BUFFERS],
	     char why[SHIM_TEXT])
{
	int count = 0;

	shim->allocator = std::make_unique<FrameBufferAllocator>(shim->camera);
	if (shim->allocator->allocate(stream) < 0)
		return fail(why, -ENOMEM, "the camera gives no buffers");
	for (const auto &buffer : shim->allocator->buffers(stream)) {
		std::unique_ptr<Request> request = shim->camera->createRequest(count);

		if (count == SHIM_BUFFERS)
			break;
		if (buffer->planes().size() > SHIM_PLANES)
			return fail(why, -ENOTSUP, "the camera's pictures have too many planes");
		if (!request || request->addBuffer(stream, buffer.get()) < 0)
			return fail(why, -ENOMEM, "libcamera takes no requests");
		buffers[count].planes = buffer->planes().size();
		for (unsigned i = 0; i < buffers[count].planes; i++) {
			const FrameBuffer::Plane &plane = buffer->planes()[i];

			buffers[count].plane[i] = { plane.fd.get(), plane.offset, plane.length };
		}
		shim->requests.push_back(std::move(request));
		count++;
	}
	return count;
}

int set_up(struct shim *shim, struct shim_frames *frames, struct shim_buffer buffers[SHIM_BUFFERS],
	   char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		StreamConfiguration &wish = shim->configuration->at(0);

		wish.pixelFormat = PixelFormat{ frames->drm };
		wish.size = { frames->width, frames->height };
		wish.bufferCount = SHIM_BUFFERS;
		if (shim->configuration->validate() == CameraConfiguration::Invalid ||
		    shim->camera->configure(shim->configuration.get()) < 0)
			return fail(why, -EIO, "the camera cannot be set up");
		const StreamConfiguration &is = shim->configuration->at(0);

		if (is.pixelFormat.modifier())
			return fail(why, -ENOTSUP, "the camera packs its pictures in a way of its own");
		describe(frames, is);
		shim->frame_us = frames->frame_us;
		return hand_out(shim, is.stream(), buffers, why);
	});
}

int give_back(struct shim *shim, uint32_t index, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		Request *request = index < shim->requests.size() ? shim->requests[index].get() : nullptr;

		if (!request || request->status() == Request::RequestPending)
			return fail(why, -EINVAL, "a buffer that the camera has already");
		request->reuse(Request::ReuseBuffers);
		request->controls() = shim->wanted;
		shim->wanted.clear();
		int ret = shim->camera->queueRequest(request);

		return ret < 0 ? fail(why, ret, "the camera takes no buffer") : 0;
	});
}

int start(struct shim *shim, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		int ret = pipe2(shim->events, O_CLOEXEC | O_NONBLOCK);

		if (ret < 0)
			return fail(why, -errno, "no pipe");
		shim->camera->requestCompleted.connect(shim, &shim::filled);
		ControlList first{ controls::controls };

		if (shim->frame_us && shim->camera->controls().count(controls::FrameDurationLimits.id()))
			first.set(controls::FrameDurationLimits,
				  Span<const int64_t, 2>({ shim->frame_us, shim->frame_us }));
		ret = shim->camera->start(&first);
		if (ret < 0)
			return fail(why, ret, "the camera does not start");
		for (const auto &request : shim->requests) {
			ret = shim->camera->queueRequest(request.get());
			if (ret < 0)
				return fail(why, ret, "the camera takes no buffer");
		}
		return shim->events[0];
	});
}

int turn(struct shim *shim, uint32_t id, int32_t value, char why[SHIM_TEXT])
{
	return guarded(why, [&]() -> int {
		for (const auto &one : turnable)
			if (one.id == id && shim->camera->controls().count(one.control->id())) {
				shim->wanted.set(*one.control, value / 100.0f);
				return 0;
			}
		return fail(why, -EINVAL, "the camera has no such control");
	});
}

const struct shim_calls calls = {
	begin, list, open_camera, sizes, list_controls, set_up, start, give_back, turn,
};

} /* namespace */

/* In libcamera's thread.  The pipe has room for more than there are buffers. */
void shim::filled(Request *request)
{
	struct shim_filled told = {};

	/* Nothing is ever stopped here, so the camera did it. */
	told.index = SHIM_GONE;
	if (request->status() == Request::RequestComplete && !request->buffers().empty()) {
		const FrameMetadata &is = request->buffers().begin()->second->metadata();

		told.index = request->cookie();
		told.sequence = is.sequence;
		told.broken = is.status != FrameMetadata::FrameSuccess;
		told.time_ns = is.timestamp;
		for (const auto &plane : is.planes())
			if (told.planes < SHIM_PLANES)
				told.used[told.planes++] = plane.bytesused;
	}
	while (write(events[1], &told, sizeof(told)) < 0 && errno == EINTR)
		;
}

extern "C" __attribute__((visibility("default")))
const struct shim_calls *const scrim_libcamera = &calls;
