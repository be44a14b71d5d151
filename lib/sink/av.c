// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A video file that holds pictures, their times and, if asked for, the sound: no
 * titles, no dates, no encoder's signature.  (Matroska has to name a program and
 * names "Lavf".)
 *
 * H.264 and HEVC code even sizes only: an odd picture gets its last column or row
 * once more.
 */
#include <libavcodec/bsf.h>
#include <libavutil/imgutils.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sink/audio.h"
#include "sink/bytes.h"
#include "sink/container.h"
#include "sink/sink.h"
#include "source/av_source.h"
#include "frame/convert.h"
#include "source/libav.h"

#define IO_BYTES	(64 << 10)
#define TICKS_MAX	1000000		/* a second; finer ones overflow MP4's fields */
#define BILLION		1000000000

struct av_sink {
	struct sink sink;
	int fd;
	int io_error;			/* errno of a write that failed, or 0 */
	const struct container *container;
	const struct encoder *kind;
	unsigned width, height;		/* of what is put in */
	AVIOContext *io;
	AVFormatContext *format;
	AVCodecContext *encoder;
	AVBSFContext *strip;		/* NULL: nothing to remove */
	AVStream *stream;
	AVFrame *picture;		/* what the encoder gets */
	AVPacket *packet;
	struct audio *audio;		/* NULL: silent */
	struct converter *converter;
	int64_t last_pts;		/* encoder's time base */
	int64_t last_dts;		/* muxer's */
	int64_t duration;		/* of the last frame, encoder's time base */
};

/* A failed call of libav; what the disk said comes first. */
static int sink_error(const struct av_sink *av, int averror, const char *what,
		      struct scrim_error *err)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	if (av->io_error)
		return bytes_error(av->io_error, err);
	if (averror == AVERROR(ENOMEM))
		return fail(err, -ENOMEM, "%s: no memory", what);
	av_strerror(averror, text, sizeof(text));
	return fail(err, -EIO, "%s: %s", what, text);
}

static int file_write(void *opaque, libav_bytes bytes, int size)
{
	struct av_sink *av = opaque;
	int left = size;

	while (left) {
		ssize_t n = write(av->fd, bytes, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			av->io_error = errno;
			return AVERROR(errno);
		}
		bytes += n;
		left -= n;
	}
	return size;
}

static int64_t file_seek(void *opaque, int64_t offset, int whence)
{
	struct av_sink *av = opaque;
	int64_t at;

	if (whence & AVSEEK_SIZE)
		return AVERROR(ENOSYS);
	at = lseek(av->fd, offset, whence & ~AVSEEK_FORCE);
	return at < 0 ? AVERROR(errno) : at;
}

static int refuse_open(AVFormatContext *format, AVIOContext **io, const char *url,
		       int flags, AVDictionary **options)
{
	*io = NULL;
	return AVERROR(EPERM);
}

static int open_format(struct av_sink *av, struct scrim_error *err)
{
	uint8_t *buffer = av_malloc(IO_BYTES);

	if (buffer)
		av->io = avio_alloc_context(buffer, IO_BYTES, 1, av, NULL, file_write,
					    file_seek);
	if (!av->io) {
		av_free(buffer);
		return fail(err, -ENOMEM, "no memory for a video file");
	}
	if (avformat_alloc_output_context2(&av->format, NULL, av->container->muxer, "x") < 0)
		return fail(err, -ENOMEM, "no memory for a video file");
	av->format->pb = av->io;
	av->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
	av->format->io_open = refuse_open;
	/* MPEG-TS has to name a service and would name FFmpeg. */
	if (!strcmp(av->container->muxer, "mpegts")) {
		av_dict_set(&av->format->metadata, "service_provider", "", 0);
		av_dict_set(&av->format->metadata, "service_name", "", 0);
	}
	return 0;
}

/* The ticks of the input where possible, so that no time is rounded. */
static AVRational choose_time_base(const struct av_sink *av, AVRational input,
				   AVRational rate)
{
	if (av->container->constant_rate || av->kind->constant_rate)
		return av_inv_q(rate);
	if (input.num > 0 && input.den > 0 && input.den <= TICKS_MAX)
		return input;
	return (AVRational){ 1, 90000 };
}

