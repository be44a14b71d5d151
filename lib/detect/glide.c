// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detect/glide.h"

void glide_start(struct glide *glide, double at, double noise, double speed_noise)
{
	*glide = (struct glide){
		.at = at,
		.var = noise * noise,
		.speed_var = speed_noise * speed_noise,
	};
}

/*
 * P becomes F P F' + Q with F = [1 t; 0 1] and, for white noise of density q as
 * acceleration, Q = q [t^3/3 t^2/2; t^2/2 t].
 */
void glide_on(struct glide *glide, double t, double shove)
{
	double q = shove * shove;

	glide->at += glide->speed * t;
	glide->var += 2 * t * glide->cov + t * t * glide->speed_var + q * t * t * t / 3;
	glide->cov += t * glide->speed_var + q * t * t / 2;
	glide->speed_var += q * t;
}

void glide_see(struct glide *glide, double at, double noise)
{
	double off = at - glide->at;
	double gain = glide->var / (glide->var + noise * noise);
	double speed_gain = glide->cov / (glide->var + noise * noise);

	glide->at += gain * off;
	glide->speed += speed_gain * off;
	glide->speed_var -= speed_gain * glide->cov;
	glide->cov *= 1 - gain;
	glide->var *= 1 - gain;
}
