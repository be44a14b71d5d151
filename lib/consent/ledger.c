// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/ledger.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/aside.h"
#include "consent/key.h"
#include "consent/read.h"

#define MODE	0640			/* for those of the owner's group */

struct ledger {
	struct ledger_place place;	/* its words are owned */
	char file[LOG_NAME_MAX + 16];	/* below the folder */
	int folder, lock;
	int fd;				/* of the file; -1: to be opened */
	struct secret_key key;
	struct chain chain;		/* the last entry */
	struct torn torn;		/* what a crash left behind it; 0 bytes: nothing */
	bool lost;			/* both are to be looked up again */
	uint8_t signer[KEY_ID_SIZE];	/* of the last entry; zeros: there is none */
};

/* What is there */

static int read_state(struct ledger *l, bool all, struct log_verdict *verdict,
		      struct scrim_error *err)
{
	struct log_files *files = malloc(sizeof(*files));
	int ret;

	if (!files)
		return fail(err, -ENOMEM, "no memory for a log");
	*files = (struct log_files)LOG_FILES_NONE;
	ret = all ? log_files_open(files, l->place.folder, l->place.name, err) :
		    log_files_open_last(files, l->place.folder, l->place.name, err);
	if (ret >= 0)
		ret = log_files_add_keys(files, l->place.keys, l->place.key, err);
	if (ret >= 0)
		ret = log_verify(files, verdict, err);
	log_files_close(files);
	free(files);
	return ret;
}

/*
 * The head was written after the entry that it names was on the disk: lines that end before
 * that were cut, and nobody vouches for what is left of them.
 */
static void go_on_behind(struct ledger *l, const struct log_verdict *verdict)
{
	bool cut = verdict->head_says.seq > verdict->last.seq;

	l->chain = cut ? verdict->head_says : verdict->last;
	l->torn = verdict->rest;
	if (cut || verdict->rest.ended)
		l->torn.bytes = 0;
	memcpy(l->signer, verdict->key, sizeof(l->signer));
}

static int find_end(struct ledger *l, struct scrim_error *err)
{
	struct log_verdict verdict;
	int ret = read_state(l, false, &verdict, err);

	/* A file that was just rotated, whose head is lost. */
	if (ret >= 0 && !verdict.entries && !verdict.head_says.seq)
		ret = read_state(l, true, &verdict, err);
	if (ret >= 0)
		go_on_behind(l, &verdict);
	else if (ret == -ENOENT)
		ret = 0;		/* the log begins here */
	return ret;
}

/* Opening */

