// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads the protobuf wire format by hand: a message is a row of fields, a field
 * is a key (number and wire type) and a value.  Numbers of fields are those of
 * onnx.proto.  Nothing here recurses, and messages inside of attributes (graphs
 * of If and Loop) are stepped over.
 */
#include "detect/onnx.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "floats of the file are used as they are");

#define VALUES_MAX	(ONNX_TENSORS_MAX + ONNX_NODES_MAX * 2)
#define SLOTS		(1u << 15)	/* power of two, above VALUES_MAX */
static_assert(SLOTS > VALUES_MAX, "a search for a name must end");

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
};

struct wire {
	const uint8_t *at, *end;
};

struct field {
	uint32_t number;
	unsigned type;			/* enum wire_type */
	uint64_t value;			/* WIRE_VARINT, WIRE_32, WIRE_64 */
	struct wire bytes;		/* WIRE_BYTES */
};

static size_t wire_left(const struct wire *wire)
{
	return wire->end - wire->at;
}

static bool wire_varint(struct wire *wire, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (wire->at == wire->end)
			return false;
		*value |= (uint64_t)(*wire->at & 0x7f) << shift;
		if (!(*wire->at++ & 0x80))
			return true;
	}
	return false;
}

static bool wire_fixed(struct wire *wire, uint64_t *value, size_t bytes)
{
	if (wire_left(wire) < bytes)
		return false;
	*value = 0;
	memcpy(value, wire->at, bytes);
	wire->at += bytes;
	return true;
}

static bool wire_bytes(struct wire *wire, struct wire *bytes)
{
	uint64_t length;

	if (!wire_varint(wire, &length) || length > wire_left(wire))
		return false;
	bytes->at = wire->at;
	bytes->end = wire->at += length;
	return true;
}

/* 1 and a field, 0 at the end of the message, or -EBADMSG. */
static int wire_next(struct wire *wire, struct field *field,
		     struct scrim_error *err)
{
	uint64_t key;
	bool sound;

	if (wire->at == wire->end)
		return 0;
	if (!wire_varint(wire, &key) || !(key >> 3) || key >> 32)
		return fail(err, -EBADMSG, "damaged: a field has no number");
	*field = (struct field){ .number = key >> 3, .type = key & 7 };
	switch (field->type) {
	case WIRE_VARINT:
		sound = wire_varint(wire, &field->value);
		break;
	case WIRE_64:
		sound = wire_fixed(wire, &field->value, 8);
		break;
	case WIRE_BYTES:
		sound = wire_bytes(wire, &field->bytes);
		break;
	case WIRE_32:
		sound = wire_fixed(wire, &field->value, 4);
		break;
	default:
		sound = false;
	}
	if (!sound)
		return fail(err, -EBADMSG, "damaged: field %u does not fit",
			    field->number);
	return 1;
}

/* Empty when the field is a number. */
static struct onnx_text field_text(const struct field *field)
{
	if (field->type != WIRE_BYTES)
		return (struct onnx_text){ "", 0 };
	return (struct onnx_text){ (const char *)field->bytes.at,
				   wire_left(&field->bytes) };
}

static float field_float(const struct field *field)
{
	uint32_t bits = field->value;
	float number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* The caller expects a message or text where the field is a number. */
static int field_wrong(const struct field *field, struct scrim_error *err)
{
	return fail(err, -EBADMSG, "damaged: field %u has wire type %u",
		    field->number, field->type);
}

bool onnx_text_is(struct onnx_text text, const char *word)
{
	return text.length == strlen(word) &&
	       !memcmp(text.at, word, text.length);
}

static bool text_same(struct onnx_text a, struct onnx_text b)
{
	return a.length == b.length && !memcmp(a.at, b.at, a.length);
}

/* The state of reading: the graph, and a table from names to values. */
struct reader {
	struct onnx *onnx;
	struct wire graph;
	uint32_t *slot;			/* values by hash of name; ONNX_NONE: free */
	unsigned attributes, refs;	/* used so far */
	struct scrim_error *err;
};

/* FNV-1a; a stranger who makes names collide costs himself VALUES_MAX steps. */
static uint32_t *reader_slot(const struct reader *reader, struct onnx_text name)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < name.length; i++)
		hash = (hash ^ (uint8_t)name.at[i]) * 16777619u;
	for (;; hash++) {
		uint32_t *slot = &reader->slot[hash & (SLOTS - 1)];

		if (*slot == ONNX_NONE ||
		    text_same(reader->onnx->value[*slot].name, name))
			return slot;
	}
}

