// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/key.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "consent/aside.h"
#include "text.h"

/* The names below a folder that is open. */
struct key_names {
	char secret[2 * KEY_NAME_MAX], public[2 * KEY_NAME_MAX];
};

static void names_of(struct key_names *names, const char *name, const char *id)
{
	snprintf(names->secret, sizeof(names->secret), "%.*s%s%s.key", KEY_NAME_MAX, name,
		 *id ? "-" : "", id);
	snprintf(names->public, sizeof(names->public), "%.*s%s%s.pub", KEY_NAME_MAX, name,
		 *id ? "-" : "", id);
}

static int open_folder(const char *folder, struct scrim_error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? fail(err, -errno, "cannot open %s: %s", folder, strerror(errno)) : fd;
}

static int check_owner(int fd, const char *path, struct scrim_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(err, -EINVAL, "%s: not a regular file", path);
	if (st.st_mode & 077)
		return fail(err, -EACCES, "%s: others can read the secret key; chmod 600", path);
	return 0;
}

static int read_secret(struct secret_key *key, int folder, const char *name,
		       struct scrim_error *err)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), ret;
	char *text = NULL;
	size_t size = 0;

	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", name, strerror(errno));
	ret = check_owner(fd, name, err);
	if (ret >= 0)
		ret = text_read(&text, &size, MINISIGN_TEXT_MAX, fd, name, err);
	if (ret >= 0)
		ret = secret_key_read(key, text, name, err);
	if (text)
		sodium_memzero(text, size);
	free(text);
	close(fd);
	return ret;
}

/* Of two that make one at the same time, one finds that of the other. */
static int make_secret(struct secret_key *key, int folder, const char *name,
		       struct scrim_error *err)
{
	char text[MINISIGN_TEXT_MAX];
	int ret;

	secret_key_make(key);
	secret_key_write(text, key);
	ret = aside_write(folder, name, text, 0600, ASIDE_NEW, err);
	sodium_memzero(text, sizeof(text));
	return ret == -EEXIST ? read_secret(key, folder, name, err) : ret;
}

static int rename_to(int folder, const char *from, const char *to, struct scrim_error *err)
{
	if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) < 0)
		return fail(err, -errno, "cannot rename %s to %s: %s", from, to, strerror(errno));
	return 0;
}

static int read_public(struct public_key *key, int folder, const char *name,
		       struct scrim_error *err)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), ret;
	char *text = NULL;
	size_t size;

	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", name, strerror(errno));
	ret = text_read(&text, &size, MINISIGN_TEXT_MAX, fd, name, err);
	if (ret >= 0)
		ret = public_key_read(key, text, name, err);
	free(text);
	close(fd);
	return ret;
}

/* One that is there and is another's is needed to check what that one signed. */
static int have_public(const struct secret_key *key, int folder, const char *name,
		       struct scrim_error *err)
{
	char text[MINISIGN_TEXT_MAX], id[KEY_ID_TEXT_MAX];
	struct key_names names;
	struct public_key there;
	int ret;

	names_of(&names, name, "");
	ret = read_public(&there, folder, names.public, err);
	if (ret >= 0 && !memcmp(&there, &key->public, sizeof(there)))
		return 0;
	if (ret >= 0) {
		char from[sizeof(names.public)];

		memcpy(from, names.public, sizeof(from));
		key_id_text(id, there.id);
		names_of(&names, name, id);
		ret = rename_to(folder, from, names.public, err);
	}
	if (ret < 0 && ret != -ENOENT)
		return ret;
	names_of(&names, name, "");
	public_key_write(text, &key->public);
	ret = aside_write(folder, names.public, text, 0644, ASIDE_NEW, err);
	return ret == -EEXIST ? 0 : ret;	/* one that opened the same key at the same time */
}

int key_open(struct secret_key *key, const char *folder, const char *name,
	     struct scrim_error *err)
{
	struct key_names names;
	int fd, ret = minisign_init(err);

	if (ret < 0)
		return ret;
	fd = open_folder(folder, err);
	if (fd < 0)
		return fd;
	names_of(&names, name, "");
	ret = read_secret(key, fd, names.secret, err);
	if (ret == -ENOENT)
		ret = make_secret(key, fd, names.secret, err);
	if (ret >= 0)
		ret = have_public(key, fd, name, err);
	close(fd);
	return ret;
}

int key_open_old(struct secret_key *key, const char *folder, const char *name,
		 const uint8_t id[KEY_ID_SIZE], struct scrim_error *err)
{
	char text[KEY_ID_TEXT_MAX];
	struct key_names names;
	int fd = open_folder(folder, err), ret;

	if (fd < 0)
		return fd;
	key_id_text(text, id);
	names_of(&names, name, text);
	ret = read_secret(key, fd, names.secret, err);
	close(fd);
	return ret;
}
