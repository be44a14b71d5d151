// SPDX-License-Identifier: GPL-2.0
/*
 * The status for people: a paragraph for each camera, and one for the machine.  Every text in it
 * has been cleaned of control characters by whoever gathered it.
 */
#include "cameras.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/write.h"
#include "session/share.h"
#include "status_exports.h"

enum ink { PLAIN, BOLD, GOOD, BAD, WARN };

/* Nothing but on a terminal that has colours, see no-color.org. */
static const char *ink(enum ink ink)
{
	static const char *const codes[] = {
		[PLAIN] = "\033[0m", [BOLD] = "\033[1m", [GOOD] = "\033[32m",
		[BAD] = "\033[31m", [WARN] = "\033[33m",
	};
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") && !(none && *none) ?
	       codes[ink] : "";
}

static void row(const char *label, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void row(const char *label, const char *fmt, ...)
{
	va_list args;

	printf("  %s%-9s%s ", ink(BOLD), label, ink(PLAIN));
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_head(const struct camera_status *camera)
{
	const struct control_status *s = &camera->reply.status;
	bool up = !camera->asked;
	enum ink colour = !up || s->state == CONTROL_BLACK ? BAD :
			  s->state == CONTROL_SHOWS ? GOOD : PLAIN;

	printf("%scamera %s%s: %s%s%s", ink(BOLD), camera->name, ink(PLAIN), ink(colour),
	       camera_state(camera), ink(PLAIN));
	if (up && *s->why && s->state == CONTROL_BLACK)
		printf(" (%s)", s->why);
	if (up && s->has & CONTROL_TO_NOBODY)
		printf(", shown to nobody (--feed null)");
	else if (up)
		printf(", %u watching", s->readers);
	if (up && s->places)
		printf(", %u of %u places taken", s->places, SHARE_MAX);
	else if (camera->kernel.live)
		printf(", %u watching black", camera->kernel.readers);
	putchar('\n');
}

static void print_policy(const struct camera_status *camera, const char *path)
{
	const struct control_status *s = &camera->reply.status;
	const struct policy *p = camera->policy;

	if (!camera->asked)
		row("purpose", "%s%s%s%s", s->purpose, *s->class ? " (" : "", s->class,
		    *s->class ? ")" : "");
	else if (p)
		row("purpose", "%s%s%s%s", p->purpose, *p->class ? " (" : "", p->class,
		    *p->class ? ")" : "");
	row("policy", "%s", !camera->asked ? s->policy : p ? path : "none");
}

static const char *method_text(uint32_t method)
{
	return method == METHOD_UNSET ? "fill" : method_name(method);
}

static void print_covers(const struct camera_status *camera)
{
	const struct control_status *s = &camera->reply.status;

	if (camera->asked)
		return;
	row("covers", "faces %s (detector %s%s)%s%s; %u region%s, %u locked", method_text(s->faces),
	    detector_name(s->detector), (s->has & CONTROL_NEEDS_MODEL) &&
	    !(s->has & CONTROL_HAS_MODEL) ? ", no model" : "",
	    s->moving == METHOD_UNSET || s->moving == METHOD_SHOW ? "" : ", what moves ",
	    s->moving == METHOD_UNSET || s->moving == METHOD_SHOW ? "" : method_name(s->moving),
	    s->regions, plural(s->regions), s->locked);
}

static void print_notice(const struct camera_status *camera)
{
	uint32_t has = camera->reply.status.has;

	if (!camera->asked)
		row("notice", "%s", has & CONTROL_NOTICE_SHOWN ? "shown to who is seen, and in the log" :
		    has & CONTROL_NOTICE ? "not shown now: there are no pictures" :
		    "none (notice = no)");
}

static void print_picture(const struct camera_status *camera)
{
	const struct control_status *s = &camera->reply.status;
	char fourcc[FOURCC_TEXT_MAX], whole[CONTROL_TEXT_MAX + 32] = "";

	if (camera->asked)
		return;
	fourcc_write(fourcc, s->fourcc);
	if (s->width)
		row("picture", "%ux%u %s, %.4g/s", s->width, s->height, fourcc,
		    s->seconds ? (double)s->per / s->seconds : 0.);
	if (s->has & CONTROL_ZERO_COPY || *s->copied)
		row("path", "%s%s%s", *s->copied ? "copied (" : "zero-copy", s->copied,
		    *s->copied ? ")" : "");
	if (s->whole)
		snprintf(whole, sizeof(whole), " (%s; %llu s ago)", s->doubt,
			 (unsigned long long)s->doubt_ms / 1000);
	row("frames", "%llu shown, %llu covered whole%s, %llu dropped, %llu damaged; %u restart%s",
	    (unsigned long long)s->frames, (unsigned long long)s->whole, whole,
	    (unsigned long long)s->dropped, (unsigned long long)s->damaged, s->restarts,
	    plural(s->restarts));
}

static void print_shutters(const struct camera_status *camera)
{
	bool feed = !camera->asked && camera->reply.status.has & CONTROL_SHUTTER_SHUT;
	bool any = feed || camera->kernel.shut || camera->capture_shut > 0;

	if (!camera->kernel.live)
		return;
	row("shutter", "%s%s%s%s%s%s%s", any ? ink(WARN) : "", any ? "closed, black" : "open",
	    any ? ink(PLAIN) : "", feed ? "; by scrim shutter" : "",
	    camera->kernel.shut ? "; by the administrator (privacy)" : "",
	    camera->capture_shut > 0 ? "; by an application" : "",
	    camera->asked && !any ? ", as far as can be seen" : "");
}

static void print_kernel(const struct camera_status *camera)
{
	const struct configfs_camera *k = &camera->kernel;

	if (!k->live) {
		row("kernel", "has no such camera");
		return;
	}
	row("node", "%s for applications", k->capture);
	row("kernel", "%llu delivered, %llu black, %llu dropped; holds %u locked region%s",
	    (unsigned long long)k->delivered, (unsigned long long)k->black,
	    (unsigned long long)k->dropped, k->regions, plural(k->regions));
}

static void print_holders(const struct raw_node *raw)
{
	for (unsigned i = 0; i < raw->holders && i < RAW_HOLDERS_MAX; i++)
		printf("%s%s (%d)", i ? ", " : "; held open by ", raw->holder[i].name,
		       raw->holder[i].pid);
	if (raw->holders > RAW_HOLDERS_MAX)
		printf(" and %u more", raw->holders - RAW_HOLDERS_MAX);
	if (raw->unseen)
		printf("; %u processes of others cannot be seen, but by root", raw->unseen);
	else if (!raw->holders)
		printf("; nobody holds it open");
}

static void print_raw(const struct camera_status *camera)
{
	const struct raw_node *raw = &camera->raw;

	if (raw->why_not) {
		row("raw", "%s%s", *camera_device(camera) ? camera_device(camera) : "no device",
		    raw->why_not == -ENOTSUP ? "" : raw->why_not == -ENOENT ? ", not there" :
		    ", no camera");
		return;
	}
	printf("  %s%-9s%s %s %s:%s %04o, you can%s open it", ink(BOLD), "raw", ink(PLAIN), raw->path,
	       camera->raw_user, camera->raw_group, (unsigned)raw->mode,
	       raw->may_open ? "" : "not");
	print_holders(raw);
	putchar('\n');
}

static const char *known(enum known known, const char *yes, const char *no)
{
	return known == KNOWN_YES ? yes : known == KNOWN_NO ? no : "not to be seen";
}

static void print_machine(const struct machine *m)
{
	char landlock[32] = "none";

	if (m->landlock)
		snprintf(landlock, sizeof(landlock), "version %d", m->landlock);
	printf("%sthis machine%s\n", ink(BOLD), ink(PLAIN));
	row("driver", "%s%s%s", known(m->driver, "loaded", "not loaded"),
	    m->driver == KNOWN_YES ? ", signature " : "",
	    m->driver == KNOWN_YES ? known(m->driver_signed, "there", "not there") : "");
	row("sandbox", "Landlock %s, seccomp %s", landlock, known(m->seccomp, "there", "not there"));
	row("kernel", "lockdown %s, modules without a signature %s, BPF guards %s",
	    known(m->locked_down, "on", "off"), known(m->signed_only, "refused", "taken"),
	    known(m->bpf, "possible", "not possible"));
}

static void print_concerns(const struct concerns *f, enum concern_kind kind, const char *title)
{
	bool any = false;

	for (unsigned i = 0; i < f->count; i++) {
		if (f->at[i].kind != kind)
			continue;
		if (!any)
			printf("\n%s%s%s\n", ink(kind == CONCERN_DOUBT ? BAD : WARN), title,
			       ink(PLAIN));
		any = true;
		printf("  %s%s%s\n", f->at[i].camera, *f->at[i].camera ? ": " : "", f->at[i].text);
	}
}

static void print_exports(const struct exports_status *e)
{
	const struct outbox_verdict *v = &e->verdict;

	if (!e->any)
		return;
	printf("\n%sexports%s\n", ink(BOLD), ink(PLAIN));
	row("outbox", "%u bundle%s in %s", v->bundles, plural(v->bundles), e->shown);
	if (v->end_to_end != KNOWN_YES)
		row("sealed", "end_to_end=%s: %s", v->end_to_end == KNOWN_NO ? "no" : "unknown",
		    v->why.text);
	else
		row("sealed", "end_to_end=yes: bytes that nobody knows came out of age encrypted%s",
		    !v->bundles ? "" : v->sampled ? ", and so look the bundles" :
		    ", and so did each bundle");
}

void status_print(const struct cameras *cameras, const char *path,
		  const struct exports_status *exports, const struct concerns *concerns)
{
	for (unsigned i = 0; i < cameras->count; i++) {
		const struct camera_status *camera = &cameras->at[i];

		print_head(camera);
		print_policy(camera, path);
		print_covers(camera);
		print_notice(camera);
		print_picture(camera);
		print_shutters(camera);
		print_kernel(camera);
		print_raw(camera);
		putchar('\n');
	}
	print_machine(&cameras->machine);
	print_exports(exports);
	print_concerns(concerns, CONCERN_DOUBT, "in doubt");
	print_concerns(concerns, CONCERN_LEAK, "what still leaks");
}
