/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a sink is: it takes clean frames, and nothing else.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include "redact/redact.h"
#include "source/source.h"

struct sink;

struct sink_ops {
	int (*put)(struct sink *sink, const struct clean_frame *clean,
		   struct scrim_error *err);
	/* Everything is in: complete the file. */
	int (*finish)(struct sink *sink, struct scrim_error *err);
	void (*free)(struct sink *sink);
	/* Buffers in which frames could lie and be put without a copy.  NULL: there are none. */
	struct lending *(*lend)(struct sink *sink);
};

/* Embedded as the first member of each sink. */
struct sink {
	const struct sink_ops *ops;
};

int sink_put(struct sink *sink, const struct clean_frame *clean,
	     struct scrim_error *err);
int sink_finish(struct sink *sink, struct scrim_error *err);
void sink_free(struct sink **sink);
/* NULL: it has none. */
struct lending *sink_lend(struct sink *sink);

/*
 * av.c: a video file, container by the ending of name, H.264 unless the
 * container wants another codec.  Writes only to fd (seekable, stays the
 * caller's).  No metadata is written: no tags, no encoder's name, no time of
 * creation.
 */
struct sink_av_options {
	const char *codec;		/* an encoder's name; NULL: libx264 or the container's */
	int audio;			/* a descriptor to copy audio streams from; -1: none */
};
int sink_av(struct sink **sink, int fd, const char *name,
	    const struct source *source, const struct sink_av_options *options,
	    struct scrim_error *err);

/* picture.c: one photo; JPEG or PNG by the ending of name. */
int sink_picture(struct sink **sink, int fd, const char *name,
		 const struct source *source, struct scrim_error *err);

/* True when the ending says .jpg, .jpeg or .png, in any case. */
bool name_is_picture(const char *name);

/*
 * sheet.c: a contact sheet, PNG: tiles in columns, each at most tile_w pixels
 * wide.  What goes in has been through redact(), the pictures headed "before" as
 * well: those were redacted under a policy that shows everything.
 */
struct sheet;
int sheet_new(struct sheet **sheet, unsigned columns, unsigned tile_w,
	      struct scrim_error *err);
int sheet_add(struct sheet *sheet, const struct clean_frame *clean,
	      struct scrim_error *err);
int sheet_write(struct sheet *sheet, int fd, struct scrim_error *err);
/* Tiles as they are, from one process to the next; load takes bytes of strangers. */
#define SHEET_TILE_W	480
int sheet_save(const struct sheet *sheet, int fd, struct scrim_error *err);
int sheet_load(struct sheet *sheet, int fd, struct scrim_error *err);
void sheet_free(struct sheet **sheet);

#endif
