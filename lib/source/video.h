/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What reads videos, in a shared object of its own: its libraries are many, and who
 * has a camera needs none of them.
 */
#ifndef SOURCE_VIDEO_H
#define SOURCE_VIDEO_H

#include "source/source.h"
#include "source/stream.h"

/* The object is of the same build, which its name says, so that a struct is a struct. */
#define VIDEO_MODULE	"scrim/video-" SCRIM_VERSION ".so"

/* source_av() by the only name that the object lets out. */
typedef int video_opener(struct source **source, int fd, const char *name,
			 struct scrim_error *err);
video_opener scrim_video;
/* And source_stream(). */
typedef int stream_opener(struct source **source, const struct stream_from *from,
			  struct scrim_error *err);
stream_opener scrim_stream;

/*
 * Loads the object, which is beside the program that runs or where the library was
 * installed: before a cage closes.  What it gives opens videos, in the cage.
 */
int video_load(video_opener **open, struct scrim_error *err);
int stream_load(stream_opener **open, struct scrim_error *err);

#endif
