// SPDX-License-Identifier: GPL-2.0
#include "peek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *peek_path(char to[PEEK_PATH_MAX], const char *root, const char *fmt, ...)
{
	size_t used = snprintf(to, PEEK_PATH_MAX, "%s", root);
	va_list args;

	if (used >= PEEK_PATH_MAX)
		used = PEEK_PATH_MAX - 1;
	va_start(args, fmt);
	vsnprintf(to + used, PEEK_PATH_MAX - used, fmt, args);
	va_end(args);
	return to;
}

int peek_text(char *text, size_t size, const char *root, const char *path)
{
	char whole[PEEK_PATH_MAX];
	struct stat st;
	ssize_t n = -1;
	int fd = open(peek_path(whole, root, "%s", path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	if (n && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return n;
}

bool peek_number(const char *text, const char *word, uint64_t *number)
{
	size_t length = strlen(word);
	const char *at = text;

	while (at && *at) {
		if (!strncmp(at, word, length) && at[length] == ' ') {
			*number = strtoull(at + length, NULL, 10);
			return true;
		}
		at = strchr(at, '\n');
		at += at != NULL;
	}
	return false;
}
