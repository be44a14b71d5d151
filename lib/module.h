/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a shared object of ours is: beside the program that runs, as in a build folder or
 * where it is installed, or else where the library was installed.
 */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>

#define MODULE_PATH_MAX	4096

/* file is below the folder of libraries.  false: it is at none of them. */
bool module_find(char path[MODULE_PATH_MAX], const char *file);

#endif
