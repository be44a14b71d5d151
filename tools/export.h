/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verbs of `scrim export' share.
 */
#ifndef TOOLS_EXPORT_H
#define TOOLS_EXPORT_H

#include "export/layout.h"
#include "tools.h"

struct export_options {
	const char *campaign, *to, *outbox, *settings, *store, *policy, *payment;
	const char *logs, *keys;	/* of cameras, for who was told */
	unsigned purpose;		/* PURPOSE_COUNT: that of the offer */
	enum layout layout;
	bool dry_run, json, quiet, accept;
};

/* ".../scrim/outbox", beside the consents. */
const char *export_default_outbox(void);

/* For an administrator: an exit status. */
int export_switch(const struct export_options *o, bool on);

#endif
