// SPDX-License-Identifier: GPL-2.0
/*
 * The worker is there while somebody watches.  When it ends it is started again, less and less
 * often; until it runs, readers get black.
 */
#include "scrimd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"

/* Milliseconds. */
#define WAIT_FIRST	250		/* before a worker is started again, doubling */
#define WAIT_LAST	8000
#define WAIT_CAMERA	500		/* for one that is not there */
#define WAIT_REFUSED	60000		/* cameras lock out who tries passwords */
#define PROVEN		10000		/* a worker that lasts so long did not fail at once */
#define LOOK		5000		/* how often a worker is looked after */
#define STUCK		60000		/* a worker that shows nothing for so long */

#define SAID_LINES	8		/* of a keeper that are passed on at once */
#define SAID_LINE	256		/* bytes of each */

static void add(struct live_counts *sum, const struct live_counts *more)
{
	sum->frames += more->frames;
	sum->whole += more->whole;
	sum->dropped += more->dropped;
	sum->damaged += more->damaged;
	if (*more->why)
		memcpy(sum->why, more->why, sizeof(sum->why));
	if (!more->zero_copy && !*more->copied)
		return;
	sum->zero_copy = more->zero_copy;
	memcpy(sum->copied, more->copied, sizeof(sum->copied));
}

void count_all(const struct scrimd *d, struct live_counts *all)
{
	struct live_counts now;

	*all = d->total;
	if (live_runs(&d->live)) {
		live_peek(&d->live, &now);
		add(all, &now);
	}
}

static void counts_text(char *text, size_t size, const struct live_counts *counts)
{
	snprintf(text, size, "%llu frames, %llu covered whole%s%s%s, %llu dropped, %llu damaged",
		 (unsigned long long)counts->frames, (unsigned long long)counts->whole,
		 counts->whole ? " (" : "", counts->whole ? counts->why : "",
		 counts->whole ? ")" : "", (unsigned long long)counts->dropped,
		 (unsigned long long)counts->damaged);
}

/* How many were covered whole is known, not when; this is asked every few seconds. */
static void note_doubt(struct scrimd *d, const struct live_counts *counts)
{
	if (counts->whole != d->whole)
		d->doubted = now_ms();
	d->whole = counts->whole;
}

bool wanted(const struct scrimd *d)
{
	return !d->denied && (d->readers || d->policy.always_on || d->to_nobody);
}

const char *watching(const struct scrimd *d, char text[32])
{
	if (d->to_nobody)
		return "shown to nobody (--feed null)";
	snprintf(text, 32, "%u watching", d->readers);
	return text;
}

void tell(const struct scrimd *d)
{
	struct live_counts all;
	char text[512];

	count_all(d, &all);
	counts_text(text, sizeof(text), &all);
	notify("STATUS=%s, %s; %s, %u restarts", live_runs(&d->live) ? "camera on" :
	       wanted(d) ? "black" : "camera off", watching(d, (char[32]){ 0 }), text,
	       d->restarts);
}

/* Minute of the day, in local time; -1: not known.  Asked with every request of a program. */
static int minute_now(struct scrimd *d)
{
	time_t now = time(NULL);
	struct tm tm;

	if (d->minute_of && now / 60 == d->minute_of)
		return d->minute;
	d->minute_of = now / 60;
	d->minute = now > 0 && localtime_r(&now, &tm) ? tm.tm_hour * 60 + tm.tm_min : -1;
	return d->minute;
}

static bool is_missing(int ret)
{
	return ret == -ENOENT || ret == -ENODEV || ret == -ENXIO;
}

/* ret says why it did not go on. */
static void try_again(struct scrimd *d, int ret)
{
	d->wait = is_missing(ret) ? WAIT_CAMERA : d->wait ? 2 * d->wait : WAIT_FIRST;
	if (d->wait > WAIT_LAST)
		d->wait = WAIT_LAST;
	d->again = now_ms() + (ret == -EKEYREJECTED ? WAIT_REFUSED : d->wait);
	/*
	 * It has other pictures than before, such as nobody was told of, which may pass; or asks for
	 * a password in another way.
	 */
	if (ret == -ESTALE || ret == -ENOTSUP || ret == -ENOKEY || ret == -EKEYREJECTED)
		finder_forget(&d->finder);
}

static void is_black(struct scrimd *d, const char *why)
{
	snprintf(d->why, sizeof(d->why), "%s", why);
}

