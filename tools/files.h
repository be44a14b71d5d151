/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which files are to be read, and what each copy is to be called.
 */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include "error.h"

struct file {
	char *in, *out;
};

struct files {
	struct file *at;
	size_t count, room;
	size_t left_out;	/* in folders, neither photo nor video by name */
};

/*
 * ins: files and folders.  One file goes to out; several, or a folder with all
 * that is in it, go into the folder out, which is made, under the names that they
 * have; an ending that is only read becomes .mp4.  Two files
 * that would get one name are an error.
 */
int files_find(struct files *files, char *const ins[], size_t count,
	       const char *out, struct scrim_error *err);
/* Makes the folders that path needs. */
int files_make_folder(const char *path, struct scrim_error *err);
/* Both are there, and are one file. */
bool files_are_same(const char *a, const char *b);
/* The same name in the same folder, there or not. */
bool files_will_be_same(const char *a, const char *b);
void files_free(struct files *files);

#endif
