// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a change of policy is told from one that shows more: against points and pixels that
 * are looked at one by one, without lib/policy/area.c.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/area.h"
#include "policy/compare.h"

static struct policy old, new;
static struct comparison comparison;
static struct scrim_error err;

#define HEAD	"[camera porch]\npurpose = p\n"
#define REGION	"[region porch/a]\npolygon = "
#define LOWER	"0,0.5 1,0.5 1,1 0,1\n"
#define LOWER_THIRD "0,0.7 1,0.7 1,1 0,1\n"
#define LEFT	"0,0 0.5,0 0.5,1 0,1\n"
#define ALL	"0,0 1,0 1,1 0,1\n"

static void read_policy(struct policy *policy, const char *text)
{
	int fd = memfd_create("policy", MFD_CLOEXEC);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_msg(policy_read(policy, fd, "policy", "porch", &err) == 0, "%s", err.text);
	close(fd);
}

static enum open_verdict compare(void)
{
	comparison_clear(&comparison);
	policy_compare(&comparison, &old, &new);
	return comparison.verdict;
}

static const struct {
	const char *old, *new;
	const char *what;		/* NULL: no change at all */
	enum open_verdict verdict, back;	/* from old to new, and from new to old */
} cases[] = {
#define N	VERDICT_NEITHER
#define T	VERDICT_TIGHTENS
#define L	VERDICT_LOOSENS
	{ "", "; a comment\nfaces = fill\nmoving = show\ndetector = face\non-demand = yes\n", NULL, N, N },
	{ "device = /dev/video0\n", "device = /dev/video2\n", "device", L, L },
	{ "class = indoor\n", "class = baby\n", "class", L, L },
	{ "device = rtsps://h/\n", "device = rtsps://h/\ntls-ca = /a\n", "tls-ca", L, L },
	{ "device = rtsps://h/\ntls-ca = /a\n", "device = rtsps://h/\ntls-ca = /b\n", "tls-ca", L, L },
	{ "faces = fill\n", "faces = mosaic\n", "faces", L, T },
	{ "faces = mosaic\n", "faces = blur\n", "faces", L, T },
	{ "faces = blur\n", "faces = show\n", "faces", L, T },
	{ "moving = fill\n", "moving = blur\n", "moving", L, T },
	{ "moving = blur\n", "", "moving", L, T },
	{ "", "detector = none\nfaces = show\n", "faces", L, T },
	{ "detector = none\nfaces = show\n", "detector = motion\nfaces = show\n", "detector", N, N },
	{ "", "detector = motion\n", "faces", L, L },
	{ "detector = motion\nmoving = blur\n", "detector = motion\n", "moving", T, L },
	{ "", "detector = replay\nreplay = b\n", "detector", L, L },
	{ "detector = replay\nreplay = a\n", "detector = replay\nreplay = b\n", "replay", L, L },
	{ "", "model = m\n", "model", L, L },
	{ "faces = show\n", "faces = show\nmodel = m\n", NULL, N, N },
	{ "", "detect-size = 320x240\n", "detect-size", L, L },
	{ "", "on-demand = no\n", "on-demand", L, T },
	{ "", "controls = brightness\n", "controls", L, T },
	{ "controls = all\n", "controls = brightness\n", "controls", T, L },
	{ "controls = focus brightness\n", "controls = brightness focus\n", NULL, N, N },
	{ "controls = focus\n", "controls = brightness\n", "controls", L, L },
	{ "", "notice = yes\n", "notice", T, L },
	{ "", "notice = no\n", NULL, N, N },
	{ "", "readers = anna\n", "readers", T, L },
	{ "readers = anna bert\n", "readers = bert anna\n", NULL, N, N },
	{ "readers = anna\n", "readers = anna bert\n", "readers", L, T },
	{ "readers = none\n", "readers = anna\n", "readers", L, T },
	{ "readers = none\n", "", "readers", L, T },
	{ "readers = anna\n", "readers = bert\n", "readers", L, L },
	{ "readers = anna\n", "readers = anna unit:nvr.service\n", "readers", L, T },
	{ "readers = nvr.service\n", "readers = unit:nvr.service\n", "readers", L, L },
	{ "", "size = 640x480\n", "size", L, L },
	{ "rate = 30\n", "rate = 15\n", "rate", N, N },
	{ "rate = 30\n", "rate = 60/2\n", NULL, N, N },
	{ "", "format = MJPG\n", "format", N, N },
	{ "", REGION LOWER, "region a", T, L },
	{ REGION LOWER_THIRD, REGION LOWER, "region a", T, L },
	{ REGION LOWER, REGION LEFT, "region a", L, L },
	{ REGION LOWER, REGION "1,1 0,1 0,0.5 1,0.5\n", "region a", N, N },
	{ REGION LOWER, "[region porch/b]\npolygon = " LOWER, "region a", N, N },
	{ REGION LOWER, REGION LOWER "method = mosaic\n", "region a", L, T },
	{ REGION LOWER, REGION LOWER "method = show\n", "region a", L, T },
	{ REGION LOWER "method = show\n", "", "region a", N, N },
	{ REGION LOWER "method = blur\n", REGION LOWER_THIRD, "region a", L, L },
	{ REGION LOWER, REGION LOWER "locked = yes\n", "region a", T, L },
	{ REGION LOWER "locked = yes\n", REGION LOWER "[region porch/b]\nlocked = yes\npolygon = "
	  LOWER_THIRD, "region a", L, T },
	{ REGION LOWER "locked = yes\n", REGION ALL "locked = yes\n", "region a", T, L },
	{ REGION LOWER, REGION LOWER "reveal = yes\n", "region a", L, L },
	{ "", REGION LOWER "reveal = yes\n", "region a", T, L },
	{ REGION LOWER "reveal = yes\n", REGION LOWER_THIRD "reveal = yes\n", "region a", T, L },
	{ REGION LOWER "reveal = yes\n", REGION LOWER "reveal = yes\n[region porch/b]\nreveal = yes\n"
	  "polygon = " LEFT, "region b", L, T },
	{ REGION LOWER "between = 22:00-06:00\n", REGION LOWER, "region a", T, L },
	{ REGION LOWER "between = 22:00-06:00\n", REGION LOWER "between = 21:00-06:00\n", "region a", T, L },
	{ REGION LOWER "between = 22:00-06:00\n", REGION LOWER "between = 22:00-05:59\n", "region a", L, T },
	{ REGION LOWER "between = 22:00-06:00\n", REGION LOWER "between = 06:00-22:00\n", "region a", L, L },
	{ REGION LOWER, REGION LOWER "between = 22:00-06:00\n[region porch/b]\nbetween = 06:00-22:00\n"
	  "polygon = " LOWER, "region a", N, N },
	{ REGION ALL, REGION "0,0 0.5,0 0.5,1 0,1\n[region porch/b]\npolygon = 0.5,0 1,0 1,1 0.5,1\n",
	  "region a", N, N },
	/* Lines and points have no area, and hide the pixels in which they lie. */
	{ REGION "0.1,0.1 0.9,0.9 0.5,0.5\n", "", "region a", L, T },
	{ REGION "0.1,0.3 0.9,0.3 0.5,0.3\n", "", "region a", L, T },
	{ REGION "0.1,0.3 0.1,0.3 0.1,0.3\n", "", "region a", L, T },
	{ REGION "0.1,0.3 0.9,0.3 0.5,0.3\n", REGION LOWER, "region a", L, L },
	{ REGION "0.1,0.8 0.9,0.8 0.5,0.8\n", REGION LOWER, "region a", T, L },
	/* A needle out of a polygon that otherwise stays. */
	{ REGION "0,0.5 1,0.5 1,1 0.5,1 0.5,0.2 0.5,1 0,1\n", REGION LOWER, "region a", L, T },
	{ REGION "0,0.5 1,0.5 1,1 0.5,1 0.5,0.7 0.5,1 0,1\nreveal = yes\n", REGION LOWER "reveal = yes\n",
	  "region a", L, T },
	/* Four around a hole. */
	{ REGION ALL, REGION "0,0 1,0 1,0.4 0,0.4\n[region porch/b]\npolygon = 0,0.6 1,0.6 1,1 0,1\n"
	  "[region porch/c]\npolygon = 0,0 0.4,0 0.4,1 0,1\n[region porch/d]\npolygon = 0.6,0 1,0 1,1 0.6,1\n",
	  "region a", L, T },
	/* Two that overlap in the middle of it, but not everywhere. */
	{ REGION "0.2,0.2 0.8,0.2 0.8,0.8 0.2,0.8\n", REGION "0,0 0.3,0 0.9,1 0,1\n"
	  "[region porch/b]\npolygon = 0.5,0 1,0 1,1 0.5,1\n", "region a", L, L },
	/* Two that share an edge hide the pixels on it; one around both does not. */
	{ REGION "0,0 0.5,0 0.5,1 0,1\nreveal = yes\n[region porch/b]\nreveal = yes\npolygon = 0.5,0 1,0 1,1 0.5,1\n",
	  REGION ALL "reveal = yes\n", "region a", L, T },
#undef N
#undef T
#undef L
};

