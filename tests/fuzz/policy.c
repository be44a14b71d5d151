// SPDX-License-Identifier: GPL-2.0
/*
 * A file of a stranger gives a policy that is whole and in range, or the empty
 * one, which hides everything.  The reader of all cameras agrees with the reader of one.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_in_range(const struct policy *p)
{
	assert(*p->camera && *p->purpose && p->faces >= METHOD_FILL && p->faces <= METHOD_SHOW);
	assert(policy_is_sound(p));
	assert(p->detector != DETECTOR_REPLAY || *p->replay);
	assert(p->detect_w <= 4096 && p->detect_h <= 4096 && !p->detect_w == !p->detect_h);
	for (unsigned i = 0; i < p->regions; i++) {
		const struct policy_region *region = &p->region[i];

		assert(*region->name && region->method >= METHOD_FILL);
		assert(!(region->locked && region->reveal));
	}
}

static void read_one(const uint8_t *data, size_t size, const char *camera)
{
	static const struct policy empty;
	static struct policy policy;
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("policy", 0);
	assert(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	assert(lseek(fd, 0, SEEK_SET) == 0);
	if (policy_read(&policy, fd, "policy", camera, NULL) == 0)
		assert_in_range(&policy);
	else
		assert(!memcmp(&policy, &empty, sizeof(policy)));
}

static void read_all(const uint8_t *data, size_t size)
{
	static struct policies all;
	static struct policy one;
	struct policy_file file = { memfd_create("policy", 0), "policy" };

	assert(pwrite(file.fd, data, size, 0) == (ssize_t)size);
	policies_read(&all, &file, 1);
	assert(all.errors ? !all.count : all.count);
	for (unsigned i = 0; i < all.count; i++) {
		assert_in_range(&all.at[i]);
		assert(lseek(file.fd, 0, SEEK_SET) == 0);
		assert(policy_read(&one, file.fd, "policy", all.at[i].camera, NULL) == 0);
		assert(!memcmp(&one, &all.at[i], sizeof(one)));
	}
	assert(lseek(file.fd, 0, SEEK_SET) == 0);
	if (policy_read(&one, file.fd, "policy", NULL, NULL) == 0)
		assert(all.count == 1);
	close(file.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_one(data, size, NULL);
	read_one(data, size, "porch");
	read_all(data, size);
	return 0;
}
