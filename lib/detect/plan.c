// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ONNX pictures are channels x height x width, ours are height x width x
 * channels; only constants must be turned round for that.
 */
#include "detect/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXTRA_FLOATS	16	/* XNNPACK may read that far behind an array */

struct planner {
	struct plan *plan;
	const struct onnx *onnx;
	bool *needed;			/* by value of the graph */
	unsigned *users;		/* by value of the graph */
	unsigned *operand;		/* by value; ONNX_NONE: none yet */
	unsigned steps_max, operands_max;
	struct scrim_error *err;
};

static int refuse(const struct planner *planner, const struct onnx_node *node,
		  const char *what)
{
	return fail(planner->err, -ENOTSUP, "operator '%.*s' is not supported%s%s",
		    (int)node->op.length, node->op.at, *what ? " " : "", what);
}

static int damaged(const struct planner *planner, const struct onnx_node *node,
		   const char *what)
{
	return fail(planner->err, -EBADMSG, "damaged: operator '%.*s' %s",
		    (int)node->op.length, node->op.at, what);
}

static float *floats_new(size_t count)
{
	return calloc(count + EXTRA_FLOATS, sizeof(float));
}

/* The node's nth input as a constant, or NULL. */
static const struct onnx_tensor *node_constant(const struct planner *planner,
					       const struct onnx_node *node, unsigned n)
{
	const struct onnx *onnx = planner->onnx;

	if (n >= node->inputs || node->input[n] == ONNX_NONE ||
	    onnx->value[node->input[n]].tensor == ONNX_NONE)
		return NULL;
	return &onnx->tensor[onnx->value[node->input[n]].tensor];
}

/* A constant of numbers; one that is none would spoil every picture. */
static int numbers(const struct planner *planner, const struct onnx_tensor *constant,
		   float *to)
{
	int ret = onnx_floats(constant, to, planner->err);

	for (size_t i = 0; i < constant->count && !ret; i++)
		if (!isfinite(to[i]))
			ret = fail(planner->err, -EBADMSG, "damaged: a weight is no number");
	return ret;
}

/* The node's nth input as a picture. */
static int node_picture(const struct planner *planner, const struct onnx_node *node,
			unsigned n, unsigned *operand)
{
	if (n >= node->inputs || node->input[n] == ONNX_NONE)
		return damaged(planner, node, "lacks an input");
	*operand = planner->operand[node->input[n]];
	if (*operand == ONNX_NONE)
		return refuse(planner, node, "on a constant");
	return 0;
}

/* The same, of one piece. */
static int node_whole(const struct planner *planner, const struct onnx_node *node,
		      unsigned n, unsigned *operand)
{
	int ret = node_picture(planner, node, n, operand);

	if (!ret && planner->plan->operand[*operand].parts)
		return refuse(planner, node, "after Concat");
	return ret;
}

static int operand_new(struct planner *planner, unsigned channels, unsigned *id)
{
	struct plan *plan = planner->plan;

	if (!channels || channels > PLAN_CHANNELS_MAX)
		return fail(planner->err, -EFBIG, "a picture of %u channels", channels);
	if (plan->operands == planner->operands_max)
		return fail(planner->err, -EFBIG, "too many steps");
	*id = plan->operands++;
	plan->operand[*id] = (struct operand){ .channels = channels, .maker = ONNX_NONE,
					       .users = 1 };
	return 0;
}

/* The next step, and the operand that it makes. */
static int step_new(struct planner *planner, enum step_kind kind,
		    unsigned input, unsigned channels, struct step **step)
{
	struct plan *plan = planner->plan;
	unsigned output;
	int ret;

	ret = operand_new(planner, channels, &output);
	if (ret < 0)
		return ret;
	if (plan->steps == planner->steps_max)
		return fail(planner->err, -EFBIG, "too many steps");
	plan->operand[output].maker = plan->steps;
	*step = &plan->step[plan->steps++];
	**step = (struct step){ .kind = kind, .input = { input, input }, .output = output,
				.groups = 1, .low = -INFINITY, .high = INFINITY };
	return 0;
}

/* The node's first output is that operand. */
static void node_makes(struct planner *planner, const struct onnx_node *node,
		       unsigned operand)
{
	if (node->output[0] == ONNX_NONE)
		return;
	planner->operand[node->output[0]] = operand;
	planner->plan->operand[operand].users = planner->users[node->output[0]];
}

