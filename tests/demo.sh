#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh FOLDER: what leaves carries a consent.  Two donors, somebody who acts, a child, and a
# guest who takes a consent back, each with a key; an offer; five clips.  Ends with what went, what did not and why.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
scrim=$root/build/bin/scrim
mkdir -p "$1"
cd "$1"
export XDG_STATE_HOME=$PWD/state HOME=$PWD

# Who asks for clips has a key that opens what it gets.  An administrator allows exports.
age-keygen -o recipient.key 2>recipient.pub
jq --arg key "$(sed 's/.*: //' recipient.pub)" '.recipients[0].pubkey = $key' "$root/tests/consent/campaign.json" >offer.json
printf '[export]\nallow = yes\n' >export.conf
notice=$(jq -r .notice.sha256 offer.json)

# agree NAME ROLE AGE: with a key of their own; hand NAME: what was signed is given to the owner.
agree() {
	"$scrim" consent grant offer.json --store "$1" --subject "$1" --role "$2" --age "$3" --notice-sha256 "$notice" --json 2>>said |
		jq -r .record_id >"$1/record"
}
hand() {
	"$scrim" consent hand "$(cat "$1/record")" --store "$1" >"$1.consent"
	"$scrim" consent take "$1.consent" >>said
}
"$scrim" consent grant offer.json --subject owner --age adult --notice-sha256 "$notice" >>said 2>&1
mkdir -m 700 neighbour actor child guest
for person in 'neighbour donor adult' 'actor participant adult' 'child bystander minor' 'guest bystander adult'; do
	# shellcheck disable=SC2086 # three words
	agree $person
	hand "${person%% *}"
done
"$scrim" consent withdraw "$(cat guest/record)" --store guest >>said
hand guest

# clip NAME PHOTO ITEM: two seconds of one person, with sound and a place in the metadata, and what is
# known of them.
mkdir clips
clip() {
	ffmpeg -v error -nostdin -loop 1 -framerate 10 -t 2 -i "$root/build/data/photos/$2" -f lavfi -i sine=d=2 \
		-vf 'scale=640:480:force_original_aspect_ratio=increase,crop=640:480,crop=214:480:426:0,scale=428:960' -pix_fmt yuv420p \
		-metadata location=+48.8577+002.295/ -shortest "clips/$1.mp4"
	jq --arg sum "$(sha256sum "clips/$1.mp4" | cut -d ' ' -f 1)" --arg now "$(date -u +%FT%TZ)" \
		".sha256 = \$sum | .captured = {from: \$now, until: \$now} | $3" "$root/tests/consent/item.json" >"clips/$1.mp4.json"
}
beside_owner() { printf '.people = [.people[0], {id: "%s", role: "%s", age_class: "%s", visible: true}]' "$@"; }
clip staged sample1.jpg "$(beside_owner actor participant adult)"
clip neighbour sample2.jpg '.origin = "real" | .camera = "gate" | .people = [{id: "neighbour", role: "donor", age_class: "adult", visible: true}]'
clip child sample3.jpg ".origin = \"real\" | $(beside_owner child bystander minor)"
clip guest sample4.jpg ".origin = \"real\" | $(beside_owner guest bystander adult)"
clip stranger sample5.jpg ".origin = \"real\" | $(beside_owner stranger bystander adult)"

# Some go, the others do not; what goes can be opened by its recipient alone, who checks who signed it.
set +e
"$scrim" export --campaign offer.json --to example-vision --settings export.conf --outbox outbox --json clips/*.mp4 >said.json
status=$?
set -e
[ $status -eq 3 ] || exit 1
mkdir received
age -d -i recipient.key outbox/*.age | tar -x -C received
minisign -V -q -p received/manifest.pub -m received/manifest.json

item() { echo received/items/*-"$1"-*.mp4; }
ffmpeg -v error -nostdin -i clips/neighbour.mp4 -i "$(item real)" -i clips/staged.mp4 -i "$(item staged)" \
	-filter_complex '[0][1]hstack[a];[2][3]hstack[b];[a][b]hstack' -frames:v 1 before-and-after.png

printf '\nWhat left, and what did not:\n\n'
jq -r 'select(.event == "clip") | [(.clip | sub(".*/"; "")), (if .code == "ALLOW" then "went" else "stayed" end), .code, .sentence] | @tsv' said.json |
	awk -F '\t' '{ printf "  %-14s %-7s %-12s %s\n", $1, $2, $3, $4 }'