/* A name that nothing had before. */
static int value_add(struct reader *reader, struct onnx_text name,
		     uint32_t tensor, uint32_t node, uint32_t *id)
{
	uint32_t *slot = reader_slot(reader, name);
	struct onnx *onnx = reader->onnx;

	if (*slot != ONNX_NONE)
		return fail(reader->err, -EBADMSG, "damaged: two values are called '%.*s'",
			    (int)name.length, name.at);
	if (onnx->values == VALUES_MAX)
		return fail(reader->err, -EFBIG, "more than %u values", VALUES_MAX);
	*slot = *id = onnx->values++;
	onnx->value[*id] = (struct onnx_value){ name, tensor, node };
	return 0;
}

static int tensor_dim(struct onnx_tensor *tensor, uint64_t size,
		      struct scrim_error *err)
{
	if (tensor->dims == ONNX_DIMS_MAX)
		return fail(err, -ENOTSUP, "a tensor has more than %u dimensions",
			    ONNX_DIMS_MAX);
	if (size > ONNX_BYTES_MAX ||
	    __builtin_mul_overflow(tensor->count, size, &tensor->count) ||
	    tensor->count > ONNX_BYTES_MAX)
		return fail(err, -EBADMSG, "damaged: a tensor of impossible size");
	tensor->dim[tensor->dims++] = size;
	return 0;
}

static int tensor_dims(struct onnx_tensor *tensor, struct field *field,
		       struct scrim_error *err)
{
	uint64_t size;
	int ret = 0;

	if (field->type == WIRE_VARINT)
		return tensor_dim(tensor, field->value, err);
	if (field->type != WIRE_BYTES)
		return field_wrong(field, err);
	while (!ret && wire_left(&field->bytes)) {
		if (!wire_varint(&field->bytes, &size))
			return fail(err, -EBADMSG, "damaged: a dimension is cut off");
		ret = tensor_dim(tensor, size, err);
	}
	return ret;
}

static int tensor_data(struct onnx_tensor *tensor, const struct field *field,
		       struct scrim_error *err)
{
	if (field->type != WIRE_BYTES)
		return fail(err, -ENOTSUP, "a tensor's elements are stored one by one");
	if (tensor->data)
		return fail(err, -EBADMSG, "damaged: a tensor has its data twice");
	tensor->data = field->bytes.at;
	tensor->bytes = wire_left(&field->bytes);
	return 0;
}

/* As many floats as the dimensions say; scalars and empty tensors included. */
static int tensor_check(struct onnx_tensor *tensor, struct scrim_error *err)
{
	if (tensor->type != ONNX_FLOAT) {
		tensor->data = NULL;
		tensor->bytes = 0;
		return 0;
	}
	if (tensor->bytes == tensor->count * sizeof(float))
		return 0;
	return fail(err, -EBADMSG, "damaged: a tensor of %zu floats has %zu bytes",
		    tensor->count, tensor->bytes);
}

static int tensor_field(struct onnx_tensor *tensor, struct onnx_text *name,
			struct field *field, struct scrim_error *err)
{
	switch (field->number) {
	case 1:		/* dims */
		return tensor_dims(tensor, field, err);
	case 2:		/* data_type */
		tensor->type = field->value;
		return 0;
	case 4:		/* float_data */
	case 9:		/* raw_data */
		return tensor_data(tensor, field, err);
	case 8:		/* name */
		*name = field_text(field);
		return 0;
	case 13:	/* external_data */
	case 14:	/* data_location */
		return fail(err, -ENOTSUP, "the model keeps data in another file");
	default:
		return 0;
	}
}

