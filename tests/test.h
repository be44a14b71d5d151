/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share.  A suite is a file check_NAME.c that exports
 * NAME_suite() and is listed in check_main.c.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <check.h>
#undef fail			/* libcheck's old name for ck_abort_msg(); ours describes errors */

#include "error.h"

/* Seeded from SCRIM_TEST_SEED or the clock; the runner prints the seed. */
uint32_t test_random(void);
void test_random_fill(void *bytes, size_t size);

/*
 * Allocation failure: the nth allocation from now on, and every later one,
 * fails; 0 turns it off.  Counts calls of our own code only.
 */
void test_alloc_fail_at(unsigned n);
/* True when an allocation has failed since. */
bool test_alloc_failed(void);

/* What is allocated from now on has to be asked of the kernel. */
void test_use_up_heap(void);

/* A path in the project's root, from SCRIM_TEST_ROOT or the working directory. */
const char *test_path(const char *name);

/* Nodes of a test's own: answers v4l2_call(), while it is set (check_live.c). */
extern int (*test_nodes)(int fd, unsigned long request, void *argument);

/* check_error.c and so on, in the order of a frame's way. */
Suite *error_suite(void);
Suite *frame_suite(void);
Suite *region_suite(void);
Suite *source_suite(void);
Suite *motion_suite(void);
Suite *replay_suite(void);
Suite *net_suite(void);
Suite *face_suite(void);
Suite *track_suite(void);
Suite *redact_suite(void);
Suite *agreed_suite(void);
Suite *badge_suite(void);
Suite *sink_suite(void);
Suite *session_suite(void);
Suite *share_suite(void);
Suite *serve_suite(void);
Suite *wrap_suite(void);
Suite *pipeline_suite(void);
Suite *plane_suite(void);
Suite *policy_suite(void);
Suite *compare_suite(void);
Suite *locked_suite(void);
Suite *import_suite(void);
Suite *guard_suite(void);
Suite *fence_suite(void);
Suite *unit_suite(void);
Suite *control_suite(void);
Suite *measure_suite(void);
Suite *ledger_suite(void);
Suite *job_suite(void);
Suite *job_file_suite(void);
Suite *live_suite(void);
Suite *zero_suite(void);
Suite *look_suite(void);
Suite *wall_suite(void);
Suite *play_suite(void);
Suite *network_suite(void);
Suite *keeper_suite(void);
Suite *kept_suite(void);
Suite *connection_suite(void);
Suite *other_suite(void);
Suite *controls_suite(void);
Suite *consent_suite(void);
Suite *store_suite(void);
Suite *letter_suite(void);
Suite *exports_suite(void);
Suite *spoiled_suite(void);
Suite *trust_suite(void);
Suite *decide_suite(void);
Suite *notice_suite(void);
Suite *export_suite(void);
Suite *papers_suite(void);
Suite *layouts_suite(void);

#endif