#define CASES	((int)(sizeof(cases) / sizeof(cases[0])))

static void read_case(const char *a, const char *b)
{
	char text[2][1024];

	snprintf(text[0], sizeof(text[0]), HEAD "%s", a);
	snprintf(text[1], sizeof(text[1]), HEAD "%s", b);
	read_policy(&old, text[0]);
	read_policy(&new, text[1]);
}

START_TEST(each_change_is_judged_in_both_directions)
{
	bool said = false;

	read_case(cases[_i].old, cases[_i].new);
	ck_assert_msg(compare() == cases[_i].verdict, "%s->%s is %s: %s", cases[_i].old, cases[_i].new,
		      verdict_name(comparison.verdict), comparison.count ? comparison.at[0].why : "");
	ck_assert_msg(!comparison.count == !cases[_i].what, "%s: %u changes", cases[_i].new, comparison.count);
	for (unsigned i = 0; i < comparison.count; i++) {
		said |= !strcmp(comparison.at[i].what, cases[_i].what);
		ck_assert(*comparison.at[i].why);
		ck_assert_str_eq(comparison.at[i].camera, "porch");
	}
	ck_assert_msg(said || !cases[_i].what, "%s is not told, but %s", cases[_i].what,
		      comparison.at[0].what);
	read_case(cases[_i].new, cases[_i].old);
	ck_assert_msg(compare() == cases[_i].back, "%s->%s is %s: %s", cases[_i].new, cases[_i].old,
		      verdict_name(comparison.verdict), comparison.count ? comparison.at[0].why : "");
}
END_TEST

