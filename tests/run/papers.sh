#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What goes with the clips of a bundle, judged by programs that know nothing of ours.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
python=/usr/bin/python3

writer_builds() {
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c17 -D_GNU_SOURCE -Wall -Werror -Ilib -o "$work/write" tests/run/papers_write.c build/lib/libscrim.a \
		-Wl,--as-needed $(pkg-config --libs jansson libsodium libarchive libseccomp) -lm
}

# bundle LAYOUT: into $work/LAYOUT, of five clips and a manifest whose title would do something.
bundle() {
	local at=$work/$1 folder=items path name class origin n items=()

	mkdir -p "$at/items" || return
	[ "$1" != webdataset ] || folder=shards
	for n in 1 2 3 4 5; do
		class=package-theft origin=real
		[ $((n % 2)) = 0 ] || class=car-theft origin=staged
		name=$(printf '%s-%s-%06d' $class $origin $n)
		path=$at/items/$name.mp4
		head -c $((n * 1000)) /dev/urandom >"$path"
		items+=("$(jq -n --arg name "$name" --arg path "$folder/$name.mp4" --arg class $class --arg origin $origin \
			--arg sha256 "$(sha256sum <"$path" | cut -d' ' -f1)" --argjson n $n '{
			name: $name, path: $path, sha256: $sha256, bytes: ($n * 1000), frames: 40, duration: (4 * $n),
			width: 320, height: 240, codec: "h264", consent: [{record_id: "r\($n)", event_hash: "5a01"}],
			origin: $origin, event_class: $class, event_id: "e1", label_by: "donor",
			source_class: "doorbell", camera_pseudonym: "c1", captured: "2026-11-0\($n)", region: "DE",
			redaction: {faces: true, plates: true, regions: 1, method: "fill", detector: "face"},
			stripped: ["audio", "gps"], prov: {derived_from: "d\($n)", generated_by: "scrim"},
			training_mining: {"cawg.ai_training": {use: "constrained", constraint_info: "for this alone"}}}')")
	done
	printf '%s\n' "${items[@]}" | jq -s '{schema: "scrim.manifest/1", items: ., bundle: {
		id: "b1", created: "2026-11-22", tool: "scrim", campaign: "doorstep-2026", title: $title,
		issuer: {name: $title, contact: "privacy@vision.example"}, description: $title,
		purpose: "train-detector:package-theft", recipients: [{id: "example-vision", name: $title}],
		content_usage: "train-ai=y", tdm: {reservation: 1, policy: "https://vision.example/tdm"},
		usage_info: $title, retention: {until: "2027-11-22", delete_by: "2027-11-22"}}}' \
		--arg title '# All <b>rights</b> `[a](https://b.example) <script>x</script> www.b.example me@b.example' \
		>"$at/manifest.json" && "$work/write" "$at/manifest.json" "$1" "$at" 6000
}
judge() { $python tests/run/papers_judge.py "$@"; }

# spoiled KIND BUNDLE FILE COMMAND...: after the command, which is a filter, the judge says no.
spoiled() {
	local kind=$1 at=$work/$2 file=$3; shift 3

	rm -rf "$work/spoiled" && cp -r "$at" "$work/spoiled" && "$@" <"$at/$file" >"$work/spoiled/$file" &&
		! cmp -s "$at/$file" "$work/spoiled/$file" && ! judge "$kind" "$work/spoiled" 2>"$work/said" &&
		grep -q "^$kind: " "$work/said"
}
one_name_apart() { sed 's/000003\.json/000009.json/'; }

is "what writes them compiles by itself" writer_builds
for layout in videofolder webdataset coco labelstudio; do
	is "a $layout is written" bundle $layout
	is "it is one" judge $layout "$work/$layout"
done
is "the judge sees a row of another clip" spoiled videofolder videofolder items/metadata.jsonl sed 's/000003\.mp4/000004.mp4/'
is "and a row with another class" spoiled videofolder videofolder items/metadata.jsonl sed '1s/car-theft"/car-door"/'
is "and a sample that is two" spoiled webdataset webdataset shards/clips-000002.tar one_name_apart
is "and a category that is another" spoiled coco coco annotations.json jq '.annotations[0].category_id = 3'
is "and an id that is there twice" spoiled coco coco annotations.json jq '.annotations[1].id = 1'
is "and a choice that nobody has" spoiled labelstudio labelstudio labels.xml sed '/value="staged"/d'
is "and a task of no clip" spoiled labelstudio labelstudio tasks.json jq '.[0].data.video += "x"'

