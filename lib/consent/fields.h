/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An object of JSON that is taken apart by name: what is missing, of the wrong kind, not in its
 * list or asked for by nobody is an error that says where, "process[0].storage.retention".
 *
 * The first error stays and later calls do nothing, so that a reader is a list of fields:
 *
 *	fields_open(&f, json, "notice", err);
 *	fields_text(&f, "id", notice->id, sizeof(notice->id));
 *	return fields_close(&f);
 */
#ifndef CONSENT_FIELDS_H
#define CONSENT_FIELDS_H

#include <jansson.h>

#include "consent/place.h"
#include "consent/terms.h"
#include "error.h"

#define FIELDS_PATH_MAX	128
#define SHA256_TEXT_MAX	65

struct fields {
	char path[FIELDS_PATH_MAX];
	json_t *left;			/* what nobody has asked for; owned */
	int ret;
	struct scrim_error *err;
};

/* path: of the object in its document, "" for the document. */
void fields_open(struct fields *f, const json_t *json, const char *path, struct scrim_error *err);
/* One that is a value of another; of one that has failed, it has as well. */
void fields_into(struct fields *child, struct fields *f, const char *key);
/* The error, or -EINVAL when something is left, or 0. */
int fields_close(struct fields *f);
/* The same of a child; its parent has the error. */
void fields_leave(struct fields *child, struct fields *f);

/* The first thing that is wrong: says where. */
void fields_wrong(struct fields *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The value, taken out of what is left, to be released; NULL: it is not there. */
json_t *fields_take(struct fields *f, const char *key);
/* A list with at least min and at most max members, to be released; NULL: there is none. */
json_t *fields_list(struct fields *f, const char *key, size_t min, size_t max);
/* The same of objects, each handed to read() with its own place, "process[0]". */
void fields_objects(struct fields *f, const char *key, size_t min, size_t max,
		    void (*read)(struct fields *one, void *to), void *to);
bool fields_have(const struct fields *f, const char *key);

/* Whether a text of one line can be a field: for what is written down.  what is for messages. */
int fields_check_text(const char *what, const char *text, size_t room, struct scrim_error *err);

/* Text is not empty and has no control characters; "lines" may have ends of lines. */
void fields_text(struct fields *f, const char *key, char *to, size_t room);
void fields_lines(struct fields *f, const char *key, char *to, size_t room);
/* Letters, digits, "_", "-" and "." . */
void fields_name(struct fields *f, const char *key, char *to, size_t room);
void fields_uuid(struct fields *f, const char *key, char *to, size_t room);
void fields_sha256(struct fields *f, const char *key, char to[SHA256_TEXT_MAX]);
void fields_word(struct fields *f, const char *key, const struct terms *terms, unsigned *to);
/* A list without repetitions, with at least min members. */
void fields_words(struct fields *f, const char *key, const struct terms *terms, size_t min,
		  uint32_t *to);
void fields_time(struct fields *f, const char *key, int64_t *to);
void fields_number(struct fields *f, const char *key, int64_t min, int64_t max, int64_t *to);
void fields_flag(struct fields *f, const char *key, bool *to);
void fields_place(struct fields *f, const char *key, char to[PLACE_MAX]);
void fields_places(struct fields *f, const char *key, size_t min, struct places *to);
/* "NAME/1": another number is a version that this program does not know. */
void fields_schema(struct fields *f, const char *name);

/* Before a cage in which documents are read, as caged_call's: random numbers of the system. */
int documents_before(void *ctx, struct scrim_error *err);

/* A stranger's document: -EBADMSG where it is no JSON or says something twice. */
int document_read(json_t **json, const char *text, size_t size, const char *name,
		  struct scrim_error *err);

/* 4 of RFC 9562: 8-4-4-4-12 digits in lower case. */
#define UUID_TEXT_MAX	37
bool uuid_is_valid(const char *text);
void uuid_make(char text[UUID_TEXT_MAX]);

void sha256_text(char text[SHA256_TEXT_MAX], const void *bytes, size_t size);

#endif
