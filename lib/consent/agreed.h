/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What somebody agreed to, held against what is offered today.  Whatever of an offer people are
 * shown counts, unless a rule of its own compares it: who else gets it, where, what and how long.
 */
#ifndef CONSENT_AGREED_H
#define CONSENT_AGREED_H

#include "consent/campaign.h"

struct change {
	const char *rule;		/* "reconsent.reward" */
	const char *agreed_to;		/* "another reward than that of today" */
	bool (*differs)(const struct consent *consent, const struct process *agreed,
			const struct campaign *today);
};

/* The first thing that is another by now; NULL: nothing is.  agreed: one of the consent's. */
const struct change *agreed_change(const struct consent *consent, const struct process *agreed,
				   const struct campaign *today);

#endif
