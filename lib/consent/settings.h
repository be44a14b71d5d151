/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an administrator has to say of export: whether there is any, and to whom there is none.
 *
 *	[export]
 *	allow = yes
 *	suspended = acme-vision other-lab
 *	person = actor RWSdqRrx5AhaF31p/ljxGlFsS7q17Wzf+el4b1CRZpTKvGjiMAO8K2Wv
 *
 * Where persons are named, nobody else hands a consent over, and each has the key that is said.
 * A file that is missing, empty, or has a word in it that nobody understands, allows nothing.
 */
#ifndef CONSENT_SETTINGS_H
#define CONSENT_SETTINGS_H

#include "consent/campaign.h"

#define SETTINGS_FILE		"/etc/scrim/export.conf"
#define SETTINGS_SUSPENDED_MAX	32
#define SETTINGS_PERSONS_MAX	64

/* All zero: no export. */
struct export_settings {
	bool allow;
	unsigned suspended;
	char id[SETTINGS_SUSPENDED_MAX][TERM_ID_MAX];
	unsigned persons;
	struct known_person person[SETTINGS_PERSONS_MAX];
};

/* name is for messages, "name:line: WHY".  On an error *settings is all zero. */
int settings_read(struct export_settings *settings, char *text, size_t size, const char *name,
		  struct scrim_error *err);
/* Which of the campaign's recipients: a bit each. */
uint32_t settings_suspended(const struct export_settings *settings,
			    const struct campaign *campaign);

#endif
