/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stage costs: time of this thread on a processor, medians of it.  And how long
 * something takes by the clock on the wall.
 */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <stdlib.h>
#include <time.h>

static inline double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* Since the time at *since, which becomes now. */
static inline double lap_ms(double *since)
{
	double began = *since;

	*since = now_ms();
	return *since - began;
}

static inline double wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static inline int ascending(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}

/* What this share of them, from 0 to 1, does not exceed. */
static inline double quantile(double *values, unsigned count, double share)
{
	qsort(values, count, sizeof(*values), ascending);
	return values[(unsigned)(share * (count - 1) + .5)];
}

static inline double median(double *values, unsigned count)
{
	return quantile(values, count, .5);
}

#endif
