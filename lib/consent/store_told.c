// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Between the stores of one machine: names in a folder, which nobody has to read.
 */
#include "consent/store_in.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_withdrawn(struct scrim_error *err)
{
	int fd = open(WITHDRAWN_FOLDER, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 ? fd : fail(err, -errno, "cannot open %s: %s", WITHDRAWN_FOLDER, strerror(errno));
}

int store_tell(const char *record_id, struct scrim_error *err)
{
	int folder = open_withdrawn(err), fd, ret = 0;

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	fd = openat(folder, record_id, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0 && errno != EEXIST)
		ret = fail(err, -errno, "cannot make %s/%s: %s", WITHDRAWN_FOLDER, record_id,
			   strerror(errno));
	if (fd >= 0)
		close(fd);
	close(folder);
	return ret;
}

/* What cannot be asked is taken back as well.  Who was handed the own consents knows their ids. */
static bool was_told(int folder, const char *record_id, bool handed)
{
	struct stat st;

	if (fstatat(folder, record_id, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno != ENOENT;
	return handed || st.st_uid == geteuid();
}

int store_hear(const char *path, struct scrim_error *err)
{
	int folder = open_withdrawn(err), ret;
	struct store_matches *m;
	unsigned told = 0;

	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	m = malloc(sizeof(*m));
	ret = m ? store_find(m, path, NULL, err) : fail(err, -ENOMEM, "no memory for consents");
	/* With such a clock nothing is written, and nothing exported. */
	for (unsigned i = 0; ret >= 0 && store_check_clock(m->time, NULL) >= 0 && i < m->count; i++)
		if (was_told(folder, m->at[i].record_id, m->at[i].handed))
			m->at[told++] = m->at[i];
	if (ret >= 0 && told) {
		m->count = told;
		ret = store_take_back(path, m, err);
	}
	free(m);
	close(folder);
	return ret;
}
