// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/papers.h"

int papers_write(int folder, const json_t *manifest, struct scrim_error *err)
{
	return fail(err, -ENOSYS, "papers are not written yet");
}
