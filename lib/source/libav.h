/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FFmpeg's libraries, and what differs between their versions from 5.1 on.
 */
#ifndef SOURCE_LIBAV_H
#define SOURCE_LIBAV_H

#include <stdint.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/intreadwrite.h>

/* Errors are told once, by fail(), unless the program has asked for more. */
static inline void libav_quiet(void)
{
	if (av_log_get_level() == AV_LOG_INFO)
		av_log_set_level(AV_LOG_QUIET);
}

/* In units of the stream's time base; 0: not known. */
static inline int64_t libav_duration(const AVFrame *picture)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
	return picture->duration;
#else
	return picture->pkt_duration;
#endif
}

/* The nine numbers of the stream's display matrix, or NULL. */
static inline const int32_t *libav_display_matrix(const AVStream *stream)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
	const AVPacketSideData *side =
		av_packet_side_data_get(stream->codecpar->coded_side_data,
					stream->codecpar->nb_coded_side_data,
					AV_PKT_DATA_DISPLAYMATRIX);
	const void *data = side ? side->data : NULL;
	size_t size = side ? side->size : 0;
#else
	size_t size = 0;
	const void *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX,
						   &size);
#endif
	return size >= 9 * sizeof(int32_t) ? data : NULL;
}

/* Cuts off what the container hides, which libavformat tells from FFmpeg 7.1 on. */
static inline int libav_crop(AVFrame *picture, const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 19, 100)
	const AVPacketSideData *side =
		av_packet_side_data_get(stream->codecpar->coded_side_data,
					stream->codecpar->nb_coded_side_data,
					AV_PKT_DATA_FRAME_CROPPING);

	if (side && side->size >= 4 * sizeof(uint32_t)) {
		picture->crop_top = AV_RL32(side->data);
		picture->crop_bottom = AV_RL32(side->data + 4);
		picture->crop_left = AV_RL32(side->data + 8);
		picture->crop_right = AV_RL32(side->data + 12);
	}
#endif
	return av_frame_apply_cropping(picture, AV_FRAME_CROP_UNALIGNED);
}

/* A copy of what a stream is, without what hangs on it (matrices, gains ...). */
static inline int libav_copy_bare(AVCodecParameters *to, const AVCodecParameters *from)
{
	int ret = avcodec_parameters_copy(to, from);

#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
	av_packet_side_data_free(&to->coded_side_data, &to->nb_coded_side_data);
#endif
	return ret;
}

/* What a custom output is called with. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t *libav_bytes;
#else
typedef uint8_t *libav_bytes;
#endif

#endif