bool step_depthwise(const struct plan *plan, const struct step *step)
{
	return step->groups > 1 &&
	       step->groups == plan->operand[step->input[0]].channels;
}


/* A list of the node, each number from low to PLAN_KERNEL_MAX; all are given one. */
static int window_list(const struct planner *planner, const struct onnx_node *node,
		       const char *name, unsigned *list, unsigned count, int64_t low)
{
	int64_t value[4] = { list[0], list[1], list[0], list[1] };
	int ret;

	ret = onnx_attribute_list(node, name, value, count, planner->err);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < count; i++) {
		if (value[i] < low || value[i] > PLAN_KERNEL_MAX)
			return refuse(planner, node, "with such a window");
		list[i] = value[i];
	}
	return 0;
}

/* What Conv and MaxPool have in common; kernel is preset by the weights, or 0. */
static int window_read(const struct planner *planner, const struct onnx_node *node,
		       struct window *window)
{
	const struct onnx_attribute *mode = onnx_attribute(node, "auto_pad");
	int ret;

	if (mode && mode->text.length && !onnx_text_is(mode->text, "NOTSET"))
		return refuse(planner, node, "with auto_pad");
	ret = window_list(planner, node, "kernel_shape", window->kernel, 2, 1);
	if (ret < 0)
		return ret;
	ret = window_list(planner, node, "strides", window->stride, 2, 1);
	if (ret < 0)
		return ret;
	ret = window_list(planner, node, "dilations", window->dilation, 2, 1);
	if (ret < 0)
		return ret;
	ret = window_list(planner, node, "pads", window->pad, 4, 0);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < 4; i++)
		if (window->pad[i] > window->dilation[i % 2] * (window->kernel[i % 2] - 1))
			return refuse(planner, node, "with padding larger than its kernel");
	return 0;
}

/*
 * The weights of a Conv, of the input channels from skip on: output, input, row,
 * column in the file; output, row, column, input here, or row, column, output
 * when each output channel has one input channel only.
 */
static void weights_turn(float *to, const float *from, unsigned outputs,
			 unsigned inputs, unsigned skip, unsigned taps,
			 unsigned inputs_all, bool depthwise)
{
	for (size_t o = 0; o < outputs; o++)
		for (size_t i = 0; i < inputs; i++)
			for (size_t t = 0; t < taps; t++) {
				size_t at = depthwise ? t * outputs + o :
					    (o * taps + t) * inputs + i;

				to[at] = from[(o * inputs_all + skip + i) * taps + t];
			}
}

struct conv {
	const struct onnx_tensor *weights, *bias;	/* bias may be NULL */
	unsigned outputs, inputs;	/* inputs: of a group */
	unsigned groups;
	struct window window;
	float *filter;			/* the weights, as in the file */
};

static int conv_read(const struct planner *planner, const struct onnx_node *node,
		     struct conv *conv)
{
	const struct onnx_attribute *groups = onnx_attribute(node, "group");
	const struct onnx_tensor *w = node_constant(planner, node, 1);
	const struct onnx_tensor *b = node_constant(planner, node, 2);
	int ret;

	if (!w || (!b && node->inputs > 2 && node->input[2] != ONNX_NONE))
		return refuse(planner, node, "without constant weights");
	if (w->dims != 4)
		return refuse(planner, node, "in other than two dimensions");
	if (!w->count || w->dim[0] > PLAN_CHANNELS_MAX || w->dim[1] > PLAN_CHANNELS_MAX ||
	    w->dim[2] > PLAN_KERNEL_MAX || w->dim[3] > PLAN_KERNEL_MAX)
		return refuse(planner, node, "of that size");
	if (b && b->count != w->dim[0])
		return damaged(planner, node, "has a bias for other channels");
	if (groups && (groups->integer < 1 || w->dim[0] % (uint64_t)groups->integer))
		return damaged(planner, node, "has impossible groups");
	*conv = (struct conv){
		.weights = w, .bias = b, .outputs = w->dim[0], .inputs = w->dim[1],
		.groups = groups ? groups->integer : 1,
		.window = { .kernel = { w->dim[2], w->dim[3] },
			    .stride = { 1, 1 }, .dilation = { 1, 1 } },
	};
	ret = window_read(planner, node, &conv->window);
	if (!ret && (conv->window.kernel[0] != w->dim[2] || conv->window.kernel[1] != w->dim[3]))
		return damaged(planner, node, "has weights for another window");
	return ret;
}