/* TensorProto: the graph's next tensor. */
static int tensor_read(struct reader *reader, struct wire wire,
		       struct onnx_text *name, uint32_t *id)
{
	struct onnx_tensor *tensor;
	struct field field;
	int ret;

	*name = (struct onnx_text){ "", 0 };
	*id = reader->onnx->tensors++;
	tensor = &reader->onnx->tensor[*id];
	tensor->count = 1;
	while ((ret = wire_next(&wire, &field, reader->err)) > 0) {
		ret = tensor_field(tensor, name, &field, reader->err);
		if (ret < 0)
			return ret;
	}
	return ret < 0 ? ret : tensor_check(tensor, reader->err);
}

static int attribute_ints(struct onnx_attribute *attribute, struct field *field,
			  struct scrim_error *err)
{
	uint64_t value = field->value;

	if (field->type != WIRE_VARINT && field->type != WIRE_BYTES)
		return field_wrong(field, err);
	do {
		if (field->type == WIRE_BYTES) {
			if (!wire_left(&field->bytes))
				return 0;
			if (!wire_varint(&field->bytes, &value))
				return fail(err, -EBADMSG, "damaged: a list is cut off");
		}
		if (attribute->ints < ONNX_INTS_MAX)
			attribute->list[attribute->ints] = value;
		attribute->ints++;
	} while (field->type == WIRE_BYTES);
	return 0;
}

static int attribute_field(struct reader *reader, struct onnx_attribute *attribute,
			   struct field *field)
{
	struct onnx_text unused;

	switch (field->number) {
	case 1:		/* name */
		attribute->name = field_text(field);
		return 0;
	case 2:		/* f */
		attribute->number = field_float(field);
		return 0;
	case 3:		/* i */
		attribute->integer = field->value;
		return 0;
	case 4:		/* s */
		attribute->text = field_text(field);
		return 0;
	case 5:		/* t */
		if (field->type != WIRE_BYTES)
			return field_wrong(field, reader->err);
		if (attribute->tensor != ONNX_NONE)
			return fail(reader->err, -EBADMSG, "damaged: an attribute has two tensors");
		return tensor_read(reader, field->bytes, &unused, &attribute->tensor);
	case 8:		/* ints */
		return attribute_ints(attribute, field, reader->err);
	default:
		return 0;
	}
}

/* AttributeProto: the node's next. */
static int attribute_read(struct reader *reader, struct onnx_node *node,
			  const struct field *of)
{
	struct onnx_attribute *attribute = &reader->onnx->attribute[reader->attributes++];
	struct wire wire = of->bytes;
	struct field field;
	int ret;

	*attribute = (struct onnx_attribute){ .name = { "", 0 }, .text = { "", 0 },
					      .tensor = ONNX_NONE };
	node->attributes++;
	while ((ret = wire_next(&wire, &field, reader->err)) > 0) {
		ret = attribute_field(reader, attribute, &field);
		if (ret < 0)
			return ret;
	}
	return ret;
}

static int node_input(struct reader *reader, struct onnx_node *node,
		      const struct field *field)
{
	struct onnx_text name = field_text(field);
	uint32_t value = ONNX_NONE;

	if (name.length) {
		value = *reader_slot(reader, name);
		if (value == ONNX_NONE)
			return fail(reader->err, -EBADMSG,
				    "damaged: '%.*s' is used before it is made",
				    (int)name.length, name.at);
	}
	reader->onnx->ref[reader->refs++] = value;
	node->inputs++;
	return 0;
}

/* A Constant node's value is its tensor; nobody computes it. */
static uint32_t node_constant(const struct onnx_node *node)
{
	const struct onnx_attribute *value = onnx_attribute(node, "value");

	return value && onnx_text_is(node->op, "Constant") ? value->tensor : ONNX_NONE;
}

