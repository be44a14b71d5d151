// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/audio.h"

#include <stdlib.h>
#include <string.h>

#include "source/av_file.h"

#define STREAMS_MAX	16
#define BILLION		1000000000

struct track {
	int to;				/* stream of the output; -1: not copied */
	struct av_clock clock;
	int64_t last_dts;		/* of the output */
};

struct audio {
	struct av_file file;
	AVPacket *packet;
	bool waits;			/* the packet was not written yet */
	int64_t time_ns;		/* of the packet that waits */
	unsigned tracks;		/* input streams below this number */
	struct track track[STREAMS_MAX];
};

/* The headers that decoders need; no more bytes than they have without comments. */
static const struct {
	enum AVCodecID codec;
	int bytes_max;
} headers[] = {
	{ AV_CODEC_ID_AAC, 8 },		/* ISO/IEC 14496-3, without program config */
	{ AV_CODEC_ID_ALAC, 36 },
	{ AV_CODEC_ID_FLAC, 34 },	/* STREAMINFO */
	{ AV_CODEC_ID_OPUS, 29 },	/* RFC 7845, 8 channels */
	{ AV_CODEC_ID_WMAV1, 4 },
	{ AV_CODEC_ID_WMAV2, 10 },
};

/* Decoders know all from the packets; what is written beside them is not read. */
static bool needs_no_header(enum AVCodecID codec)
{
	static const enum AVCodecID codecs[] = {
		AV_CODEC_ID_MP1, AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AC3,
		AV_CODEC_ID_EAC3, AV_CODEC_ID_DTS, AV_CODEC_ID_AMR_NB, AV_CODEC_ID_AMR_WB,
	};

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i] == codec)
			return true;
	return av_get_exact_bits_per_sample(codec);	/* PCM and its like */
}

/* A header of any other kind may hold titles, as that of Vorbis does. */
static bool header_is_bare(const AVCodecParameters *par)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (headers[i].codec == par->codec_id)
			return par->extradata_size <= headers[i].bytes_max;
	return !par->extradata_size || needs_no_header(par->codec_id);
}

static int check_codec(const AVCodecParameters *par, const AVOutputFormat *muxer,
		       const char *name, struct scrim_error *err)
{
	const char *codec = avcodec_get_name(par->codec_id);

	if (!header_is_bare(par))
		return fail(err, -ENOTSUP, "%s: the sound cannot be kept: the header "
			    "of %s may hold metadata", name, codec);
	if (muxer->audio_codec == AV_CODEC_ID_NONE ||
	    !avformat_query_codec(muxer, par->codec_id, FF_COMPLIANCE_NORMAL))
		return fail(err, -ENOTSUP, "%s: the sound cannot be kept: %s files "
			    "hold no %s (.mkv does)", name, muxer->name, codec);
	return 0;
}

static int add_stream(struct audio *audio, unsigned i, AVFormatContext *out,
		      const char *name, struct scrim_error *err)
{
	AVStream *from = audio->file.format->streams[i], *to;
	int ret;

	ret = check_codec(from->codecpar, out->oformat, name, err);
	if (ret < 0)
		return ret;
	to = avformat_new_stream(out, NULL);
	if (!to || libav_copy_bare(to->codecpar, from->codecpar) < 0)
		return fail(err, -ENOMEM, "no memory to copy sound");
	to->codecpar->codec_tag = 0;	/* the container's own */
	if (needs_no_header(to->codecpar->codec_id)) {
		av_freep(&to->codecpar->extradata);
		to->codecpar->extradata_size = 0;
	}
	to->time_base = from->time_base;
	from->discard = AVDISCARD_DEFAULT;
	audio->track[i].to = to->index;
	return 0;
}

static int open_streams(struct audio *audio, AVFormatContext *out, const char *name,
			struct scrim_error *err)
{
	AVFormatContext *format = audio->file.format;
	int ret;

