// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detect/family.h"
#include "detect/plan.h"

#include <stdlib.h>
#include <string.h>

static const struct family families[] = {
	{
		"UltraFace", 8, 8, .3f, { false, 127, 128 },
		2, { "scores", "boxes" }, 8, boxes_ultra,
	}, {
		"YuNet", 32, 2, .3f, { true, 0, 1 },
		9, { "cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32",
		     "bbox_8", "bbox_16", "bbox_32" }, 9, boxes_yunet,
	},
};

/* Walks back from a value: the convolutions reached first, in the graph's order. */
static unsigned heads_of(const struct onnx *onnx, uint32_t value, bool *reached,
			 uint32_t *heads, unsigned count, unsigned max)
{
	memset(reached, 0, onnx->values * sizeof(*reached));
	reached[value] = true;
	for (unsigned n = onnx->nodes; n-- > 0;) {
		const struct onnx_node *node = &onnx->node[n];
		bool on = false;

		for (unsigned i = 0; i < node->outputs; i++)
			on |= node->output[i] != ONNX_NONE && reached[node->output[i]];
		if (!on || onnx_text_is(node->op, "Conv"))
			continue;
		for (unsigned i = 0; i < node->inputs; i++)
			if (node->input[i] != ONNX_NONE)
				reached[node->input[i]] = true;
	}
	for (unsigned n = 0; n < onnx->nodes; n++) {
		const struct onnx_node *node = &onnx->node[n];

		if (!onnx_text_is(node->op, "Conv") || !node->outputs ||
		    node->output[0] == ONNX_NONE || !reached[node->output[0]])
			continue;
		if (count < max)
			heads[count] = node->output[0];
		count++;
	}
	return count;
}

static int family_find(const struct onnx *onnx, const struct family **family,
		       struct scrim_error *err)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		unsigned known = 0;

		*family = &families[i];
		while (known < (*family)->outputs &&
		       onnx_output(onnx, (*family)->output[known]) != ONNX_NONE)
			known++;
		if (known == (*family)->outputs)
			return 0;
	}
	return fail(err, -ENOTSUP, "the model is neither like UltraFace nor like YuNet");
}

int family_open(const struct family **out, struct net **net,
		const struct onnx *onnx, struct scrim_error *err)
{
	uint32_t heads[PLAN_OUTPUTS_MAX];
	const struct family *family;
	unsigned count = 0;
	bool *reached;
	int ret;

	ret = family_find(onnx, &family, err);
	if (ret < 0)
		return ret;
	*out = family;
	reached = calloc(onnx->values + 1, sizeof(*reached));
	if (!reached)
		return fail(err, -ENOMEM, "no memory for the model");
	for (unsigned i = 0; i < family->outputs; i++)
		count = heads_of(onnx, onnx_output(onnx, family->output[i]), reached,
				 heads, count, PLAN_OUTPUTS_MAX);
	free(reached);
	if (count != family->heads)
		return fail(err, -ENOTSUP, "the model is not like %s: %u heads, not %u",
			    family->name, count, family->heads);
	return net_open(net, onnx, heads, count, err);
}
