/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a stage costs: time of this thread on a processor, medians of it.
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

static inline int ascending(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}

static inline double median(double *values, unsigned count)
{
	qsort(values, count, sizeof(*values), ascending);
	return values[count / 2];
}

#endif
