/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An ONNX file as a checked graph.  The bytes are a stranger's: whatever is in
 * here has been checked against the file's end and the limits below, names are
 * resolved to numbers, and a node only uses values that came before it, so that
 * the graph has no cycles.  Nothing is computed and nothing is copied: the bytes
 * must outlive the graph.
 *
 * What an operator means, and whether there is one of that name, is the business
 * of net.c.
 */
#ifndef DETECT_ONNX_H
#define DETECT_ONNX_H

#include "error.h"

#define ONNX_BYTES_MAX		(64u << 20)
#define ONNX_NODES_MAX		4096u
#define ONNX_TENSORS_MAX	8192u
#define ONNX_NODE_INPUTS_MAX	64u
#define ONNX_NODE_OUTPUTS_MAX	16u
#define ONNX_ATTRIBUTES_MAX	32u	/* of a node */
#define ONNX_DIMS_MAX		8u
#define ONNX_INTS_MAX		8u	/* kept of a list of integers */
#define ONNX_NONE		UINT32_MAX

struct onnx_text {			/* not NUL-terminated */
	const char *at;
	size_t length;
};

#define ONNX_FLOAT		1u	/* of TensorProto.DataType */

/*
 * A constant.  data is little-endian, unaligned, count floats long; constants of
 * other types are known to exist, and no more: data is NULL.
 */
struct onnx_tensor {
	uint32_t type;
	unsigned dims;
	uint32_t dim[ONNX_DIMS_MAX];
	size_t count;			/* product of dim: at most ONNX_BYTES_MAX */
	const uint8_t *data;
	size_t bytes;
};

struct onnx_attribute {
	struct onnx_text name, text;
	float number;
	int64_t integer;
	unsigned ints;			/* how many there were */
	int64_t list[ONNX_INTS_MAX];
	uint32_t tensor;		/* index, or ONNX_NONE */
};

struct onnx_node {
	struct onnx_text op, name;
	unsigned inputs, outputs, attributes;
	const uint32_t *input;		/* values; ONNX_NONE: left out */
	const uint32_t *output;
	const struct onnx_attribute *attribute;
};

/* What a name stands for: a constant, a node's output or an input of the graph. */
struct onnx_value {
	struct onnx_text name;
	uint32_t tensor;		/* index, or ONNX_NONE */
	uint32_t node;			/* index of its maker, or ONNX_NONE */
};

struct onnx {
	unsigned nodes, tensors, values, inputs, outputs;
	struct onnx_node *node;		/* in the order of computation */
	struct onnx_tensor *tensor;
	struct onnx_value *value;
	uint32_t *input, *output;	/* values; inputs with a constant left out */
	uint32_t *ref;			/* what onnx_node.input and .output point to */
	struct onnx_attribute *attribute;
};

/*
 * -EBADMSG: damaged, or not ONNX at all; -ENOTSUP: sound, but of a kind that is
 * not read here; -EFBIG: beyond the limits.
 */
int onnx_parse(struct onnx **onnx, const void *bytes, size_t size,
	       struct scrim_error *err);
void onnx_free(struct onnx **onnx);

bool onnx_text_is(struct onnx_text text, const char *word);

/* ONNX_NONE when no output has that name. */
uint32_t onnx_output(const struct onnx *onnx, const char *name);

/* NULL when the node has none of that name. */
const struct onnx_attribute *onnx_attribute(const struct onnx_node *node,
					    const char *name);

/* A list of exactly count integers; left as it is when the node has none. */
int onnx_attribute_list(const struct onnx_node *node, const char *name,
			int64_t *list, unsigned count, struct scrim_error *err);

/* Copies count floats.  -ENOTSUP when the constant is not of floats. */
int onnx_floats(const struct onnx_tensor *tensor, float *to,
		struct scrim_error *err);

#endif
