// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/receipts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consent/when.h"
#include "guard/cage.h"
#include "text.h"

char *deletion_request_text(const struct export_request *r, const struct export_bundle *b)
{
	char at[WHEN_TEXT_MAX], delete_by[WHEN_TEXT_MAX], *text = NULL, *line = NULL;
	json_t *json;

	when_write(at, r->at);
	when_write(delete_by, b->delete_by);
	json = json_pack("{ss ss ss ss ss ss ss ss}", "schema", "scrim.deletion-request/1",
			 "bundle", r->bundle, "recipient", r->recipient, "requested", at,
			 "file", b->file, "sha256", b->sha256, "manifest", b->manifest,
			 "delete_by", delete_by);
	if (json && *r->record_id)
		json_object_set_new(json, "record_id", json_string(r->record_id));
	if (json)
		text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	json_decref(json);
	return line;
}

int deletion_receipt_read(struct export_receipt *r, const char *text, size_t size,
			  const char *name, struct scrim_error *err)
{
	struct scrim_error why;
	struct fields f;
	json_t *json;
	int ret;

	memset(r, 0, sizeof(*r));
	ret = document_read(&json, text, size, name, err);
	if (ret < 0)
		return ret;
	fields_open(&f, json, "", &why);
	fields_schema(&f, "scrim.deletion-receipt");
	fields_uuid(&f, "bundle", r->bundle, sizeof(r->bundle));
	fields_name(&f, "recipient", r->recipient, sizeof(r->recipient));
	if (fields_have(&f, "record_id"))
		fields_uuid(&f, "record_id", r->record_id, sizeof(r->record_id));
	fields_time(&f, "deleted", &r->deleted);
	ret = fields_close(&f);
	json_decref(json);
	if (ret >= 0) {
		sha256_text(r->sha256, text, size);
		return 0;
	}
	memset(r, 0, sizeof(*r));
	return fail(err, ret, "%s: %s", name, why.text);
}

/* Reading, in a cage */

struct loading {
	int fd[2];			/* of the document and its signature */
	const char *name[2];
};

struct loaded {
	struct export_receipt receipt;
	size_t size;
	char text[DELETION_TEXT_MAX], signature[MINISIGN_TEXT_MAX];
};

static int read_into(char *to, size_t room, size_t *size, int fd, const char *name,
		     struct scrim_error *err)
{
	char *text = NULL;
	int ret = text_read(&text, size, room - 1, fd, name, err);

	if (ret >= 0)
		memcpy(to, text, *size + 1);
	free(text);
	return ret;
}

static int load(void *ctx, void *result, struct scrim_error *err)
{
	const struct loading *l = ctx;
	struct loaded *r = result;
	size_t size;
	int ret = read_into(r->signature, sizeof(r->signature), &size, l->fd[1], l->name[1], err);

	if (ret >= 0)
		ret = read_into(r->text, sizeof(r->text), &r->size, l->fd[0], l->name[0], err);
	if (ret < 0)
		return ret;
	return deletion_receipt_read(&r->receipt, r->text, r->size, l->name[0], err);
}

#define ENDS(text)	(memchr(text, '\0', sizeof(text)) != NULL)

/* Of a process that read a stranger's file. */
static bool is_sound(const struct loaded *r)
{
	const struct export_receipt *receipt = &r->receipt;

	return ENDS(receipt->bundle) && ENDS(receipt->recipient) && ENDS(receipt->record_id) &&
	       ENDS(receipt->sha256) && ENDS(receipt->key) && ENDS(r->signature) &&
	       r->size < sizeof(r->text);
}

static int open_both(struct loading *l, struct scrim_error *err)
{
	l->fd[0] = open_regular(l->name[0], err);
	if (l->fd[0] < 0)
		return l->fd[0];
	l->fd[1] = open_regular(l->name[1], err);
	return l->fd[1] < 0 ? l->fd[1] : 0;
}

static int load_caged(struct loaded *r, const char *path, const char *signature,
		      struct scrim_error *err)
{
	struct loading l = { { -1, -1 }, { path, signature } };
	const struct caged_call call = { .before = documents_before, .work = load, .ctx = &l,
					 .keep = l.fd, .kept = 2, .size = sizeof(*r) };
	int ret = open_both(&l, err);

	if (ret >= 0)
		ret = caged(&call, r, err);
	for (unsigned i = 0; i < 2; i++)
		if (l.fd[i] >= 0)
			close(l.fd[i]);
	return ret < 0 || is_sound(r) ? ret :
	       fail(err, -EIO, "cannot read %s: the worker's answer is no receipt", path);
}

/* What is signed is the bytes of the file, whatever was read out of them. */
static int check_signature(struct loaded *r, const struct books *books, const char *path,
			   struct scrim_error *err)
{
	const struct kept_bundle *b = books_find(books, r->receipt.bundle);
	int i = b ? kept_bundle_recipient(b, r->receipt.recipient) : -1;
	struct public_key key;

	if (i < 0)
		return fail(err, -EINVAL, "%s: '%s' was given no bundle %s", path,
			    r->receipt.recipient, r->receipt.bundle);
	if (!public_key_of_word(&key, b->given->recipient[i].receipts) ||
	    !minisign_fits(r->signature, &key, r->text, r->size))
		return fail(err, -EKEYREJECTED, "%s: not signed with the key of '%s' that bundle "
			    "%s was given under", path, r->receipt.recipient, r->receipt.bundle);
	key_id_text(r->receipt.key, key.id);
	sha256_text(r->receipt.sha256, r->text, r->size);	/* of what was checked */
	return 0;
}

int deletion_receipt_load(struct export_receipt *receipt, const struct books *books,
			  const char *path, const char *signature, struct scrim_error *err)
{
	struct loaded *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return fail(err, -ENOMEM, "no memory for a receipt");
	ret = load_caged(r, path, signature, err);
	if (ret >= 0)
		ret = check_signature(r, books, path, err);
	if (ret >= 0)
		*receipt = r->receipt;
	free(r);
	return ret;
}
