/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A media file behind a descriptor, taken apart into packets by libavformat.
 * Nothing but that descriptor is ever read: no name is opened, and formats that
 * point to other files are not taken.
 */
#ifndef SOURCE_AV_FILE_H
#define SOURCE_AV_FILE_H

#include "error.h"
#include "source/libav.h"

struct av_file {
	AVFormatContext *format;
	AVIOContext *io;
	int fd;				/* the caller's */
	int64_t at, size;		/* bytes */
	int io_error;			/* errno of a read that failed, or 0 */
	bool still;			/* a photo */
	bool has_services;		/* names in it have to be muted */
	bool splices;			/* its clock may jump, and begins anywhere */
	int64_t start_ns;		/* where it begins, when it splices */
};

/* name is for messages, and its ending tells many JPEG pictures from one. */
int av_file_open(struct av_file *file, int fd, const char *name,
		 struct scrim_error *err);
void av_file_close(struct av_file *file);

/* For a demuxer that wants to open something: it gets nothing. */
int av_file_refuse(AVFormatContext *format, AVIOContext **io, const char *url, int flags,
		   AVDictionary **options);

/* The number that a failed libav call stands for: a negative errno of ours. */
int av_file_errno(const struct av_file *file, int averror);

/*
 * Presentation times of one stream, in ns.  The times of the file are kept, with
 * two exceptions: files that may be spliced (MPEG-TS and -PS) are counted from
 * their first packet, and go on evenly where their clock jumps; a missing time
 * follows from the one before.  Asked in the order in which things are shown.
 */
struct av_clock {
	int64_t shift_ns, last_ns, next_ns;
	bool runs;
};
int64_t av_clock_ns(struct av_clock *clock, const struct av_file *file,
		    const AVStream *stream, int64_t ts, int64_t duration_ns);

#endif
