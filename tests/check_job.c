// SPDX-License-Identifier: GPL-2.0
/*
 * The real worker on real files, in its cage: a clip and a photo that the suite
 * makes itself, with boxes from a text in place of a network.
 */
#include "test.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "job.h"
#include "policy/load.h"
#include "pipeline.h"

#define WIDTH	320u
#define HEIGHT	240u
#define FRAMES	25u

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static unsigned at;
	char *text = path[at++ % 4];

	snprintf(text, sizeof(path[0]), "%s/%s", folder, name);
	return text;
}

/* A picture that is nowhere black. */
static void make_frame(struct frame_pool *pool, uint64_t number, struct clean_frame **clean)
{
	static const struct regions nothing;
	struct redactor *redactor = NULL;
	struct frame *frame = NULL;

	ck_assert_int_eq(frame_pool_get(pool, &frame, NULL), 0);
	for (unsigned i = 0; i < frame->format->planes; i++)
		memset(frame->plane[i], 120 + i, frame->stride[i] *
		       plane_rows(&frame->format->plane[i], frame->height));
	frame->number = number;
	frame->time_ns = number * 40000000;
	ck_assert_int_eq(redactor_new(&redactor, NULL), 0);
	ck_assert_int_eq(redact(redactor, &frame, &nothing, clean, NULL), 0);
	redactor_free(&redactor);
}

