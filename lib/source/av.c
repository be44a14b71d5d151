// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Photos and videos as frames.  Decoding happens in this thread, with what the
 * file brings along and nothing else; every frame has the format, size and range
 * of the first one, stands upright and cannot be seen through.
 *
 * Damage is taken as players take it: packets that cannot be decoded are skipped
 * and counted, a file that ends too early ends there.  A file of which nothing at
 * all can be decoded is an error, and so is a disk that cannot be read.
 */
#include <libavutil/pixdesc.h>
#include <stdlib.h>
#include <string.h>

#include "source/av_file.h"
#include "source/av_source.h"
#include "frame/convert.h"
#include "source/flat.h"
#include "source/photo.h"
#include "source/turn.h"

#define DURATION_MAX_NS	3600000000000
#define BILLION		1000000000

struct av_source {
	struct source source;
	int fd;
	char *name;
	struct av_origin origin;	/* no open: fd */
	struct av_file file;
	AVStream *stream;		/* the file's */
	AVCodecContext *decoder;
	AVPacket *packet;
	AVFrame *picture;		/* decoded */
	bool waits;			/* it was not handed out yet */
	bool drains;			/* the decoder knows that the file ended */
	unsigned refused_w, refused_h;	/* a picture that was too large; 0: none */
	struct photo photo;		/* what its header says, when it is one */
	enum AVPixelFormat format;	/* of every frame */
	unsigned width, height;		/* before it is turned upright */
	struct turn turn;
	struct flat flat;
	struct converter *converter;
	struct frame *straight;		/* converted, to be turned */
	struct frame_pool *pool;
	struct av_clock clock;
};

static struct av_source *av_of(struct source *source)
{
	return (struct av_source *)source;
}

static int refuse_size(const struct av_source *av, unsigned w, unsigned h,
		       struct scrim_error *err)
{
	if ((uint64_t)w * h > SCRIM_PIXELS_MAX)
		return fail(err, -EFBIG, "%s: %ux%u is larger than %u pixels", av->name,
			    w, h, SCRIM_PIXELS_MAX);
	return fail(err, -EFBIG, "%s: %ux%u has a side longer than %u", av->name,
		    w, h, SCRIM_SIDE_MAX);
}

static bool size_fits(unsigned w, unsigned h)
{
	return w <= SCRIM_SIDE_MAX && h <= SCRIM_SIDE_MAX &&
	       (uint64_t)w * h <= SCRIM_PIXELS_MAX;
}

/* Asked for each picture's memory, before there is any. */
static int get_buffer(AVCodecContext *decoder, AVFrame *picture, int flags)
{
	struct av_source *av = decoder->opaque;

	if (!size_fits(decoder->width, decoder->height)) {
		av->refused_w = decoder->width;
		av->refused_h = decoder->height;
		return AVERROR(EINVAL);
	}
	return avcodec_default_get_buffer2(decoder, picture, flags);
}

/* Covers of albums and thumbnails of scenes are not the video. */
static bool is_video(const AVStream *stream)
{
	return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
	       !(stream->disposition & (AV_DISPOSITION_ATTACHED_PIC |
					AV_DISPOSITION_TIMED_THUMBNAILS));
}

/* The one that the file says is the default, then the largest. */
static int64_t rank(const AVStream *stream)
{
	int64_t pixels = (int64_t)stream->codecpar->width * stream->codecpar->height;

	return pixels + (stream->disposition & AV_DISPOSITION_DEFAULT ? INT64_MAX / 2 : 0);
}

/*
 * VP8 and VP9 keep alpha in a second stream, which libavcodec's decoders leave
 * out: what it hides would come to light.
 */
static bool has_alpha_aside(const AVStream *stream)
{
	enum AVCodecID id = stream->codecpar->codec_id;

	return (id == AV_CODEC_ID_VP8 || id == AV_CODEC_ID_VP9) &&
	       av_dict_get(stream->metadata, "alpha_mode", NULL, 0);
}

