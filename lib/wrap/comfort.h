/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What makes a camera that is nowhere in /dev visible to programs that look before they
 * open: an object that is preloaded (shim/stat.c), and how it learns of the camera.
 */
#ifndef WRAP_COMFORT_H
#define WRAP_COMFORT_H

#include "wrap/supervise.h"

/* The object is of the same build, which its name says. */
#define COMFORT_MODULE	"scrim/stat-" SCRIM_VERSION ".so"

/* The camera's major and minor number, and its names: words in the environment. */
#define COMFORT_CAMERA	"SCRIM_CAMERA"
#define COMFORT_BETWEEN	"\n"

/*
 * Changes the environment for a program that is to begin.  Where that cannot be, the
 * program goes without.
 */
void comfort(const struct supervised *supervised);

#endif
