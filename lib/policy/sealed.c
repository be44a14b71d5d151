// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/sealed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "consent/minisign.h"
#include "policy/open.h"
#include "text.h"

#define BYTES_MAX	(64u << 20)	/* the most that a detector reads */

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			size -= done;
		}
	}
	return 0;
}

static int make_memory(const char *bytes, size_t size, struct scrim_error *err)
{
	int fd = memfd_create("scrim-model", MFD_CLOEXEC | MFD_ALLOW_SEALING), ret;

	if (fd < 0)
		return fail(err, -errno, "no memory for a model: %s", strerror(errno));
	ret = write_all(fd, bytes, size);
	if (ret >= 0 && fcntl(fd, F_ADD_SEALS,
			      F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		ret = -errno;
	if (ret >= 0)
		return fd;
	close(fd);
	return fail(err, ret, "cannot keep a model: %s", strerror(-ret));
}

/* Puts the copy in the file's place. */
static int copy(int *fd, char sha256[SHA256_TEXT_MAX], struct scrim_error *err)
{
	char *bytes = NULL;
	size_t size;
	int ret;

	if (*fd < 0)
		return 0;
	ret = bytes_read(&bytes, &size, BYTES_MAX, *fd, "the model", err);
	if (ret >= 0)
		ret = make_memory(bytes, size, err);
	free(bytes);
	if (ret < 0)
		return ret;
	close(*fd);
	*fd = ret;
	return digest_fd(sha256, NULL, *fd, "the model", err);
}

int sealed_take(struct sealed *sealed, const struct policy *policy, struct scrim_error *err)
{
	int ret = minisign_init(err);

	*sealed = (struct sealed)SEALED_NONE;
	if (ret >= 0)
		ret = policy_open(policy, &sealed->model, &sealed->boxes, err);
	if (ret >= 0)
		ret = copy(&sealed->model, sealed->sha256, err);
	if (ret >= 0)
		ret = copy(&sealed->boxes, sealed->sha256, err);
	if (ret < 0)
		sealed_free(sealed);
	sealed->taken = ret >= 0;
	return ret;
}

void sealed_free(struct sealed *sealed)
{
	if (sealed->model >= 0)
		close(sealed->model);
	if (sealed->boxes >= 0)
		close(sealed->boxes);
	*sealed = (struct sealed)SEALED_NONE;
}
