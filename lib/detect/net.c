// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A plan at a size, run by XNNPACK.  Only what its releases of 2022 and 2024 have
 * in common is used: shapes are static there, so a new size is a new subgraph
 * and runtime over the same weights.
 */
#include "detect/net.h"
#include "detect/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack.h>

/* The release of 2024 still has what that of 2022 knows, but under this mark. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* A picture inside of the network: that many floats for each input pixel. */
#define GROWTH_MAX	256u
#define GROWTH_FREE	(1u << 20)	/* and that many in any case */
/* All pictures together, and multiplications of a run: beyond, it is no filter. */
#define FLOATS_MAX	(1ull << 28)
#define WORK_MAX	(1ull << 37)
#define ALIGNMENT	64u

struct picture {
	unsigned height, width;
	uint32_t value;			/* of the subgraph */
	float *buffer;			/* the input's and the outputs' */
};

struct net {
	struct plan *plan;
	unsigned width, height;		/* 0: no runtime yet */
	struct picture *picture;	/* by operand */
	struct net_output output[PLAN_OUTPUTS_MAX];
	float one[XNN_EXTRA_BYTES / sizeof(float) + 4];
	xnn_runtime_t runtime;
};

struct builder {
	struct net *net;
	xnn_subgraph_t graph;
	size_t floats_max;		/* of a picture */
	uint64_t floats, work;		/* so far */
	struct scrim_error *err;
};

int net_init(struct scrim_error *err)
{
	enum xnn_status status = xnn_initialize(NULL);

	if (status == xnn_status_unsupported_hardware)
		return fail(err, -ENOTSUP, "this processor is too old for the network engine");
	if (status != xnn_status_success)
		return fail(err, -EIO, "cannot start the network engine (%d)", status);
	return 0;
}

static int engine_failed(const struct builder *builder, enum xnn_status status,
			 const char *what)
{
	if (status == xnn_status_success)
		return 0;
	if (status == xnn_status_out_of_memory)
		return fail(builder->err, -ENOMEM, "no memory for the network");
	return fail(builder->err, -ENOTSUP, "the network engine refuses %s (%d)",
		    what, status);
}

static unsigned channels_of(const struct builder *builder, unsigned operand)
{
	return builder->net->plan->operand[operand].channels;
}

/* The operand's size is known now: it becomes a value of the subgraph. */
static int picture_define(struct builder *builder, unsigned operand,
			  size_t height, size_t width)
{
	struct picture *picture = &builder->net->picture[operand];
	size_t dims[4] = { 1, height, width, channels_of(builder, operand) };

	if (!height || !width || height > builder->floats_max ||
	    width > builder->floats_max / height ||
	    dims[3] > builder->floats_max / height / width)
		return fail(builder->err, -EINVAL,
			    "the network makes pictures of %zu x %zu x %zu of that input",
			    width, height, dims[3]);
	builder->floats += height * width * dims[3];
	if (builder->floats > FLOATS_MAX)
		return fail(builder->err, -EINVAL,
			    "the network needs too much memory for that input");
	picture->height = height;
	picture->width = width;
	/* Inputs and outputs have their number from the start. */
	return engine_failed(builder,
			     xnn_define_tensor_value(builder->graph, xnn_datatype_fp32,
						     4, dims, NULL, picture->value,
						     !operand ? XNN_VALUE_FLAG_EXTERNAL_INPUT :
						     picture->value != XNN_INVALID_VALUE_ID ?
						     XNN_VALUE_FLAG_EXTERNAL_OUTPUT : 0,
						     &picture->value), "a picture");
}

static int constant_define(struct builder *builder, unsigned dims, const size_t *dim,
			   const float *data, uint32_t *value)
{
	return engine_failed(builder,
			     xnn_define_tensor_value(builder->graph, xnn_datatype_fp32,
						     dims, dim, data, XNN_INVALID_VALUE_ID,
						     0, value), "a constant");
}

/* Pixels that a window takes in one direction (0: down, 1: across). */
static size_t window_steps(const struct window *window, unsigned direction, size_t size)
{
	size_t extent = window->dilation[direction] * (window->kernel[direction] - 1) + 1;

	size += window->pad[direction] + window->pad[direction + 2];
	return size < extent ? 0 : (size - extent) / window->stride[direction] + 1;
}

