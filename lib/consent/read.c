// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

/* Lines */

/* A line that is longer than any entry comes in pieces, none of which is one. */
struct lines {
	int fd;
	unsigned number;		/* of the line that was given last */
	size_t at, used;
	bool over;
	char bytes[ENTRY_LINE_MAX + 2];
};

struct line {
	const char *text;
	size_t size;
	bool ended;
};

static int lines_begin(struct lines *lines, const struct log_file *file, struct scrim_error *err)
{
	lines->fd = file->fd;
	lines->number = 0;
	lines->at = lines->used = 0;
	lines->over = false;
	return lseek(file->fd, 0, SEEK_SET) < 0 ?
		fail(err, -EIO, "cannot read %s: %s", file->name, strerror(errno)) : 0;
}

static int fill(struct lines *lines, struct scrim_error *err)
{
	ssize_t got;

	memmove(lines->bytes, lines->bytes + lines->at, lines->used - lines->at);
	lines->used -= lines->at;
	lines->at = 0;
	do
		got = read(lines->fd, lines->bytes + lines->used, sizeof(lines->bytes) - lines->used);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail(err, -EIO, "cannot read the log: %s", strerror(errno));
	lines->used += got;
	lines->over = got == 0;
	return 0;
}

/* 1: a line; 0: there are no more. */
static int lines_next(struct lines *lines, struct line *line, struct scrim_error *err)
{
	const char *start, *end;
	int ret;

	for (;;) {
		start = lines->bytes + lines->at;
		end = memchr(start, '\n', lines->used - lines->at);
		if (end || lines->over || lines->used - lines->at == sizeof(lines->bytes))
			break;
		ret = fill(lines, err);
		if (ret < 0)
			return ret;
	}
	if (!end && lines->at == lines->used)
		return 0;
	line->text = start;
	line->size = end ? (size_t)(end - start) : lines->used - lines->at;
	line->ended = end;
	lines->at += line->size + line->ended;
	lines->number++;
	return 1;
}

/* Which file comes first */

struct place_of_file {
	unsigned file;
	uint64_t first;			/* seq of the first entry that can be read */
	const char *name;
};

static int find_first(struct place_of_file *place, struct lines *lines,
		      const struct log_file *file, struct scrim_error *err)
{
	struct entry entry;
	struct line line;
	int ret;

	place->first = UINT64_MAX;
	place->name = file->name;
	ret = lines_begin(lines, file, err);
	while (ret >= 0 && (ret = lines_next(lines, &line, err)) > 0) {
		if (entry_read(&entry, line.text, line.size, NULL) < 0)
			continue;
		place->first = entry.seq;
		entry_free(&entry);
		return 0;
	}
	return ret;
}

static int by_first(const void *a, const void *b)
{
	const struct place_of_file *one = a, *other = b;

	if (one->first != other->first)
		return one->first < other->first ? -1 : 1;
	return strcmp(one->name, other->name);
}

static int sort_files(struct place_of_file *order, struct lines *lines,
		      const struct log_files *files, struct scrim_error *err)
{
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < files->count; i++) {
		order[i].file = i;
		ret = find_first(&order[i], lines, &files->at[i], err);
	}
	qsort(order, files->count, sizeof(order[0]), by_first);
	return ret;
}

/* Heads */

struct head_file {
	char text[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX];
	struct head head;
	bool there;
	bool differs;			/* the entry that it names is another, at place */
	uint64_t place;
};

/* A line has one number for the walk: its file in the upper half. */
struct reading {
	const struct log_files *files;
	const struct log_reader *reader;
	struct log_verdict *verdict;
	struct walk walk;
	struct head_file head, kept;
	struct lines lines;
	struct place_of_file order[LOG_FILES_MAX];
};

/* The first that is said counts. */
static void broken(struct reading *r, unsigned file, unsigned line, const struct scrim_error *why)
{
	if (r->verdict->broken)
		return;
	r->verdict->broken = true;
	r->verdict->file = file;
	r->verdict->line = line;
	memcpy(r->verdict->what, why->text, sizeof(r->verdict->what));
}

static void broken_at(struct reading *r, uint64_t place, const struct scrim_error *why)
{
	broken(r, place >> 32, (uint32_t)place, why);
}

