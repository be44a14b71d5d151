// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Our own client speaks to the camera; libavformat takes packets apart and never sees a
 * name, an address or a socket.
 */
#include "source/stream.h"

#include <stdlib.h>
#include <string.h>

#include "source/av_source.h"
#include "source/late.h"
#include "source/rtsp.h"
#include "source/services.h"
#include "source/tls.h"

#define IO_BYTES	(16 << 10)
#define PROBE_BYTES	(512 << 10)	/* of a transport stream, until it says what is in it */
#define CELL_BYTES	188
#define CELL_SYNC	0x47
#define END_BYTES	256		/* of a JPEG picture: its end mark is in there */
#define GAP_PICTURES	2		/* that miss something: before a gap, and behind it */
#define PATIENCE_MS	15000		/* for a picture: cameras send whole ones rarely */

struct stream {
	struct source source;		/* what av is, with times of ours */
	struct source *av;
	struct rtsp rtsp;		/* for HTTP its caller alone */
	struct tls *tls;		/* NULL: none */
	struct url url;
	struct secret secret;
	struct late late;
	size_t told;			/* bytes of the description that libavformat has read */
	bool plays;			/* that was the description */
	bool cells;			/* it is a transport stream */
	uint8_t cell[CELL_BYTES];	/* its last packet */
	int cell_left;			/* bytes of that */
	uint64_t left_out;		/* pictures that were late */
	uint64_t damaged;		/* and what did not come whole */
	unsigned unsure;		/* pictures of a gap that are still to come */
	struct scrim_error why;		/* what went wrong on the connection; code 0: nothing */
};

static struct stream *stream_of(struct source *source)
{
	return (struct stream *)source;
}

static struct link *link_of(struct stream *s)
{
	return &s->rtsp.caller.link;
}

static void tell(struct stream *s)
{
	s->source.dropped = s->left_out;
	s->source.damaged = s->damaged;
	source_tell(&s->source);
}

/* What is predicted from damage is damaged: on with a picture that needs no other. */
static void note_damage(void *ctx)
{
	struct stream *s = ctx;

	s->damaged++;
	s->late.jumps = true;
	tell(s);
}

/* Once it failed it is not asked again. */
static int note(struct stream *s, int ret)
{
	if (ret < 0)
		return AVERROR(EIO);
	return ret ? ret : AVERROR_EOF;
}

static int read_packet(struct stream *s, uint8_t *bytes, int size)
{
	int ret = rtsp_packet(&s->rtsp, bytes, size, &s->why);

	if (s->rtsp.lost) {
		s->rtsp.lost = false;
		s->unsure = GAP_PICTURES;
		note_damage(s);
	}
	return note(s, ret);
}

/* The description first, to its end, and from then on a packet at a time. */
static int read_rtsp(void *opaque, uint8_t *bytes, int size)
{
	struct stream *s = opaque;
	size_t left;

	if (s->why.code)
		return AVERROR(EIO);
	if (s->plays)
		return read_packet(s, bytes, size);
	left = strlen(s->rtsp.sdp.text) - s->told;
	if (!left)
		return AVERROR_EOF;
	if (left > (size_t)size)
		left = size;
	memcpy(bytes, s->rtsp.sdp.text + s->told, left);
	s->told += left;
	return left;
}

/*
 * Packets of a transport stream, ISO/IEC 13818-1.  Those with names of television services
 * get another number, as in services.h; here they come one by one.
 */
static int read_cell(struct stream *s, uint8_t *bytes, int size)
{
	int left = s->cell_left, ret = 0;

	if (!left) {
		ret = link_bytes(link_of(s), s->cell, CELL_BYTES, &s->why);
		if (ret >= 0 && s->cell[0] != CELL_SYNC)
			ret = fail(&s->why, -EBADMSG, "the camera's transport stream is none");
		if (ret < 0)
			return ret;
		services_mute_packet(s->cell);
		left = CELL_BYTES;
	}
	if (size > left)
		size = left;
	memcpy(bytes, s->cell + CELL_BYTES - left, size);
	s->cell_left = left - size;
	return size;
}

