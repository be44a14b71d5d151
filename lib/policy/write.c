// SPDX-License-Identifier: LGPL-2.1-or-later
#include "policy/write.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX	14		/* after the point; polygon_parse() takes 15 in all */

/* No locale is set in our programs, and polygon_parse() knows none. */
static size_t fraction_write(char *text, size_t size, float value)
{
	size_t length = 0;

	for (int digits = 0; digits <= DIGITS_MAX; digits++) {
		length = snprintf(text, size, "%.*f", digits, value);
		if ((float)strtod(text, NULL) == value)
			break;
	}
	return length;
}

void polygon_write(char text[POLYGON_TEXT_MAX], const struct polygon *polygon)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < polygon->points; i++) {
		if (i)
			text[used++] = ' ';
		used += fraction_write(text + used, POLYGON_TEXT_MAX - used, polygon->at[i].x);
		text[used++] = ',';
		used += fraction_write(text + used, POLYGON_TEXT_MAX - used, polygon->at[i].y);
	}
}

void hours_write(char text[HOURS_TEXT_MAX], struct hours hours)
{
	snprintf(text, HOURS_TEXT_MAX, "%02u:%02u-%02u:%02u",
		 hours.from / 60u % 24, hours.from % 60u, hours.to / 60u % 24, hours.to % 60u);
}

void fourcc_write(char text[FOURCC_TEXT_MAX], uint32_t fourcc)
{
	memset(text, 0, FOURCC_TEXT_MAX);
	for (int i = 0; i < 4 && fourcc; i++)
		text[i] = fourcc >> (8 * i) & 0x7f;
}

/* A return character in a text would have a terminal show another one. */
static void put_words(FILE *to, const char *text)
{
	for (; *text; text++)
		putc(*text == '\r' ? ' ' : *text, to);
}

static void write_text(FILE *to, const char *key, const char *value)
{
	if (!*value)
		return;
	fprintf(to, "%s = ", key);
	put_words(to, value);
	putc('\n', to);
}

static void write_title(FILE *to, const char *kind, const char *camera, const char *region)
{
	fprintf(to, "[%s ", kind);
	put_words(to, camera);
	if (region)
		putc('/', to);
	put_words(to, region ? region : "");
	fprintf(to, "]\n");
}

static void write_wish(FILE *to, const struct wish *wish)
{
	char fourcc[FOURCC_TEXT_MAX];

	if (wish->width)
		fprintf(to, "size = %ux%u\n", wish->width, wish->height);
	if (wish->seconds == 1)
		fprintf(to, "rate = %u\n", wish->frames);
	else if (wish->frames)
		fprintf(to, "rate = %u/%u\n", wish->frames, wish->seconds);
	fourcc_write(fourcc, wish->fourcc);
	write_text(to, "format", fourcc);
}

static void write_region(FILE *to, const struct policy *policy, const struct policy_region *region)
{
	char polygon[POLYGON_TEXT_MAX], hours[HOURS_TEXT_MAX];

	polygon_write(polygon, &region->polygon);
	putc('\n', to);
	write_title(to, "region", policy->camera, region->name);
	fprintf(to, "polygon = %s\nmethod = %s\n", polygon, method_name(region->method));
	if (region->locked)
		fprintf(to, "locked = yes\n");
	if (region->reveal)
		fprintf(to, "reveal = yes\n");
	if (region->between.from != region->between.to) {
		hours_write(hours, region->between);
		write_text(to, "between", hours);
	}
}

void policy_write(FILE *to, const struct policy *policy)
{
	write_title(to, "camera", policy->camera, NULL);
	write_text(to, "device", policy->device);
	write_text(to, "credentials", policy->credentials);
	write_text(to, "tls-ca", policy->tls_ca);
	write_text(to, "purpose", policy->purpose);
	write_text(to, "class", policy->class);
	/* With no detector, a method for faces is an error. */
	fprintf(to, "faces = %s\nmoving = %s\ndetector = %s\n",
		method_name(policy->detector == DETECTOR_NONE ? METHOD_SHOW : policy->faces),
		method_name(policy->moving == METHOD_UNSET ? METHOD_SHOW : policy->moving),
		detector_name(policy->detector));
	write_text(to, "replay", policy->replay);
	write_text(to, "model", policy->model);
	if (policy->detect_w)
		fprintf(to, "detect-size = %ux%u\n", policy->detect_w, policy->detect_h);
	fprintf(to, "on-demand = %s\ncontrols = %s\n", policy->always_on ? "no" : "yes",
		*policy->controls ? policy->controls : "none");
	write_text(to, "readers", policy->readers);
	if (policy->notice)
		fprintf(to, "notice = yes\n");
	write_wish(to, &policy->wish);
	for (unsigned i = 0; i < policy->regions; i++)
		write_region(to, policy, &policy->region[i]);
}