/* A file that is not there is an empty text, one that is no text is no signature. */
static void read_small(char *text, size_t room, const struct log_file *file)
{
	size_t size = 0;
	char *bytes;

	*text = '\0';
	if (file->fd < 0 || lseek(file->fd, 0, SEEK_SET) < 0 ||
	    text_read(&bytes, &size, room - 1, file->fd, "head", NULL) < 0)
		return;
	memcpy(text, bytes, size + 1);
	free(bytes);
}

/* NULL: by none that counts. */
static const struct public_key *signer(const struct reading *r, const char *text,
				       const char *signature)
{
	for (unsigned i = 0; i < r->walk.keys; i++)
		if (minisign_fits(signature, &r->walk.key[i], text, strlen(text)))
			return &r->walk.key[i];
	return NULL;
}

static int read_keys(struct reading *r, struct scrim_error *err)
{
	char text[MINISIGN_TEXT_MAX];
	struct public_key key;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < r->files->keys; i++) {
		read_small(text, sizeof(text), &r->files->key[i]);
		ret = public_key_read(&key, text, r->files->key[i].name, err);
		if (ret >= 0)
			ret = walk_trust(&r->walk, &key, err);
	}
	return ret;
}

static int read_head(struct head_file *head, const struct log_file *file,
		     const struct log_file *signature, struct scrim_error *err)
{
	read_small(head->text, sizeof(head->text), file);
	read_small(head->signature, sizeof(head->signature), signature);
	if (file->fd < 0)
		return 0;
	head->there = head_read(&head->head, head->text, file->name, err) >= 0;
	return head->there ? 0 : -EBADMSG;
}

/* The chain is at an entry that a head may name. */
static void compare(const struct chain *chain, uint64_t place, struct head_file *head)
{
	if (head->there && head->head.chain.seq == chain->seq &&
	    memcmp(head->head.chain.hash, chain->hash, ENTRY_HASH_SIZE)) {
		head->differs = true;
		head->place = place;
	}
}

static enum head_verdict how_far(const struct reading *r, const struct head *head)
{
	const struct walk *walk = &r->walk;

	return head->chain.seq == walk->chain.seq ? HEAD_AGREES :
	       walk->first && head->chain.seq < walk->before.seq ? HEAD_OLDER : HEAD_BEHIND;
}

/* Of a head that is to be believed. */
static void compare_end(struct reading *r, unsigned file, const struct head_file *head)
{
	struct scrim_error why;

	if (head->differs) {
		fail(&why, -EBADMSG, "entry %llu is not the one that the head%s names",
		     (unsigned long long)head->head.chain.seq,
		     file == BROKEN_KEPT ? " kept elsewhere" : "");
		broken_at(r, head->place, &why);
	} else if (head->head.chain.seq > r->walk.chain.seq) {
		fail(&why, -EBADMSG, "the log ends with entry %llu, and its head says %llu",
		     (unsigned long long)r->walk.chain.seq,
		     (unsigned long long)head->head.chain.seq);
		broken(r, file, 0, &why);
	}
}

/*
 * The signature is written before the text: after a crash in between it is that of
 * the last entry, and the text names an earlier one.
 */
static const struct public_key *head_signer(const struct reading *r)
{
	const struct public_key *key = signer(r, r->head.text, r->head.signature);
	char last[HEAD_TEXT_MAX];

	if (key || r->head.differs || r->head.head.chain.seq >= r->walk.chain.seq)
		return key;
	head_write(last, r->walk.log, &r->walk.chain);
	return signer(r, last, r->head.signature);
}

static void check_head(struct reading *r)
{
	const struct public_key *key = head_signer(r);
	struct scrim_error why;

	if (r->files->head.fd < 0 && !r->walk.entries)
		return;
	if (r->files->head.fd < 0) {
		fail(&why, -EBADMSG, "the log has no head");
		broken(r, BROKEN_HEAD, 0, &why);
	} else if (!r->head.there || strcmp(r->head.head.log, r->walk.log)) {
		fail(&why, -EBADMSG, "not the head of this log");
		broken(r, BROKEN_HEAD, 0, &why);
	} else if (!key) {
		fail(&why, -EBADMSG, "the head is not what was signed");
		broken(r, BROKEN_HEAD, 0, &why);
	} else {
		r->verdict->head_says = r->head.head.chain;
		if (!r->walk.entries)
			memcpy(r->verdict->key, key->id, KEY_ID_SIZE);
		r->verdict->head = how_far(r, &r->head.head);
		compare_end(r, BROKEN_HEAD, &r->head);
	}
}

