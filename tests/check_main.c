// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites.  CK_RUN_SUITE=redact runs one; --list prints their names.  libcheck cannot
 * skip, so the suites need nothing but this program; what needs files or tools is a script in
 * tests/run.
 */
#include "test.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t random_state;

uint32_t test_random(void)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return random_state >> 33;
}

void test_random_fill(void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)bytes)[i] = test_random() >> 7;
}

const char *test_path(const char *name)
{
	static char path[4][4096];
	static unsigned at;
	const char *root = getenv("SCRIM_TEST_ROOT");
	char *text = path[at++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", root ? root : ".", name);
	return text;
}

#define SUITE(name)	{ #name, name##_suite }
static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
	SUITE(error),
	SUITE(frame),
	SUITE(region),
	SUITE(source),
	SUITE(motion),
	SUITE(replay),
	SUITE(net),
	SUITE(face),
	SUITE(track),
	SUITE(redact),
	SUITE(agreed),
	SUITE(badge),
	SUITE(sink),
	SUITE(session),
	SUITE(share),
	SUITE(serve),
	SUITE(wrap),
	SUITE(pipeline),
	SUITE(plane),
	SUITE(policy),
	SUITE(compare),
	SUITE(locked),
	SUITE(import),
	SUITE(guard),
	SUITE(fence),
	SUITE(unit),
	SUITE(control),
	SUITE(measure),
	SUITE(ledger),
	SUITE(trust),
	SUITE(job),
	SUITE(job_file),
	SUITE(live),
	SUITE(zero),
	SUITE(look),
	SUITE(wall),
	SUITE(play),
	SUITE(network),
	SUITE(keeper),
	SUITE(kept),
	SUITE(connection),
	SUITE(other),
	SUITE(controls),
	SUITE(consent),
	SUITE(store),
	SUITE(letter),
	SUITE(exports),
	SUITE(spoiled),
	SUITE(decide),
	SUITE(notice),
	SUITE(export),
	SUITE(papers),
	SUITE(layouts),
};
#define SUITES	(sizeof(suites) / sizeof(suites[0]))

static int list(void)
{
	for (size_t i = 0; i < SUITES; i++)
		puts(suites[i].name);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("SCRIM_TEST_SEED");
	SRunner *runner;
	int failed;

	if (argc > 1)
		return strcmp(argv[1], "--list") ? EXIT_FAILURE : list();
	runner = srunner_create(NULL);
	random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("seed: SCRIM_TEST_SEED=%llu\n", (unsigned long long)random_state);
	for (size_t i = 0; i < SUITES; i++)
		srunner_add_suite(runner, suites[i].make());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void test_use_up_heap(void)
{
	mallopt(M_TOP_PAD, 0);
	mallopt(M_MMAP_MAX, 0);
	for (size_t size = 1 << 20; size >= 64; size /= 2) {
		size_t arena = mallinfo2().arena;

		while (mallinfo2().fordblks > size && mallinfo2().arena == arena)
			if (!malloc(size))
				return;
	}
	mallopt(M_MMAP_MAX, 65536);
	mallopt(M_MMAP_THRESHOLD, 65536);
}
