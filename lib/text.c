// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_FROM	4096

void text_clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* Above 2, so that a worker whose caller had closed them keeps it. */
int open_regular(const char *path, struct scrim_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), high;
	struct stat st;

	if (fd < 0)
		return fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return fail(err, -EINVAL, "cannot read %s: not a regular file", path);
	}
	if (fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return high < 0 ? fail(err, -errno, "cannot open %s: %s", path, strerror(errno)) : high;
}

static int no_memory(struct scrim_error *err, const char *name)
{
	return fail(err, -ENOMEM, "%s: out of memory", name);
}

/* Doubles *text, but not beyond max, the byte that tells "too large" and a NUL. */
static int grow(char **text, size_t *room, size_t max, const char *name,
		struct scrim_error *err)
{
	size_t wanted = *room > (max + 2) / 2 ? max + 2 : *room * 2;
	char *grown = realloc(*text, wanted);

	if (!grown)
		return no_memory(err, name);
	*text = grown;
	*room = wanted;
	return 0;
}

unsigned text_character(const char *at, uint32_t *code)
{
	const unsigned char *text = (const unsigned char *)at;
	static const uint32_t first[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned bytes = *text < 0x80 ? 1 : *text >> 5 == 6 ? 2 : *text >> 4 == 14 ? 3 :
			 *text >> 3 == 30 ? 4 : 0;

	*code = bytes < 2 ? *text : *text & (0x7f >> bytes);
	for (unsigned i = 1; i < bytes; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (text[i] & 0x3f);
	}
	if (!bytes || *code < first[bytes] || *code >> 11 == 27 || *code > 0x10ffff)
		return 0;
	return bytes;
}

static bool is_control(uint32_t code)
{
	return code < ' ' ? code != '\t' && code != '\r' && code != '\n' :
	       code >= 0x7f && code < 0xa0;
}

static int check(const char *text, size_t size, const char *name, struct scrim_error *err)
{
	unsigned line = 1, bytes;
	uint32_t code;

	for (size_t i = 0; i < size; i += bytes) {
		bytes = text_character(text + i, &code);
		if (!bytes)
			return fail(err, -EBADMSG, "%s:%u: byte 0x%02x is not UTF-8",
				    name, line, (unsigned char)text[i]);
		if (is_control(code))
			return fail(err, -EBADMSG, "%s:%u: control character 0x%02x",
				    name, line, code);
		if (code == '\n')
			line++;
	}
	return 0;
}

int bytes_read(char **result, size_t *size, size_t max, int fd, const char *name,
	       struct scrim_error *err)
{
	size_t room = READ_FROM, used = 0;
	char *bytes;
	ssize_t got;
	int ret = 0;

	*result = NULL;
	bytes = malloc(room);
	if (!bytes)
		return no_memory(err, name);
	do {
		if (used + 1 == room)
			ret = grow(&bytes, &room, max, name, err);
		if (ret < 0)
			goto out;
		do
			got = read(fd, bytes + used, room - used - 1);
		while (got < 0 && errno == EINTR);
		if (got < 0) {
			ret = fail(err, -EIO, "%s: %s", name, strerror(errno));
			goto out;
		}
		used += got;
		if (used > max) {
			ret = fail(err, -EFBIG, "%s: more than %zu bytes", name, max);
			goto out;
		}
	} while (got > 0);
	bytes[used] = '\0';
	*size = used;
	*result = bytes;
	bytes = NULL;
out:
	free(bytes);
	return ret;
}

int text_read(char **text, size_t *size, size_t max, int fd, const char *name,
	      struct scrim_error *err)
{
	int ret = bytes_read(text, size, max, fd, name, err);

	if (ret < 0)
		return ret;
	ret = check(*text, *size, name, err);
	if (ret < 0) {
		free(*text);
		*text = NULL;
	}
	return ret;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

char *text_line(char **at, const char *end)
{
	char *start = *at, *stop;

	if (start >= end)
		return NULL;
	stop = memchr(start, '\n', end - start);
	if (!stop)
		stop = start + (end - start);
	*at = stop + 1;
	while (start < stop && blank(*start))
		start++;
	while (stop > start && blank(stop[-1]))
		stop--;
	*stop = '\0';
	return start;
}