START_TEST(another_purpose_loosens)
{
	read_policy(&old, "[camera porch]\npurpose = see who rings\n");
	read_policy(&new, "[camera porch]\npurpose = see who is late\n");
	ck_assert_int_eq(compare(), VERDICT_LOOSENS);
	ck_assert_str_eq(comparison.at[0].what, "purpose");
}
END_TEST

START_TEST(a_camera_that_comes_loosens_and_one_that_goes_tightens)
{
	struct policies *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));

	ck_assert(a && b);
	read_policy(&old, HEAD);
	a->at[a->count++] = old;
	b->at[b->count++] = old;
	policies_compare(&comparison, a, b);
	ck_assert_uint_eq(comparison.count, 0);
	strcpy(b->at[b->count++].camera, "desk");
	b->at[1].faces = METHOD_FILL;
	policies_compare(&comparison, a, b);
	ck_assert_int_eq(comparison.verdict, VERDICT_LOOSENS);
	ck_assert_uint_eq(comparison.count, 1);
	ck_assert_str_eq(comparison.at[0].camera, "desk");
	policies_compare(&comparison, b, a);
	ck_assert_int_eq(comparison.verdict, VERDICT_TIGHTENS);
	/* The empty policy hides everything: to it from anything, and from it to anything. */
	b->at[0] = (struct policy){ .camera = "porch" };
	b->count = 1;
	policies_compare(&comparison, a, b);
	ck_assert_int_eq(comparison.verdict, VERDICT_TIGHTENS);
	policies_compare(&comparison, b, a);
	ck_assert_int_eq(comparison.verdict, VERDICT_LOOSENS);
	policies_compare(&comparison, b, b);
	ck_assert_uint_eq(comparison.count, 0);
	free(a);
	free(b);
}
END_TEST

