// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/datasheet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "export/quote.h"
#include "export/summary.h"
#include "export/told.h"
#include "export/usage.h"

#define NOT_SAID	"The manifest does not say."

/*
 * Each answers one question, in a line that it ends, or says nothing.  All words of the manifest
 * are quoted.
 */

static void put(FILE *out, const char *before, const char *text, const char *after)
{
	if (!text || !*text)
		return;
	fputs(before, out);
	quote_markdown(out, text);
	fprintf(out, "%s\n", after);
}

/* Frees the text. */
static void put_summary(FILE *out, const char *before, char *text, const char *after)
{
	put(out, before, text, after);
	free(text);
}

static void why(FILE *out, const json_t *manifest)
{
	put(out, "For ", told_text(manifest, "bundle.purpose"), " and for nothing else.");
	put(out, "It is called ", told_text(manifest, "bundle.title"), ".");
	put(out, "Its makers say of it: ", told_text(manifest, "bundle.description"), "");
}

static void who(FILE *out, const json_t *manifest)
{
	put(out, "The campaign ", told_text(manifest, "bundle.campaign"), " asked for it.");
	put(out, "The campaign is that of ", told_name(told(manifest, "bundle.issuer")), ".");
}

/* A clip's is told; what a campaign costs as a whole is not. */
static void paid(FILE *out, const json_t *manifest)
{
	put_summary(out, "Rewards for clips: ", summary_words(manifest, "reward.kind"), ".");
}

static void instances(FILE *out, const json_t *manifest)
{
	fputs("A video clip, with a class of event and whether that was real or staged.\n", out);
}

static void how_many(FILE *out, const json_t *manifest)
{
	fprintf(out, "%zu clips, %" PRId64 " bytes, %" PRId64 " frames, %.1f seconds.\n",
		told_items(manifest), summary_sum(manifest, "bytes"),
		summary_sum(manifest, "frames"), summary_duration(manifest));
	put_summary(out, "By class: ", summary_classes(manifest), ".");
}

static void labels(FILE *out, const json_t *manifest)
{
	put_summary(out,
		    "Class and origin, in `manifest.json` and in each clip's name, as said by ",
		    summary_words(manifest, "label_by"), ".");
}

static void missing(FILE *out, const json_t *manifest)
{
	put_summary(out, "Taken away on purpose: ", summary_stripped(manifest), ".");
}

static void relations(FILE *out, const json_t *manifest)
{
	fputs("Clips of one event have the same `event_id`, clips of one camera the same "
	      "`camera_pseudonym`, where the manifest has these.\n", out);
}

static void errors(FILE *out, const json_t *manifest)
{
	put_summary(out, "Estimates of faces that were missed, with the number of clips: ",
		    summary_words(manifest, "redaction.misses_estimate"), ".");
}

static void confidential(FILE *out, const json_t *manifest)
{
	put_summary(out, "Clips are redacted, with the number of clips: ",
		    summary_redaction(manifest), ".");
}

static void identify(FILE *out, const json_t *manifest)
{
	fputs("The manifest names no person and no camera. Who or what is in a clip and was not "
	      "covered can be recognised.\n", out);
	confidential(out, manifest);
}

static void sensitive(FILE *out, const json_t *manifest)
{
	put_summary(out, "Where cameras are: ", summary_words(manifest, "region"), ".");
	put_summary(out, "What they look at: ", summary_words(manifest, "source_class"), ".");
}

static void acquired(FILE *out, const json_t *manifest)
{
	put_summary(out, "Cameras of donors recorded it. By kind of place: ",
		    summary_words(manifest, "source_class"), ".");
}

static void mechanisms(FILE *out, const json_t *manifest)
{
	put(out, "The bundle was made by ", told_text(manifest, "bundle.tool"), ".");
	put_summary(out, "Detectors: ", summary_words(manifest, "redaction.detector"), ".");
}

static void when(FILE *out, const json_t *manifest)
{
	char first[DAY_MAX], last[DAY_MAX];

	if (summary_days(first, last, manifest))
		fprintf(out, "From %s to %s; no more than the day is told.\n", first, last);
}

static void consent(FILE *out, const json_t *manifest)
{
	fprintf(out, "The manifest names %zu records of consent for %zu clips.\n",
		summary_consents(manifest), told_items(manifest));
}

static void processed(FILE *out, const json_t *manifest)
{
	confidential(out, manifest);
	missing(out, manifest);
}

static void raw(FILE *out, const json_t *manifest)
{
	fputs("It is not in the bundle. `prov.derived_from` of a clip is a salted hash of what it "
	      "was made from, where the manifest has it.\n", out);
}

static void nothing_else(FILE *out, const json_t *manifest)
{
	put(out, "It may be used for ", told_text(manifest, "bundle.purpose"), " alone.");
}

static void not_for(FILE *out, const json_t *manifest)
{
	put(out, "For anything but ", told_text(manifest, "bundle.purpose"), ".");
}

static void recipients(FILE *out, const json_t *manifest)
{
	const json_t *list = told(manifest, "bundle.recipients");

	for (size_t i = 0; i < json_array_size(list); i++)
		put(out, i ? "And to " : "To ", told_name(json_array_get(list, i)), ".");
}

static void how(FILE *out, const json_t *manifest)
{
	put(out, "Encrypted: ", told_text(manifest, "bundle.encryption.alg"), ".");
}

