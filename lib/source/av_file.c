// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libavformat on a leash: it reads through lseek and read on one descriptor.
 */
#include "source/av_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "source/services.h"

#define IO_BYTES	(64 << 10)
#define NS_MAX		(INT64_MAX / 4)		/* 73 years; sums of two stay in range */
#define AHEAD_NS	3600000000000		/* longer than any pause of a recording */

/*
 * Formats that keep everything in one file.  Left out on purpose: playlists and
 * whatever else names other files (HLS, DASH, concat, image sequences, IMF ...),
 * devices, and demuxers that run programs.
 */
static const struct readable {
	const char *format;		/* libavformat's name */
	bool still;
} readable[] = {
	{ "jpeg_pipe", true },
	{ "png_pipe", true },
	{ "mov,mp4,m4a,3gp,3g2,mj2", false },
	{ "matroska,webm", false },
	{ "avi", false },
	{ "mpegts", false },
	{ "mpeg", false },
	{ "mpegvideo", false },
	{ "m4v", false },
	{ "h264", false },
	{ "hevc", false },
	{ "ivf", false },
	{ "obu", false },
	{ "mjpeg", false },
	{ "mpjpeg", false },
	{ "yuv4mpegpipe", false },
	{ "flv", false },
	{ "asf", false },
	{ "ogg", false },
	{ "nut", false },
	{ "mxf", false },
	{ "dhav", false },
	{ "gif", false },
	{ "apng", false },
};

static const struct readable *readable_find(const char *format)
{
	for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		if (!strcmp(readable[i].format, format))
			return &readable[i];
	return NULL;
}

/* The descriptor's position may be shared with another reader: set it each time. */
static int file_read(void *opaque, uint8_t *bytes, int size)
{
	struct av_file *file = opaque;
	ssize_t n = -1;

	if (lseek(file->fd, file->at, SEEK_SET) >= 0)
		do
			n = read(file->fd, bytes, size);
		while (n < 0 && errno == EINTR);
	if (n < 0) {
		file->io_error = errno;
		return AVERROR(errno);
	}
	if (file->has_services)
		n = services_mute(bytes, n);
	file->at += n;
	return n ? n : AVERROR_EOF;
}

static int64_t file_seek(void *opaque, int64_t offset, int whence)
{
	struct av_file *file = opaque;
	int64_t base = 0;

	if (whence & AVSEEK_SIZE)
		return file->size;
	whence &= ~AVSEEK_FORCE;
	if (whence == SEEK_CUR)
		base = file->at;
	else if (whence == SEEK_END)
		base = file->size;
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return AVERROR(EINVAL);
	file->at = offset;
	return offset;
}

int av_file_refuse(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
		   AVDictionary **options)
{
	*io = NULL;
	return AVERROR(EPERM);
}

/* Many JPEG pictures in a row look like the first of them. */
static bool is_motion_jpeg(const char *format, const char *name)
{
	const char *dot = strrchr(name, '.');

	return !strcmp(format, "jpeg_pipe") && dot &&
	       (!strcasecmp(dot, ".mjpeg") || !strcasecmp(dot, ".mjpg"));
}

static void file_close_io(struct av_file *file)
{
	if (file->io)
		av_freep(&file->io->buffer);
	avio_context_free(&file->io);
}

static int file_io(struct av_file *file, const char *name, struct scrim_error *err)
{
	uint8_t *buffer;

	file->at = 0;
	file->size = lseek(file->fd, 0, SEEK_END);
	if (file->size < 0)
		return fail(err, -EIO, "cannot read %s: %s", name, strerror(errno));
	if (!file->size)
		return fail(err, -EBADMSG, "%s: an empty file", name);
	buffer = av_malloc(IO_BYTES);
	if (buffer)
		file->io = avio_alloc_context(buffer, IO_BYTES, 0, file, file_read,
					      NULL, file_seek);
	if (!file->io) {
		av_free(buffer);
		return fail(err, -ENOMEM, "no memory to read %s", name);
	}
	return 0;
}

/*
 * Which of the readable formats it is.  The bytes decide; libavformat never gets
 * the name, in which patterns and protocols would mean something.
 */
static int file_probe(struct av_file *file, const char *name,
		      const AVInputFormat **input, struct scrim_error *err)
{
	const struct readable *found;
	int ret = av_probe_input_buffer2(file->io, input, "", NULL, 0, 0);

	if (ret < 0)
		return fail(err, av_file_errno(file, ret), "%s: %s", name,
			    file->io_error ? strerror(file->io_error) :
			    "no photo or video that can be recognised");
	if (is_motion_jpeg((*input)->name, name))
		*input = av_find_input_format("mjpeg");
	found = readable_find(*input ? (*input)->name : "");
	if (!found && *input && ret > AVPROBE_SCORE_RETRY)
		return fail(err, -ENOTSUP, "%s: files of format '%s' are not read",
			    name, (*input)->name);
	if (!found)
		return fail(err, -EBADMSG,
			    "%s: no photo or video that can be recognised", name);
	file->still = found->still;
	file->has_services = !strcmp(found->format, "mpegts");
	return 0;
}