static int choose_stream(struct av_source *av, struct scrim_error *err)
{
	AVFormatContext *format = av->file.format;
	const AVCodecParameters *par;

	av->stream = NULL;
	for (unsigned i = 0; i < format->nb_streams; i++) {
		AVStream *stream = format->streams[i];

		stream->discard = AVDISCARD_ALL;
		if (is_video(stream) && (!av->stream || rank(stream) > rank(av->stream)))
			av->stream = stream;
	}
	if (!av->stream)
		return fail(err, -EBADMSG, "%s: no picture in it", av->name);
	if (has_alpha_aside(av->stream))
		return fail(err, -ENOTSUP, "%s: its alpha channel cannot be read", av->name);
	av->stream->discard = AVDISCARD_DEFAULT;
	par = av->stream->codecpar;
	if (!size_fits(par->width, par->height))
		return refuse_size(av, par->width, par->height, err);
	return 0;
}

/*
 * No threads, no hardware.  max_pixels bounds what decoders allocate for
 * themselves; it is wider than what we take so that get_buffer() learns the size.
 */
static int open_decoder(struct av_source *av, struct scrim_error *err)
{
	enum AVCodecID id = av->stream->codecpar->codec_id;
	const AVCodec *codec = avcodec_find_decoder(id);
	int ret;

	if (!codec || codec->capabilities & AV_CODEC_CAP_HARDWARE)
		return fail(err, -ENOTSUP, "%s: no decoder for its codec '%s'",
			    av->name, avcodec_get_name(id));
	av->decoder = avcodec_alloc_context3(codec);
	if (!av->decoder)
		return fail(err, -ENOMEM, "no memory for a decoder");
	ret = avcodec_parameters_to_context(av->decoder, av->stream->codecpar);
	av->decoder->pkt_timebase = av->stream->time_base;
	av->decoder->thread_count = 1;
	av->decoder->max_pixels = 4ll * SCRIM_PIXELS_MAX;
	av->decoder->opaque = av;
	av->decoder->get_buffer2 = get_buffer;
	/* Damage in a live picture is not drawn over. */
	if (av->origin.open)
		av->decoder->err_recognition = AV_EF_EXPLODE | AV_EF_CAREFUL;
	if (ret >= 0)
		ret = avcodec_open2(av->decoder, codec, NULL);
	if (ret < 0)
		return fail(err, av_file_errno(&av->file, ret),
			    "%s: cannot decode %s", av->name, codec->name);
	return 0;
}

static int open_file(struct av_source *av, struct scrim_error *err)
{
	return av->origin.open ? av->origin.open(av->origin.ctx, &av->file, err) :
		av_file_open(&av->file, av->fd, av->name, err);
}

static int open_all(struct av_source *av, struct scrim_error *err)
{
	int ret;

	ret = open_file(av, err);
	if (ret < 0)
		return ret;
	ret = choose_stream(av, err);
	if (ret < 0)
		return ret;
	av->source.still = av->file.still;
	if (av->source.still)
		photo_read(&av->photo, av->fd);
	if (!size_fits(av->photo.width, av->photo.height))
		return refuse_size(av, av->photo.width, av->photo.height, err);
	return open_decoder(av, err);
}

static void close_all(struct av_source *av)
{
	av_frame_unref(av->picture);
	avcodec_free_context(&av->decoder);
	av_file_close(&av->file);
	av->stream = NULL;
	av->waits = av->drains = false;
	av->clock = (struct av_clock){ 0 };
}

static bool takes_packet(struct av_source *av)
{
	return !av->origin.open ||
	       av->origin.takes_packet(av->origin.ctx, av->decoder, av->packet);
}

static bool takes_picture(const struct av_source *av)
{
	return !av->origin.open || av->origin.takes_picture(av->origin.ctx, av->picture);
}

static void note_damage(struct av_source *av)
{
	av->source.damaged++;
	if (av->origin.open)
		av->origin.damaged(av->origin.ctx);
}