/* Policies by chance. */

static float random_fraction(void)
{
	return test_random() % 5 ? (test_random() % 100001) / 100000.0f : (test_random() % 9) / 8.0f;
}

static void random_polygon(struct polygon *polygon)
{
	polygon->points = 3 + test_random() % 6;
	for (unsigned i = 0; i < polygon->points; i++) {
		polygon->at[i].x = random_fraction();
		polygon->at[i].y = random_fraction();
	}
}

static void random_region(struct policy *policy)
{
	static unsigned number;
	struct policy_region *region = &policy->region[policy->regions++];

	*region = (struct policy_region){ .method = METHOD_FILL + test_random() % 4 };
	snprintf(region->name, sizeof(region->name), "%u", number++);
	random_polygon(&region->polygon);
	if (test_random() % 3 == 0)
		region->between = (struct hours){ test_random() % 3 * 480, test_random() % 3 * 480 };
	else if (test_random() % 4 == 0)
		region->reveal = true;
}

static void random_policy(struct policy *policy)
{
	policy_default(policy);
	strcpy(policy->camera, "porch");
	for (unsigned i = 1 + test_random() % 3; i; i--)
		random_region(policy);
}

/* A small change, of the kind that people make. */
static void change_policy(struct policy *policy)
{
	struct policy_region *region = &policy->region[test_random() % policy->regions];

	switch (test_random() % 8) {
	case 0:
		random_region(policy);
		break;
	case 1:
		*region = policy->region[--policy->regions];
		break;
	case 2:
		region->method = METHOD_FILL + test_random() % 4;
		break;
	case 3:
		region->between = (struct hours){ test_random() % 3 * 480, test_random() % 3 * 480 };
		break;
	case 4:
		region->reveal = !region->reveal;
		break;
	case 5:
		region->polygon.at[test_random() % 3].x = random_fraction();
		break;
	default:	/* by as much as nobody sees */
		region->polygon.at[test_random() % 3].y *= 1 - (test_random() % 3) / 3000.0f;
	}
	if (!policy->regions)
		random_region(policy);
}

/* How often a polygon goes around a point; 100 when the point is near an edge. */
static int around(const struct polygon *polygon, double x, double y)
{
	int winding = 0;

	for (unsigned i = 0; i < polygon->points; i++) {
		unsigned j = (i + 1) % polygon->points;
		double ax = polygon->at[i].x - x, ay = polygon->at[i].y - y;
		double bx = polygon->at[j].x - x, by = polygon->at[j].y - y;
		double cross = ax * by - ay * bx;

		if (cross > -1e-9 && cross < 1e-9)
			return 100;
		if (ay <= 0 && by > 0 && cross > 0)
			winding++;
		if (ay > 0 && by <= 0 && cross < 0)
			winding--;
	}
	return winding;
}