/* One step: the input channels from skip on, which are those of the operand. */
static int conv_step(struct planner *planner, const struct conv *conv,
		     unsigned input, unsigned skip, struct step **out)
{
	unsigned inputs = conv->groups > 1 ? conv->inputs :
			  planner->plan->operand[input].channels;
	unsigned taps = conv->window.kernel[0] * conv->window.kernel[1];
	struct step *step;
	int ret;

	ret = step_new(planner, STEP_CONV, input, conv->outputs, &step);
	if (ret < 0)
		return ret;
	step->window = conv->window;
	step->groups = conv->groups;
	step->weights = floats_new((size_t)conv->outputs * inputs * taps);
	step->bias = floats_new(conv->outputs);
	if (!step->weights || !step->bias)
		return fail(planner->err, -ENOMEM, "no memory for the model");
	weights_turn(step->weights, conv->filter, conv->outputs, inputs, skip, taps,
		     conv->inputs, step_depthwise(planner->plan, step));
	*out = step;
	if (skip || !conv->bias)
		return 0;
	return numbers(planner, conv->bias, step->bias);
}

/* What is convolved side by side is summed. */
static int conv_parts(struct planner *planner, const struct conv *conv,
		      const struct operand *input, unsigned *sum)
{
	struct step *step;
	unsigned skip = 0;
	int ret;

	for (unsigned i = 0; i < input->parts; i++) {
		ret = conv_step(planner, conv, input->part[i], skip, &step);
		if (ret < 0)
			return ret;
		skip += planner->plan->operand[input->part[i]].channels;
		if (i) {
			unsigned add = step->output;

			ret = step_new(planner, STEP_ADD, *sum, conv->outputs, &step);
			if (ret < 0)
				return ret;
			step->input[1] = add;
		}
		*sum = step->output;
	}
	return 0;
}

static int plan_conv(struct planner *planner, const struct onnx_node *node)
{
	const struct operand *input;
	struct step *step;
	struct conv conv;
	unsigned id;
	int ret;

	ret = node_picture(planner, node, 0, &id);
	if (ret < 0)
		return ret;
	ret = conv_read(planner, node, &conv);
	if (ret < 0)
		return ret;
	input = &planner->plan->operand[id];
	if (conv.inputs * conv.groups != input->channels)
		return damaged(planner, node, "expects other channels than it gets");
	if (input->parts && conv.groups > 1)
		return refuse(planner, node, "in groups after Concat");
	conv.filter = floats_new(conv.weights->count);
	if (!conv.filter)
		return fail(planner->err, -ENOMEM, "no memory for the model");
	ret = numbers(planner, conv.weights, conv.filter);
	if (!ret && input->parts) {
		ret = conv_parts(planner, &conv, input, &id);
	} else if (!ret) {
		ret = conv_step(planner, &conv, id, 0, &step);
		if (!ret)
			id = step->output;
	}
	free(conv.filter);
	if (!ret)
		node_makes(planner, node, id);
	return ret;
}

static int plan_max_pool(struct planner *planner, const struct onnx_node *node)
{
	const struct onnx_attribute *ceil = onnx_attribute(node, "ceil_mode");
	struct window window = { .kernel = { 0, 0 }, .stride = { 1, 1 },
				 .dilation = { 1, 1 } };
	struct step *step;
	unsigned input;
	int ret;

	ret = node_whole(planner, node, 0, &input);
	if (ret < 0)
		return ret;
	if (!onnx_attribute(node, "kernel_shape"))
		return damaged(planner, node, "has no kernel_shape");
	if (ceil && ceil->integer)
		return refuse(planner, node, "with ceil_mode");
	ret = window_read(planner, node, &window);
	if (ret < 0)
		return ret;
	if (window.kernel[0] * window.kernel[1] < 2 ||
	    window.stride[0] > window.kernel[0] || window.stride[1] > window.kernel[1])
		return refuse(planner, node, "with such a window");
	ret = step_new(planner, STEP_MAX_POOL, input,
		       planner->plan->operand[input].channels, &step);
	if (ret < 0)
		return ret;
	step->window = window;
	node_makes(planner, node, step->output);
	return 0;
}