static void check_kept(struct reading *r)
{
	struct scrim_error why;

	if (!r->kept.there)
		return;
	r->verdict->kept_signed = signer(r, r->kept.text, r->kept.signature);
	if (strcmp(r->kept.head.log, r->walk.log)) {
		fail(&why, -EBADMSG, "the head of another log, '%s'", r->kept.head.log);
		broken(r, BROKEN_KEPT, 0, &why);
	} else if (*r->kept.signature && !r->verdict->kept_signed) {
		fail(&why, -EBADMSG, "the head is not what was signed");
		broken(r, BROKEN_KEPT, 0, &why);
	} else {
		r->verdict->kept = how_far(r, &r->kept.head);
		compare_end(r, BROKEN_KEPT, &r->kept);
	}
}

/* The chain */

static int take_entry(struct reading *r, struct entry *entry, const struct line *line,
		      uint64_t place)
{
	int ret = 0;

	if (r->walk.entries == 1) {
		compare(&r->walk.before, place, &r->head);
		compare(&r->walk.before, place, &r->kept);
	}
	compare(&r->walk.chain, place, &r->head);
	compare(&r->walk.chain, place, &r->kept);
	if (r->reader->each)
		ret = r->reader->each(r->reader->ctx, entry, line->text, line->size);
	entry_free(entry);
	return ret;
}

static int read_line(struct reading *r, unsigned file, const struct line *line)
{
	uint64_t place = (uint64_t)file << 32 | r->lines.number, at = place;
	struct scrim_error why;
	struct entry entry;
	int ret = walk_line(&r->walk, line->text, line->size, line->ended, place, &entry, &at, &why);

	if (ret < 0)
		broken_at(r, at, &why);
	return ret > 0 ? take_entry(r, &entry, line, place) : 0;
}

static int read_files(struct reading *r, struct scrim_error *err)
{
	struct line line;
	int ret = 0;

	for (unsigned i = 0; ret >= 0 && i < r->files->count; i++) {
		unsigned file = r->order[i].file;

		ret = lines_begin(&r->lines, &r->files->at[file], err);
		while (ret >= 0 && !r->verdict->broken &&
		       (ret = lines_next(&r->lines, &line, err)) > 0)
			ret = read_line(r, file, &line);
	}
	return ret;
}

static int read_all(struct reading *r, bool trusting, struct scrim_error *err)
{
	struct log_verdict *verdict = r->verdict;
	struct scrim_error why;
	uint64_t at = 0;
	int ret;

	memset(verdict, 0, sizeof(*verdict));
	r->head.differs = r->kept.differs = false;
	walk_begin(&r->walk, r->files->log, trusting);
	ret = read_keys(r, err);
	read_head(&r->head, &r->files->head, &r->files->head_signature, NULL);
	if (ret >= 0)
		ret = read_head(&r->kept, &r->files->kept, &r->files->kept_signature, err);
	if (ret >= 0)
		ret = sort_files(r->order, &r->lines, r->files, err);
	if (ret >= 0)
		ret = read_files(r, err);
	if (ret < 0)
		return ret;
	if (walk_end(&r->walk, &at, &why) < 0)
		broken_at(r, at, &why);
	if (r->walk.entries)
		memcpy(verdict->key, r->walk.last_key, KEY_ID_SIZE);
	check_head(r);
	check_kept(r);
	walk_rest(&r->walk, &verdict->rest);
	verdict->first = r->walk.first;
	verdict->entries = r->walk.entries;
	verdict->torn_lines = r->walk.torn_lines;
	verdict->last = r->walk.chain;
	verdict->before = r->walk.before;
	return 0;
}

int log_read(const struct log_files *files, const struct log_reader *reader,
	     struct log_verdict *verdict, struct scrim_error *err)
{
	struct reading *r = calloc(1, sizeof(*r));
	bool trusting = !reader->each || reader->again;
	int ret;

	memset(verdict, 0, sizeof(*verdict));
	if (!r)
		return fail(err, -ENOMEM, "no memory to read a log");
	r->files = files;
	r->reader = reader;
	r->verdict = verdict;
	ret = read_all(r, trusting, err);
	/* What is wrong, and with which entry, each signature says. */
	if (trusting && (ret < 0 || verdict->broken)) {
		if (reader->again)
			reader->again(reader->ctx);
		ret = read_all(r, false, err);
	}
	free(r);
	return ret;
}