static int node_output(struct reader *reader, struct onnx_node *node,
		       const struct field *field)
{
	struct onnx_text name = field_text(field);
	uint32_t value = ONNX_NONE;
	int ret = 0;

	if (name.length)
		ret = value_add(reader, name, node_constant(node),
				node - reader->onnx->node, &value);
	reader->onnx->ref[reader->refs++] = value;
	node->outputs++;
	return ret;
}

static int node_field(struct reader *reader, struct onnx_node *node,
		      unsigned number, const struct field *field)
{
	if (field->number != number)
		return 0;
	switch (number) {
	case 1:
		return node_input(reader, node, field);
	case 2:
		return node_output(reader, node, field);
	case 4:
		node->op = field_text(field);
		return 0;
	case 5:
		return attribute_read(reader, node, field);
	default:
		return 0;
	}
}

/*
 * NodeProto: the graph's next node.  Fields come in any order, so the message is
 * read for one kind of field after the other: what it is, what it takes, and
 * only then the values that it makes.
 */
static int node_read(struct reader *reader, struct wire message)
{
	static const unsigned kinds[] = { 4 /* op_type */, 5 /* attribute */,
					  1 /* input */, 2 /* output */ };
	struct onnx_node *node = &reader->onnx->node[reader->onnx->nodes++];
	struct field field;
	int ret = 0;

	node->op = node->name = (struct onnx_text){ "", 0 };
	node->attribute = &reader->onnx->attribute[reader->attributes];
	node->input = &reader->onnx->ref[reader->refs];
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct wire wire = message;

		if (kinds[i] == 2)
			node->output = &reader->onnx->ref[reader->refs];
		while ((ret = wire_next(&wire, &field, reader->err)) > 0) {
			ret = node_field(reader, node, kinds[i], &field);
			if (ret < 0)
				return ret;
		}
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* How many there are of each, to allocate all of them at once. */
struct counts {
	size_t nodes, tensors, inputs, outputs, attributes, refs;
};

static int count_node(struct wire wire, struct counts *counts,
		      struct scrim_error *err)
{
	unsigned inputs = 0, outputs = 0, attributes = 0;
	struct field field;
	int ret;

	while ((ret = wire_next(&wire, &field, err)) > 0) {
		if (field.number != 1 && field.number != 2 && field.number != 4 &&
		    field.number != 5)
			continue;
		if (field.type != WIRE_BYTES)
			return field_wrong(&field, err);
		inputs += field.number == 1;
		outputs += field.number == 2;
		attributes += field.number == 5;
	}
	if (ret < 0)
		return ret;
	if (inputs > ONNX_NODE_INPUTS_MAX || outputs > ONNX_NODE_OUTPUTS_MAX ||
	    attributes > ONNX_ATTRIBUTES_MAX)
		return fail(err, -EFBIG, "a node with %u inputs, %u outputs and %u attributes",
			    inputs, outputs, attributes);
	counts->nodes++;
	counts->refs += inputs + outputs;
	counts->attributes += attributes;
	/* Each attribute may hold a tensor. */
	counts->tensors += attributes;
	return 0;
}

static int count_graph(struct wire wire, struct counts *counts,
		       struct scrim_error *err)
{
	size_t constants = 0;
	struct field field;
	int ret;

	while ((ret = wire_next(&wire, &field, err)) > 0) {
		if (field.number != 1 && field.number != 5 && field.number != 11 &&
		    field.number != 12)
			continue;
		if (field.type != WIRE_BYTES)
			return field_wrong(&field, err);
		constants += field.number == 5;
		counts->inputs += field.number == 11;
		counts->outputs += field.number == 12;
		if (field.number == 1)
			ret = count_node(field.bytes, counts, err);
		if (ret < 0)
			return ret;
		if (counts->nodes > ONNX_NODES_MAX || constants > ONNX_TENSORS_MAX ||
		    counts->inputs > ONNX_TENSORS_MAX || counts->outputs > ONNX_TENSORS_MAX)
			return fail(err, -EFBIG, "a graph with more than %u nodes or %u constants",
				    ONNX_NODES_MAX, ONNX_TENSORS_MAX);
	}
	counts->tensors += constants;
	return ret;
}

/* The name of a ValueInfoProto: its field 1. */
static int info_name(struct wire wire, struct onnx_text *name,
		     struct scrim_error *err)
{
	struct field field;
	int ret;

	*name = (struct onnx_text){ "", 0 };
	while ((ret = wire_next(&wire, &field, err)) > 0) {
		if (field.number == 1 && field.type == WIRE_BYTES)
			*name = field_text(&field);
	}
	return ret;
}

static int constant_read(struct reader *reader, struct wire wire)
{
	struct onnx_text name;
	uint32_t tensor, value;
	int ret;

	ret = tensor_read(reader, wire, &name, &tensor);
	if (ret < 0)
		return ret;
	return value_add(reader, name, tensor, ONNX_NONE, &value);
}

/* Old exporters list constants among the inputs; those are known already. */
static int input_read(struct reader *reader, struct wire wire)
{
	struct onnx *onnx = reader->onnx;
	struct onnx_text name;
	uint32_t known;
	int ret;

	ret = info_name(wire, &name, reader->err);
	if (ret < 0)
		return ret;
	known = *reader_slot(reader, name);
	if (known != ONNX_NONE && onnx->value[known].tensor != ONNX_NONE)
		return 0;
	return value_add(reader, name, ONNX_NONE, ONNX_NONE,
			 &onnx->input[onnx->inputs++]);
}

static int output_read(struct reader *reader, struct wire wire)
{
	struct onnx *onnx = reader->onnx;
	struct onnx_text name;
	uint32_t known;
	int ret;

	ret = info_name(wire, &name, reader->err);
	if (ret < 0)
		return ret;
	known = *reader_slot(reader, name);
	if (known == ONNX_NONE)
		return fail(reader->err, -EBADMSG, "damaged: nothing makes the output '%.*s'",
			    (int)name.length, name.at);
	onnx->output[onnx->outputs++] = known;
	return 0;
}

/* All fields of one number, in file order. */
static int graph_each(struct reader *reader, unsigned number,
		      int (*read)(struct reader *reader, struct wire wire))
{
	struct wire wire = reader->graph;
	struct field field;
	int ret;

	while ((ret = wire_next(&wire, &field, reader->err)) > 0) {
		if (field.number != number || field.type != WIRE_BYTES)
			continue;
		ret = read(reader, field.bytes);
		if (ret < 0)
			return ret;
	}
	return ret;
}

/* Constants first, then inputs, nodes and outputs, wherever the file has them. */
static int graph_read(struct reader *reader)
{
	int ret;

	ret = graph_each(reader, 5, constant_read);
	if (ret < 0)
		return ret;
	ret = graph_each(reader, 11, input_read);
	if (ret < 0)
		return ret;
	ret = graph_each(reader, 1, node_read);
	if (ret < 0)
		return ret;
	return graph_each(reader, 12, output_read);
}

static bool graph_alloc(struct onnx *onnx, const struct counts *counts)
{
	onnx->node = calloc(counts->nodes + 1, sizeof(*onnx->node));
	onnx->tensor = calloc(counts->tensors + 1, sizeof(*onnx->tensor));
	onnx->value = calloc(VALUES_MAX, sizeof(*onnx->value));
	onnx->input = calloc(counts->inputs + 1, sizeof(*onnx->input));
	onnx->output = calloc(counts->outputs + 1, sizeof(*onnx->output));
	onnx->ref = calloc(counts->refs + 1, sizeof(*onnx->ref));
	onnx->attribute = calloc(counts->attributes + 1, sizeof(*onnx->attribute));
	return onnx->node && onnx->tensor && onnx->value && onnx->input &&
	       onnx->output && onnx->ref && onnx->attribute;
}

/* ModelProto: its graph is field 7. */
static int model_graph(struct wire wire, struct wire *graph,
		       struct scrim_error *err)
{
	struct field field;
	int ret;

	*graph = (struct wire){ NULL, NULL };
	while ((ret = wire_next(&wire, &field, err)) > 0) {
		if (field.number != 7 || field.type != WIRE_BYTES)
			continue;
		if (graph->at)
			return fail(err, -EBADMSG, "damaged: two graphs in one model");
		*graph = field.bytes;
	}
	if (!ret && !graph->at)
		return fail(err, -EBADMSG, "not an ONNX model: there is no graph in it");
	return ret;
}

int onnx_parse(struct onnx **out, const void *bytes, size_t size,
	       struct scrim_error *err)
{
	struct wire model = { bytes, (const uint8_t *)bytes + size };
	struct reader reader = { .err = err };
	struct counts counts = { 0 };
	struct onnx *onnx = NULL;
	int ret;

	if (size > ONNX_BYTES_MAX)
		return fail(err, -EFBIG, "a model of more than %u bytes", ONNX_BYTES_MAX);
	ret = model_graph(model, &reader.graph, err);
	if (ret < 0)
		return ret;
	ret = count_graph(reader.graph, &counts, err);
	if (ret < 0)
		return ret;
	onnx = calloc(1, sizeof(*onnx));
	reader.slot = malloc(SLOTS * sizeof(*reader.slot));
	if (!onnx || !reader.slot || !graph_alloc(onnx, &counts)) {
		ret = fail(err, -ENOMEM, "no memory for the model");
		goto out;
	}
	memset(reader.slot, 0xff, SLOTS * sizeof(*reader.slot));
	reader.onnx = onnx;
	ret = graph_read(&reader);
	if (ret < 0)
		goto out;
	*out = onnx;
	onnx = NULL;
out:
	free(reader.slot);
	onnx_free(&onnx);
	return ret;
}

void onnx_free(struct onnx **onnx)
{
	if (!*onnx)
		return;
	free((*onnx)->node);
	free((*onnx)->tensor);
	free((*onnx)->value);
	free((*onnx)->input);
	free((*onnx)->output);
	free((*onnx)->ref);
	free((*onnx)->attribute);
	free(*onnx);
	*onnx = NULL;
}

uint32_t onnx_output(const struct onnx *onnx, const char *name)
{
	for (unsigned i = 0; i < onnx->outputs; i++)
		if (onnx_text_is(onnx->value[onnx->output[i]].name, name))
			return onnx->output[i];
	return ONNX_NONE;
}

const struct onnx_attribute *onnx_attribute(const struct onnx_node *node,
					    const char *name)
{
	for (unsigned i = 0; i < node->attributes; i++)
		if (onnx_text_is(node->attribute[i].name, name))
			return &node->attribute[i];
	return NULL;
}

int onnx_attribute_list(const struct onnx_node *node, const char *name,
			int64_t *list, unsigned count, struct scrim_error *err)
{
	const struct onnx_attribute *attribute = onnx_attribute(node, name);

	if (!attribute)
		return 0;
	if (attribute->ints != count || count > ONNX_INTS_MAX)
		return fail(err, -ENOTSUP, "%.*s: '%s' has %u numbers, not %u",
			    (int)node->op.length, node->op.at, name,
			    attribute->ints, count);
	memcpy(list, attribute->list, count * sizeof(*list));
	return 0;
}

int onnx_floats(const struct onnx_tensor *tensor, float *to,
		struct scrim_error *err)
{
	if (tensor->type != ONNX_FLOAT)
		return fail(err, -ENOTSUP, "a constant of element type %u where floats are needed",
			    tensor->type);
	if (tensor->count)
		memcpy(to, tensor->data, tensor->count * sizeof(*to));
	return 0;
}