/* The convolution that makes the operand, if it may be changed for this user. */
static struct step *operand_conv(const struct plan *plan, unsigned id)
{
	const struct operand *operand = &plan->operand[id];
	struct step *step;

	if (operand->users != 1 || operand->maker == ONNX_NONE)
		return NULL;
	step = &plan->step[operand->maker];
	return step->kind == STEP_CONV && step->low == -INFINITY ? step : NULL;
}

/* weights and bias of a convolution, scaled and shifted by output channel. */
static void conv_scale(const struct plan *plan, struct step *step,
		       const float *scale, const float *shift)
{
	size_t outputs = plan->operand[step->output].channels;
	size_t inputs = plan->operand[step->input[0]].channels / step->groups;
	size_t taps = step->window.kernel[0] * step->window.kernel[1] * inputs;
	bool depthwise = step_depthwise(plan, step);

	for (size_t o = 0; o < outputs; o++) {
		for (size_t t = 0; t < taps; t++)
			step->weights[depthwise ? t * outputs + o : o * taps + t] *= scale[o];
		step->bias[o] = step->bias[o] * scale[o] + shift[o];
	}
}

/*
 * scale[c] * x + shift[c]: into the convolution before, or a convolution of its
 * own that looks at one pixel of one channel.
 */
static int plan_affine(struct planner *planner, const struct onnx_node *node,
		       unsigned input, const float *scale, const float *shift)
{
	unsigned channels = planner->plan->operand[input].channels;
	struct step *step = operand_conv(planner->plan, input);
	bool same = true;
	int ret;

	for (unsigned c = 0; c < channels; c++)
		same &= scale[c] == 1 && shift[c] == 0;
	if (same && planner->plan->operand[input].users == 1) {
		node_makes(planner, node, input);
		return 0;
	}
	if (!step) {
		ret = step_new(planner, STEP_CONV, input, channels, &step);
		if (ret < 0)
			return ret;
		step->window = (struct window){ .kernel = { 1, 1 }, .stride = { 1, 1 },
						.dilation = { 1, 1 } };
		step->groups = channels;
		step->weights = floats_new(channels);
		step->bias = floats_new(channels);
		if (!step->weights || !step->bias)
			return fail(planner->err, -ENOMEM, "no memory for the model");
		for (unsigned c = 0; c < channels; c++)
			step->weights[c] = 1;
	}
	conv_scale(planner->plan, step, scale, shift);
	node_makes(planner, node, step->output);
	return 0;
}

/* A constant that has one number, or one for each channel: [C], [C,1,1], ... */
static int channel_floats(const struct planner *planner, const struct onnx_node *node,
			  const struct onnx_tensor *constant, unsigned channels,
			  bool plain, float *to)
{
	unsigned at = plain ? 1 : 3;	/* the channels, counted from the last */
	int ret;

	if (constant->count != 1 &&
	    (constant->count != channels || constant->dims < at ||
	     constant->dim[constant->dims - at] != channels))
		return refuse(planner, node, "with a constant of that shape");
	ret = numbers(planner, constant, to);
	if (ret < 0)
		return ret;
	if (constant->count == 1)
		for (unsigned c = 1; c < channels; c++)
			to[c] = to[0];
	return 0;
}

static int plan_batch_norm(struct planner *planner, const struct onnx_node *node)
{
	const struct onnx_attribute *attribute = onnx_attribute(node, "epsilon");
	float epsilon = attribute ? attribute->number : 1e-5f;
	float *number[4] = { NULL, NULL, NULL, NULL };	/* gamma, beta, mean, variance */
	unsigned input, channels;
	int ret;

	ret = node_whole(planner, node, 0, &input);
	if (ret < 0)
		return ret;
	channels = planner->plan->operand[input].channels;
	for (unsigned i = 0; i < 4 && !ret; i++) {
		const struct onnx_tensor *constant = node_constant(planner, node, i + 1);

		number[i] = floats_new(channels);
		if (!number[i])
			ret = fail(planner->err, -ENOMEM, "no memory for the model");
		else if (!constant)
			ret = refuse(planner, node, "without constants");
		else
			ret = channel_floats(planner, node, constant, channels, true, number[i]);
	}
	for (unsigned c = 0; c < channels && !ret; c++) {
		number[0][c] /= sqrtf(number[3][c] + epsilon);
		number[1][c] -= number[2][c] * number[0][c];
	}
	if (!ret)
		ret = plan_affine(planner, node, input, number[0], number[1]);
	for (unsigned i = 0; i < 4; i++)
		free(number[i]);
	return ret;
}