/*
 * Demuxers inside of demuxers inherit these two lists, and no other function to
 * open something with.
 */
static int file_demux(struct av_file *file, const AVInputFormat *input,
		      const char *name, struct scrim_error *err)
{
	AVDictionary *options = NULL;
	int ret;

	file->format = avformat_alloc_context();
	if (!file->format)
		return fail(err, -ENOMEM, "no memory to read %s", name);
	file->format->pb = file->io;
	file->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	file->format->io_open = av_file_refuse;
	av_dict_set(&options, "format_whitelist", input->name, 0);
	av_dict_set(&options, "protocol_whitelist", "", 0);
	ret = avformat_open_input(&file->format, "", input, &options);
	av_dict_free(&options);
	if (ret < 0)
		return fail(err, av_file_errno(file, ret),
			    "%s: damaged, or not what its name says", name);
	return 0;
}

/* Decoders that are tried here obey the same limits as ours. */
static int file_streams(struct av_file *file, const char *name, struct scrim_error *err)
{
	unsigned count = file->format->nb_streams;
	AVDictionary **options = calloc(count ? count : 1, sizeof(AVDictionary *));
	int ret;

	if (!options)
		return fail(err, -ENOMEM, "no memory to read %s", name);
	for (unsigned i = 0; i < count; i++)
		av_dict_set_int(&options[i], "max_pixels", SCRIM_PIXELS_MAX, 0);
	ret = avformat_find_stream_info(file->format, options);
	for (unsigned i = 0; i < count; i++)
		av_dict_free(&options[i]);
	free(options);
	if (ret < 0)
		return fail(err, av_file_errno(file, ret), "%s: damaged", name);
	return 0;
}

int av_file_errno(const struct av_file *file, int averror)
{
	if (file->io_error)
		return -EIO;
	switch (averror) {
	case AVERROR(ENOMEM):
		return -ENOMEM;
	case AVERROR(ENOSYS):
	case AVERROR_PATCHWELCOME:
	case AVERROR_DECODER_NOT_FOUND:
		return -ENOTSUP;
	default:
		return -EBADMSG;
	}
}

int av_file_open(struct av_file *file, int fd, const char *name,
		 struct scrim_error *err)
{
	const AVInputFormat *input = NULL;
	int ret;

	*file = (struct av_file){ .fd = fd };
	libav_quiet();
	ret = file_io(file, name, err);
	if (ret >= 0)
		ret = file_probe(file, name, &input, err);
	/* What was read to recognise it is read again, by what it is. */
	file_close_io(file);
	if (ret >= 0)
		ret = file_io(file, name, err);
	if (ret >= 0)
		ret = file_demux(file, input, name, err);
	/* A photo is decoded once, not here as well. */
	if (ret >= 0 && !file->still)
		ret = file_streams(file, name, err);
	if (ret < 0) {
		av_file_close(file);
		return ret;
	}
	file->splices = input->flags & AVFMT_TS_DISCONT;
	if (file->splices && file->format->start_time != AV_NOPTS_VALUE)
		file->start_ns = av_rescale(file->format->start_time, 1000000000,
					    AV_TIME_BASE);
	return 0;
}

void av_file_close(struct av_file *file)
{
	avformat_close_input(&file->format);
	file_close_io(file);
}

/*
 * Pictures are asked about in the order in which they are shown, and sound has no
 * other: a time that goes back by more than what inexact clocks explain is
 * another clock.
 */
static bool clock_jumps(const struct av_clock *clock, int64_t ns)
{
	int64_t duration_ns = clock->next_ns - clock->last_ns;

	return ns < clock->last_ns - duration_ns || ns > clock->next_ns + AHEAD_NS;
}

int64_t av_clock_ns(struct av_clock *clock, const struct av_file *file,
		    const AVStream *stream, int64_t ts, int64_t duration_ns)
{
	int64_t ns = INT64_MIN;

	if (ts != AV_NOPTS_VALUE)
		ns = av_rescale_q(ts, stream->time_base, (AVRational){ 1, 1000000000 });
	if (ns < -NS_MAX || ns > NS_MAX) {
		ns = clock->next_ns;
	} else {
		ns += clock->shift_ns - file->start_ns;
		if (file->splices && clock->runs && clock_jumps(clock, ns)) {
			clock->shift_ns += clock->next_ns - ns;
			ns = clock->next_ns;
		}
	}
	if (file->splices && clock->runs && ns <= clock->last_ns)
		ns = clock->last_ns + 1;
	clock->runs = true;
	clock->last_ns = ns;
	clock->next_ns = ns + duration_ns;
	return ns;
}
