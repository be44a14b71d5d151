// SPDX-License-Identifier: GPL-2.0
/*
 * A model of a stranger: parsed, planned, built and run on a small picture.  What
 * was parsed only refers to values and constants that there are.
 */
#include <assert.h>
#include <stdint.h>

#include "detect/net.h"
#include "detect/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct onnx *onnx)
{
	for (unsigned i = 0; i < onnx->nodes; i++)
		for (unsigned k = 0; k < onnx->node[i].inputs; k++) {
			uint32_t input = onnx->node[i].input[k];

			assert(input == ONNX_NONE || onnx->value[input].node == ONNX_NONE ||
			       onnx->value[input].node < i);
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	if (onnx_parse(&onnx, data, size, NULL) == 0) {
		unsigned count = onnx->outputs < PLAN_OUTPUTS_MAX ? onnx->outputs : PLAN_OUTPUTS_MAX;

		check(onnx);
		if (net_open(&net, onnx, onnx->output, count, NULL) == 0 &&
		    net_shape(net, 6, 5, NULL) == 0)
			assert(net_run(net, NULL) == 0);
	}
	net_free(&net);
	onnx_free(&onnx);
	return 0;
}