static int window_define(struct builder *builder, const struct step *step)
{
	const struct picture *in = &builder->net->picture[step->input[0]];

	return picture_define(builder, step->output,
			      window_steps(&step->window, 0, in->height),
			      window_steps(&step->window, 1, in->width));
}

static int depthwise_build(struct builder *builder, const struct step *step,
			   uint32_t in, uint32_t bias, uint32_t out)
{
	const struct window *w = &step->window;
	size_t outputs = channels_of(builder, step->output);
	size_t dims[4] = { 1, w->kernel[0], w->kernel[1], outputs };
	uint32_t filter;
	int ret;

	ret = constant_define(builder, 4, dims, step->weights, &filter);
	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_depthwise_convolution_2d(builder->graph,
			w->pad[0], w->pad[3], w->pad[2], w->pad[1],
			w->kernel[0], w->kernel[1], w->stride[0], w->stride[1],
			w->dilation[0], w->dilation[1], outputs / step->groups,
			step->groups, step->low, step->high,
			in, filter, bias, out, 0), "a depthwise convolution");
}

static int dense_build(struct builder *builder, const struct step *step,
		       uint32_t in, uint32_t bias, uint32_t out)
{
	const struct window *w = &step->window;
	size_t outputs = channels_of(builder, step->output);
	size_t inputs = channels_of(builder, step->input[0]) / step->groups;
	size_t dims[4] = { outputs, w->kernel[0], w->kernel[1], inputs };
	uint32_t filter;
	int ret;

	ret = constant_define(builder, 4, dims, step->weights, &filter);
	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_convolution_2d(builder->graph,
			w->pad[0], w->pad[3], w->pad[2], w->pad[1],
			w->kernel[0], w->kernel[1], w->stride[0], w->stride[1],
			w->dilation[0], w->dilation[1], step->groups,
			inputs, outputs / step->groups, step->low, step->high,
			in, filter, bias, out, 0), "a convolution");
}

static int conv_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	size_t outputs = channels_of(builder, step->output);
	uint32_t bias;
	int ret;

	ret = window_define(builder, step);
	if (ret < 0)
		return ret;
	builder->work += (uint64_t)step->window.kernel[0] * step->window.kernel[1] *
			 channels_of(builder, step->input[0]) / step->groups * outputs *
			 picture[step->output].height * picture[step->output].width;
	if (builder->work > WORK_MAX)
		return fail(builder->err, -EINVAL, "the network needs too long for that input");
	ret = constant_define(builder, 1, &outputs, step->bias, &bias);
	if (ret < 0)
		return ret;
	return (step_depthwise(builder->net->plan, step) ? depthwise_build : dense_build)
		(builder, step, picture[step->input[0]].value, bias,
		 picture[step->output].value);
}

static int max_pool_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	const struct window *w = &step->window;
	int ret;

	ret = window_define(builder, step);
	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_max_pooling_2d(builder->graph,
			w->pad[0], w->pad[3], w->pad[2], w->pad[1],
			w->kernel[0], w->kernel[1], w->stride[0], w->stride[1],
			w->dilation[0], w->dilation[1], step->low, step->high,
			picture[step->input[0]].value, picture[step->output].value, 0),
			"a maximum");
}

static int same_define(struct builder *builder, const struct step *step)
{
	const struct picture *in = &builder->net->picture[step->input[0]];

	return picture_define(builder, step->output, in->height, in->width);
}

static int add_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	const struct picture *a = &picture[step->input[0]], *b = &picture[step->input[1]];
	int ret;

	if (a->height != b->height || a->width != b->width)
		return fail(builder->err, -EINVAL,
			    "the network adds pictures of %u x %u and %u x %u at that size",
			    a->width, a->height, b->width, b->height);
	ret = same_define(builder, step);
	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_add2(builder->graph, step->low, step->high,
			a->value, b->value, picture[step->output].value, 0), "a sum");
}

static int prelu_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	size_t channels = channels_of(builder, step->output);
	uint32_t slopes;
	int ret;

	ret = same_define(builder, step);
	if (ret < 0)
		return ret;
	ret = constant_define(builder, 1, &channels, step->weights, &slopes);
	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_prelu(builder->graph,
			picture[step->input[0]].value, slopes,
			picture[step->output].value, 0), "a PRelu");
}

