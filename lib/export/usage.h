/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may be done with clips, in the words of others.  Where two statements differ, or one is not
 * understood, the answer is no.
 */
#ifndef EXPORT_USAGE_H
#define EXPORT_USAGE_H

#include <jansson.h>

#include "error.h"

/* All of these are to be released or freed; NULL: out of memory. */

/*
 * For bundle.content_usage: what the whole world may do with it, as AIPREF says it, which is
 * nothing.  What the recipient may do is in usage_offer() and usage_entries().
 */
#define USAGE_NOTHING	"ai-use=n, search=n, train-ai=n"

/* For items[].training_mining: entries of CAWG's assertion for a purpose, of purposes. */
json_t *usage_entries(unsigned purpose);
/*
 * For bundle.usage_info: an odrl:Offer to the recipients, for the purpose alone, until the day the
 * clips are to be deleted; of the same bundle.
 */
json_t *usage_offer(const json_t *bundle);

/* What anybody may do, "ai-use=n, search=n, train-ai=n": y where all that is said of it is yes. */
char *usage_preferences(const json_t *manifest);
/* Lines of .scrim-usage, tdmrep.json, and the assertion of an item. */
char *usage_lines(const json_t *manifest);
json_t *usage_tdmrep(const json_t *manifest);
json_t *usage_assertion(const json_t *item);

#endif