static void set_encoder(struct av_sink *av, const struct source *source)
{
	AVCodecContext *encoder = av->encoder;
	struct av_facts facts = source_av_facts(source);
	AVRational rate = { 25, 1 };
	bool rgb = image_format(source->fourcc) == AV_PIX_FMT_RGB24 ||
		   image_format(source->fourcc) == AV_PIX_FMT_BGR24 ||
		   image_format(source->fourcc) == AV_PIX_FMT_BGRA;

	if (source->rate.num > 0 && source->rate.den > 0)
		rate = (AVRational){ source->rate.num, source->rate.den };
	encoder->width = source->width + (av->kind->even ? source->width % 2 : 0);
	encoder->height = source->height + (av->kind->even ? source->height % 2 : 0);
	encoder->pix_fmt = av->kind->format;
	encoder->framerate = rate;
	encoder->time_base = choose_time_base(av, facts.time_base, rate);
	encoder->sample_aspect_ratio = facts.aspect;
	encoder->color_range = source->colour.full_range ||
			       encoder->pix_fmt == AV_PIX_FMT_YUVJ420P ?
			       AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
	encoder->color_primaries = source->colour.primaries;
	encoder->color_trc = source->colour.transfer;
	encoder->colorspace = rgb ? AVCOL_SPC_SMPTE170M : source->colour.matrix;
	encoder->thread_count = 1;
	encoder->flags |= AV_CODEC_FLAG_BITEXACT;
	if (av->format->oformat->flags & AVFMT_GLOBALHEADER)
		encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
}

static int open_encoder(struct av_sink *av, const struct source *source,
			struct scrim_error *err)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(av->kind->name);
	AVDictionary *options = NULL;
	int ret;

	av->encoder = avcodec_alloc_context3(codec);
	if (!av->encoder)
		return fail(err, -ENOMEM, "no memory for an encoder");
	set_encoder(av, source);
	ret = av_dict_parse_string(&options, av->kind->options, "=", ",", 0);
	if (ret >= 0)
		ret = avcodec_open2(av->encoder, codec, &options);
	av_dict_free(&options);
	if (ret < 0)
		return fail(err, ret == AVERROR(ENOMEM) ? -ENOMEM : -ENOTSUP,
			    "%s cannot encode %ux%u", av->kind->name, source->width,
			    source->height);
	return 0;
}

static int open_strip(struct av_sink *av, struct scrim_error *err)
{
	int ret = 0;

	if (!av->kind->strip)
		return 0;
	ret = av_bsf_list_parse_str(av->kind->strip, &av->strip);
	if (ret >= 0)
		ret = avcodec_parameters_from_context(av->strip->par_in, av->encoder);
	if (ret >= 0) {
		av->strip->time_base_in = av->encoder->time_base;
		ret = av_bsf_init(av->strip);
	}
	return ret < 0 ? sink_error(av, ret, "cannot set up the video stream", err) : 0;
}

static int open_stream(struct av_sink *av, struct scrim_error *err)
{
	int ret;

	av->stream = avformat_new_stream(av->format, NULL);
	if (!av->stream)
		return fail(err, -ENOMEM, "no memory for a video stream");
	av->stream->time_base = av->encoder->time_base;
	av->stream->avg_frame_rate = av->encoder->framerate;
	av->stream->sample_aspect_ratio = av->encoder->sample_aspect_ratio;
	ret = av->strip ? avcodec_parameters_copy(av->stream->codecpar, av->strip->par_out) :
	      avcodec_parameters_from_context(av->stream->codecpar, av->encoder);
	return ret < 0 ? sink_error(av, ret, "cannot set up the video stream", err) : 0;
}

static int open_picture(struct av_sink *av, struct scrim_error *err)
{
	av->packet = av_packet_alloc();
	av->picture = av_frame_alloc();
	if (!av->packet || !av->picture)
		return fail(err, -ENOMEM, "no memory for an encoder");
	av->picture->format = av->encoder->pix_fmt;
	av->picture->width = av->encoder->width;
	av->picture->height = av->encoder->height;
	av->picture->color_range = av->encoder->color_range;
	if (av_frame_get_buffer(av->picture, 0) < 0)
		return fail(err, -ENOMEM, "no memory for a picture of %ux%u", av->width,
			    av->height);
	return 0;
}

