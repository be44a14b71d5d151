// SPDX-License-Identifier: GPL-2.0
/*
 * The notice to those who are seen: the log has it before the first picture with a badge is shown,
 * or none is shown, and says when the last one was.
 */
#include "scrimd.h"

/* The shutter may be closed by others than scrimd, but only what scrimd opens is opened here. */
static bool is_shut(const struct scrimd *d)
{
	bool shut = false;

	return feed_shutter(&d->feed, &shut, NULL) >= 0 && shut;
}

/* The machine's log is not a user's: who runs a program with a camera of his own is told here. */
static int write_down(struct scrimd *d, bool shown, struct scrim_error *err)
{
	return d->runner < 0 ? log_notice(&d->log, shown, err) : 0;
}

int notice_begin(struct scrimd *d, struct scrim_error *err)
{
	struct scrim_error why;
	int ret;

	if (!d->policy.notice || d->notice)
		return 0;
	ret = write_down(d, true, &why);
	if (ret < 0)
		return fail(err, ret, "the notice cannot be written down: %s", why.text);
	d->notice = true;
	say(d, "the notice is shown");
	return 0;
}

int notice_before_pictures(void *ctx, struct scrim_error *err)
{
	struct scrimd *d = ctx;

	return is_shut(d) ? 0 : notice_begin(d, err);
}

void notice_end(struct scrimd *d)
{
	if (!d->notice)
		return;
	d->notice = false;
	write_down(d, false, NULL);
	say(d, "the notice is no longer shown");
}
