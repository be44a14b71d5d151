// SPDX-License-Identifier: GPL-2.0
#include "ledger.h"

#include <string.h>

#include "consent/when.h"
#include "words.h"

int ledger_open_files(struct ledger_files *files, const char *store)
{
	struct scrim_error err;
	int ret = books_open(&files->files, store, &err);

	files->there = ret >= 0;
	if (ret >= 0 || ret == -ENOENT)
		return EXIT_DONE;
	complain("%s", err.text);
	return EXIT_USAGE;
}

void ledger_close_files(struct ledger_files *files)
{
	if (files->there)
		log_files_close(&files->files);
	files->there = false;
}

int ledger_read(struct books *books, const struct ledger_files *files, struct log_verdict *verdict)
{
	struct scrim_error err;
	char where[4200];

	memset(verdict, 0, sizeof(*verdict));
	if (!files->there)
		return EXIT_DONE;
	if (books_read(books, &files->files, verdict, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	if (!verdict->broken)
		return EXIT_DONE;
	complain("%s: %s", log_where(&files->files, verdict, where, sizeof(where)), verdict->what);
	return LEDGER_BROKEN;
}

/* "overdue" comes first: whoever asked in vain is still owed. */
static const char *state_of(const struct kept_bundle *b, unsigned recipient, int64_t now)
{
	const struct erasure *e = &b->erasure[recipient];

	if (e->deleted)
		return "deleted";
	if (erasure_is_overdue(b, recipient, now))
		return "overdue";
	return e->requested || json_object_size(e->open) ? "asked to delete" : "has it";
}

static int64_t since(const struct kept_bundle *b, unsigned recipient)
{
	const struct erasure *e = &b->erasure[recipient];

	return e->deleted ? e->deleted : b->given->delete_by;
}

void ledger_print_recipients(FILE *to, const struct kept_bundle *b, int64_t now)
{
	char day[WHEN_TEXT_MAX];

	for (unsigned i = 0; b->given && i < b->given->recipients; i++) {
		when_write(day, since(b, i));
		print_words(to, "  %s: %s, %s %s", b->given->recipient[i].id, state_of(b, i, now),
			    b->erasure[i].deleted ? "receipt of" : "to be deleted by", day);
	}
}

static json_t *when_json(int64_t when)
{
	char text[WHEN_TEXT_MAX];

	when_write(text, when);
	return when ? json_string(text) : json_null();
}

json_t *ledger_recipients_json(const struct kept_bundle *b, int64_t now)
{
	json_t *list = json_array();

	for (unsigned i = 0; b->given && i < b->given->recipients; i++)
		json_array_append_new(list, json_pack("{ss ss so so so so}",
			"id", b->given->recipient[i].id, "state", state_of(b, i, now),
			"requested", when_json(b->erasure[i].requested),
			"deleted", when_json(b->erasure[i].deleted),
			"part_requested", when_json(b->erasure[i].record_requested),
			"part_deleted", when_json(b->erasure[i].record_deleted)));
	return list;
}

void ledger_print_marked(FILE *to, const struct books *books, int64_t now)
{
	for (unsigned i = 0; i < books->count; i++) {
		const struct kept_bundle *b = books->at[i];

		if (!b->given || !b->marked)
			continue;
		print_words(to, "in bundle %s (%s):", b->id, b->given->file);
		ledger_print_recipients(to, b, now);
	}
}

json_t *ledger_marked_json(const struct books *books, int64_t now)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < books->count; i++) {
		const struct kept_bundle *b = books->at[i];

		if (b->given && b->marked)
			json_array_append_new(list, json_pack("{ss ss so}", "bundle", b->id,
				"file", b->given->file,
				"recipients", ledger_recipients_json(b, now)));
	}
	return list;
}
