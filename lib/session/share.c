// SPDX-License-Identifier: LGPL-2.1-or-later
#include "session/share.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/ring.h"
#include "session/serve.h"

#define MS		INT64_C(1000000)	/* ns */
#define CUT_NS		(100 * MS)	/* for a member to say that it is cut */
#define WORDS_AT_ONCE	4

struct member {
	struct ring ring;
	struct sink *sink;		/* into that; NULL: a free place */
	struct reader reader;
	bool streams, cut;		/* it has been told of a cut, and has not said that it is */
};

struct share {
	struct device_pictures pictures;
	struct ring ring;		/* the worker's */
	struct member member[SHARE_MAX];
};

static void leave(struct member *member)
{
	sink_free(&member->sink);
	/* They may have kept their end: what they did not take is not theirs, nor is the memory. */
	ring_wipe(&member->ring);
	ring_close(&member->ring);
	member->streams = member->cut = false;
}

int share_new(struct share **share, const struct device_pictures *pictures,
	      struct scrim_error *err)
{
	struct share *s = calloc(1, sizeof(*s));
	int ret;

	*share = NULL;
	if (!s)
		return fail(err, -ENOMEM, "no memory for sessions");
	s->pictures = *pictures;
	for (unsigned i = 0; i < SHARE_MAX; i++)
		s->member[i].ring = (struct ring)RING_NONE;
	ret = ring_make(&s->ring, pictures, err);
	if (ret < 0)
		share_free(&s);
	*share = s;
	return ret;
}

void share_free(struct share **share)
{
	struct share *s = *share;

	if (!s)
		return;
	for (unsigned i = 0; i < SHARE_MAX; i++)
		leave(&s->member[i]);
	ring_close(&s->ring);
	free(s);
	*share = NULL;
}

const struct device_pictures *share_pictures(const struct share *share)
{
	return &share->pictures;
}

/* The feed */

static void drop_pictures(struct share *s)
{
	struct ring_picture picture;
	int ret;

	do
		ret = ring_take(&s->ring, &picture);
	while (ret > 0 || ret == -EPROTO);
	/* A worker that is gone has given back nothing. */
	for (unsigned slot = 0; slot < RING_SLOTS; slot++)
		ring_give_back(&s->ring, slot);
}

/* false: nobody who means it says that now. */
static bool take_word(struct member *member, enum ring_word word)
{
	bool is_news = false;

	switch (word) {
	case RING_STOPS:
	case RING_STREAMS:
		is_news = member->streams != (word == RING_STREAMS);
		member->streams = word == RING_STREAMS;
		break;
	case RING_IS_CUT:
		is_news = member->cut;
		member->cut = false;
		break;
	}
	return is_news;
}

/* Whoever talks and talks is a member no more, and has but a few words a turn. */
static void hear(struct member *member)
{
	enum ring_word word;
	int ret = 1;

	for (unsigned i = 0; i < WORDS_AT_ONCE && ret > 0; i++) {
		ret = ring_hear(&member->ring, &word);
		if (ret < 0 || (ret > 0 && !take_word(member, word))) {
			leave(member);
			return;
		}
	}
}

static bool is_cut(const struct share *s)
{
	for (unsigned i = 0; i < SHARE_MAX; i++)
		if (s->member[i].cut)
			return false;
	return true;
}

/* Whoever does not say in time that it is cut is a member no more: it gets nothing further. */
static int cut(const struct feed *feed, struct scrim_error *err)
{
	struct share *s = feed->of;
	struct pollfd polls[SHARE_POLLS];
	int64_t until = session_now_ns() + CUT_NS, left;

	drop_pictures(s);
	for (unsigned i = 0; i < SHARE_MAX; i++) {
		struct member *member = &s->member[i];

		if (!member->sink)
			continue;
		member->cut = ring_say_cut(&member->ring) >= 0;
		if (!member->cut)
			leave(member);
	}
	while (!is_cut(s) && (left = until - session_now_ns()) > 0) {
		share_polls(s, polls);
		polls[0].fd = -1;
		poll(polls, SHARE_POLLS, left / MS + 1);
		for (unsigned i = 0; i < SHARE_MAX; i++)
			if (polls[1 + i].revents)
				hear(&s->member[i]);
	}
	for (unsigned i = 0; i < SHARE_MAX; i++)
		if (s->member[i].cut)
			leave(&s->member[i]);
	return 0;
}