static int clamp_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	int ret = same_define(builder, step);

	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_clamp(builder->graph, step->low, step->high,
			picture[step->input[0]].value, picture[step->output].value, 0),
			"a Relu");
}

static int sigmoid_build(struct builder *builder, const struct step *step)
{
	const struct picture *picture = builder->net->picture;
	int ret = same_define(builder, step);

	if (ret < 0)
		return ret;
	return engine_failed(builder, xnn_define_sigmoid(builder->graph,
			picture[step->input[0]].value, picture[step->output].value, 0),
			"a Sigmoid");
}

static int reshape_build(struct builder *builder, uint32_t in, uint32_t out,
			 unsigned dims, const size_t *dim)
{
	return engine_failed(builder, xnn_define_static_reshape(builder->graph, dims, dim,
								in, out, 0), "a reshape");
}

/*
 * Height x 1 x width x 1 x channels, times 1 x 2 x 1 x 2 x 1 ones, is each pixel
 * four times in its place.
 */
static int double_build(struct builder *builder, const struct step *step)
{
	const struct picture *in = &builder->net->picture[step->input[0]];
	size_t c = channels_of(builder, step->output);
	size_t narrow[6] = { 1, in->height, 1, in->width, 1, c };
	size_t wide[6] = { 1, in->height, 2, in->width, 2, c };
	static const size_t twice[6] = { 1, 1, 2, 1, 2, 1 };
	size_t whole[4] = { 1, 2 * (size_t)in->height, 2 * (size_t)in->width, c };
	uint32_t from, ones, to;
	int ret;

	ret = picture_define(builder, step->output, whole[1], whole[2]);
	if (ret < 0)
		return ret;
	ret = constant_define(builder, 6, narrow, NULL, &from);
	if (ret < 0)
		return ret;
	ret = constant_define(builder, 6, wide, NULL, &to);
	if (ret < 0)
		return ret;
	ret = constant_define(builder, 6, twice, builder->net->one, &ones);
	if (ret < 0)
		return ret;
	ret = reshape_build(builder, in->value, from, 6, narrow);
	if (ret < 0)
		return ret;
	ret = engine_failed(builder, xnn_define_multiply2(builder->graph, -INFINITY, INFINITY,
			from, ones, to, 0), "a product");
	if (ret < 0)
		return ret;
	return reshape_build(builder, to, builder->net->picture[step->output].value, 4, whole);
}

static int flatten_build(struct builder *builder, const struct step *step)
{
	const struct picture *in = &builder->net->picture[step->input[0]];
	size_t whole[4] = { 1, 1, 1, channels_of(builder, step->output) };
	int ret;

	if (in->height != 1 || in->width != 1)
		return fail(builder->err, -ENOTSUP,
			    "operator 'Reshape' is not supported on more than one pixel");
	ret = same_define(builder, step);
	if (ret < 0)
		return ret;
	return reshape_build(builder, in->value, builder->net->picture[step->output].value,
			     4, whole);
}

static int step_build(struct builder *builder, const struct step *step)
{
	switch (step->kind) {
	case STEP_CONV:
		return conv_build(builder, step);
	case STEP_MAX_POOL:
		return max_pool_build(builder, step);
	case STEP_ADD:
		return add_build(builder, step);
	case STEP_PRELU:
		return prelu_build(builder, step);
	case STEP_CLAMP:
		return clamp_build(builder, step);
	case STEP_SIGMOID:
		return sigmoid_build(builder, step);
	case STEP_DOUBLE:
		return double_build(builder, step);
	case STEP_FLATTEN:
		return flatten_build(builder, step);
	}
	return fail(builder->err, -EINVAL, "a step of no kind");
}

/* Forgets the size, keeps the weights. */
static void net_clear(struct net *net)
{
	xnn_delete_runtime(net->runtime);
	net->runtime = NULL;
	net->width = net->height = 0;
	for (unsigned i = 0; i < net->plan->operands; i++) {
		free(net->picture[i].buffer);
		net->picture[i] = (struct picture){ .value = XNN_INVALID_VALUE_ID };
	}
}

/* Zeroed, and a little longer: the engine may read behind the end. */
static float *buffer_new(size_t floats)
{
	size_t bytes = floats * sizeof(float) + XNN_EXTRA_BYTES;
	float *buffer;

	bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	buffer = aligned_alloc(ALIGNMENT, bytes);
	if (buffer)
		memset(buffer, 0, bytes);
	return buffer;
}