/* What libcamera says of itself, in a keeper: a few lines, when there is something new to say. */
static void pass_on_said(const struct scrimd *d)
{
	char line[SAID_LINE];

	for (unsigned i = 0; i < SAID_LINES && finder_said(&d->finder, line, sizeof(line)); i++)
		say(d, "libcamera: %s", line);
}

void worker_pass_controls(struct scrimd *d)
{
	struct scrim_error err;

	d->feed.turned = false;
	if (live_runs(&d->live) && live_controls(&d->live, &d->policy, &err) < 0)
		say(d, "%s", err.text);
}

void worker_probe(struct scrimd *d)
{
	struct scrim_error err;
	int ret = live_probe(&d->policy, &d->feed, &d->finder, &err);

	d->probes = ret == -EINPROGRESS;
	if (ret < 0 && ret != -EINPROGRESS)
		say(d, "%s; black until it is there", err.text);
}

int worker_watch(const struct scrimd *d)
{
	return live_runs(&d->live) ? d->watch : d->finder.pid ? d->finder.from : -1;
}

void worker_turn(struct scrimd *d)
{
	if (live_runs(&d->live))
		worker_stop(d, NULL);
	else if (wanted(d))
		worker_start(d);
	else
		worker_probe(d);
}

void worker_start(struct scrimd *d)
{
	const struct live_gate gate = { notice_before_pictures, d };
	struct live_counts none;
	struct scrim_error err;
	int ret;

	d->regions = live_regions_at(&d->policy, minute_now(d));
	live_policy_of(&d->now, &d->policy, d->regions);
	ret = policy_seal(d, &err);
	if (ret >= 0)
		ret = live_start(&d->live, &d->now, &d->sealed, &d->feed, &d->finder, &gate, &err);
	if (ret == -EINPROGRESS) {
		if (!*d->why)
			is_black(d, err.text);
		return;
	}
	d->probes = false;
	if (ret >= 0) {
		d->watch = ret = live_watch(&d->live, &err);
		d->began = d->moved = now_ms();
		d->shown = d->whole = 0;
	}
	if (ret >= 0) {
		d->why[0] = '\0';
		say(d, "camera on, %s: %ux%u %.4s", watching(d, (char[32]){ 0 }),
		    d->live.camera.pix.width, d->live.camera.pix.height,
		    (const char *)&d->live.camera.pix.pixelformat);
	} else {
		live_stop(&d->live, &none, NULL);	/* one that cannot be watched */
		notice_end(d);
		if (strcmp(d->why, err.text)) {
			pass_on_said(d);
			say(d, "%s; black", err.text);
		}
		is_black(d, err.text);
		try_again(d, ret);
	}
	worker_pass_controls(d);
	tell(d);
}

void worker_stop(struct scrimd *d, const char *why)
{
	struct live_counts counts;
	struct scrim_error err;
	char text[512];
	int ret;

	finder_stop(&d->finder);
	d->probes = false;
	if (!live_runs(&d->live))
		return;
	ret = live_stop(&d->live, &counts, &err);
	close(d->watch);
	d->watch = -1;
	notice_end(d);
	note_doubt(d, &counts);
	add(&d->total, &counts);
	counts_text(text, sizeof(text), &counts);
	is_black(d, why ? why : ret < 0 ? err.text : "the worker ended");
	pass_on_said(d);
	say(d, "black: %s; %s", d->why, text);
	if (!why) {
		d->restarts++;
		if (now_ms() - d->began >= PROVEN)
			d->wait = 0;
		try_again(d, ret);
	}
	tell(d);
}

void worker_rest(struct scrimd *d)
{
	if (!d->probes)
		worker_stop(d, "nobody watches");
}

void worker_look_after(struct scrimd *d)
{
	struct live_counts counts;

	if (!live_runs(&d->live))
		return;
	if (live_regions_at(&d->policy, minute_now(d)) != d->regions) {
		worker_stop(d, "another hour");
		d->again = 0;
		return;
	}
	live_peek(&d->live, &counts);
	if (counts.frames != d->shown)
		d->moved = now_ms();
	d->shown = counts.frames;
	note_doubt(d, &counts);
	if (now_ms() - d->moved < STUCK)
		return;
	worker_stop(d, "no picture for a minute");
	d->restarts++;
	try_again(d, -ETIMEDOUT);
}

int worker_patience(const struct scrimd *d)
{
	int64_t left = d->again - now_ms();

	if (live_runs(&d->live))
		return LOOK;
	if (!wanted(d) || d->finder.pid)
		return -1;
	return left > 0 ? left : 0;
}
