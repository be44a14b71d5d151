/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words that consents, campaigns and items are made of.  All lists are closed: what is
 * not in them cannot be agreed to, offered or exported.
 */
#ifndef CONSENT_TERMS_H
#define CONSENT_TERMS_H

#include <stdbool.h>
#include <stdint.h>

enum role {
	ROLE_DONOR,			/* whose camera it is */
	ROLE_BYSTANDER,
	ROLE_PARTICIPANT,		/* who acts, or takes part in a meeting */
	ROLE_GUARDIAN,			/* who speaks for another */
};

/* Zero is what nobody said. */
enum age_class { AGE_UNKNOWN, AGE_MINOR, AGE_ADULT };

/* Each is an operation and what it is done for; none implies another. */
enum purpose {
	PURPOSE_TRAIN_PACKAGE,
	PURPOSE_TRAIN_CAR,
	PURPOSE_TRAIN_PERSON,
	PURPOSE_TRAIN_VEHICLE,
	PURPOSE_TRAIN_ANIMAL,
	PURPOSE_TRAIN_VIDEO,		/* a model that makes pictures */
	PURPOSE_TRAIN_SUMMARY,		/* one that tells what was said or seen */
	PURPOSE_EVALUATE,
	PURPOSE_RESEARCH_SAFETY,
	PURPOSE_SHOW,
	PURPOSE_DISTRIBUTE,
	/* Never: they have names, so that a refusal can say what was asked for. */
	PURPOSE_FACE_DATABASE,
	PURPOSE_FACE_RECOGNITION,
	PURPOSE_EMOTION,
	PURPOSE_SOCIAL_SCORING,
	PURPOSE_COUNT
};

enum source_class {			/* as in scrim.conf(5) */
	SOURCE_OUTDOOR, SOURCE_DOORBELL, SOURCE_INDOOR, SOURCE_BABY, SOURCE_PET, SOURCE_MEETING,
	SOURCE_DESK, SOURCE_WORKPLACE, SOURCE_SHOP, SOURCE_VEHICLE, SOURCE_OTHER, SOURCE_COUNT
};

enum event_class {
	EVENT_PACKAGE_THEFT, EVENT_CAR_THEFT, EVENT_CAR_DOOR, EVENT_DELIVERY, EVENT_VISITOR,
	EVENT_PERSON, EVENT_VEHICLE, EVENT_PET, EVENT_WILDLIFE, EVENT_FALL, EVENT_MEETING,
	EVENT_COUNT
};

enum data_class { DATA_REDACTED, DATA_UNREDACTED, DATA_AUDIO, DATA_METADATA, DATA_CHAT };
enum origin { ORIGIN_UNSET, ORIGIN_REAL, ORIGIN_STAGED, ORIGIN_ANY };
enum model_kind { MODEL_NON_GENERATIVE, MODEL_GENERATIVE };
/* Weakest first; UNSET is what nobody said, and covers nothing. */
enum strength { STRENGTH_UNSET, STRENGTH_SHOW, STRENGTH_BLUR, STRENGTH_MOSAIC, STRENGTH_FILL };
enum deletion { DELETION_ERASE, DELETION_RETURN };
enum reward_kind { REWARD_NONE, REWARD_BADGE, REWARD_GOODS, REWARD_MONEY };
enum legal_basis { BASIS_CONSENT, BASIS_EXPLICIT };
enum state { STATE_GIVEN, STATE_WITHDRAWN };
enum event_type { TYPE_EXPLICIT };
/* The keeper is who was handed it, and may always do without. */
enum author { BY_SUBJECT, BY_GUARDIAN, BY_KEEPER };
enum method_of_asking { ASKED_BY_PROMPT, ASKED_BY_OPTION };
enum tag { TAG_SCHOOL, TAG_CLINIC };
/* What is always covered, and is named where it was not. */
enum excluded { EXCLUDED_SCREEN, EXCLUDED_DOCUMENT, EXCLUDED_PLATE, EXCLUDED_AUDIO, EXCLUDED_ZONE };
enum requirement { REQUIRES_NOTHING, REQUIRES_PERSON };
enum recipient_status { RECIPIENT_SUSPENDED, RECIPIENT_ACTIVE };

/* A closed list; a set of its members is a bit each. */
struct terms {
	const char *what;		/* "purpose", for messages */
	const char *const *names;
	unsigned count;
};

extern const struct terms roles, age_classes, purposes, source_classes, event_classes,
	data_classes, origins, model_kinds, strengths, deletions, reward_kinds, legal_bases,
	states, event_types, authors, methods_of_asking, tags, excluded_classes, requirements,
	recipient_statuses;

/* -1: there is no such word. */
int term_find(const struct terms *terms, const char *word);
/* "?" for what is not in the list. */
const char *term_name(const struct terms *terms, unsigned term);

static inline uint32_t term_bit(unsigned term)
{
	return term < 32 ? 1u << term : 0;
}

/* What no setting, campaign or consent can make right. */
bool purpose_is_banned(unsigned purpose);
bool source_is_banned(unsigned source);
/* A generator is a generative model, and a detector is none. */
bool purpose_fits_model(unsigned purpose, unsigned model_kind);

#endif