static int open_all(struct av_sink *av, const char *name, const struct source *source,
		    const struct sink_av_options *options, struct scrim_error *err)
{
	int ret;

	ret = container_find(&av->container, name, err);
	if (ret >= 0)
		ret = encoder_find(&av->kind, options->codec, av->container, err);
	if (ret >= 0)
		ret = open_format(av, err);
	if (ret >= 0)
		ret = open_encoder(av, source, err);
	if (ret >= 0)
		ret = open_strip(av, err);
	if (ret >= 0)
		ret = open_stream(av, err);
	if (ret >= 0)
		ret = open_picture(av, err);
	if (ret >= 0 && options->audio >= 0)
		ret = audio_open(&av->audio, options->audio, source_av_facts(source).name,
				 av->format, err);
	if (ret < 0)
		return ret;
	ret = avformat_write_header(av->format, NULL);
	return ret < 0 ? sink_error(av, ret, "cannot begin the video file", err) : 0;
}

/* An odd picture's last column and row, once more.  Chroma is whole already. */
static void pad_luma(const struct av_sink *av)
{
	uint8_t *luma = av->picture->data[0];
	int stride = av->picture->linesize[0];

	if ((unsigned)av->picture->width > av->width)
		for (unsigned y = 0; y < av->height; y++)
			luma[y * stride + av->width] = luma[y * stride + av->width - 1];
	if ((unsigned)av->picture->height > av->height)
		memcpy(luma + av->height * stride, luma + (av->height - 1) * stride,
		       av->picture->width);
}

static int fill_picture(struct av_sink *av, const struct frame *frame,
			struct scrim_error *err)
{
	struct image from = image_of_frame(frame), to;
	struct colour colour = from.colour;
	int ret = 0;

	if (av_frame_make_writable(av->picture) < 0)
		return fail(err, -ENOMEM, "no memory for a picture");
	colour.full_range = av->encoder->color_range == AVCOL_RANGE_JPEG;
	if (from.format != AV_PIX_FMT_YUV420P)
		colour.matrix = av->encoder->colorspace;
	to = image_of_picture(av->picture, colour);
	to.format = AV_PIX_FMT_YUV420P;
	to.width = av->width;
	to.height = av->height;
	if (from.format == to.format && from.colour.full_range == to.colour.full_range)
		av_image_copy(to.plane, to.stride, (const uint8_t **)from.plane, from.stride,
			      to.format, to.width, to.height);
	else
		ret = convert(&av->converter, &to, &from, err);
	pad_luma(av);
	return ret;
}

static void stamp_picture(struct av_sink *av, const struct frame *frame)
{
	const AVRational ns = { 1, BILLION };
	int64_t pts = av_rescale_q(frame->time_ns, ns, av->encoder->time_base);

	if (pts <= av->last_pts)
		pts = av->last_pts + 1;
	av->picture->pts = av->last_pts = pts;
	av->duration = av_rescale_q(frame->duration_ns, ns, av->encoder->time_base);
	av->picture->pict_type = AV_PICTURE_TYPE_NONE;
}

static int copy_audio(struct av_sink *av, int64_t until_ns, struct scrim_error *err)
{
	int averror, ret;

	if (!av->audio)
		return 0;
	ret = audio_copy(av->audio, av->format, until_ns, &averror, err);
	if (averror < 0)
		return sink_error(av, averror, "cannot write the sound", err);
	return ret;
}

static int mux(struct av_sink *av, struct scrim_error *err)
{
	AVPacket *packet = av->packet;
	int ret;

	packet->duration = av->duration;
	av_packet_rescale_ts(packet, av->encoder->time_base, av->stream->time_base);
	if (packet->dts == AV_NOPTS_VALUE)
		packet->dts = packet->pts;
	/* A coarser clock may have room for less frames than there are. */
	if (packet->dts <= av->last_dts)
		packet->dts = av->last_dts + 1;
	if (packet->pts < packet->dts)
		packet->pts = packet->dts;
	av->last_dts = packet->dts;
	packet->stream_index = av->stream->index;
	ret = av_interleaved_write_frame(av->format, packet);
	if (ret < 0 || av->io->error < 0)
		return sink_error(av, ret < 0 ? ret : av->io->error,
				  "cannot write the video", err);
	return 0;
}