static int read_http(void *opaque, uint8_t *bytes, int size)
{
	struct stream *s = opaque;

	if (s->why.code)
		return AVERROR(EIO);
	return note(s, s->cells ? read_cell(s, bytes, size) :
		       link_some(link_of(s), bytes, size, &s->why));
}

/* Reports of how packets came: over TCP they all did. */
static int drop(void *opaque, libav_bytes bytes, int size)
{
	return size;
}

static int make_io(struct stream *s, struct av_file *file, struct scrim_error *err)
{
	bool http = s->url.http;
	uint8_t *buffer = av_malloc(IO_BYTES);

	if (buffer)
		file->io = avio_alloc_context(buffer, IO_BYTES, 0, s, http ? read_http : read_rtsp,
					      http ? NULL : drop, NULL);
	if (!file->io) {
		av_free(buffer);
		return fail(err, -ENOMEM, "no memory for a camera");
	}
	file->io->seekable = 0;
	return 0;
}

static int demux(struct stream *s, struct av_file *file, const char *name, struct scrim_error *err)
{
	const AVInputFormat *input = av_find_input_format(name);
	AVDictionary *options = NULL;
	int ret;

	file->format = avformat_alloc_context();
	if (!file->format || !input)
		return fail(err, -ENOMEM, "no memory for a camera");
	file->format->pb = file->io;
	file->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	file->format->io_open = av_file_refuse;
	file->format->probesize = PROBE_BYTES;
	av_dict_set(&options, "format_whitelist", name, 0);
	av_dict_set(&options, "protocol_whitelist", "", 0);
	av_dict_set(&options, "sdp_flags", "custom_io", 0);
	av_dict_set(&options, "reorder_queue_size", "0", 0);
	ret = avformat_open_input(&file->format, "", input, &options);
	av_dict_free(&options);
	s->plays = true;
	return ret < 0 ? fail(err, av_file_errno(file, ret), "the camera's video cannot be read") : 0;
}

static int open_rtsp(struct stream *s, struct av_file *file, struct scrim_error *err)
{
	int ret = rtsp_begin(&s->rtsp, err);

	if (ret >= 0)
		ret = make_io(s, file, err);
	if (ret >= 0)
		ret = demux(s, file, "sdp", err);
	if (ret < 0)
		return ret;
	/* It has ended, and what follows is read and written packet by packet. */
	file->io->eof_reached = 0;
	file->io->write_flag = file->io->direct = 1;
	return 0;
}

static int open_http(struct stream *s, struct av_file *file, struct scrim_error *err)
{
	struct reply reply;
	int ret = http_begin(&s->rtsp.caller, &reply, err);

	if (ret < 0)
		return ret;
	s->cells = !strcmp(reply.type, "video/mp2t");
	if (!s->cells && strncmp(reply.type, "multipart/", 10))
		return fail(err, -ENOTSUP, "the camera sends %s by HTTP, which is neither JPEG "
			    "pictures one after the other nor an MPEG transport stream",
			    *reply.type ? reply.type : "something");
	ret = make_io(s, file, err);
	return ret < 0 ? ret : demux(s, file, s->cells ? "mpegts" : "mpjpeg", err);
}

/* What libavformat says of a connection that failed is less than what is known. */
static int open_stream(void *ctx, struct av_file *file, struct scrim_error *err)
{
	struct stream *s = ctx;
	int ret;

	libav_quiet();
	ret = s->url.http ? open_http(s, file, err) : open_rtsp(s, file, err);
	return ret < 0 && s->why.code ? fail(err, s->why.code, "%s", s->why.text) : ret;
}

/* FF D9, which is nowhere in what stands for pixels. */
static bool has_end(const AVPacket *packet)
{
	for (int i = 2; i <= packet->size && i <= END_BYTES; i++)
		if (packet->data[packet->size - i] == 0xff &&
		    packet->data[packet->size - i + 1] == 0xd9)
			return true;
	return false;
}

