/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network computed the slow way, straight from its graph: the truth that the
 * fast one is tested against.  One picture, channels x height x width, floats
 * summed in doubles.  What it does not know it leaves out.
 */
#ifndef TESTS_PLAIN_NET_H
#define TESTS_PLAIN_NET_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/onnx.h"

struct plain {
	unsigned c, h, w;
	float *at;			/* NULL: not computed */
};

static const struct onnx_tensor *plain_constant(const struct onnx *onnx,
						const struct onnx_node *node, unsigned i)
{
	if (i >= node->inputs || node->input[i] == ONNX_NONE ||
	    onnx->value[node->input[i]].tensor == ONNX_NONE)
		return NULL;
	return &onnx->tensor[onnx->value[node->input[i]].tensor];
}

static float plain_float(const struct onnx_tensor *tensor, size_t i)
{
	float number;

	memcpy(&number, tensor->data + 4 * i, 4);
	return number;
}

static struct plain plain_new(unsigned c, unsigned h, unsigned w)
{
	return (struct plain){ c, h, w, calloc((size_t)c * h * w + 1, sizeof(float)) };
}

struct plain_window {
	int64_t stride[2], dilation[2], pad[4], kernel[2];
	int64_t group;
};

static struct plain_window plain_window(const struct onnx_node *node)
{
	struct plain_window win = { { 1, 1 }, { 1, 1 }, { 0 }, { 0 }, 1 };
	const struct onnx_attribute *group = onnx_attribute(node, "group");

	onnx_attribute_list(node, "strides", win.stride, 2, NULL);
	onnx_attribute_list(node, "dilations", win.dilation, 2, NULL);
	onnx_attribute_list(node, "pads", win.pad, 4, NULL);
	onnx_attribute_list(node, "kernel_shape", win.kernel, 2, NULL);
	if (group)
		win.group = group->integer;
	return win;
}

static unsigned plain_size(const struct plain_window *win, unsigned i, unsigned size)
{
	return (size + win->pad[i] + win->pad[i + 2] -
		win->dilation[i] * (win->kernel[i] - 1) - 1) / win->stride[i] + 1;
}

/* One number of a convolution: output channel o at y, x. */
static float plain_conv_at(const struct plain *in, const struct onnx_tensor *w,
			   const struct plain_window *win, unsigned outputs,
			   unsigned o, unsigned y, unsigned x)
{
	unsigned inputs = in->c / win->group;
	unsigned first = o / (outputs / win->group) * inputs;
	double sum = 0;

	for (unsigned i = 0; i < inputs; i++)
		for (unsigned ky = 0; ky < win->kernel[0]; ky++)
			for (unsigned kx = 0; kx < win->kernel[1]; kx++) {
				long sy = (long)y * win->stride[0] - win->pad[0] + ky * win->dilation[0];
				long sx = (long)x * win->stride[1] - win->pad[1] + kx * win->dilation[1];

				if (sy < 0 || sx < 0 || sy >= in->h || sx >= in->w)
					continue;
				sum += in->at[((size_t)(first + i) * in->h + sy) * in->w + sx] *
				       (double)plain_float(w, (((size_t)o * inputs + i) * win->kernel[0] + ky) *
							      win->kernel[1] + kx);
			}
	return sum;
}

static struct plain plain_conv(const struct onnx *onnx, const struct onnx_node *node,
			       const struct plain *in)
{
	const struct onnx_tensor *w = plain_constant(onnx, node, 1);
	const struct onnx_tensor *b = plain_constant(onnx, node, 2);
	struct plain_window win = plain_window(node);
	struct plain out;

	win.kernel[0] = w->dim[2];
	win.kernel[1] = w->dim[3];
	out = plain_new(w->dim[0], plain_size(&win, 0, in->h), plain_size(&win, 1, in->w));
	for (unsigned o = 0; o < out.c; o++)
		for (unsigned y = 0; y < out.h; y++)
			for (unsigned x = 0; x < out.w; x++)
				out.at[((size_t)o * out.h + y) * out.w + x] =
					plain_conv_at(in, w, &win, out.c, o, y, x) +
					(b ? plain_float(b, o) : 0);
	return out;
}

static struct plain plain_max_pool(const struct onnx_node *node, const struct plain *in)
{
	struct plain_window win = plain_window(node);
	struct plain out = plain_new(in->c, plain_size(&win, 0, in->h), plain_size(&win, 1, in->w));

	for (unsigned c = 0; c < out.c; c++)
		for (unsigned y = 0; y < out.h; y++)
			for (unsigned x = 0; x < out.w; x++) {
				float *to = &out.at[((size_t)c * out.h + y) * out.w + x];

				*to = -INFINITY;
				for (unsigned k = 0; k < win.kernel[0] * win.kernel[1]; k++) {
					long sy = (long)y * win.stride[0] - win.pad[0] +
						  k / win.kernel[1] * win.dilation[0];
					long sx = (long)x * win.stride[1] - win.pad[1] +
						  k % win.kernel[1] * win.dilation[1];

					if (sy >= 0 && sx >= 0 && sy < in->h && sx < in->w)
						*to = fmaxf(*to, in->at[((size_t)c * in->h + sy) * in->w + sx]);
				}
			}
	return out;
}