/* Mul or Add of a picture and a constant. */
static int plan_constant(struct planner *planner, const struct onnx_node *node,
			 unsigned picture, const struct onnx_tensor *constant)
{
	bool add = onnx_text_is(node->op, "Add");
	float *scale = NULL, *shift = NULL;
	unsigned input, channels;
	int ret;

	ret = node_whole(planner, node, picture, &input);
	if (ret < 0)
		return ret;
	channels = planner->plan->operand[input].channels;
	scale = floats_new(channels);
	shift = floats_new(channels);
	if (!scale || !shift) {
		ret = fail(planner->err, -ENOMEM, "no memory for the model");
		goto out;
	}
	for (unsigned c = 0; c < channels; c++)
		scale[c] = 1;
	ret = channel_floats(planner, node, constant, channels, false, add ? shift : scale);
	if (!ret)
		ret = plan_affine(planner, node, input, scale, shift);
out:
	free(scale);
	free(shift);
	return ret;
}

static int plan_mul(struct planner *planner, const struct onnx_node *node)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct onnx_tensor *constant = node_constant(planner, node, i);

		if (constant)
			return plan_constant(planner, node, 1 - i, constant);
	}
	return refuse(planner, node, "of two pictures");
}

static int plan_add(struct planner *planner, const struct onnx_node *node)
{
	unsigned input[2];
	struct step *step;
	int ret;

	for (unsigned i = 0; i < 2; i++) {
		const struct onnx_tensor *constant = node_constant(planner, node, i);

		if (constant)
			return plan_constant(planner, node, 1 - i, constant);
		ret = node_whole(planner, node, i, &input[i]);
		if (ret < 0)
			return ret;
	}
	if (planner->plan->operand[input[0]].channels !=
	    planner->plan->operand[input[1]].channels)
		return refuse(planner, node, "of different channels");
	ret = step_new(planner, STEP_ADD, input[0],
		       planner->plan->operand[input[0]].channels, &step);
	if (ret < 0)
		return ret;
	step->input[1] = input[1];
	node_makes(planner, node, step->output);
	return 0;
}

/* Steps that take one picture and make one of as many channels. */
static int plan_simple(struct planner *planner, const struct onnx_node *node,
		       enum step_kind kind, struct step **step)
{
	unsigned input;
	int ret;

	ret = node_whole(planner, node, 0, &input);
	if (ret < 0)
		return ret;
	ret = step_new(planner, kind, input, planner->plan->operand[input].channels, step);
	if (ret < 0)
		return ret;
	node_makes(planner, node, (*step)->output);
	return 0;
}

static int plan_relu(struct planner *planner, const struct onnx_node *node)
{
	const struct operand *operand;
	struct step *step;
	unsigned input;
	int ret;

	ret = node_whole(planner, node, 0, &input);
	if (ret < 0)
		return ret;
	operand = &planner->plan->operand[input];
	if (operand->users == 1 && operand->maker != ONNX_NONE) {
		step = &planner->plan->step[operand->maker];
		if (step->kind == STEP_CONV || step->kind == STEP_ADD ||
		    step->kind == STEP_MAX_POOL) {
			step->low = 0;
			node_makes(planner, node, input);
			return 0;
		}
	}
	ret = plan_simple(planner, node, STEP_CLAMP, &step);
	if (!ret)
		step->low = 0;
	return ret;
}

static int plan_prelu(struct planner *planner, const struct onnx_node *node)
{
	const struct onnx_tensor *slopes = node_constant(planner, node, 1);
	unsigned channels;
	struct step *step;
	int ret;

	if (!slopes)
		return refuse(planner, node, "without constant slopes");
	ret = plan_simple(planner, node, STEP_PRELU, &step);
	if (ret < 0)
		return ret;
	channels = planner->plan->operand[step->output].channels;
	step->weights = floats_new(channels);
	if (!step->weights)
		return fail(planner->err, -ENOMEM, "no memory for the model");
	return channel_floats(planner, node, slopes, channels, false, step->weights);
}

static int plan_sigmoid(struct planner *planner, const struct onnx_node *node)
{
	struct step *step;

	return plan_simple(planner, node, STEP_SIGMOID, &step);
}

