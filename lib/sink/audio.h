/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sound, copied packet by packet as it is, as far as it is heard.  What is written
 * about it (titles, gains, languages) stays behind; what its encoder has put into
 * the packets does not.
 */
#ifndef SINK_AUDIO_H
#define SINK_AUDIO_H

#include "error.h"
#include "source/libav.h"

struct audio;

/* Adds the audio streams of the file to out, which has no header yet. */
int audio_open(struct audio **audio, int fd, const char *name, AVFormatContext *out,
	       struct scrim_error *err);
/*
 * Writes what sounds before until_ns.  The result of the muxer is passed on in
 * *averror, since it knows better what went wrong.
 */
int audio_copy(struct audio *audio, AVFormatContext *out, int64_t until_ns,
	       int *averror, struct scrim_error *err);
void audio_free(struct audio **audio);

#endif
