// SPDX-License-Identifier: GPL-2.0
/*
 * A request and what follows it as a reply to it.  One that is taken for sound has texts that
 * end and are clean, and numbers by which tables may be indexed.
 */
#include <assert.h>
#include <string.h>

#include "control.h"
#include "policy/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
	assert(strnlen(text, size) < size);
	for (; *text; text++)
		assert((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_status(const struct control_status *s)
{
	assert(method_name(s->faces) && method_name(s->moving) && detector_name(s->detector));
	assert(s->per);
	assert(s->width <= SCRIM_SIDE_MAX && s->height <= SCRIM_SIDE_MAX);
	check_text(s->why, sizeof(s->why));
	check_text(s->doubt, sizeof(s->doubt));
	check_text(s->device, sizeof(s->device));
	check_text(s->policy, sizeof(s->policy));
	check_text(s->purpose, sizeof(s->purpose));
	check_text(s->class, sizeof(s->class));
}

static void check_changes(const struct control_changes *changes)
{
	assert(verdict_name(changes->verdict));
	for (unsigned i = 0; i < CONTROL_CHANGES_MAX; i++) {
		assert(verdict_name(changes->at[i].verdict));
		check_text(changes->at[i].what, sizeof(changes->at[i].what));
		check_text(changes->at[i].why, sizeof(changes->at[i].why));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct control_request request;
	static struct control_reply reply;
	char text[CONTROL_TEXT_MAX];

	memset(&request, 0, sizeof(request));
	memset(&reply, 0, sizeof(reply));
	memcpy(&request, data, size < sizeof(request) ? size : sizeof(request));
	if (size > sizeof(request)) {
		data += sizeof(request);
		size -= sizeof(request);
		memcpy(&reply, data, size < sizeof(reply) ? size : sizeof(reply));
	}
	control_text(text, sizeof(text), reply.changes.at[0].why);
	check_text(text, sizeof(text));
	if (!control_request_is_sound(&request) || !control_reply_is_sound(&reply, &request))
		return 0;
	check_text(reply.camera, sizeof(reply.camera));
	check_text(reply.text, sizeof(reply.text));
	if (request.what == CONTROL_COMPARE || request.what == CONTROL_APPLY)
		check_changes(&reply.changes);
	else if (!reply.result)
		check_status(&reply.status);
	return 0;
}
