// SPDX-License-Identifier: GPL-2.0
/*
 * A mask of a stranger becomes sound polygons, or is refused.  The first byte says as what
 * it is read.
 */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct import import;
	struct scrim_error err;
	char text[512] = "";
	int fd, ret = -1;

	if (!size)
		return 0;
	fd = memfd_create("mask", 0);
	assert(pwrite(fd, data + 1, size - 1, 0) == (ssize_t)size - 1);
	memcpy(text, data + 1, size - 1 < sizeof(text) ? size - 1 : sizeof(text) - 1);
	import.count = 0;
	switch (*data) {
	case 'm':	ret = import_motion(&import, fd, "mask", &err); break;
	case 'z':	ret = import_zoneminder(&import, text, 640, 480, &err); break;
	case 'f':	ret = import_frigate(&import, "", "mask", text, 1280, 720, &err); break;
	case 'y':	ret = import_frigate_config(&import, fd, "mask", 1280, 720, &err); break;
	}
	close(fd);
	assert(ret < 0 || (import.count && import_is_sound(&import)));
	return 0;
}
