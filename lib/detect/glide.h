/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A number that moves at a nearly steady speed and is seen through noise: a
 * Kalman filter with two states, written out.
 */
#ifndef DETECT_GLIDE_H
#define DETECT_GLIDE_H

struct glide {
	double at, speed;		/* estimate; speed is per second */
	double var, cov, speed_var;	/* how far it may be off */
};

/* noise and speed_noise are standard deviations. */
void glide_start(struct glide *glide, double at, double noise, double speed_noise);

/* seconds pass; shove: how much the speed may change in the square root of one. */
void glide_on(struct glide *glide, double seconds, double shove);

/* The number was seen at this place, with this standard deviation. */
void glide_see(struct glide *glide, double at, double noise);

#endif