static struct plain plain_double(const struct plain *in)
{
	struct plain out = plain_new(in->c, in->h * 2, in->w * 2);

	for (size_t i = 0; i < (size_t)out.c * out.h * out.w; i++)
		out.at[i] = in->at[(i / out.w / out.h * in->h + i / out.w % out.h / 2) * in->w +
				   i % out.w / 2];
	return out;
}

static struct plain plain_concat(const struct onnx_node *node, const struct plain *values)
{
	struct plain out = { 0, values[node->input[0]].h, values[node->input[0]].w, NULL };
	size_t at = 0;

	for (unsigned i = 0; i < node->inputs; i++)
		out.c += values[node->input[i]].c;
	out = plain_new(out.c, out.h, out.w);
	for (unsigned i = 0; i < node->inputs; i++) {
		const struct plain *part = &values[node->input[i]];
		size_t count = (size_t)part->c * part->h * part->w;

		memcpy(out.at + at, part->at, count * sizeof(float));
		at += count;
	}
	return out;
}

/* A constant's number for channel c. */
static float plain_channel(const struct onnx_tensor *constant, unsigned c)
{
	return plain_float(constant, constant->count == 1 ? 0 : c);
}

/* The operators that look at one number at a time. */
static float plain_point(const struct onnx *onnx, const struct onnx_node *node,
			 float x, const struct plain *other, size_t i, unsigned c)
{
	const struct onnx_tensor *k = plain_constant(onnx, node, 1);
	const struct onnx_attribute *epsilon = onnx_attribute(node, "epsilon");

	if (onnx_text_is(node->op, "Relu"))
		return x > 0 ? x : 0;
	if (onnx_text_is(node->op, "PRelu"))
		return x > 0 ? x : x * plain_channel(k, c);
	if (onnx_text_is(node->op, "Sigmoid"))
		return 1 / (1 + exp(-x));
	if (onnx_text_is(node->op, "Add"))
		return x + (k ? plain_channel(k, c) : other->at[i]);
	if (onnx_text_is(node->op, "Mul"))
		return x * plain_channel(k, c);
	if (onnx_text_is(node->op, "BatchNormalization"))
		return (x - plain_float(plain_constant(onnx, node, 3), c)) *
		       plain_float(k, c) /
		       sqrt(plain_float(plain_constant(onnx, node, 4), c) +
			    (epsilon ? epsilon->number : 1e-5)) +
		       plain_float(plain_constant(onnx, node, 2), c);
	return x;			/* Reshape, Flatten */
}

static struct plain plain_points(const struct onnx *onnx, const struct onnx_node *node,
				 const struct plain *in, const struct plain *other)
{
	struct plain out = plain_new(in->c, in->h, in->w);
	size_t area = (size_t)in->h * in->w;

	for (size_t i = 0; i < in->c * area; i++)
		out.at[i] = plain_point(onnx, node, in->at[i], other, i, i / area);
	return out;
}

static struct plain plain_node(const struct onnx *onnx, const struct onnx_node *node,
			       const struct plain *values)
{
	static const char *const points[] = {
		"Relu", "PRelu", "Sigmoid", "Add", "Mul", "BatchNormalization", "Reshape", "Flatten",
	};
	const struct plain *in = &values[node->input[0]];
	const struct plain *other = &values[node->input[node->inputs > 1]];

	if (onnx_text_is(node->op, "Conv"))
		return plain_conv(onnx, node, in);
	if (onnx_text_is(node->op, "MaxPool"))
		return plain_max_pool(node, in);
	if (onnx_text_is(node->op, "Resize") || onnx_text_is(node->op, "Upsample"))
		return plain_double(in);
	if (onnx_text_is(node->op, "Concat"))
		return plain_concat(node, values);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (onnx_text_is(node->op, points[i]))
			return plain_points(onnx, node, in, other);
	return (struct plain){ 0, 0, 0, NULL };
}

/* A value for each of the graph's; input is height x width x channels. */
static inline struct plain *plain_run(const struct onnx *onnx, const float *input,
			       unsigned width, unsigned height)
{
	struct plain *values = calloc(onnx->values + 1, sizeof(*values));
	struct plain *in = &values[onnx->input[0]];

	*in = plain_new(3, height, width);
	for (size_t i = 0; i < 3 * (size_t)width * height; i++)
		in->at[i % 3 * width * height + i / 3] = input[i];
	for (unsigned n = 0; n < onnx->nodes; n++) {
		const struct onnx_node *node = &onnx->node[n];
		bool known = node->inputs > 0;

		for (unsigned i = 0; i < node->inputs; i++)
			known &= node->input[i] != ONNX_NONE &&
				 (values[node->input[i]].at ||
				  onnx->value[node->input[i]].tensor != ONNX_NONE);
		if (known && values[node->input[0]].at)
			values[node->output[0]] = plain_node(onnx, node, values);
	}
	return values;
}

static inline void plain_free(const struct onnx *onnx, struct plain *values)
{
	for (unsigned i = 0; i < onnx->values; i++)
		free(values[i].at);
	free(values);
}

#endif
