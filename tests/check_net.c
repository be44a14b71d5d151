// SPDX-License-Identifier: GPL-2.0
/* Models are written by the tests; see tests/run/net.sh for real ones. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/boxes.h"
#include "detect/net.h"
#include "detect/plan.h"
#include "onnx_writer.h"
#include "plain_net.h"

static struct writer graph, model, attributes;
static struct scrim_error err;

static void graph_begin(void)
{
	graph.size = 0;
	put_values(&graph, 11, "in");
}

static int parse(struct onnx **onnx)
{
	put_model(&model, &graph);
	return onnx_parse(onnx, model.at, model.size, &err);
}

/* Numbers from -1 to 1. */
static const float *random_floats(unsigned count)
{
	static float floats[8192];

	ck_assert_uint_le(count, 8192);
	for (unsigned i = 0; i < count; i++)
		floats[i] = (int)(test_random() % 2001) / 1000.f - 1;
	return floats;
}

static void put_conv(const char *inputs, const char *output, int outputs, int inputs_each,
		     int kernel, int groups, int stride, int dilation, int pad)
{
	char names[64];

	snprintf(names, sizeof(names), "%sW", output);
	put_floats(&graph, names, random_floats(outputs * inputs_each * kernel * kernel), 4,
		   outputs, inputs_each, kernel, kernel);
	snprintf(names, sizeof(names), "%sB", output);
	put_floats(&graph, names, random_floats(outputs), 1, outputs);
	snprintf(names, sizeof(names), "%s %sW %sB", inputs, output, output);
	attributes.size = 0;
	put_ints(&attributes, "group", 0, groups);
	put_ints(&attributes, "kernel_shape", 2, kernel, kernel);
	put_ints(&attributes, "strides", 2, stride, stride);
	put_ints(&attributes, "dilations", 2, dilation, dilation);
	put_ints(&attributes, "pads", 4, pad, pad, pad, pad);
	put_node(&graph, "Conv", names, output, &attributes);
}

/*
 * The models that each operator is tried in.  All take "in" and make "out".
 */
static void make_conv(void)
{
	put_conv("in", "out", 5, 3, 3, 1, 1, 1, 1);
}

static void make_conv_stride(void)
{
	put_conv("in", "out", 4, 3, 3, 1, 2, 1, 1);
}

static void make_conv_dilated(void)
{
	put_conv("in", "out", 4, 3, 3, 1, 1, 2, 2);
}

static void make_depthwise(void)
{
	put_conv("in", "out", 3, 1, 3, 3, 2, 1, 1);
}

static void make_depthwise_multiplied(void)
{
	put_conv("in", "out", 6, 1, 3, 3, 1, 1, 1);
}

static void make_grouped(void)
{
	put_conv("in", "a", 8, 3, 1, 1, 1, 1, 0);
	put_conv("a", "out", 6, 4, 3, 2, 1, 1, 1);
}

/* Padding, kernel and stride differ in all directions. */
static void make_lopsided(void)
{
	put_floats(&graph, "W", random_floats(2 * 3 * 2 * 3), 4, 2, 3, 2, 3);
	attributes.size = 0;
	put_ints(&attributes, "strides", 2, 1, 2);
	put_ints(&attributes, "pads", 4, 1, 2, 0, 1);
	put_node(&graph, "Conv", "in W", "out", &attributes);
}

static void make_relu(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Relu", "a", "out", NULL);
}

/* The Relu may not be merged: its input is used otherwise, too. */
static void make_relu_shared(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Relu", "a", "b", NULL);
	put_node(&graph, "Add", "a b", "out", NULL);
}

static void make_relu_of_input(void)
{
	put_node(&graph, "Relu", "in", "out", NULL);
}

static void make_prelu(void)
{
	put_conv("in", "a", 4, 3, 1, 1, 1, 1, 0);
	put_floats(&graph, "S", random_floats(4), 3, 4, 1, 1);
	put_node(&graph, "PRelu", "a S", "out", NULL);
}

