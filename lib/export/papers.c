// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/papers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/aside.h"
#include "export/croissant.h"
#include "export/datasheet.h"
#include "export/paper.h"
#include "export/told.h"
#include "export/usage.h"

#define ASSERTIONS	"cawg"

char *paper_json(json_t *json)
{
	char *text = json ? json_dumps(json, PAPER_JSON | JSON_INDENT(2)) : NULL;
	size_t size = text ? strlen(text) : 0;
	char *line = text ? realloc(text, size + 2) : NULL;

	json_decref(json);
	if (!line) {
		free(text);
		return NULL;
	}
	memcpy(line + size, "\n", 2);
	return line;
}

int paper_put(int folder, const char *path, char *text, struct known_files *known,
	      struct scrim_error *err)
{
	const char *slash = strrchr(path, '/');
	char sha256[SHA256_TEXT_MAX];
	int ret = text ? aside_write(folder, slash ? slash + 1 : path, text, 0600, ASIDE_NEW, err) :
		  fail(err, -ENOMEM, "cannot write %s: out of memory", path);

	if (ret >= 0) {
		sha256_text(sha256, text, strlen(text));
		ret = known_add(known, path, sha256, err);
	}
	free(text);
	return ret;
}

int paper_folder(int folder, const char *name, struct scrim_error *err)
{
	int fd = mkdirat(folder, name, 0700) < 0 ? -1 :
		 openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(err, -errno, "cannot make the folder %s: %s", name, strerror(errno));
	return fd;
}

static char *croissant(const json_t *manifest)
{
	return paper_json(croissant_json(manifest));
}

static char *tdmrep(const json_t *manifest)
{
	return paper_json(usage_tdmrep(manifest));
}

static const struct {
	const char *name;
	char *(*make)(const json_t *manifest);
} papers[] = {
	{ "croissant.json", croissant },
	{ "DATASHEET.md", datasheet_text },
	{ ".scrim-usage", usage_lines },
	{ "tdmrep.json", tdmrep },
};

static int write_assertions(int folder, const json_t *manifest, struct known_files *known,
			    struct scrim_error *err)
{
	char path[sizeof(ASSERTIONS) + ITEM_NAME_MAX + 8];
	int ret = 0, fd = paper_folder(folder, ASSERTIONS, err);

	if (fd < 0)
		return fd;
	for (size_t i = 0; ret >= 0 && i < told_items(manifest); i++) {
		const json_t *item = told_item(manifest, i);

		snprintf(path, sizeof(path), ASSERTIONS "/%s.json", told_text(item, "name"));
		ret = paper_put(fd, path, paper_json(usage_assertion(item)), known, err);
	}
	close(fd);
	return ret;
}

int papers_write(int folder, const json_t *manifest, struct known_files *known,
		 struct scrim_error *err)
{
	int ret = told_check(manifest, err);

	for (size_t i = 0; ret >= 0 && i < sizeof(papers) / sizeof(papers[0]); i++)
		ret = paper_put(folder, papers[i].name, papers[i].make(manifest), known, err);
	return ret < 0 ? ret : write_assertions(folder, manifest, known, err);
}
