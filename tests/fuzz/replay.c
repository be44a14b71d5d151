// SPDX-License-Identifier: GPL-2.0
/*
 * Plays files into a fuzz target without libFuzzer: every argument is a file, or
 * a folder of files.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned played;

static void play(const char *path)
{
	struct stat st;
	uint8_t *data;
	FILE *file;

	if (stat(path, &st) < 0 || !(file = fopen(path, "rb"))) {
		perror(path);
		exit(1);
	}
	/* Exactly as large as the input, so that a sanitizer sees one byte more. */
	data = malloc(st.st_size ? st.st_size : 1);
	if (!data || fread(data, 1, st.st_size, file) != (size_t)st.st_size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, st.st_size);
	free(data);
	played++;
}

static void play_folder(const char *path, DIR *dir)
{
	struct dirent *entry;
	char name[4096];

	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
			play(name);
		}
	closedir(dir);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);

		if (dir)
			play_folder(argv[i], dir);
		else
			play(argv[i]);
	}
	printf("%u inputs\n", played);
	return played ? 0 : 1;
}
