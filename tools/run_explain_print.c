// SPDX-License-Identifier: GPL-2.0
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run_explain.h"
#include "words.h"

/* As text */

static const char *held(int error)
{
	return error == 0 ? "NO " : error > 0 ? "yes" : "-  ";
}

static void line(int error, const char *what)
{
	printf("  %s  %s%s%s\n", held(error), what, error > 0 ? ": " : "",
	       error > 0 ? strerror(error) : "");
}

static void print_enforced(const struct attempts *a)
{
	char text[128];

	printf("Enforced for a program that scrim run starts here, as this user, now:\n");
	for (unsigned i = 0; i < a->nodes; i++) {
		snprintf(text, sizeof(text), "it cannot open %s", a->node[i].path);
		line(a->node[i].error, text);
	}
	if (!a->nodes)
		line(NOT_TRIED, "there is no raw camera now; one that is plugged in later is refused");
	line(a->make_node, "it cannot make another node for a camera");
	line(a->take_descriptor, "it cannot take a descriptor out of a process outside");
}

static bool others_can(const struct attempts *a, unsigned node)
{
	return !a->node[node].ours && a->node[node].outside == 0;
}

static const char *node_for_others(const struct attempts *a)
{
	for (unsigned i = 0; i < a->nodes; i++)
		if (others_can(a, i))
			return a->node[i].path;
	return NULL;
}

static bool is_any_given(const struct attempts *a)
{
	for (unsigned i = 0; i < a->shares; i++)
		if (!a->share[i].error)
			return true;
	return false;
}

static bool is_pipewire(const struct holder *holder)
{
	return holder->uid == geteuid() && (!strcmp(holder->program, "pipewire") ||
					    !strcmp(holder->program, "wireplumber"));
}

/* What it has open, and what it may open. */
static void print_pipewire(const struct explanation *e)
{
	const char *node = node_for_others(e->tried);

	for (unsigned i = 0; i < e->holders.count; i++)
		if (is_pipewire(&e->holders.at[i])) {
			printf("  -    it reaches this user's PipeWire, which has %s open\n",
			       e->holders.at[i].node);
			return;
		}
	printf("  -    it reaches this user's PipeWire, which has no raw camera open now%s%s\n",
	       node ? ", and may open " : " and may open none", node ? node : "");
}

static void print_open(const struct explanation *e)
{
	const struct attempts *a = e->tried;

	printf("Not enforced:\n");
	if (a->pass_descriptor == 0)
		printf("  -    a process outside that helps can pass it a descriptor of a raw camera\n");
	for (unsigned i = 0; i < e->holders.count; i++)
		print_words(stdout, "  -    process %d (%s) has %s open", e->holders.at[i].pid,
			    e->holders.at[i].program, e->holders.at[i].node);
	for (unsigned i = 0; i < a->nodes; i++)
		if (others_can(a, i))
			printf("  -    other programs of this user can open %s\n", a->node[i].path);
	if (a->nodes && e->holders.hidden)
		printf("  -    what %u processes of others have open only root can see\n",
		       e->holders.hidden);
	if (a->pipewire == 0)
		print_pipewire(e);
	if (is_any_given(a))
		printf("  -    it can ask scrimd for the cameras below itself\n");
}

static void print_shares(const struct explanation *e)
{
	const struct attempts *a = e->tried;

	if (!a->shares)
		print_words(stdout, "Cameras that scrimd shares: none in %s", e->run_folder);
	else
		printf("Cameras that scrimd shares:\n");
	for (unsigned i = 0; i < a->shares; i++)
		if (a->share[i].error)
			print_words(stdout, "  %s: %s", a->share[i].camera, a->share[i].why);
		else
			print_words(stdout, "  %s: %ux%u, with --camera %s", a->share[i].camera,
				    a->share[i].width, a->share[i].height, a->share[i].camera);
}

/* As JSON */

/* NULL: it could not be tried. */
static json_t *refused(int error)
{
	return error == NOT_TRIED ? json_null() : json_boolean(error > 0);
}

static json_t *reason(int error)
{
	return error > 0 ? json_string(strerror(error)) : json_null();
}

static json_t *nodes_json(const struct attempts *a)
{
	json_t *nodes = json_array();

	for (unsigned i = 0; i < a->nodes; i++)
		json_array_append_new(nodes, json_pack("{so so so sb}",
			"node", json_words(a->node[i].path), "refused", refused(a->node[i].error),
			"why", reason(a->node[i].error), "others_can", others_can(a, i)));
	return nodes;
}

static json_t *holders_json(const struct holders *holders)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < holders->count; i++)
		json_array_append_new(list, json_pack("{si so so}", "process", holders->at[i].pid,
			"program", json_words(holders->at[i].program),
			"node", json_words(holders->at[i].node)));
	return list;
}

static json_t *shares_json(const struct attempts *a)
{
	json_t *shares = json_array();

	for (unsigned i = 0; i < a->shares; i++)
		json_array_append_new(shares, json_pack("{so sb si si so}",
			"camera", json_words(a->share[i].camera), "given", !a->share[i].error,
			"width", (int)a->share[i].width, "height", (int)a->share[i].height,
			"why", a->share[i].error ? json_words(a->share[i].why) : json_null()));
	return shares;
}

static json_t *document(const struct explanation *e)
{
	const struct attempts *a = e->tried;

	return json_pack("{si so so so so so so si so sb so}",
		"landlock", e->landlock, "nodes", nodes_json(a),
		"make_node_refused", refused(a->make_node),
		"take_descriptor_refused", refused(a->take_descriptor),
		"pass_descriptor_refused", refused(a->pass_descriptor),
		"pipewire_reached", a->pipewire == NOT_TRIED ? json_null() :
				    json_boolean(a->pipewire == 0),
		"holders", holders_json(&e->holders), "hidden_processes", (int)e->holders.hidden,
		"shared", shares_json(a), "session", e->session,
		"why_no_session", e->session ? json_null() : json_words(e->why.text));
}

void explanation_print(const struct explanation *e, bool json)
{
	if (json) {
		print_document(document(e));
		return;
	}
	print_enforced(e->tried);
	print_open(e);
	print_shares(e);
	printf("The camera in its place: %s\n", e->session ? "FUSE, Landlock and seccomp are there" :
	       e->why.text);
}
