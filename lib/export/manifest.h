/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a bundle says of itself, scrim.manifest/1: what was computed, words of closed lists, and
 * words of the campaign.  Nothing else gets in: no name of a file, a camera, a person or a machine,
 * and no time finer than a day.
 */
#ifndef EXPORT_MANIFEST_H
#define EXPORT_MANIFEST_H

#include "export/choice.h"
#include "export/layout.h"

#define MANIFEST_FILE		"manifest.json"
#define MANIFEST_SIGNATURE	"manifest.json.minisig"
#define MANIFEST_KEY		"manifest.pub"

struct manifest_facts {
	const struct choice *choice;
	const char *bundle;
	const struct recipe *recipe;
	const struct policy *policy;
	const struct secret *secret;
	int64_t now;
	bool encrypts;			/* as it was measured */
	enum layout layout;
};

/* Of what goes, to be released; NULL: no memory. */
json_t *manifest_make(const struct manifest_facts *facts);

/* Until when it may be kept: the shortest of all that was agreed to. */
int64_t manifest_delete_by(const struct choice *choice, int64_t now);

/*
 * The manifest, its signature and the key that made it, into the folder; sha256 is that of the
 * manifest.  The signature's comment, which is signed, names campaign and purpose.
 */
int manifest_write(int folder, const json_t *manifest, const struct secret *secret,
		   char sha256[SHA256_TEXT_MAX], struct known_files *known, struct scrim_error *err);

#endif