static int set(struct feed *feed, const struct v4l2_pix_format *pix, struct scrim_error *err)
{
	const struct share *s = feed->of;

	return ring_has_size(&s->ring, pix, err);
}

static int make_sink(struct sink **sink, const struct feed *feed, struct scrim_error *err)
{
	const struct share *s = feed->of;

	return sink_ring(sink, &s->ring, feed->fd, err);
}

void share_feed(struct share *s, struct feed *feed)
{
	static const struct feed_kind kind = {
		.set = set, .cut = cut, .sink = make_sink, .may = &ring_may, .mays = 1,
	};

	*feed = (struct feed){ .kind = &kind, .fd = dup(s->ring.ends[0]), .of = s };
}

/* The members */

int share_join(struct share *s, const struct reader *reader, int fds[2],
	       struct scrim_error *err)
{
	struct member *member = s->member;
	int ret;

	while (member < s->member + SHARE_MAX && member->sink)
		member++;
	if (member == s->member + SHARE_MAX)
		return fail(err, -EMFILE, "%u applications have this camera already", SHARE_MAX);
	ret = ring_make(&member->ring, &s->pictures, err);
	if (ret >= 0)
		ret = sink_ring(&member->sink, &member->ring, member->ring.ends[0], err);
	if (ret < 0) {
		leave(member);
		return ret;
	}
	member->reader = *reader;
	ring_keep(&member->ring);
	/* The other end is theirs alone: when they are gone, that is heard here. */
	fds[0] = member->ring.memory;
	fds[1] = member->ring.ends[1];
	member->ring.memory = member->ring.ends[1] = -1;
	return 0;
}

void share_keep(struct share *s, bool (*may)(const void *ctx, const struct reader *reader),
		const void *ctx)
{
	for (unsigned i = 0; i < SHARE_MAX; i++)
		if (s->member[i].sink && !may(ctx, &s->member[i].reader))
			leave(&s->member[i]);
}

unsigned share_wanted(const struct share *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SHARE_MAX; i++)
		count += s->member[i].streams;
	return count;
}

void share_polls(const struct share *s, struct pollfd polls[SHARE_POLLS])
{
	polls[0] = (struct pollfd){ .fd = s->ring.ends[1], .events = POLLIN };
	for (unsigned i = 0; i < SHARE_MAX; i++)
		polls[1 + i] = (struct pollfd){ .fd = s->member[i].ring.ends[0], .events = POLLIN };
}

static void relay(struct share *s, const struct ring_picture *picture)
{
	for (unsigned i = 0; i < SHARE_MAX; i++) {
		struct member *member = &s->member[i];

		if (member->streams && ring_relay(member->sink, &s->ring, picture, NULL) < 0)
			leave(member);
	}
}

/*
 * As many as there is room for are waiting when this process stood still: nobody knows for how
 * long, and a reader is not shown what is old.
 */
static int take_pictures(struct share *s, struct scrim_error *err)
{
	struct ring_picture picture[RING_SLOTS];
	unsigned count = 0;
	int ret = 1;

	while (count < RING_SLOTS && (ret = ring_take(&s->ring, &picture[count])) > 0)
		if (picture[count++].fourcc != SHARE_FORMAT)
			return fail(err, -EPROTO, "a picture that nobody asked for");
	for (unsigned i = 0; i < count; i++) {
		if (count < RING_SLOTS)
			relay(s, &picture[i]);
		ring_give_back(&s->ring, picture[i].slot);
	}
	return ret < 0 ? fail(err, ret, "the worker's pictures do not arrive: %s", strerror(-ret)) : 0;
}

int share_serve(struct share *s, struct scrim_error *err)
{
	for (unsigned i = 0; i < SHARE_MAX; i++)
		if (s->member[i].sink)
			hear(&s->member[i]);
	ring_want(&s->ring, SHARE_FORMAT);
	return take_pictures(s, err);
}
