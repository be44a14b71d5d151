// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A detector that says what a text says.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "detect/detect.h"
#include "text.h"

/* A long film with a crowd in it. */
#define TEXT_MAX	(64u << 20)
#define PLACE_MAX	1e6f		/* pixels */
#define BOXES_FROM	256

struct box {
	uint64_t frame;
	struct detection seen;
};

struct replay {
	struct detector detector;
	struct box *box;		/* frames ascending, scores descending */
	size_t boxes, room;
	uint64_t last;			/* frame that was shown */
};

/* Where a line stands, for messages. */
struct place {
	const char *name;
	unsigned line;
};

static const char *const fields[] = { "frame", "x", "y", "w", "h", "score" };

#define FIELDS		(sizeof(fields) / sizeof(fields[0]))
#define FIELDS_NEEDED	5

static int parse_frame(uint64_t *frame, const char *word, const struct place *at,
		       struct scrim_error *err)
{
	char *end;

	errno = 0;
	*frame = strtoull(word, &end, 10);
	if (*end || errno || *word < '0' || *word > '9')
		return fail(err, -EINVAL, "%s:%u: '%.32s' is not a frame number",
			    at->name, at->line, word);
	return 0;
}

static int parse_number(float *number, const char *field, const char *word,
			const struct place *at, struct scrim_error *err)
{
	char *end;

	*number = strtof(word, &end);
	if (*end || end == word || !(fabsf(*number) <= PLACE_MAX))
		return fail(err, -EINVAL, "%s:%u: %s: '%.32s' is not a number",
			    at->name, at->line, field, word);
	return 0;
}

static int parse_box(struct box *box, char *const word[], unsigned words,
		     const struct place *at, struct scrim_error *err)
{
	struct detection *seen = &box->seen;
	float *const number[FIELDS] = {
		NULL, &seen->x, &seen->y, &seen->w, &seen->h, &seen->score,
	};
	int ret;

	if (words < FIELDS_NEEDED)
		return fail(err, -EINVAL, "%s:%u: %s is missing", at->name, at->line,
			    fields[words]);
	ret = parse_frame(&box->frame, word[0], at, err);
	seen->score = 1;
	for (unsigned i = 1; i < words && ret == 0; i++)
		ret = parse_number(number[i], fields[i], word[i], at, err);
	if (ret < 0)
		return ret;
	if (seen->w <= 0 || seen->h <= 0)
		return fail(err, -EINVAL, "%s:%u: '%.32s x %.32s' is not the size of a box",
			    at->name, at->line, word[3], word[4]);
	if (seen->score < 0 || seen->score > 1)
		return fail(err, -EINVAL, "%s:%u: score '%.32s' is not between 0 and 1",
			    at->name, at->line, word[5]);
	return 0;
}

/* A full array doubles; the text's bound keeps this far from overflow. */
static int add_box(struct replay *replay, const struct box *box, const struct place *at,
		   struct scrim_error *err)
{
	if (replay->boxes && replay->box[replay->boxes - 1].frame > box->frame)
		return fail(err, -EINVAL, "%s:%u: frame %llu comes too late", at->name,
			    at->line, (unsigned long long)box->frame);
	if (replay->boxes == replay->room) {
		size_t room = replay->room ? 2 * replay->room : BOXES_FROM;
		struct box *grown = realloc(replay->box, room * sizeof(*grown));

		if (!grown)
			return fail(err, -ENOMEM, "%s: out of memory", at->name);
		replay->box = grown;
		replay->room = room;
	}
	replay->box[replay->boxes++] = *box;
	return 0;
}

static int parse_line(struct replay *replay, char *line, const struct place *at,
		      struct scrim_error *err)
{
	char *word[FIELDS], *rest = NULL, *next;
	unsigned words = 0;
	struct box box;
	int ret;

	line[strcspn(line, "#")] = '\0';
	for (next = strtok_r(line, " \t", &rest); next; next = strtok_r(NULL, " \t", &rest)) {
		if (words == FIELDS)
			return fail(err, -EINVAL, "%s:%u: '%.32s' is too much", at->name,
				    at->line, next);
		word[words++] = next;
	}
	if (!words)
		return 0;
	ret = parse_box(&box, word, words, at, err);
	if (ret < 0)
		return ret;
	return add_box(replay, &box, at, err);
}

static int by_frame_and_score(const void *left, const void *right)
{
	const struct box *a = left, *b = right;

	if (a->frame != b->frame)
		return a->frame < b->frame ? -1 : 1;
	return (a->seen.score < b->seen.score) - (a->seen.score > b->seen.score);
}

static size_t first_of(const struct replay *replay, uint64_t frame)
{
	size_t low = 0, high = replay->boxes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (replay->box[middle].frame < frame)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int replay_detect(struct detector *detector, const struct frame *frame,
			 struct detections *found, struct scrim_error *err)
{
	struct replay *replay = (struct replay *)detector;

	if (frame->number > replay->last)
		replay->last = frame->number;
	for (size_t i = first_of(replay, frame->number);
	     i < replay->boxes && replay->box[i].frame == frame->number; i++) {
		if (found->count == DETECTIONS_MAX) {
			found->full = true;
			break;
		}
		found->at[found->count] = replay->box[i].seen;
		/* Somebody wrote it down: that counts, however sure he was. */
		found->at[found->count].score = fmaxf(replay->box[i].seen.score, FLT_MIN);
		found->count++;
	}
	return 0;
}

static void replay_free(struct detector *detector)
{
	struct replay *replay = (struct replay *)detector;

	free(replay->box);
	free(replay);
}

/* Boxes of frames that are not there were meant for others: counted from 1, perhaps. */
static int replay_finish(struct detector *detector, struct scrim_error *err)
{
	const struct replay *replay = (struct replay *)detector;
	uint64_t last = replay->box[replay->boxes - 1].frame;

	if (last <= replay->last)
		return 0;
	return fail(err, -EINVAL, "there are boxes for frame %llu, but the last frame is %llu",
		    (unsigned long long)last, (unsigned long long)replay->last);
}

static const struct detector_ops replay_ops = {
	.name = "replay",
	.detect = replay_detect,
	.finish = replay_finish,
	.free = replay_free,
};

int detector_replay(struct detector **detector, int text, const char *name,
		    struct scrim_error *err)
{
	struct place at = { .name = name };
	struct replay *replay = NULL;
	char *bytes = NULL, *next, *line;
	size_t size;
	int ret;

	*detector = NULL;
	if (lseek(text, 0, SEEK_SET) < 0) {
		ret = fail(err, -EIO, "%s: %s", name, strerror(errno));
		goto out;
	}
	ret = text_read(&bytes, &size, TEXT_MAX, text, name, err);
	if (ret < 0)
		goto out;
	replay = calloc(1, sizeof(*replay));
	if (!replay) {
		ret = fail(err, -ENOMEM, "%s: out of memory", name);
		goto out;
	}
	replay->detector.ops = &replay_ops;
	for (next = bytes; (line = text_line(&next, bytes + size)); ) {
		at.line++;
		ret = parse_line(replay, line, &at, err);
		if (ret < 0)
			goto out;
	}
	if (!replay->boxes) {
		ret = fail(err, -EINVAL, "%s: there is no box in it", name);
		goto out;
	}
	qsort(replay->box, replay->boxes, sizeof(*replay->box), by_frame_and_score);
	*detector = &replay->detector;
	replay = NULL;
out:
	if (replay)
		replay_free(&replay->detector);
	free(bytes);
	return ret;
}