/* Channels side by side: nothing is moved, the convolution after it sums. */
static int plan_concat(struct planner *planner, const struct onnx_node *node)
{
	const struct onnx_attribute *axis = onnx_attribute(node, "axis");
	struct operand all = { .maker = ONNX_NONE };
	unsigned input, id;
	int ret;

	if (!axis || axis->integer != 1)
		return refuse(planner, node, "along other than channels");
	for (unsigned i = 0; i < node->inputs; i++) {
		ret = node_whole(planner, node, i, &input);
		if (ret < 0)
			return ret;
		if (all.parts == PLAN_PARTS_MAX)
			return refuse(planner, node, "of so many parts");
		all.part[all.parts++] = input;
		all.channels += planner->plan->operand[input].channels;
	}
	ret = operand_new(planner, all.channels, &id);
	if (ret < 0)
		return ret;
	planner->plan->operand[id] = all;
	node_makes(planner, node, id);
	return 0;
}

static bool attribute_says(const struct onnx_node *node, const char *name,
			   const char *word, bool absent)
{
	const struct onnx_attribute *attribute = onnx_attribute(node, name);

	return attribute ? onnx_text_is(attribute->text, word) : absent;
}

/*
 * Nearest neighbour, twice the size.  There, all ways of rounding that ONNX knows
 * agree, except for those that look at corners or round up.
 */
static int plan_double(struct planner *planner, const struct onnx_node *node)
{
	bool resize = onnx_text_is(node->op, "Resize");
	const struct onnx_tensor *scales = node_constant(planner, node, resize ? 2 : 1);
	static const float twice[4] = { 1, 1, 2, 2 };
	struct step *step;
	float scale[4];
	int ret;

	if (!scales || scales->count != 4)
		return refuse(planner, node, "without four constant scales");
	ret = numbers(planner, scales, scale);
	if (ret < 0)
		return ret;
	if (memcmp(scale, twice, sizeof(scale)))
		return refuse(planner, node, "by other than two");
	if (!attribute_says(node, "mode", "nearest", true) ||
	    (resize &&
	     !(attribute_says(node, "coordinate_transformation_mode", "asymmetric", false) &&
	       attribute_says(node, "nearest_mode", "floor", false)) &&
	     !(attribute_says(node, "coordinate_transformation_mode", "half_pixel", true) &&
	       attribute_says(node, "nearest_mode", "round_prefer_floor", true))))
		return refuse(planner, node, "in that mode");
	return plan_simple(planner, node, STEP_DOUBLE, &step);
}

/* Reshape and Flatten of a picture of one pixel, where all orders are the same. */
static int plan_flatten(struct planner *planner, const struct onnx_node *node)
{
	struct step *step;

	return plan_simple(planner, node, STEP_FLATTEN, &step);
}

