// SPDX-License-Identifier: GPL-2.0
/*
 * scrim: cameras that show only what was redacted, or black.
 */
#include <linux/module.h>
#include <linux/workqueue.h>

#include "camera.h"
#include "compat.h"
#include "pair.h"

struct workqueue_struct *scrim_clocks;

static int __init scrim_init(void)
{
	int ret;

	scrim_clocks = alloc_workqueue("scrim", WQ_UNBOUND | WQ_HIGHPRI | WQ_FREEZABLE, 0);
	if (!scrim_clocks)
		return -ENOMEM;
	ret = scrim_cameras_init();
	if (ret)
		goto destroy_clocks;
	return 0;

destroy_clocks:
	scrim_pairs_wait();
	destroy_workqueue(scrim_clocks);
	return ret;
}

static void __exit scrim_exit(void)
{
	scrim_cameras_exit();
	scrim_pairs_wait();
	destroy_workqueue(scrim_clocks);
}

module_init(scrim_init);
module_exit(scrim_exit);

MODULE_DESCRIPTION("Camera pairs that show black rather than a lie");
MODULE_AUTHOR("The scrim authors");
MODULE_LICENSE("GPL");
SCRIM_IMPORT_DMA_BUF;
