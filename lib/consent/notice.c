// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/notice.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "consent/fields.h"
#include "consent/key.h"
#include "consent/read.h"
#include "consent/when.h"
#include "guard/cage.h"
#include "policy/configfs.h"

/* A head is replaced while we look: what is broken only once is not. */
#define TRIES	3

/* Searching */

void notice_begin_search(struct notice_search *search, int64_t from, int64_t until)
{
	*search = (struct notice_search){ .from = from, .until = until, .since = -1 };
}

/*
 * A start or a stop while it is shown tells that its end was never written, as do entries that are
 * missing and torn ones: then nobody knows how long it was shown.
 */
static bool loses_the_end(const struct entry *entry)
{
	static const char *const kinds[] = { "start", "stop", "torn" };
	bool loses = json_object_get(entry->fields, "missing") != NULL;

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		loses |= !strcmp(entry->kind, kinds[i]);
	return loses;
}

void notice_take(struct notice_search *search, const struct entry *entry)
{
	const json_t *shown = json_object_get(entry->fields, "shown");
	int64_t at;

	if (loses_the_end(entry))
		search->since = -1;
	if (strcmp(entry->kind, "notice"))
		return;
	if (!when_read(&at, entry->at))
		shown = NULL;
	if (json_is_false(shown) && search->since >= 0)
		search->found |= search->since <= search->from && search->until <= at;
	search->since = json_is_true(shown) ? at : -1;
}

bool notice_was_shown(const struct notice_search *search)
{
	return search->found || (search->since >= 0 && search->since <= search->from);
}

/* Reading */

struct looking {
	const struct log_files *files;
	struct notice_search search;
};

static int each(void *ctx, const struct entry *entry, const char *line, size_t size)
{
	struct looking *l = ctx;

	notice_take(&l->search, entry);
	return 0;
}

static void again(void *ctx)
{
	struct looking *l = ctx;

	notice_begin_search(&l->search, l->search.from, l->search.until);
}

static int look_caged(void *ctx, void *result, struct scrim_error *err)
{
	struct looking *l = ctx;
	const struct log_reader reader = { .each = each, .again = again, .ctx = l };
	enum notice_state *state = result;
	struct log_verdict verdict = { 0 };
	int ret = log_read(l->files, &reader, &verdict, err);

	if (ret >= 0)
		*state = verdict.broken ? NOTICE_BROKEN :
			 notice_was_shown(&l->search) ? NOTICE_SHOWN : NOTICE_GAP;
	return ret;
}

/* Opening */

/* Whoever can write a key can sign what he likes. */
static int check_keys(const struct log_files *files, struct scrim_error *err)
{
	const struct passwd *feeder = getpwnam(CONFIGFS_FEEDER);
	struct stat st;

	for (unsigned i = 0; i < files->keys; i++)
		if (fstat(files->key[i].fd, &st) < 0 || st.st_mode & 022 ||
		    (st.st_uid && (!feeder || st.st_uid != feeder->pw_uid)))
			return fail(err, -EACCES, "%s: others than root and user " CONFIGFS_FEEDER
				    " can write to it", files->key[i].name);
	return 0;
}

static int open_log(struct log_files *files, const struct notice_place *place, const char *camera,
		    struct scrim_error *err)
{
	int ret = log_files_open(files, place->logs, camera, err);

	if (ret >= 0)
		ret = log_files_add_keys(files, place->keys, KEY_NAME, err);
	return ret < 0 ? ret : check_keys(files, err);
}

static int look(enum notice_state *state, struct log_files *files, const struct notice_place *place,
		const char *camera, struct looking *l, struct scrim_error *err)
{
	int keep[LOG_KEEP_MAX], ret;
	struct caged_call call = {
		.before = documents_before, .work = look_caged, .ctx = l, .keep = keep,
		.size = sizeof(*state),
	};

	*files = (struct log_files)LOG_FILES_NONE;
	*state = NOTICE_UNKNOWN;
	ret = open_log(files, place, camera, err);
	if (ret >= 0) {
		call.kept = log_files_keep(keep, files);
		ret = caged(&call, state, err);
	}
	log_files_close(files);
	if (ret >= 0 && *state > NOTICE_SHOWN)
		ret = fail(err, -EIO, "cannot read the log of %s: the worker's answer is none", camera);
	return ret;
}

int notice_look(enum notice_state *state, const struct notice_place *place, const char *camera,
		int64_t from, int64_t until, struct scrim_error *err)
{
	struct log_files *files = malloc(sizeof(*files));
	struct looking l = { .files = files };
	int ret = files ? 0 : fail(err, -ENOMEM, "no memory for a log");

	*state = NOTICE_BROKEN;
	notice_begin_search(&l.search, from, until);
	for (unsigned try = 0; ret >= 0 && *state == NOTICE_BROKEN && try < TRIES; try++)
		ret = look(state, files, place, camera, &l, err);
	free(files);
	if (ret >= 0)
		return 0;
	*state = NOTICE_UNKNOWN;
	return ret == -ENOENT || !log_word_ok(camera, LOG_NAME_MAX) ? 0 : ret;
}
