// SPDX-License-Identifier: GPL-2.0
/*
 * What a face network costs by itself: processor time of one core, the sizes
 * interleaved, median and best of the rounds.
 *
 *	net MODEL.onnx [WxH...]		milliseconds
 *	net --plain MODEL.onnx WxH...	its numbers against those of a plain evaluator
 */
#include <sched.h>
#include <stdio.h>

#include "../plain_net.h"
#include "detect/family.h"
#include "detect/plan.h"
#include "timing.h"

#define SIZES_MAX	8
#define ROUNDS		31

struct size {
	unsigned width, height;
	struct net *net;
	unsigned outputs;
	double ms[ROUNDS];
};

/* A picture of no meaning that looks like one to the arithmetic. */
static void fill(float *input, size_t count)
{
	for (size_t i = 0; i < count; i++)
		input[i] = (float)(i * 2654435761u % 255) / 128 - 1;
}

static int bench(struct size *sizes, unsigned count, struct scrim_error *err)
{
	cpu_set_t one;
	int ret = 0;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (unsigned i = 0; i < count; i++)
		fill(net_input(sizes[i].net), 3 * (size_t)sizes[i].width * sizes[i].height);
	for (unsigned r = 0; r < ROUNDS + 2 && !ret; r++)
		for (unsigned i = 0; i < count && !ret; i++) {
			double since = now_ms();

			ret = net_run(sizes[i].net, err);
			sizes[i].ms[r % ROUNDS] = now_ms() - since;
		}
	for (unsigned i = 0; i < count && !ret; i++) {
		qsort(sizes[i].ms, ROUNDS, sizeof(sizes[i].ms[0]), ascending);
		printf("%4u x %-4u  median %6.2f ms  best %6.2f ms\n", sizes[i].width,
		       sizes[i].height, sizes[i].ms[ROUNDS / 2], sizes[i].ms[0]);
	}
	return ret;
}

/* The plain evaluator's picture of that size that is nearest to the output. */
static double nearest(const struct onnx *onnx, const struct plain *values,
		      const struct net_output *fast)
{
	size_t area = (size_t)fast->width * fast->height;
	double least = INFINITY;

	for (unsigned v = 0; v < onnx->values; v++) {
		const struct plain *slow = &values[v];
		double most = 0;

		if (!slow->at || slow->c != fast->channels || slow->h != fast->height ||
		    slow->w != fast->width)
			continue;
		for (size_t i = 0; i < area * slow->c; i++) {
			double d = slow->at[i % slow->c * area + i / slow->c] - (double)fast->at[i];

			/* Written so that what is no number counts as far away. */
			most = fabs(d) <= most ? most : isnan(d) ? INFINITY : fabs(d);
		}
		least = most < least ? most : least;
	}
	return least;
}

static int plain(const struct onnx *onnx, const struct size *size, struct scrim_error *err)
{
	struct plain *values;
	double most = 0;
	int ret;

	fill(net_input(size->net), 3 * (size_t)size->width * size->height);
	ret = net_run(size->net, err);
	if (ret < 0)
		return ret;
	values = plain_run(onnx, net_input(size->net), size->width, size->height);
	for (unsigned i = 0; i < size->outputs; i++)
		most = fmax(most, nearest(onnx, values, net_output(size->net, i)));
	plain_free(onnx, values);
	printf("%u x %u: largest difference %.2g\n", size->width, size->height, most);
	return most < 1e-4 ? 0 : fail(err, -EIO, "the network computes something else");
}

static int read_model(const char *path, struct onnx **onnx, struct scrim_error *err)
{
	static uint8_t bytes[ONNX_BYTES_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;

	if (!file)
		return fail(err, -ENOENT, "cannot open %s", path);
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return onnx_parse(onnx, bytes, size, err);
}

/* Of a face network what scrim runs of it, of any other network all of it. */
static int open_net(struct size *size, const struct onnx *onnx, struct scrim_error *err)
{
	const struct family *family;

	if (!family_open(&family, &size->net, onnx, err)) {
		size->outputs = family->heads;
		return 0;
	}
	size->outputs = onnx->outputs;
	return net_open(&size->net, onnx, onnx->output, onnx->outputs, err);
}

int main(int argc, char **argv)
{
	static char *usual[] = { "320x184", "640x360", "960x544", "1280x720" };
	static struct size sizes[SIZES_MAX];
	bool check = argc > 1 && !strcmp(argv[1], "--plain");
	char **word = argc > 2 + check ? argv + 2 + check : usual;
	unsigned count = argc > 2 + check ? argc - 2 - check : 4;
	struct onnx *onnx = NULL;
	struct scrim_error err;
	int ret;

	if (argc < 2 + check || count > SIZES_MAX) {
		fprintf(stderr, "usage: net [--plain] MODEL.onnx [WxH...]\n");
		return 2;
	}
	ret = read_model(argv[1 + check], &onnx, &err);
	for (unsigned i = 0; i < count && !ret; i++) {
		if (sscanf(word[i], "%ux%u", &sizes[i].width, &sizes[i].height) != 2)
			ret = fail(&err, -EINVAL, "'%s' is no size", word[i]);
		if (!ret)
			ret = open_net(&sizes[i], onnx, &err);
		if (!ret)
			ret = net_shape(sizes[i].net, sizes[i].width, sizes[i].height, &err);
		if (!ret && check)
			ret = plain(onnx, &sizes[i], &err);
	}
	if (!ret && !check)
		ret = bench(sizes, count, &err);
	if (ret < 0)
		fprintf(stderr, "net: %s\n", err.text);
	for (unsigned i = 0; i < SIZES_MAX; i++)
		net_free(&sizes[i].net);
	onnx_free(&onnx);
	return ret < 0;
}
