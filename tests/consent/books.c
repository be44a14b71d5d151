// SPDX-License-Identifier: GPL-2.0
/*
 * books STORE: writes the ledger of exports as an exporter does, without clips.  A line on standard
 * input is a call, its answer a line: "ok", numbers, or "no: WHY".
 *
 *	item BUNDLE SEQ CAMPAIGN DONOR CAMERA CLASS EVENT CENTS CONSENT
 *	give BUNDLE ITEMS CAMPAIGN RECIPIENT KEY DELETE_BY PAYMENT
 *	void BUNDLE
 *	taken CAMPAIGN DONOR CAMERA CLASS EVENT [BUNDLE]
 *	many N BUNDLE CAMPAIGN DONOR CAMERA CLASS CONSENT	items 1 to N, of N events
 *	reopen
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/exports.h"
#include "consent/when.h"

#define WORDS_MAX 12

static struct scrim_error err;
static struct exports *e;

static int add(char **w, int64_t seq, const char *event, int64_t cents, const char *consent)
{
	struct export_item item = { .seq_in_bundle = seq, .origin = ORIGIN_STAGED, .cents = cents,
				    .reward = cents ? REWARD_MONEY : REWARD_NONE, .consents = 1 };
	char clip[2 * TERM_ID_MAX];

	snprintf(item.bundle, sizeof(item.bundle), "%s", w[0]);
	snprintf(item.campaign, sizeof(item.campaign), "%s", w[1]);
	snprintf(item.donor, sizeof(item.donor), "%s", w[2]);
	snprintf(item.camera, sizeof(item.camera), "%s", w[3]);
	item.event_class = term_find(&event_classes, w[4]);
	snprintf(item.event_id, sizeof(item.event_id), "%s", event);
	snprintf(item.currency, sizeof(item.currency), "%s", cents ? "USD" : "");
	snprintf(item.consent[0], sizeof(item.consent[0]), "%s", consent);
	snprintf(clip, sizeof(clip), "%s %s", event, item.camera);
	sha256_text(item.item, clip, strlen(clip));
	return exports_append_item(e, &item, &err);
}

static int add_item(char **w)
{
	char *same[] = { w[1], w[3], w[4], w[5], w[6] };

	return add(same, atoll(w[2]), w[7], atoll(w[8]), w[9]);
}

static int add_many(char **w)
{
	char event[64];
	int ret = 0;

	for (int64_t i = 1; ret >= 0 && i <= atoll(w[1]); i++) {
		snprintf(event, sizeof(event), "%.40s-%lld", w[5], (long long)i);
		ret = add(w + 2, i, event, 0, w[7]);
	}
	return ret;
}

static int give(char **w)
{
	struct export_bundle b = { .purpose = PURPOSE_TRAIN_PACKAGE, .recipients = 1, .bytes = 1000,
				   .items = atoll(w[2]), .created = 1700000000 };

	snprintf(b.bundle, sizeof(b.bundle), "%s", w[1]);
	snprintf(b.campaign, sizeof(b.campaign), "%s", w[3]);
	snprintf(b.recipient[0].id, sizeof(b.recipient[0].id), "%s", w[4]);
	snprintf(b.recipient[0].receipts, sizeof(b.recipient[0].receipts), "%s", w[5]);
	when_read(&b.delete_by, w[6]);
	snprintf(b.payment, sizeof(b.payment), "%s", w[7]);
	snprintf(b.file, sizeof(b.file), "%s.tar.age", w[1]);
	sha256_text(b.sha256, w[1], 8);
	sha256_text(b.manifest, w[1], 4);
	return exports_append_bundle(e, &b, &err);
}

static int taken(char **w)
{
	const struct export_count of = { w[1], w[2], w[3], term_find(&event_classes, w[4]), w[5],
					 w[6], NULL };
	uint64_t class_taken, donor_taken;
	int ret = exports_taken(e, &of, &class_taken, &donor_taken, &err);

	if (ret >= 0)
		printf("%" PRIu64 " %" PRIu64 " ", class_taken, donor_taken);
	return ret;
}

static int reopen(const char *store)
{
	char note[SCRIM_TEXT_MAX] = "";
	int ret;

	exports_close(e);
	ret = exports_open(&e, store, note, &err);
	if (*note)
		fprintf(stderr, "%s\n", note);
	return ret;
}

/* A word that is missing is NULL. */
static int call(char **w, unsigned count, const char *store)
{
	if (!strcmp(w[0], "item") && count == 10)
		return add_item(w);
	if (!strcmp(w[0], "many") && count == 8)
		return add_many(w);
	if (!strcmp(w[0], "give") && count == 8)
		return give(w);
	if (!strcmp(w[0], "void") && count == 2)
		return exports_void(e, w[1], "the test says so", &err);
	if (!strcmp(w[0], "taken") && count >= 6)
		return taken(w);
	if (!strcmp(w[0], "reopen") && count == 1)
		return reopen(store);
	return fail(&err, -EINVAL, "no such call");
}

int main(int argc, char **argv)
{
	char line[1024];

	if (argc != 2 || reopen(argv[1]) < 0) {
		printf("no: %s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		char *w[WORDS_MAX + 1] = { NULL }, *next;
		unsigned count = 0;

		for (char *word = strtok_r(line, " \n", &next); word && count < WORDS_MAX;
		     word = strtok_r(NULL, " \n", &next))
			w[count++] = word;
		if (count && call(w, count, argv[1]) < 0)
			printf("no: %s\n", err.text);
		else if (count)
			puts("ok");
		fflush(stdout);
	}
	exports_close(e);
	return 0;
}