/* 0 shown to 3 filled; -1: too near to an edge to say. */
static int strength_at(const struct policy *policy, double x, double y, int minute)
{
	static const int strength[] = { 3, 3, 2, 1, 0 };
	bool reveals = false, revealed = false;
	int most = 0;

	for (unsigned i = 0; i < policy->regions; i++) {
		const struct policy_region *region = &policy->region[i];
		int winding = around(&region->polygon, x, y);

		if (winding == 100)
			return -1;
		reveals |= region->reveal;
		revealed |= region->reveal && winding % 2;
		if (!region->reveal && winding && policy_region_holds(region, minute) &&
		    strength[region->method] > most)
			most = strength[region->method];
	}
	return reveals && !revealed ? 3 : most;
}

/* Whether one of many points is covered less than before. */
static bool some_point_is_shown(void)
{
	for (int i = 0; i < 300; i++) {
		double x = test_random() % 100000 / 100000.0 + 3e-6;
		double y = test_random() % 100000 / 100000.0 + 3e-6;
		int minute = test_random() % MINUTES_A_DAY;
		int before = strength_at(&old, x, y, minute), after = strength_at(&new, x, y, minute);

		if (before >= 0 && after >= 0 && after < before)
			return true;
	}
	return false;
}

START_TEST(a_point_that_was_covered_and_is_not_loosens)
{
	unsigned shown = 0, loosened = 0;

	for (int round = 0; round < 600; round++) {
		random_policy(&old);
		new = old;
		change_policy(&new);
		if (test_random() % 2)
			change_policy(&new);
		if (compare() == VERDICT_LOOSENS)
			loosened++;
		if (some_point_is_shown()) {
			shown++;
			ck_assert_int_eq(comparison.verdict, VERDICT_LOOSENS);
		}
	}
	ck_assert_uint_ge(loosened, shown);
}
END_TEST

/* A shape as redact() gets it: regions of one strength, or what is not revealed. */
static struct shape *draw(const struct policy *policy, enum method weakest, bool reveal,
			  unsigned width, unsigned height)
{
	struct polygon polygons[POLICY_REGIONS_MAX];
	struct shape *shape = NULL;
	unsigned count = 0;

	for (unsigned i = 0; i < policy->regions; i++)
		if (policy->region[i].reveal == reveal && (reveal || policy->region[i].method <= weakest))
			polygons[count++] = policy->region[i].polygon;
	if (!reveal || count)
		ck_assert_int_eq(shape_draw(&shape, polygons, count, reveal, width, height, &err), 0);
	return shape;
}

static bool has(const struct shape *shape, unsigned x, unsigned y)
{
	for (uint32_t i = shape ? shape->row[y] : 0; i < (shape ? shape->row[y + 1] : 0); i++)
		if (x >= shape->span[i].from && x < shape->span[i].to)
			return true;
	return false;
}

/* Whether some pixel is not covered any more by a method as strong, whatever the time. */
static bool some_pixel_is_shown(enum method weakest, unsigned width, unsigned height)
{
	struct shape *shapes[] = {
		draw(&old, weakest, false, width, height), draw(&old, weakest, true, width, height),
		draw(&new, weakest, false, width, height), draw(&new, weakest, true, width, height),
	};
	bool shown = false;

	for (unsigned y = 0; y < height; y++)
		for (unsigned x = 0; x < width; x++)
			shown |= (has(shapes[0], x, y) || has(shapes[1], x, y)) &&
				 !has(shapes[2], x, y) && !has(shapes[3], x, y);
	for (int i = 0; i < 4; i++)
		shape_free(&shapes[i]);
	return shown;
}

/*
 * Numbers without a border between pixels among them: drawing widens a slanted edge by a
 * millionth of a pixel, which may be a pixel more where an edge ends on a border.
 */
