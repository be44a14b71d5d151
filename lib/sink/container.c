// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/container.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct container containers[] = {
	{ "mp4", "mp4", "libx264", false },
	{ "m4v", "mp4", "libx264", false },
	{ "mov", "mov", "libx264", false },
	{ "mkv", "matroska", "libx264", false },
	{ "webm", "webm", "libvpx-vp9", false },
	{ "ts", "mpegts", "libx264", false },
	{ "mts", "mpegts", "libx264", false },
	{ "m2ts", "mpegts", "libx264", false },
	{ "flv", "flv", "libx264", false },
	{ "avi", "avi", "libx264", true },
	{ "y4m", "yuv4mpegpipe", "wrapped_avframe", true },
};

/* No libx265: it does nothing without threads of its own. */
static const struct encoder encoders[] = {
	{
		.name = "libx264",
		.options = "preset=veryfast,crf=22,rc-lookahead=0,mbtree=0,refs=1,bf=0",
		.format = AV_PIX_FMT_YUV420P,
		.even = true,
		.strip = "filter_units=remove_types=6",		/* SEI */
	},
	{
		.name = "libvpx-vp9",
		.options = "deadline=realtime,cpu-used=5,crf=28,b=0,lag-in-frames=0,"
			   "auto-alt-ref=0",
		.format = AV_PIX_FMT_YUV420P,
	},
	{
		.name = "mpeg4",
		.options = "flags=+qscale,global_quality=354,bf=0",	/* 3 x 118 */
		.format = AV_PIX_FMT_YUV420P,
		.constant_rate = true,
	},
	{
		.name = "mjpeg",
		.options = "flags=+qscale,global_quality=354",
		.format = AV_PIX_FMT_YUVJ420P,
	},
	{
		.name = "ffv1",
		.options = "level=3,slices=4",
		.format = AV_PIX_FMT_YUV420P,
	},
	{
		.name = "rawvideo",
		.options = "",
		.format = AV_PIX_FMT_YUV420P,
	},
	{
		.name = "wrapped_avframe",	/* pictures as they are, for Y4M */
		.options = "",
		.format = AV_PIX_FMT_YUV420P,
	},
};

#define COUNT(array)	(sizeof(array) / sizeof(array[0]))

static void add_word(char *text, size_t size, const char *word)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s%s", n ? " " : "", word);
}

int container_find(const struct container **container, const char *name,
		   struct scrim_error *err)
{
	const char *dot = strrchr(name, '.');
	char known[128] = "";

	for (size_t i = 0; i < COUNT(containers); i++) {
		*container = &containers[i];
		if (dot && !strcasecmp(dot + 1, containers[i].ending) &&
		    av_guess_format(containers[i].muxer, NULL, NULL))
			return 0;
		add_word(known, sizeof(known), containers[i].ending);
	}
	*container = NULL;
	return fail(err, -ENOTSUP, "%s: its ending is none of: %s jpg jpeg png", name, known);
}

static bool fits(const struct encoder *encoder, const struct container *container)
{
	const AVCodec *codec = avcodec_find_encoder_by_name(encoder->name);
	const AVOutputFormat *muxer = av_guess_format(container->muxer, NULL, NULL);

	if (codec && (codec->id == AV_CODEC_ID_WRAPPED_AVFRAME ||
		      !strcmp(container->muxer, "yuv4mpegpipe")))
		return !strcmp(container->encoder, encoder->name);
	return codec && avformat_query_codec(muxer, codec->id, FF_COMPLIANCE_NORMAL) != 0;
}

int encoder_find(const struct encoder **encoder, const char *name,
		 const struct container *container, struct scrim_error *err)
{
	const char *wanted = name ? name : container->encoder;
	char known[128] = "";

	for (size_t i = 0; i < COUNT(encoders); i++) {
		*encoder = &encoders[i];
		if (!fits(*encoder, container))
			continue;
		if (!strcmp(wanted, encoders[i].name))
			return 0;
		add_word(known, sizeof(known), encoders[i].name);
	}
	*encoder = NULL;
	return fail(err, -ENOTSUP, "no encoder '%s' for .%s; there are: %s", wanted,
		    container->ending, known);
}