/* One packet of ours, or the news that there are no more, into the decoder. */
static int feed(struct av_source *av, struct scrim_error *err)
{
	int ret = av_read_frame(av->file.format, av->packet);

	if (av->file.io_error)
		return fail(err, -EIO, "cannot read %s: %s", av->name,
			    strerror(av->file.io_error));
	if (ret == AVERROR(ENOMEM))
		return fail(err, -ENOMEM, "no memory to read %s", av->name);
	if (ret < 0) {
		av->drains = true;
		avcodec_send_packet(av->decoder, NULL);
		return 0;
	}
	if (av->packet->stream_index == av->stream->index && takes_packet(av))
		ret = avcodec_send_packet(av->decoder, av->packet);
	av_packet_unref(av->packet);
	if (ret == AVERROR(ENOMEM))
		return fail(err, -ENOMEM, "no memory to decode %s", av->name);
	if (ret < 0)
		note_damage(av);
	return 0;
}

/* 1: av->picture is the next one; 0: there are no more. */
static int decode(struct av_source *av, struct scrim_error *err)
{
	int ret;

	for (;;) {
		ret = avcodec_receive_frame(av->decoder, av->picture);
		if (av->refused_w)
			return refuse_size(av, av->refused_w, av->refused_h, err);
		if (ret >= 0 && !size_fits(av->picture->width, av->picture->height))
			return refuse_size(av, av->picture->width, av->picture->height, err);
		if (ret >= 0)
			ret = libav_crop(av->picture, av->stream);
		if (ret >= 0 && !takes_picture(av))
			continue;
		if (ret >= 0)
			return 1;
		if (ret == AVERROR_EOF)
			return 0;
		if (ret == AVERROR(ENOMEM))
			return fail(err, -ENOMEM, "no memory to decode %s", av->name);
		if (ret == AVERROR(EAGAIN)) {
			ret = feed(av, err);
			if (ret < 0)
				return ret;
		} else if (ret < 0) {
			note_damage(av);
		}
	}
}

static uint8_t code_point(int value)
{
	return value > 0 && value < 256 ? value : 2;
}

/* Grey that says nothing, and JPEG, use all levels. */
static bool is_full_range(const AVFrame *picture)
{
	const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(picture->format);

	if (picture->color_range == AVCOL_RANGE_UNSPECIFIED)
		return desc->nb_components == 1 || !strncmp(desc->name, "yuvj", 4);
	return picture->color_range == AVCOL_RANGE_JPEG;
}

/* RGB video becomes what nearly all video is. */
static struct colour colour_of(const struct av_source *av, const AVFrame *picture)
{
	bool becomes_yuv = image_is_rgb(picture->format) && av->format == AV_PIX_FMT_YUV420P;
	struct colour colour = {
		.full_range = av->source.still || (!becomes_yuv && is_full_range(picture)),
		.primaries = code_point(picture->color_primaries),
		.transfer = code_point(picture->color_trc),
		.matrix = code_point(picture->colorspace),
	};

	if (becomes_yuv)
		colour.matrix = av->height >= 720 ? 1 : 6;
	return colour;
}

static uint32_t photo_fourcc(const AVFrame *picture)
{
	const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(picture->format);

	if (picture->format == AV_PIX_FMT_YUVJ420P || picture->format == AV_PIX_FMT_YUV420P)
		return V4L2_PIX_FMT_YUV420;
	/* A palette counts as one component. */
	if (desc->nb_components == 1 && !flat_wanted(picture->format))
		return V4L2_PIX_FMT_GREY;
	return V4L2_PIX_FMT_RGB24;
}

static struct turn find_turn(const struct av_source *av)
{
	const int32_t *matrix = libav_display_matrix(av->stream);
	const AVFrameSideData *side =
		av_frame_get_side_data(av->picture, AV_FRAME_DATA_DISPLAYMATRIX);