static void make_sigmoid(void)
{
	put_conv("in", "a", 4, 3, 1, 1, 1, 1, 0);
	put_node(&graph, "Sigmoid", "a", "out", NULL);
}

static void put_batch_norm(const char *input, const char *output, int channels)
{
	float variance[64];
	char names[32];

	for (int i = 0; i < channels; i++)
		variance[i] = .5f + test_random() % 1000 / 500.f;
	put_floats(&graph, "gamma", random_floats(channels), 1, channels);
	put_floats(&graph, "beta", random_floats(channels), 1, channels);
	put_floats(&graph, "mean", random_floats(channels), 1, channels);
	put_floats(&graph, "variance", variance, 1, channels);
	snprintf(names, sizeof(names), "%s gamma beta mean variance", input);
	put_node(&graph, "BatchNormalization", names, output, NULL);
}

static void make_batch_norm(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_batch_norm("a", "out", 4);
}

static void make_batch_norm_depthwise(void)
{
	put_conv("in", "a", 6, 1, 3, 3, 1, 1, 1);
	put_batch_norm("a", "out", 6);
}

/* Padding must not be normalised: it may not be folded forwards. */
static void make_batch_norm_first(void)
{
	put_batch_norm("in", "a", 3);
	put_conv("a", "out", 4, 3, 3, 1, 1, 1, 1);
}

/* The convolution's own result is used, too. */
static void make_batch_norm_shared(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_batch_norm("a", "b", 4);
	put_node(&graph, "Add", "a b", "out", NULL);
}

static void make_batch_norm_after_relu(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Relu", "a", "b", NULL);
	put_batch_norm("b", "out", 4);
}

static void make_max_pool(void)
{
	attributes.size = 0;
	put_ints(&attributes, "kernel_shape", 2, 2, 2);
	put_ints(&attributes, "strides", 2, 2, 2);
	put_node(&graph, "MaxPool", "in", "out", &attributes);
}

static void make_max_pool_padded(void)
{
	attributes.size = 0;
	put_ints(&attributes, "kernel_shape", 2, 3, 3);
	put_ints(&attributes, "strides", 2, 2, 2);
	put_ints(&attributes, "pads", 4, 1, 1, 1, 1);
	put_node(&graph, "MaxPool", "in", "out", &attributes);
}

