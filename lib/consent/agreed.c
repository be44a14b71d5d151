// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/agreed.h"

#include <string.h>

static bool notice_differs(const struct consent *c, const struct process *agreed,
			   const struct campaign *today)
{
	return strcmp(c->notice.sha256, today->notice.sha256);
}

static bool terms_differ(const struct consent *c, const struct process *agreed,
			 const struct campaign *today)
{
	return strcmp(c->terms.sha256, today->terms.sha256);
}

/* Records of before scrim wrote these down. */
static bool is_unsaid(const struct consent *c, const struct process *agreed,
		      const struct campaign *today)
{
	bool unsaid = !*c->title;

	for (unsigned i = 0; i < agreed->recipients; i++)
		unsaid = unsaid || !*agreed->recipient[i].name || !*agreed->recipient[i].receipts;
	return unsaid;
}

static bool title_differs(const struct consent *c, const struct process *agreed,
			  const struct campaign *today)
{
	return strcmp(c->title, today->title);
}

static bool controller_differs(const struct consent *c, const struct process *agreed,
			       const struct campaign *today)
{
	const struct controller *was = &c->controller, *is = &today->issuer;

	return strcmp(was->name, is->name) || strcmp(was->id, is->id) ||
	       strcmp(was->contact, is->contact) || strcmp(was->pubkey, is->pubkey);
}

static bool purpose_differs(const struct consent *c, const struct process *agreed,
			    const struct campaign *today)
{
	return strcmp(agreed->purpose_text, today->offer.purpose_text);
}

/* More clips than were agreed to are refused one by one, by rule 14. */
static bool reward_differs(const struct consent *c, const struct process *agreed,
			   const struct campaign *today)
{
	const struct process *offer = &today->offer;

	return agreed->reward.kind != offer->reward.kind ||
	       agreed->reward.unit_cents != offer->reward.unit_cents ||
	       strcmp(agreed->reward.currency, offer->reward.currency) ||
	       agreed->reward.cap_count > offer->reward.cap_count;
}

static bool has_right(const struct rights *rights, const char *right)
{
	for (unsigned i = 0; i < rights->count; i++)
		if (!strcmp(rights->at[i], right))
			return true;
	return false;
}

/* There may be more of them by now. */
static bool rights_differ(const struct consent *c, const struct process *agreed,
			  const struct campaign *today)
{
	for (unsigned i = 0; i < c->rights.count; i++)
		if (!has_right(&today->rights, c->rights.at[i]))
			return true;
	return false;
}

static bool jurisdiction_differs(const struct consent *c, const struct process *agreed,
				 const struct campaign *today)
{
	const struct places *was = &c->jurisdiction, *is = &today->jurisdiction;
	bool same = was->count == is->count;

	for (unsigned i = 0; same && i < was->count; i++)
		same = !strcmp(was->at[i], is->at[i]);
	return !same;
}

/* Who was added or left out since, or has another key to encrypt to, is the business of rule 10. */
static bool recipient_differs(const struct consent *c, const struct process *agreed,
			      const struct campaign *today)
{
	for (unsigned i = 0; i < agreed->recipients; i++) {
		const struct recipient *was = &agreed->recipient[i];
		const struct campaign_recipient *is = campaign_recipient(today, was->id);

		if (is && (strcmp(was->name, is->key.name) ||
			   strcmp(was->receipts, is->key.receipts)))
			return true;
	}
	return false;
}

static const struct change changes[] = {
	{ "reconsent.notice", "another notice than that of today", notice_differs },
	{ "reconsent.terms", "other terms than those of today", terms_differ },
	{ "reconsent.unsaid", "an offer of which an older record does not say all", is_unsaid },
	{ "reconsent.title", "a campaign that had another title", title_differs },
	{ "reconsent.controller", "a controller with another name or contact", controller_differs },
	{ "reconsent.purpose", "a purpose that was put in other words", purpose_differs },
	{ "reconsent.reward", "another reward than that of today", reward_differs },
	{ "reconsent.rights", "rights that are not all there today", rights_differ },
	{ "reconsent.jurisdiction", "another jurisdiction than that of today", jurisdiction_differs },
	{ "reconsent.recipient", "a recipient that had another name, or key for receipts",
	  recipient_differs },
};

const struct change *agreed_change(const struct consent *consent, const struct process *agreed,
				   const struct campaign *today)
{
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (changes[i].differs(consent, agreed, today))
			return &changes[i];
	return NULL;
}