static void distributed(FILE *out, const json_t *manifest)
{
	fprintf(out, "The bundle was made on %s.\n", told_text(manifest, "bundle.created"));
}

static void terms(FILE *out, const json_t *manifest)
{
	fputs("The consents of the people in it are the terms.\n", out);
	put_summary(out, "To the world at large, as AIPREF says it: ",
		    usage_preferences(manifest), ".");
	put(out, "Policy for text and data mining: ",
	    told_text(manifest, "bundle.tdm.policy"), ".");
}

static void contact(FILE *out, const json_t *manifest)
{
	put(out, "Write to ", told_text(manifest, "bundle.issuer.contact"), ".");
}

static void retention(FILE *out, const json_t *manifest)
{
	char day[DAY_MAX];

	if (told_day(day, manifest, "bundle.retention.until"))
		fprintf(out, "It may be kept until %s.\n", day);
	if (told_day(day, manifest, "bundle.retention.delete_by"))
		fprintf(out, "It must be deleted by %s.\n", day);
	put(out, "Receipts of that go to ",
	    told_name(told(manifest, "bundle.retention.receipt_to")), ".");
}

/* Without an answer: none of these is in a manifest.  Without a question: a heading. */
static const struct {
	const char *heading, *question;
	void (*answer)(FILE *out, const json_t *manifest);
} questions[] = {
	{ "Motivation", NULL, NULL },
	{ NULL, "For what purpose was it made?", why },
	{ NULL, "Who made it, on whose behalf?", who },
	{ NULL, "Who paid for it?", paid },
	{ "Composition", NULL, NULL },
	{ NULL, "What does an instance represent?", instances },
	{ NULL, "How many are there?", how_many },
	{ NULL, "Is it all that there is, or a sample? Of what?", NULL },
	{ NULL, "What data does an instance consist of?", instances },
	{ NULL, "Has each a label or a target?", labels },
	{ NULL, "Is anything missing from instances?", missing },
	{ NULL, "Are relations between instances made explicit?", relations },
	{ NULL, "Are there recommended splits?", NULL },
	{ NULL, "Are there errors, noise or redundancies?", errors },
	{ NULL, "Does it need anything from outside?", NULL },
	{ NULL, "Does it contain what is confidential?", confidential },
	{ NULL, "Could it offend, insult, threaten or frighten?", NULL },
	{ NULL, "Does it tell subpopulations apart?", NULL },
	{ NULL, "Can people be identified in it?", identify },
	{ NULL, "Does it contain what is sensitive?", sensitive },
	{ "Collection", NULL, NULL },
	{ NULL, "How was the data of an instance acquired?", acquired },
	{ NULL, "By what mechanisms, and how were these validated?", mechanisms },
	{ NULL, "If it is a sample, how was it drawn?", NULL },
	{ NULL, "Who took part, and how were they paid?", paid },
	{ NULL, "Over what time was it collected?", when },
	{ NULL, "Were there ethical reviews?", NULL },
	{ NULL, "Was it obtained from the people themselves?", NULL },
	{ NULL, "Were they told?", NULL },
	{ NULL, "Did they consent?", consent },
	{ NULL, "Can they take their consent back?", NULL },
	{ NULL, "Was its impact on them analysed?", NULL },
	{ "Preprocessing, cleaning, labelling", NULL, NULL },
	{ NULL, "What was done?", processed },
	{ NULL, "Was the raw data kept as well?", raw },
	{ NULL, "Is the software that did it available?", mechanisms },
	{ "Uses", NULL, NULL },
	{ NULL, "Has it been used already?", NULL },
	{ NULL, "Is there a list of what uses it?", NULL },
	{ NULL, "What else could it be used for?", nothing_else },
	{ NULL, "Does its making limit future uses?", processed },
	{ NULL, "What should it not be used for?", not_for },
	{ "Distribution", NULL, NULL },
	{ NULL, "To whom is it given?", recipients },
	{ NULL, "How?", how },
	{ NULL, "When?", distributed },
	{ NULL, "Under which licence or terms?", terms },
	{ NULL, "Have third parties restricted it?", NULL },
	{ NULL, "Do export controls or other regulations apply?", NULL },
	{ "Maintenance", NULL, NULL },
	{ NULL, "Who maintains it, and how can they be reached?", contact },
	{ NULL, "Is there an erratum?", NULL },
	{ NULL, "Will it be updated?", NULL },
	{ NULL, "Are there limits on how long it is kept?", retention },
	{ NULL, "Will older versions be kept?", retention },
	{ NULL, "How can others contribute?", NULL },
};

static void put_answer(FILE *out, size_t i, const json_t *manifest)
{
	long before = ftell(out);

	if (questions[i].answer)
		questions[i].answer(out, manifest);
	if (ftell(out) == before)
		fputs(NOT_SAID "\n", out);
}

char *datasheet_text(const json_t *manifest)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs("# Datasheet\n\nMade from `manifest.json` alone, without anybody's help. What others "
	      "wrote stands in `marks like these`.\n", out);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		if (questions[i].heading) {
			fprintf(out, "\n## %s\n", questions[i].heading);
			continue;
		}
		fprintf(out, "\n**%s**\n\n", questions[i].question);
		put_answer(out, i, manifest);
	}
	return fclose(out) ? NULL : text;
}
