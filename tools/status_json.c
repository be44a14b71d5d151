// SPDX-License-Identifier: GPL-2.0
/*
 * The status for programs.  What is not known is null; nothing is left out.
 */
#include "cameras.h"

#include "policy/write.h"
#include "status_exports.h"
#include "words.h"

static json_t *words_or_null(const char *text)
{
	return *text ? json_words(text) : json_null();
}

static json_t *known_json(enum known known)
{
	return known == KNOWN_NOT ? json_null() : json_boolean(known == KNOWN_YES);
}

static json_t *daemon_json(const struct control_status *s)
{
	char fourcc[FOURCC_TEXT_MAX];

	fourcc_write(fourcc, s->fourcc);
	return json_pack("{sI sb sb sI so so so so sI sI sI sI sI sI sI so sI sI sI so so}",
			 "pid", (json_int_t)s->pid, "to_nobody", !!(s->has & CONTROL_TO_NOBODY),
			 "notice_shown", !!(s->has & CONTROL_NOTICE_SHOWN),
			 "uptime_ms", (json_int_t)s->uptime_ms,
			 "worker", s->worker ? json_integer(s->worker) : json_null(),
			 "why", words_or_null(s->why), "doubt", words_or_null(s->doubt),
			 "doubt_ms", s->whole ? json_integer(s->doubt_ms) : json_null(),
			 "watching", (json_int_t)s->readers, "frames", (json_int_t)s->frames,
			 "whole", (json_int_t)s->whole, "dropped", (json_int_t)s->dropped,
			 "damaged", (json_int_t)s->damaged, "restarts", (json_int_t)s->restarts,
			 "width", (json_int_t)s->width, "format", words_or_null(fourcc),
			 "height", (json_int_t)s->height, "places", (json_int_t)s->places,
			 "rate_millihertz", s->seconds ? (json_int_t)s->per * 1000 / s->seconds : 0,
			 "path", *s->copied ? json_string("copied") :
				 s->has & CONTROL_ZERO_COPY ? json_string("zero-copy") : json_null(),
			 "path_why", words_or_null(s->copied));
}

static json_t *policy_json(const struct control_status *s)
{
	return json_pack("{so so so ss so ss sI sI sI sb sb so}",
			 "path", json_words(s->policy), "purpose", json_words(s->purpose),
			 "class", words_or_null(s->class),
			 "faces", s->faces == METHOD_UNSET ? "fill" : method_name(s->faces),
			 "moving", s->moving == METHOD_UNSET ? json_null() :
				   json_string(method_name(s->moving)),
			 "detector", detector_name(s->detector),
			 "regions", (json_int_t)s->regions, "locked", (json_int_t)s->locked,
			 "undone", (json_int_t)s->undone,
			 "on_demand", !(s->has & CONTROL_ALWAYS_ON),
			 "notice", !!(s->has & CONTROL_NOTICE),
			 "model", s->has & CONTROL_NEEDS_MODEL ?
				  json_boolean(s->has & CONTROL_HAS_MODEL) : json_null());
}

static json_t *kernel_json(const struct camera_status *camera)
{
	const struct configfs_camera *k = &camera->kernel;

	if (!k->live)
		return json_null();
	return json_pack("{ss ss sI sI sI sI sI so}", "feed", k->feed, "capture", k->capture,
			 "readers", (json_int_t)k->readers, "delivered", (json_int_t)k->delivered,
			 "black", (json_int_t)k->black, "dropped", (json_int_t)k->dropped,
			 "locked_regions", (json_int_t)k->regions,
			 "holds_policy", camera->policy ? json_boolean(camera->held >= 0) :
			 json_null());
}

static json_t *shutter_json(const struct camera_status *camera)
{
	return json_pack("{so so so}",
			 "scrim", camera->asked ? json_null() :
			 json_boolean(camera->reply.status.has & CONTROL_SHUTTER_SHUT),
			 "administrator", camera->kernel.live ? json_boolean(camera->kernel.shut) :
			 json_null(),
			 "application", camera->capture_shut < 0 ? json_null() :
			 json_boolean(camera->capture_shut));
}

static json_t *raw_json(const struct raw_node *raw)
{
	json_t *holders = json_array();

	for (unsigned i = 0; i < raw->holders && i < RAW_HOLDERS_MAX; i++)
		json_array_append_new(holders, json_pack("{si sI so}", "pid", raw->holder[i].pid,
							 "uid", (json_int_t)raw->holder[i].uid,
							 "name", json_words(raw->holder[i].name)));
	if (raw->why_not) {
		json_decref(holders);
		return json_null();
	}
	return json_pack("{so sI sI si sb sI so sI}", "path", json_words(raw->path),
			 "uid", (json_int_t)raw->uid, "gid", (json_int_t)raw->gid,
			 "mode", (int)raw->mode, "you_may_open", raw->may_open,
			 "held", (json_int_t)raw->holders, "holders", holders,
			 "unseen_processes", (json_int_t)raw->unseen);
}

static json_t *camera_json(const struct camera_status *camera)
{
	bool up = !camera->asked;

	return json_pack("{so ss sb so so so so so so so}", "name", json_words(camera->name),
			 "state", camera_state(camera), "scrimd", up,
			 "error", up ? json_null() : json_words(camera->why.text),
			 "device", words_or_null(camera_device(camera)),
			 "daemon", up ? daemon_json(&camera->reply.status) : json_null(),
			 "policy", up ? policy_json(&camera->reply.status) : json_null(),
			 "kernel", kernel_json(camera), "shutter", shutter_json(camera),
			 "raw", raw_json(&camera->raw));
}

static json_t *machine_json(const struct machine *m)
{
	return json_pack("{so so si so so so so}", "driver", known_json(m->driver),
			 "driver_signed", known_json(m->driver_signed), "landlock", m->landlock,
			 "seccomp", known_json(m->seccomp), "lockdown", known_json(m->locked_down),
			 "signatures_forced", known_json(m->signed_only),
			 "bpf_guards_possible", known_json(m->bpf));
}

static json_t *concerns_json(const struct concerns *f, enum concern_kind kind)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < f->count; i++)
		if (f->at[i].kind == kind)
			json_array_append_new(list, json_pack("{so so}",
				"camera", words_or_null(f->at[i].camera),
				"text", json_words(f->at[i].text)));
	return list;
}

static json_t *exports_json(const struct exports_status *e)
{
	if (!e->any)
		return json_null();
	return json_pack("{so so so sI sI}", "end_to_end", known_json(e->verdict.end_to_end),
			 "why", words_or_null(e->verdict.why.text), "outbox", json_words(e->outbox),
			 "bundles", (json_int_t)e->verdict.bundles,
			 "sampled", (json_int_t)e->verdict.sampled);
}

json_t *status_json(const struct cameras *cameras, const struct exports_status *exports,
		    const struct concerns *concerns)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < cameras->count; i++)
		json_array_append_new(list, camera_json(&cameras->at[i]));
	return json_pack("{ss sb so so so so so}", "schema", "scrim.status/1",
			 "well", !concerns->doubts, "cameras", list,
			 "machine", machine_json(&cameras->machine),
			 "exports", exports_json(exports),
			 "doubts", concerns_json(concerns, CONCERN_DOUBT),
			 "leaks", concerns_json(concerns, CONCERN_LEAK));
}