static int graph_build(struct builder *builder, unsigned width, unsigned height)
{
	struct net *net = builder->net;
	const struct plan *plan = net->plan;
	int ret;

	net->picture[0].value = 0;
	for (unsigned i = 0; i < plan->outputs; i++)
		net->picture[plan->output[i]].value = 1 + i;
	ret = engine_failed(builder, xnn_create_subgraph(1 + plan->outputs, 0,
							 &builder->graph), "a graph");
	if (ret < 0)
		return ret;
	ret = picture_define(builder, 0, height, width);
	for (unsigned i = 0; i < plan->steps && !ret; i++)
		ret = step_build(builder, &plan->step[i]);
	return ret;
}

/* Ties the runtime to buffers of ours, once and for all. */
static int runtime_tie(struct builder *builder)
{
	struct net *net = builder->net;
	const struct plan *plan = net->plan;
	struct xnn_external_value values[1 + PLAN_OUTPUTS_MAX];

	for (unsigned i = 0; i <= plan->outputs; i++) {
		unsigned operand = i ? plan->output[i - 1] : 0;
		struct picture *picture = &net->picture[operand];
		unsigned channels = channels_of(builder, operand);

		picture->buffer = buffer_new((size_t)picture->height * picture->width *
					     channels);
		if (!picture->buffer)
			return fail(builder->err, -ENOMEM, "no memory for the network");
		values[i] = (struct xnn_external_value){ i, picture->buffer };
		if (i)
			net->output[i - 1] = (struct net_output){
				picture->width, picture->height, channels, picture->buffer,
			};
	}
	return engine_failed(builder, xnn_setup_runtime(net->runtime, 1 + plan->outputs,
							values), "its buffers");
}

int net_shape(struct net *net, unsigned width, unsigned height,
	      struct scrim_error *err)
{
	struct builder builder = { .net = net, .err = err };
	int ret;

	if (net->runtime && net->width == width && net->height == height)
		return 0;
	if (!width || !height || width > NET_SIDE_MAX || height > NET_SIDE_MAX)
		return fail(err, -EINVAL, "a network input of %u x %u", width, height);
	net_clear(net);
	builder.floats_max = GROWTH_FREE + (size_t)GROWTH_MAX * width * height;
	ret = graph_build(&builder, width, height);
	if (!ret)
		ret = engine_failed(&builder, xnn_create_runtime_v2(builder.graph, NULL, 0,
								    &net->runtime),
				    "the network");
	if (!ret)
		ret = runtime_tie(&builder);
	xnn_delete_subgraph(builder.graph);
	if (ret < 0) {
		net_clear(net);
		return ret;
	}
	net->width = width;
	net->height = height;
	return 0;
}

int net_open(struct net **out, const struct onnx *onnx, const uint32_t *outputs,
	     unsigned count, struct scrim_error *err)
{
	struct net *net = NULL;
	int ret;

	ret = net_init(err);
	if (ret < 0)
		return ret;
	net = calloc(1, sizeof(*net));
	if (!net)
		return fail(err, -ENOMEM, "no memory for the network");
	ret = plan_new(&net->plan, onnx, outputs, count, err);
	if (ret < 0)
		goto out;
	net->picture = calloc(net->plan->operands, sizeof(*net->picture));
	if (!net->picture) {
		ret = fail(err, -ENOMEM, "no memory for the network");
		goto out;
	}
	for (unsigned i = 0; i < sizeof(net->one) / sizeof(net->one[0]); i++)
		net->one[i] = 1;
	net_clear(net);
	*out = net;
	net = NULL;
out:
	net_free(&net);
	return ret;
}

float *net_input(struct net *net)
{
	return net->picture[0].buffer;
}

const struct net_output *net_output(const struct net *net, unsigned i)
{
	return &net->output[i];
}

int net_run(struct net *net, struct scrim_error *err)
{
	enum xnn_status status = xnn_invoke_runtime(net->runtime);

	if (status != xnn_status_success)
		return fail(err, -EIO, "the network does not run (%d)", status);
	return 0;
}

void net_free(struct net **net)
{
	if (!*net)
		return;
	if ((*net)->picture)
		net_clear(*net);
	plan_free(&(*net)->plan);
	free((*net)->picture);
	free(*net);
	*net = NULL;
}