static void away_from_borders(struct policy *policy)
{
	for (unsigned i = 0; i < policy->regions; i++) {
		struct policy_region *region = &policy->region[i];

		region->between = (struct hours){ 0, 0 };
		for (unsigned k = 0; k < region->polygon.points; k++) {
			region->polygon.at[k].x = .0001f * (3 + test_random() % 9990) + .00003217f;
			region->polygon.at[k].y = .0001f * (3 + test_random() % 9990) + .00003217f;
		}
	}
}

START_TEST(a_pixel_that_was_covered_and_is_not_loosens)
{
	unsigned shown = 0;

	for (int round = 0; round < 200; round++) {
		unsigned width = 1 + test_random() % 70, height = 1 + test_random() % 50;

		random_policy(&old);
		away_from_borders(&old);
		new = old;
		if (test_random() % 2)
			new.region[0].polygon.at[0].x *= .9999f;
		else
			change_policy(&new);
		for (unsigned i = 0; i < new.regions; i++)
			new.region[i].between = (struct hours){ 0, 0 };
		compare();
		for (enum method m = METHOD_FILL; m < METHOD_SHOW; m++)
			if (some_pixel_is_shown(m, width, height)) {
				shown++;
				ck_assert_int_eq(comparison.verdict, VERDICT_LOOSENS);
			}
	}
	ck_assert_uint_gt(shown, 0);
}
END_TEST

START_TEST(one_more_region_never_loosens)
{
	for (int round = 0; round < 100; round++) {
		random_policy(&old);
		new = old;
		random_region(&new);
		new.region[old.regions].reveal = false;
		ck_assert_msg(compare() != VERDICT_LOOSENS, "%s", comparison.at[0].why);
	}
}
END_TEST

START_TEST(one_region_less_never_tightens_unless_it_revealed)
{
	for (int round = 0; round < 100; round++) {
		random_policy(&old);
		new = old;
		new.regions--;
		if (!old.region[new.regions].reveal)
			ck_assert_int_ne(compare(), VERDICT_TIGHTENS);
	}
}
END_TEST

START_TEST(the_order_of_regions_and_their_points_means_nothing)
{
	for (int round = 0; round < 60; round++) {
		random_policy(&old);
		new = old;
		for (unsigned i = 0; i < old.regions; i++) {
			struct polygon *polygon = &new.region[i].polygon;

			new.region[i] = old.region[old.regions - 1 - i];
			for (unsigned k = 0; round % 2 && k < polygon->points; k++)
				polygon->at[k] = old.region[old.regions - 1 - i].polygon.at
						 [(k + 2) % polygon->points];
		}
		ck_assert_msg(compare() == VERDICT_NEITHER, "%s: %s", comparison.at[0].what,
			      comparison.at[0].why);
		ck_assert(round % 2 || !comparison.count);
	}
}
END_TEST

/* Away from a point inside of it, by whatever factor. */
START_TEST(a_polygon_that_grows_covers_what_it_did)
{
	for (int round = 0; round < 100; round++) {
		const float by = 1 + test_random() % 100 / 100.0f;
		struct polygon *polygon;

		policy_default(&old);
		random_region(&old);
		old.region[0].reveal = false;
		old.region[0].method = METHOD_FILL;
		polygon = &old.region[0].polygon;
		/* A star around .5,.5, by steps of the same angle on a square. */
		polygon->points = 8;
		for (unsigned i = 0; i < 8; i++) {
			static const int dx[] = { 1, 1, 0, -1, -1, -1, 0, 1 };
			float far = (1 + test_random() % 8) / 64.0f;

			polygon->at[i].x = .5f + far * dx[i];
			polygon->at[i].y = .5f + far * dx[(i + 6) % 8];
		}
		new = old;
		polygon = &new.region[0].polygon;
		for (unsigned i = 0; i < 8; i++) {
			polygon->at[i].x = .5f + (polygon->at[i].x - .5f) * by;
			polygon->at[i].y = .5f + (polygon->at[i].y - .5f) * by;
		}
		ck_assert_msg(compare() == (by > 1 ? VERDICT_TIGHTENS : VERDICT_NEITHER), "%s: %s",
			      verdict_name(comparison.verdict), comparison.at[0].why);
	}
}
END_TEST