static int open_folder(struct ledger *l, struct scrim_error *err)
{
	char name[LOG_NAME_MAX + 16];

	l->folder = open(l->place.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->folder < 0)
		return fail(err, -errno, "cannot open %s: %s", l->place.folder, strerror(errno));
	snprintf(name, sizeof(name), "%s.lock", l->place.name);
	l->lock = openat(l->folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (l->lock < 0)
		return fail(err, -errno, "cannot open %s/%s: %s", l->place.folder, name,
			    strerror(errno));
	if (flock(l->lock, LOCK_EX | LOCK_NB) < 0)
		return fail(err, errno == EWOULDBLOCK ? -EBUSY : -errno,
			    "the log of '%s' has another writer", l->place.name);
	return 0;
}

static int open_file(struct ledger *l, struct scrim_error *err)
{
	l->fd = openat(l->folder, l->file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		       O_NONBLOCK, MODE);
	if (l->fd < 0 || fchmod(l->fd, MODE) < 0 || fsync(l->folder) < 0)
		return fail(err, -errno, "cannot open %s/%s: %s", l->place.folder, l->file,
			    strerror(errno));
	return 0;
}

/* A log that was renamed goes on in a new file. */
static int follow_rotation(struct ledger *l, struct scrim_error *err)
{
	struct stat there, ours;

	if (l->fd >= 0 && fstat(l->fd, &ours) == 0 &&
	    fstatat(l->folder, l->file, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    there.st_dev == ours.st_dev && there.st_ino == ours.st_ino)
		return 0;
	if (l->fd >= 0)
		close(l->fd);
	return open_file(l, err);
}

static int copy_place(struct ledger *l, const struct ledger_place *place, struct scrim_error *err)
{
	if (!log_word_ok(place->name, LOG_NAME_MAX))
		return fail(err, -EINVAL, "'%s' is no name of a log", place->name);
	l->place = (struct ledger_place){ strdup(place->folder), strdup(place->name),
					  strdup(place->keys), strdup(place->key) };
	if (!l->place.folder || !l->place.name || !l->place.keys || !l->place.key)
		return fail(err, -ENOMEM, "no memory for a log");
	snprintf(l->file, sizeof(l->file), "%s.log", place->name);
	return 0;
}

int ledger_open(struct ledger **ledger, const struct ledger_place *place,
		struct scrim_error *err)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int ret;

	*ledger = NULL;
	if (!l)
		return fail(err, -ENOMEM, "no memory for a log");
	l->folder = l->lock = l->fd = -1;
	ret = copy_place(l, place, err);
	if (ret >= 0)
		ret = open_folder(l, err);
	if (ret >= 0)
		ret = key_open(&l->key, place->keys, place->key, err);
	if (ret >= 0)
		ret = find_end(l, err);
	if (ret >= 0) {
		*ledger = l;
		l = NULL;
	}
	ledger_close(l);
	return ret;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	if (l->lock >= 0)
		close(l->lock);
	if (l->folder >= 0)
		close(l->folder);
	sodium_memzero(&l->key, sizeof(l->key));
	free((char *)l->place.folder);
	free((char *)l->place.name);
	free((char *)l->place.keys);
	free((char *)l->place.key);
	free(l);
}

const struct chain *ledger_chain(const struct ledger *l)
{
	return &l->chain;
}

/* Adding */

/* Lines that are to be written at once, and what the chain will be then. */
struct batch {
	char *text;
	size_t size;
	struct chain chain;
};

static int batch_add(struct batch *batch, const char *line, size_t size, struct scrim_error *err)
{
	char *text = realloc(batch->text, batch->size + size + 1);

	if (!text)
		return fail(err, -ENOMEM, "no memory for an entry");
	memcpy(text + batch->size, line, size);
	text[batch->size + size] = '\n';
	batch->text = text;
	batch->size += size + 1;
	return 0;
}

static int batch_entry(struct batch *batch, const struct ledger *l, const struct secret_key *key,
		       const char *kind, json_t *fields, struct scrim_error *err)
{
	struct entry entry = { .seq = batch->chain.seq + 1, .fields = fields };
	char *line = NULL;
	size_t size = 0;
	int ret;

	snprintf(entry.log, sizeof(entry.log), "%s", l->place.name);
	snprintf(entry.kind, sizeof(entry.kind), "%s", kind);
	memcpy(entry.prev, batch->chain.hash, sizeof(entry.prev));
	ret = entry_write(&line, &size, &entry, key, err);
	if (ret >= 0)
		ret = batch_add(batch, line, size, err);
	if (ret >= 0) {
		batch->chain.seq = entry.seq;
		entry_hash(batch->chain.hash, line, size);
	}
	free(line);
	return ret;
}

/* The fields are taken. */
static int batch_own(struct batch *batch, const struct ledger *l, const struct secret_key *key,
		     const char *kind, json_t *fields, struct scrim_error *err)
{
	int ret = fields ? batch_entry(batch, l, key, kind, fields, err) :
		  fail(err, -ENOMEM, "no memory for an entry");

	json_decref(fields);
	return ret;
}

static int batch_torn(struct batch *batch, const struct ledger *l, const struct secret_key *key,
		      struct scrim_error *err)
{
	char hash[ENTRY_HASH_TEXT_MAX];

	if (!l->torn.bytes)
		return 0;
	entry_hash_text(hash, l->torn.hash);
	return batch_own(batch, l, key, "torn", json_pack("{sI ss}", "bytes",
			 (json_int_t)l->torn.bytes, "hash", hash), err);
}

/*
 * Another key signed the last entry: if it was put away it says who follows.  If it is gone, nobody
 * can, and the next entry is by a key that only its own file vouches for.
 */
static bool hands_over(const struct ledger *l, struct secret_key *old)
{
	static const uint8_t none[KEY_ID_SIZE];

	return memcmp(l->signer, none, sizeof(none)) &&
	       memcmp(l->signer, l->key.public.id, sizeof(l->signer)) &&
	       key_open_old(old, l->place.keys, l->place.key, l->signer, NULL) >= 0;
}

static int batch_key(struct batch *batch, const struct ledger *l, const struct secret_key *old,
		     struct scrim_error *err)
{
	char word[PUBLIC_KEY_WORD_MAX];

	public_key_word(word, &l->key.public);
	return batch_own(batch, l, old, "key", json_pack("{ss}", "next", word), err);
}

/* What has to be said before the next entry. */
static int batch_first(struct batch *batch, const struct ledger *l, struct scrim_error *err)
{
	struct secret_key old;
	bool change = hands_over(l, &old);
	int ret = batch_torn(batch, l, change ? &old : &l->key, err);

	if (ret >= 0 && change)
		ret = batch_key(batch, l, &old, err);
	sodium_memzero(&old, sizeof(old));
	return ret;
}

/* A last line without an end gets one. */
static int batch_begin(struct batch *batch, const struct ledger *l, off_t size,
		       struct scrim_error *err)
{
	char last = '\n';

	if (size > 0 && pread(l->fd, &last, 1, size - 1) != 1)
		return fail(err, -EIO, "cannot read %s: %s", l->file, strerror(errno));
	return last == '\n' ? 0 : batch_add(batch, "", 0, err);
}

/* What was not written whole is taken back; if that cannot be done either, it is torn. */
static int write_batch(struct ledger *l, const struct batch *batch, off_t size,
		       struct scrim_error *err)
{
	ssize_t done = write(l->fd, batch->text, batch->size);
	int ret = done < 0 ? -errno : (size_t)done < batch->size ? -ENOSPC : 0;

	if (ret >= 0 && fdatasync(l->fd) < 0)
		ret = -errno;
	if (ret >= 0)
		return 0;
	fail(err, ret, "cannot write %s/%s: %s", l->place.folder, l->file, strerror(-ret));
	l->lost = ftruncate(l->fd, size) < 0;
	return ret;
}

static int write_head(const struct ledger *l, struct scrim_error *err)
{
	char text[HEAD_TEXT_MAX], signature[MINISIGN_TEXT_MAX], comment[128];
	char name[LOG_NAME_MAX + 16];
	int ret;

	head_write(text, l->place.name, &l->chain);
	snprintf(comment, sizeof(comment), "head of the log %s, %llu entries", l->place.name,
		 (unsigned long long)l->chain.seq);
	minisign_write(signature, &l->key, text, strlen(text), comment);
	snprintf(name, sizeof(name), "%s.head.minisig", l->place.name);
	ret = aside_write(l->folder, name, signature, 0644, ASIDE_INSTEAD, err);
	snprintf(name, sizeof(name), "%s.head", l->place.name);
	if (ret >= 0)
		ret = aside_write(l->folder, name, text, 0644, ASIDE_INSTEAD, err);
	return ret;
}

static int append(struct ledger *l, struct batch *batch, const char *kind, json_t *fields,
		  struct scrim_error *err)
{
	struct stat st;
	int ret = l->lost ? find_end(l, err) : 0;

	if (ret < 0)
		return ret;
	l->lost = false;
	batch->chain = l->chain;
	/* After a crash before the first head, that log would have none, as one has that was edited. */
	if (!l->chain.seq)
		ret = write_head(l, err);
	if (ret >= 0)
		ret = follow_rotation(l, err);
	if (ret >= 0 && fstat(l->fd, &st) < 0)
		ret = fail(err, -errno, "cannot read %s: %s", l->file, strerror(errno));
	if (ret >= 0)
		ret = batch_begin(batch, l, st.st_size, err);
	if (ret >= 0)
		ret = batch_first(batch, l, err);
	if (ret >= 0)
		ret = batch_entry(batch, l, &l->key, kind, fields, err);
	if (ret >= 0)
		ret = write_batch(l, batch, st.st_size, err);
	return ret;
}

int ledger_append(struct ledger *l, const char *kind, json_t *fields, struct scrim_error *err)
{
	struct batch batch = { 0 };
	int ret;

	if (!log_word_ok(kind, ENTRY_KIND_MAX) || !json_is_object(fields))
		return fail(err, -EINVAL, "no entry of the kind '%s'", kind);
	ret = append(l, &batch, kind, fields, err);
	free(batch.text);
	if (ret < 0)
		return ret;
	l->chain = batch.chain;
	l->torn.bytes = 0;
	memcpy(l->signer, l->key.public.id, sizeof(l->signer));
	return write_head(l, err) < 0 ? 1 : 0;
}
