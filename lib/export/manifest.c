// SPDX-License-Identifier: LGPL-2.1-or-later
#include "export/manifest.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "consent/when.h"
#include "export/paper.h"
#include "export/seal.h"
#include "export/usage.h"

#define DAY		86400
#define DAY_TEXT	10		/* "2026-11-22" */
#define HOLD_SECONDS	1		/* see detect/track.c */

#define TOOL		"scrim " SCRIM_VERSION

static json_t *day_json(int64_t when)
{
	char text[WHEN_TEXT_MAX];

	when_write(text, when);
	return json_stringn(text, DAY_TEXT);
}

int64_t manifest_delete_by(const struct choice *choice, int64_t now)
{
	uint32_t days = UINT32_MAX;

	for (unsigned i = 0; i < choice->count; i++)
		if (choice->at[i].state == CLIP_GOES && choice->at[i].judged.days < days)
			days = choice->at[i].judged.days;
	return now + (int64_t)days * DAY;
}

/* The bundle */

static json_t *recipient_json(const struct campaign_recipient *r)
{
	return json_pack("{ss ss ss ss}", "id", r->key.id, "name", r->key.name, "pubkey", r->key.pubkey,
			 "region", r->region);
}

static json_t *retention_json(const struct manifest_facts *f)
{
	int64_t by = manifest_delete_by(f->choice, f->now);

	return json_pack("{so so ss}", "until", day_json(by), "delete_by", day_json(by),
			 "receipt_to", f->choice->campaign->issuer.contact);
}

/*
 * Policy and head are hashes with the campaign's secret: whoever tries names of cameras or holds the
 * bundles of two campaigns next to each other learns nothing by them.
 */
static json_t *bundle_json(const struct manifest_facts *f)
{
	char policy[SHA256_TEXT_MAX], head[SHA256_TEXT_MAX], last[ENTRY_HASH_TEXT_MAX];
	const struct campaign *c = f->choice->campaign;
	const struct campaign_recipient *to = campaign_recipient(c, f->choice->recipient);
	json_t *bundle;

	secret_hash(policy, f->secret, "policy", f->recipe->policy);
	entry_hash_text(last, f->choice->head.hash);
	secret_hash(head, f->secret, "head", last);
	bundle = json_pack(
		"{ss so ss ss so ss ss ss s{ss ss} ss ss s[o] ss s{si sn} so s{ss s[s]} "
		"s{sb sb sb}}",
		"id", f->bundle, "created", day_json(f->now), "tool", TOOL, "tool_sha256",
		f->recipe->tool, "issuer", controller_json(&c->issuer), "title", c->title,
		"description", c->offer.purpose_text, "campaign", c->id,
		"policy", "version", "scrim.redaction/1", "sha256", policy,
		"ledger_head", head, "purpose", term_name(&purposes, f->choice->purpose),
		"recipients", recipient_json(to),
		"content_usage", USAGE_NOTHING, "tdm", "reservation", 1, "policy",
		"retention", retention_json(f),
		"encryption", "alg", SEAL_ALGORITHM, "recipients", to->key.pubkey,
		"status", "at_rest", f->encrypts, "in_transit", f->encrypts,
		"end_to_end", f->encrypts);

	if (bundle)
		json_object_set_new(bundle, "usage_info", usage_offer(bundle));
	return bundle;
}

/* Items */

static json_t *consents_json(const struct chosen *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < p->item.people; i++)
		json_array_append_new(list, json_pack("{ss ss}",
			"record_id", p->judged.consent[i].record_id,
			"event_hash", p->judged.consent[i].hash));
	return list;
}

/* From the first frame to the last, and as long as one of them. */
static double seconds_of(const struct redacted *r)
{
	return r->frames > 1 ? r->microseconds / 1e6 * r->frames / (r->frames - 1) : 0;
}

static json_t *redaction_json(const struct manifest_facts *f, const struct chosen *p)
{
	double seconds = seconds_of(&p->redacted);
	json_int_t hold = seconds > 0 ? p->redacted.frames * HOLD_SECONDS / seconds + .5 : 0;

	return json_pack("{sb sb si ss ss ss sn sI sn ss}", "faces", p->item.redaction.faces,
			 "plates", p->item.redaction.plates, "regions", (int)f->policy->regions,
			 "method", "fill", "detector", "face", "detector_sha256", f->recipe->model,
			 "threshold", "hold_frames", hold, "misses_estimate",
			 "reversible_risk", "none");
}

