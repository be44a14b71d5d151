// SPDX-License-Identifier: LGPL-2.1-or-later
#include "error.h"

#include <stdarg.h>
#include <stdio.h>

#include "text.h"

int fail(struct scrim_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	text_clean(err->text);
	return code;
}
