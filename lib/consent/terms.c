// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/terms.h"

#include <string.h>

#define LIST(name, what, ...)								\
	static const char *const name##_names[] = { __VA_ARGS__ };			\
	const struct terms name = { what, name##_names,					\
				    sizeof(name##_names) / sizeof(name##_names[0]) }

LIST(roles, "role", "donor", "bystander", "participant", "guardian");
LIST(age_classes, "age class", "unknown", "minor", "adult");
LIST(purposes, "purpose",
	[PURPOSE_TRAIN_PACKAGE] = "train-detector:package-theft",
	[PURPOSE_TRAIN_CAR] = "train-detector:car-theft",
	[PURPOSE_TRAIN_PERSON] = "train-detector:person",
	[PURPOSE_TRAIN_VEHICLE] = "train-detector:vehicle",
	[PURPOSE_TRAIN_ANIMAL] = "train-detector:animal",
	[PURPOSE_TRAIN_VIDEO] = "train-generator:video",
	[PURPOSE_TRAIN_SUMMARY] = "train-generator:summary",
	[PURPOSE_EVALUATE] = "evaluate-detector",
	[PURPOSE_RESEARCH_SAFETY] = "research:street-safety",
	[PURPOSE_SHOW] = "show:public",
	[PURPOSE_DISTRIBUTE] = "distribute:dataset",
	[PURPOSE_FACE_DATABASE] = "face-recognition-db",
	[PURPOSE_FACE_RECOGNITION] = "face-recognition",
	[PURPOSE_EMOTION] = "emotion-recognition",
	[PURPOSE_SOCIAL_SCORING] = "social-scoring");
LIST(source_classes, "source class", "outdoor", "doorbell", "indoor", "baby", "pet", "meeting",
	"desk", "workplace", "shop", "vehicle", "other");
LIST(event_classes, "event class", "package-theft", "car-theft", "car-door", "delivery", "visitor",
	"person", "vehicle", "pet", "wildlife", "fall", "meeting");
LIST(data_classes, "data class", "pixels-redacted", "pixels-unredacted", "audio", "metadata",
	"chat");
LIST(origins, "origin", "unset", "real", "staged", "any");
LIST(model_kinds, "kind of model", "non-generative", "generative");
LIST(strengths, "method", "unset", "show", "blur", "mosaic", "fill");
LIST(deletions, "way of deletion", "erase", "return");
LIST(reward_kinds, "kind of reward", "none", "badge", "goods", "money");
LIST(legal_bases, "legal basis", "eu-gdpr:A6-1-a", "eu-gdpr:A9-2-a");
LIST(states, "state", "given", "withdrawn");
LIST(event_types, "type of event", "explicit");
LIST(authors, "author", "subject", "guardian", "keeper");
LIST(methods_of_asking, "method of asking", "prompt", "option");
LIST(tags, "tag", "school", "clinic");
LIST(excluded_classes, "excluded class", "screen", "document", "plate", "audio", "private-zone");
LIST(requirements, "requirement", "nothing", "person");
LIST(recipient_statuses, "status of a recipient", "suspended", "active");

int term_find(const struct terms *terms, const char *word)
{
	for (unsigned i = 0; i < terms->count; i++)
		if (!strcmp(terms->names[i], word))
			return i;
	return -1;
}

const char *term_name(const struct terms *terms, unsigned term)
{
	return term < terms->count ? terms->names[term] : "?";
}

bool purpose_is_banned(unsigned purpose)
{
	return purpose >= PURPOSE_FACE_DATABASE;
}

bool source_is_banned(unsigned source)
{
	return source == SOURCE_BABY || source >= SOURCE_COUNT;
}

bool purpose_fits_model(unsigned purpose, unsigned model_kind)
{
	if (purpose == PURPOSE_TRAIN_VIDEO || purpose == PURPOSE_TRAIN_SUMMARY)
		return model_kind == MODEL_GENERATIVE;
	return purpose > PURPOSE_EVALUATE || model_kind == MODEL_NON_GENERATIVE;
}