static json_t *stripped_json(void)
{
	return json_pack("[ssssss]", "audio", "container-tags", "exif", "gps", "serial", "times");
}

static json_t *reward_json(const struct process *offer)
{
	return json_pack("{ss sI ss}", "kind", term_name(&reward_kinds, offer->reward.kind),
			 "cents", (json_int_t)offer->reward.unit_cents,
			 "currency", offer->reward.currency);
}

static json_t *item_json(const struct manifest_facts *f, const struct chosen *p)
{
	const struct process *offer = &f->choice->campaign->offer;
	char path[LAYOUT_PATH_MAX];

	layout_path(path, f->layout, p->name, "mp4");
	return json_pack(
		"{ss ss ss sI sI sf si si ss so ss ss ss ss ss ss so ss so so so s{ss ss} so}",
		"name", p->name, "path", path, "sha256", p->redacted.sha256,
		"bytes", (json_int_t)p->redacted.bytes, "frames", (json_int_t)p->redacted.frames,
		"duration", seconds_of(&p->redacted), "width", (int)p->redacted.width,
		"height", (int)p->redacted.height, "codec", "h264", "consent", consents_json(p),
		"origin", term_name(&origins, p->item.origin),
		"event_class", term_name(&event_classes, p->item.event), "event_id", p->event,
		"label_by", "donor", "source_class", term_name(&source_classes, p->item.source),
		"camera_pseudonym", p->camera, "captured", day_json(p->item.from),
		"region", p->item.region, "redaction", redaction_json(f, p),
		"stripped", stripped_json(),
		"training_mining", usage_entries(f->choice->purpose),
		"prov", "derived_from", p->hash, "generated_by", TOOL,
		"reward", reward_json(offer));
}

json_t *manifest_make(const struct manifest_facts *facts)
{
	json_t *items = json_array();

	for (unsigned i = 0; i < facts->choice->count; i++)
		if (facts->choice->at[i].state == CLIP_GOES &&
		    json_array_append_new(items, item_json(facts, &facts->choice->at[i])) < 0) {
			json_decref(items);
			return NULL;
		}
	return json_pack("{ss so so}", "schema", "scrim.manifest/1", "bundle", bundle_json(facts),
			 "items", items);
}

/* Writing */

static void sign(char text[MINISIGN_TEXT_MAX], const struct secret_key *key, const json_t *manifest,
		 const char *bytes)
{
	const char *id = "", *campaign = "", *purpose = "";
	char comment[256];

	json_unpack((json_t *)manifest, "{s{ss ss ss}}", "bundle", "id", &id, "campaign", &campaign,
		    "purpose", &purpose);
	snprintf(comment, sizeof(comment), "bundle %s of %s for %s", id, campaign, purpose);
	minisign_write(text, key, bytes, strlen(bytes), comment);
}

int manifest_write(int folder, const json_t *manifest, const struct secret *secret,
		   char sha256[SHA256_TEXT_MAX], struct known_files *known, struct scrim_error *err)
{
	char *text = json_dumps(manifest, JSON_SORT_KEYS | JSON_INDENT(2) | JSON_REAL_PRECISION(6));
	char signature[MINISIGN_TEXT_MAX], public[MINISIGN_TEXT_MAX];
	struct secret_key key;
	int ret;

	if (!text)
		return fail(err, -ENOMEM, "no memory for the manifest");
	secret_signer(&key, secret);
	sha256_text(sha256, text, strlen(text));
	sign(signature, &key, manifest, text);
	public_key_write(public, &key.public);
	sodium_memzero(&key, sizeof(key));
	ret = paper_put(folder, MANIFEST_FILE, text, known, err);
	if (ret >= 0)
		ret = paper_put(folder, MANIFEST_SIGNATURE, strdup(signature), known, err);
	if (ret >= 0)
		ret = paper_put(folder, MANIFEST_KEY, strdup(public), known, err);
	return ret;
}
