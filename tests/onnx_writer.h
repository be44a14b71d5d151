/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes small ONNX files into memory, for tests that need a model which is
 * exactly so.  A message is written from its inside out: bytes are put into the
 * graph, the model is wrapped around it at the end.
 */
#ifndef TESTS_ONNX_WRITER_H
#define TESTS_ONNX_WRITER_H

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#define WRITER_MAX	(1u << 17)

struct writer {
	size_t size;
	uint8_t at[WRITER_MAX];
};

static inline void put_varint(struct writer *to, uint64_t value)
{
	do {
		assert(to->size < WRITER_MAX);
		to->at[to->size++] = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);
	} while (value >>= 7);
}

static inline void put_number(struct writer *to, unsigned field, uint64_t value)
{
	put_varint(to, field << 3);
	put_varint(to, value);
}

static inline void put_bytes(struct writer *to, unsigned field, const void *bytes, size_t size)
{
	put_varint(to, field << 3 | 2);
	put_varint(to, size);
	assert(size <= WRITER_MAX - to->size);
	memcpy(to->at + to->size, bytes, size);
	to->size += size;
}

static inline void put_text(struct writer *to, unsigned field, const char *text)
{
	put_bytes(to, field, text, strlen(text));
}

/* Words of "a b c", each as a field. */
static inline void put_words(struct writer *to, unsigned field, const char *words)
{
	while (*words) {
		size_t length = strcspn(words, " ");

		put_bytes(to, field, words, length);
		words += length + (words[length] == ' ');
	}
}

/* A node; ends with attributes that put_ints() and put_mode() have made. */
static inline void put_node(struct writer *graph, const char *op, const char *inputs,
			    const char *outputs, const struct writer *attributes)
{
	static struct writer node;

	node.size = 0;
	put_words(&node, 1, inputs);
	put_words(&node, 2, outputs);
	put_text(&node, 4, op);
	if (attributes) {
		assert(attributes->size <= WRITER_MAX - node.size);
		memcpy(node.at + node.size, attributes->at, attributes->size);
		node.size += attributes->size;
	}
	put_bytes(graph, 1, node.at, node.size);
}

/* An attribute of a node: a list of count integers; or one, when count is 0. */
static inline void put_ints(struct writer *attributes, const char *name, unsigned count, ...)
{
	static struct writer attribute;
	va_list args;

	attribute.size = 0;
	put_text(&attribute, 1, name);
	va_start(args, count);
	if (!count)
		put_number(&attribute, 3, va_arg(args, int));
	for (unsigned i = 0; i < count; i++)
		put_number(&attribute, 8, va_arg(args, int));
	va_end(args);
	put_bytes(attributes, 5, attribute.at, attribute.size);
}

static inline void put_mode(struct writer *attributes, const char *name, const char *text)
{
	static struct writer attribute;

	attribute.size = 0;
	put_text(&attribute, 1, name);
	put_text(&attribute, 4, text);
	put_bytes(attributes, 5, attribute.at, attribute.size);
}

/* A constant of the graph, with those dimensions. */
static inline void put_floats(struct writer *graph, const char *name, const float *floats,
			      unsigned dims, ...)
{
	static struct writer tensor;
	size_t count = 1;
	va_list args;

	tensor.size = 0;
	va_start(args, dims);
	for (unsigned i = 0; i < dims; i++) {
		int size = va_arg(args, int);

		put_number(&tensor, 1, size);
		count *= size;
	}
	va_end(args);
	put_number(&tensor, 2, 1);
	put_text(&tensor, 8, name);
	put_bytes(&tensor, 9, floats, count * sizeof(*floats));
	put_bytes(graph, 5, tensor.at, tensor.size);
}

/* Inputs (field 11) and outputs (field 12) of the graph. */
static inline void put_values(struct writer *graph, unsigned field, const char *names)
{
	while (*names) {
		size_t length = strcspn(names, " ");
		static struct writer info;

		info.size = 0;
		put_bytes(&info, 1, names, length);
		put_bytes(graph, field, info.at, info.size);
		names += length + (names[length] == ' ');
	}
}

static inline void put_model(struct writer *model, const struct writer *graph)
{
	model->size = 0;
	put_number(model, 1, 7);
	put_bytes(model, 7, graph->at, graph->size);
}

#endif