	audio->tracks = format->nb_streams < STREAMS_MAX ? format->nb_streams : STREAMS_MAX;
	for (unsigned i = 0; i < format->nb_streams; i++)
		format->streams[i]->discard = AVDISCARD_ALL;
	for (unsigned i = 0; i < audio->tracks; i++) {
		audio->track[i] = (struct track){ .to = -1, .last_dts = INT64_MIN };
		if (format->streams[i]->codecpar->codec_type != AVMEDIA_TYPE_AUDIO)
			continue;
		ret = add_stream(audio, i, out, name, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int audio_open(struct audio **audio, int fd, const char *name, AVFormatContext *out,
	       struct scrim_error *err)
{
	struct audio *made = calloc(1, sizeof(*made));
	int ret;

	*audio = NULL;
	if (!made)
		return fail(err, -ENOMEM, "no memory to copy sound");
	made->packet = av_packet_alloc();
	ret = made->packet ? av_file_open(&made->file, fd, name, err) :
	      fail(err, -ENOMEM, "no memory to copy sound");
	if (ret >= 0)
		ret = open_streams(made, out, name, err);
	if (ret < 0)
		audio_free(&made);
	*audio = made;
	return ret;
}

static bool is_copied(const struct audio *audio, unsigned i)
{
	return i < audio->tracks && audio->track[i].to >= 0;
}

/*
 * When it sounds.  False: never, since an edit list has cut it away; presentation
 * begins at 0.
 */
static bool time_packet(struct audio *audio, struct track *track)
{
	const AVPacket *packet = audio->packet;
	const AVStream *stream = audio->file.format->streams[packet->stream_index];
	int64_t ts = packet->pts != AV_NOPTS_VALUE ? packet->pts : packet->dts;
	int64_t duration_ns = av_rescale_q(packet->duration, stream->time_base,
					   (AVRational){ 1, BILLION });

	audio->time_ns = av_clock_ns(&track->clock, &audio->file, stream, ts, duration_ns);
	return !(packet->flags & AV_PKT_FLAG_DISCARD) &&
	       (audio->time_ns >= 0 || audio->time_ns + duration_ns > 0);
}

/* 1: audio->packet is the next one; 0: there are no more. */
static int read_packet(struct audio *audio, struct scrim_error *err)
{
	struct av_file *file = &audio->file;

	for (;;) {
		int ret = av_read_frame(file->format, audio->packet);
		unsigned i = audio->packet->stream_index;

		if (file->io_error)
			return fail(err, -EIO, "cannot read: %s", strerror(file->io_error));
		if (ret < 0)
			return 0;
		if (is_copied(audio, i) && time_packet(audio, &audio->track[i]))
			return 1;
		av_packet_unref(audio->packet);
	}
}

/* Sound has no reordering: it is decoded when it is heard. */
static int write_packet(struct audio *audio, AVFormatContext *out)
{
	AVPacket *packet = audio->packet;
	struct track *track = &audio->track[packet->stream_index];
	AVRational from = audio->file.format->streams[packet->stream_index]->time_base;
	AVRational to = out->streams[track->to]->time_base;

	av_packet_free_side_data(packet);
	packet->pts = av_rescale_q(audio->time_ns, (AVRational){ 1, BILLION }, to);
	if (packet->pts <= track->last_dts)
		packet->pts = track->last_dts + 1;
	packet->dts = track->last_dts = packet->pts;
	packet->duration = av_rescale_q(packet->duration, from, to);
	packet->stream_index = track->to;
	packet->pos = -1;
	return av_interleaved_write_frame(out, packet);
}

int audio_copy(struct audio *audio, AVFormatContext *out, int64_t until_ns,
	       int *averror, struct scrim_error *err)
{
	*averror = 0;
	while (*averror >= 0) {
		if (!audio->waits) {
			int ret = read_packet(audio, err);

			if (ret <= 0)
				return ret;
		}
		audio->waits = audio->time_ns >= until_ns;
		if (audio->waits)
			return 0;
		*averror = write_packet(audio, out);
	}
	return 0;
}

void audio_free(struct audio **audio)
{
	struct audio *dead = *audio;

	*audio = NULL;
	if (!dead)
		return;
	av_file_close(&dead->file);
	av_packet_free(&dead->packet);
	free(dead);
}
