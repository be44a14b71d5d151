// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detect/detect.h"


int detect(struct detector *detector, const struct frame *frame,
	   struct detections *found, struct scrim_error *err)
{
	int ret;

	found->full = false;
	found->count = 0;
	ret = detector->ops->detect(detector, frame, found, err);
	if (ret < 0)
		found->count = 0;
	return ret;
}

int detector_finish(struct detector *detector, struct scrim_error *err)
{
	return detector->ops->finish ? detector->ops->finish(detector, err) : 0;
}

void detector_reset(struct detector *detector)
{
	if (detector->ops->reset)
		detector->ops->reset(detector);
}

void detector_free(struct detector **detector)
{
	if (!*detector)
		return;
	(*detector)->ops->free(*detector);
	*detector = NULL;
}