	if (av->source.still)
		return turn_of_exif(av->photo.orientation);
	if (!matrix && side && side->size >= 9 * sizeof(int32_t))
		matrix = (const int32_t *)side->data;
	return matrix ? turn_of_matrix(matrix) : (struct turn){ 0 };
}

static void estimate(struct av_source *av)
{
	AVRational rate = av_guess_frame_rate(av->file.format, av->stream, NULL);
	int64_t duration = av->file.format->duration;

	av->source.rate.den = 1;
	if (av->source.still) {
		av->source.frames = 1;
		return;
	}
	if (!rate.num && av->origin.open)
		rate = av->decoder->framerate;
	if (rate.num > 0 && rate.den > 0) {
		av->source.rate.num = rate.num;
		av->source.rate.den = rate.den;
	}
	if (av->stream->nb_frames > 0)
		av->source.frames = av->stream->nb_frames;
	else if (duration > 0 && av->source.rate.num)
		av->source.frames = av_rescale(duration, rate.num,
					       (int64_t)rate.den * AV_TIME_BASE);
}

/* The first picture decides what all frames will be. */
static int describe(struct av_source *av, struct scrim_error *err)
{
	struct source *source = &av->source;
	int ret;

	source->quality = av->photo.quality;
	source->fourcc = source->still ? photo_fourcc(av->picture) : V4L2_PIX_FMT_YUV420;
	av->format = image_format(source->fourcc);
	av->width = av->picture->width;
	av->height = av->picture->height;
	av->turn = find_turn(av);
	source->width = av->turn.swap ? av->height : av->width;
	source->height = av->turn.swap ? av->width : av->height;
	source->colour = colour_of(av, av->picture);
	estimate(av);
	ret = frame_pool_new(&av->pool, source->fourcc, source->width, source->height, err);
	if (ret < 0 || !(av->turn.swap || av->turn.mirror_x || av->turn.mirror_y))
		return ret;
	return frame_new(&av->straight, source->fourcc, av->width, av->height, err);
}

/* JPEG's name for full range is a format of its own in libav; the bytes are the same. */
static enum AVPixelFormat bytes_of(int format)
{
	return format == AV_PIX_FMT_YUVJ420P ? AV_PIX_FMT_YUV420P : format;
}

static bool fits_as_it_is(const struct av_source *av, const struct image *image)
{
	return bytes_of(image->format) == av->format &&
	       image->width == (int)av->width && image->height == (int)av->height &&
	       image->colour.full_range == av->source.colour.full_range;
}

static int fill_frame(struct av_source *av, struct frame *frame, struct scrim_error *err)
{
	struct image from = image_of_picture(av->picture, colour_of(av, av->picture)), to;
	int ret = 0;

	if (flat_wanted(from.format))
		ret = flat_lay(&av->flat, &from, err);
	if (ret < 0)
		return ret;
	if (fits_as_it_is(av, &from)) {
		turn_planes(frame, from.plane, from.stride, av->turn);
		return 0;
	}
	to = image_of_frame(av->straight ? av->straight : frame);
	to.colour = from.colour;
	to.colour.full_range = av->source.colour.full_range;
	ret = convert(&av->converter, &to, &from, err);
	if (ret >= 0 && av->straight)
		turn_planes(frame, to.plane, to.stride, av->turn);
	return ret;
}

static int64_t duration_of(const struct av_source *av)
{
	int64_t ns = av_rescale_q(libav_duration(av->picture), av->stream->time_base,
				  (AVRational){ 1, BILLION });

	if (ns <= 0 && av->source.rate.num)
		ns = av_rescale(BILLION, av->source.rate.den, av->source.rate.num);
	return ns > 0 && ns < DURATION_MAX_NS ? ns : 0;
}

static void stamp_frame(struct av_source *av, struct frame *frame)
{
	frame->colour = av->source.colour;
	if (av->source.still)
		return;
	frame->duration_ns = duration_of(av);
	frame->time_ns = av_clock_ns(&av->clock, &av->file, av->stream,
				     av->picture->best_effort_timestamp,
				     frame->duration_ns);
}

