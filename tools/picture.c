// SPDX-License-Identifier: GPL-2.0
#include "picture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sink/outfile.h"
#include "tools.h"

#define WAIT_MAX	3600u		/* s */

static int parse_wait(unsigned *wait, const char *word)
{
	size_t digits = strspn(word, "0123456789");

	if (digits && digits <= 4 && !word[digits] && strtoul(word, NULL, 10) <= WAIT_MAX) {
		*wait = strtoul(word, NULL, 10) * 1000;
		return EXIT_DONE;
	}
	complain("--wait: '%s' is not a number of seconds from 0 to %u", word, WAIT_MAX);
	return EXIT_USAGE;
}

int picture_option(struct picture_options *options, int option, const char *word)
{
	switch (option) {
	case 'o':
		options->output = word;
		return EXIT_DONE;
	case 'n':
		options->node = word;
		return EXIT_DONE;
	case 'w':
		return parse_wait(&options->wait, word);
	default:
		return EXIT_USAGE;
	}
}

int picture_check(const struct picture_options *options)
{
	if (options->output || isatty(STDOUT_FILENO))
		return EXIT_DONE;
	complain("standard output is no terminal: say -o FILE.png");
	return EXIT_USAGE;
}

static int find(struct capture *camera, const struct picture_options *options, const char *name,
		struct scrim_error *err)
{
	if (!options->node)
		return capture_find(camera, name, err);
	if (snprintf(camera->node, sizeof(camera->node), "%s", options->node) >=
	    (int)sizeof(camera->node))
		return fail(err, -ENAMETOOLONG, "%s is no video node", options->node);
	return 0;
}

int picture_take(struct picture *picture, const struct picture_options *options,
		 const char *name, struct scrim_error *err)
{
	uint64_t fed;
	int ret;

	*picture = (struct picture){ 0 };
	ret = find(&picture->camera, options, name, err);
	if (ret < 0)
		return ret;
	fed = capture_fed(&picture->camera);
	ret = view_take(&picture->view, picture->camera.node, options->wait, err);
	if (ret >= 0 && picture->view.black)
		capture_why_black(picture->why, &picture->camera, fed);
	return ret;
}

int picture_status(const struct picture *picture)
{
	const struct capture *camera = &picture->camera;

	if (!*picture->why)
		return EXIT_DONE;
	complain("%s is black: %s", *camera->name ? camera->name : camera->node, picture->why);
	return EXIT_DOUBT;
}

static int put_file(const struct paper *paper, const char *path, struct scrim_error *err)
{
	struct outfile file = OUTFILE_NONE;
	int ret = outfile_open(&file, path, 0666, true, err);

	if (ret >= 0)
		ret = view_write(paper, 0, 0, file.fd, err);
	if (ret >= 0)
		ret = outfile_commit(&file, true, err);
	outfile_discard(&file);
	return ret;
}

/* A line stays free for the prompt. */
static int put_terminal(const struct paper *paper, struct scrim_error *err)
{
	struct winsize size = { 0 };
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), ret;

	if (fd < 0)
		return fail(err, -errno, "cannot draw on the terminal: %s", strerror(errno));
	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		size = (struct winsize){ .ws_col = 80, .ws_row = 25 };
	ret = view_write(paper, size.ws_col, size.ws_row > 1 ? size.ws_row - 1 : 1, fd, err);
	close(fd);
	return ret;
}

int picture_put(const struct paper *paper, const struct picture_options *options,
		struct scrim_error *err)
{
	return options->output ? put_file(paper, options->output, err) : put_terminal(paper, err);
}
