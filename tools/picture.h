/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For commands that take a camera's picture and show it: where from and where to.
 */
#ifndef TOOLS_PICTURE_H
#define TOOLS_PICTURE_H

#include "capture.h"
#include "look/view.h"

struct picture_options {
	const char *output;		/* PNG; NULL: the terminal */
	const char *node;		/* NULL: the camera's */
	unsigned wait;			/* ms, for a picture that is not black */
};

#define PICTURE_WAIT	10u		/* s */
#define PICTURE_OPTIONS_DEFAULT	{ .wait = PICTURE_WAIT * 1000 }

/* Their options, for getopt_long(); the short ones are "o:h". */
#define PICTURE_OPTIONS \
	{ "output",	required_argument,	NULL, 'o' }, \
	{ "node",	required_argument,	NULL, 'n' }, \
	{ "wait",	required_argument,	NULL, 'w' }, \
	{ "help",	no_argument,		NULL, 'h' }

/* EXIT_USAGE: not one of these, or its word is wrong; that has been said. */
int picture_option(struct picture_options *options, int option, const char *word);
/* EXIT_USAGE, and says so: there is neither a file nor a terminal. */
int picture_check(const struct picture_options *options);

struct picture {
	struct capture camera;
	struct view view;		/* owned */
	char why[SCRIM_TEXT_MAX];	/* it is likely to be black; empty when it is not */
};

/* What the camera shows now; name NULL: the only one that there is. */
int picture_take(struct picture *picture, const struct picture_options *options,
		 const char *name, struct scrim_error *err);
/* EXIT_DOUBT, and says why, when it is black; EXIT_DONE. */
int picture_status(const struct picture *picture);

/* Into the file, which has its name when it is complete, or onto the terminal. */
int picture_put(const struct paper *paper, const struct picture_options *options,
		struct scrim_error *err);

#endif
