// SPDX-License-Identifier: GPL-2.0
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

static int put(struct report *report, const char *text, size_t size, struct scrim_error *err)
{
	while (size) {
		ssize_t n = write(report->file.fd, text, size);

		if (n < 0)
			return fail(err, -errno, "cannot write %s: %s", report->path,
				    strerror(errno));
		text += n;
		size -= n;
	}
	return 0;
}

int report_open(struct report *report, const char *path, bool replace,
		struct scrim_error *err)
{
	char head[128];
	int ret, length;

	*report = (struct report){ .path = path, .file = OUTFILE_NONE };
	if (!path)
		return 0;
	ret = outfile_open(&report->file, path, 0666, replace, err);
	if (ret < 0)
		return ret;
	length = snprintf(head, sizeof(head),
			  "{\"schema\":\"scrim.report/1\",\"tool\":\"scrim %s\",\"files\":[",
			  scrim_version());
	return put(report, head, length, err);
}

int report_part(const struct report *report, struct outfile *part,
		struct scrim_error *err)
{
	*part = (struct outfile)OUTFILE_NONE;
	return report->path ? outfile_open(part, report->path, 0600, true, err) : 0;
}

/* What is known of a file as a whole; its frames follow. */
static int put_head(struct report *report, const struct file *file,
		    const struct job_result *result, struct scrim_error *err)
{
	json_t *head = json_pack("{so so si si sI sI sI sI}", "in", json_words(file->in),
				 "out", json_words(file->out),
				 "width", result->width, "height", result->height,
				 "frames_count", (json_int_t)result->frames,
				 "faces", (json_int_t)result->faces,
				 "whole", (json_int_t)result->whole,
				 "damaged", (json_int_t)result->damaged);
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	int ret;

	json_decref(head);
	if (!text)
		return fail(err, -ENOMEM, "no memory for the report");
	ret = report->begun ? put(report, ",\n", 2, err) : put(report, "\n", 1, err);
	report->begun = true;
	if (ret >= 0)		/* without the closing brace */
		ret = put(report, text, strlen(text) - 1, err);
	free(text);
	return ret < 0 ? ret : put(report, ",\"frames\":[", 11, err);
}

int report_add(struct report *report, struct outfile *part, const struct file *file,
	       const struct job_result *result, struct scrim_error *err)
{
	char buffer[65536];
	ssize_t n;
	int ret;

	if (!report->path)
		return 0;
	ret = put_head(report, file, result, err);
	lseek(part->fd, 0, SEEK_SET);
	while (ret >= 0 && (n = read(part->fd, buffer, sizeof(buffer))) > 0)
		ret = put(report, buffer, n, err);
	if (ret >= 0)
		ret = put(report, "\n]}", 3, err);
	outfile_discard(part);
	return ret;
}

int report_close(struct report *report, bool replace, struct scrim_error *err)
{
	int ret;

	if (!report->path)
		return 0;
	ret = put(report, "\n]}\n", 4, err);
	return ret < 0 ? ret : outfile_commit(&report->file, replace, err);
}

void report_discard(struct report *report)
{
	outfile_discard(&report->file);
}
