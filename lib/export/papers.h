/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tells people and machines about the clips of a bundle, made of its manifest alone: the
 * same manifest makes the same bytes.  What the manifest does not say, they do not say.
 *
 *	croissant.json	what is in it, as Croissant (JSON-LD), with its RAI vocabulary
 *	DATASHEET.md	the questions of Datasheets for Datasets
 *	.scrim-usage	AIPREF: a line as the header Content-Usage has it
 *	tdmrep.json	TDMRep: text and data mining is reserved
 *	cawg/NAME.json	for each clip, an assertion of CAWG on training and data mining, unsigned
 */
#ifndef EXPORT_PAPERS_H
#define EXPORT_PAPERS_H

#include <jansson.h>

#include "export/known.h"

/*
 * Into the folder, which has none of them: all, mode 0600, on the disk when this returns, and known.
 * -EINVAL: the manifest says something that has no place in a bundle; nothing is written then.
 */
int papers_write(int folder, const json_t *manifest, struct known_files *known,
		 struct scrim_error *err);

#endif
