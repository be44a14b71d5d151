/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The head of a log: how many entries it has and the hash of the last, in a small text that is
 * signed as minisign(1) signs a file.  Whoever keeps one elsewhere will know if the log gets
 * shorter, or another one.
 *
 *	scrim log head 1
 *	log porch
 *	entries 12
 *	hash 5a01...
 */
#ifndef CONSENT_HEAD_H
#define CONSENT_HEAD_H

#include "consent/walk.h"

#define HEAD_TEXT_MAX	256

struct head {
	char log[LOG_NAME_MAX];
	struct chain chain;
};

void head_write(char text[HEAD_TEXT_MAX], const char *log, const struct chain *chain);
/* name is for messages.  -EBADMSG: text is no head. */
int head_read(struct head *head, const char *text, const char *name, struct scrim_error *err);

#endif
