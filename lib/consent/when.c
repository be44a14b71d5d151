// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define WHEN_LAST	253402300799	/* 9999-12-31T23:59:59Z */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Text has the form, in which '0' stands for a digit. */
static bool has_form(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? !is_digit(*text) : *text != *form)
			return false;
	return true;
}

static int two(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* "Z", or "+01:00": seconds east of Greenwich. */
static bool zone_read(int *east, const char *text)
{
	*east = 0;
	if (!strcmp(text, "Z"))
		return true;
	if (strlen(text) != 6 || (*text != '+' && *text != '-') || !has_form(text + 1, "00:00") ||
	    two(text + 1) > 23 || two(text + 4) > 59)
		return false;
	*east = (two(text + 1) * 60 + two(text + 4)) * 60 * (*text == '-' ? -1 : 1);
	return true;
}

bool when_read(int64_t *when, const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	struct tm tm = { 0 }, again;
	time_t seconds;
	int east;

	if (strlen(text) < sizeof(form) || !has_form(text, form) ||
	    !zone_read(&east, text + sizeof(form) - 1))
		return false;
	tm.tm_year = two(text) * 100 + two(text + 2) - 1900;
	tm.tm_mon = two(text + 5) - 1;
	tm.tm_mday = two(text + 8);
	tm.tm_hour = two(text + 11);
	tm.tm_min = two(text + 14);
	tm.tm_sec = two(text + 17);
	again = tm;
	seconds = timegm(&again);
	/* timegm() makes March of the 30th of February. */
	if (again.tm_year != tm.tm_year || again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday ||
	    again.tm_hour != tm.tm_hour || again.tm_min != tm.tm_min || again.tm_sec != tm.tm_sec)
		return false;
	*when = (int64_t)seconds - east;
	return *when >= 0 && *when <= WHEN_LAST;
}

void when_write(char text[WHEN_TEXT_MAX], int64_t when)
{
	time_t seconds = when < 0 ? 0 : when > WHEN_LAST ? WHEN_LAST : when;
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(text, WHEN_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

bool days_read(uint32_t *days, const char *text)
{
	unsigned count = 0, each;
	const char *c = text;

	if (*c++ != 'P' || !is_digit(*c))
		return false;
	for (; is_digit(*c) && count <= DAYS_MAX; c++)
		count = count * 10 + (*c - '0');
	each = *c == 'D' ? 1 : *c == 'M' ? 30 : *c == 'Y' ? 365 : 0;
	if (!each || c[1] || !count || count > DAYS_MAX / each)
		return false;
	*days = count * each;
	return true;
}
