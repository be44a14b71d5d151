// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/when.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY		86400
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

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month] + (month == 1 && is_leap(year));
}

/* The C library would look up its time zone, which a cage does not permit. */
static int64_t days_before_year(int year)
{
	int64_t before = year - 1;

	return before * 365 + before / 4 - before / 100 + before / 400 - 719162;	/* 1970: 0 */
}

bool when_read(int64_t *when, const char *text)
{
	static const char form[] = "0000-00-00T00:00:00";
	int year, month, day, hour, minute, second, east;
	int64_t days;

	if (strlen(text) < sizeof(form) || !has_form(text, form) ||
	    !zone_read(&east, text + sizeof(form) - 1))
		return false;
	year = two(text) * 100 + two(text + 2);
	month = two(text + 5) - 1;
	day = two(text + 8);
	hour = two(text + 11);
	minute = two(text + 14);
	second = two(text + 17);
	if (year < 1 || month < 0 || month > 11 || day < 1 || day > days_of_month(year, month) ||
	    hour > 23 || minute > 59 || second > 59)
		return false;
	days = days_before_year(year) + day - 1;
	for (int m = 0; m < month; m++)
		days += days_of_month(year, m);
	*when = ((days * 24 + hour) * 60 + minute) * 60 + second - east;
	return *when >= 0 && *when <= WHEN_LAST;
}

void when_write(char text[WHEN_TEXT_MAX], int64_t when)
{
	int64_t seconds = when < 0 ? 0 : when > WHEN_LAST ? WHEN_LAST : when, days = seconds / DAY;
	unsigned left = seconds % DAY;
	int year = 1970 + (int)(days / 366), month = 0;	/* never too late */

	while (days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	for (; days >= days_of_month(year, month); month++)
		days -= days_of_month(year, month);
	snprintf(text, WHEN_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000,
		 (unsigned)(month + 1) % 100, (unsigned)(days + 1) % 100, left / 3600 % 24,
		 left / 60 % 60, left % 60);
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

int when_follows(int64_t *last, const char *at, struct scrim_error *err)
{
	char before[WHEN_TEXT_MAX];
	int64_t time;

	if (!when_read(&time, at))
		return fail(err, -EBADMSG, "'%s' is no time", at);
	when_write(before, *last);
	if (time + CLOCK_SLACK < *last)
		return fail(err, -EBADMSG, "it is of %s, and the one before it of %s: the clock "
			    "was set back", at, before);
	if (time > *last)
		*last = time;
	return 0;
}

bool clock_is_behind(int64_t last)
{
	return time(NULL) + CLOCK_SLACK / 2 < last;
}