START_TEST(what_is_too_intricate_to_compare_is_doubted)
{
	policy_default(&old);
	for (int i = 0; i < POLICY_REGIONS_MAX; i++) {
		random_region(&old);
		old.region[i].method = METHOD_FILL;
		old.region[i].reveal = false;
		old.region[i].polygon.points = POLYGON_POINTS_MAX;
		for (int k = 0; k < POLYGON_POINTS_MAX; k++) {
			old.region[i].polygon.at[k].x = random_fraction();
			old.region[i].polygon.at[k].y = random_fraction();
		}
	}
	new = old;
	new.region[0].polygon.at[0].x = .123f;
	ck_assert_int_eq(compare(), VERDICT_LOOSENS);
}
END_TEST

START_TEST(what_takes_long_to_compare_is_given_up)
{
	const struct polygon *const by[] = { &new.region[0].polygon };
	struct point2 where;
	uint64_t left = 1000;
	unsigned times = 0;

	read_case(REGION LOWER_THIRD, REGION LOWER);
	while (area_is_covered(&old.region[0].polygon, by, 1, &left, &where))
		ck_assert_uint_lt(times++, 1000);
	ck_assert_uint_gt(times, 0);
	left = 1000;
	ck_assert(area_is_covered(&old.region[0].polygon, by, 1, &left, &where));
}
END_TEST

START_TEST(without_memory_a_change_loosens)
{
	read_case(REGION LOWER_THIRD, REGION LOWER);
	for (unsigned n = 1; n <= 4; n++) {
		enum open_verdict verdict;

		test_alloc_fail_at(n);
		verdict = compare();
		test_alloc_fail_at(0);
		ck_assert_int_eq(verdict, VERDICT_LOOSENS);
	}
	ck_assert_int_eq(compare(), VERDICT_TIGHTENS);
}
END_TEST

START_TEST(more_changes_than_there_is_room_for_still_count)
{
	comparison_clear(&comparison);
	read_policy(&old, HEAD);
	new = old;
	new.wish.fourcc = 1;
	for (int i = 0; i < CHANGES_MAX + 5; i++)
		policy_compare(&comparison, &old, &new);
	new.faces = METHOD_SHOW;
	policy_compare(&comparison, &old, &new);
	ck_assert_int_eq(comparison.verdict, VERDICT_LOOSENS);
	ck_assert_uint_eq(comparison.count, CHANGES_MAX + 7);
}
END_TEST

Suite *compare_suite(void)
{
	Suite *suite = suite_create("compare");
	TCase *tcase = tcase_create("compare");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, each_change_is_judged_in_both_directions, 0, CASES);
	tcase_add_test(tcase, another_purpose_loosens);
	tcase_add_test(tcase, a_camera_that_comes_loosens_and_one_that_goes_tightens);
	tcase_add_test(tcase, a_point_that_was_covered_and_is_not_loosens);
	tcase_add_test(tcase, a_pixel_that_was_covered_and_is_not_loosens);
	tcase_add_test(tcase, one_more_region_never_loosens);
	tcase_add_test(tcase, one_region_less_never_tightens_unless_it_revealed);
	tcase_add_test(tcase, the_order_of_regions_and_their_points_means_nothing);
	tcase_add_test(tcase, a_polygon_that_grows_covers_what_it_did);
	tcase_add_test(tcase, what_is_too_intricate_to_compare_is_doubted);
	tcase_add_test(tcase, what_takes_long_to_compare_is_given_up);
	tcase_add_test(tcase, without_memory_a_change_loosens);
	tcase_add_test(tcase, more_changes_than_there_is_room_for_still_count);
	suite_add_tcase(suite, tcase);
	return suite;
}