static int plan_node(struct planner *planner, const struct onnx_node *node)
{
	static const struct {
		const char *op;
		int (*plan)(struct planner *planner, const struct onnx_node *node);
	} operators[] = {
		{ "Conv",		plan_conv },
		{ "BatchNormalization",	plan_batch_norm },
		{ "Relu",		plan_relu },
		{ "PRelu",		plan_prelu },
		{ "Sigmoid",		plan_sigmoid },
		{ "MaxPool",		plan_max_pool },
		{ "Add",		plan_add },
		{ "Mul",		plan_mul },
		{ "Concat",		plan_concat },
		{ "Resize",		plan_double },
		{ "Upsample",		plan_double },
		{ "Reshape",		plan_flatten },
		{ "Flatten",		plan_flatten },
	};

	for (unsigned i = 1; i < node->outputs; i++)
		if (node->output[i] != ONNX_NONE && planner->needed[node->output[i]])
			return refuse(planner, node, "with several outputs");
	for (unsigned i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (onnx_text_is(node->op, operators[i].op))
			return operators[i].plan(planner, node);
	return refuse(planner, node, "");
}

static bool node_needed(const struct planner *planner, const struct onnx_node *node)
{
	for (unsigned i = 0; i < node->outputs; i++)
		if (node->output[i] != ONNX_NONE && planner->needed[node->output[i]])
			return true;
	return false;
}

/* Backwards: nodes only use what came before them. */
static void mark_needed(struct planner *planner)
{
	const struct onnx *onnx = planner->onnx;

	for (unsigned n = onnx->nodes; n-- > 0;) {
		const struct onnx_node *node = &onnx->node[n];

		if (!node_needed(planner, node))
			continue;
		for (unsigned i = 0; i < node->inputs; i++)
			if (node->input[i] != ONNX_NONE) {
				planner->needed[node->input[i]] = true;
				planner->users[node->input[i]]++;
			}
	}
}

/* Only one input is a picture, and it has three channels. */
static int plan_input(struct planner *planner)
{
	const struct onnx *onnx = planner->onnx;
	unsigned id;
	int ret;

	if (onnx->inputs != 1)
		return fail(planner->err, -ENOTSUP, "a network with %u inputs", onnx->inputs);
	ret = operand_new(planner, 3, &id);
	if (ret < 0)
		return ret;
	planner->operand[onnx->input[0]] = id;
	planner->plan->operand[id].users = planner->users[onnx->input[0]] + 1;
	return 0;
}

static int plan_outputs(struct planner *planner, const uint32_t *outputs,
			unsigned count)
{
	struct plan *plan = planner->plan;

	for (unsigned i = 0; i < count; i++) {
		unsigned id = planner->operand[outputs[i]];

		if (id == ONNX_NONE || plan->operand[id].maker == ONNX_NONE)
			return fail(planner->err, -ENOTSUP,
				    "an output that is no computed picture");
		for (unsigned k = 0; k < plan->outputs; k++)
			if (plan->output[k] == id)
				return fail(planner->err, -ENOTSUP, "the same output twice");
		plan->output[plan->outputs++] = id;
	}
	return 0;
}

static int plan_graph(struct planner *planner, const uint32_t *outputs,
		      unsigned count)
{
	const struct onnx *onnx = planner->onnx;
	int ret;

	for (unsigned i = 0; i < count; i++) {
		planner->needed[outputs[i]] = true;
		planner->users[outputs[i]]++;
	}
	mark_needed(planner);
	ret = plan_input(planner);
	if (ret < 0)
		return ret;
	for (unsigned i = 0; i < onnx->nodes; i++) {
		const struct onnx_node *node = &onnx->node[i];

		if (!node_needed(planner, node) ||
		    onnx_text_is(node->op, "Constant"))
			continue;
		ret = plan_node(planner, node);
		if (ret < 0)
			return ret;
	}
	return plan_outputs(planner, outputs, count);
}

/* A node makes at most two steps a part, and an operand each. */
static bool plan_alloc(struct planner *planner)
{
	struct plan *plan = planner->plan;

	planner->steps_max = 2 * planner->onnx->nodes + 2 * PLAN_PARTS_MAX;
	planner->operands_max = planner->steps_max + planner->onnx->nodes + 1;
	plan->step = calloc(planner->steps_max, sizeof(*plan->step));
	plan->operand = calloc(planner->operands_max, sizeof(*plan->operand));
	planner->needed = calloc(planner->onnx->values + 1, sizeof(*planner->needed));
	planner->users = calloc(planner->onnx->values + 1, sizeof(*planner->users));
	planner->operand = malloc((planner->onnx->values + 1) * sizeof(*planner->operand));
	if (!plan->step || !plan->operand || !planner->needed || !planner->users ||
	    !planner->operand)
		return false;
	memset(planner->operand, 0xff,
	       (planner->onnx->values + 1) * sizeof(*planner->operand));
	return true;
}

int plan_new(struct plan **out, const struct onnx *onnx, const uint32_t *outputs,
	     unsigned count, struct scrim_error *err)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct planner planner = { .plan = plan, .onnx = onnx, .err = err };
	int ret;

	if (!plan || !plan_alloc(&planner))
		ret = fail(err, -ENOMEM, "no memory for the model");
	else if (!count || count > PLAN_OUTPUTS_MAX)
		ret = fail(err, -EINVAL, "a network with %u outputs", count);
	else
		ret = plan_graph(&planner, outputs, count);
	if (!ret) {
		*out = plan;
		plan = NULL;
	}
	free(planner.needed);
	free(planner.users);
	free(planner.operand);
	plan_free(&plan);
	return ret;
}

void plan_free(struct plan **plan)
{
	if (!*plan)
		return;
	for (unsigned i = 0; (*plan)->step && i < (*plan)->steps; i++) {
		free((*plan)->step[i].weights);
		free((*plan)->step[i].bias);
	}
	free((*plan)->step);
	free((*plan)->operand);
	free(*plan);
	*plan = NULL;
}