/* The packet through the filter that removes the encoder's signature. */
static int strip_and_mux(struct av_sink *av, struct scrim_error *err)
{
	int ret;

	if (!av->strip)
		return mux(av, err);
	ret = av_bsf_send_packet(av->strip, av->packet);
	while (ret >= 0) {
		ret = av_bsf_receive_packet(av->strip, av->packet);
		if (ret == AVERROR(EAGAIN))
			return 0;
		if (ret >= 0) {
			ret = mux(av, err);
			if (ret < 0)
				return ret;
		}
	}
	return sink_error(av, ret, "cannot write the video", err);
}

/* picture NULL: the last one is in. */
static int encode(struct av_sink *av, const AVFrame *picture, struct scrim_error *err)
{
	int ret = avcodec_send_frame(av->encoder, picture);

	while (ret >= 0) {
		ret = avcodec_receive_packet(av->encoder, av->packet);
		if (ret == AVERROR(EAGAIN) || ret == AVERROR_EOF)
			return 0;
		if (ret >= 0) {
			ret = strip_and_mux(av, err);
			if (ret < 0)
				return ret;
		}
	}
	return sink_error(av, ret, "cannot encode", err);
}

static int av_put(struct sink *sink, const struct clean_frame *clean,
		  struct scrim_error *err)
{
	struct av_sink *av = (struct av_sink *)sink;
	const struct frame *frame = clean_frame_view(clean);
	int ret;

	if (frame->width != av->width || frame->height != av->height)
		return fail(err, -EINVAL, "a frame of %ux%u does not fit a video of %ux%u",
			    frame->width, frame->height, av->width, av->height);
	ret = fill_picture(av, frame, err);
	if (ret < 0)
		return ret;
	stamp_picture(av, frame);
	ret = copy_audio(av, frame->time_ns, err);
	if (ret < 0)
		return ret;
	return encode(av, av->picture, err);
}

static int av_finish(struct sink *sink, struct scrim_error *err)
{
	struct av_sink *av = (struct av_sink *)sink;
	int ret;

	if (av->last_pts == INT64_MIN)
		return fail(err, -EINVAL, "no picture to write");
	ret = encode(av, NULL, err);
	if (ret >= 0)
		ret = copy_audio(av, INT64_MAX, err);
	if (ret < 0)
		return ret;
	ret = av_write_trailer(av->format);
	avio_flush(av->io);
	if (ret >= 0)
		ret = av->io->error;
	return ret < 0 ? sink_error(av, ret, "cannot complete the video file", err) : 0;
}

static void av_free_sink(struct sink *sink)
{
	struct av_sink *av = (struct av_sink *)sink;

	audio_free(&av->audio);
	av_packet_free(&av->packet);
	av_frame_free(&av->picture);
	av_bsf_free(&av->strip);
	avcodec_free_context(&av->encoder);
	avformat_free_context(av->format);
	if (av->io)
		av_freep(&av->io->buffer);
	avio_context_free(&av->io);
	converter_free(&av->converter);
	free(av);
}

static const struct sink_ops av_ops = {
	.put = av_put,
	.finish = av_finish,
	.free = av_free_sink,
};

int sink_av(struct sink **sink, int fd, const char *name, const struct source *source,
	    const struct sink_av_options *options, struct scrim_error *err)
{
	struct av_sink *av = calloc(1, sizeof(*av));
	int ret;

	*sink = NULL;
	if (!av)
		return fail(err, -ENOMEM, "no memory for a video file");
	libav_quiet();
	av->sink.ops = &av_ops;
	av->fd = fd;
	av->width = source->width;
	av->height = source->height;
	av->last_pts = av->last_dts = INT64_MIN;
	ret = open_all(av, name, source, options, err);
	if (ret < 0) {
		av_free_sink(&av->sink);
		return ret;
	}
	*sink = &av->sink;
	return 0;
}
