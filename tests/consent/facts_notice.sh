#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fact 55, for facts.sh: a camera of a meeting, its badge, its log, and what the exporter makes of
# them.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=$(realpath "${SCRIMD:-build/bin/scrimd}") || exit
here=$PWD/tests/consent
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work LOGS_DIRECTORY=$work/logs STATE_DIRECTORY=$work/keys
offer=$work/offer.json

why=
for tool in age age-keygen ffmpeg; do
	[ -n "$(command -v $tool)" ] || why="there is no $tool"
done
[ "$(id -u)" = 0 ] || why="it needs root, who switches export on"
[ -e build/share/scrim/face.onnx ] || why="there is no face model"
[ -z "$why" ] || { echo "55 skip $why"; exit; }

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
# films SECONDS NOTICE: the camera is on for so long.
films() {
	printf '[camera room]\npurpose = a test\nclass = meeting\ndevice = file:%s\nfaces = show\ndetector = none\nnotice = %s\n' \
		"$work/white.mp4" "$2" >"$work/room.conf"
	timeout -s TERM "$1" "$scrimd" --run "$work" --camera room --policy "$work/room.conf" --feed null >"$work/said" 2>&1
}
# give STATUS FROM: a clip of a second of that camera.
give() {
	local wanted=$1 got

	jq --arg from "$2" --arg until "$(date -u -d "$2 + 1 second" +%Y-%m-%dT%H:%M:%SZ)" \
		--arg sha "$(sha256sum "$work/clip.mp4" | cut -d' ' -f1)" '.captured = {from: $from, until: $until} |
		.sha256 = $sha | .camera = "room" | .source_class = "meeting"' "$here/item.json" >"$work/clip.mp4.json"
	"$scrim" export --campaign "$offer" --to example-vision --settings "$work/on" --logs "$work/logs" --keys "$work/keys" \
		"$work/clip.mp4" >"$work/out" 2>&1
	got=$?
	[ $got = "$wanted" ] && return
	echo "status $got, not $wanted: $(cat "$work/out")" >&2
	return 1
}
# Black border, white plate and a black letter, and nothing of it where it is not.
has_badge() { # CLIP
	ffmpeg -v error -nostdin -y -i "$1" -frames:v 1 -pix_fmt gray -f rawvideo "$work/gray" &&
		python3 -c 'import sys
b = open(sys.argv[1], "rb").read()
at = lambda x, y: b[(2 * y + 1) * 320 + 2 * x + 1]
sys.exit(not (at(1, 5) < 60 and at(2, 5) > 180 and at(3, 5) < 60 and at(5, 4) > 180 and at(21, 5) < 60 and at(30, 30) > 180))' "$work/gray"
}

frames() { sed -n 's/.* black: asked to end; \([0-9]*\) frames.*/\1/p' "$work/said"; }
meets() {
	local before during

	mkdir "$work/logs" "$work/keys" && printf '[export]\nallow = yes\n' >"$work/on" && age-keygen -o "$work/key" 2>/dev/null &&
		jq --arg key "$(age-keygen -y "$work/key")" '.recipients[0].pubkey = $key | .offer.source_class += ["meeting"]' \
			"$here/campaign.json" >"$offer" &&
		ffmpeg -v error -nostdin -y -f lavfi -i color=white:size=320x180:rate=10:duration=3 -pix_fmt yuv420p "$work/white.mp4" || return
	"$scrim" consent grant "$offer" --age adult --notice-sha256 "$(jq -r .notice.sha256 "$offer")" --subject owner >/dev/null 2>&1 &&
		apart actor --role participant || return
	before=$(now)
	films 2 no
	[ "$(frames)" -gt 0 ] || return
	during=$(date -u -d 'now + 2 seconds' +%Y-%m-%dT%H:%M:%SZ)
	films 5 yes
	# The clip that was recorded has the badge, as all that this camera shows.
	"$scrim" redact -q --policy "$work/room.conf" "$work/white.mp4" -o "$work/clip.mp4" && has_badge "$work/clip.mp4" &&
		give 26 "$before" && grep -q 'E_NOCONSENT.*noconsent.notice)' "$work/out" && give 0 "$during" &&
		mkdir "$work/open" && age -d -i "$work/key" "$work"/state/scrim/outbox/* | tar -C "$work/open" -x &&
		has_badge "$(echo "$work"/open/items/*.mp4)" || return
	# A log that takes no entry: the camera runs, and shows nothing.
	rm -rf "$work/logs" && mkdir -p "$work/logs/room.log"
	films 2 yes
	grep -q 'the notice cannot be written down.*; black' "$work/said" && ! grep -q 'camera on' "$work/said" || return
	films 2 no
	[ "$(frames)" -gt 0 ]
}

if meets; then
	echo "55 pass a badge in what is shown and in what is exported; no notice in the log, no picture; a clip from before it: E_NOCONSENT"
else
	echo "55 FAIL"
fi