static void make_clip(const char *name, unsigned width, unsigned height, unsigned frames)
{
	const struct sink_av_options options = { .audio = -1 };
	struct source like = { .fourcc = V4L2_PIX_FMT_YUV420, .width = width, .height = height,
			       .rate = { 25, 1 } };
	int fd = open(in_folder(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct clean_frame *clean = NULL;
	struct frame_pool *pool = NULL;
	struct sink *sink = NULL;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(frame_pool_new(&pool, like.fourcc, width, height, NULL), 0);
	ck_assert_int_eq(sink_av(&sink, fd, name, &like, &options, NULL), 0);
	for (unsigned i = 0; i < frames; i++) {
		make_frame(pool, i, &clean);
		ck_assert_int_eq(sink_put(sink, clean, NULL), 0);
		clean_frame_free(&clean);
	}
	ck_assert_int_eq(sink_finish(sink, NULL), 0);
	sink_free(&sink);
	frame_pool_free(&pool);
	close(fd);
}

static void make_boxes(const char *name, unsigned frames)
{
	FILE *file = fopen(in_folder(name), "w");

	ck_assert_ptr_nonnull(file);
	for (unsigned i = 0; i < frames; i++)
		fprintf(file, "%u 1 1 6 6\n", i);
	fclose(file);
}

static void make_folder(void)
{
	snprintf(folder, sizeof(folder), "%s/scrim-job-XXXXXX",
		 getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 40 ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	make_clip("clip.mp4", WIDTH, HEIGHT, FRAMES);
	make_boxes("clip.boxes", FRAMES);
}

static void remove_folder(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}

static int run(const char *in, const char *boxes, const char *out, int report,
	       struct job_result *result, struct scrim_error *err)
{
	struct policy policy;
	struct job_request request = {
		.in = in_folder(in), .out = in_folder(out), .policy = &policy,
		.replace = true, .report = report, .sheet = -1,
	};
	struct job job;
	int ret;

	policy_default(&policy);
	ck_assert_int_eq(policy_set(&policy, "detector", "replay", NULL), 0);
	ck_assert_int_eq(policy_set(&policy, "replay", in_folder(boxes), NULL), 0);
	ret = job_start(&job, &request, err);
	return ret < 0 ? ret : job_finish(&job, result, err);
}

START_TEST(a_clip_goes_through_the_cage)
{
	struct job_result result;
	struct scrim_error err;
	int ret = run("clip.mp4", "clip.boxes", "out.mp4", -1, &result, &err);

	ck_assert_msg(ret == 0, "%s", err.text);
	ck_assert_uint_eq(result.frames, FRAMES);
	ck_assert_uint_eq(result.looked, FRAMES);
	ck_assert_uint_eq(result.whole, 0);
	ck_assert_uint_eq(result.faces, 1);
	ck_assert_int_eq(access(in_folder("out.mp4"), R_OK), 0);
}
END_TEST

/* Two clips that make the worker ask for all that it may: a long and a large one. */
static int run_all_kinds(struct scrim_error *err)
{
	struct job_result result;
	int report = open(in_folder("report"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int ret = run("long.mp4", "long.boxes", "out.mp4", report, &result, err);

	unlink(in_folder("out.mp4"));
	if (ret >= 0)
		ret = run("large.mp4", "large.boxes", "out.mp4", -1, &result, err);
	close(report);
	return ret;
}

START_TEST(every_line_of_the_table_is_needed)	/* a line each */
{
	struct scrim_error err;
	int ret;

	/* What a list of a film of hours does, a list of minutes does with this. */
	mallopt(M_MMAP_THRESHOLD, 65536);
	make_clip("long.mp4", 16, 16, 6000);
	make_boxes("long.boxes", 6000);
	make_clip("large.mp4", 1280, 720, 2);
	make_boxes("large.boxes", 2);
	if (_i == 0) {
		ret = run_all_kinds(&err);
		ck_assert_msg(ret == 0, "%s", err.text);
	}
	cage_leave_out(_i);
	unlink(in_folder("out.mp4"));
	ret = run_all_kinds(&err);
	ck_assert_msg(ret == -EIO, "nobody misses %s", cage_permissions[_i].name);
	ck_assert_ptr_nonnull(strstr(err.text, "killed"));
	ck_assert_int_ne(access(in_folder("out.mp4"), F_OK), 0);
}
END_TEST

START_TEST(a_job_that_cannot_start_touches_nothing)
{
	struct job_result result;
	struct scrim_error err;

	ck_assert_int_eq(run("none.mp4", "clip.boxes", "new.mp4", -1, &result, &err), -ENOENT);
	ck_assert_int_eq(run("clip.mp4", "none.boxes", "new.mp4", -1, &result, &err), -ENOENT);
	ck_assert_int_eq(run("clip.mp4", "clip.boxes", "clip.mp4", -1, &result, &err), -EINVAL);
	ck_assert_int_eq(run("clip.boxes", "clip.boxes", "new.mp4", -1, &result, &err), -EBADMSG);
	ck_assert_int_ne(access(in_folder("new.mp4"), F_OK), 0);
}
END_TEST

START_TEST(boxes_that_cannot_be_read_end_it_with_file_and_line)
{
	struct job_result result;
	struct scrim_error err;
	FILE *file = fopen(in_folder("bad.boxes"), "w");

	ck_assert_ptr_nonnull(file);
	fputs("0 1 1 6 6\n1 1 one 6 6\n", file);
	fclose(file);
	ck_assert_int_eq(run("clip.mp4", "bad.boxes", "new.mp4", -1, &result, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "bad.boxes:2: y: 'one'"));
	ck_assert_int_ne(access(in_folder("new.mp4"), F_OK), 0);
}
END_TEST

/* The test program is linked with --wrap=policy_read: a worker that has gone bad. */
static bool policy_is_forged;

int __real_policy_read(struct policy *policy, int fd, const char *name,
		       const char *camera, struct scrim_error *err);
int __wrap_policy_read(struct policy *policy, int fd, const char *name,
		       const char *camera, struct scrim_error *err);

int __wrap_policy_read(struct policy *policy, int fd, const char *name,
		       const char *camera, struct scrim_error *err)
{
	int ret = __real_policy_read(policy, fd, name, camera, err);

	if (policy_is_forged)
		policy->regions = POLICY_REGIONS_MAX + 1;
	return ret;
}

START_TEST(a_policy_out_of_the_cage_is_checked)
{
	static const struct policy nothing;
	static struct policy policy;
	FILE *file = fopen(in_folder("a.conf"), "w");

	ck_assert_ptr_nonnull(file);
	fputs("[camera a]\npurpose = test\n", file);
	fclose(file);
	ck_assert_int_eq(policy_load(&policy, in_folder("a.conf"), NULL, NULL), 0);
	ck_assert_int_eq(policy.faces, METHOD_FILL);
	policy_is_forged = true;
	ck_assert_int_eq(policy_load(&policy, in_folder("a.conf"), NULL, NULL), -EIO);
	policy_is_forged = false;
	ck_assert_mem_eq(&policy, &nothing, sizeof(policy));
}
END_TEST

/* How the reader of all policies has gone bad. */
static enum { SOUND, FORGES, CALLS } reader;

void __real_policies_read(struct policies *policies, const struct policy_file *files,
			  unsigned count);
void __wrap_policies_read(struct policies *policies, const struct policy_file *files,
			  unsigned count);

void __wrap_policies_read(struct policies *policies, const struct policy_file *files,
			  unsigned count)
{
	__real_policies_read(policies, files, count);
	if (reader == FORGES)
		policies->at[policies->count - 1].regions = POLICY_REGIONS_MAX + 1;
	if (reader == CALLS)
		syscall(__NR_socket, 1, 1, 0);
}

START_TEST(all_policies_are_read_in_the_cage_and_checked)
{
	struct policies *policies;
	struct scrim_error err;

	for (char name[] = "a.conf"; *name < 'c'; (*name)++) {
		FILE *file = fopen(in_folder(name), "w");

		ck_assert_ptr_nonnull(file);
		fprintf(file, "[camera %c]\npurpose = test\n", *name);
		fclose(file);
	}
	ck_assert_msg(policies_load(&policies, in_folder(""), &err) == 0, "%s", err.text);
	ck_assert_uint_eq(policies->count, 2);
	ck_assert_str_eq(policies->at[1].camera, "b");
	free(policies);
	reader = FORGES;
	ck_assert_int_eq(policies_load(&policies, in_folder(""), &err), -EIO);
	ck_assert_ptr_null(policies);
	reader = CALLS;
	ck_assert_int_eq(policies_load(&policies, in_folder(""), &err), -EIO);
	ck_assert_str_eq(err.text, "the worker broke out of its permissions and was killed");
	reader = SOUND;
}
END_TEST

Suite *job_suite(void)
{
	Suite *suite = suite_create("job");
	TCase *tcase = tcase_create("job");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, all_policies_are_read_in_the_cage_and_checked);
	tcase_add_test(tcase, a_clip_goes_through_the_cage);
	/* A sanitizer's allocator asks for other calls than the C library's. */
	if (!SANITIZED)
		tcase_add_loop_test(tcase, every_line_of_the_table_is_needed, 0,
				    cage_permissions_count);
	tcase_add_test(tcase, a_job_that_cannot_start_touches_nothing);
	tcase_add_test(tcase, a_policy_out_of_the_cage_is_checked);
	tcase_add_test(tcase, boxes_that_cannot_be_read_end_it_with_file_and_line);
	suite_add_tcase(suite, tcase);
	return suite;
}
