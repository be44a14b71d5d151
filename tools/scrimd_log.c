// SPDX-License-Identifier: GPL-2.0
#include "scrimd_log.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/key.h"
#include "consent/read.h"
#include "policy/write.h"

#define CHANGES_LOGGED	64		/* of one policy; the rest is counted */

void log_begin(struct camera_log *log, const char *camera)
{
	*log = (struct camera_log){ .camera = camera };
}

void log_end(struct camera_log *log)
{
	ledger_close(log->ledger);
	log->ledger = NULL;
}

static const char *folder(const char *variable, const char *otherwise)
{
	const char *given = getenv(variable);

	return given && *given ? given : otherwise;
}

static int open_ledger(struct camera_log *log, struct scrim_error *err)
{
	const struct ledger_place place = { folder("LOGS_DIRECTORY", LOG_FOLDER), log->camera,
					    folder("STATE_DIRECTORY", KEY_FOLDER), KEY_NAME };

	return log->ledger ? 0 : ledger_open(&log->ledger, &place, err);
}

static void complain_once(struct camera_log *log, const struct scrim_error *err, const char *so)
{
	if (strcmp(log->said, err->text))
		fprintf(stderr, "scrimd: %s: %s; %s\n", log->camera, err->text, so);
	memcpy(log->said, err->text, sizeof(log->said));
}

static int write_entry(struct camera_log *log, const char *kind, json_t *fields,
		       struct scrim_error *err)
{
	int ret = fields ? open_ledger(log, err) : fail(err, -ENOMEM, "no memory for an entry");

	if (ret >= 0 && log->missing &&
	    json_object_set_new(fields, "missing", json_integer(log->missing)) < 0)
		ret = fail(err, -ENOMEM, "no memory for an entry");
	return ret < 0 ? ret : ledger_append(log->ledger, kind, fields, err);
}

/* Takes the fields.  Negative: there is no entry. */
static int put_entry(struct camera_log *log, const char *kind, json_t *fields,
		     struct scrim_error *err)
{
	int ret = write_entry(log, kind, fields, err);

	json_decref(fields);
	if (ret < 0)
		return ret;
	log->missing = 0;
	if (ret)
		complain_once(log, err, "the log goes on, its head stays behind");
	else
		log->said[0] = '\0';
	return 0;
}

/* The same for what happens whether it is written down or not. */
static void add_entry(struct camera_log *log, const char *kind, json_t *fields)
{
	struct scrim_error err;

	if (put_entry(log, kind, fields, &err) >= 0)
		return;
	log->missing++;
	complain_once(log, &err, "the log misses what happens");
}

/* The hash of what `scrim policy show --camera NAME' prints. */
static json_t *policy_hash(const struct policy *policy)
{
	char *text = NULL, hex[ENTRY_HASH_TEXT_MAX];
	uint8_t hash[ENTRY_HASH_SIZE];
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	policy_write(to, policy);
	fclose(to);
	entry_hash(hash, text, size);
	entry_hash_text(hex, hash);
	free(text);
	return json_string(hex);
}

static json_t *with_user(json_t *fields, uid_t by)
{
	if (fields && by != LOG_NOBODY)
		json_object_set_new(fields, "by", json_integer(by));
	return fields;
}

void log_start(struct camera_log *log, const struct policy *policy)
{
	add_entry(log, "start", json_pack("{so ss}", "policy", policy_hash(policy),
					  "version", SCRIM_VERSION));
}

void log_stop(struct camera_log *log)
{
	add_entry(log, "stop", json_object());
}

/* "LOOSENS faces: fill becomes show", the worst first. */
static json_t *list_changes(const struct comparison *changes)
{
	unsigned kept = changes->count < CHANGES_MAX ? changes->count : CHANGES_MAX;
	json_t *list = json_array();

	for (int verdict = VERDICT_LOOSENS; verdict >= VERDICT_NEITHER; verdict--)
		for (unsigned i = 0; i < kept && json_array_size(list) < CHANGES_LOGGED; i++)
			if ((int)changes->at[i].verdict == verdict)
				json_array_append_new(list, json_sprintf("%s %s: %s",
					verdict_name(verdict), changes->at[i].what,
					changes->at[i].why));
	return list;
}

void log_policy(struct camera_log *log, const struct policy *policy,
		const struct comparison *changes, uid_t by, bool taken)
{
	json_t *fields = json_pack("{sb so sI so ss}", "accepted", taken,
				   "changes", list_changes(changes),
				   "count", (json_int_t)changes->count,
				   "policy", policy_hash(policy),
				   "verdict", verdict_name(changes->verdict));

	add_entry(log, "policy", with_user(fields, by));
}

void log_shutter(struct camera_log *log, bool shut, uid_t by)
{
	add_entry(log, "shutter", with_user(json_pack("{sb}", "shut", shut), by));
}

int log_notice(struct camera_log *log, bool shown, struct scrim_error *err)
{
	json_t *fields = json_pack("{sb}", "shown", shown);

	if (shown)
		return put_entry(log, "notice", fields, err);
	add_entry(log, "notice", fields);
	return 0;
}