static void make_add(void)
{
	put_conv("in", "a", 4, 3, 1, 1, 1, 1, 0);
	put_conv("in", "b", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Add", "a b", "c", NULL);
	put_node(&graph, "Relu", "c", "out", NULL);
}

static void make_add_constant(void)
{
	put_floats(&graph, "k", random_floats(3), 3, 3, 1, 1);
	put_node(&graph, "Add", "in k", "out", NULL);
}

static void make_mul_constant(void)
{
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_floats(&graph, "k", random_floats(1), 0);
	put_node(&graph, "Mul", "a k", "out", NULL);
}

static void make_concat(void)
{
	put_conv("in", "a", 4, 3, 1, 1, 1, 1, 0);
	put_conv("in", "b", 2, 3, 3, 1, 1, 1, 1);
	put_conv("in", "c", 3, 3, 3, 1, 1, 1, 1);
	attributes.size = 0;
	put_ints(&attributes, "axis", 0, 1);
	put_node(&graph, "Concat", "a b c", "d", &attributes);
	put_conv("d", "e", 5, 9, 3, 1, 2, 1, 1);
	put_node(&graph, "Relu", "e", "out", NULL);
}

static void make_resize(void)
{
	static const float scales[4] = { 1, 1, 2, 2 };

	put_conv("in", "a", 5, 3, 1, 1, 1, 1, 0);
	put_floats(&graph, "scales", scales, 1, 4);
	attributes.size = 0;
	put_mode(&attributes, "mode", "nearest");
	put_mode(&attributes, "nearest_mode", "floor");
	put_mode(&attributes, "coordinate_transformation_mode", "asymmetric");
	put_node(&graph, "Resize", "a scales scales", "out", &attributes);
}

static void make_upsample(void)
{
	static const float scales[4] = { 1, 1, 2, 2 };

	put_conv("in", "a", 5, 3, 1, 1, 1, 1, 0);
	put_floats(&graph, "scales", scales, 1, 4);
	put_node(&graph, "Upsample", "a scales", "b", NULL);
	put_conv("b", "out", 4, 5, 3, 1, 1, 1, 1);
}

static void (*const makers[])(void) = {
	make_conv, make_conv_stride, make_conv_dilated, make_depthwise,
	make_depthwise_multiplied, make_grouped, make_lopsided, make_relu,
	make_relu_shared, make_relu_of_input, make_prelu, make_sigmoid, make_batch_norm,
	make_batch_norm_depthwise, make_batch_norm_first, make_batch_norm_shared,
	make_batch_norm_after_relu, make_max_pool, make_max_pool_padded, make_add,
	make_add_constant, make_mul_constant, make_concat, make_resize, make_upsample,
};
#define MAKERS	(sizeof(makers) / sizeof(makers[0]))

/* The graph so far, with its output "out". */
static int open_net(struct onnx **onnx, struct net **net)
{
	uint32_t output;
	int ret;

	put_values(&graph, 12, "out");
	ret = parse(onnx);
	if (ret < 0)
		return ret;
	output = onnx_output(*onnx, "out");
	ck_assert_uint_ne(output, ONNX_NONE);
	return net_open(net, *onnx, &output, 1, &err);
}

static void expect_same(const struct onnx *onnx, struct net *net,
			unsigned width, unsigned height)
{
	const struct net_output *fast = net_output(net, 0);
	struct plain *values, *slow;

	ck_assert_msg(net_shape(net, width, height, &err) == 0, "%s", err.text);
	memcpy(net_input(net), random_floats(3 * width * height),
	       3 * sizeof(float) * width * height);
	ck_assert_int_eq(net_run(net, &err), 0);
	values = plain_run(onnx, net_input(net), width, height);
	slow = &values[onnx_output(onnx, "out")];
	ck_assert_ptr_nonnull(slow->at);
	ck_assert_uint_eq(fast->channels, slow->c);
	ck_assert_uint_eq(fast->height, slow->h);
	ck_assert_uint_eq(fast->width, slow->w);
	for (size_t i = 0; i < (size_t)slow->h * slow->w; i++)
		for (unsigned c = 0; c < slow->c; c++)
			ck_assert_float_eq_tol(fast->at[i * slow->c + c],
					       slow->at[c * slow->h * slow->w + i], 2e-5);
	plain_free(onnx, values);
}

START_TEST(each_operator_computes_what_its_definition_says)
{
	static const unsigned sizes[][2] = { { 8, 8 }, { 5, 3 }, { 17, 6 }, { 2, 9 }, { 8, 8 } };
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	makers[_i]();
	ck_assert_msg(open_net(&onnx, &net) == 0, "%s", err.text);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		expect_same(onnx, net, sizes[i][0], sizes[i][1]);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

START_TEST(one_pixel_may_be_flattened_and_more_may_not)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	put_conv("in", "a", 4, 3, 3, 1, 2, 1, 1);
	put_node(&graph, "Flatten", "a", "out", NULL);
	ck_assert_int_eq(open_net(&onnx, &net), 0);
	expect_same(onnx, net, 2, 1);
	ck_assert_int_eq(net_shape(net, 4, 4, &err), -ENOTSUP);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

START_TEST(a_size_that_does_not_fit_the_network_is_refused)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	make_conv();
	ck_assert_int_eq(open_net(&onnx, &net), 0);
	ck_assert_int_eq(net_shape(net, 0, 5, &err), -EINVAL);
	ck_assert_int_eq(net_shape(net, NET_SIDE_MAX + 1, 5, &err), -EINVAL);
	ck_assert_int_eq(net_shape(net, 5, 5, &err), 0);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

/* Names in the message: whoever reads it must know what to look for. */
static void expect_refused(int code, const char *word)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	ck_assert_int_eq(open_net(&onnx, &net), code);
	ck_assert_msg(strstr(err.text, word), "'%s' lacks '%s'", err.text, word);
	ck_assert_ptr_null(net);
	onnx_free(&onnx);
}

START_TEST(an_unknown_operator_is_named)
{
	graph_begin();
	put_node(&graph, "Gelu", "in", "out", NULL);
	expect_refused(-ENOTSUP, "'Gelu'");
}
END_TEST

START_TEST(an_operator_that_is_not_needed_may_be_unknown)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	put_conv("in", "out", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Gelu", "out", "more", NULL);
	ck_assert_int_eq(open_net(&onnx, &net), 0);
	expect_same(onnx, net, 4, 4);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

START_TEST(a_weight_that_is_no_number_is_refused)
{
	float weights[3] = { 1, NAN, 1 };

	graph_begin();
	put_floats(&graph, "W", weights, 4, 1, 3, 1, 1);
	put_node(&graph, "Conv", "in W", "out", NULL);
	expect_refused(-EBADMSG, "no number");
}
END_TEST

START_TEST(channels_must_fit)
{
	graph_begin();
	put_conv("in", "out", 4, 2, 3, 1, 1, 1, 1);
	expect_refused(-EBADMSG, "channels");
	graph_begin();
	put_conv("in", "a", 4, 3, 3, 1, 1, 1, 1);
	put_node(&graph, "Add", "a in", "out", NULL);
	expect_refused(-ENOTSUP, "channels");
}
END_TEST

START_TEST(windows_are_bounded)
{
	static const struct {
		const char *name;
		int count, value;
	} wrong[] = {
		{ "strides", 2, 0 }, { "strides", 2, 65 }, { "strides", 1, 1 },
		{ "dilations", 2, -1 }, { "pads", 4, 1 }, { "pads", 2, 0 },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct onnx *onnx = NULL;
		struct net *net = NULL;
		int v = wrong[i].value;

		graph_begin();
		put_floats(&graph, "W", random_floats(3), 4, 1, 3, 1, 1);
		attributes.size = 0;
		put_ints(&attributes, wrong[i].name, wrong[i].count, v, v, v, v);
		put_node(&graph, "Conv", "in W", "out", &attributes);
		ck_assert_msg(open_net(&onnx, &net) == -ENOTSUP, "%s %d", wrong[i].name, v);
		onnx_free(&onnx);
	}
}
END_TEST

START_TEST(a_kernel_has_as_many_weights_as_it_says)
{
	graph_begin();
	put_floats(&graph, "W", random_floats(3), 4, 1, 3, 1, 1);
	attributes.size = 0;
	put_ints(&attributes, "kernel_shape", 2, 3, 3);
	put_node(&graph, "Conv", "in W", "out", &attributes);
	expect_refused(-EBADMSG, "window");
}
END_TEST

/* Two pictures of different size: 2x from 5 pixels is not 10. */
START_TEST(pictures_of_different_size_are_not_added)
{
	static const float scales[4] = { 1, 1, 2, 2 };
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	put_conv("in", "a", 3, 3, 3, 1, 2, 1, 1);
	put_floats(&graph, "scales", scales, 1, 4);
	put_node(&graph, "Upsample", "a scales", "b", NULL);
	put_node(&graph, "Add", "b in", "out", NULL);
	ck_assert_int_eq(open_net(&onnx, &net), 0);
	ck_assert_int_eq(net_shape(net, 5, 4, &err), -EINVAL);
	expect_same(onnx, net, 6, 4);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

START_TEST(doubling_without_end_is_refused)
{
	static const float scales[4] = { 1, 1, 2, 2 };
	struct onnx *onnx = NULL;
	struct net *net = NULL;
	char names[32];

	graph_begin();
	put_floats(&graph, "scales", scales, 1, 4);
	put_node(&graph, "Upsample", "in scales", "x0", NULL);
	for (int i = 0; i < 40; i++) {
		char out[16];

		snprintf(names, sizeof(names), "x%d scales", i);
		snprintf(out, sizeof(out), "x%d", i + 1);
		put_node(&graph, "Upsample", names, i == 39 ? "out" : out, NULL);
	}
	ck_assert_int_eq(open_net(&onnx, &net), 0);
	ck_assert_int_eq(net_shape(net, 8, 8, &err), -EINVAL);
	net_free(&net);
	onnx_free(&onnx);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
	struct onnx *onnx = NULL;
	struct net *net = NULL;

	graph_begin();
	make_batch_norm_shared();
	put_values(&graph, 12, "out");
	put_model(&model, &graph);
	for (unsigned n = 1; n < 1000; n++) {
		uint32_t output;
		bool failed;
		int ret;

		test_alloc_fail_at(n);
		ret = onnx_parse(&onnx, model.at, model.size, &err);
		if (!ret) {
			output = onnx_output(onnx, "out");
			ret = net_open(&net, onnx, &output, 1, &err);
		}
		if (!ret)
			ret = net_shape(net, 8, 8, &err);
		failed = test_alloc_failed();
		test_alloc_fail_at(0);
		net_free(&net);
		onnx_free(&onnx);
		if (!failed) {
			ck_assert_int_eq(ret, 0);
			ck_assert_uint_gt(n, 10);
			return;
		}
		ck_assert_int_eq(ret, -ENOMEM);
	}
	ck_abort_msg("allocations without end");
}
END_TEST

static void make_whole(void)
{
	graph_begin();
	make_concat();
	put_values(&graph, 12, "out");
	put_model(&model, &graph);
}

/* In memory of its own, so that a sanitizer sees one byte more. */
static int parse_copy(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct onnx *onnx = NULL;
	struct net *net = NULL;
	int ret;

	memcpy(copy, bytes, size);
	ret = onnx_parse(&onnx, copy, size, &err);
	if (!ret && onnx->outputs) {
		if (net_open(&net, onnx, onnx->output, 1, NULL) == 0 &&
		    net_shape(net, 6, 5, NULL) == 0) {
			memset(net_input(net), 0, 3 * 6 * 5 * sizeof(float));
			ck_assert_int_eq(net_run(net, NULL), 0);
		}
		net_free(&net);
	}
	onnx_free(&onnx);
	free(copy);
	return ret;
}

START_TEST(a_model_cut_anywhere_is_damaged)
{
	make_whole();
	ck_assert_int_eq(parse_copy(model.at, model.size), 0);
	for (size_t size = 0; size < model.size; size++)
		ck_assert_int_eq(parse_copy(model.at, size), -EBADMSG);
}
END_TEST

/* Every length in the model, made to reach beyond the place that it is in. */
static unsigned enlarge(size_t at, size_t end, unsigned depth)
{
	/* Fields that are messages: the graph; its parts; attributes of nodes. */
	static const uint32_t messages[] = { 1u << 7, 1u << 1 | 1u << 5 | 1u << 11 | 1u << 12,
					     1u << 5 };
	unsigned tried = 0;

	while (at < end) {
		unsigned field = model.at[at] >> 3, type = model.at[at] & 7;
		size_t length = 0, size_at = ++at;
		uint8_t kept;

		for (unsigned shift = 0;; shift += 7) {
			length |= (size_t)(model.at[at] & 0x7f) << shift;
			if (!(model.at[at++] & 0x80))
				break;
		}
		if (type != 2)
			continue;
		kept = model.at[at - 1];
		ck_assert_uint_ge(at - size_at, 1);
		model.at[at - 1] = 0x7f;	/* the highest seven bits of it */
		if (kept != 0x7f && length + 127 > end - at) {
			ck_assert_int_eq(parse_copy(model.at, model.size), -EBADMSG);
			tried++;
		}
		model.at[at - 1] = kept;
		if (depth < 3 && messages[depth] & 1u << field)
			tried += enlarge(at, at + length, depth + 1);
		at += length;
	}
	return tried;
}

START_TEST(a_length_beyond_its_place_is_damaged)
{
	make_whole();
	ck_assert_uint_gt(enlarge(0, model.size, 0), 50);
}
END_TEST

START_TEST(a_model_with_wrong_bytes_never_does_harm)
{
	make_whole();
	for (unsigned n = 0; n < 3000; n++) {
		struct writer *spoilt = malloc(sizeof(*spoilt));

		memcpy(spoilt->at, model.at, model.size);
		for (unsigned i = 0; i <= test_random() % 4; i++)
			spoilt->at[test_random() % model.size] = test_random();
		parse_copy(spoilt->at, model.size);
		free(spoilt);
	}
}
END_TEST

START_TEST(a_value_is_made_once_and_before_it_is_used)
{
	struct onnx *onnx = NULL;

	graph_begin();
	put_node(&graph, "Relu", "in", "out", NULL);
	put_node(&graph, "Relu", "in", "out", NULL);
	ck_assert_int_eq(parse(&onnx), -EBADMSG);
	graph_begin();
	put_node(&graph, "Relu", "b", "a", NULL);
	put_node(&graph, "Relu", "a", "b", NULL);
	ck_assert_int_eq(parse(&onnx), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "'b'"));
	graph_begin();
	put_values(&graph, 12, "nothing");
	ck_assert_int_eq(parse(&onnx), -EBADMSG);
	ck_assert_ptr_null(onnx);
}
END_TEST

static int parse_tensor(const uint64_t *dim, unsigned dims, size_t bytes)
{
	static const uint8_t zero[64];
	struct writer tensor = { 0 };
	struct onnx *onnx = NULL;
	int ret;

	for (unsigned i = 0; i < dims; i++)
		put_number(&tensor, 1, dim[i]);
	put_number(&tensor, 2, 1);
	put_text(&tensor, 8, "k");
	put_bytes(&tensor, 9, zero, bytes);
	graph_begin();
	put_bytes(&graph, 5, tensor.at, tensor.size);
	ret = parse(&onnx);
	onnx_free(&onnx);
	return ret;
}

START_TEST(a_constant_is_as_large_as_its_dimensions_say)
{
	static const uint64_t fits[] = { 2, 3 }, none[] = { 2, 0 };
	static const uint64_t wraps[] = { 1ull << 32, 1ull << 32 };
	static const uint64_t negative[] = { UINT64_MAX, 4 };
	static const uint64_t many[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };

	ck_assert_int_eq(parse_tensor(fits, 2, 24), 0);
	ck_assert_int_eq(parse_tensor(fits, 2, 23), -EBADMSG);
	ck_assert_int_eq(parse_tensor(fits, 2, 28), -EBADMSG);
	ck_assert_int_eq(parse_tensor(none, 2, 0), 0);
	ck_assert_int_eq(parse_tensor(wraps, 2, 0), -EBADMSG);
	ck_assert_int_eq(parse_tensor(negative, 2, 16), -EBADMSG);
	ck_assert_int_eq(parse_tensor(many, 9, 4), -ENOTSUP);
}
END_TEST

START_TEST(what_is_no_model_is_called_so)
{
	struct onnx *onnx = NULL;

	ck_assert_int_eq(onnx_parse(&onnx, "", 0, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "not an ONNX model"));
	ck_assert_int_eq(onnx_parse(&onnx, "PK\3\4 and so on", 14, &err), -EBADMSG);
	ck_assert_ptr_null(onnx);
}
END_TEST

START_TEST(the_best_box_of_a_heap_stays)
{
	static struct detections picked;
	struct detection boxes[] = {
		{ 10, 10, 20, 20, .5f }, { 11, 11, 20, 20, .9f }, { 60, 10, 20, 20, .6f },
		{ 12, 10, 20, 20, .7f }, { 11, 40, 0, 0, .95f },
	};
	struct candidates candidates = { 5, 5, boxes };

	boxes_pick(&candidates, .1f, &picked);
	ck_assert_uint_eq(picked.count, 3);
	ck_assert_float_eq(picked.at[0].y, 11);	/* three agree on it */
	ck_assert_float_eq(picked.at[1].y, 40);
	ck_assert_float_eq(picked.at[2].x, 60);
	ck_assert(!picked.full);
}
END_TEST

START_TEST(a_box_that_others_agree_with_scores_higher)
{
	static struct detections picked;
	struct detection boxes[] = {
		{ 10, 10, 20, 20, .70f }, { 60, 10, 20, 20, .75f }, { 11, 11, 20, 20, .6f },
		{ 10, 12, 20, 20, .5f }, { 90, 10, 20, 20, .3f }, { 10, 60, 20, 20, 1 },
	};
	struct candidates candidates = { 6, 6, boxes };

	boxes_pick(&candidates, .2f, &picked);
	/* Odds of .7 are 7 / 3; times .7 + .6 + .5 they are 4.2.  .3 alone falls. */
	ck_assert_uint_eq(picked.count, 3);
	ck_assert_float_eq_tol(picked.at[0].score, 1, 1e-4);
	ck_assert_float_eq_tol(picked.at[1].score, 4.2 / 5.2, 1e-4);
	ck_assert_float_eq_tol(picked.at[2].score, 2.25 / 3.25, 1e-4);
	ck_assert_float_eq(picked.at[2].x, 60);
}
END_TEST

START_TEST(more_boxes_than_fit_are_doubt)
{
	static struct detections picked;
	static struct detection boxes[DETECTIONS_MAX + 1];
	struct candidates candidates = { DETECTIONS_MAX + 1, DETECTIONS_MAX + 1, boxes };

	for (int i = 0; i <= DETECTIONS_MAX; i++)
		boxes[i] = (struct detection){ i * 10, 0, 5, 5, .5f };
	boxes_pick(&candidates, .1f, &picked);
	ck_assert(picked.full);
	ck_assert_uint_eq(picked.count, DETECTIONS_MAX);
}
END_TEST

Suite *net_suite(void)
{
	Suite *suite = suite_create("net");
	TCase *onnx = tcase_create("onnx"), *net = tcase_create("net");
	TCase *boxes = tcase_create("boxes");

	tcase_set_timeout(onnx, 60);
	tcase_add_test(onnx, what_is_no_model_is_called_so);
	tcase_add_test(onnx, a_model_cut_anywhere_is_damaged);
	tcase_add_test(onnx, a_length_beyond_its_place_is_damaged);
	tcase_add_test(onnx, a_model_with_wrong_bytes_never_does_harm);
	tcase_add_test(onnx, a_value_is_made_once_and_before_it_is_used);
	tcase_add_test(onnx, a_constant_is_as_large_as_its_dimensions_say);
	suite_add_tcase(suite, onnx);
	tcase_add_loop_test(net, each_operator_computes_what_its_definition_says, 0, MAKERS);
	tcase_add_test(net, one_pixel_may_be_flattened_and_more_may_not);
	tcase_add_test(net, a_size_that_does_not_fit_the_network_is_refused);
	tcase_add_test(net, an_unknown_operator_is_named);
	tcase_add_test(net, an_operator_that_is_not_needed_may_be_unknown);
	tcase_add_test(net, a_weight_that_is_no_number_is_refused);
	tcase_add_test(net, channels_must_fit);
	tcase_add_test(net, windows_are_bounded);
	tcase_add_test(net, a_kernel_has_as_many_weights_as_it_says);
	tcase_add_test(net, pictures_of_different_size_are_not_added);
	tcase_add_test(net, doubling_without_end_is_refused);
	tcase_add_test(net, every_allocation_may_fail);
	suite_add_tcase(suite, net);
	tcase_add_test(boxes, the_best_box_of_a_heap_stays);
	tcase_add_test(boxes, a_box_that_others_agree_with_scores_higher);
	tcase_add_test(boxes, more_boxes_than_fit_are_doubt);
	suite_add_tcase(suite, boxes);
	return suite;
}