for kind in cawg usage tdmrep; do
	is "$kind: it is what others say it has to be" judge $kind "$work/coco"
done
is "the judge sees a use that is allowed" spoiled usage coco .scrim-usage sed 's/train-ai=n/train-ai=y/'
is "and a hash of another clip" spoiled cawg coco cawg/car-theft-staged-000001.json sed 's/"hash": "./"hash": "x/'

if $python -c 'import rdflib' 2>/dev/null; then
	is "croissant.json is Croissant, as linked data" judge croissant "$work/coco"
	is "and so is that of shards" judge croissant "$work/webdataset"
	is "the judge sees a field that refers to nothing" spoiled croissant coco croissant.json \
		jq '(.recordSet[].field[] | select(.references) | .references["@id"]) |= "x"'
	is "and a file that is not there" spoiled croissant coco croissant.json sed 's/"contentUrl": "items/"contentUrl": "item/'
else
	skip "croissant.json is Croissant, as linked data" "there is no rdflib"
fi

# Headings and questions are ours; everything else is text.
no_markup() {
	cmark-gfm -e autolink -e table -e strikethrough "$work/coco/DATASHEET.md" >"$work/sheet.html" &&
		[ "$(grep -c '^<h1>' "$work/sheet.html") $(grep -c '^<h2>' "$work/sheet.html")" = '1 7' ] &&
		! grep -oE '<[a-z0-9]+' "$work/sheet.html" | grep -vxE '<(h1|h2|p|strong|code)' &&
		grep -q 'me@b.example' "$work/sheet.html"
}
if [ -n "$(command -v cmark-gfm)" ]; then
	is "DATASHEET.md has no markup but ours" no_markup
else
	skip "DATASHEET.md has no markup but ours" "there is no cmark-gfm"
fi
# As scrim-bundle(5) tells recipients to.
opens() {
	rm -rf "$work/open" && mkdir "$work/open" && age-keygen -o "$work/open/key.txt" 2>"$work/said" &&
		tar -c -C "$work/coco" . | age -r "$(age-keygen -y "$work/open/key.txt")" -o "$work/open/given.tar.age" &&
		(cd "$work/open" && sh -e "$work/open.sh") && diff -r "$work/coco" "$work/open/bundle"
}
# checks BUNDLE
checks() { (cd "$1" && sh -e "$work/check.sh") >"$work/said" 2>&1; }
signed() {
	minisign -G -W -f -p "$work/coco/manifest.pub" -s "$work/key" >/dev/null &&
		minisign -S -s "$work/key" -m "$work/coco/manifest.json" >/dev/null
}
another_clip() { rm -rf "$work/spoiled" && cp -r "$work/coco" "$work/spoiled" && echo x >>"$work/spoiled/items/car-theft-staged-000001.mp4"; }
another_purpose() { cp -r "$work/coco/." "$work/spoiled/" && sed -i 's/train-detector:package-theft/train-detector:person/' "$work/spoiled/manifest.json"; }
unpacks() {
	(cd "$work/webdataset/shards" && eval "$(sed -n 's/^\.Ql cd shards && //p' "$OLDPWD/tools/scrim-bundle.5")") &&
		(cd "$work/webdataset" && sed -n '/^jq/p' "$work/check.sh" | sh >"$work/said")
}
example tools/scrim-bundle.5 open >"$work/open.sh"
example tools/scrim-bundle.5 check >"$work/check.sh"
if [ -n "$(command -v age)" ]; then
	is "age opens a bundle as scrim-bundle(5) says" opens
else
	skip "age opens a bundle as scrim-bundle(5) says" "there is no age"
fi
is "and shards are unpacked as it says" unpacks
if [ -n "$(command -v minisign)" ]; then
	is "and minisign signs a manifest" signed
	is "which is checked as it says" checks "$work/coco"
	is "with another clip it is not the bundle" eval 'another_clip && ! checks "$work/spoiled"'
	is "with another purpose neither" eval 'another_purpose && ! checks "$work/spoiled"'
else
	skip "a manifest is signed, and checked as scrim-bundle(5) says" "there is no minisign"
fi
# shellcheck disable=SC2154 # tap.sh sets it
exit $failed