static int av_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct av_source *av = av_of(source);
	struct frame *made = NULL;
	int ret;

	if (!av->waits) {
		if (!av->decoder)
			return fail(err, -EIO, "%s could not be opened again", av->name);
		ret = source->still ? 0 : decode(av, err);
		if (ret <= 0)
			return ret;
	}
	av->waits = false;
	ret = source_frame(source, av->pool, &made, err);
	if (ret < 0)
		return ret;
	ret = fill_frame(av, made, err);
	if (ret < 0) {
		frame_free(&made);
		return ret;
	}
	stamp_frame(av, made);
	*frame = made;
	return 1;
}

/* From the start, by the same steps: seeking is not exact in every format. */
static int av_rewind(struct source *source, struct scrim_error *err)
{
	struct av_source *av = av_of(source);

	if (av->origin.open)
		return fail(err, -ENOTSUP, "a camera cannot go back");
	if (source->still) {
		av->waits = true;
		return 0;
	}
	close_all(av);
	source->damaged = 0;
	return open_all(av, err);
}

static void av_free_source(struct source *source)
{
	struct av_source *av = av_of(source);

	if (av->picture)
		close_all(av);
	av_frame_free(&av->picture);
	av_packet_free(&av->packet);
	flat_free(&av->flat);
	converter_free(&av->converter);
	frame_free(&av->straight);
	frame_pool_free(&av->pool);
	free(av->name);
	free(av);
}

static const struct source_ops av_ops = {
	.next = av_next,
	.rewind = av_rewind,
	.free = av_free_source,
};

/* Opens, and decodes the first picture. */
static int begin(struct av_source *av, struct scrim_error *err)
{
	int ret;

	av->picture = av_frame_alloc();
	av->packet = av_packet_alloc();
	if (!av->name || !av->picture || !av->packet)
		return fail(err, -ENOMEM, "no memory for a source");
	ret = open_all(av, err);
	if (ret < 0)
		return ret;
	ret = decode(av, err);
	if (ret < 0)
		return ret;
	if (!ret)
		return fail(err, -EBADMSG, "%s: no picture in it", av->name);
	av->waits = true;
	return describe(av, err);
}

static int source_new(struct source **source, int fd, const struct av_origin *origin,
		      const char *name, struct scrim_error *err)
{
	struct av_source *av = calloc(1, sizeof(*av));
	int ret;

	*source = NULL;
	if (!av)
		return fail(err, -ENOMEM, "no memory for a source");
	av->source.ops = &av_ops;
	av->fd = fd;
	if (origin)
		av->origin = *origin;
	av->name = strdup(name);
	ret = begin(av, err);
	if (ret < 0) {
		av_free_source(&av->source);
		return ret;
	}
	*source = &av->source;
	return 0;
}

int source_av(struct source **source, int fd, const char *name, struct scrim_error *err)
{
	return source_new(source, fd, NULL, name, err);
}

int source_av_live(struct source **source, const struct av_origin *origin, const char *name,
		   struct scrim_error *err)
{
	return source_new(source, -1, origin, name, err);
}

int source_av_fd(const struct source *source)
{
	return source->ops == &av_ops ? ((const struct av_source *)source)->fd : -1;
}

struct av_facts source_av_facts(const struct source *source)
{
	const struct av_source *av = (const struct av_source *)source;
	struct av_facts facts = { { 0, 1 }, { 0, 1 }, "" };

	if (source->ops != &av_ops || !av->stream)
		return facts;
	facts.name = av->name;
	facts.time_base = av->stream->time_base;
	facts.aspect = av_guess_sample_aspect_ratio(av->file.format, av->stream, NULL);
	if (av->turn.swap && facts.aspect.num > 0)
		facts.aspect = av_inv_q(facts.aspect);
	return facts;
}