static bool takes_packet(void *ctx, AVCodecContext *decoder, const AVPacket *packet)
{
	const AVCodecDescriptor *codec = avcodec_descriptor_get(decoder->codec_id);
	bool alone = codec && codec->props & AV_CODEC_PROP_INTRA_ONLY;
	struct stream *s = ctx;
	bool jumped = s->late.jumps;
	enum late_packet what;

	if (s->unsure) {
		s->unsure--;
		return false;
	}
	if (decoder->codec_id == AV_CODEC_ID_MJPEG && !has_end(packet)) {
		note_damage(s);
		return false;
	}
	what = late_packet(&s->late, alone, packet->flags & AV_PKT_FLAG_KEY, link_of(s)->dry_ns,
			   link_now_ns());
	/* What it knows is of before the gap. */
	if (jumped && !s->late.jumps)
		avcodec_flush_buffers(decoder);
	decoder->skip_frame = what == LATE_DECODE_LESS ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
	s->left_out += what == LATE_LEAVE;
	return what != LATE_LEAVE;
}

/* A picture with holes may show a face that nobody can find. */
static bool is_whole(const AVFrame *picture)
{
	return !(picture->flags & AV_FRAME_FLAG_CORRUPT) && !picture->decode_error_flags;
}

static bool takes_picture(void *ctx, const AVFrame *picture)
{
	struct stream *s = ctx;

	if (!is_whole(picture)) {
		note_damage(s);
		return false;
	}
	if (late_picture(&s->late, link_of(s)->dry_ns, link_now_ns()))
		return true;
	s->left_out++;
	return false;
}

static int stream_next(struct source *source, struct frame **frame, struct scrim_error *err)
{
	struct stream *s = stream_of(source);
	int ret;

	link_expect(link_of(s), PATIENCE_MS);
	ret = source_next(s->av, frame, err);
	tell(s);
	if (ret > 0)
		(*frame)->time_ns = link_now_ns();
	if (ret > 0)
		return ret;
	if (s->why.code)
		return fail(err, s->why.code, "%s", s->why.text);
	return ret ? ret : fail(err, -EPIPE, "the camera's video ended");
}

static void stream_free(struct source *source)
{
	struct stream *s = stream_of(source);

	source_free(&s->av);
	tls_free(&s->tls);
	explicit_bzero(&s->secret, sizeof(s->secret));
	free(s);
}

static const struct source_ops stream_ops = { .next = stream_next, .free = stream_free };

static int begin(struct stream *s, const struct stream_from *from, struct scrim_error *err)
{
	const struct av_origin origin = {
		open_stream, takes_packet, takes_picture, note_damage, s,
	};
	int ret = 0;

	s->url = from->url;
	s->secret = from->secret;
	caller_begin(&s->rtsp.caller, from->fd, &s->url, &s->secret);
	s->rtsp.caller.challenge.basic = from->basic;
	link_expect(link_of(s), PATIENCE_MS);
	if (s->url.secure)
		ret = tls_begin(&s->tls, link_of(s), s->url.host, from->trust, err);
	if (ret < 0)
		return ret;
	ret = source_av_live(&s->av, &origin, from->name, err);
	if (ret < 0)
		return s->why.code ? fail(err, s->why.code, "%s", s->why.text) : ret;
	s->source = *s->av;
	s->source.ops = &stream_ops;
	tell(s);
	return 0;
}

int source_stream(struct source **source, const struct stream_from *from,
		  struct scrim_error *err)
{
	struct stream *s = calloc(1, sizeof(*s));
	int ret;

	*source = NULL;
	if (!s)
		return fail(err, -ENOMEM, "no memory for a camera");
	ret = begin(s, from, err);
	if (ret < 0) {
		stream_free(&s->source);
		return ret;
	}
	*source = &s->source;
	return 0;
}
