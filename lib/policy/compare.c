// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Key by key, and region by region.  For regions their names matter to the reader only: each
 * place that the old policy covers must be covered by some regions of the new one, by a
 * method as strong, in every minute in which it was.
 */
#include "policy/compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/area.h"

struct comparing {
	struct comparison *comparison;
	const struct policy *old, *new;
	uint64_t *left;			/* work for comparing areas */
};

const char *verdict_name(enum open_verdict verdict)
{
	switch (verdict) {
	case VERDICT_NEITHER:	return "NEITHER";
	case VERDICT_TIGHTENS:	return "TIGHTENS";
	case VERDICT_LOOSENS:	return "LOOSENS";
	}
	return "LOOSENS";
}

void comparison_clear(struct comparison *comparison)
{
	comparison->verdict = VERDICT_NEITHER;
	comparison->count = 0;
}

static void say(const struct comparing *c, enum open_verdict verdict, const char *what,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void say(const struct comparing *c, enum open_verdict verdict, const char *what,
		const char *fmt, ...)
{
	struct comparison *comparison = c->comparison;
	struct change *change;
	va_list args;

	if (verdict > comparison->verdict)
		comparison->verdict = verdict;
	if (comparison->count++ >= CHANGES_MAX)
		return;
	change = &comparison->at[comparison->count - 1];
	change->verdict = verdict;
	snprintf(change->camera, sizeof(change->camera), "%s", (c->old ? c->old : c->new)->camera);
	snprintf(change->what, sizeof(change->what), "%s", what);
	va_start(args, fmt);
	vsnprintf(change->why, sizeof(change->why), fmt, args);
	va_end(args);
}

/* Nothing of the picture is seen. */
static bool hides_all(const struct policy *policy)
{
	return !policy || policy->faces == METHOD_UNSET;
}

/* show < blur < mosaic < fill; redact() takes any other number for fill. */
static unsigned strength(enum method method)
{
	switch (method) {
	case METHOD_SHOW:	return 0;
	case METHOD_BLUR:	return 1;
	case METHOD_MOSAIC:	return 2;
	case METHOD_UNSET:
	case METHOD_FILL:	break;
	}
	return 3;
}

static void compare_methods(const struct comparing *c, const char *what, enum method old,
			    enum method new)
{
	if (strength(old) != strength(new))
		say(c, strength(new) < strength(old) ? VERDICT_LOOSENS : VERDICT_TIGHTENS, what,
		    "%s becomes %s", method_name(old), method_name(new));
}

/* A text of which nobody can say what it changes. */
static void compare_texts(const struct comparing *c, const char *what, const char *old,
			  const char *new, const char *why)
{
	if (strcmp(old, new))
		say(c, VERDICT_LOOSENS, what, "%s", why);
}

/* Another way to find faces finds others, and may miss what was found. */
static void compare_detectors(const struct comparing *c)
{
	const struct policy *old = c->old, *new = c->new;
	bool both = policy_finds_faces(old) && policy_finds_faces(new);

	if (old->detector != new->detector)
		say(c, both ? VERDICT_LOOSENS : VERDICT_NEITHER, "detector",
		    both ? "%s becomes %s: it may miss faces that were found" :
		    "%s becomes %s; `faces' and `moving' say what follows",
		    detector_name(old->detector), detector_name(new->detector));
	if (!both || old->detector != new->detector)
		return;
	if (old->detector == DETECTOR_REPLAY)
		compare_texts(c, "replay", old->replay, new->replay,
			      "other boxes may miss faces that were covered");
	if (old->detector != DETECTOR_FACE)
		return;
	compare_texts(c, "model", old->model, new->model,
		      "another network may miss faces that were found");
	if (old->detect_w != new->detect_w || old->detect_h != new->detect_h)
		say(c, VERDICT_LOOSENS, "detect-size",
		    "in another size faces may be missed that were found");
}

static enum method faces_method(const struct policy *policy)
{
	return policy_finds_faces(policy) ? policy->faces : METHOD_SHOW;
}

/* What moves; nobody said is not looked for here, other than in a region. */
static enum method moving_method(const struct policy *policy)
{
	enum method method = policy_moving(policy);

	return method == METHOD_UNSET ? METHOD_SHOW : method;
}

static bool has_word(const char *list, const char *word, size_t length)
{
	for (size_t here; (here = strcspn(list, " ")); list += here + (list[here] == ' '))
		if (here == length && !strncmp(list, word, length))
			return true;
	return false;
}

/* Whether the first list allows all that the second does. */
static bool allows_all(const char *list, const char *of)
{
	if (!strcmp(list, "all"))
		return true;
	for (size_t length; (length = strcspn(of, " ")); of += length + (of[length] == ' '))
		if (!has_word(list, of, length))
			return false;
	return true;
}

static void compare_controls(const struct comparing *c)
{
	bool loosens = !allows_all(c->old->controls, c->new->controls);

	if (loosens)
		say(c, VERDICT_LOOSENS, "controls", "programs may set more, "
		    "and what moves the picture moves it under the regions");
	else if (!allows_all(c->new->controls, c->old->controls))
		say(c, VERDICT_TIGHTENS, "controls", "programs may set less");
}

static const char *readers(const struct policy *policy)
{
	return !*policy->readers ? "all" : strcmp(policy->readers, "none") ? policy->readers : "";
}

static void compare_readers(const struct comparing *c)
{
	if (!allows_all(readers(c->old), readers(c->new)))
		say(c, VERDICT_LOOSENS, "readers", "others may have the camera");
	else if (!allows_all(readers(c->new), readers(c->old)))
		say(c, VERDICT_TIGHTENS, "readers", "fewer may have the camera");
}

static void compare_wishes(const struct comparing *c)
{
	const struct wish *old = &c->old->wish, *new = &c->new->wish;

	if (old->width != new->width || old->height != new->height)
		say(c, VERDICT_LOOSENS, "size", "in another size a camera may show another part "
		    "of the scene, and regions lie elsewhere");
	if ((uint64_t)old->frames * new->seconds != (uint64_t)new->frames * old->seconds)
		say(c, VERDICT_NEITHER, "rate", "every frame is covered in the same way");
	if (old->fourcc != new->fourcc)
		say(c, VERDICT_NEITHER, "format", "every format is covered in the same way");
}

static void compare_keys(const struct comparing *c)
{
	const struct policy *old = c->old, *new = c->new;

	compare_texts(c, "device", old->device, new->device,
		      "another camera sees other things in the same places");
	if (strcmp(old->credentials, new->credentials))
		say(c, VERDICT_NEITHER, "credentials", "the same camera is asked by another name");
	compare_texts(c, "tls-ca", old->tls_ca, new->tls_ca,
		      "somebody else may say which camera this is");
	compare_texts(c, "purpose", old->purpose, new->purpose,
		      "what is shown may be used for something else");
	compare_texts(c, "class", old->class, new->class, "another kind of place has other rules");
	compare_methods(c, "faces", faces_method(old), faces_method(new));
	compare_detectors(c);
	compare_methods(c, "moving", moving_method(old), moving_method(new));
	if (old->always_on != new->always_on)
		say(c, new->always_on ? VERDICT_LOOSENS : VERDICT_TIGHTENS, "on-demand",
		    new->always_on ? "the camera is on though nobody watches" :
		    "the camera is on while somebody watches");
	if (old->notice != new->notice)
		say(c, new->notice ? VERDICT_TIGHTENS : VERDICT_LOOSENS, "notice",
		    new->notice ? "who is seen is told, by a badge" :
		    "who is seen is no longer told");
	compare_controls(c);
	compare_readers(c);
	compare_wishes(c);
}

/* Regions. */

static bool covers(const struct policy_region *region)
{
	return !region->reveal && region->method != METHOD_SHOW;
}

static bool same_polygon(const struct polygon *a, const struct polygon *b)
{
	return a->points == b->points && !memcmp(a->at, b->at, a->points * sizeof(a->at[0]));
}

static bool same_hours(struct hours a, struct hours b)
{
	return (a.from == b.from && a.to == b.to) || (a.from == a.to && b.from == b.to);
}

static bool same_region(const struct policy_region *a, const struct policy_region *b)
{
	return same_polygon(&a->polygon, &b->polygon) && a->method == b->method &&
	       a->reveal == b->reveal && a->locked == b->locked &&
	       same_hours(a->between, b->between);
}

static const struct policy_region *find_name(const struct policy *policy, const char *name)
{
	for (unsigned i = 0; i < policy->regions; i++)
		if (!strcmp(policy->region[i].name, name))
			return &policy->region[i];
	return NULL;
}

static bool has_same(const struct policy *policy, const struct policy_region *region)
{
	for (unsigned i = 0; i < policy->regions; i++)
		if (same_region(&policy->region[i], region))
			return true;
	return false;
}

static bool has_reveal(const struct policy *policy)
{
	for (unsigned i = 0; i < policy->regions; i++)
		if (policy->region[i].reveal)
			return true;
	return false;
}

/* The minutes at which some region begins or ends to hold; in between nothing changes. */
static void mark_turns(bool turns[MINUTES_A_DAY], const struct policy *policy)
{
	turns[0] = true;
	for (unsigned i = 0; i < policy->regions; i++) {
		turns[policy->region[i].between.from] = true;
		turns[policy->region[i].between.to] = true;
	}
}

struct gap {
	struct point2 where;
	int minute;
};

/* Whether `by` covers the region at this minute, and by a method as strong. */
static bool is_covered_at(const struct comparing *c, const struct policy_region *region,
			  const struct policy *by, bool locked, int minute, struct point2 *where)
{
	const struct polygon *polygons[POLICY_REGIONS_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < by->regions; i++) {
		const struct policy_region *other = &by->region[i];

		if (locked ? other->locked : covers(other) && policy_region_holds(other, minute) &&
			     strength(other->method) >= strength(region->method))
			polygons[count++] = &other->polygon;
	}
	return area_is_covered(&region->polygon, polygons, count, c->left, where);
}

static bool is_covered(const struct comparing *c, const struct policy_region *region,
		       const struct policy *by, struct gap *gap)
{
	bool turns[MINUTES_A_DAY] = { false };

	mark_turns(turns, c->old);
	mark_turns(turns, c->new);
	for (gap->minute = 0; gap->minute < MINUTES_A_DAY; gap->minute++)
		if (turns[gap->minute] && policy_region_holds(region, gap->minute) &&
		    !is_covered_at(c, region, by, false, gap->minute, &gap->where))
			return false;
	return true;
}

/* A pixel is revealed by one region that it lies wholly in, not by two that share it. */
static bool is_revealed(const struct comparing *c, const struct policy_region *region,
			const struct policy *by, struct point2 *where)
{
	for (unsigned i = 0; i < by->regions; i++)
		if (by->region[i].reveal &&
		    area_is_revealed(&region->polygon, &by->region[i].polygon, c->left, where))
			return true;
	return false;
}

struct finding {
	enum open_verdict verdict;
	char why[CHANGE_TEXT_MAX];
};

static void find(struct finding *finding, enum open_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The worst is told. */
static void find(struct finding *finding, enum open_verdict verdict, const char *fmt, ...)
{
	va_list args;

	if (*finding->why && verdict <= finding->verdict)
		return;
	finding->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(finding->why, sizeof(finding->why), fmt, args);
	va_end(args);
}

static void tell_gap(struct finding *finding, enum open_verdict verdict, const struct gap *gap,
		     const struct policy_region *region, const struct policy_region *other,
		     const char *no_longer)
{
	double x = gap->where.x, y = gap->where.y;

	if (other && covers(other) && strength(other->method) < strength(region->method))
		find(finding, verdict, "%s %s as strong as %s at %.3f,%.3f",
		     method_name(other->method), *no_longer ? "is not" : "was not",
		     method_name(region->method), x, y);
	else if (other && covers(other) && !same_hours(other->between, region->between))
		find(finding, verdict, "it covers %.3f,%.3f at %02d:%02d%s", x, y,
		     gap->minute / 60, gap->minute % 60, no_longer);
	else
		find(finding, verdict, "it covers %.3f,%.3f%s", x, y, no_longer);
}

/* A region of the old policy, which is not in the new one, or not the same. */
static void lose(const struct comparing *c, const struct policy_region *region,
		 struct finding *finding)
{
	const struct policy_region *other = find_name(c->new, region->name);
	struct point2 where;
	struct gap gap;

	if (region->locked && !is_covered_at(c, region, c->new, true, 0, &where))
		find(finding, VERDICT_LOOSENS, "the kernel holds %.3f,%.3f no longer",
		     where.x, where.y);
	if (region->reveal && !has_reveal(c->new))
		find(finding, VERDICT_LOOSENS, "what lies outside of it is covered no longer");
	else if (region->reveal && !is_revealed(c, region, c->new, &where))
		find(finding, VERDICT_TIGHTENS, "it shows less");
	if (covers(region) && !is_covered(c, region, c->new, &gap))
		tell_gap(finding, VERDICT_LOOSENS, &gap, region, other, " no longer");
}

/* A region of the new policy, which is not in the old one, or not the same. */
static void gain(const struct comparing *c, const struct policy_region *region,
		 struct finding *finding)
{
	const struct policy_region *other = find_name(c->old, region->name);
	struct point2 where;
	struct gap gap;

	if (region->reveal && has_reveal(c->old) && !is_revealed(c, region, c->old, &where))
		find(finding, VERDICT_LOOSENS, "it shows what no single region revealed");
	if (region->reveal && !has_reveal(c->old))
		find(finding, VERDICT_TIGHTENS, "what lies outside of it is covered now");
	if (covers(region) && !is_covered(c, region, c->old, &gap))
		tell_gap(finding, VERDICT_TIGHTENS, &gap, region, other, "");
	if (region->locked && !is_covered_at(c, region, c->old, true, 0, &where))
		find(finding, VERDICT_TIGHTENS, "the kernel holds it now");
}

static void compare_region(const struct comparing *c, const struct policy_region *old,
			   const struct policy_region *new)
{
	struct finding finding = { VERDICT_NEITHER, "" };
	char what[POLICY_NAME_MAX + 8];

	if (old && !has_same(c->new, old))
		lose(c, old, &finding);
	if (new && !has_same(c->old, new))
		gain(c, new, &finding);
	if (old && new && same_region(old, new))
		return;
	snprintf(what, sizeof(what), "region %s", (old ? old : new)->name);
	find(&finding, VERDICT_NEITHER, old && new ? "the same is covered as before" :
	     old ? "other regions cover the same" : "it was covered already");
	say(c, finding.verdict, what, "%s", finding.why);
}

static void compare_regions(const struct comparing *c)
{
	for (unsigned i = 0; i < c->old->regions; i++)
		compare_region(c, &c->old->region[i], find_name(c->new, c->old->region[i].name));
	for (unsigned i = 0; i < c->new->regions; i++) {
		const struct policy_region *old = find_name(c->old, c->new->region[i].name);

		/* With its namesake it was compared already. */
		if (!old || find_name(c->new, old->name) != &c->new->region[i])
			compare_region(c, NULL, &c->new->region[i]);
	}
}

void policy_compare(struct comparison *comparison, const struct policy *old,
		    const struct policy *new)
{
	uint64_t left = AREA_WORK_MAX;
	const struct comparing c = { comparison, old, new, &left };

	if (hides_all(old) && hides_all(new))
		return;
	if (hides_all(old)) {
		say(&c, VERDICT_LOOSENS, "camera", "it is new: nothing of it was shown");
	} else if (hides_all(new)) {
		say(&c, VERDICT_TIGHTENS, "camera", "it is gone: nothing of it is shown");
	} else {
		compare_keys(&c);
		compare_regions(&c);
	}
}

void policy_compare_sealed(struct comparison *comparison, const struct policy *old,
			   const struct policy *new, const char *before, const char *now)
{
	const struct comparing c = { .comparison = comparison, .old = old, .new = new };
	bool boxes = new->detector == DETECTOR_REPLAY;

	/* Of what is named anew that is said already. */
	if (old->detector != new->detector || strcmp(old->model, new->model) ||
	    strcmp(old->replay, new->replay) || !strcmp(before, now))
		return;
	if (*now)
		say(&c, VERDICT_LOOSENS, boxes ? "replay" : "model",
		    "the file is another one and may miss faces that were found: sha256 %s", now);
	else
		say(&c, VERDICT_TIGHTENS, "model", "the file is gone: all of the picture is covered");
}

void policies_compare(struct comparison *comparison, const struct policies *old,
		      const struct policies *new)
{
	comparison_clear(comparison);
	for (unsigned i = 0; i < old->count; i++)
		policy_compare(comparison, &old->at[i], policies_find(new, old->at[i].camera));
	for (unsigned i = 0; i < new->count; i++)
		if (!policies_find(old, new->at[i].camera))
			policy_compare(comparison, NULL, &new->at[i]);
}
