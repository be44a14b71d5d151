// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * All that the shared object of videos lets out.
 */
#include "source/video.h"

__attribute__((visibility("default")))
int scrim_video(struct source **source, int fd, const char *name, struct scrim_error *err)
{
	return source_av(source, fd, name, err);
}

__attribute__((visibility("default")))
int scrim_stream(struct source **source, const struct stream_from *from, struct scrim_error *err)
{
	return source_stream(source, from, err);
}
