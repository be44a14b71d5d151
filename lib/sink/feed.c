// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/feed.h"

#include <unistd.h>

void feed_close(struct feed *feed)
{
	if (feed->fd >= 0)
		close(feed->fd);
	feed->fd = -1;
}

int feed_readers(struct feed *feed, unsigned *readers, struct scrim_error *err)
{
	return feed->kind->readers ? feed->kind->readers(feed, readers, err) : 0;
}

int feed_set(struct feed *feed, const struct v4l2_pix_format *pix,
	     const struct v4l2_fract *interval, struct scrim_error *err)
{
	feed->pix = *pix;
	feed->interval = *interval;
	if (!interval->numerator || !interval->denominator)
		feed->interval = (struct v4l2_fract){ 1, 30 };
	return feed->kind->set ? feed->kind->set(feed, pix, err) : 0;
}

int feed_cut(const struct feed *feed, struct scrim_error *err)
{
	return feed->kind->cut ? feed->kind->cut(feed, err) : 0;
}

int feed_set_shutter(const struct feed *feed, bool shut, struct scrim_error *err)
{
	return feed->kind->set_shutter ? feed->kind->set_shutter(feed, shut, err) :
	       fail(err, -ENOTSUP, "there is no shutter here: only cameras of the driver have one");
}

int feed_shutter(const struct feed *feed, bool *shut, struct scrim_error *err)
{
	*shut = false;
	return feed->kind->shutter ? feed->kind->shutter(feed, shut, err) : -ENOTSUP;
}

int feed_sink(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	*sink = NULL;
	return feed->kind->sink(sink, feed, err);
}

int feed_borrow(struct sink **sink, const struct feed *feed, const struct lending *lending,
		struct scrim_error *err)
{
	*sink = NULL;
	return feed->kind->borrow ? feed->kind->borrow(sink, feed, lending, err) :
	       fail(err, -ENOTSUP, "pictures go to no feed of the driver");
}
